//! A body on its way to a reader, as OpenAPI schemas alone: the blocks that are stored, their references filled in (see
//! `pictures`). Nothing is made of these types.

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::Ref;
use uuid::Uuid;

use super::model::{Reference, TextBlock};
use super::objects::{CodeBlock, CorrectionBlock, EmbedBlock, FactboxBlock, HtmlBlock, PullquoteBlock, RuleBlock, TableBlock};
use super::tag;

/// A body as it is read: `format` says what `value` is.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(
    property_name = "format",
    mapping(
        ("blocks" = "#/components/schemas/BodyAsBlocks"),
        ("html" = "#/components/schemas/BodyAsText"),
        ("markdown" = "#/components/schemas/BodyAsText"),
        ("text" = "#/components/schemas/BodyAsText")
    )
))]
pub enum BodyRead {
    /// As Portable Text.
    Blocks(BodyAsBlocks),
    /// As one string.
    Text(BodyAsText),
}

/// A body as Portable Text.
#[derive(Serialize, ToSchema)]
pub struct BodyAsBlocks {
    #[schema(inline)]
    format: tag::BlocksFormat,
    /// Its blocks, in order.
    value: Vec<BodyBlock>,
}

/// A body as one string.
#[derive(Serialize, ToSchema)]
pub struct BodyAsText {
    /// Which.
    format: TextFormat,
    /// HTML, Markdown or plain text.
    value: String,
}

/// The forms that are one string.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TextFormat {
    /// HTML, sanitised, pictures as figures with their credits.
    Html,
    /// Markdown; pictures as `media:<id>`.
    Markdown,
    /// Plain text.
    Text,
}

/// One block of a body, in Portable Text. `_type` says which; the set is closed.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(
    property_name = "_type",
    mapping(
        ("block" = "#/components/schemas/TextBlock"),
        ("image" = "#/components/schemas/BodyImage"),
        ("gallery" = "#/components/schemas/BodyGallery"),
        ("pullquote" = "#/components/schemas/PullquoteBlock"),
        ("embed" = "#/components/schemas/EmbedBlock"),
        ("factbox" = "#/components/schemas/FactboxBlock"),
        ("table" = "#/components/schemas/TableBlock"),
        ("code" = "#/components/schemas/CodeBlock"),
        ("horizontal-rule" = "#/components/schemas/RuleBlock"),
        ("correction" = "#/components/schemas/CorrectionBlock"),
        ("relatedArticle" = "#/components/schemas/BodyRelated"),
        ("html" = "#/components/schemas/HtmlBlock")
    )
))]
pub enum BodyBlock {
    /// A paragraph, heading, quote or list item.
    Text(TextBlock),
    /// A picture.
    Image(BodyImage),
    /// Several pictures.
    Gallery(BodyGallery),
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
    RelatedArticle(BodyRelated),
    /// Raw HTML.
    Html(HtmlBlock),
}

/// A picture in a body, with its credit, and with what this story says about it.
#[derive(Serialize, ToSchema)]
pub struct BodyImage {
    #[serde(rename = "_type")]
    #[schema(inline)]
    tag: tag::Image,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    key: String,
    /// The picture.
    #[schema(schema_with = maybe_picture)]
    media: (),
    /// What this story says that it shows; otherwise the picture's own alt text holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    alt: Option<String>,
    /// What this story says under it; otherwise the picture's own caption holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    caption: Option<String>,
    /// How to place it: a word such as `wide`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, pattern = "^[a-z0-9-]{1,32}$")]
    layout: Option<String>,
}

/// Pictures in a body that belong together.
#[derive(Serialize, ToSchema)]
pub struct BodyGallery {
    #[serde(rename = "_type")]
    #[schema(inline)]
    tag: tag::Gallery,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    key: String,
    /// Shown with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    title: Option<String>,
    /// At least one.
    images: Vec<BodyImage>,
}

/// A pointer to another story, and what to show of it.
#[derive(Serialize, ToSchema)]
pub struct BodyRelated {
    #[serde(rename = "_type")]
    #[schema(inline)]
    tag: tag::RelatedArticle,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    key: String,
    /// The id of what is meant.
    #[serde(rename = "ref")]
    reference: Reference,
    /// The story, for readers alone; null while it is not live.
    article: Option<BodyRelatedStory>,
}

/// Another story, as a text names it.
#[derive(Serialize, ToSchema)]
pub struct BodyRelatedStory {
    /// Its id.
    id: Uuid,
    /// Its slug.
    slug: String,
    /// Its headline.
    headline: String,
    /// Its address on the site.
    url: String,
}

/// A Picture, or a note that it is withheld: how the world always shows one.
fn maybe_picture() -> Ref {
    Ref::from_schema_name("MaybePicture")
}
