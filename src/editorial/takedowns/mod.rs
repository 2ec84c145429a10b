//! Takedowns: one request withdraws everything by a supplier, of an author, a picture or a story, and one takes it back.

pub mod api;
mod articles;
pub mod model;
pub mod reach;
pub mod store;
