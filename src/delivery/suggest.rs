//! Completes what a reader is typing: names of tags and authors that are live, headlines of live stories.

use actix_web::get;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::feed::Filter;
use super::search::filing;
use super::search::hunt::{Hunt, Within};
use super::search::question::{Place, Question};
use super::search::shapes::{SuggestedArticle, SuggestedAuthor, SuggestedTag, Suggestions};
use super::splice::headline_of;
use crate::app::State;
use crate::db::statement::{Bind, Statement};
use crate::error::{Error, Result};
use crate::http::deliver::{Answer, Delivered};
use crate::http::query::Query;
use crate::schema::live_articles;
use crate::search_words::words;
use crate::text::Line;
use crate::vocabulary::TagKind;

const USUAL: u8 = 5;
const MOST: u8 = 10;
/// Words of a name that are looked at.
const MOST_WORDS: usize = 8;

/// What has been typed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SuggestQuery {
    /// What has been typed so far: whole words, the last may be unfinished.
    #[param(max_length = 100, example = "harb")]
    pub q: Line<100>,
    /// How many of each.
    #[param(minimum = 1, maximum = 10, default = 5)]
    pub limit: Option<u8>,
}

/// Complete what a reader is typing.
///
/// Tags and authors of live stories by any word of their names, headlines by their words (the begin of a word in a headline counts from three letters on).
#[utoipa::path(tag = "delivery", params(SuggestQuery), responses((status = 200, description = "What it may become.", body = Suggestions)), security(()))]
#[get("/suggest")]
pub async fn get_suggestions(app: State, query: Query<SuggestQuery>) -> Result<Delivered> {
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Error::parameter("limit", "out_of_range", format!("limit is a number from 1 to {MOST}.")));
    }
    let question = Question::parse(&words(query.q.as_str()).take(MOST_WORDS).map(|word| word.text).collect::<Vec<_>>().join(" "))?;
    let names = names(query.q.as_str());
    let suggestions = app.db.read(move |conn| {
        conn.build_transaction().read_only().repeatable_read().run(|tx| {
            let Some(names) = names.as_deref() else { return Ok(Suggestions { tags: Vec::new(), authors: Vec::new(), articles: Vec::new() }) };
            Ok(Suggestions { tags: tags(tx, names, limit)?, authors: authors(tx, names, limit)?, articles: articles(tx, &question, limit)? })
        })
    });
    let suggestions = suggestions.await?;
    let mut answer = Answer::json(serde_json::to_vec(&suggestions).map_err(Error::internal)?);
    answer.keys = std::iter::once("feed".to_owned())
        .chain(suggestions.tags.iter().map(|tag| format!("tag-{}", tag.id)))
        .chain(suggestions.authors.iter().map(|author| format!("author-{}", author.id)))
        .chain(suggestions.articles.iter().map(|article| format!("article-{}", article.id)))
        .collect();
    Ok(Delivered::Answer(answer))
}

/// All of these words in a name, the last one begun. Folded words hold nothing that would need escaping.
fn names(text: &str) -> Option<String> {
    let words: Vec<_> = words(text).take(MOST_WORDS).map(|word| format!("'{}'", word.text)).collect();
    (!words.is_empty()).then(|| words.join(" & ") + ":*")
}

fn tags(tx: &mut PgConnection, names: &str, limit: u8) -> Result<Vec<SuggestedTag>> {
    let mut sql = Statement::<(SqlUuid, Text, Text, Text)>::new(
        "SELECT t.id, t.slug, t.name, t.kind FROM tags t JOIN live_tags v ON v.tag_id = t.id WHERE t.kind <> 'internal' AND to_tsvector('simple'::regconfig, folded_name(t.name)) @@ ",
    );
    sql.bind(Bind::Text(names.to_owned())).sql("::tsquery ORDER BY v.article_count DESC, t.name, t.id LIMIT ").literal(i64::from(limit));
    let rows: Vec<(Uuid, String, String, TagKind)> = sql.load(tx)?;
    Ok(rows.into_iter().map(|(id, slug, name, kind)| SuggestedTag { id, slug, name, kind }).collect())
}

fn authors(tx: &mut PgConnection, names: &str, limit: u8) -> Result<Vec<SuggestedAuthor>> {
    let mut sql = Statement::<(SqlUuid, Text, Text)>::new(
        "SELECT a.id, a.slug, a.name FROM authors a JOIN live_authors v ON v.author_id = a.id WHERE to_tsvector('simple'::regconfig, folded_name(a.name)) @@ ",
    );
    sql.bind(Bind::Text(names.to_owned())).sql("::tsquery ORDER BY v.article_count DESC, a.name, a.id LIMIT ").literal(i64::from(limit));
    let rows: Vec<(Uuid, String, String)> = sql.load(tx)?;
    Ok(rows.into_iter().map(|(id, slug, name)| SuggestedAuthor { id, slug, name }).collect())
}

fn articles(tx: &mut PgConnection, question: &Question, limit: u8) -> Result<Vec<SuggestedArticle>> {
    let Some(asked) = filing::asked(tx, question, &Filter::default(), Place::Headline)? else { return Ok(Vec::new()) };
    let found = Hunt { asked: &asked, within: &Within::default(), descending: true, from: None, want: usize::from(limit) }.run(tx)?;
    let ids: Vec<Uuid> = found.hits.into_iter().map(|(_, id)| id).collect();
    let rows: Vec<(Uuid, String, String)> = live_articles::table
        .filter(live_articles::id.eq_any(ids))
        .order((live_articles::published_at.desc(), live_articles::id.desc()))
        .select((live_articles::id, live_articles::slug, live_articles::card))
        .load(tx)?;
    Ok(rows.into_iter().filter_map(|(id, slug, card)| Some(SuggestedArticle { id, slug, headline: headline_of(&card)? })).collect())
}
