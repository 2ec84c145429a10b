//! Media credits as the world reads them: those of pictures that are live, and those pictures.

use actix_web::get;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use super::directory::{self, Entry, Key, Mark, Order, linked, named};
use super::fields;
use super::shapes::{MaybePicture, MediaCredit};
use super::splice::Splicer;
use crate::app::State;
use crate::card::Writer;
use crate::db::page::{Count, Page, PageRequest, question};
use crate::db::statement::{Bind, Statement};
use crate::error::{Error, Result};
use crate::http::deliver::Delivered;
use crate::http::extract::Target;
use crate::http::query::Query;
use crate::http::reply::PageUrl;
use crate::pictures::{SHOWN_LIVE, fill_template};
use crate::text::Line;
use crate::timestamp::Timestamp;
use crate::vocabulary::{CreditKind, CreditStatus};

/// Members that a credit has, in their order.
pub const FIELDS: &[&str] = &[
    "id",
    "slug",
    "name",
    "kind",
    "credit_line",
    "display",
    "source",
    "copyright_notice",
    "licence",
    "usage_terms",
    "acquire_licence_url",
    "url",
    "valid_from",
    "valid_until",
    "status",
];

/// Which credits.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CreditsQuery {
    /// Part of the name.
    #[param(max_length = 200)]
    pub q: Option<Line<200>>,
    /// Whom the pictures come from.
    #[param(inline)]
    pub kind: Option<CreditKind>,
    /// Order; `name` by default.
    #[param(inline)]
    pub sort: Option<CreditsSort>,
    /// Only these members, separated by commas; `id` is always there.
    #[param(example = "name,display")]
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

crate::words! {
    /// How credits are sorted.
    CreditsSort {
        /// By name.
        Name = "name",
    }
}

/// How one credit comes.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CreditView {
    /// Only these members, separated by commas; `id` is always there.
    pub fields: Option<String>,
}

/// Which pictures of a credit.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CreditMediaQuery {
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
    /// `exact` also counts them all.
    #[param(inline)]
    pub count: Option<Count>,
}

/// A page of credits.
pub type MediaCreditPage = Page<MediaCredit>;
/// A page of pictures.
pub type PicturePage = Page<MaybePicture>;

#[derive(Queryable)]
struct Row {
    id: Uuid,
    slug: String,
    name: String,
    kind: CreditKind,
    credit_line: String,
    credit_template: String,
    source: Option<String>,
    copyright_notice: Option<String>,
    licence: (Option<String>, Option<String>, Option<String>),
    usage_terms: Option<String>,
    acquire_licence_url: Option<String>,
    url: Option<String>,
    valid_from: Option<Timestamp>,
    valid_until: Option<Timestamp>,
    references: i64,
}

type Optional = Nullable<Text>;
type Time = Nullable<Timestamptz>;
type Columns = (SqlUuid, Text, Text, Text, Text, Text, Optional, Optional, (Optional, Optional, Optional), Optional, Optional, Optional, Time, Time, BigInt);

const SELECT: &str = "SELECT c.id, c.slug, c.name, c.kind, c.credit_line, c.credit_template, c.source, c.copyright_notice, c.licence_code, c.licence_name, c.licence_url, \
                      c.usage_terms, c.acquire_licence_url, c.url, c.valid_from, c.valid_until, (SELECT value FROM generations WHERE name = 'references') \
                      FROM media_credits c WHERE ";

/// On a credit `c`: it is active, and some picture with it is live.
fn visible<S>(sql: &mut Statement<S>) -> &mut Statement<S> {
    sql.sql("c.status = 'active' AND EXISTS (SELECT FROM media WHERE media.credit_id = c.id AND media.kind = 'image' AND media.status = 'ready' AND ").sql(SHOWN_LIVE).sql(")")
}

fn conditions<S>(sql: &mut Statement<S>, query: &CreditsQuery) {
    visible(sql);
    named(sql, "c.name", query.q.as_ref().map(AsRef::as_ref));
    if let Some(kind) = query.kind {
        sql.sql(" AND c.kind = ").bind(Bind::Text(kind.as_str().to_owned()));
    }
}

impl Row {
    fn entry(&self) -> Result<Entry> {
        let (code, name, url) = &self.licence;
        let licence = code.as_ref().or(name.as_ref()).or(url.as_ref()).map(|_| json!({ "code": code, "name": name, "url": url }));
        let write = || -> Result<String, serde_json::Error> {
            let mut out = Writer::default();
            out.member("id", &self.id)?.member("slug", &self.slug)?.member("name", &self.name)?.member("kind", &self.kind)?.member("credit_line", &self.credit_line)?;
            out.member("display", &fill_template(&self.credit_template, &self.name, &self.credit_line))?.member("source", &self.source)?;
            out.member("copyright_notice", &self.copyright_notice)?.member("licence", &licence)?.member("usage_terms", &self.usage_terms)?;
            out.member("acquire_licence_url", &self.acquire_licence_url)?.member("url", &self.url)?;
            out.member("valid_from", &self.valid_from)?.member("valid_until", &self.valid_until)?.member("status", &CreditStatus::Active)?;
            Ok(out.finish())
        };
        Ok(Entry { object: write().map_err(Error::internal)?, keys: vec![format!("credit-{}", self.id)] })
    }
}

/// List media credits of live pictures.
#[utoipa::path(tag = "delivery", params(CreditsQuery), responses((status = 200, description = "A page of credits.", body = MediaCreditPage)), security(()))]
#[get("/media-credits")]
pub async fn list_media_credits(app: State, query: Query<CreditsQuery>, url: PageUrl) -> Result<Delivered> {
    let chosen = fields::parse(query.fields.as_deref(), FIELDS)?;
    let asked = question("media credits", &format!("{:?} {:?}", query.q, query.kind));
    let page = PageRequest::<Key>::new(query.limit, query.cursor.as_deref(), asked, &app.cursors)?;
    let reader = app.clone();
    let answer = app.db.read(move |conn| {
        let mut sql = Statement::<Columns>::new(SELECT);
        conditions(&mut sql, &query);
        Order { column: "c.name", id: "c.id", descending: false }.page(&mut sql, &page);
        let (rows, mut info) = page.finish(sql.load::<Row>(conn)?, &reader.cursors, |row| (Mark::Name(row.name.clone()), row.id))?;
        if query.count == Some(Count::Exact) {
            let mut sql = Statement::<BigInt>::new("SELECT count(*) FROM media_credits c WHERE ");
            conditions(&mut sql, &query);
            info.total = Some(sql.get_result(conn)?);
        }
        let entries = rows.iter().map(Row::entry).collect::<Result<Vec<_>>>()?;
        let answer = directory::list_answer(conn, &reader, rows.first().map_or(0, |row| row.references), entries, &info, chosen.as_deref())?;
        Ok(linked(answer, url.links(&info)))
    });
    Ok(Delivered::Answer(answer.await?))
}

/// Read the media credit of live pictures.
#[utoipa::path(tag = "delivery", params(("id" = String, Path, description = "Id or slug. A slug that it bore earlier answers 308.", example = "maxar-technologies"), CreditView),
    responses((status = 200, description = "The credit.", body = MediaCredit)), security(()))]
#[get("/media-credits/{id}")]
pub async fn get_media_credit(app: State, target: Target, query: Query<CreditView>) -> Result<Delivered> {
    let chosen = fields::parse(query.fields.as_deref(), FIELDS)?;
    let reader = app.clone();
    app.db
        .read(move |conn| {
            let Some(row) = find(conn, &target)? else { return moved(conn, &target, "") };
            Ok(Delivered::Answer(directory::one_answer(conn, &reader, row.references, row.entry()?, chosen.as_deref())?))
        })
        .await
}

/// List live pictures by a media credit, the newest first.
///
/// Pictures whose rights do not hold now are left out.
#[utoipa::path(tag = "delivery", params(("id" = String, Path, description = "Id or slug of the credit. A slug that it bore earlier answers 308.", example = "maxar-technologies"), CreditMediaQuery),
    responses((status = 200, description = "A page of pictures.", body = PicturePage)), security(()))]
#[get("/media-credits/{id}/media")]
pub async fn list_media_of_credit(app: State, target: Target, query: Query<CreditMediaQuery>, url: PageUrl) -> Result<Delivered> {
    let asked = question("media of credit", &format!("{target:?}"));
    let page = PageRequest::<Key>::new(query.limit, query.cursor.as_deref(), asked, &app.cursors)?;
    let reader = app.clone();
    app.db
        .read(move |conn| {
            let Some(credit) = find(conn, &target)? else { return moved(conn, &target, "/media") };
            let now = crate::app::now();
            let mut sql = Statement::<(SqlUuid, Timestamptz, BigInt)>::new("SELECT media.id, media.created_at, (SELECT value FROM generations WHERE name = 'references') ");
            shown(&mut sql, credit.id, now);
            Order { column: "media.created_at", id: "media.id", descending: true }.page(&mut sql, &page);
            let rows: Vec<(Uuid, Timestamp, i64)> = sql.load(conn)?;
            let (rows, mut info) = page.finish(rows, &reader.cursors, |(id, at, _)| (Mark::Time(*at), *id))?;
            if query.count == Some(Count::Exact) {
                let mut sql = Statement::<BigInt>::new("SELECT count(*) ");
                shown(&mut sql, credit.id, now);
                info.total = Some(sql.get_result(conn)?);
            }
            let generation = rows.first().map_or(0, |(_, _, generation)| *generation);
            let ids: Vec<_> = rows.iter().map(|(id, _, _)| *id).collect();
            let mut splicer = Splicer::new(conn, &reader.references, generation, &reader.base, std::iter::empty(), ids.clone())?;
            splicer.key("feed".to_owned());
            splicer.key(format!("credit-{}", credit.id));
            let pictures: Vec<_> = ids.into_iter().map(|id| splicer.picture_json(id)).collect();
            let answer = splicer.answer(directory::page_json(&pictures, &info)?);
            Ok(Delivered::Answer(linked(answer, url.links(&info))))
        })
        .await
}

/// `FROM … WHERE …`: the live pictures of a credit to which the rights hold now.
fn shown<S>(sql: &mut Statement<S>, credit: Uuid, now: Timestamp) {
    sql.sql("FROM media JOIN media_credits c ON c.id = media.credit_id WHERE media.kind = 'image' AND media.status = 'ready' AND media.credit_id = ").bind(Bind::Id(credit));
    for column in ["media.valid_from", "c.valid_from"] {
        sql.sql(" AND (").sql(column).sql(" IS NULL OR ").sql(column).sql(" <= ").bind(Bind::Time(now)).sql(")");
    }
    for column in ["media.valid_until", "c.valid_until"] {
        sql.sql(" AND (").sql(column).sql(" IS NULL OR ").sql(column).sql(" > ").bind(Bind::Time(now)).sql(")");
    }
    sql.sql(" AND ").sql(SHOWN_LIVE);
}

fn find(conn: &mut PgConnection, target: &Target) -> Result<Option<Row>> {
    let mut sql = Statement::<Columns>::new(SELECT);
    match target {
        Target::Id(id) => sql.sql("c.id = ").bind(Bind::Id(*id)),
        Target::Slug(slug) => sql.sql("c.slug = ").bind(Bind::Text(slug.clone())),
    };
    visible(sql.sql(" AND "));
    Ok(sql.get_result(conn).optional()?)
}

/// A slug that a visible credit bore earlier leads to the present one.
fn moved(conn: &mut PgConnection, target: &Target, below: &str) -> Result<Delivered> {
    let Target::Slug(slug) = target else { return Err(Error::not_found("media credit")) };
    let mut sql = Statement::<Text>::new("SELECT c.slug FROM slug_redirects r JOIN media_credits c ON c.id = r.target_id WHERE r.resource = 'media_credit' AND r.slug = ");
    visible(sql.bind(Bind::Text(slug.clone())).sql(" AND "));
    let now: Option<String> = sql.get_result(conn).optional()?;
    now.map(|slug| Delivered::Moved(format!("/v1/media-credits/{slug}{below}"))).ok_or_else(|| Error::not_found("media credit"))
}
