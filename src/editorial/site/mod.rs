//! The settings of the site.

pub mod api;
pub mod model;
pub mod store;
