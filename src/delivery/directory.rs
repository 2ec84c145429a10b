//! What the directories of authors, tags and credits have in common: their orders, their pages, and how entries are put
//! together. Only what something live uses is in them; who says so is each directory's own SQL.

use diesel::pg::PgConnection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::fields;
use super::splice::Splicer;
use crate::app::App;
use crate::db::page::{PageInfo, PageRequest};
use crate::db::statement::{Bind, Statement, containing};
use crate::error::{Error, Result};
use crate::http::deliver::Answer;
use crate::timestamp::Timestamp;

crate::words! {
    /// How a directory is sorted.
    DirectorySort {
        /// By name; people by the name they are sorted by.
        Name = "name",
        /// Those with the most live stories first.
        Count = "-article_count",
        /// Those with the newest story first.
        Latest = "-latest_published_at",
    }
}

/// What an entry is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Its name.
    Name(String),
    /// How many live stories it has.
    Count(i32),
    /// When the newest of them, or the entry itself, came.
    Time(Timestamp),
}

/// The key of a page: what it is sorted by, then the id.
pub type Key = (Mark, Uuid);

/// The column that a directory is sorted by, and that of the id in the same index.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// What it is sorted by.
    pub column: &'static str,
    /// The id.
    pub id: &'static str,
    /// Whether the last comes first.
    pub descending: bool,
}

impl Order {
    /// ` AND (…) ORDER BY … LIMIT …`: the page, in reading order.
    pub fn page<S>(self, sql: &mut Statement<S>, page: &PageRequest<Key>) {
        let descending = self.descending != page.backwards();
        if let Some((mark, id)) = page.key() {
            let mark = match mark {
                Mark::Name(name) => Bind::Text(name.clone()),
                Mark::Count(count) => Bind::Int(*count),
                Mark::Time(time) => Bind::Time(*time),
            };
            sql.sql(" AND (").sql(self.column).sql(", ").sql(self.id).sql(if descending { ") < (" } else { ") > (" }).bind(mark).sql(", ").bind(Bind::Id(*id)).sql(")");
        }
        let way = if descending { " DESC" } else { "" };
        sql.sql(" ORDER BY ").sql(self.column).sql(way).sql(", ").sql(self.id).sql(way).sql(" LIMIT ").literal(page.take());
    }
}

/// ` AND lower(…) LIKE …`: names that have the text anywhere in them.
pub fn named<S>(sql: &mut Statement<S>, column: &'static str, q: Option<&str>) {
    if let Some(q) = q {
        sql.sql(" AND lower(").sql(column).sql(") LIKE ").bind(Bind::Text(containing(q)));
    }
}

/// An entry on its way out.
#[derive(Debug)]
pub struct Entry {
    /// A JSON object, pictures as slots.
    pub object: String,
    /// What it is made of, besides its pictures.
    pub keys: Vec<String>,
}

fn object(splicer: &mut Splicer, entry: Entry, chosen: Option<&[&str]>) -> Result<String> {
    for key in entry.keys {
        splicer.key(key);
    }
    let object = splicer.fill(&entry.object);
    match chosen {
        Some(fields) => fields::pick(&object, fields),
        None => Ok(object),
    }
}

/// A page of entries as an answer. `generation` is that of the references when the entries were read.
///
/// # Errors
/// What the database says.
pub fn list_answer(conn: &mut PgConnection, app: &App, generation: i64, entries: Vec<Entry>, info: &PageInfo, chosen: Option<&[&str]>) -> Result<Answer> {
    let mut splicer = Splicer::new(conn, &app.references, generation, &app.base, entries.iter().map(|entry| entry.object.as_str()), Vec::new())?;
    // Who is in a directory changes when stories come and go.
    splicer.key("feed".to_owned());
    let objects = entries.into_iter().map(|entry| object(&mut splicer, entry, chosen)).collect::<Result<Vec<_>>>()?;
    Ok(splicer.answer(page_json(&objects, info)?))
}

/// The JSON of a page of objects.
///
/// # Errors
/// Only ours.
pub fn page_json(objects: &[String], info: &PageInfo) -> Result<Vec<u8>> {
    let page = serde_json::to_string(info).map_err(Error::internal)?;
    Ok(format!("{{\"data\":[{}],\"page\":{page}}}", objects.join(",")).into_bytes())
}

/// One entry as an answer.
///
/// # Errors
/// What the database says.
pub fn one_answer(conn: &mut PgConnection, app: &App, generation: i64, entry: Entry, chosen: Option<&[&str]>) -> Result<Answer> {
    let mut splicer = Splicer::new(conn, &app.references, generation, &app.base, std::iter::once(entry.object.as_str()), Vec::new())?;
    let object = object(&mut splicer, entry, chosen)?;
    Ok(splicer.answer(object.into_bytes()))
}

/// An answer with the `Link` header of its page.
#[must_use]
pub fn linked(answer: Answer, links: Option<String>) -> Answer {
    match links {
        Some(links) => answer.header("link", links),
        None => answer,
    }
}
