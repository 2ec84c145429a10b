//! The shapes of a tag and its rules.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::page::Count;
use crate::editorial::lists::refuse_longer;
use crate::error::{Error, FieldError, Result};
use crate::http::json::present;
use crate::http::reply::Versioned;
use crate::schema::tags;
use crate::text::{CountryCode, LanguageTag, Line, Prose, Slug, WebUrl};
use crate::timestamp::Timestamp;
pub use crate::vocabulary::TagKind;

const MOST_NAMES: usize = 100;
const MOST_EXTERNAL_IDS: usize = 50;

/// The same thing in another scheme, such as Wikidata or IPTC Media Topics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalId {
    /// Whose scheme.
    #[schema(example = "wikidata")]
    pub scheme: Line<60>,
    /// The thing in that scheme.
    #[schema(example = "http://www.wikidata.org/entity/Q212")]
    pub uri: WebUrl,
}

/// A tag where something refers to it.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, Deserialize, ToSchema)]
#[diesel(table_name = tags)]
pub struct TagRef {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    #[schema(example = "ukraine")]
    pub slug: String,
    /// Its name.
    #[schema(example = "Ukraine")]
    pub name: String,
    /// What it names.
    pub kind: TagKind,
}

/// A tag's row.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = tags)]
pub struct TagRow {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    #[schema(example = "ukraine")]
    pub slug: String,
    /// Its name.
    #[schema(example = "Ukraine")]
    pub name: String,
    /// What it names.
    pub kind: TagKind,
    /// What it is about.
    #[schema(required = true)]
    pub description: Option<String>,
    #[serde(skip)]
    pub(super) parent_id: Option<Uuid>,
    /// ISO 3166-1 alpha-2; for countries.
    #[schema(required = true, example = "UA")]
    pub country_code: Option<String>,
    /// Its name by language.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub names: serde_json::Value,
    /// The same in other schemes.
    #[schema(value_type = Vec<ExternalId>)]
    pub external_ids: serde_json::Value,
    /// Counts the writes to it.
    pub version: i32,
    /// Who made it.
    #[schema(required = true)]
    pub created_by: Option<Uuid>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

/// A tag as the desk sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = EditorialTag)]
pub struct Tag {
    /// The row.
    #[serde(flatten)]
    pub row: TagRow,
    /// The wider tag that it belongs to.
    #[schema(required = true)]
    pub parent: Option<TagRef>,
}

impl Versioned for Tag {
    fn version(&self) -> i32 {
        self.row.version
    }
}

/// A new tag.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTag {
    /// Its name.
    pub name: Line<200>,
    /// Made from the name where it is not given.
    pub slug: Option<Slug>,
    /// What it names.
    pub kind: TagKind,
    /// What it is about.
    pub description: Option<Prose<2_000>>,
    /// The wider tag that it belongs to.
    pub parent_id: Option<Uuid>,
    /// Needed for a country, refused for others.
    pub country_code: Option<CountryCode>,
    /// Its name by language.
    #[serde(default)]
    pub names: std::collections::BTreeMap<LanguageTag, Line<200>>,
    /// The same in other schemes.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub external_ids: Vec<ExternalId>,
}

/// A change to a tag (RFC 7396): what is absent stays, `null` clears.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagPatch {
    /// Its name.
    #[serde(default, deserialize_with = "present")]
    pub name: Option<Line<200>>,
    /// The earlier slug goes on leading here.
    #[serde(default, deserialize_with = "present")]
    pub slug: Option<Slug>,
    /// What it names.
    #[serde(default, deserialize_with = "present")]
    pub kind: Option<TagKind>,
    /// What it is about.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Prose<2_000>>)]
    pub description: Option<Option<Prose<2_000>>>,
    /// The wider tag that it belongs to.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    pub parent_id: Option<Option<Uuid>>,
    /// Needed for a country, refused for others.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<CountryCode>)]
    pub country_code: Option<Option<CountryCode>>,
    /// Its name by language; merged language by language, `null` takes one away.
    #[serde(default, deserialize_with = "present")]
    #[schema(required = false, schema_with = names_to_merge)]
    pub names: Option<std::collections::BTreeMap<LanguageTag, Option<Line<200>>>>,
    /// The same in other schemes; replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_items = 50)]
    pub external_ids: Option<Vec<ExternalId>>,
}

fn names_to_merge() -> Schema {
    let name = ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null])).max_length(Some(200));
    ObjectBuilder::new().additional_properties(Some(Schema::from(name))).description(Some("Its name by language; merged language by language, `null` takes one away.")).into()
}

/// Into which tag to merge.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// The tag that stays.
    pub into: Uuid,
}

crate::words! {
    /// How a list of tags is sorted.
    TagSort {
        /// By name.
        Name = "name",
        /// The last changed first.
        Updated = "-updated_at",
    }
}

/// Which tags.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TagQuery {
    /// Part of the name.
    #[param(max_length = 200)]
    pub q: Option<Line<200>>,
    /// What they name.
    pub kind: Option<TagKind>,
    /// Those that belong to this wider tag.
    pub parent_id: Option<Uuid>,
    /// Order; `name` by default.
    #[param(inline)]
    pub sort: Option<TagSort>,
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
    /// `exact` also counts them all.
    #[param(inline)]
    pub count: Option<Count>,
}

/// Names and ids within bounds.
///
/// # Errors
/// 422.
pub fn check_lists(names: usize, external_ids: usize) -> Result<()> {
    refuse_longer("/names", names, MOST_NAMES)?;
    refuse_longer("/external_ids", external_ids, MOST_EXTERNAL_IDS)
}

/// A country has a code, and nothing else has.
///
/// # Errors
/// 422.
pub fn check_country(kind: TagKind, has_code: bool) -> Result<()> {
    match (kind == TagKind::Country, has_code) {
        (true, false) => Err(Error::invalid(vec![FieldError::body("/country_code", "required", "A country needs its ISO 3166-1 alpha-2 code.")])),
        (false, true) => Err(Error::invalid(vec![FieldError::body("/country_code", "not_allowed", "Only a country has a country code.")])),
        _ => Ok(()),
    }
}
