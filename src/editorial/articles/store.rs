//! SQL of articles on the desk: every save is a revision, every write moves the version.

use diesel::dsl::{count_star, exists, sql};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use serde_json::json;
use uuid::Uuid;

use super::model::{ArticlePatch, ArticleQuery, ArticleSort, BodyInput, EditorialArticle, Head, Include, NewArticle, Status, check};
use super::{references, view};
use crate::body::Body;
use crate::db::page::{Count, Page, PageRequest, Signer};
use crate::editorial::lists::containing;
use crate::editorial::slugs::first_free;
use crate::error::{Code, Error, Result};
use crate::http::extract::{IfMatch, Target};
use crate::identity::audit::{self, Deed};
use crate::identity::principal::{Principal, forbidden};
use crate::identity::role::Role;
use crate::publishing::content::{self, ArticleKind, Content};
use crate::publishing::revisions;
use crate::rendering::BodyFormat;
use crate::schema::{article_authors, article_revisions, article_slugs, article_tags, articles, site};
use crate::text::Slug;
use crate::timestamp::Timestamp;

/// The key a list of articles is sorted by: a time, then the id.
pub type Key = (Timestamp, Uuid);

/// Whom a reader on the desk is: contributors see what is theirs.
fn visible(reader: &Principal, head: &Head) -> bool {
    reader.is(Role::Author) || head.created_by == Some(reader.user_id) || head.live_revision.is_some()
}

fn matching<'a>(query: &'a ArticleQuery, reader: &Principal) -> articles::BoxedQuery<'a, Pg> {
    let mut rows = articles::table.into_boxed();
    if !reader.is(Role::Author) {
        rows = rows.filter(articles::created_by.eq(reader.user_id).or(articles::live_revision.is_not_null()));
    }
    if let Some(q) = &query.q {
        rows = rows.filter(sql::<Bool>("lower(articles.headline) LIKE ").bind::<Text, _>(containing(q.as_str())));
    }
    if let Some(status) = query.status {
        rows = rows.filter(articles::status.eq(status));
    }
    if let Some(kind) = query.kind {
        rows = rows.filter(articles::kind.eq(kind));
    }
    if let Some(language) = &query.language {
        rows = rows.filter(articles::language.eq(language.as_str()));
    }
    if let Some(id) = query.author {
        rows = rows.filter(exists(article_authors::table.filter(article_authors::article_id.eq(articles::id)).filter(article_authors::author_id.eq(id))));
    }
    if let Some(id) = query.tag {
        rows = rows.filter(exists(article_tags::table.filter(article_tags::article_id.eq(articles::id)).filter(article_tags::tag_id.eq(id))));
    }
    for maker in query.created_by.into_iter().chain(query.mine.filter(|mine| *mine).map(|_| reader.user_id)) {
        rows = rows.filter(articles::created_by.eq(maker));
    }
    if let Some(id) = query.assignee {
        rows = rows.filter(articles::assignee_id.eq(id));
    }
    if let Some(time) = query.updated_after {
        rows = rows.filter(articles::updated_at.gt(time));
    }
    if let Some(time) = query.updated_before {
        rows = rows.filter(articles::updated_at.lt(time));
    }
    rows
}

macro_rules! newest_first {
    ($rows:ident, $page:ident, $column:expr) => {{
        if let Some((time, id)) = $page.key().copied() {
            $rows = if $page.backwards() {
                $rows.filter($column.ge(time).and($column.gt(time).or(articles::id.gt(id))))
            } else {
                $rows.filter($column.le(time).and($column.lt(time).or(articles::id.lt(id))))
            };
        }
        if $page.backwards() { $rows.order(($column.asc(), articles::id.asc())) } else { $rows.order(($column.desc(), articles::id.desc())) }
    }};
}

/// A page of articles.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut PgConnection, reader: &Principal, query: &ArticleQuery, page: &PageRequest<Key>, signer: &Signer, base: &str) -> Result<Page<EditorialArticle>> {
    let sort = query.sort.unwrap_or(ArticleSort::Updated);
    let mut rows = matching(query, reader);
    rows = match sort {
        ArticleSort::Updated => newest_first!(rows, page, articles::updated_at),
        ArticleSort::Created => newest_first!(rows, page, articles::created_at),
        ArticleSort::Published => {
            rows = rows.filter(articles::published_at.is_not_null());
            newest_first!(rows, page, articles::published_at)
        }
    };
    let heads: Vec<Head> = rows.limit(page.take()).select(Head::as_select()).load(conn)?;
    let (heads, mut info) = page.finish(heads, signer, |head| {
        let time = match sort {
            ArticleSort::Updated => head.updated_at,
            ArticleSort::Created => head.created_at,
            ArticleSort::Published => head.published_at.unwrap_or(head.created_at),
        };
        (time, head.id)
    })?;
    if query.count == Some(Count::Exact) {
        info.total = Some(matching(query, reader).select(count_star()).first(conn)?);
    }
    let format = query.include.filter(|i| *i == Include::Body).map(|_| query.body.unwrap_or_default());
    Ok(Page { data: view::articles(conn, heads, format, base)?, page: info })
}

/// One article that this reader may see.
///
/// # Errors
/// 404.
pub fn get(conn: &mut PgConnection, reader: &Principal, target: &Target, format: BodyFormat, base: &str) -> Result<EditorialArticle> {
    let rows = articles::table.into_boxed();
    let rows = match target {
        Target::Id(id) => rows.filter(articles::id.eq(*id)),
        Target::Slug(slug) => rows.filter(articles::slug.eq(slug.clone())),
    };
    let head: Option<Head> = rows.select(Head::as_select()).first(conn).optional()?;
    let head = head.filter(|head| visible(reader, head)).ok_or_else(|| Error::not_found("article"))?;
    one(conn, head, format, base)
}

fn one(conn: &mut PgConnection, head: Head, format: BodyFormat, base: &str) -> Result<EditorialArticle> {
    view::articles(conn, vec![head], Some(format), base)?.pop().ok_or_else(|| Error::not_found("article"))
}

/// The article as it is after a write.
///
/// # Errors
/// What the database says.
pub fn reread(tx: &mut PgConnection, id: Uuid, base: &str) -> Result<EditorialArticle> {
    let head = articles::table.find(id).select(Head::as_select()).first(tx)?;
    one(tx, head, BodyFormat::default(), base)
}

/// Makes an article with its first revision.
///
/// # Errors
/// 409 for a taken slug; 422.
pub fn insert(tx: &mut PgConnection, actor: &Principal, new: &NewArticle) -> Result<Uuid> {
    let (id, now) = (Uuid::now_v7(), crate::app::now());
    let language = match &new.language {
        Some(language) => language.to_string(),
        None => first_language(tx)?,
    };
    let slug = choose_slug(tx, id, new.slug.as_ref(), new.headline.as_str(), &language)?;
    let content = first_content(new, slug, language)?;
    check(&content)?;
    let group = match new.translation_of {
        Some(original) => group_of(tx, original)?,
        None => id,
    };
    diesel::insert_into(articles::table)
        .values((
            (articles::id.eq(id), articles::status.eq(Status::Draft), articles::revision.eq(1)),
            (articles::slug.eq(&content.slug), articles::kind.eq(content.kind), articles::language.eq(&content.language), articles::headline.eq(&content.headline)),
            (articles::embargo_until.eq(new.embargo_until), articles::notes.eq(new.notes.as_ref().map(AsRef::<str>::as_ref)), articles::translation_group.eq(group)),
            (articles::created_by.eq(actor.user_id), articles::updated_by.eq(actor.user_id), articles::created_at.eq(now), articles::updated_at.eq(now)),
        ))
        .execute(tx)?;
    hold_slug(tx, id, &content.slug)?;
    write_revision(tx, actor, id, 1, &content, now)?;
    audit::record(tx, actor, Deed { action: "create", resource: "article", target: Some(id) }, None, Some(json!({ "headline": content.headline, "slug": content.slug })))?;
    Ok(id)
}

fn first_content(new: &NewArticle, slug: String, language: String) -> Result<Content> {
    let new = new.clone();
    Ok(Content {
        headline: new.headline.into(),
        slug,
        kind: new.kind.unwrap_or(ArticleKind::News),
        language,
        kicker: new.kicker.map(Into::into),
        standfirst: new.standfirst.map(Into::into),
        dateline: new.dateline.map(Into::into),
        byline: new.byline.map(Into::into),
        authors: new.authors,
        tags: new.tags,
        lead_media: new.lead_media,
        body: new.body.as_ref().map_or_else(|| Ok(Body::default()), BodyInput::parse)?,
        source: new.source,
        seo: new.seo.unwrap_or_default(),
    })
}

fn first_language(tx: &mut PgConnection) -> Result<String> {
    let languages: Option<Vec<Option<String>>> = site::table.select(site::languages).first(tx).optional()?;
    Ok(languages.unwrap_or_default().into_iter().flatten().next().unwrap_or_else(|| "en".to_owned()))
}

fn group_of(tx: &mut PgConnection, original: Uuid) -> Result<Uuid> {
    let group = articles::table.find(original).select(articles::translation_group).first(tx).optional()?;
    group.ok_or_else(|| Error::invalid_field("/translation_of", "unknown_reference", "There is no such article."))
}

fn choose_slug(tx: &mut PgConnection, id: Uuid, given: Option<&Slug>, headline: &str, language: &str) -> Result<String> {
    if let Some(slug) = given {
        return Ok(slug.to_string());
    }
    let Some(base) = Slug::from_text(headline, Some(language)) else {
        let id = id.simple().to_string();
        return Ok(format!("story-{}", id.get(20..).unwrap_or(&id)));
    };
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").bind::<Text, _>(format!("slug article {base}")).execute(tx)?;
    let taken: Vec<String> =
        article_slugs::table.filter(article_slugs::slug.eq(base.as_str()).or(article_slugs::slug.like(format!("{base}-%")))).select(article_slugs::slug).load(tx)?;
    Ok(first_free(&base, &taken).to_string())
}

fn hold_slug(tx: &mut PgConnection, id: Uuid, slug: &str) -> Result<()> {
    diesel::insert_into(article_slugs::table).values((article_slugs::slug.eq(slug), article_slugs::article_id.eq(id))).execute(tx)?;
    Ok(())
}

/// The head's slug changes: the new one is held, the old one given up unless the world has known it.
fn change_slug(tx: &mut PgConnection, id: Uuid, old: &str, new: &str) -> Result<()> {
    diesel::delete(article_slugs::table.find(old).filter(article_slugs::article_id.eq(id)).filter(article_slugs::was_live.eq(false))).execute(tx)?;
    let own: bool = diesel::select(exists(article_slugs::table.find(new).filter(article_slugs::article_id.eq(id)))).get_result(tx)?;
    if own { Ok(()) } else { hold_slug(tx, id, new) }
}

fn write_revision(tx: &mut PgConnection, actor: &Principal, id: Uuid, number: i32, content: &Content, now: Timestamp) -> Result<()> {
    use article_revisions as r;
    let kept = if number == 1 { revisions::whole(content)? } else { revisions::after(tx, id, number - 1, content)? };
    diesel::insert_into(r::table)
        .values((r::article_id.eq(id), r::number.eq(number), r::created_at.eq(now), r::created_by.eq(actor.user_id), r::base.eq(kept.base), r::content.eq(kept.bytes)))
        .execute(tx)?;
    references::write(tx, id, content)
}

/// An article, held for a write until the transaction ends, if this person may know of it.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut PgConnection, actor: &Principal, id: Uuid) -> Result<Head> {
    let head: Option<Head> = articles::table.find(id).select(Head::as_select()).for_no_key_update().first(tx).optional()?;
    head.filter(|head| visible(actor, head)).ok_or_else(|| Error::not_found("article"))
}

/// Contributors change their own drafts, authors what is theirs, editors everything; nobody past somebody else's lock.
///
/// # Errors
/// 403; 409 while somebody else is editing.
pub fn may_edit(actor: &Principal, head: &Head, now: Timestamp) -> Result<()> {
    actor.may_change(head.created_by)?;
    if !actor.is(Role::Author) && !matches!(head.status, Status::Draft | Status::InReview) {
        return Err(forbidden("Contributors change drafts; this article is past that."));
    }
    let others = head.lock_user_id.filter(|user| *user != actor.user_id).zip(head.lock_expires_at.filter(|t| *t > now));
    match others {
        Some((user, until)) => {
            Err(Error::new(Code::Locked, format!("Somebody else is editing this until {until}.")).with("locked_by", user.to_string()).with("locked_until", until.to_string()))
        }
        None => Ok(()),
    }
}

/// Saves a change: a new revision where it says something new, a new version where anything is new.
///
/// # Errors
/// 403, 404, 409, 412, 422.
pub fn update(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch, patch: &ArticlePatch) -> Result<()> {
    let (head, now) = (lock(tx, actor, id)?, crate::app::now());
    may_edit(actor, &head, now)?;
    seen.check(head.version)?;
    let old = content::load(tx, id, head.revision)?;
    let new = patch.apply(old.clone())?;
    let group = match patch.translation_of {
        Some(Some(original)) => group_of(tx, original)?,
        Some(None) => id,
        None => head.translation_group,
    };
    let embargo = patch.embargo_until.unwrap_or(head.embargo_until);
    let notes = patch.notes.clone().map_or_else(|| head.notes.clone(), |notes| notes.map(Into::into));
    let (says_new, group_moved) = (new != old, group != head.translation_group);
    if !says_new && !group_moved && embargo == head.embargo_until && notes == head.notes {
        return Ok(());
    }
    let revision = if says_new { head.revision + 1 } else { head.revision };
    if new.slug != old.slug {
        change_slug(tx, id, &old.slug, &new.slug)?;
    }
    if says_new {
        write_revision(tx, actor, id, revision, &new, now)?;
    }
    diesel::update(articles::table.find(id))
        .set((
            (articles::revision.eq(revision), articles::version.eq(head.version + 1)),
            (articles::slug.eq(&new.slug), articles::kind.eq(new.kind), articles::language.eq(&new.language), articles::headline.eq(&new.headline)),
            (articles::embargo_until.eq(embargo), articles::notes.eq(&notes), articles::translation_group.eq(group)),
            (articles::updated_by.eq(actor.user_id), articles::updated_at.eq(now)),
        ))
        .execute(tx)?;
    if group_moved {
        crate::publishing::projection::regroup(tx, id, group)?;
    }
    audit::record(tx, actor, Deed { action: "update", resource: "article", target: Some(id) }, Some(json!({ "revision": head.revision })), Some(json!({ "revision": revision })))
}

/// Deletes an article that is not live, with its revisions.
///
/// # Errors
/// 403, 404, 409 while it is live, 412.
pub fn delete(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch) -> Result<()> {
    let head = lock(tx, actor, id)?;
    may_edit(actor, &head, crate::app::now())?;
    if head.first_published_at.is_some() && !actor.is(Role::Editor) {
        return Err(forbidden("Only editors delete what the world has seen."));
    }
    seen.check(head.version)?;
    if head.live_revision.is_some() {
        return Err(super::workflow::illegal(head.status, "delete"));
    }
    let headline: String = articles::table.find(id).select(articles::headline).first(tx)?;
    diesel::delete(articles::table.find(id)).execute(tx)?;
    audit::record(tx, actor, Deed { action: "delete", resource: "article", target: Some(id) }, Some(json!({ "headline": headline, "status": head.status })), None)
}
