//! The value of `_type` for every shape. Each is a type of its own with one value, so that the OpenAPI
//! document says which literal stands there and clients can tell the shapes apart by it.

use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

macro_rules! tags {
    ($($name:ident = $text:literal),+ $(,)?) => {$(
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub enum $name {
            #[default]
            Tag,
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($text)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some([$text])).description(Some("Which shape this is.")).into()
            }
        }

        impl ToSchema for $name {}
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
    BlocksFormat = "blocks",
}
