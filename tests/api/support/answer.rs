//! An answer, read whole, with what tests ask of it.

use std::ops::Index;

use reqwest::blocking::Response;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Method and path, for messages.
    pub request: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// The body as JSON; null where it is none.
    pub json: Value,
}

impl Answer {
    #[track_caller]
    pub(super) fn receive(request: String, response: reqwest::Result<Response>) -> Self {
        let response = response.unwrap_or_else(|error| panic!("{request}: no answer: {error:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().unwrap_or_else(|error| panic!("{request}: the body broke off: {error:?}")).to_vec();
        let json = serde_json::from_slice(&bytes).unwrap_or_default();
        Self { request, status, headers, bytes, json }
    }

    pub(super) fn try_receive(request: String, response: reqwest::Result<Response>) -> Option<Self> {
        let response = response.ok()?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().ok()?.to_vec();
        let json = serde_json::from_slice(&bytes).unwrap_or_default();
        Some(Self { request, status, headers, bytes, json })
    }

    /// Fails the test unless the answer has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.request, self.text());
        self
    }

    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The ETag.
    #[track_caller]
    pub fn etag(&self) -> &str {
        let etag = self.header("etag");
        assert!(!etag.is_empty(), "{}: no ETag", self.request);
        etag
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The `id` of the thing in the body.
    #[track_caller]
    pub fn id(&self) -> &str {
        self.str("id")
    }

    /// A member that is text.
    #[track_caller]
    pub fn str(&self, member: &str) -> &str {
        self.json[member].as_str().unwrap_or_else(|| panic!("{}: no text {member} in {}", self.request, self.json))
    }

    /// Which kind of problem it is: the last part of its `type`.
    #[track_caller]
    pub fn problem(&self) -> &str {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}: {}", self.request, self.text());
        self.str("type").strip_prefix("/problems/").unwrap()
    }

    /// The faults of a problem: where (pointer, or parameter) and which.
    pub fn faults(&self) -> Vec<(&str, &str)> {
        let text = |error: &'_ Value, name: &str| error[name].as_str().is_some();
        let errors = self.json["errors"].as_array().map_or(&[][..], Vec::as_slice);
        errors
            .iter()
            .map(|error| {
                let place = if text(error, "pointer") { "pointer" } else { "parameter" };
                (error[place].as_str().unwrap_or_default(), error["code"].as_str().unwrap())
            })
            .collect()
    }

    /// One member of each item of a list.
    pub fn each(&self, member: &str) -> Vec<&str> {
        self.json["data"].as_array().unwrap().iter().map(|item| item[member].as_str().unwrap()).collect()
    }
}

impl Index<&str> for Answer {
    type Output = Value;

    fn index(&self, member: &str) -> &Value {
        &self.json[member]
    }
}
