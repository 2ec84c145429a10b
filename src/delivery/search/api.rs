//! Search over HTTP: `GET /v1/search`, and `q` of the feed.

use actix_web::get;
use serde::Deserialize;
use utoipa::IntoParams;

use super::question::Question;
use super::shapes::SearchResult;
use super::{Pages, Search, members};
use crate::app::State;
use crate::db::page::Page;
use crate::delivery::articles::{ArticlesQuery, FIELDS, Include, Shown, list_answer_with, with};
use crate::delivery::directory::linked;
use crate::delivery::feed::FeedSort;
use crate::delivery::fields;
use crate::error::{Error, Result};
use crate::http::deliver::Delivered;
use crate::http::query::Query;
use crate::http::reply::PageUrl;
use crate::rendering::BodyFormat;
use crate::text::Line;
use crate::timestamp::Timestamp;

/// What to search for, and the filters of the feed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words: all of these, `"a phrase"`, `-not this`, `this or that`, `begin*`; the last may be unfinished. At most 16.
    #[param(max_length = 200, example = "harbour")]
    pub q: Line<200>,
    /// Slugs of tags: any of those separated by commas; with a `-` before it, none of that.
    pub tag: Option<String>,
    /// Slugs of tags that must all be there.
    pub tags_all: Option<String>,
    /// Slugs of authors, as for `tag`.
    pub author: Option<String>,
    /// Slugs of tags that come first, as for `tag`.
    pub primary_tag: Option<String>,
    /// Kinds, as for `tag`.
    pub kind: Option<String>,
    /// Languages, as for `tag`.
    #[param(example = "en")]
    pub language: Option<String>,
    /// Published later than this.
    pub published_after: Option<Timestamp>,
    /// Published earlier than this.
    pub published_before: Option<Timestamp>,
    /// Changed later than this.
    pub updated_after: Option<Timestamp>,
    /// Ids of stories to leave out, separated by commas.
    pub exclude: Option<String>,
    /// Order; `relevance` by default, which ranks the newest 200 that fit. Not `-updated_at`.
    #[param(inline)]
    pub sort: Option<FeedSort>,
    /// Only these members, separated by commas; `id` is always there.
    #[param(example = "headline,slug,highlight")]
    pub fields: Option<String>,
    /// `body` adds the text of each.
    #[param(inline)]
    pub include: Option<Include>,
    /// Form of the text; `html` by default.
    pub body: Option<BodyFormat>,
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
}

impl From<SearchQuery> for ArticlesQuery {
    fn from(query: SearchQuery) -> Self {
        Self {
            tag: query.tag,
            tags_all: query.tags_all,
            author: query.author,
            primary_tag: query.primary_tag,
            kind: query.kind,
            language: query.language,
            published_after: query.published_after,
            published_before: query.published_before,
            updated_after: query.updated_after,
            exclude: query.exclude,
            q: Some(query.q),
            sort: Some(query.sort.unwrap_or(FeedSort::Relevance)),
            fields: query.fields,
            include: query.include,
            body: query.body,
            limit: query.limit,
            cursor: query.cursor,
            newer_than: None,
            count: None,
        }
    }
}

/// A page of what was found.
pub type SearchPage = Page<SearchResult>;

/// Search live articles.
///
/// In headline, standfirst, byline, tags and the begin of the text, by the stems of each story's language; accents do not matter. A page may be
/// shorter than its limit, or empty, and still have a next one: a search looks at so many stories and goes on when it is asked to.
#[utoipa::path(tag = "delivery", params(SearchQuery), responses((status = 200, description = "A page of results.", body = SearchPage)), security(()))]
#[get("/search")]
pub async fn search_articles(app: State, query: Query<SearchQuery>, url: PageUrl) -> Result<Delivered> {
    if query.sort == Some(FeedSort::Updated) {
        return Err(Error::parameter("sort", "invalid", "The order is relevance, -published_at or published_at."));
    }
    let known: Vec<_> = FIELDS.iter().copied().chain(["highlight", "rank"]).collect();
    let chosen = fields::parse(query.fields.as_deref(), &known)?;
    list_matching(&app, query.0.into(), &url, chosen, true).await
}

/// Stories that fit `q`, with highlights and ranks where asked for.
///
/// # Errors
/// 400 for a question, a filter or a cursor that is none; what the database says.
pub async fn list_matching(app: &State, query: ArticlesQuery, url: &PageUrl, chosen: Option<Vec<&'static str>>, highlighted: bool) -> Result<Delivered> {
    let sort = query.sort.unwrap_or(FeedSort::Newest);
    let question = Question::parse(query.q.as_ref().map_or("", Line::as_str))?;
    let mut filter = query.filter()?;
    let pages = Pages::new(sort, query.limit, query.cursor.as_deref(), query.question(), &app.cursors)?;
    if let (Some(top), Pages::Dated(page)) = (&query.newer_than, &pages) {
        filter.newer_than = Some(page.key_of("newer_than", top, &app.cursors)?);
    }
    let format = query.include.map(|Include::Body| query.body.unwrap_or_default());
    let search = Search { question, filter, sort, pages };
    let reader = app.clone();
    let answer = app.db.read(move |conn| {
        let results = search.run(conn, &reader.cursors, with(format), highlighted)?;
        let more = if highlighted { members(conn, &search.question, &results)? } else { Vec::new() };
        let answer = list_answer_with(conn, &reader, &results.rows, &results.info, Shown { format, chosen: chosen.as_deref(), more: &more })?;
        Ok((answer, results.info))
    });
    let (answer, info) = answer.await?;
    Ok(Delivered::Answer(linked(answer, url.links(&info))))
}
