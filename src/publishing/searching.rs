//! What search finds a live story by, written in the transaction that puts the story before the world; gone with its row.
//! Names of tags and authors count as they were when the story was last written.

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::content;
use super::revisions;
use super::story::{Story, Subject, Surroundings, Times};
use crate::db::statement::{Bind, Statement};
use crate::error::Result;
use crate::schema::{live_articles, live_search};
use crate::search_words::{Stemming, Tsvector, Vector, Weight, marks};
use crate::timestamp::Timestamp;

/// Words of the text that are searched: the begin of a news story says what it is about, and each word costs at every publish.
const TEXT_WORDS: usize = 150;
/// Words of anything else that are searched.
const OTHER_WORDS: usize = 200;

/// A row of `live_search`.
#[derive(Debug, Insertable)]
#[diesel(table_name = live_search, treat_none_as_default_value = false)]
pub struct Row {
    article_id: Uuid,
    published_at: Timestamp,
    updated_at: Timestamp,
    words: Vector,
}

impl Row {
    /// That of a story.
    #[must_use]
    pub fn of(story: &Story<'_>) -> Self {
        Self { article_id: story.id, published_at: story.times.published, updated_at: story.times.updated, words: vector(story) }
    }
}

fn vector(story: &Story<'_>) -> Vector {
    let content = story.content;
    let stemming = Stemming::of(&content.language);
    let mut vector = Vector::new(stemming);
    vector.text(Weight::A, &content.headline, OTHER_WORDS).text(Weight::B, &story.byline(), OTHER_WORDS);
    for name in &story.tag_names {
        vector.text(Weight::B, name, OTHER_WORDS);
    }
    for text in [&content.kicker, &content.standfirst].into_iter().flatten() {
        vector.text(Weight::C, text, OTHER_WORDS);
    }
    vector.text(Weight::D, &content.body.to_text(), TEXT_WORDS);
    vector.mark(marks::stemming(stemming)).mark(marks::language(&content.language)).mark(marks::kind(content.kind.as_str()));
    vector.mark(marks::month(marks::month_of(story.times.published)));
    for tag in &story.tags {
        vector.mark(marks::tag(*tag));
    }
    if let Some(tag) = story.tags.first() {
        vector.mark(marks::primary_tag(*tag));
    }
    for person in &story.people {
        vector.mark(marks::author(person.id));
    }
    vector
}

/// Writes the row of a story, or writes it anew.
///
/// # Errors
/// What the database says.
pub fn write(tx: &mut PgConnection, story: &Story<'_>) -> Result<()> {
    Write(Row::of(story)).execute(tx)?;
    Ok(())
}

/// By hand, because an insert with `ON CONFLICT` that diesel makes is parsed and planned each time.
#[derive(QueryId)]
struct Write(Row);

impl RunQueryDsl<PgConnection> for Write {}

impl QueryFragment<Pg> for Write {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("INSERT INTO live_search (article_id, published_at, updated_at, words) VALUES (");
        out.push_bind_param::<SqlUuid, _>(&self.0.article_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Timestamptz, _>(&self.0.published_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Timestamptz, _>(&self.0.updated_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Tsvector, _>(&self.0.words)?;
        out.push_sql(") ON CONFLICT (article_id) DO UPDATE SET published_at = excluded.published_at, updated_at = excluded.updated_at, words = excluded.words");
        Ok(())
    }
}

/// Writes the rows of new stories.
///
/// # Errors
/// What the database says.
pub fn copy(tx: &mut PgConnection, rows: Vec<&Row>) -> Result<()> {
    diesel::copy_from(live_search::table).from_insertable(rows).execute(tx)?;
    Ok(())
}

/// Takes the words that wait in the index's list into the index itself: searches need not read them one by one then. Does
/// nothing where the index belongs to another account than ours: then vacuum sees to it.
///
/// # Errors
/// What the database says.
pub fn settle(tx: &mut PgConnection) -> Result<()> {
    Statement::<BigInt>::new(
        "SELECT coalesce(sum(gin_clean_pending_list(c.oid)), 0)::bigint FROM pg_class c WHERE c.oid = 'live_search_words'::regclass AND pg_has_role(c.relowner, 'USAGE')",
    )
    .get_result::<i64>(tx)?;
    Ok(())
}

/// These stories are filed under another tag from now on. Its name they get when they are next written.
///
/// # Errors
/// What the database says.
pub fn replace_tag(tx: &mut PgConnection, stories: &[Uuid], from: Uuid, into: Uuid) -> Result<()> {
    for (old, new) in [(marks::tag(from), marks::tag(into)), (marks::primary_tag(from), marks::primary_tag(into))] {
        let mut sql = Statement::<BigInt>::new("UPDATE live_search SET words = ts_delete(words, ");
        sql.bind(Bind::Text(old.clone())).sql(") || array_to_tsvector(").bind(Bind::Texts(vec![new]));
        sql.sql(") WHERE article_id = ANY(").bind(Bind::Ids(stories.to_vec())).sql(") AND ").bind(Bind::Text(old)).sql(" = ANY(tsvector_to_array(words))");
        sql.execute(tx)?;
    }
    Ok(())
}

/// Live rows that one transaction makes known to search.
const AT_ONCE: i64 = 100;

/// Makes some of those live rows known to search that are not: written by a version of this program that knew no search.
/// Says how many there were.
///
/// # Errors
/// What the database says.
pub fn write_missing(tx: &mut PgConnection) -> Result<usize> {
    use live_articles as l;
    type Live = (Uuid, Uuid, Timestamp, Timestamp, Timestamp);
    let rows: Vec<Live> = l::table
        .filter(l::searchable.eq(false))
        .order(l::id)
        .limit(AT_ONCE)
        .select((l::id, l::translation_group, l::first_published_at, l::published_at, l::updated_at))
        // Those that are just being written are written with what search needs.
        .for_no_key_update()
        .skip_locked()
        .load(tx)?;
    let ids: Vec<_> = rows.iter().map(|row| row.0).collect();
    let (found, mut contents): (Vec<_>, Vec<_>) = revisions::read_live(tx, &ids)?.into_iter().unzip();
    content::follow_merges(tx, &mut contents)?;
    let said: std::collections::HashMap<_, _> = found.iter().copied().zip(&contents).collect();
    let known = rows.iter().filter_map(|row| Some((row, Subject { id: row.0, group: row.1, content: said.get(&row.0)? })));
    let subjects: Vec<_> = known.clone().map(|(_, subject)| subject).collect();
    let around = Surroundings::load(tx, &subjects)?;
    for ((_, _, first_published, published, updated), subject) in known {
        write(tx, &around.story(subject, Times { first_published: *first_published, published: *published, updated: *updated }))?;
    }
    diesel::update(l::table.filter(l::id.eq_any(&ids))).set(l::searchable.eq(true)).execute(tx)?;
    Ok(ids.len())
}
