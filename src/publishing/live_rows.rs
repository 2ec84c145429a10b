//! The rows of live stories: the story's own, and those of its tags, authors and pictures, with the counts that go with
//! them. Says nothing of who may see what or when: `projection` decides that.

use std::collections::HashSet;

use diesel::RunQueryDsl;
use diesel::pg::PgConnection;
use diesel::sql_types::BigInt;
use uuid::Uuid;

use super::counts::{self, Shift};
use super::projection::Live;
use super::searching;
use super::story::{Filed, Prepared, Story, Surroundings};
use crate::db::statement::{Bind, Statement};
use crate::error::{Error, Result};
use crate::timestamp::Timestamp;

/// Writes them, over the old ones where there are any: as many statements for a hundred stories as for one, and none for
/// rows that stay as they are.
///
/// # Errors
/// 409 when another story is live under one of the slugs; what the database says.
pub(super) fn write(tx: &mut PgConnection, stories: &[Live<'_>], around: &Surroundings) -> Result<()> {
    let gathered: Vec<_> = stories.iter().map(|live| (live, around.story(live.subject(), live.times))).collect();
    write_stories(tx, &gathered)?;
    write_uses(tx, &gathered, around)?;
    for (_, story) in &gathered {
        searching::write(tx, story)?;
    }
    Ok(())
}

fn write_stories(tx: &mut PgConnection, stories: &[(&Live<'_>, Story<'_>)]) -> Result<()> {
    let prepared = stories.iter().map(|(_, story)| story.prepare()).collect::<Result<Vec<_>>>()?;
    let (cards, html) = prepared.into_iter().map(|Prepared { card, html }| (card, html)).unzip();
    let bodies = stories.iter().map(|(live, _)| serde_json::to_string(&live.content.body)).collect::<Result<Vec<_>, _>>().map_err(Error::internal)?;
    let times = |time: fn(&Live<'_>) -> Timestamp| Bind::Times(stories.iter().map(|(live, _)| time(live)).collect());
    let texts = |text: fn(&Live<'_>) -> String| Bind::Texts(stories.iter().map(|(live, _)| text(live)).collect());
    let mut sql = Statement::<BigInt>::new(
        "INSERT INTO live_articles (id, slug, kind, language, primary_tag_id, translation_group, revision, published_at, first_published_at, updated_at, card, html, body, searchable) \
         SELECT id, slug, kind, language, tag, grp, revision, published, first_published, updated, card, html, body::jsonb, true FROM unnest(",
    );
    let columns = [
        Bind::Ids(stories.iter().map(|(live, _)| live.id).collect()),
        texts(|live| live.content.slug.clone()),
        texts(|live| live.content.kind.as_str().to_owned()),
        texts(|live| live.content.language.clone()),
        Bind::MaybeIds(stories.iter().map(|(_, story)| story.tags.first().copied()).collect()),
        Bind::Ids(stories.iter().map(|(live, _)| live.group).collect()),
        Bind::Ints(stories.iter().map(|(live, _)| live.revision).collect()),
        times(|live| live.times.published),
        times(|live| live.times.first_published),
        times(|live| live.times.updated),
        Bind::Texts(cards),
        Bind::Texts(html),
    ];
    for column in columns {
        sql.bind(column).sql(", ");
    }
    sql.bind(Bind::Texts(bodies)).sql(
        ") AS s (id, slug, kind, language, tag, grp, revision, published, first_published, updated, card, html, body) \
         ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, kind = excluded.kind, language = excluded.language, primary_tag_id = excluded.primary_tag_id, \
         translation_group = excluded.translation_group, revision = excluded.revision, published_at = excluded.published_at, \
         first_published_at = excluded.first_published_at, updated_at = excluded.updated_at, card = excluded.card, html = excluded.html, body = excluded.body, searchable = true",
    );
    sql.execute(tx)?;
    Ok(())
}

/// The rows of tags, authors and pictures, and the counts that go with them.
fn write_uses(tx: &mut PgConnection, stories: &[(&Live<'_>, Story<'_>)], around: &Surroundings) -> Result<()> {
    let (mut tags, mut people) = (Shift::default(), Shift::default());
    let (mut tag_rows, mut people_rows, mut pictures) = (Rows::default(), Rows::default(), Rows::default());
    let mut moved = Vec::new();
    for (live, story) in stories {
        let authors: Vec<Uuid> = story.people.iter().map(|person| person.id).collect();
        let had = around.filed(live.id);
        tags.add(&dated(&had.tags), &story.tags, live.times.published);
        people.add(&dated(&had.authors), &authors, live.times.published);
        tag_rows.add(live, had.tags.iter().map(|filed| filed.under), &story.tags);
        people_rows.add(live, had.authors.iter().map(|filed| filed.under), &authors);
        pictures.add(live, had.pictures.iter().copied(), &live.content.media_ids());
        if had.tags.iter().chain(&had.authors).any(|filed| filed.published != live.times.published || filed.updated != live.times.updated) {
            moved.push(*live);
        }
    }
    tag_rows.delete(tx, "DELETE FROM live_article_tags l USING unnest(", ") AS gone (article_id, id) WHERE l.article_id = gone.article_id AND l.tag_id = gone.id")?;
    people_rows.delete(tx, "DELETE FROM live_article_authors l USING unnest(", ") AS gone (article_id, id) WHERE l.article_id = gone.article_id AND l.author_id = gone.id")?;
    pictures.delete(tx, "DELETE FROM live_article_media l USING unnest(", ") AS gone (article_id, id) WHERE l.article_id = gone.article_id AND l.media_id = gone.id")?;
    redate(tx, &moved)?;
    tag_rows.insert(tx, "INSERT INTO live_article_tags (article_id, tag_id, published_at, updated_at) SELECT * FROM unnest(")?;
    people_rows.insert(tx, "INSERT INTO live_article_authors (article_id, author_id, published_at, updated_at) SELECT * FROM unnest(")?;
    if !pictures.articles.is_empty() {
        let mut sql = Statement::<BigInt>::new("INSERT INTO live_article_media (article_id, media_id) SELECT * FROM unnest(");
        sql.bind(Bind::Ids(pictures.articles)).sql(", ").bind(Bind::Ids(pictures.filed)).sql(")");
        sql.execute(tx)?;
    }
    counts::tags(tx, &tags)?;
    counts::authors(tx, &people)
}

fn dated(had: &[Filed]) -> Vec<(Uuid, Timestamp)> {
    had.iter().map(|filed| (filed.under, filed.published)).collect()
}

/// What stories stay filed under goes by their dates as they are now.
fn redate(tx: &mut PgConnection, stories: &[&Live<'_>]) -> Result<()> {
    if stories.is_empty() {
        return Ok(());
    }
    let mut sql = Statement::<BigInt>::new("WITH n AS MATERIALIZED (SELECT * FROM unnest(");
    sql.bind(Bind::Ids(stories.iter().map(|live| live.id).collect())).sql(", ");
    sql.bind(Bind::Times(stories.iter().map(|live| live.times.published).collect())).sql(", ");
    sql.bind(Bind::Times(stories.iter().map(|live| live.times.updated).collect())).sql(
        ") AS n (id, published, updated)), \
         tags AS (UPDATE live_article_tags t SET published_at = n.published, updated_at = n.updated FROM n WHERE t.article_id = n.id) \
         UPDATE live_article_authors a SET published_at = n.published, updated_at = n.updated FROM n WHERE a.article_id = n.id",
    );
    sql.execute(tx)?;
    Ok(())
}

/// Stories under what they are filed under from now on, and what they are no longer filed under.
#[derive(Default)]
struct Rows {
    articles: Vec<Uuid>,
    filed: Vec<Uuid>,
    published: Vec<Timestamp>,
    updated: Vec<Timestamp>,
    gone: (Vec<Uuid>, Vec<Uuid>),
}

impl Rows {
    /// Takes in what differs between what a story was filed under and what it is to be.
    fn add(&mut self, live: &Live<'_>, had: impl Iterator<Item = Uuid>, has: &[Uuid]) {
        let had: HashSet<Uuid> = had.collect();
        for id in has.iter().filter(|id| !had.contains(id)) {
            self.articles.push(live.id);
            self.filed.push(*id);
            self.published.push(live.times.published);
            self.updated.push(live.times.updated);
        }
        for id in had.into_iter().filter(|id| !has.contains(id)) {
            self.gone.0.push(live.id);
            self.gone.1.push(id);
        }
    }

    fn delete(&mut self, tx: &mut PgConnection, begin: &'static str, end: &'static str) -> Result<()> {
        let (articles, filed) = std::mem::take(&mut self.gone);
        if articles.is_empty() {
            return Ok(());
        }
        let mut sql = Statement::<BigInt>::new(begin);
        sql.bind(Bind::Ids(articles)).sql(", ").bind(Bind::Ids(filed)).sql(end);
        sql.execute(tx)?;
        Ok(())
    }

    fn insert(self, tx: &mut PgConnection, begin: &'static str) -> Result<()> {
        if self.articles.is_empty() {
            return Ok(());
        }
        let mut sql = Statement::<BigInt>::new(begin);
        sql.bind(Bind::Ids(self.articles)).sql(", ").bind(Bind::Ids(self.filed)).sql(", ");
        sql.bind(Bind::Times(self.published)).sql(", ").bind(Bind::Times(self.updated)).sql(")");
        sql.execute(tx)?;
        Ok(())
    }
}
