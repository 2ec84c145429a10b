//! Accounts: for administrators over HTTP, and for the operator at the command line.

pub mod api;
pub mod model;
pub mod operator;
pub mod store;
