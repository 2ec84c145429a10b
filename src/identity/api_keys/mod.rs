//! Keys for servers: they act for the account that made them and may do no more than it may.

pub mod api;
pub mod model;
pub mod store;
