//! The shapes of an author and their rules.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::openapi::schema::{OneOfBuilder, Schema};
use utoipa::openapi::{ObjectBuilder, Ref, Type};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::page::Count;
use crate::editorial::lists::refuse_longer;
use crate::error::{Error, FieldError, Result};
use crate::http::json::present;
use crate::http::reply::Versioned;
use crate::schema::authors;
use crate::text::{Email, LanguageTag, Line, Prose, Slug, WebUrl};
use crate::timestamp::Timestamp;
pub use crate::vocabulary::AuthorKind;

const MOST_LINKS: usize = 50;
const MOST_TITLES: usize = 100;
const MOST_LANGUAGES: usize = 50;
const LONGEST_SORT_NAME: usize = 200;

/// Where else to find somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorLink {
    /// What it is to them.
    #[schema(example = "website")]
    pub rel: Line<60>,
    /// Its address.
    pub url: WebUrl,
}

/// What somebody was called at work, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobTitle {
    /// The title.
    #[schema(example = "Railways reporter")]
    pub title: Line<200>,
    /// The first day.
    #[schema(example = "2019-03-01")]
    pub from: NaiveDate,
    /// The last day; null while it lasts.
    #[serde(default)]
    #[schema(required = true, example = "2022-03-31")]
    pub to: Option<NaiveDate>,
}

/// An author's row.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = authors)]
pub struct AuthorRow {
    /// Their id.
    pub id: Uuid,
    /// Their slug.
    #[schema(example = "olena-marchenko")]
    pub slug: String,
    /// Their name.
    #[schema(example = "Olena Marchenko")]
    pub name: String,
    /// Their name as lists sort it.
    #[schema(example = "Marchenko, Olena")]
    pub sort_name: String,
    /// What they are to the newsroom.
    pub kind: AuthorKind,
    /// What they are called at work, or were called last.
    #[schema(required = true, example = "Defense reporter")]
    pub job_title: Option<String>,
    /// Whether they have left.
    pub former: bool,
    /// A few sentences about them.
    #[schema(required = true)]
    pub bio: Option<String>,
    /// More about them. By convention Markdown; it is handed on as it was written.
    #[schema(required = true)]
    pub bio_long: Option<String>,
    /// Their portrait's media id.
    #[schema(required = true)]
    pub avatar_media_id: Option<Uuid>,
    /// Where else to find them.
    #[schema(value_type = Vec<AuthorLink>)]
    pub links: serde_json::Value,
    /// Where they work from.
    #[schema(required = true, example = "Kyiv")]
    pub location: Option<String>,
    /// Languages they work in (BCP 47).
    #[schema(value_type = Vec<LanguageTag>)]
    pub languages: Vec<Option<String>>,
    /// Their address; never leaves the desk.
    #[schema(required = true)]
    pub email: Option<String>,
    /// What they were called at work over time.
    #[schema(value_type = Vec<JobTitle>)]
    pub job_titles: serde_json::Value,
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

/// An author as the desk sees them.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = EditorialAuthor)]
pub struct Author {
    /// The row.
    #[serde(flatten)]
    pub row: AuthorRow,
    /// The job title as readers see it. Of somebody who has left, a title in Latin letters is led by "Former"; one in another
    /// script is followed by "(former)".
    #[schema(required = true, example = "Former Defense reporter")]
    pub display_title: Option<String>,
    /// Their portrait, as delivery shows it.
    #[schema(required = true, schema_with = picture_or_null)]
    pub avatar: Option<Box<RawValue>>,
    /// The account that is theirs.
    #[schema(required = true)]
    pub user_id: Option<Uuid>,
}

fn picture_or_null() -> Schema {
    OneOfBuilder::new().item(ObjectBuilder::new().schema_type(Type::Null)).item(Ref::from_schema_name("MaybePicture")).into()
}

impl Versioned for Author {
    fn version(&self) -> i32 {
        self.row.version
    }
}

/// A new author.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAuthor {
    /// Their name.
    pub name: Line<200>,
    /// Made from the name where it is not given.
    pub slug: Option<Slug>,
    /// Made from the name where it is not given: "Marchenko, Olena" for a person with two names, otherwise the name.
    pub sort_name: Option<Line<200>>,
    /// What they are to the newsroom.
    pub kind: AuthorKind,
    /// What they are called at work, or were called last.
    pub job_title: Option<Line<200>>,
    /// Whether they have left.
    #[serde(default)]
    pub former: bool,
    /// A few sentences about them.
    pub bio: Option<Prose<2_000>>,
    /// More about them. By convention Markdown; it is handed on as it was written.
    pub bio_long: Option<Prose<20_000>>,
    /// Their portrait's media id.
    pub avatar_media_id: Option<Uuid>,
    /// Where else to find them.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub links: Vec<AuthorLink>,
    /// Where they work from.
    pub location: Option<Line<200>>,
    /// Languages they work in.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub languages: Vec<LanguageTag>,
    /// Their address; never leaves the desk.
    pub email: Option<Email>,
    /// What they were called at work over time.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub job_titles: Vec<JobTitle>,
}

/// A change to an author (RFC 7396): what is absent stays, `null` clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorPatch {
    /// Their name. A sort name that was made from the old name follows.
    #[serde(default, deserialize_with = "present")]
    pub name: Option<Line<200>>,
    /// The earlier slug goes on leading here.
    #[serde(default, deserialize_with = "present")]
    pub slug: Option<Slug>,
    /// Their name as lists sort it.
    #[serde(default, deserialize_with = "present")]
    pub sort_name: Option<Line<200>>,
    /// What they are to the newsroom.
    #[serde(default, deserialize_with = "present")]
    pub kind: Option<AuthorKind>,
    /// What they are called at work, or were called last.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Line<200>>)]
    pub job_title: Option<Option<Line<200>>>,
    /// Whether they have left.
    #[serde(default, deserialize_with = "present")]
    pub former: Option<bool>,
    /// A few sentences about them.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Prose<2_000>>)]
    pub bio: Option<Option<Prose<2_000>>>,
    /// More about them. By convention Markdown; it is handed on as it was written.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Prose<20_000>>)]
    pub bio_long: Option<Option<Prose<20_000>>>,
    /// Their portrait's media id.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    pub avatar_media_id: Option<Option<Uuid>>,
    /// Where else to find them; replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_items = 50)]
    pub links: Option<Vec<AuthorLink>>,
    /// Where they work from.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Line<200>>)]
    pub location: Option<Option<Line<200>>>,
    /// Languages they work in; replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_items = 50)]
    pub languages: Option<Vec<LanguageTag>>,
    /// Their address; never leaves the desk.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Email>)]
    pub email: Option<Option<Email>>,
    /// What they were called at work over time; replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_items = 100)]
    pub job_titles: Option<Vec<JobTitle>>,
}

impl AuthorPatch {
    /// The members that are the newsroom's to change, not the author's own.
    #[must_use]
    pub fn newsroom_members(&self) -> Vec<&'static str> {
        let given = [
            (self.name.is_some(), "name"),
            (self.slug.is_some(), "slug"),
            (self.sort_name.is_some(), "sort_name"),
            (self.kind.is_some(), "kind"),
            (self.job_title.is_some(), "job_title"),
            (self.former.is_some(), "former"),
            (self.email.is_some(), "email"),
            (self.job_titles.is_some(), "job_titles"),
        ];
        given.into_iter().filter(|(given, _)| *given).map(|(_, name)| name).collect()
    }
}

crate::words! {
    /// How a list of authors is sorted.
    AuthorSort {
        /// By sort name.
        Name = "name",
        /// The last changed first.
        Updated = "-updated_at",
    }
}

/// Which authors.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuthorQuery {
    /// Part of the name.
    #[param(max_length = 200)]
    pub q: Option<Line<200>>,
    /// What they are to the newsroom.
    pub kind: Option<AuthorKind>,
    /// Those who have left, or those who have not.
    pub former: Option<bool>,
    /// Order; `name` by default.
    #[param(inline)]
    pub sort: Option<AuthorSort>,
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
    /// `exact` also counts them all.
    #[param(inline)]
    pub count: Option<Count>,
}

crate::words! {
    /// What becomes of the name under stories that have been live.
    Bylines {
        /// It stays as it stood.
        Keep = "false",
        /// It is rewritten to what it is after this change.
        Rewrite = "true",
        /// Nothing is changed, the author neither; the answer says what a rewriting would reach.
        Preview = "preview",
    }
}

/// How to change an author.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuthorChangeQuery {
    /// `true` also rewrites name and job title under this author's old stories; `preview` changes nothing and says which those
    /// are. Editors only. By default old bylines stay as they stood.
    #[param(inline)]
    pub rewrite_bylines: Option<Bylines>,
}

/// A story that names an author otherwise.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OldByline {
    /// The article.
    pub id: Uuid,
    /// Its headline.
    pub headline: String,
    /// The name that stands under it.
    pub name: String,
    /// The job title that stands under it.
    #[schema(required = true)]
    pub job_title: Option<String>,
    /// Whether it is live now.
    pub live: bool,
}

/// What a rewriting of bylines would reach.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BylineReach {
    /// Stories, live or once live, that name the author otherwise than they would be called.
    #[schema(minimum = 0)]
    pub articles: i64,
    /// The newest of them.
    #[schema(max_items = 20)]
    pub sample: Vec<OldByline>,
}

/// Either the author or what a rewriting would reach.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ChangedAuthor {
    /// The author as they are now.
    Author(Box<Author>),
    /// With `rewrite_bylines=preview`.
    Reach(BylineReach),
}

/// A name as lists sort it: the family name of a person with two names comes first; every other name stays as it is,
/// because nothing in it says which part is which.
#[must_use]
pub fn derived_sort_name(name: &str, kind: AuthorKind) -> String {
    let person = matches!(kind, AuthorKind::Staff | AuthorKind::Freelance);
    let words: Vec<_> = name.split_whitespace().collect();
    match words.as_slice() {
        [given, family] if person && name.chars().count() < LONGEST_SORT_NAME => format!("{family}, {given}"),
        _ => name.to_owned(),
    }
}

/// Lists within bounds, and titles that do not end before they begin.
///
/// # Errors
/// 422.
pub fn check_lists(links: Option<&[AuthorLink]>, languages: Option<&[LanguageTag]>, titles: Option<&[JobTitle]>) -> Result<()> {
    refuse_longer("/links", links.map_or(0, <[_]>::len), MOST_LINKS)?;
    refuse_longer("/languages", languages.map_or(0, <[_]>::len), MOST_LANGUAGES)?;
    refuse_longer("/job_titles", titles.map_or(0, <[_]>::len), MOST_TITLES)?;
    let backwards = titles.unwrap_or_default().iter().enumerate().filter(|(_, title)| title.to.is_some_and(|to| to < title.from));
    let faults: Vec<_> = backwards.map(|(at, _)| FieldError::body(format!("/job_titles/{at}/to"), "order", "A title cannot end before it begins.")).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid(faults)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_with_two_names_are_sorted_by_the_second() {
        assert_eq!(derived_sort_name("Olena Marchenko", AuthorKind::Freelance), "Marchenko, Olena");
        assert_eq!(derived_sort_name("Plato", AuthorKind::Staff), "Plato");
        assert_eq!(derived_sort_name("Juan de la Cruz", AuthorKind::Staff), "Juan de la Cruz");
        assert_eq!(derived_sort_name("Associated Press", AuthorKind::Agency), "Associated Press");
        let long = format!("a {}", "b".repeat(198));
        assert_eq!(derived_sort_name(&long, AuthorKind::Staff), long);
    }
}
