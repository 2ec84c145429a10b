//! Writes and removes live rows. Everything a reader can see changes here, in the transaction that decides it.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::upsert::excluded;
use uuid::Uuid;

use super::content::{self, Content};
use super::counts::{self, Shift};
use super::generation;
use super::story::{Story, Times};
use crate::card::Slot;
use crate::db::statement::{Bind, Statement};
use crate::error::{Error, Result};
use crate::schema::{
    article_slugs, authors, bylines, changes, corrections, live_article_authors, live_article_media, live_article_slugs, live_article_tags, live_articles, live_corrections,
};
use crate::timestamp::Timestamp;

crate::words! {
    /// What happened to a story in the world.
    ChangeKind {
        /// It went live.
        Published = "published",
        /// What it says changed.
        Updated = "updated",
        /// A correction was added.
        Corrected = "corrected",
        /// It was taken off.
        Unpublished = "unpublished",
        /// It was taken down.
        TakenDown = "taken_down",
    }
}

/// What goes live, and when.
#[derive(Debug)]
pub struct Live<'a> {
    /// The article.
    pub id: Uuid,
    /// Its group of translations.
    pub group: Uuid,
    /// The revision that goes live.
    pub revision: i32,
    /// What it says.
    pub content: &'a Content,
    /// When.
    pub times: Times,
}

/// Puts a story before the world, or a new version of it in the place of the old one.
///
/// # Errors
/// 409 when another story is live under its slug; what the database says.
pub fn show(tx: &mut PgConnection, live: &Live<'_>) -> Result<()> {
    hold_group(tx, live.group)?;
    keep_bylines(tx, live)?;
    let was_there = write_row(tx, live)?;
    keep_slugs(tx, live)?;
    if !was_there {
        show_corrections(tx, live.id)?;
    }
    for id in translations_of(tx, live.id, live.group)? {
        refresh(tx, id)?;
    }
    let kind = if was_there { ChangeKind::Updated } else { ChangeKind::Published };
    note_change(tx, kind, live.id, &live.content.slug, Some(live.revision), live.times.updated)
}

/// Stories of one group come, go and name each other one after the other: two that went live at the same moment would
/// otherwise not see each other.
fn hold_group(tx: &mut PgConnection, group: Uuid) -> Result<()> {
    let mut hold = Statement::<BigInt>::new("SELECT 1::bigint FROM (SELECT pg_advisory_xact_lock(hashtextextended(");
    hold.bind(Bind::Text(format!("translations {group}"))).sql(", 0))) AS held");
    hold.get_result::<i64>(tx)?;
    Ok(())
}

/// Names and job titles are kept as they stand at the first publish with this author.
fn keep_bylines(tx: &mut PgConnection, live: &Live<'_>) -> Result<()> {
    let ids: Vec<_> = live.content.authors.iter().map(|a| a.author_id).collect();
    let named = authors::table.filter(authors::id.eq_any(ids)).select((live.id.into_sql::<diesel::sql_types::Uuid>(), authors::id, authors::name, authors::job_title));
    diesel::insert_into(bylines::table)
        .values(named)
        .into_columns((bylines::article_id, bylines::author_id, bylines::name, bylines::job_title))
        .on_conflict_do_nothing()
        .execute(tx)?;
    Ok(())
}

/// The live row has every correction of its article.
fn show_corrections(tx: &mut PgConnection, id: Uuid) -> Result<()> {
    use live_corrections as l;
    let all =
        corrections::table.filter(corrections::article_id.eq(id)).select((corrections::id, corrections::article_id, corrections::kind, corrections::text, corrections::created_at));
    diesel::insert_into(l::table).values(all).into_columns((l::id, l::article_id, l::kind, l::text, l::at)).on_conflict_do_nothing().execute(tx)?;
    Ok(())
}

/// A correction was added to a live story: it shows, and nothing else changes.
///
/// # Errors
/// What the database says.
pub fn correct(tx: &mut PgConnection, id: Uuid, now: Timestamp) -> Result<()> {
    diesel::update(live_articles::table.find(id)).set(live_articles::updated_at.eq(now)).execute(tx)?;
    show_corrections(tx, id)?;
    refresh(tx, id)?;
    let (slug, revision): (String, i32) = live_articles::table.find(id).select((live_articles::slug, live_articles::revision)).first(tx)?;
    note_change(tx, ChangeKind::Corrected, id, &slug, Some(revision), now)
}

/// Takes a story from the world. Does nothing when it is not there.
///
/// # Errors
/// What the database says.
pub fn remove(tx: &mut PgConnection, id: Uuid, kind: ChangeKind, now: Timestamp) -> Result<()> {
    let row: Option<(String, Uuid)> = live_articles::table.find(id).select((live_articles::slug, live_articles::translation_group)).first(tx).optional()?;
    let Some((slug, group)) = row else { return Ok(()) };
    hold_group(tx, group)?;
    let lost_tags: Vec<Uuid> = diesel::delete(live_article_tags::table.filter(live_article_tags::article_id.eq(id))).returning(live_article_tags::tag_id).get_results(tx)?;
    let lost_authors: Vec<Uuid> =
        diesel::delete(live_article_authors::table.filter(live_article_authors::article_id.eq(id))).returning(live_article_authors::author_id).get_results(tx)?;
    diesel::delete(live_articles::table.find(id)).execute(tx)?;
    let gone = |lost| Shift { lost: sorted(lost), gained: Vec::new(), redated: Vec::new(), at: now };
    counts::tags(tx, &gone(lost_tags))?;
    counts::authors(tx, &gone(lost_authors))?;
    for other in translations_of(tx, id, group)? {
        refresh(tx, other)?;
    }
    note_change(tx, kind, id, &slug, None, now)
}

/// Writes a live row anew from the revision that is live: what it refers to has changed, not what it says.
///
/// # Errors
/// What the database says.
pub fn refresh(tx: &mut PgConnection, id: Uuid) -> Result<()> {
    let row: Option<(Uuid, i32, Timestamp, Timestamp, Timestamp)> = live_articles::table
        .find(id)
        .select((live_articles::translation_group, live_articles::revision, live_articles::first_published_at, live_articles::published_at, live_articles::updated_at))
        // Held, so that a publish at the same moment is either seen here or comes after.
        .for_no_key_update()
        .first(tx)
        .optional()?;
    let Some((group, revision, first_published, published, updated)) = row else { return Ok(()) };
    let content = content::load(tx, id, revision)?;
    write_row(tx, &Live { id, group, revision, content: &content, times: Times { first_published, published, updated } })?;
    Ok(())
}

/// Live stories that one statement moves from a tag to another.
const MOVED_AT_ONCE: usize = 1_000;

/// Rewrites every live use of a tag. Stories that have both tags lose one and are written anew; in the cards of all others
/// one slot takes the place of another, whatever their number.
///
/// # Errors
/// What the database says.
pub fn replace_tag(tx: &mut PgConnection, from: Uuid, into: Uuid) -> Result<()> {
    let (old, new) = diesel::alias!(live_article_tags as old, live_article_tags as new);
    let with_both: Vec<Uuid> = old
        .inner_join(new.on(old.field(live_article_tags::article_id).eq(new.field(live_article_tags::article_id))))
        .filter(old.field(live_article_tags::tag_id).eq(from))
        .filter(new.field(live_article_tags::tag_id).eq(into))
        .order(old.field(live_article_tags::article_id))
        .select(old.field(live_article_tags::article_id))
        .load(tx)?;
    for id in with_both {
        refresh(tx, id)?;
    }
    let left: Vec<Uuid> =
        live_article_tags::table.filter(live_article_tags::tag_id.eq(from)).order(live_article_tags::article_id).select(live_article_tags::article_id).load(tx)?;
    for stories in left.chunks(MOVED_AT_ONCE) {
        move_to_tag(tx, stories, from, into)?;
    }
    super::collections::replace_tag(tx, from, into)?;
    counts::move_tag(tx, from, into)
}

fn move_to_tag(tx: &mut PgConnection, stories: &[Uuid], from: Uuid, into: Uuid) -> Result<()> {
    let mut sql = Statement::<BigInt>::new("UPDATE live_articles SET card = replace(card, ");
    sql.bind(Bind::Text(Slot::Tag(from).write())).sql(", ").bind(Bind::Text(Slot::Tag(into).write()));
    sql.sql("), primary_tag_id = CASE primary_tag_id WHEN ").bind(Bind::Id(from)).sql(" THEN ").bind(Bind::Id(into));
    sql.sql(" ELSE primary_tag_id END WHERE id = ANY(").bind(Bind::Ids(stories.to_vec())).sql(")");
    sql.execute(tx)?;
    diesel::update(live_article_tags::table.filter(live_article_tags::tag_id.eq(from)).filter(live_article_tags::article_id.eq_any(stories)))
        .set(live_article_tags::tag_id.eq(into))
        .execute(tx)?;
    Ok(())
}

fn write_row(tx: &mut PgConnection, live: &Live<'_>) -> Result<bool> {
    let story = Story::gather(tx, live.id, live.group, live.content, live.times)?;
    let prepared = story.prepare()?;
    let body = serde_json::to_value(&live.content.body).map_err(Error::internal)?;
    let existed: bool = diesel::select(diesel::dsl::exists(live_articles::table.find(live.id))).get_result(tx)?;
    diesel::insert_into(live_articles::table)
        .values((
            live_articles::id.eq(live.id),
            live_articles::slug.eq(&live.content.slug),
            live_articles::kind.eq(live.content.kind),
            live_articles::language.eq(&live.content.language),
            live_articles::primary_tag_id.eq(story.tags.first()),
            live_articles::translation_group.eq(live.group),
            live_articles::revision.eq(live.revision),
            live_articles::published_at.eq(live.times.published),
            live_articles::first_published_at.eq(live.times.first_published),
            live_articles::updated_at.eq(live.times.updated),
            live_articles::card.eq(prepared.card),
            live_articles::html.eq(prepared.html),
            live_articles::body.eq(body),
        ))
        .on_conflict(live_articles::id)
        .do_update()
        .set((
            live_articles::slug.eq(excluded(live_articles::slug)),
            live_articles::kind.eq(excluded(live_articles::kind)),
            live_articles::language.eq(excluded(live_articles::language)),
            live_articles::primary_tag_id.eq(excluded(live_articles::primary_tag_id)),
            live_articles::translation_group.eq(excluded(live_articles::translation_group)),
            live_articles::revision.eq(excluded(live_articles::revision)),
            live_articles::published_at.eq(excluded(live_articles::published_at)),
            live_articles::first_published_at.eq(excluded(live_articles::first_published_at)),
            live_articles::updated_at.eq(excluded(live_articles::updated_at)),
            live_articles::card.eq(excluded(live_articles::card)),
            live_articles::html.eq(excluded(live_articles::html)),
            live_articles::body.eq(excluded(live_articles::body)),
        ))
        .execute(tx)?;
    write_uses(tx, live, &story)?;
    Ok(existed)
}

/// The rows of tags, authors and pictures, and the counts that go with them.
fn write_uses(tx: &mut PgConnection, live: &Live<'_>, story: &Story<'_>) -> Result<()> {
    let (id, times) = (live.id, live.times);
    let people: Vec<Uuid> = story.people.iter().map(|p| p.id).collect();
    let had_tags: Vec<(Uuid, Timestamp)> = diesel::delete(live_article_tags::table.filter(live_article_tags::article_id.eq(id)))
        .returning((live_article_tags::tag_id, live_article_tags::published_at))
        .get_results(tx)?;
    let had_people: Vec<(Uuid, Timestamp)> = diesel::delete(live_article_authors::table.filter(live_article_authors::article_id.eq(id)))
        .returning((live_article_authors::author_id, live_article_authors::published_at))
        .get_results(tx)?;
    diesel::delete(live_article_media::table.filter(live_article_media::article_id.eq(id))).execute(tx)?;
    use live_article_authors as a;
    use live_article_tags as t;
    let rows: Vec<_> = story.tags.iter().map(|tag| (t::article_id.eq(id), t::tag_id.eq(*tag), t::published_at.eq(times.published), t::updated_at.eq(times.updated))).collect();
    diesel::insert_into(t::table).values(rows).execute(tx)?;
    let rows: Vec<_> = people.iter().map(|person| (a::article_id.eq(id), a::author_id.eq(*person), a::published_at.eq(times.published), a::updated_at.eq(times.updated))).collect();
    diesel::insert_into(a::table).values(rows).execute(tx)?;
    let rows: Vec<_> = live.content.media_ids().into_iter().map(|media| (live_article_media::article_id.eq(id), live_article_media::media_id.eq(media))).collect();
    diesel::insert_into(live_article_media::table).values(rows).execute(tx)?;
    counts::tags(tx, &shift(&had_tags, &story.tags, times.published))?;
    counts::authors(tx, &shift(&had_people, &people, times.published))
}

/// What a story with these references had, each with the story's date then, against what it has.
fn shift(had: &[(Uuid, Timestamp)], has: &[Uuid], at: Timestamp) -> Shift {
    let held = |id: &Uuid| had.iter().find(|(had, _)| had == id);
    Shift {
        lost: sorted(had.iter().map(|(id, _)| *id).filter(|id| !has.contains(id)).collect()),
        gained: sorted(has.iter().copied().filter(|id| held(id).is_none()).collect()),
        redated: sorted(has.iter().copied().filter(|id| held(id).is_some_and(|(_, then)| *then != at)).collect()),
        at,
    }
}

/// In one order everywhere, so that two publishes cannot wait for each other.
fn sorted(mut ids: Vec<Uuid>) -> Vec<Uuid> {
    ids.sort_unstable();
    ids
}

/// The slug is from now on one that the story was live under; earlier ones lead to it.
fn keep_slugs(tx: &mut PgConnection, live: &Live<'_>) -> Result<()> {
    diesel::update(article_slugs::table.find(&live.content.slug)).filter(article_slugs::article_id.eq(live.id)).set(article_slugs::was_live.eq(true)).execute(tx)?;
    let earlier: Vec<String> = article_slugs::table
        .filter(article_slugs::article_id.eq(live.id))
        .filter(article_slugs::was_live)
        .filter(article_slugs::slug.ne(&live.content.slug))
        .select(article_slugs::slug)
        .load(tx)?;
    diesel::delete(live_article_slugs::table.filter(live_article_slugs::article_id.eq(live.id))).execute(tx)?;
    let rows: Vec<_> = earlier.iter().map(|slug| (live_article_slugs::slug.eq(slug), live_article_slugs::article_id.eq(live.id))).collect();
    diesel::insert_into(live_article_slugs::table).values(rows).execute(tx)?;
    Ok(())
}

fn translations_of(tx: &mut PgConnection, id: Uuid, group: Uuid) -> Result<Vec<Uuid>> {
    let others = live_articles::table.filter(live_articles::translation_group.eq(group)).filter(live_articles::id.ne(id));
    Ok(others.order(live_articles::id).select(live_articles::id).load(tx)?)
}

fn note_change(tx: &mut PgConnection, kind: ChangeKind, id: Uuid, slug: &str, revision: Option<i32>, at: Timestamp) -> Result<()> {
    let generation = generation::content_changed(tx)?;
    diesel::insert_into(changes::table)
        .values((
            changes::generation.eq(generation),
            changes::at.eq(at),
            changes::kind.eq(kind),
            changes::article_id.eq(id),
            changes::slug.eq(slug),
            changes::revision.eq(revision),
        ))
        .execute(tx)?;
    Ok(())
}

/// A live story joins another group of translations: it and its old and new companions are written anew.
///
/// # Errors
/// What the database says.
pub fn regroup(tx: &mut PgConnection, id: Uuid, group: Uuid) -> Result<()> {
    let old: Option<Uuid> = live_articles::table.find(id).select(live_articles::translation_group).first(tx).optional()?;
    let Some(old) = old else { return Ok(()) };
    for one in sorted(vec![old, group]) {
        hold_group(tx, one)?;
    }
    diesel::update(live_articles::table.find(id)).set(live_articles::translation_group.eq(group)).execute(tx)?;
    let mut companions = translations_of(tx, id, old)?;
    companions.extend(translations_of(tx, id, group)?);
    for one in std::iter::once(id).chain(companions) {
        refresh(tx, one)?;
    }
    generation::content_changed(tx)?;
    Ok(())
}
