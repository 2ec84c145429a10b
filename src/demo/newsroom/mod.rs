//! The demo newsroom: an invented newspaper with pictures, people and stories in two languages and every state, loaded once.
//! Owns the order in which its parts are made; what they are is in `demo/newsroom.json`.

mod collections;
mod people;
mod pictures;
mod source;
mod stories;
mod subjects;

use std::collections::HashMap;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use crate::app::App;
use crate::editorial::site::store::{self as site_settings, Defaults};
use crate::error::{Error, Result};
use crate::identity::audit::{self, Deed};
use crate::publishing::generation;
use crate::schema::{demo_loads, site};
use crate::timestamp::Timestamp;
use source::Newsroom;

/// The name under which a database remembers that it has the newsroom.
const NAME: &str = "newsroom";

/// What a load did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Articles in every state; 0 when the newsroom was there already.
    pub articles: usize,
    /// Those of them that are live.
    pub live: usize,
    /// Pictures.
    pub pictures: usize,
}

impl Report {
    /// Whether anything was loaded.
    #[must_use]
    pub const fn is_new(self) -> bool {
        self.articles > 0
    }
}

/// Ids by the keys and slugs that the newsroom's parts name each other by.
#[derive(Debug, Default)]
struct Known {
    credits: HashMap<String, Uuid>,
    media: HashMap<String, Uuid>,
    tags: HashMap<String, Uuid>,
    authors: HashMap<String, Uuid>,
    articles: HashMap<String, Uuid>,
}

fn find(ids: &HashMap<String, Uuid>, key: &str) -> Result<Uuid> {
    ids.get(key).copied().ok_or_else(|| Error::internal(format!("the demo newsroom refers to '{key}', which it does not have")))
}

/// Loads the newsroom, unless this database has or ever had it. Everything or nothing.
///
/// # Errors
/// 409 when there is no administrator to own it, or something in this database has a slug of its; 503; ours.
pub async fn load(app: &App) -> Result<Report> {
    if app.db.snapshot(is_there).await? {
        return Ok(Report::default());
    }
    let newsroom = Newsroom::read()?;
    // Files cannot be part of the transaction. Left behind by a failure they are harmless, and the next try finds them.
    pictures::store(&*app.media, &newsroom.media).await?;
    let defaults = Defaults::at(&app.base);
    app.db.write(move |tx| write(tx, &newsroom, &defaults)).await
}

/// Whether this database has, or ever had, the newsroom.
///
/// # Errors
/// What the database says.
pub fn is_there(conn: &mut PgConnection) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(demo_loads::table.find(NAME))).get_result(conn)?)
}

fn write(tx: &mut PgConnection, newsroom: &Newsroom, defaults: &Defaults) -> Result<Report> {
    let now = crate::app::now();
    let marked = diesel::insert_into(demo_loads::table)
        .values((demo_loads::name.eq(NAME), demo_loads::articles.eq(i64::try_from(newsroom.articles.len()).unwrap_or(0)), demo_loads::loaded_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(tx)?;
    if marked == 0 {
        return Ok(Report::default());
    }
    let actor = super::owner(tx, "Demo newsroom")?;
    let mut known = Known::default();
    pictures::credits(tx, &actor, &newsroom.credits, &mut known, now)?;
    pictures::media(tx, &actor, &newsroom.media, &mut known, now)?;
    subjects::tags(tx, &actor, &newsroom.tags, &mut known)?;
    people::authors(tx, &actor, &newsroom.authors, &mut known, now)?;
    site_settings::ensure(tx, defaults)?;
    name_site(tx, newsroom, &known, now)?;
    let live = stories::articles(tx, &actor, &newsroom.articles, &mut known, now)?;
    // Some stories went live before these terms began or after they ended: the demo shows a picture whose licence ran out.
    pictures::terms(tx, newsroom, &known)?;
    collections::collections(tx, &actor, &newsroom.collections, &known)?;
    generation::references_changed(tx)?;
    let report = Report { articles: newsroom.articles.len(), live, pictures: newsroom.media.len() };
    audit::record(tx, &actor, Deed { action: "load", resource: "demo", target: None }, None, Some(json!({ "articles": report.articles, "pictures": report.pictures })))?;
    Ok(report)
}

/// The site takes the newsroom's name, unless somebody has set one. It stays where it is: at this service's own address.
fn name_site(tx: &mut PgConnection, newsroom: &Newsroom, known: &Known, now: Timestamp) -> Result<()> {
    let source = &newsroom.site;
    let named = (
        site::name.eq(source.name.as_str()),
        site::description.eq(source.description.as_str()),
        site::languages.eq(source.languages.iter().map(AsRef::<str>::as_ref).collect::<Vec<_>>()),
        site::logo_media_id.eq(find(&known.media, &source.logo_media)?),
        site::updated_at.eq(now),
    );
    diesel::update(site::table.filter(site::version.eq(1))).set(named).execute(tx)?;
    Ok(())
}
