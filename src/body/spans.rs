//! What a text block is made of: runs of text, their marks, and the links that marks can point to.

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::model::Reference;
use super::tag;

/// A run of text with the same marks. A line feed in `text` is a line break.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Span,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
    /// Plain text; a line feed is a line break.
    pub text: String,
    /// `strong`, `em`, `underline`, `strike-through`, `code`, `sub`, `sup`, or the `_key` of one of the
    /// block's `markDefs`. At most 16.
    #[schema(value_type = Vec<String>)]
    pub marks: Vec<Mark>,
}

/// A mark on a span.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mark {
    /// The `_key` of a mark definition of the same block. First, so that links are outermost among equals.
    Def(String),
    /// A mark with no more to say.
    Decorator(Decorator),
}

/// A mark that needs no definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Decorator {
    /// Bold.
    Strong,
    /// Italic.
    Em,
    /// Underlined.
    Underline,
    /// Struck out.
    StrikeThrough,
    /// Below the line.
    Sub,
    /// Above the line.
    Sup,
    /// Letter by letter.
    Code,
}

impl Decorator {
    pub(super) const ALL: [Self; 7] = [Self::Strong, Self::Em, Self::Underline, Self::StrikeThrough, Self::Sub, Self::Sup, Self::Code];

    /// The name that Portable Text gives it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strong => "strong",
            Self::Em => "em",
            Self::Underline => "underline",
            Self::StrikeThrough => "strike-through",
            Self::Sub => "sub",
            Self::Sup => "sup",
            Self::Code => "code",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decorator| decorator.name() == name)
    }
}

impl Mark {
    /// The key of the definition that it points to.
    pub fn def(&self) -> Option<&str> {
        match self {
            Self::Def(key) => Some(key),
            Self::Decorator(_) => None,
        }
    }
}

impl Serialize for Mark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Def(key) => key,
            Self::Decorator(decorator) => decorator.name(),
        })
    }
}

/// What a mark that is not a decorator means.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(
    property_name = "_type",
    mapping(
        ("link" = "#/components/schemas/LinkDef"),
        ("internalLink" = "#/components/schemas/InternalLinkDef")
    )
))]
pub enum MarkDef {
    /// To an address.
    Link(LinkDef),
    /// To something of our own.
    Internal(InternalLinkDef),
}

impl MarkDef {
    /// The `_key` that marks name.
    pub fn key(&self) -> &str {
        match self {
            Self::Link(link) => &link.key,
            Self::Internal(link) => &link.key,
        }
    }

    pub(super) fn with_key(mut self, key: String) -> Self {
        match &mut self {
            Self::Link(link) => link.key = key,
            Self::Internal(link) => link.key = key,
        }
        self
    }

    /// The address, if it has one.
    pub fn href(&self) -> Option<&str> {
        match self {
            Self::Link(link) => Some(&link.href),
            Self::Internal(link) => link.href.as_deref(),
        }
    }

    pub(super) fn title(&self) -> Option<&str> {
        match self {
            Self::Link(link) => link.title.as_deref(),
            Self::Internal(_) => None,
        }
    }
}

/// A link to an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkDef {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::Link,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
    /// `http`, `https`, `mailto`, `tel`, `/path` or `#fragment`.
    pub href: String,
    /// Shown with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub title: Option<String>,
    /// How the target relates, e.g. `nofollow`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub rel: Option<String>,
}

/// A link to something of our own, by its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InternalLinkDef {
    #[serde(rename = "_type")]
    #[schema(inline)]
    pub(super) tag: tag::InternalLink,
    /// Unique among its neighbours; stays while the content does.
    #[serde(rename = "_key")]
    pub key: String,
    /// The id of what is meant.
    #[serde(rename = "ref")]
    pub reference: Reference,
    /// The address, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub href: Option<String>,
}
