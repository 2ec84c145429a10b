//! The shapes of what search and suggestions answer, for the document: as `delivery::shapes` for everything else.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::delivery::shapes::Article;
use crate::vocabulary::TagKind;

/// Where a story fits a question: HTML that is safe to show, with `<mark>` around the words that were asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Highlight {
    /// The headline.
    #[schema(example = "<mark>Harbour</mark> reopens after storm")]
    pub headline: String,
    /// A piece of the text, or the standfirst.
    #[schema(required = true)]
    pub text: Option<String>,
}

/// A story that was found. With `fields` only the members asked for are there, and the id.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchResult {
    /// The story.
    #[serde(flatten)]
    pub article: Article,
    /// Where it fits.
    #[schema(required = false)]
    pub highlight: Highlight,
    /// How well it fits, compared with other results of the same question.
    #[schema(required = false)]
    pub rank: f64,
}

/// A tag that a name begins to name.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuggestedTag {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    pub slug: String,
    /// Its name.
    #[schema(example = "Harbours")]
    pub name: String,
    /// What it names.
    pub kind: TagKind,
}

/// An author whom a name begins to name.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuggestedAuthor {
    /// Their id.
    pub id: Uuid,
    /// Their slug.
    pub slug: String,
    /// Their name.
    #[schema(example = "Olena Marchenko")]
    pub name: String,
}

/// A story whose headline has these words.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuggestedArticle {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    pub slug: String,
    /// Its headline.
    #[schema(example = "Harbour reopens after storm")]
    pub headline: String,
}

/// What a reader may be about to type.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suggestions {
    /// Those with the most live stories first.
    pub tags: Vec<SuggestedTag>,
    /// Those with the most live stories first.
    pub authors: Vec<SuggestedAuthor>,
    /// The newest first.
    pub articles: Vec<SuggestedArticle>,
}
