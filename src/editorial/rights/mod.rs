//! Rights to pictures on the desk: what ends soon, and where it is used.

pub mod api;
pub mod model;
pub mod store;
