//! Who is asking and what they may do: users, sessions, tokens, API keys, roles, audit. Knows no other feature.

pub mod api_keys;
pub mod audit;
pub mod audit_events;
pub mod auth;
pub mod middleware;
pub mod origin;
pub mod passwords;
pub mod principal;
pub mod retention;
pub mod role;
pub mod secrets;
mod sweep;
pub mod throttle;
pub mod tokens;
pub mod users;
pub use sweep::sweep;
