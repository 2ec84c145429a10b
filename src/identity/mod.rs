//! Who is asking and what they may do: users, sessions, tokens, API keys, roles, audit. Knows no other feature.

pub mod audit;
pub mod middleware;
pub mod principal;
pub mod role;
pub mod throttle;
pub mod tokens;
