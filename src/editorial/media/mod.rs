//! Pictures and files on the desk.

pub mod api;
pub mod input;
pub mod model;
pub mod prefill;
pub mod spool;
pub mod store;
pub mod upkeep;
pub mod upload;
