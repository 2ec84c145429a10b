//! From blocks to what people read: HTML, Markdown, plain text. What our HTML and Markdown say, our readers
//! read back as the same blocks.

pub(super) mod figure;
pub(super) mod html;
pub(super) mod markdown;
pub(super) mod text;

mod html_blocks;
mod inline;
mod lists;
mod markdown_inline;
mod markdown_objects;
