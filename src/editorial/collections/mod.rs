//! Collections on the desk: curated lists of stories, versioned as articles are.

pub mod api;
pub mod model;
pub mod revisions;
pub mod store;
