//! Live stories in the shapes that machines know: feeds, sitemaps, JSON-LD, ninjs. Each is written from the same
//! [`story::Story`]; what a story is and who may see it is decided elsewhere.

pub mod atom;
pub mod content;
pub mod feeds;
pub mod json_feed;
pub mod json_ld;
pub mod ninjs;
pub mod periods;
pub mod profiles;
pub mod publication;
pub mod robots;
pub mod rss;
pub mod sitemaps;
pub mod story;
pub mod xml;
