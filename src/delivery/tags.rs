//! Tags as the world reads them: those of live stories, never internal ones.

use actix_web::get;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::directory::{self, DirectorySort, Entry, Key, Mark, Order, linked, named};
use super::fields;
use super::shapes::Tag;
use crate::app::State;
use crate::card::Writer;
use crate::db::page::{Count, Page, PageRequest, question};
use crate::db::statement::{Bind, Statement};
use crate::error::{Error, Result};
use crate::http::deliver::Delivered;
use crate::http::extract::Target;
use crate::http::query::Query;
use crate::http::reply::PageUrl;
use crate::text::Line;
use crate::timestamp::Timestamp;
use crate::vocabulary::TagKind;

/// Members that a tag has, in their order.
pub const FIELDS: &[&str] = &["id", "slug", "name", "kind", "description", "parent", "country_code", "names", "external_ids", "article_count", "latest_published_at"];

/// Which tags.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TagsQuery {
    /// Part of the name.
    #[param(max_length = 200)]
    pub q: Option<Line<200>>,
    /// What they name. There are no internal ones here.
    #[param(inline)]
    pub kind: Option<TagKind>,
    /// Order; `name` by default.
    #[param(inline)]
    pub sort: Option<DirectorySort>,
    /// Only these members, separated by commas; `id` is always there.
    #[param(example = "name,slug,article_count")]
    pub fields: Option<String>,
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
    /// `exact` also counts them all.
    #[param(inline)]
    pub count: Option<Count>,
}

/// How one tag comes.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TagView {
    /// Only these members, separated by commas; `id` is always there.
    pub fields: Option<String>,
}

/// A page of tags.
pub type TagPage = Page<Tag>;

#[derive(Queryable)]
struct Row {
    id: Uuid,
    slug: String,
    name: String,
    kind: TagKind,
    description: Option<String>,
    parent_id: Option<Uuid>,
    parent_slug: Option<String>,
    parent_name: Option<String>,
    parent_kind: Option<String>,
    country_code: Option<String>,
    names: serde_json::Value,
    external_ids: serde_json::Value,
    article_count: i32,
    latest_published_at: Timestamp,
    references: i64,
}

type Optional = Nullable<Text>;
type Columns = (SqlUuid, Text, Text, Text, Optional, Nullable<SqlUuid>, Optional, Optional, Optional, Optional, Jsonb, Jsonb, Integer, Timestamptz, BigInt);

/// A wider tag that nothing live has is a secret like any other, so it is joined only where it is live itself.
const SELECT: &str = "SELECT t.id, t.slug, t.name, t.kind, t.description, p.id, p.slug, p.name, p.kind, t.country_code, t.names, t.external_ids, \
                      v.article_count, v.latest_published_at, (SELECT value FROM generations WHERE name = 'references') \
                      FROM live_tags v JOIN tags t ON t.id = v.tag_id \
                      LEFT JOIN (live_tags w JOIN tags p ON p.id = w.tag_id AND p.kind <> 'internal') ON w.tag_id = t.parent_id \
                      WHERE t.kind <> 'internal'";

impl Row {
    fn mark(&self, sort: DirectorySort) -> Mark {
        match sort {
            DirectorySort::Name => Mark::Name(self.name.clone()),
            DirectorySort::Count => Mark::Count(self.article_count),
            DirectorySort::Latest => Mark::Time(self.latest_published_at),
        }
    }

    fn entry(&self) -> Result<Entry> {
        let write = || -> Result<String, serde_json::Error> {
            let mut out = Writer::default();
            out.member("id", &self.id)?.member("slug", &self.slug)?.member("name", &self.name)?.member("kind", &self.kind)?.member("description", &self.description)?;
            out.raw("parent", &self.parent()?).member("country_code", &self.country_code)?.member("names", &self.names)?.member("external_ids", &self.external_ids)?;
            out.member("article_count", &self.article_count)?.member("latest_published_at", &self.latest_published_at)?;
            Ok(out.finish())
        };
        let keys = [Some(self.id), self.parent_id].into_iter().flatten().map(|id| format!("tag-{id}")).collect();
        Ok(Entry { object: write().map_err(Error::internal)?, keys })
    }

    fn parent(&self) -> Result<String, serde_json::Error> {
        if self.parent_id.is_none() {
            return Ok("null".to_owned());
        }
        let mut out = Writer::default();
        out.member("id", &self.parent_id)?.member("slug", &self.parent_slug)?.member("name", &self.parent_name)?.member("kind", &self.parent_kind)?;
        Ok(out.finish())
    }
}

fn order(sort: DirectorySort) -> Order {
    match sort {
        DirectorySort::Name => Order { column: "t.name", id: "t.id", descending: false },
        DirectorySort::Count => Order { column: "v.article_count", id: "v.tag_id", descending: true },
        DirectorySort::Latest => Order { column: "v.latest_published_at", id: "v.tag_id", descending: true },
    }
}

fn conditions<S>(sql: &mut Statement<S>, query: &TagsQuery) {
    named(sql, "t.name", query.q.as_ref().map(AsRef::as_ref));
    if let Some(kind) = query.kind {
        sql.sql(" AND t.kind = ").bind(Bind::Text(kind.as_str().to_owned()));
    }
}

/// List tags of live articles.
#[utoipa::path(tag = "delivery", params(TagsQuery), responses((status = 200, description = "A page of tags.", body = TagPage)), security(()))]
#[get("/tags")]
pub async fn list_tags(app: State, query: Query<TagsQuery>, url: PageUrl) -> Result<Delivered> {
    let chosen = fields::parse(query.fields.as_deref(), FIELDS)?;
    let sort = query.sort.unwrap_or(DirectorySort::Name);
    let asked = question("tags", &format!("{:?} {:?} {sort:?}", query.q, query.kind));
    let page = PageRequest::<Key>::new(query.limit, query.cursor.as_deref(), asked, &app.cursors)?;
    let reader = app.clone();
    let answer = app.db.read(move |conn| {
        let mut sql = Statement::<Columns>::new(SELECT);
        conditions(&mut sql, &query);
        order(sort).page(&mut sql, &page);
        let (rows, mut info) = page.finish(sql.load::<Row>(conn)?, &reader.cursors, |row| (row.mark(sort), row.id))?;
        if query.count == Some(Count::Exact) {
            let mut sql = Statement::<BigInt>::new("SELECT count(*) FROM live_tags v JOIN tags t ON t.id = v.tag_id WHERE t.kind <> 'internal'");
            conditions(&mut sql, &query);
            info.total = Some(sql.get_result(conn)?);
        }
        let entries = rows.iter().map(Row::entry).collect::<Result<Vec<_>>>()?;
        let answer = directory::list_answer(conn, &reader, rows.first().map_or(0, |row| row.references), entries, &info, chosen.as_deref())?;
        Ok(linked(answer, url.links(&info)))
    });
    Ok(Delivered::Answer(answer.await?))
}

/// Read a tag of live articles.
#[utoipa::path(tag = "delivery", params(("id" = String, Path, description = "Id or slug. A slug that it bore earlier, and a tag that was merged into it, answer 308.", example = "ukraine"), TagView),
    responses((status = 200, description = "The tag.", body = Tag)), security(()))]
#[get("/tags/{id}")]
pub async fn get_tag(app: State, target: Target, query: Query<TagView>) -> Result<Delivered> {
    let chosen = fields::parse(query.fields.as_deref(), FIELDS)?;
    let reader = app.clone();
    app.db
        .read(move |conn| {
            let Some(row) = find(conn, &target)? else { return Ok(Delivered::Moved(format!("/v1/tags/{}", slug_now(conn, &target)?))) };
            Ok(Delivered::Answer(directory::one_answer(conn, &reader, row.references, row.entry()?, chosen.as_deref())?))
        })
        .await
}

fn find(conn: &mut PgConnection, target: &Target) -> Result<Option<Row>> {
    let mut sql = Statement::<Columns>::new(SELECT);
    match target {
        Target::Id(id) => sql.sql(" AND t.id = ").bind(Bind::Id(*id)),
        Target::Slug(slug) => sql.sql(" AND t.slug = ").bind(Bind::Text(slug.clone())),
    };
    Ok(sql.get_result(conn).optional()?)
}

/// The present slug of what bore this slug earlier, or was merged away under this id.
///
/// # Errors
/// 404; what the database says.
pub fn slug_now(conn: &mut PgConnection, target: &Target) -> Result<String> {
    let old = match target {
        Target::Id(id) => id.to_string(),
        Target::Slug(slug) => slug.clone(),
    };
    let mut sql = Statement::<Text>::new(
        "SELECT t.slug FROM slug_redirects r JOIN live_tags v ON v.tag_id = r.target_id JOIN tags t ON t.id = v.tag_id WHERE t.kind <> 'internal' AND r.resource = 'tag' AND r.slug = ",
    );
    sql.bind(Bind::Text(old));
    let now: Option<String> = sql.get_result(conn).optional()?;
    now.ok_or_else(|| Error::not_found("tag"))
}
