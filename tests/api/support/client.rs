//! Clients: they send, and hold every answer against the contract. They never follow redirects, decompress or retry.

use std::sync::OnceLock;

use reqwest::blocking::multipart::Form;
use reqwest::blocking::{Body, RequestBuilder};
use reqwest::{Method, redirect};
use serde_json::Value;
use uuid::Uuid;

use super::answer::Answer;
use super::contract;

/// Somebody who calls the service.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    token: Option<String>,
    user: Option<Uuid>,
}

fn http() -> &'static reqwest::blocking::Client {
    static HTTP: OnceLock<reqwest::blocking::Client> = OnceLock::new();
    HTTP.get_or_init(|| reqwest::blocking::Client::builder().redirect(redirect::Policy::none()).no_gzip().no_brotli().no_zstd().no_proxy().build().unwrap())
}

impl Client {
    /// A client with a Bearer credential, or none.
    pub fn new(base: &str, token: Option<String>, user: Option<Uuid>) -> Self {
        Self { base: base.to_owned(), token, user }
    }

    /// Its account's id.
    pub fn user_id(&self) -> String {
        self.user.unwrap().to_string()
    }

    /// Its credential.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// Reads.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path).send()
    }

    /// Creates.
    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path).json(body).send()
    }

    /// Moves something that has a version to another state: a POST without a body.
    #[track_caller]
    pub fn act(&self, path: &str, if_match: &str) -> Answer {
        self.call("POST", path).if_match(if_match).send()
    }

    /// Changes what has this ETag (or `*`) with a merge patch.
    #[track_caller]
    pub fn patch(&self, path: &str, if_match: &str, body: &Value) -> Answer {
        self.call("PATCH", path).if_match(if_match).json(body).send()
    }

    /// Deletes what has this ETag (or `*`).
    #[track_caller]
    pub fn delete(&self, path: &str, if_match: &str) -> Answer {
        self.call("DELETE", path).if_match(if_match).send()
    }

    /// Any other request: put together, then sent.
    pub fn call(&self, method: &str, path: &str) -> Call {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = http().request(method.clone(), format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        Call { request, method, path: path.to_owned() }
    }
}

/// A request that is being put together.
pub struct Call {
    request: RequestBuilder,
    method: Method,
    path: String,
}

impl Call {
    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Adds If-Match.
    pub fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    /// Adds Idempotency-Key.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// A JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.bytes("application/json", body.to_string())
    }

    /// A body of any kind.
    pub fn bytes(mut self, content_type: &str, body: impl Into<Body>) -> Self {
        self.request = self.request.header("content-type", content_type).body(body);
        self
    }

    /// A form with files.
    pub fn form(mut self, form: Form) -> Self {
        self.request = self.request.multipart(form);
        self
    }

    /// Sends it, and holds the answer against the contract.
    #[track_caller]
    pub fn send(self) -> Answer {
        let request = format!("{} {}", self.method, self.path);
        let answer = Answer::receive(request, self.request.send());
        contract::check(&self.method, &self.path, &answer);
        answer
    }

    /// Sends it; nothing where the answer did not come, or not whole. What comes is held against the contract.
    #[track_caller]
    pub fn attempt(self) -> Option<Answer> {
        let request = format!("{} {}", self.method, self.path);
        let answer = Answer::try_receive(request, self.request.send())?;
        contract::check(&self.method, &self.path, &answer);
        Some(answer)
    }
}
