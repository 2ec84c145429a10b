//! Sample content: the demo newsroom that a first run shows, and a corpus of any size to measure with.
//! Goes through the same store and publishing code as the desk; nothing else may depend on it.

pub mod newsroom;
pub mod photos;
