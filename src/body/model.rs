//! The blocks of a body, in the open Portable Text format. Types only: a value of them has been through one
//! of the readers, since nothing outside this room can make one.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::spans::{MarkDef, Span};
use super::tag;

/// One block of a body. `_type` says which; the set is closed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(
    property_name = "_type",
    mapping(
        ("block" = "#/components/schemas/TextBlock"),
        ("image" = "#/components/schemas/ImageBlock"),
        ("gallery" = "#/components/schemas/GalleryBlock"),
        ("pullquote" = "#/components/schemas/PullquoteBlock"),
        ("embed" = "#/components/schemas/EmbedBlock"),
        ("factbox" = "#/components/schemas/FactboxBlock"),
        ("table" = "#/components/schemas/TableBlock"),
        ("code" = "#/components/schemas/CodeBlock"),
        ("horizontal-rule" = "#/components/schemas/RuleBlock"),
        ("correction" = "#/components/schemas/CorrectionBlock"),
        ("relatedArticle" = "#/components/schemas/RelatedArticleBlock"),
        ("html" = "#/components/schemas/HtmlBlock")
    )
))]
pub enum Block {
    Text(TextBlock),
    Image(ImageBlock),
    Gallery(GalleryBlock),
    Pullquote(PullquoteBlock),
    Embed(EmbedBlock),
    Factbox(FactboxBlock),
    Table(TableBlock),
    Code(CodeBlock),
    Rule(RuleBlock),
    Correction(CorrectionBlock),
    RelatedArticle(RelatedArticleBlock),
    Html(HtmlBlock),
}

/// A paragraph, heading, quoted paragraph or list item (Portable Text `block`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TextBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Block,
    #[serde(rename = "_key")]
    pub key: String,
    pub style: Style,
    /// Makes the block an item; neighbouring items form a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list_item: Option<ListItem>,
    /// Depth in the list, 1 to 8; present on list items.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 8)]
    pub level: Option<u8>,
    /// Whether a `task` item is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked: Option<bool>,
    pub children: Vec<Span>,
    pub mark_defs: Vec<MarkDef>,
}

/// What a text block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    #[default]
    Normal,
    H1,
    H2,
    H3,
    H4,
    H5,
    H6,
    Blockquote,
}

impl Style {
    const NAMES: [(&'static str, Self); 8] =
        [("normal", Self::Normal), ("h1", Self::H1), ("h2", Self::H2), ("h3", Self::H3), ("h4", Self::H4), ("h5", Self::H5), ("h6", Self::H6), ("blockquote", Self::Blockquote)];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(word, _)| *word == name).map(|(_, style)| *style)
    }

    /// 1 to 6 for a heading.
    pub fn heading_level(self) -> Option<usize> {
        match self {
            Self::Normal | Self::Blockquote => None,
            Self::H1 => Some(1),
            Self::H2 => Some(2),
            Self::H3 => Some(3),
            Self::H4 => Some(4),
            Self::H5 => Some(5),
            Self::H6 => Some(6),
        }
    }
}

/// The kind of list that an item belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ListItem {
    Bullet,
    Number,
    Task,
}

impl ListItem {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "bullet" => Some(Self::Bullet),
            "number" => Some(Self::Number),
            "task" => Some(Self::Task),
            _ => None,
        }
    }
}

/// Points to a stored object by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Reference,
    #[serde(rename = "_ref")]
    pub id: Uuid,
}

impl Reference {
    pub(super) fn to(id: Uuid) -> Self {
        Self { tag: tag::Reference::default(), id }
    }
}

/// A picture of the media library, with what this story says about it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Image,
    #[serde(rename = "_key")]
    pub key: String,
    pub media: Reference,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// How the front end should place it: a word such as `wide`, `^[a-z0-9-]{1,32}$`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[a-z0-9-]{1,32}$")]
    pub layout: Option<String>,
}

/// Pictures that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GalleryBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Gallery,
    #[serde(rename = "_key")]
    pub key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub images: Vec<ImageBlock>,
}

/// A sentence of the story, set large.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PullquoteBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Pullquote,
    #[serde(rename = "_key")]
    pub key: String,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribution: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// Something shown from elsewhere: a video, a post, a chart. Only its address is kept, never its code.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EmbedBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Embed,
    #[serde(rename = "_key")]
    pub key: String,
    /// Always `https`.
    #[schema(format = "uri")]
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Width to height, e.g. `16:9`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[1-9][0-9]{0,3}:[1-9][0-9]{0,3}$")]
    pub aspect_ratio: Option<String>,
}

/// Background in a box beside the story.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactboxBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Factbox,
    #[serde(rename = "_key")]
    pub key: String,
    pub title: String,
    pub content: Vec<TextBlock>,
}

/// A table of at most 200 rows and 50 columns.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Table,
    #[serde(rename = "_key")]
    pub key: String,
    /// How many of the first rows are headings.
    pub header_rows: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    pub rows: Vec<TableRow>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TableRow {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Row,
    #[serde(rename = "_key")]
    pub key: String,
    pub cells: Vec<TableCell>,
}

/// A cell of a table row.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TableCell {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Cell,
    #[serde(rename = "_key")]
    pub key: String,
    pub value: Vec<TextBlock>,
}

/// Source code, kept to the letter.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Code,
    #[serde(rename = "_key")]
    pub key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Za-z0-9+#._-]{1,64}$")]
    pub language: Option<String>,
    pub code: String,
}

/// A break between parts of the story.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::HorizontalRule,
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
    #[serde(rename = "_key")]
    pub key: String,
    pub kind: CorrectionKind,
    /// The day, `YYYY-MM-DD`.
    #[schema(format = "date")]
    pub date: String,
    pub content: Vec<TextBlock>,
}

/// What a correction is; the words of `POST …/corrections`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CorrectionBlockKind)]
pub enum CorrectionKind {
    Correction,
    Clarification,
    Update,
    EditorsNote,
    Retraction,
}

impl CorrectionKind {
    pub(super) const ALL: [Self; 5] = [Self::Correction, Self::Clarification, Self::Update, Self::EditorsNote, Self::Retraction];

    /// The word for it on the wire.
    pub const fn name(self) -> &'static str {
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
    #[serde(rename = "_key")]
    pub key: String,
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
    #[serde(rename = "_key")]
    pub key: String,
    pub html: String,
}
