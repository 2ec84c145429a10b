//! Authors as the world reads them: those of live stories, without their addresses and accounts.

use actix_web::get;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::directory::{self, DirectorySort, Entry, Key, Mark, Order, linked, named};
use super::fields;
use super::shapes::Author;
use crate::app::State;
use crate::card::{Slot, Writer, argument};
use crate::db::page::{Count, Page, PageRequest, question};
use crate::db::statement::{Bind, Statement};
use crate::error::{Error, Result};
use crate::http::deliver::Delivered;
use crate::http::extract::Target;
use crate::http::query::Query;
use crate::http::reply::PageUrl;
use crate::text::Line;
use crate::timestamp::Timestamp;
use crate::vocabulary::{AuthorKind, display_title};

/// Members that an author has, in their order.
pub const FIELDS: &[&str] = &[
    "id",
    "slug",
    "name",
    "sort_name",
    "kind",
    "job_title",
    "former",
    "display_title",
    "bio",
    "bio_long",
    "avatar",
    "links",
    "location",
    "languages",
    "article_count",
    "latest_published_at",
    "created_at",
    "updated_at",
];

/// Which authors.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuthorsQuery {
    /// Part of the name.
    #[param(max_length = 200)]
    pub q: Option<Line<200>>,
    /// What they are to the newsroom.
    #[param(inline)]
    pub kind: Option<AuthorKind>,
    /// Those who have left, or those who have not.
    pub former: Option<bool>,
    /// Order; `name` by default.
    #[param(inline)]
    pub sort: Option<DirectorySort>,
    /// Only these members, separated by commas; `id` is always there.
    #[param(example = "name,slug,avatar")]
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

/// How one author comes.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuthorView {
    /// Only these members, separated by commas; `id` is always there.
    pub fields: Option<String>,
}

/// A page of authors.
pub type AuthorPage = Page<Author>;

#[derive(Queryable)]
struct Row {
    id: Uuid,
    slug: String,
    name: String,
    sort_name: String,
    kind: AuthorKind,
    job_title: Option<String>,
    former: bool,
    bio: Option<String>,
    bio_long: Option<String>,
    avatar: Option<Uuid>,
    links: serde_json::Value,
    location: Option<String>,
    languages: Vec<String>,
    article_count: i32,
    latest_published_at: Timestamp,
    created_at: Timestamp,
    updated_at: Timestamp,
    references: i64,
}

type Optional = Nullable<Text>;
type Columns =
    (SqlUuid, Text, Text, Text, Text, Optional, Bool, Optional, Optional, Nullable<SqlUuid>, Jsonb, Optional, Array<Text>, Integer, Timestamptz, Timestamptz, Timestamptz, BigInt);

const SELECT: &str = "SELECT a.id, a.slug, a.name, a.sort_name, a.kind, a.job_title, a.former, a.bio, a.bio_long, a.avatar_media_id, a.links, a.location, a.languages, \
                      v.article_count, v.latest_published_at, a.created_at, a.updated_at, (SELECT value FROM generations WHERE name = 'references') \
                      FROM live_authors v JOIN authors a ON a.id = v.author_id WHERE ";

impl Row {
    fn mark(&self, sort: DirectorySort) -> Mark {
        match sort {
            DirectorySort::Name => Mark::Name(self.sort_name.clone()),
            DirectorySort::Count => Mark::Count(self.article_count),
            DirectorySort::Latest => Mark::Time(self.latest_published_at),
        }
    }

    fn entry(&self) -> Result<Entry> {
        let none = argument(None);
        let avatar = self.avatar.map_or_else(|| "null".to_owned(), |media| Slot::Picture { media, alt: &none, caption: &none }.write());
        let title = display_title(self.job_title.as_deref(), self.former);
        let write = || -> Result<String, serde_json::Error> {
            let mut out = Writer::default();
            out.member("id", &self.id)?.member("slug", &self.slug)?.member("name", &self.name)?.member("sort_name", &self.sort_name)?.member("kind", &self.kind)?;
            out.member("job_title", &self.job_title)?.member("former", &self.former)?.member("display_title", &title)?;
            out.member("bio", &self.bio)?.member("bio_long", &self.bio_long)?.raw("avatar", &avatar);
            out.member("links", &self.links)?.member("location", &self.location)?.member("languages", &self.languages)?;
            out.member("article_count", &self.article_count)?.member("latest_published_at", &self.latest_published_at)?;
            out.member("created_at", &self.created_at)?.member("updated_at", &self.updated_at)?;
            Ok(out.finish())
        };
        Ok(Entry { object: write().map_err(Error::internal)?, keys: vec![format!("author-{}", self.id)] })
    }
}

fn order(sort: DirectorySort) -> Order {
    match sort {
        DirectorySort::Name => Order { column: "a.sort_name", id: "a.id", descending: false },
        DirectorySort::Count => Order { column: "v.article_count", id: "v.author_id", descending: true },
        DirectorySort::Latest => Order { column: "v.latest_published_at", id: "v.author_id", descending: true },
    }
}

fn conditions<S>(sql: &mut Statement<S>, query: &AuthorsQuery) {
    sql.sql("true");
    named(sql, "a.name", query.q.as_ref().map(AsRef::as_ref));
    if let Some(kind) = query.kind {
        sql.sql(" AND a.kind = ").bind(Bind::Text(kind.as_str().to_owned()));
    }
    match query.former {
        Some(true) => sql.sql(" AND a.former"),
        Some(false) => sql.sql(" AND NOT a.former"),
        None => sql,
    };
}

/// List authors of live articles.
#[utoipa::path(tag = "delivery", params(AuthorsQuery), responses((status = 200, description = "A page of authors.", body = AuthorPage)), security(()))]
#[get("/authors")]
pub async fn list_authors(app: State, query: Query<AuthorsQuery>, url: PageUrl) -> Result<Delivered> {
    let chosen = fields::parse(query.fields.as_deref(), FIELDS)?;
    let sort = query.sort.unwrap_or(DirectorySort::Name);
    let asked = question("authors", &format!("{:?} {:?} {:?} {sort:?}", query.q, query.kind, query.former));
    let page = PageRequest::<Key>::new(query.limit, query.cursor.as_deref(), asked, &app.cursors)?;
    let reader = app.clone();
    let answer = app.db.read(move |conn| {
        let mut sql = Statement::<Columns>::new(SELECT);
        conditions(&mut sql, &query);
        order(sort).page(&mut sql, &page);
        let (rows, mut info) = page.finish(sql.load::<Row>(conn)?, &reader.cursors, |row| (row.mark(sort), row.id))?;
        if query.count == Some(Count::Exact) {
            let mut sql = Statement::<BigInt>::new("SELECT count(*) FROM live_authors v JOIN authors a ON a.id = v.author_id WHERE ");
            conditions(&mut sql, &query);
            info.total = Some(sql.get_result(conn)?);
        }
        let entries = rows.iter().map(Row::entry).collect::<Result<Vec<_>>>()?;
        let answer = directory::list_answer(conn, &reader, rows.first().map_or(0, |row| row.references), entries, &info, chosen.as_deref())?;
        Ok(linked(answer, url.links(&info)))
    });
    Ok(Delivered::Answer(answer.await?))
}

/// Read an author of live articles.
#[utoipa::path(tag = "delivery", params(("id" = String, Path, description = "Id or slug. A slug that they bore earlier answers 308.", example = "olena-marchenko"), AuthorView),
    responses((status = 200, description = "The author.", body = Author)), security(()))]
#[get("/authors/{id}")]
pub async fn get_author(app: State, target: Target, query: Query<AuthorView>) -> Result<Delivered> {
    let chosen = fields::parse(query.fields.as_deref(), FIELDS)?;
    let reader = app.clone();
    app.db
        .read(move |conn| {
            let Some(row) = find(conn, &target)? else { return Ok(Delivered::Moved(format!("/v1/authors/{}", slug_now(conn, &target)?))) };
            Ok(Delivered::Answer(directory::one_answer(conn, &reader, row.references, row.entry()?, chosen.as_deref())?))
        })
        .await
}

fn find(conn: &mut PgConnection, target: &Target) -> Result<Option<Row>> {
    let mut sql = Statement::<Columns>::new(SELECT);
    match target {
        Target::Id(id) => sql.sql("a.id = ").bind(Bind::Id(*id)),
        Target::Slug(slug) => sql.sql("a.slug = ").bind(Bind::Text(slug.clone())),
    };
    Ok(sql.get_result(conn).optional()?)
}

/// The present slug of the author who bore this one earlier.
///
/// # Errors
/// 404; what the database says.
pub fn slug_now(conn: &mut PgConnection, target: &Target) -> Result<String> {
    let Target::Slug(slug) = target else { return Err(Error::not_found("author")) };
    let mut sql = Statement::<Text>::new(
        "SELECT a.slug FROM slug_redirects r JOIN live_authors v ON v.author_id = r.target_id JOIN authors a ON a.id = v.author_id WHERE r.resource = 'author' AND r.slug = ",
    );
    sql.bind(Bind::Text(slug.clone()));
    let now: Option<String> = sql.get_result(conn).optional()?;
    now.ok_or_else(|| Error::not_found("author"))
}
