//! The blocks of a body, in the open Portable Text format; text blocks are here, the others in `objects`. Types
//! only: a value of them has been through one of the readers, since nothing outside this room can make one.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub use super::objects::{
    CodeBlock, CorrectionBlock, CorrectionKind, EmbedBlock, FactboxBlock, GalleryBlock, HtmlBlock, ImageBlock, PullquoteBlock, RelatedArticleBlock, RuleBlock, TableBlock,
    TableCell, TableRow,
};
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
    /// A paragraph, heading, quote or list item.
    Text(TextBlock),
    /// A picture.
    Image(ImageBlock),
    /// Several pictures.
    Gallery(GalleryBlock),
    /// A sentence set large.
    Pullquote(PullquoteBlock),
    /// Something from elsewhere.
    Embed(EmbedBlock),
    /// Background.
    Factbox(FactboxBlock),
    /// A table.
    Table(TableBlock),
    /// Source code.
    Code(CodeBlock),
    /// A break.
    Rule(RuleBlock),
    /// A correction.
    Correction(CorrectionBlock),
    /// Another story.
    RelatedArticle(RelatedArticleBlock),
    /// Raw HTML.
    Html(HtmlBlock),
}

/// A paragraph, heading, quoted paragraph or list item (Portable Text `block`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TextBlock {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Block,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
    /// Paragraph, heading or quote.
    pub style: Style,
    /// Makes the block an item; neighbouring items form a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub list_item: Option<ListItem>,
    /// Depth in the list, 1 to 8; present on list items.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 8)]
    pub level: Option<u8>,
    /// Whether a `task` item is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub checked: Option<bool>,
    /// The text, run by run.
    pub children: Vec<Span>,
    /// What marks that are no decorators point to.
    pub mark_defs: Vec<MarkDef>,
}

/// What a text block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// A paragraph.
    #[default]
    Normal,
    /// A heading of the first level.
    H1,
    /// Second level.
    H2,
    /// Third level.
    H3,
    /// Fourth level.
    H4,
    /// Fifth level.
    H5,
    /// Sixth level.
    H6,
    /// A quoted paragraph.
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
    /// A dot.
    Bullet,
    /// Counted from 1.
    Number,
    /// A check box.
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
    /// The UUID.
    #[serde(rename = "_ref")]
    pub id: Uuid,
}

impl Reference {
    pub(super) fn to(id: Uuid) -> Self {
        Self { tag: tag::Reference::default(), id }
    }
}
