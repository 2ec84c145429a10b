//! Curated collections as the world reads them: chosen stories in their order, then the newest that fit, none twice.

use std::collections::{HashMap, HashSet};

use actix_web::get;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::articles::{self, FIELDS, Include};
use super::feed::{self, AnyOf, FeedSort, Filter, Row, With};
use super::fields;
use super::shapes::Article;
use crate::app::{App, State};
use crate::card::Writer;
use crate::db::page::PageRequest;
use crate::db::statement::Bind;
use crate::error::{Error, Result};
use crate::http::deliver::{Answer, Delivered};
use crate::http::extract::Target;
use crate::http::query::Query;
use crate::rendering::BodyFormat;
use crate::schema::{authors, live_collections as live, slug_redirects, tags};
use crate::timestamp::Timestamp;
use crate::vocabulary::{CollectionFill, CollectionSlot};

/// A curated list of stories.
#[derive(Debug, Serialize, ToSchema)]
pub struct Collection {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    #[schema(example = "home")]
    pub slug: String,
    /// Its name.
    #[schema(example = "Home page")]
    pub name: String,
    /// What it is.
    #[schema(required = true)]
    pub description: Option<String>,
    /// When its editors last published it.
    pub published_at: Timestamp,
    /// Its stories, in order.
    #[schema(max_items = 100)]
    pub items: Vec<Article>,
}

/// How the stories of a collection come.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CollectionQuery {
    /// Only these members of each story, separated by commas; `id` is always there.
    #[param(example = "headline,slug,lead_media")]
    pub fields: Option<String>,
    /// `body` adds the text of each.
    #[param(inline)]
    pub include: Option<Include>,
    /// Form of the text; `html` by default.
    pub body: Option<BodyFormat>,
}

/// A collection's row.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = live)]
struct LiveCollection {
    id: Uuid,
    slug: String,
    name: String,
    description: Option<String>,
    slots: serde_json::Value,
    fill: Option<serde_json::Value>,
    size: i16,
    published_at: Timestamp,
}

impl LiveCollection {
    /// The slots that hold now, and when the first of them ends.
    fn slots(&self, now: Timestamp) -> Result<(Vec<Uuid>, Option<Timestamp>)> {
        let slots = Vec::<CollectionSlot>::deserialize(&self.slots).map_err(Error::internal)?;
        let held: Vec<_> = slots.into_iter().filter(|slot| slot.pinned_until.is_none_or(|until| until > now)).collect();
        let ends = held.iter().filter_map(|slot| slot.pinned_until).min();
        Ok((held.into_iter().map(|slot| slot.article_id).collect(), ends))
    }

    fn fill(&self) -> Result<Option<CollectionFill>> {
        self.fill.as_ref().map(|fill| CollectionFill::deserialize(fill).map_err(Error::internal)).transpose()
    }
}

fn find(conn: &mut PgConnection, target: &Target) -> Result<Option<LiveCollection>> {
    let rows = live::table.into_boxed();
    let rows = match target {
        Target::Id(id) => rows.filter(live::id.eq(*id)),
        Target::Slug(slug) => rows.filter(live::slug.eq(slug.clone())),
    };
    Ok(rows.select(LiveCollection::as_select()).first(conn).optional()?)
}

/// A slug that a live collection was live under earlier leads to where it is now.
fn moved(conn: &mut PgConnection, target: &Target) -> Result<Delivered> {
    let nothing = || Error::not_found("collection");
    let Target::Slug(slug) = target else { return Err(nothing()) };
    let id: Uuid = slug_redirects::table.find(("collection", slug)).select(slug_redirects::target_id).first(conn).optional()?.ok_or_else(nothing)?;
    let now: String = live::table.find(id).select(live::slug).first(conn).optional()?.ok_or_else(nothing)?;
    Ok(Delivered::Moved(format!("/v1/collections/{now}")))
}

/// The chosen stories that are live, in the order in which they were chosen.
fn chosen(conn: &mut PgConnection, ids: &[Uuid], with: With) -> Result<Vec<Row>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = feed::select(with);
    sql.sql("l.published_at").sql(feed::FROM_LIVE).sql("live_articles l WHERE l.id = ANY(").bind(Bind::Ids(ids.to_vec())).sql(")");
    let mut rows = sql.load::<Row>(conn)?;
    let places: HashMap<_, _> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    rows.sort_by_key(|row| places.get(&row.id).copied());
    Ok(rows)
}

/// The feed's filter, which speaks of slugs. What cannot be seen any more fits nothing, rather than everything.
fn filter(conn: &mut PgConnection, fill: &CollectionFill) -> Result<Filter> {
    let wanted: Vec<_> = [&fill.tag, &fill.tags_all, &fill.without_tag, &fill.primary_tag].into_iter().flatten().copied().collect();
    let mut slugs: HashMap<Uuid, String> = HashMap::new();
    if !wanted.is_empty() {
        slugs.extend(tags::table.filter(tags::id.eq_any(wanted)).filter(tags::kind.ne("internal")).select((tags::id, tags::slug)).load::<(Uuid, String)>(conn)?);
    }
    if !fill.author.is_empty() {
        slugs.extend(authors::table.filter(authors::id.eq_any(&fill.author)).select((authors::id, authors::slug)).load::<(Uuid, String)>(conn)?);
    }
    // No slug is empty.
    let slug = |id: &Uuid| slugs.get(id).cloned().unwrap_or_default();
    let any = |ids: &[Uuid]| AnyOf { any: ids.iter().map(slug).collect(), none: Vec::new() };
    let words = |words: Vec<String>| AnyOf { any: words, none: Vec::new() };
    Ok(Filter {
        tag: AnyOf { none: fill.without_tag.iter().map(slug).collect(), ..any(&fill.tag) },
        tags_all: fill.tags_all.iter().map(slug).collect(),
        author: any(&fill.author),
        primary_tag: any(&fill.primary_tag),
        kind: words(fill.kind.iter().map(|kind| kind.as_str().to_owned()).collect()),
        language: words(fill.language.iter().map(ToString::to_string).collect()),
        ..Filter::default()
    })
}

/// The collection's stories: at the most a row a slot is read, and as many as it is large to fill it up.
fn rows(conn: &mut PgConnection, app: &App, collection: &LiveCollection, slots: &[Uuid], with: With) -> Result<Vec<Row>> {
    let size = u8::try_from(collection.size).map_err(Error::internal)?;
    let mut rows = chosen(conn, slots, with)?;
    rows.truncate(usize::from(size));
    let Some(fill) = collection.fill()?.filter(|_| rows.len() < usize::from(size)) else { return Ok(rows) };
    // The newest as many as it is large: those of them that stand in a slot leave enough others.
    let page = PageRequest::new(Some(size), None, "collection".to_owned(), &app.cursors)?;
    let filter = filter(conn, &fill)?;
    let newest = feed::page(conn, &filter, FeedSort::Newest, &page, with)?;
    let shown: HashSet<_> = rows.iter().map(|row| row.id).collect();
    rows.extend(newest.into_iter().filter(|row| !shown.contains(&row.id)));
    rows.truncate(usize::from(size));
    Ok(rows)
}

fn answer(conn: &mut PgConnection, app: &App, collection: &LiveCollection, query: &CollectionQuery, fields: Option<&[&str]>) -> Result<Answer> {
    let format = query.include.map(|Include::Body| query.body.unwrap_or_default());
    let (slots, ends) = collection.slots(crate::app::now())?;
    let rows = rows(conn, app, collection, &slots, articles::with(format))?;
    let (items, mut splicer) = articles::items(conn, app, &rows, format, fields)?;
    splicer.key(format!("collection-{}", collection.id));
    if collection.fill.is_some() {
        splicer.key("feed".to_owned());
    }
    let mut object = Writer::default();
    object
        .member("id", &collection.id)
        .and_then(|o| o.member("slug", &collection.slug))
        .and_then(|o| o.member("name", &collection.name))
        .and_then(|o| o.member("description", &collection.description))
        .and_then(|o| o.member("published_at", &collection.published_at))
        .map_err(Error::internal)?
        .raw("items", &items);
    let mut answer = splicer.answer(object.finish().into_bytes());
    answer.changes_at = answer.changes_at.into_iter().chain(ends).min();
    Ok(answer)
}

/// Read a live collection.
///
/// Its chosen stories in their order, as far as they are live and their pins hold; then, up to its size, the newest that fit its
/// query. No story stands twice.
#[utoipa::path(tag = "delivery", params(("id" = String, Path, description = "Id or slug. A slug that it bore earlier answers 308.", example = "home"), CollectionQuery),
    responses((status = 200, description = "The collection.", body = Collection)), security(()))]
#[get("/collections/{id}")]
pub async fn get_collection(app: State, target: Target, query: Query<CollectionQuery>) -> Result<Delivered> {
    let fields = fields::parse(query.fields.as_deref(), FIELDS)?;
    let reader = app.clone();
    app.db
        .read(move |conn| match find(conn, &target)? {
            Some(collection) => Ok(Delivered::Answer(answer(conn, &reader, &collection, &query, fields.as_deref())?)),
            None => moved(conn, &target),
        })
        .await
}
