//! The rows of live stories: the story's own, and those of its tags, authors and pictures, with the counts that go with
//! them. Says nothing of who may see what or when: `projection` decides that.

use std::collections::{HashMap, HashSet};

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use uuid::Uuid;

use super::counts::{self, Shift};
use super::projection::Live;
use super::searching;
use super::story::{Prepared, Story, Subject, Surroundings};
use crate::db::statement::{Bind, Statement};
use crate::error::{Error, Result};
use crate::schema::{live_article_authors, live_article_media, live_article_tags, live_articles};
use crate::timestamp::Timestamp;

/// Writes them, over the old ones where there are any: as many statements for a hundred stories as for one. Says which
/// were there.
///
/// # Errors
/// 409 when another story is live under one of the slugs; what the database says.
pub(super) fn write(tx: &mut PgConnection, stories: &[Live<'_>]) -> Result<HashSet<Uuid>> {
    let ids: Vec<Uuid> = stories.iter().map(|live| live.id).collect();
    let subjects: Vec<_> = stories.iter().map(|live| Subject { id: live.id, group: live.group, content: live.content }).collect();
    let around = Surroundings::load(tx, &subjects)?;
    let gathered: Vec<_> = stories.iter().zip(subjects).map(|(live, subject)| (live, around.story(subject, live.times))).collect();
    let were_there: Vec<Uuid> = live_articles::table.filter(live_articles::id.eq_any(&ids)).select(live_articles::id).load(tx)?;
    write_stories(tx, &gathered)?;
    write_uses(tx, &gathered, &were_there)?;
    for (_, story) in &gathered {
        searching::write(tx, story)?;
    }
    Ok(were_there.into_iter().collect())
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

/// What stories were filed under, each with its date then.
type Filed = HashMap<Uuid, Vec<(Uuid, Timestamp)>>;

fn by_story(rows: Vec<(Uuid, Uuid, Timestamp)>) -> Filed {
    rows.into_iter().fold(Filed::new(), |mut all, (story, id, at)| {
        all.entry(story).or_default().push((id, at));
        all
    })
}

/// The rows of tags, authors and pictures, and the counts that go with them.
fn write_uses(tx: &mut PgConnection, stories: &[(&Live<'_>, Story<'_>)], were_there: &[Uuid]) -> Result<()> {
    use live_article_authors as a;
    use live_article_tags as t;
    let (mut had_tags, mut had_people) = (Filed::new(), Filed::new());
    if !were_there.is_empty() {
        had_tags = by_story(diesel::delete(t::table.filter(t::article_id.eq_any(were_there))).returning((t::article_id, t::tag_id, t::published_at)).get_results(tx)?);
        had_people = by_story(diesel::delete(a::table.filter(a::article_id.eq_any(were_there))).returning((a::article_id, a::author_id, a::published_at)).get_results(tx)?);
        diesel::delete(live_article_media::table.filter(live_article_media::article_id.eq_any(were_there))).execute(tx)?;
    }
    let (mut tags, mut people) = (Shift::default(), Shift::default());
    let (mut tag_rows, mut people_rows) = (Rows::default(), Rows::default());
    for (live, story) in stories {
        let authors: Vec<Uuid> = story.people.iter().map(|person| person.id).collect();
        tags.add(had_tags.get(&live.id).map_or(&[], Vec::as_slice), &story.tags, live.times.published);
        people.add(had_people.get(&live.id).map_or(&[], Vec::as_slice), &authors, live.times.published);
        tag_rows.add(live, &story.tags);
        people_rows.add(live, &authors);
    }
    tag_rows.insert(tx, "INSERT INTO live_article_tags (article_id, tag_id, published_at, updated_at) SELECT * FROM unnest(")?;
    people_rows.insert(tx, "INSERT INTO live_article_authors (article_id, author_id, published_at, updated_at) SELECT * FROM unnest(")?;
    let (articles, pictures): (Vec<Uuid>, Vec<Uuid>) = stories.iter().flat_map(|(live, _)| live.content.media_ids().into_iter().map(|media| (live.id, media))).unzip();
    if !pictures.is_empty() {
        let mut sql = Statement::<BigInt>::new("INSERT INTO live_article_media (article_id, media_id) SELECT * FROM unnest(");
        sql.bind(Bind::Ids(articles)).sql(", ").bind(Bind::Ids(pictures)).sql(")");
        sql.execute(tx)?;
    }
    counts::tags(tx, &tags)?;
    counts::authors(tx, &people)
}

/// Stories under what they are filed under.
#[derive(Default)]
struct Rows {
    articles: Vec<Uuid>,
    filed: Vec<Uuid>,
    published: Vec<Timestamp>,
    updated: Vec<Timestamp>,
}

impl Rows {
    fn add(&mut self, live: &Live<'_>, filed: &[Uuid]) {
        for id in filed {
            self.articles.push(live.id);
            self.filed.push(*id);
            self.published.push(live.times.published);
            self.updated.push(live.times.updated);
        }
    }

    fn insert(self, tx: &mut PgConnection, begin: &'static str) -> Result<()> {
        let mut sql = Statement::<BigInt>::new(begin);
        sql.bind(Bind::Ids(self.articles)).sql(", ").bind(Bind::Ids(self.filed)).sql(", ");
        sql.bind(Bind::Times(self.published)).sql(", ").bind(Bind::Times(self.updated)).sql(")");
        sql.execute(tx)?;
        Ok(())
    }
}
