//! The blocks that are no text: pictures, boxes, tables, code. Types only, like `model`.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Reference, TextBlock};
use super::tag;

/// A picture of the media library, with what this story says about it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Image,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
    /// The picture.
    pub media: Reference,
    /// What the picture shows, for those who cannot see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub alt: Option<String>,
    /// What this story says under it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub caption: Option<String>,
    /// How the front end should place it: a word such as `wide`, `^[a-z0-9-]{1,32}$`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, pattern = "^[a-z0-9-]{1,32}$")]
    pub layout: Option<String>,
}

/// Pictures that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GalleryBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Gallery,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
    /// Shown with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub title: Option<String>,
    /// At least one.
    pub images: Vec<ImageBlock>,
}

/// A sentence of the story, set large.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PullquoteBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Pullquote,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
    /// Plain text; a line feed is a line break.
    pub text: String,
    /// Who said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub attribution: Option<String>,
    /// What the speaker is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub role: Option<String>,
}

/// Something shown from elsewhere: a video, a post, a chart. Only its address is kept, never its code.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EmbedBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Embed,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
    /// Always `https`.
    #[schema(format = "uri")]
    pub url: String,
    /// Whose service shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub provider: Option<String>,
    /// Shown with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub title: Option<String>,
    /// Width to height, e.g. `16:9`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, pattern = "^[1-9][0-9]{0,3}:[1-9][0-9]{0,3}$")]
    pub aspect_ratio: Option<String>,
}

/// Background in a box beside the story.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactboxBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Factbox,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
    /// Shown with it.
    pub title: String,
    /// Text blocks, without pictures or boxes.
    pub content: Vec<TextBlock>,
}

/// A table of at most 200 rows and 50 columns.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Table,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
    /// How many of the first rows are headings.
    pub header_rows: u16,
    /// What this story says under it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub caption: Option<String>,
    /// From top to bottom.
    pub rows: Vec<TableRow>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TableRow {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Row,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
    /// From left to right.
    pub cells: Vec<TableCell>,
}

/// A cell of a table row.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TableCell {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Cell,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
    /// Text blocks; an empty cell holds an empty paragraph.
    pub value: Vec<TextBlock>,
}

/// Source code, kept to the letter.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Code,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
    /// A word such as `rust`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, pattern = "^[A-Za-z0-9+#._-]{1,64}$")]
    pub language: Option<String>,
    /// The source, white space and all.
    pub code: String,
}

/// A break between parts of the story.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::HorizontalRule,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
}

/// A correction printed within the story.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Correction,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
    /// What sort of correction.
    pub kind: CorrectionKind,
    /// The day, `YYYY-MM-DD`.
    #[schema(format = "date")]
    pub date: String,
    /// Text blocks, without pictures or boxes.
    pub content: Vec<TextBlock>,
}

/// What a correction is; the words of `POST …/corrections`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CorrectionBlockKind)]
pub enum CorrectionKind {
    /// Something was wrong.
    Correction,
    /// The text was right, but could be misread.
    Clarification,
    /// The facts have moved on.
    Update,
    /// A word from the editors.
    EditorsNote,
    /// The story no longer stands.
    Retraction,
}

impl CorrectionKind {
    pub(super) const ALL: [Self; 5] = [Self::Correction, Self::Clarification, Self::Update, Self::EditorsNote, Self::Retraction];

    /// The word for it on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::Clarification => "clarification",
            Self::Update => "update",
            Self::EditorsNote => "editors_note",
            Self::Retraction => "retraction",
        }
    }
}

/// A pointer to another story.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RelatedArticleBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::RelatedArticle,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
    /// The id of what is meant.
    #[serde(rename = "ref")]
    pub reference: Reference,
}

/// Sanitised HTML, only for what no other block can hold (a definition list, a table with merged cells).
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HtmlBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Html,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
    /// Only what the list of allowed elements has.
    pub html: String,
}
