//! HTTP itself: strict extractors, replies, conditional requests, compression, the envelope around every request,
//! the generated document. Knows no feature.

pub mod accept;
pub mod asset;
pub mod cors;
pub mod deliver;
pub mod docs;
pub mod envelope;
pub mod extract;
pub mod fallback;
pub mod file;
pub mod json;
pub mod meters;
pub mod openapi;
pub mod problems;
pub mod query;
pub mod reader;
pub mod reply;
pub mod surrogates;
