//! What the world sees. Its SQL names only `live_*` tables and the public columns of references; nothing unpublished is
//! in them, so nothing unpublished can leave.

pub mod articles;
pub mod changes;
pub mod corrections;
pub mod feed;
pub mod fields;
pub mod media;
pub mod references;
pub mod shapes;
pub mod splice;
