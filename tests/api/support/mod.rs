//! What the tests stand on: a service of its own for each, clients for each kind of user, fixtures.
//! Decides nothing about what is right: that is the contract's and the tests' business.
//!
//! # Adding a test
//!
//! A file a resource (`tags.rs`), named in `main.rs`; a function a story, named for what must hold:
//!
//! ```ignore
//! #[test]
//! fn a_tag_in_use_cannot_go() {
//!     let app = TestApp::start();
//!     let tag = app.tag("Ukraine");
//!     app.published(json!({ "tags": [tag["id"]] }));
//!     let refusal = app.editor.delete(&format!("/v1/editorial/tags/{}", tag.id()), "*").expect(409);
//!     assert_eq!(refusal.problem(), "in-use");
//! }
//! ```
//!
//! - [`TestApp::start`] takes some 100 ms: a database of its own, the real server on a free port. Nothing is shared
//!   between tests, so they run in parallel and may count what they find.
//! - `app.anon`, `.contributor`, `.author`, `.editor`, `.admin` are [`Client`]s; [`TestApp::person`] makes more.
//! - **Every answer is checked against the OpenAPI document** as it comes in: an undocumented status, media type or
//!   member form fails the test that met it. So a test need not repeat forms; it says what is special about this case.
//! - Fixtures go through the public API ([`TestApp::tag`], [`TestApp::draft`], [`TestApp::published`] …). Rows are
//!   written directly only in bulk, or where no API makes them.
//! - Time passed is written into rows, or given as an argument; a test never sleeps.

mod answer;
mod client;
mod cluster;
pub mod contract;
mod fixtures;
pub mod program;
mod service;
pub mod specimens;
pub mod standby;

pub use answer::Answer;
pub use client::{Call, Client};
pub use cluster::{Cluster, cluster};
pub use service::TestApp;

/// Tells, past what the test runner keeps to itself, what was not tried and why.
pub fn skipped(why: &str) {
    use std::io::Write;
    std::io::stderr().write_all(format!("SKIPPED: {why}\n").as_bytes()).unwrap();
}
