//! Writes and removes live rows. Everything a reader can see changes here, in the transaction that decides it.

use std::collections::{BTreeSet, HashMap};

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use uuid::Uuid;

use super::content::{self, Content};
use super::counts::{self, Shift};
use super::story::{Subject, Surroundings, Times};
use super::{generation, live_rows, searching};
use crate::card::Slot;
use crate::db::statement::{Bind, Statement};
use crate::error::{Error, Result};
use crate::schema::{changes, corrections, live_article_authors, live_article_slugs, live_article_tags, live_articles, live_corrections};
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

impl<'a> Live<'a> {
    /// As far as it decides what else has to be read.
    #[must_use]
    pub const fn subject(&self) -> Subject<'a> {
        Subject { id: self.id, group: self.group, content: self.content }
    }
}

/// What stories refer to, read once for all that is done with them until the transaction ends: their groups are held.
///
/// # Errors
/// What the database says.
pub fn gather(tx: &mut PgConnection, stories: &[Subject<'_>]) -> Result<Surroundings> {
    hold(tx, stories.iter().map(|story| story.group).collect(), stories.iter().map(|story| story.id).collect())?;
    Surroundings::load(tx, stories)
}

/// Puts stories before the world, or new versions of them in the place of the old ones: as many statements for a hundred
/// as for one, and none for what stays as it is. `around` is what [`gather`] read of them.
///
/// # Errors
/// 409 when another story is live under one of the slugs; what the database says.
pub fn show(tx: &mut PgConnection, stories: &[Live<'_>], around: &Surroundings) -> Result<()> {
    show_at(tx, stories, around, None)
}

/// The same for stories that come back as they were: `at` is then the moment of the change, which their own times are not.
pub(super) fn show_at<'a>(tx: &mut PgConnection, stories: &[Live<'a>], around: &Surroundings, at: Option<Timestamp>) -> Result<()> {
    keep_bylines(tx, stories, around)?;
    live_rows::write(tx, stories, around)?;
    let moved: Vec<_> = stories.iter().filter(|live| around.live_slug(live.id) != Some(live.content.slug.as_str())).collect();
    keep_slugs(tx, &moved)?;
    show_corrections(tx, stories.iter().map(|live| live.id).filter(|id| around.live_slug(*id).is_none()).collect())?;
    refresh_all(tx, &companions(stories, around))?;
    let change = |live: &Live<'a>| Change {
        kind: if around.live_slug(live.id).is_some() { ChangeKind::Updated } else { ChangeKind::Published },
        id: live.id,
        slug: &live.content.slug,
        revision: live.revision,
        at: at.unwrap_or(live.times.updated),
    };
    note_changes(tx, &stories.iter().map(change).collect::<Vec<_>>())
}

/// Stories of one group come, go and name each other one after the other: two that went live at the same moment would
/// otherwise not see each other.
///
/// Held as well are the live rows of these stories, so that nobody changes them between their reading and their writing.
fn hold(tx: &mut PgConnection, groups: Vec<Uuid>, stories: Vec<Uuid>) -> Result<()> {
    let mut hold = Statement::<BigInt>::new("WITH g AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('translations ' || id, 0)) FROM unnest(");
    hold.bind(Bind::Ids(sorted(groups))).sql(") AS g (id)), l AS MATERIALIZED (SELECT FROM live_articles WHERE (SELECT count(*) FROM g) > 0 AND id = ANY(");
    hold.bind(Bind::Ids(sorted(stories))).sql(") ORDER BY id FOR NO KEY UPDATE) SELECT (SELECT count(*) FROM g) + (SELECT count(*) FROM l)");
    hold.get_result::<i64>(tx)?;
    Ok(())
}

/// Names and job titles are kept as they stand at the first publish with this author.
fn keep_bylines(tx: &mut PgConnection, stories: &[Live<'_>], around: &Surroundings) -> Result<()> {
    let all = stories.iter().flat_map(|live| live.content.authors.iter().map(|a| (live.id, a.author_id)));
    let (articles, people): (Vec<Uuid>, Vec<Uuid>) = all.filter(|(story, author)| !around.has_byline(*story, *author)).unzip();
    if articles.is_empty() {
        return Ok(());
    }
    let mut sql = Statement::<BigInt>::new("INSERT INTO bylines (article_id, author_id, name, job_title) SELECT u.article_id, a.id, a.name, a.job_title FROM unnest(");
    sql.bind(Bind::Ids(articles)).sql(", ").bind(Bind::Ids(people)).sql(") AS u (article_id, author_id) JOIN authors a ON a.id = u.author_id ON CONFLICT DO NOTHING");
    sql.execute(tx)?;
    Ok(())
}

/// Each live row has every correction of its article.
fn show_corrections(tx: &mut PgConnection, ids: Vec<Uuid>) -> Result<()> {
    use live_corrections as l;
    if ids.is_empty() {
        return Ok(());
    }
    let all = corrections::table.filter(corrections::article_id.eq_any(ids)).select((
        corrections::id,
        corrections::article_id,
        corrections::kind,
        corrections::text,
        corrections::created_at,
    ));
    diesel::insert_into(l::table).values(all).into_columns((l::id, l::article_id, l::kind, l::text, l::at)).on_conflict_do_nothing().execute(tx)?;
    Ok(())
}

/// A correction was added to a live story: it shows, and nothing else changes.
///
/// # Errors
/// What the database says.
pub fn correct(tx: &mut PgConnection, id: Uuid, now: Timestamp) -> Result<()> {
    diesel::update(live_articles::table.find(id)).set(live_articles::updated_at.eq(now)).execute(tx)?;
    show_corrections(tx, vec![id])?;
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
    hold(tx, vec![group], vec![id])?;
    let lost_tags: Vec<Uuid> = diesel::delete(live_article_tags::table.filter(live_article_tags::article_id.eq(id))).returning(live_article_tags::tag_id).get_results(tx)?;
    let lost_authors: Vec<Uuid> =
        diesel::delete(live_article_authors::table.filter(live_article_authors::article_id.eq(id))).returning(live_article_authors::author_id).get_results(tx)?;
    diesel::delete(live_articles::table.find(id)).execute(tx)?;
    counts::tags(tx, &Shift::lost(&lost_tags))?;
    counts::authors(tx, &Shift::lost(&lost_authors))?;
    let others = translations_of(tx, id, group)?;
    refresh_all(tx, &others)?;
    note_change(tx, kind, id, &slug, None, now)
}

/// Writes a live row anew from the revision that is live: what it refers to has changed, not what it says.
///
/// # Errors
/// What the database says.
pub fn refresh(tx: &mut PgConnection, id: Uuid) -> Result<()> {
    refresh_all(tx, &[id])
}

type LiveAt = (Uuid, Uuid, i32, Timestamp, Timestamp, Timestamp);

/// Writes these live rows anew, those of them that are there.
///
/// # Errors
/// What the database says.
pub fn refresh_all(tx: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    use live_articles as l;
    if ids.is_empty() {
        return Ok(());
    }
    let rows: Vec<LiveAt> = l::table
        .filter(l::id.eq_any(ids))
        .order(l::id)
        .select((l::id, l::translation_group, l::revision, l::first_published_at, l::published_at, l::updated_at))
        // Held, so that a publish at the same moment is either seen here or comes after.
        .for_no_key_update()
        .load(tx)?;
    let contents = content::load_all(tx, &rows.iter().map(|row| (row.0, row.2)).collect::<Vec<_>>())?;
    let stories: Vec<_> = rows
        .into_iter()
        .zip(&contents)
        .map(|((id, group, revision, first_published, published, updated), content)| {
            let times = Times { first_published, published, updated };
            Live { id, group, revision, content, times }
        })
        .collect();
    let around = Surroundings::load(tx, &stories.iter().map(Live::subject).collect::<Vec<_>>())?;
    live_rows::write(tx, &stories, &around)
}

/// Live stories that are written anew with the same statements: bounds what is in memory.
const WRITTEN_AT_ONCE: usize = 50;
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
    for stories in with_both.chunks(WRITTEN_AT_ONCE) {
        refresh_all(tx, stories)?;
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
    searching::replace_tag(tx, stories, from, into)
}

/// In one order everywhere, so that two publishes cannot wait for each other.
fn sorted(mut ids: Vec<Uuid>) -> Vec<Uuid> {
    ids.sort_unstable();
    ids
}

/// The slugs are from now on ones that the stories were live under; earlier ones lead to them.
fn keep_slugs(tx: &mut PgConnection, stories: &[&Live<'_>]) -> Result<()> {
    if stories.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = stories.iter().map(|live| live.id).collect();
    let slugs: Vec<String> = stories.iter().map(|live| live.content.slug.clone()).collect();
    let mut known = Statement::<BigInt>::new("UPDATE article_slugs s SET was_live = true FROM unnest(");
    known.bind(Bind::Ids(ids.clone())).sql(", ").bind(Bind::Texts(slugs)).sql(") AS n (id, slug) WHERE s.slug = n.slug AND s.article_id = n.id AND NOT s.was_live");
    known.execute(tx)?;
    diesel::delete(live_article_slugs::table.filter(live_article_slugs::article_id.eq_any(&ids))).execute(tx)?;
    let mut earlier = Statement::<BigInt>::new(
        "INSERT INTO live_article_slugs (slug, article_id) SELECT s.slug, s.article_id FROM article_slugs s JOIN live_articles l ON l.id = s.article_id \
         WHERE s.was_live AND s.slug <> l.slug AND s.article_id = ANY(",
    );
    earlier.bind(Bind::Ids(ids)).sql(")");
    earlier.execute(tx)?;
    Ok(())
}

/// The live stories whose cards do not yet name all of these: their translations, and those of these that came together.
fn companions(stories: &[Live<'_>], around: &Surroundings) -> Vec<Uuid> {
    let mut came: HashMap<Uuid, BTreeSet<Uuid>> = HashMap::new();
    for live in stories {
        came.entry(live.group).or_default().insert(live.id);
    }
    let others = |group: Uuid, these: BTreeSet<Uuid>| {
        let before = around.live_in(group).filter(|id| !these.contains(id)).collect::<Vec<_>>();
        let together = if these.len() > 1 { these } else { BTreeSet::new() };
        before.into_iter().chain(together)
    };
    sorted(came.into_iter().flat_map(|(group, these)| others(group, these)).collect())
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

/// Something that happened to a live story in the world.
#[derive(Debug)]
pub(super) struct Change<'a> {
    pub kind: ChangeKind,
    pub id: Uuid,
    pub slug: &'a str,
    pub revision: i32,
    pub at: Timestamp,
}

/// Tells the world of many changes, in their order.
pub(super) fn note_changes(tx: &mut PgConnection, changes: &[Change<'_>]) -> Result<()> {
    let count = i64::try_from(changes.len()).map_err(Error::internal)?;
    generation::content_changed_with(tx, count, |sql| {
        sql.sql(", noted AS (INSERT INTO changes (generation, at, kind, article_id, slug, revision) SELECT moved.value - ");
        sql.bind(Bind::Big(count)).sql(" + c.place, c.at, c.kind, c.id, c.slug, c.revision FROM moved, unnest(");
        sql.bind(Bind::Times(changes.iter().map(|change| change.at).collect())).sql(", ");
        sql.bind(Bind::Texts(changes.iter().map(|change| change.kind.as_str().to_owned()).collect())).sql(", ");
        sql.bind(Bind::Ids(changes.iter().map(|change| change.id).collect())).sql(", ");
        sql.bind(Bind::Texts(changes.iter().map(|change| change.slug.to_owned()).collect())).sql(", ");
        sql.bind(Bind::Ints(changes.iter().map(|change| change.revision).collect())).sql(") WITH ORDINALITY AS c (at, kind, id, slug, revision, place))");
    })?;
    Ok(())
}

/// A live story joins another group of translations: it and its old and new companions are written anew.
///
/// # Errors
/// What the database says.
pub fn regroup(tx: &mut PgConnection, id: Uuid, group: Uuid) -> Result<()> {
    let old: Option<Uuid> = live_articles::table.find(id).select(live_articles::translation_group).first(tx).optional()?;
    let Some(old) = old else { return Ok(()) };
    hold(tx, vec![old, group], vec![id])?;
    diesel::update(live_articles::table.find(id)).set(live_articles::translation_group.eq(group)).execute(tx)?;
    let mut companions = translations_of(tx, id, old)?;
    companions.extend(translations_of(tx, id, group)?);
    companions.push(id);
    refresh_all(tx, &companions)?;
    generation::content_changed(tx)?;
    Ok(())
}
