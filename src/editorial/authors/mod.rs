//! Authors on the desk.

pub mod api;
pub mod model;
pub mod store;
