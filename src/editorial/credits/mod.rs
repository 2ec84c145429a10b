//! Media credits on the desk: who must be named under a picture, and on what terms.

pub mod api;
pub mod model;
pub mod store;
