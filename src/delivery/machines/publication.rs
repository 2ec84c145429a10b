//! What every shape says of the site that the stories are from.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::db::statement::Statement;
use crate::error::{Error, Result};
use crate::timestamp::Timestamp;

/// The site.
#[derive(Debug, Clone, Queryable)]
pub struct Publication {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Where readers find it; without a slash at the end.
    pub base_url: String,
    /// How addresses of articles are made.
    pub article_url_template: String,
    languages: Vec<String>,
    /// Its logo.
    pub logo: Option<Uuid>,
    /// When its settings were last changed.
    pub updated_at: Timestamp,
    /// The generation of the references when this was read.
    pub references: i64,
}

type Columns = (Text, Nullable<Text>, Text, Text, Array<Text>, Nullable<SqlUuid>, Timestamptz, BigInt);

const SELECT: &str = "SELECT s.name, s.description, s.base_url, s.article_url_template, s.languages, s.logo_media_id, s.updated_at, \
                      (SELECT value FROM generations WHERE name = 'references') FROM site s";

impl Publication {
    /// Reads it.
    ///
    /// # Errors
    /// 503 before there is one; what the database says.
    pub fn load(conn: &mut PgConnection) -> Result<Self> {
        let row: Option<Self> = Statement::<Columns>::new(SELECT).get_result(conn).optional()?;
        row.ok_or_else(|| Error::unavailable("The site has not been set up yet. Try again in a moment."))
    }

    /// The language that it is in by default (BCP 47).
    #[must_use]
    pub fn language(&self) -> &str {
        self.languages.first().map_or("en", String::as_str)
    }
}
