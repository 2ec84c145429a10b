//! The body of a story, as blocks in the open Portable Text format: read from JSON, Markdown and HTML, checked,
//! and written as HTML, Markdown and plain text. Pure: no I/O, no clock, no knowledge of the web or the database.
//!
//! | file | |
//! |---|---|
//! | `model`, `objects`, `spans`, `tag` | the blocks, as types and as OpenAPI schemas |
//! | `limits`, `links`, `keys`, `problem` | what is allowed, how much of it, and how a refusal is told |
//! | `read/` | the three ways in; `flow` assembles text for both Markdown and HTML |
//! | `write/` | the three ways out; `inline` and `lists` nest what Portable Text keeps flat |
//! | `shown` | the shapes of a body on its way to a reader, for the document alone |
//! | `words`, `pictures` | what others ask about a body |
//!
//! A [`Body`] exists only if a reader accepted it, so whatever is rendered has been checked. In the way of text
//! nothing is dropped in silence: white space, styles and comments go, all else is kept or is a [`Problem`].

mod keys;
pub mod limits;
mod links;
mod model;
mod objects;
mod pictures;
mod problem;
mod read;
mod shown;
mod spans;
mod tag;
mod words;
mod write;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use model::{
    Block, CodeBlock, CorrectionBlock, CorrectionKind, EmbedBlock, FactboxBlock, GalleryBlock, HtmlBlock, ImageBlock, ListItem, PullquoteBlock, Reference, RelatedArticleBlock,
    RuleBlock, Style, TableBlock, TableCell, TableRow, TextBlock,
};
pub use pictures::ImageUse;
pub use problem::Problem;
pub use shown::{BodyAsBlocks, BodyAsText, BodyBlock, BodyGallery, BodyImage, BodyRead, BodyRelated, BodyRelatedStory, TextFormat};
pub use spans::{Decorator, InternalLinkDef, LinkDef, Mark, MarkDef, Span};
pub use words::{WORDS_PER_MINUTE, reading_minutes};
pub use write::figure::{FigurePicture, render_figure, render_related};
pub use write::html::HtmlPart;

/// The body of a story. Its JSON is the array of its blocks; reading that JSON checks it like any input.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Body(Vec<Block>);

impl Body {
    /// Reads an array of blocks.
    ///
    /// # Errors
    /// Everything that is wrong with it; pointers begin with `/blocks`.
    pub fn from_blocks(blocks: serde_json::Value) -> Result<Self, Vec<Problem>> {
        read::from_blocks(blocks).map(Self)
    }

    /// Reads CommonMark with the tables, strikethrough and task lists of GFM.
    ///
    /// Pictures are `![alt](media:UUID "caption")`, links to own objects `[text](internal:UUID)`; a fence
    /// ```` ```embed ```` holds an address, a fence ```` ```json:object ```` any block as JSON. HTML is read as by
    /// [`Body::from_html`].
    ///
    /// # Errors
    /// Everything that a body cannot hold; the pointer is `/markdown`, the line is in the detail.
    pub fn from_markdown(markdown: &str) -> Result<Self, Vec<Problem>> {
        read::from_markdown(markdown).map(Self)
    }

    /// Reads an HTML fragment. Pictures are named by `data-media-id`.
    ///
    /// # Errors
    /// Everything that a body cannot hold; the pointer is `/html`, the line is in the detail.
    pub fn from_html(html: &str) -> Result<Self, Vec<Problem>> {
        read::from_html(html).map(Self)
    }

    /// The blocks in order.
    pub fn blocks(&self) -> &[Block] {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The body as Markdown, which [`Body::from_markdown`] reads back.
    pub fn to_markdown(&self) -> String {
        write::markdown::render(&self.0)
    }

    /// What a reader reads, without marks.
    pub fn to_text(&self) -> String {
        write::text::render(&self.0)
    }

    /// The words of [`Body::to_text`]; an ideograph counts as one.
    pub fn word_count(&self) -> u32 {
        words::count(&self.to_text())
    }

    /// Finished HTML with slots for what is known only when the story is read.
    pub fn render_html(&self) -> Vec<HtmlPart> {
        write::html::render(&self.0)
    }

    /// The pictures used, in order, each once.
    pub fn media_ids(&self) -> Vec<Uuid> {
        let mut seen = std::collections::HashSet::new();
        self.images().map(|image| image.media).filter(|id| seen.insert(*id)).collect()
    }

    /// Every use of a picture, for the checks before publishing.
    pub fn images(&self) -> impl Iterator<Item = ImageUse<'_>> {
        pictures::uses(&self.0)
    }

    /// The blocks as JSON for delivery: the `media` of each image is what `expand` returns for it; `None` leaves
    /// the reference.
    pub fn blocks_with(&self, expand: impl FnMut(Uuid) -> Option<serde_json::Value>) -> serde_json::Value {
        pictures::expanded(&self.0, expand)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Self::from_blocks(value).map_err(|problems| {
            let first = problems.first().map(|problem| format!("{}: {}", problem.pointer, problem.detail));
            serde::de::Error::custom(first.unwrap_or_default())
        })
    }
}
