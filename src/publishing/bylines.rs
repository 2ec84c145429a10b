//! Names and job titles under stories that have been live: they stay as they stood, until somebody asks for them to be
//! rewritten. Only the cards change; nothing else of a live story is touched.

use std::collections::HashMap;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use uuid::Uuid;

use super::content;
use super::projection::{Change, ChangeKind, note_changes};
use super::revisions;
use super::story::{Subject, Surroundings, Times};
use crate::db::statement::{Bind, Statement};
use crate::error::Result;
use crate::schema::{articles, bylines, live_articles};
use crate::timestamp::Timestamp;

/// Live stories whose cards are made at once.
const AT_ONCE: usize = 200;

/// An author as their stories should name them.
#[derive(Debug, Clone, Copy)]
pub struct Naming<'a> {
    /// The author.
    pub author: Uuid,
    /// Their name.
    pub name: &'a str,
    /// Their job title.
    pub job_title: Option<&'a str>,
}

/// A story that names an author otherwise.
#[derive(Debug, Queryable)]
pub struct Outdated {
    /// The article.
    pub id: Uuid,
    /// Its headline, as the desk has it.
    pub headline: String,
    /// The name under it.
    pub name: String,
    /// The job title under it.
    pub job_title: Option<String>,
    /// The revision that is live; `None` when it was only live earlier.
    pub live_revision: Option<i32>,
}

/// Bylines that stand otherwise.
macro_rules! outdated {
    ($naming:expr) => {
        bylines::table.filter(bylines::author_id.eq($naming.author)).filter(bylines::name.ne($naming.name).or(bylines::job_title.is_distinct_from($naming.job_title)))
    };
}

/// How many stories a rewriting would reach, and the newest of them.
///
/// # Errors
/// What the database says.
pub fn reach(conn: &mut PgConnection, naming: Naming<'_>, most: i64) -> Result<(i64, Vec<Outdated>)> {
    let all = outdated!(naming).count().get_result(conn)?;
    let newest = outdated!(naming)
        .inner_join(articles::table)
        .order((articles::published_at.desc().nulls_last(), articles::id.desc()))
        .limit(most)
        .select((articles::id, articles::headline, bylines::name, bylines::job_title, articles::live_revision))
        .load(conn)?;
    Ok((all, newest))
}

/// Rewrites what stands under all stories of an author. Says how many there were. The generation is the caller's to move.
///
/// # Errors
/// What the database says.
pub fn rewrite(tx: &mut PgConnection, naming: Naming<'_>) -> Result<usize> {
    let ids: Vec<Uuid> = outdated!(naming).order(bylines::article_id).select(bylines::article_id).load(tx)?;
    // Held in one order, so that a publish comes before all this or after it: never between the byline and the card.
    for some in ids.chunks(AT_ONCE) {
        articles::table.filter(articles::id.eq_any(some)).order(articles::id).select(articles::id).for_no_key_update().load::<Uuid>(tx)?;
    }
    diesel::update(bylines::table.filter(bylines::author_id.eq(naming.author)).filter(bylines::article_id.eq_any(&ids)))
        .set((bylines::name.eq(naming.name), bylines::job_title.eq(naming.job_title)))
        .execute(tx)?;
    for some in ids.chunks(AT_ONCE) {
        rewrite_cards(tx, some)?;
    }
    Ok(ids.len())
}

type Row = (Uuid, Uuid, Timestamp, Timestamp, Timestamp, String, i32);

/// Makes the cards of those of these stories that are live anew.
fn rewrite_cards(tx: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    use live_articles as l;
    let rows: Vec<Row> = l::table
        .filter(l::id.eq_any(ids))
        .order(l::id)
        .select((l::id, l::translation_group, l::first_published_at, l::published_at, l::updated_at, l::slug, l::revision))
        .for_no_key_update()
        .load(tx)?;
    if rows.is_empty() {
        return Ok(());
    }
    let live: Vec<_> = rows.iter().map(|row| row.0).collect();
    let (order, mut contents): (Vec<_>, Vec<_>) = revisions::read_live(tx, &live)?.into_iter().unzip();
    content::follow_merges(tx, &mut contents)?;
    let contents: HashMap<_, _> = order.into_iter().zip(contents).collect();
    let stories: Vec<_> = rows
        .iter()
        .filter_map(|&(id, group, first_published, published, updated, ..)| {
            Some((Subject { id, group, content: contents.get(&id)? }, Times { first_published, published, updated }))
        })
        .collect();
    let subjects: Vec<_> = stories.iter().map(|(subject, _)| *subject).collect();
    let surroundings = Surroundings::load(tx, &subjects)?;
    let cards = stories.iter().map(|(subject, times)| surroundings.story(*subject, *times).card()).collect::<Result<Vec<_>>>()?;
    let mut sql = Statement::<BigInt>::new("UPDATE live_articles l SET card = new.card FROM unnest(");
    sql.bind(Bind::Ids(subjects.iter().map(|subject| subject.id).collect())).sql(", ").bind(Bind::Texts(cards)).sql(") AS new (id, card) WHERE l.id = new.id");
    sql.execute(tx)?;
    // No new version of any story, but mirrors and caches have to fetch them again.
    let at = crate::db::now(tx)?;
    let changes: Vec<_> = rows.iter().map(|row| Change { kind: ChangeKind::Updated, id: row.0, slug: &row.5, revision: row.6, at }).collect();
    note_changes(tx, &changes)
}
