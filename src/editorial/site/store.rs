//! SQL of the site's settings: one row, made at start-up.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde_json::json;

use super::model::{Site, SitePatch, check_languages, check_template};
use crate::editorial::images;
use crate::error::{Error, Result};
use crate::http::extract::IfMatch;
use crate::identity::audit::{self, Deed};
use crate::identity::principal::Principal;
use crate::publishing::generation;
use crate::schema::site;

/// The id of the only row.
const ONLY: i16 = 1;

/// What a site is until somebody says otherwise.
#[derive(Debug, Clone)]
pub struct Defaults {
    /// Its name.
    pub name: String,
    /// Where readers find it.
    pub base_url: String,
    /// Languages it appears in.
    pub languages: Vec<String>,
}

impl Defaults {
    /// For a service that readers reach at this address.
    #[must_use]
    pub fn at(public_url: &str) -> Self {
        Self { name: "Masthead".to_owned(), base_url: public_url.trim_end_matches('/').to_owned(), languages: vec!["en".to_owned()] }
    }
}

/// Makes the settings where there are none yet; leaves them alone where there are.
///
/// # Errors
/// What the database says.
pub fn ensure(tx: &mut PgConnection, defaults: &Defaults) -> Result<()> {
    let made = diesel::insert_into(site::table)
        .values((
            site::id.eq(ONLY),
            site::name.eq(&defaults.name),
            site::base_url.eq(&defaults.base_url),
            site::article_url_template.eq(format!("{}/{{slug}}", defaults.base_url)),
            site::languages.eq(&defaults.languages),
            site::updated_at.eq(crate::app::now()),
        ))
        .on_conflict_do_nothing()
        .execute(tx)?;
    if made > 0 { generation::references_changed(tx) } else { Ok(()) }
}

/// The settings.
///
/// # Errors
/// 404 before start-up has made them.
pub fn get(conn: &mut PgConnection) -> Result<Site> {
    site::table.find(ONLY).select(Site::as_select()).first(conn).optional()?.ok_or_else(|| Error::not_found("site"))
}

/// Changes the settings.
///
/// # Errors
/// 412, 422.
pub fn update(tx: &mut PgConnection, actor: &Principal, seen: &IfMatch, patch: &SitePatch) -> Result<Site> {
    let before: Option<Site> = site::table.find(ONLY).select(Site::as_select()).for_update().first(tx).optional()?;
    let before = before.ok_or_else(|| Error::not_found("site"))?;
    seen.check(before.version)?;
    patch.article_url_template.as_ref().map_or(Ok(()), |template| check_template(template.as_str()))?;
    patch.languages.as_deref().map_or(Ok(()), check_languages)?;
    images::check(tx, "/logo_media_id", patch.logo_media_id.flatten())?;
    diesel::update(site::table.find(ONLY))
        .set((
            patch.name.as_ref().map(|v| site::name.eq(v.as_str())),
            patch.description.as_ref().map(|v| site::description.eq(v.as_ref().map(AsRef::<str>::as_ref))),
            patch.base_url.as_ref().map(|v| site::base_url.eq(v.as_str().trim_end_matches('/'))),
            patch.article_url_template.as_ref().map(|v| site::article_url_template.eq(v.as_str())),
            patch.languages.as_ref().map(|v| site::languages.eq(v.iter().map(AsRef::<str>::as_ref).collect::<Vec<&str>>())),
            patch.logo_media_id.map(|v| site::logo_media_id.eq(v)),
            site::version.eq(site::version + 1),
            site::updated_at.eq(crate::app::now()),
        ))
        .execute(tx)?;
    let after = get(tx)?;
    let (was, is) = audit::difference(&json!(before), &json!(after));
    audit::record(tx, actor, Deed { action: "update", resource: "site", target: None }, Some(was), Some(is))?;
    generation::references_changed(tx)?;
    Ok(after)
}
