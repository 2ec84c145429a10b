//! Articles on the desk: what they say, save by save, and where they stand.

pub mod api;
pub mod bodies;
pub mod bulk;
pub mod corrections;
pub mod diff;
pub mod finding;
pub mod locks;
pub mod model;
pub mod moves;
pub mod previews;
pub mod references;
pub mod revisions;
pub mod saves;
pub mod schedule;
pub mod store;
pub mod view;
pub mod workflow;
