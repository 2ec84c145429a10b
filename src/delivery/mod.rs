//! What the world sees. Its SQL names only `live_*` tables and the public columns of references; nothing unpublished is
//! in them, so nothing unpublished can leave.

pub mod articles;
pub mod authors;
pub mod cache;
pub mod changes;
pub mod collections;
pub mod corrections;
pub mod credits;
pub mod directory;
pub mod feed;
pub mod fields;
pub mod machines;
pub mod media;
mod pointers;
pub mod references;
pub mod related;
pub mod search;
pub mod shapes;
pub mod site;
pub mod splice;
pub mod suggest;
pub mod tags;
mod whereabouts;
