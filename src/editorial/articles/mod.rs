//! Articles on the desk: what they say, save by save, and where they stand.

pub mod api;
pub mod model;
pub mod references;
pub mod store;
pub mod view;
pub mod workflow;
