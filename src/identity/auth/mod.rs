//! Signing in and out, sessions, and what people do with their own account.

pub mod api;
pub mod model;
pub mod resets;
pub mod sessions;
pub mod store;
