//! What search sees of a text: its words, folded and brought to their stems, and the vector in which the database keeps
//! them. The desk's side writes with this and the world's side asks with it, so both always agree. Pure: no SQL, no I/O.

mod fold;
pub mod marks;
mod stem;
mod vector;

pub use fold::{LONGEST_WORD, Word, is_ideograph, words};
pub use stem::Stemming;
pub use vector::{Tsvector, Vector, Weight};
