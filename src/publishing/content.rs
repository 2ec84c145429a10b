//! What a revision says: the closed, immutable snapshot that the desk saves and publishing shows.

use std::collections::{HashMap, HashSet};

use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::revisions::Base;
use crate::body::Body;
use crate::error::Result;
use crate::schema::slug_redirects;
pub use crate::vocabulary::{ArticleKind, ContributionRole, Seo, Source};

/// Who did what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contribution {
    /// The author's id.
    pub author_id: Uuid,
    /// What they did; `author` by default.
    #[serde(default = "wrote")]
    pub role: ContributionRole,
}

const fn wrote() -> ContributionRole {
    ContributionRole::Author
}

/// The lead picture, with alt text and caption for this use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeadMedia {
    /// The picture.
    pub media_id: Uuid,
    /// Instead of the picture's own alt text.
    #[serde(default)]
    #[schema(max_length = 1_000)]
    pub alt: Option<crate::text::Prose<1_000>>,
    /// Instead of the picture's own caption.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub caption: Option<crate::text::Prose<2_000>>,
}

/// What a revision says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// At the top of the story.
    pub headline: String,
    /// Its address.
    pub slug: String,
    /// What sort of story.
    pub kind: ArticleKind,
    /// BCP 47.
    pub language: String,
    /// Above the headline.
    pub kicker: Option<String>,
    /// Below the headline.
    pub standfirst: Option<String>,
    /// Where it was written.
    pub dateline: Option<String>,
    /// Instead of the byline made from the authors.
    pub byline: Option<String>,
    /// Who did what, in order.
    pub authors: Vec<Contribution>,
    /// Tags, the primary one first.
    pub tags: Vec<Uuid>,
    /// The lead picture.
    pub lead_media: Option<LeadMedia>,
    /// The text.
    pub body: Body,
    /// Where it was first published.
    pub source: Option<Source>,
    /// What search engines are told.
    pub seo: Seo,
}

impl Content {
    /// Every picture used, the lead picture first, none twice.
    #[must_use]
    pub fn media_ids(&self) -> Vec<Uuid> {
        let mut ids: Vec<_> = self.lead_media.iter().map(|lead| lead.media_id).collect();
        ids.extend(self.body.media_ids().into_iter().filter(|id| self.lead_media.as_ref().is_none_or(|lead| lead.media_id != *id)));
        ids
    }
}

/// What a revision says, tags that were merged since replaced by those they were merged into.
///
/// # Errors
/// 404; what the database says.
pub fn load(conn: &mut PgConnection, article: Uuid, number: i32) -> Result<Content> {
    Ok(load_with_base(conn, article, number)?.0)
}

/// The same, with what the next revision may be kept as a difference from.
///
/// # Errors
/// 404; what the database says.
pub fn load_with_base(conn: &mut PgConnection, article: Uuid, number: i32) -> Result<(Content, Base)> {
    let (mut content, base) = super::revisions::read(conn, article, number)?;
    follow_merges(conn, std::slice::from_mut(&mut content))?;
    Ok((content, base))
}

/// What many revisions say, in the order in which they are asked for, likewise: as many statements as for one.
///
/// # Errors
/// 404 when one of them is not there; what the database says.
pub fn load_all(conn: &mut PgConnection, wanted: &[(Uuid, i32)]) -> Result<Vec<Content>> {
    let mut contents = super::revisions::read_all(conn, wanted)?;
    follow_merges(conn, &mut contents)?;
    Ok(contents)
}

/// Puts the tags that others were merged into in the place of those others, in all of these at once.
///
/// # Errors
/// What the database says.
pub fn follow_merges(conn: &mut PgConnection, contents: &mut [Content]) -> Result<()> {
    let ids: HashSet<_> = contents.iter().flat_map(|content| &content.tags).map(ToString::to_string).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let merged: Vec<(String, Uuid)> = slug_redirects::table
        .filter(slug_redirects::resource.eq("tag"))
        .filter(slug_redirects::slug.eq_any(ids))
        .select((slug_redirects::slug, slug_redirects::target_id))
        .load(conn)?;
    if merged.is_empty() {
        return Ok(());
    }
    let merged: HashMap<_, _> = merged.into_iter().collect();
    for content in contents {
        let mut seen = HashSet::new();
        content.tags = content.tags.iter().map(|id| merged.get(&id.to_string()).copied().unwrap_or(*id)).filter(|id| seen.insert(*id)).collect();
    }
    Ok(())
}
