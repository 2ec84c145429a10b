//! Tests of signing in, sessions, passwords, accounts, API keys and the audit trail.

mod accounts;
mod api_keys;
mod audit;
mod passwords;
mod sessions;
mod sign_in;

use serde_json::json;

use crate::support::{Answer, Client, TestApp};

/// A password that nothing refuses.
const PASSWORD: &str = "correct otter bridge lamp";
/// Another one.
const OTHER: &str = "seven umbrellas by the stove";
/// Limits that no test reaches by accident.
const UNLIMITED: &[&str] = &["--login-limit", "10000", "--login-address-limit", "10000", "--login-account-limit", "10000"];

impl TestApp {
    /// An account with [`PASSWORD`], made through the API.
    #[track_caller]
    fn account(&self, email: &str, role: &str) -> Answer {
        self.admin.post("/v1/editorial/users", &json!({ "email": email, "name": "Somebody", "role": role, "password": PASSWORD })).expect(201)
    }

    /// Tries to sign in.
    #[track_caller]
    fn login(&self, email: &str, password: &str) -> Answer {
        self.anon.post("/v1/auth/login", &json!({ "email": email, "password": password }))
    }

    /// Signs in with [`PASSWORD`].
    #[track_caller]
    fn device(&self, email: &str) -> Device {
        let grant = self.login(email, PASSWORD).expect(200);
        Device { client: self.with_token(grant.str("access_token")), refresh: grant.str("refresh_token").to_owned() }
    }

    /// Renews a session.
    #[track_caller]
    fn refresh(&self, token: &str) -> Answer {
        self.anon.post("/v1/auth/refresh", &json!({ "refresh_token": token }))
    }

    /// Fails the test unless neither token of the device is worth anything.
    #[track_caller]
    fn expect_dead(&self, device: &Device) {
        device.client.get("/v1/auth/me").expect(401);
        self.refresh(&device.refresh).expect(401);
    }
}

/// Somebody's signed-in browser.
struct Device {
    client: Client,
    refresh: String,
}

/// The path of an account.
fn user_url(id: &str) -> String {
    format!("/v1/editorial/users/{id}")
}
