//! The site as the world reads it: its name, its addresses, its logo.

use actix_web::get;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use super::directory::{self, Entry};
use super::fields;
use super::shapes::Site;
use crate::app::State;
use crate::card::{Slot, Writer, argument};
use crate::db::statement::Statement;
use crate::error::{Error, Result};
use crate::http::deliver::Delivered;
use crate::http::query::Query;

/// Members that the site has, in their order.
pub const FIELDS: &[&str] = &["name", "description", "base_url", "article_url_template", "languages", "logo", "feeds"];

/// How the site comes.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SiteView {
    /// Only these members, separated by commas.
    pub fields: Option<String>,
}

#[derive(Queryable)]
struct Row {
    name: String,
    description: Option<String>,
    base_url: String,
    article_url_template: String,
    languages: Vec<String>,
    logo: Option<Uuid>,
    references: i64,
}

type Columns = (Text, Nullable<Text>, Text, Text, Array<Text>, Nullable<SqlUuid>, BigInt);

const SELECT: &str = "SELECT s.name, s.description, s.base_url, s.article_url_template, s.languages, s.logo_media_id, \
                      (SELECT value FROM generations WHERE name = 'references') FROM site s";

impl Row {
    /// `base` is where the feeds are: the service's own address.
    fn entry(&self, base: &str) -> Result<Entry> {
        let none = argument(None);
        let logo = self.logo.map_or_else(|| "null".to_owned(), |media| Slot::Picture { media, alt: &none, caption: &none }.write());
        let feeds = json!({ "rss": format!("{base}/feeds/rss.xml"), "atom": format!("{base}/feeds/atom.xml"), "json": format!("{base}/feeds/feed.json") });
        let write = || -> Result<String, serde_json::Error> {
            let mut out = Writer::default();
            out.member("name", &self.name)?.member("description", &self.description)?.member("base_url", &self.base_url)?;
            out.member("article_url_template", &self.article_url_template)?.member("languages", &self.languages)?;
            out.raw("logo", &logo).member("feeds", &feeds)?;
            Ok(out.finish())
        };
        Ok(Entry { object: write().map_err(Error::internal)?, keys: vec!["site".to_owned()] })
    }
}

/// Read what the site is.
#[utoipa::path(tag = "delivery", params(SiteView), responses((status = 200, description = "The site.", body = Site)), security(()))]
#[get("/site")]
pub async fn get_site(app: State, query: Query<SiteView>) -> Result<Delivered> {
    let chosen = fields::parse(query.fields.as_deref(), FIELDS)?;
    let reader = app.clone();
    app.db
        .read(move |conn| {
            let row: Option<Row> = Statement::<Columns>::new(SELECT).get_result(conn).optional()?;
            let row = row.ok_or_else(|| Error::unavailable("The site has not been set up yet. Try again in a moment."))?;
            Ok(Delivered::Answer(directory::one_answer(conn, &reader, row.references, row.entry(&reader.base)?, chosen.as_deref())?))
        })
        .await
}
