//! The value of `_type` for every shape. Each is a type of its own with one value, so that the OpenAPI
//! document says which literal stands there and clients can tell the shapes apart by it.

use serde::Serialize;
use utoipa::ToSchema;

macro_rules! tags {
    ($($name:ident = $text:literal),+ $(,)?) => {$(
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, ToSchema)]
        pub enum $name {
            #[default]
            #[serde(rename = $text)]
            Tag,
        }
    )+};
}

tags! {
    Block = "block",
    Span = "span",
    Link = "link",
    InternalLink = "internalLink",
    Reference = "reference",
    Image = "image",
    Gallery = "gallery",
    Pullquote = "pullquote",
    Embed = "embed",
    Factbox = "factbox",
    Table = "table",
    Row = "row",
    Cell = "cell",
    Code = "code",
    HorizontalRule = "horizontal-rule",
    Correction = "correction",
    RelatedArticle = "relatedArticle",
    Html = "html",
}
