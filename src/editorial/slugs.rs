//! Slugs of references: made when none is given, kept leading somewhere when they change.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::http::extract::Target;
use crate::schema::slug_redirects as redirects;
use crate::schema::{authors, collections, media_credits, tags};
use crate::text::Slug;

/// The references that bear slugs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `authors`
    Author,
    /// `tags`
    Tag,
    /// `media_credits`
    MediaCredit,
    /// `collections`
    Collection,
}

impl Kind {
    /// As `slug_redirects.resource` has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Tag => "tag",
            Self::MediaCredit => "media_credit",
            Self::Collection => "collection",
        }
    }

    const fn taken_query(self) -> &'static str {
        match self {
            Self::Author => {
                "SELECT slug FROM authors WHERE slug = $1 OR slug LIKE $2 UNION ALL SELECT slug FROM slug_redirects WHERE resource = 'author' AND (slug = $1 OR slug LIKE $2)"
            }
            Self::Tag => "SELECT slug FROM tags WHERE slug = $1 OR slug LIKE $2 UNION ALL SELECT slug FROM slug_redirects WHERE resource = 'tag' AND (slug = $1 OR slug LIKE $2)",
            Self::MediaCredit => {
                "SELECT slug FROM media_credits WHERE slug = $1 OR slug LIKE $2 UNION ALL SELECT slug FROM slug_redirects WHERE resource = 'media_credit' AND (slug = $1 OR slug LIKE $2)"
            }
            Self::Collection => {
                "SELECT slug FROM collections WHERE slug = $1 OR slug LIKE $2 UNION ALL SELECT slug FROM live_collections WHERE slug = $1 OR slug LIKE $2 UNION ALL SELECT slug FROM slug_redirects WHERE resource = 'collection' AND (slug = $1 OR slug LIKE $2)"
            }
        }
    }
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Text)]
    slug: String,
}

/// The slug for something new: the given one (freed, should it be somebody's earlier one), or one made from `name`.
///
/// # Errors
/// 422 when none is given and `name` has nothing to make one from.
pub fn choose(tx: &mut PgConnection, kind: Kind, given: Option<&Slug>, name: &str, language: Option<&str>) -> Result<Slug> {
    if let Some(slug) = given {
        free(tx, kind, slug.as_str())?;
        return Ok(slug.clone());
    }
    let base = Slug::from_text(name, language).ok_or_else(|| Error::invalid_field("/slug", "required", "No slug can be made from this name. Give one."))?;
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").bind::<Text, _>(format!("slug {} {base}", kind.as_str())).execute(tx)?;
    let rows: Vec<Taken> = diesel::sql_query(kind.taken_query()).bind::<Text, _>(base.as_str()).bind::<Text, _>(format!("{base}-%")).load(tx)?;
    let taken: Vec<_> = rows.into_iter().map(|row| row.slug).collect();
    Ok(first_free(&base, &taken))
}

/// The base itself, or the base with the lowest number from 2 on that is free.
#[must_use]
pub fn first_free(base: &Slug, taken: &[String]) -> Slug {
    let free = |slug: &Slug| !taken.iter().any(|t| t == slug.as_str());
    if free(base) {
        return base.clone();
    }
    (2..).map(|n| base.numbered(n)).find(free).unwrap_or_else(|| base.clone())
}

/// Lets the earlier slug of something lead to it from now on.
///
/// # Errors
/// What the database says.
pub fn retire(tx: &mut PgConnection, kind: Kind, old: &str, target: Uuid) -> Result<()> {
    diesel::insert_into(redirects::table)
        .values((redirects::resource.eq(kind.as_str()), redirects::slug.eq(old), redirects::target_id.eq(target), redirects::since.eq(crate::app::now())))
        .on_conflict((redirects::resource, redirects::slug))
        .do_update()
        .set((redirects::target_id.eq(target), redirects::since.eq(crate::app::now())))
        .execute(tx)?;
    Ok(())
}

/// The present slug of what bore this slug earlier, or of the tag that this one was merged into.
///
/// # Errors
/// What the database says.
pub fn moved(conn: &mut PgConnection, kind: Kind, target: &Target) -> Result<Option<String>> {
    let old = match target {
        Target::Slug(slug) => slug.clone(),
        Target::Id(id) if kind == Kind::Tag => id.to_string(),
        Target::Id(_) => return Ok(None),
    };
    let Some(id) = redirects::table.find((kind.as_str(), old)).select(redirects::target_id).first::<Uuid>(conn).optional()? else { return Ok(None) };
    let slug = match kind {
        Kind::Author => authors::table.find(id).select(authors::slug).first(conn),
        Kind::Tag => tags::table.find(id).select(tags::slug).first(conn),
        Kind::MediaCredit => media_credits::table.find(id).select(media_credits::slug).first(conn),
        Kind::Collection => collections::table.find(id).select(collections::slug).first(conn),
    };
    Ok(slug.optional()?)
}

/// A slug that is borne again leads nowhere else.
///
/// # Errors
/// What the database says.
pub fn free(tx: &mut PgConnection, kind: Kind, slug: &str) -> Result<()> {
    diesel::delete(redirects::table.find((kind.as_str(), slug))).execute(tx)?;
    Ok(())
}

/// What is deleted leaves its earlier slugs free.
///
/// # Errors
/// What the database says.
pub fn forget(tx: &mut PgConnection, kind: Kind, target: Uuid) -> Result<()> {
    diesel::delete(redirects::table.filter(redirects::resource.eq(kind.as_str())).filter(redirects::target_id.eq(target))).execute(tx)?;
    Ok(())
}

/// Everything that led to `from` leads to `to`: after a merge.
///
/// # Errors
/// What the database says.
pub fn redirect_all(tx: &mut PgConnection, kind: Kind, from: Uuid, to: Uuid) -> Result<()> {
    diesel::update(redirects::table.filter(redirects::resource.eq(kind.as_str())).filter(redirects::target_id.eq(from))).set(redirects::target_id.eq(to)).execute(tx)?;
    Ok(())
}
