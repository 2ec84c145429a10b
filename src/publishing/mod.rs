//! The one bridge from desk to world. What goes live, and what goes, goes through here, in one transaction.

pub mod bulk;
pub mod bylines;
pub mod collections;
pub mod content;
pub mod counts;
pub mod generation;
mod live_rows;
pub mod obstacles;
pub mod projection;
pub mod purges;
pub mod revisions;
pub mod searching;
pub mod story;
mod surroundings;
pub mod takedowns;
