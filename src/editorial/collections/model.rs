//! The shapes of a collection and its rules.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::page::Count;
use crate::editorial::lists::refuse_longer;
use crate::error::{Error, FieldError, Result};
use crate::http::json::present;
use crate::http::reply::Versioned;
use crate::publishing::collections::Content;
use crate::schema::collections;
use crate::text::{Line, Prose, Slug};
use crate::timestamp::Timestamp;
use crate::vocabulary::{CollectionFill, CollectionSlot};

const MOST_SLOTS: usize = 100;
const MOST_VALUES: usize = 20;
const LARGEST: u8 = 100;
const DEFAULT_SIZE: u8 = 20;

/// A collection's row: its identity and where it stands.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = collections)]
pub struct Head {
    /// Its id.
    pub id: Uuid,
    /// Counts the writes to it.
    pub version: i32,
    /// The head revision.
    pub revision: i32,
    /// The revision that is live.
    pub live_revision: Option<i32>,
    /// Since when that is so.
    pub published_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: Option<Uuid>,
    /// Who last wrote it.
    pub updated_by: Option<Uuid>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

crate::words! {
    /// Where a collection stands.
    CollectionStatus {
        /// The world does not see it.
        Draft = "draft",
        /// Live.
        Published = "published",
    }
}

/// A collection as the desk sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = EditorialCollection)]
pub struct Collection {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    #[schema(example = "home")]
    pub slug: String,
    /// Its name.
    #[schema(example = "Home page")]
    pub name: String,
    /// What it is.
    #[schema(required = true)]
    pub description: Option<String>,
    /// Chosen stories, in order.
    pub slots: Vec<CollectionSlot>,
    /// Which stories fill it up; null for none.
    #[schema(required = true)]
    pub fill: Option<CollectionFill>,
    /// Stories it has at the most.
    #[schema(minimum = 1, maximum = 100)]
    pub size: u8,
    /// Where it stands.
    pub status: CollectionStatus,
    /// Counts the writes to it; the ETag.
    pub version: i32,
    /// The head revision.
    pub revision: i32,
    /// The revision that is live.
    #[schema(required = true)]
    pub live_revision: Option<i32>,
    /// Whether the head says something that the world does not see yet.
    pub has_unpublished_changes: bool,
    /// When it was last published; null while it is not live.
    #[schema(required = true)]
    pub published_at: Option<Timestamp>,
    /// Who made it.
    #[schema(required = true)]
    pub created_by: Option<Uuid>,
    /// Who last wrote it.
    #[schema(required = true)]
    pub updated_by: Option<Uuid>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

impl Versioned for Collection {
    fn version(&self) -> i32 {
        self.version
    }
}

impl Collection {
    /// The row and what its head revision says.
    #[must_use]
    pub fn new(head: &Head, content: Content) -> Self {
        Self {
            id: head.id,
            slug: content.slug,
            name: content.name,
            description: content.description,
            slots: content.slots,
            fill: content.fill,
            size: content.size,
            status: if head.live_revision.is_some() { CollectionStatus::Published } else { CollectionStatus::Draft },
            version: head.version,
            revision: head.revision,
            live_revision: head.live_revision,
            has_unpublished_changes: head.live_revision.is_some_and(|live| live != head.revision),
            published_at: head.published_at,
            created_by: head.created_by,
            updated_by: head.updated_by,
            created_at: head.created_at,
            updated_at: head.updated_at,
        }
    }
}

/// A new collection.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Home page", "slug": "home", "fill": {"language": ["en"]}, "size": 12}))]
pub struct NewCollection {
    /// Its name.
    pub name: Line<200>,
    /// Made from the name where it is not given.
    pub slug: Option<Slug>,
    /// What it is.
    pub description: Option<Prose<1_000>>,
    /// Chosen stories, in order; none may stand twice.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub slots: Vec<CollectionSlot>,
    /// Which stories fill it up behind the chosen ones; none by default.
    pub fill: Option<CollectionFill>,
    /// Stories it has at the most; 20 by default.
    #[schema(minimum = 1, maximum = 100)]
    pub size: Option<u8>,
    /// Why this was written, kept with the revision.
    pub revision_note: Option<Line<500>>,
}

impl NewCollection {
    /// What its first revision says.
    #[must_use]
    pub fn content(&self, slug: String) -> Content {
        Content {
            slug,
            name: self.name.to_string(),
            description: self.description.as_ref().map(ToString::to_string),
            slots: self.slots.clone(),
            fill: self.fill.clone(),
            size: self.size.unwrap_or(DEFAULT_SIZE),
        }
    }
}

/// A change to a collection (RFC 7396): what is absent stays, `null` clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CollectionPatch {
    /// Its name.
    #[serde(default, deserialize_with = "present")]
    pub name: Option<Line<200>>,
    /// The slug that it was live under goes on leading here once this is published.
    #[serde(default, deserialize_with = "present")]
    pub slug: Option<Slug>,
    /// What it is.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Prose<1_000>>)]
    pub description: Option<Option<Prose<1_000>>>,
    /// Chosen stories, in order; replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_items = 100)]
    pub slots: Option<Vec<CollectionSlot>>,
    /// Which stories fill it up; replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<CollectionFill>)]
    pub fill: Option<Option<CollectionFill>>,
    /// Stories it has at the most.
    #[serde(default, deserialize_with = "present")]
    #[schema(minimum = 1, maximum = 100)]
    pub size: Option<u8>,
    /// Why this was written, kept with the revision.
    #[serde(default, deserialize_with = "present")]
    pub revision_note: Option<Line<500>>,
}

impl CollectionPatch {
    /// What the collection says after this change.
    #[must_use]
    pub fn apply(&self, before: Content) -> Content {
        let patch = self.clone();
        Content {
            slug: patch.slug.map_or(before.slug, Into::into),
            name: patch.name.map_or(before.name, Into::into),
            description: patch.description.map_or(before.description, |text| text.map(Into::into)),
            slots: patch.slots.unwrap_or(before.slots),
            fill: patch.fill.unwrap_or(before.fill),
            size: patch.size.unwrap_or(before.size),
        }
    }
}

/// Sizes within bounds, and no story twice.
///
/// # Errors
/// 422.
pub fn check(content: &Content) -> Result<()> {
    if !(1..=LARGEST).contains(&content.size) {
        return Err(Error::invalid_field("/size", "out_of_range", format!("A number from 1 to {LARGEST}.")));
    }
    refuse_longer("/slots", content.slots.len(), MOST_SLOTS)?;
    if let Some(fill) = &content.fill {
        let lists = [("tag", &fill.tag), ("tags_all", &fill.tags_all), ("without_tag", &fill.without_tag), ("primary_tag", &fill.primary_tag), ("author", &fill.author)];
        for (name, list) in lists {
            refuse_longer(&format!("/fill/{name}"), list.len(), MOST_VALUES)?;
        }
        refuse_longer("/fill/kind", fill.kind.len(), MOST_VALUES)?;
        refuse_longer("/fill/language", fill.language.len(), MOST_VALUES)?;
    }
    let mut seen = std::collections::HashSet::new();
    let twice = content.slots.iter().enumerate().filter(|(_, slot)| !seen.insert(slot.article_id));
    let faults: Vec<_> = twice.map(|(at, _)| FieldError::body(format!("/slots/{at}/article_id"), "duplicate", "This stands twice.")).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid(faults)) }
}

crate::words! {
    /// How a list of collections is sorted.
    CollectionSort {
        /// By name.
        Name = "name",
        /// The last changed first.
        Updated = "-updated_at",
    }
}

/// Which collections.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CollectionQuery {
    /// Part of the name.
    #[param(max_length = 200)]
    pub q: Option<Line<200>>,
    /// Where they stand.
    pub status: Option<CollectionStatus>,
    /// Order; `name` by default.
    #[param(inline)]
    pub sort: Option<CollectionSort>,
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
    /// `exact` also counts them all.
    #[param(inline)]
    pub count: Option<Count>,
}
