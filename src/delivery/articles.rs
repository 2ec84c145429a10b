//! Articles as the world reads them: the news feed and the single story.

use actix_web::get;
use diesel::pg::PgConnection;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use super::directory::linked;
use super::feed::{self, AnyOf, FeedSort, Filter, Key, Row, With};
use super::shapes::Article;
use super::splice::Splicer;
use super::{fields, pointers, search, whereabouts};
use crate::app::{App, State};
use crate::body::Body;
use crate::card::Slot;
use crate::db::page::{Count, Page, PageInfo, PageRequest};
use crate::error::{Error, Result};
use crate::http::deliver::{Answer, Delivered};
use crate::http::extract::{Target, canonical};
use crate::http::query::Query;
use crate::http::reply::PageUrl;
use crate::rendering::{self, BodyFormat};
use crate::text::Line;
use crate::timestamp::Timestamp;

/// Members that an article has, in their order.
pub const FIELDS: &[&str] = &[
    "id",
    "slug",
    "kind",
    "language",
    "kicker",
    "headline",
    "standfirst",
    "seo",
    "dateline",
    "byline",
    "authors",
    "primary_tag",
    "tags",
    "lead_media",
    "word_count",
    "reading_minutes",
    "source",
    "first_published_at",
    "published_at",
    "updated_at",
    "corrections",
    "translations",
    "url",
    "body",
];

/// Ids that `exclude` may name at the most.
const MOST_EXCLUDED: usize = 100;

/// Which stories.
#[derive(Debug, Clone, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ArticlesQuery {
    /// Slugs of tags: any of those separated by commas; with a `-` before it, none of that.
    #[param(example = "ukraine")]
    pub tag: Option<String>,
    /// Slugs of tags that must all be there.
    pub tags_all: Option<String>,
    /// Slugs of authors, as for `tag`.
    pub author: Option<String>,
    /// Slugs of tags that come first, as for `tag`.
    pub primary_tag: Option<String>,
    /// Kinds, as for `tag`.
    #[param(example = "news,analysis")]
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
    /// Words: all of these, `"a phrase"`, `-not this`, `this or that`, `begin*`; the last may be unfinished. As `GET /v1/search`, without highlights.
    #[param(max_length = 200, example = "harbour")]
    pub q: Option<Line<200>>,
    /// Order; `-published_at` by default. With `q` not `-updated_at`.
    #[param(inline)]
    pub sort: Option<FeedSort>,
    /// Only these members, separated by commas; `id` is always there.
    #[param(example = "headline,slug,lead_media")]
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
    /// What has come since: the `page.top` of an earlier answer to the same question. Not with `cursor`; with the newest first only.
    pub newer_than: Option<String>,
    /// `exact` also counts them all. Not with `q`.
    #[param(inline)]
    pub count: Option<Count>,
}

crate::words! {
    /// What a feed holds besides.
    Include {
        /// The text of each story.
        Body = "body",
    }
}

/// How a single story comes.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ArticleQuery {
    /// Form of the text; `html` by default.
    pub body: Option<BodyFormat>,
    /// Only these members, separated by commas; `id` is always there.
    pub fields: Option<String>,
}

impl ArticlesQuery {
    pub(super) fn filter(&self) -> Result<Filter> {
        let exclude = self.exclude.as_deref().map_or_else(Vec::new, |ids| ids.split(',').map(|id| canonical(id.trim())).collect());
        if exclude.len() > MOST_EXCLUDED {
            return Err(Error::parameter("exclude", "too_many", format!("There may be {MOST_EXCLUDED} ids at the most.")));
        }
        let exclude = exclude.into_iter().collect::<Option<Vec<Uuid>>>().ok_or_else(|| Error::parameter("exclude", "invalid", "Ids of articles, separated by commas."))?;
        let all = AnyOf::parse("tags_all", self.tags_all.as_deref())?;
        if !all.none.is_empty() {
            return Err(Error::parameter("tags_all", "invalid", "tags_all names tags that must be there; leave others out with tag=-slug."));
        }
        Ok(Filter {
            tag: AnyOf::parse("tag", self.tag.as_deref())?,
            tags_all: all.any,
            author: AnyOf::parse("author", self.author.as_deref())?,
            primary_tag: AnyOf::parse("primary_tag", self.primary_tag.as_deref())?,
            kind: AnyOf::parse("kind", self.kind.as_deref())?,
            language: AnyOf::parse("language", self.language.as_deref())?,
            published_after: self.published_after,
            published_before: self.published_before,
            updated_after: self.updated_after,
            exclude,
            newer_than: None,
        })
    }

    /// What does not go together is refused rather than passed over.
    fn check(&self, sort: FeedSort) -> Result<()> {
        let refuse = |parameter: &str, detail: &str| Err(Error::parameter(parameter, "invalid", detail));
        match (sort, self.q.is_some()) {
            (FeedSort::Relevance, false) => return refuse("sort", "Relevance needs q."),
            (FeedSort::Updated, true) => return refuse("sort", "With q, the order is -published_at, published_at or relevance."),
            (_, true) if self.count.is_some() => return refuse("count", "What fits q is not counted."),
            _ => {}
        }
        if self.newer_than.is_some() && self.cursor.is_some() {
            return refuse("newer_than", "Give newer_than or cursor, not both.");
        }
        if self.newer_than.is_some() && !matches!(sort, FeedSort::Newest | FeedSort::Updated) {
            return refuse("newer_than", "What has come since is asked with the newest first.");
        }
        Ok(())
    }

    /// What the cursors of this list are bound to: everything but how much is shown of it.
    pub(super) fn question(&self) -> String {
        let asked = Self { fields: None, include: None, body: None, limit: None, cursor: None, newer_than: None, count: None, ..self.clone() };
        crate::db::page::question("articles", &serde_json::to_string(&asked).unwrap_or_default())
    }
}

/// A page of stories.
pub type ArticlePage = Page<Article>;

/// List live articles.
///
/// The news feed. Pages are by key, not by number: walking to the end yields each story that was there at the start exactly once, also while
/// new ones go live at the top.
#[utoipa::path(tag = "delivery", params(ArticlesQuery), responses((status = 200, description = "A page of stories.", body = ArticlePage)), security(()))]
#[get("/articles")]
pub async fn list_articles(app: State, query: Query<ArticlesQuery>, url: PageUrl) -> Result<Delivered> {
    let chosen = fields::parse(query.fields.as_deref(), FIELDS)?;
    let sort = query.sort.unwrap_or(FeedSort::Newest);
    query.check(sort)?;
    if query.q.is_some() {
        return search::api::list_matching(&app, query.0, &url, chosen, false).await;
    }
    let mut filter = query.filter()?;
    let page = PageRequest::<Key>::new(query.limit, query.cursor.as_deref(), query.question(), &app.cursors)?;
    filter.newer_than = query.newer_than.as_deref().map(|top| page.key_of("newer_than", top, &app.cursors)).transpose()?;
    let format = query.include.map(|Include::Body| query.body.unwrap_or_default());
    let count = query.count;
    let reader = app.clone();
    let answer = app
        .db
        .read(move |conn| {
            let rows = feed::page(conn, &filter, sort, &page, with(format))?;
            let (rows, mut info) = page.finish(rows, &reader.cursors, |row| (row.at, row.id))?;
            if matches!(sort, FeedSort::Newest | FeedSort::Updated) {
                // Nothing newer: what was the top still is.
                page.tell_top(&mut info, rows.first().map(|row| (row.at, row.id)).or(filter.newer_than), &reader.cursors)?;
            }
            if count == Some(Count::Exact) {
                info.total = Some(feed::count(conn, &filter, sort)?);
            }
            list_answer(conn, &reader, &rows, &info, format, chosen.as_deref()).map(|answer| (answer, info))
        })
        .await;
    let (answer, info) = answer?;
    Ok(Delivered::Answer(linked(answer, url.links(&info))))
}

pub(super) const fn with(format: Option<BodyFormat>) -> With {
    match format {
        None => With::Card,
        Some(BodyFormat::Html) => With::Html,
        Some(_) => With::Blocks,
    }
}

/// A list of stories as an answer; other lists of stories use it too.
///
/// # Errors
/// What the database says.
pub fn list_answer(conn: &mut PgConnection, app: &App, rows: &[Row], info: &PageInfo, format: Option<BodyFormat>, chosen: Option<&[&str]>) -> Result<Answer> {
    list_answer_with(conn, app, rows, info, Shown { format, chosen, more: &[] })
}

/// What is shown of stories.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The text, and how.
    pub format: Option<BodyFormat>,
    /// Only these members.
    pub chosen: Option<&'a [&'a str]>,
    /// Further members of each, as JSON.
    pub more: &'a [String],
}

/// A list of stories as an answer, each with further members.
///
/// # Errors
/// What the database says.
pub fn list_answer_with(conn: &mut PgConnection, app: &App, rows: &[Row], info: &PageInfo, shown: Shown<'_>) -> Result<Answer> {
    let mut page = String::with_capacity(rows.len() * STORY + 1_024);
    page.push_str("{\"data\":");
    let mut splicer = write_items(conn, app, rows, shown, &mut page)?;
    page.push_str(",\"page\":");
    page.push_str(&serde_json::to_string(info).map_err(Error::internal)?);
    page.push('}');
    splicer.key("feed".to_owned());
    Ok(splicer.answer(page.into_bytes()))
}

/// Stories as a JSON array, and the splicer that knows what they are made of.
///
/// # Errors
/// What the database says.
pub fn items(conn: &mut PgConnection, app: &App, rows: &[Row], format: Option<BodyFormat>, chosen: Option<&[&str]>) -> Result<(String, Splicer)> {
    let mut items = String::with_capacity(rows.len() * STORY);
    let splicer = write_items(conn, app, rows, Shown { format, chosen, more: &[] }, &mut items)?;
    Ok((items, splicer))
}

/// Bytes that a story takes in a list, about.
const STORY: usize = 6_000;

fn write_items(conn: &mut PgConnection, app: &App, rows: &[Row], Shown { format, chosen, more }: Shown<'_>, items: &mut String) -> Result<Splicer> {
    let stories = stories(rows, format)?;
    let mut splicer = splicer(conn, app, rows, &stories)?;
    items.push('[');
    for (at, story) in stories.iter().enumerate() {
        if at > 0 {
            items.push(',');
        }
        let begin = items.len();
        story.write(&mut splicer, format, items)?;
        if let Some(members) = more.get(at) {
            items.pop();
            items.push(',');
            items.push_str(members);
            items.push('}');
        }
        if let Some(fields) = chosen {
            let picked = fields::pick(items.get(begin..).unwrap_or_default(), fields)?;
            items.truncate(begin);
            items.push_str(&picked);
        }
    }
    items.push(']');
    Ok(splicer)
}

/// A row on its way out.
struct Story<'a> {
    row: &'a Row,
    blocks: Option<Body>,
}

fn stories(rows: &[Row], format: Option<BodyFormat>) -> Result<Vec<Story<'_>>> {
    let blocks = |row: &Row| match format {
        None | Some(BodyFormat::Html) => Ok(None),
        Some(_) => Body::deserialize(&row.body).map(Some).map_err(Error::internal),
    };
    rows.iter().map(|row| Ok(Story { row, blocks: blocks(row)? })).collect()
}

fn splicer(conn: &mut PgConnection, app: &App, rows: &[Row], stories: &[Story<'_>]) -> Result<Splicer> {
    let generation = rows.first().map_or(0, |row| row.references);
    let mut related = Vec::new();
    stories.iter().filter(|story| story.blocks.is_some()).for_each(|story| pointers::targets(&story.row.body, &mut related));
    let related: Vec<_> = related.into_iter().map(|id| Slot::Related(id).write()).collect();
    let texts = rows.iter().flat_map(|row| [row.card.as_str(), row.html.as_str()]).chain(related.iter().map(String::as_str));
    let pictures = stories.iter().filter_map(|s| s.blocks.as_ref()).flat_map(Body::media_ids).collect();
    Splicer::new(conn, &app.references, generation, &app.base, texts, pictures)
}

impl Story<'_> {
    /// Writes it as an object.
    fn write(&self, splicer: &mut Splicer, format: Option<BodyFormat>, out: &mut String) -> Result<()> {
        splicer.story(self.row.id);
        splicer.fill_into(&self.row.card, out);
        let Some(format) = format else { return Ok(()) };
        // The card is one object: its last brace makes room for one member more.
        out.pop();
        out.push_str(",\"body\":");
        match &self.blocks {
            None => {
                out.push_str("{\"format\":\"html\",\"value\":\"");
                splicer.fill_into(&self.row.html, out);
                out.push_str("\"}");
            }
            Some(body) => {
                let pictures = splicer.pictures(&body.media_ids());
                let mut body = rendering::body(body, format, &pictures, splicer.now());
                splicer.name_stories(&mut body.value);
                out.push_str(&serde_json::to_string(&body).map_err(Error::internal)?);
            }
        }
        out.push('}');
        Ok(())
    }
}

/// Read a live article.
#[utoipa::path(tag = "delivery", params(("id" = String, Path, description = "Id or slug. A slug that it bore earlier answers 308.", example = "satellite-images-show-rebuilt-rail-bridge"), ArticleQuery),
    responses((status = 200, description = "The story.", body = Article)), security(()))]
#[get("/articles/{id}")]
pub async fn get_article(app: State, target: Target, query: Query<ArticleQuery>) -> Result<Delivered> {
    let chosen = fields::parse(query.fields.as_deref(), FIELDS)?;
    let format = query.body.unwrap_or_default();
    let reader = app.clone();
    app.db
        .read(move |conn| {
            let Some(row) = whereabouts::find(conn, &target, with(Some(format)))? else { return whereabouts::elsewhere(conn, &target, "") };
            Ok(Delivered::Answer(story_answer(conn, &reader, row, format, chosen.as_deref())?))
        })
        .await
}

/// A single story as an answer.
///
/// # Errors
/// What the database says.
pub fn story_answer(conn: &mut PgConnection, app: &App, row: Row, format: BodyFormat, chosen: Option<&[&str]>) -> Result<Answer> {
    let rows = [row];
    let stories = stories(&rows, Some(format))?;
    let mut splicer = splicer(conn, app, &rows, &stories)?;
    let mut object = String::with_capacity(STORY * 2);
    for story in &stories {
        story.write(&mut splicer, Some(format), &mut object)?;
    }
    if let Some(fields) = chosen {
        object = fields::pick(&object, fields)?;
    }
    Ok(splicer.answer(object.into_bytes()))
}
