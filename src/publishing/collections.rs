//! Collections on their way to the world: what a revision of one says, and the row that delivery reads.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::generation;
use crate::error::Result;
use crate::schema::live_collections as live;
use crate::timestamp::Timestamp;
use crate::vocabulary::{CollectionFill, CollectionSlot};

/// What a revision of a collection says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Its address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Chosen stories, in order.
    pub slots: Vec<CollectionSlot>,
    /// Which stories fill it up; `None` for none.
    pub fill: Option<CollectionFill>,
    /// Stories it has at the most, 1 to 100.
    pub size: u8,
}

/// Puts a collection before the world, or a new version of it in the place of the old one. Gives the slug that it had
/// there until now.
///
/// # Errors
/// 409 when another collection is live under its slug.
pub fn show(tx: &mut PgConnection, id: Uuid, content: &Content, now: Timestamp) -> Result<Option<String>> {
    let earlier: Option<String> = live::table.find(id).select(live::slug).first(tx).optional()?;
    let values = (
        live::slug.eq(&content.slug),
        live::name.eq(&content.name),
        live::description.eq(&content.description),
        live::slots.eq(json!(content.slots)),
        live::fill.eq(content.fill.as_ref().map(|fill| json!(fill))),
        live::size.eq(i16::from(content.size)),
        live::published_at.eq(now),
    );
    if earlier.is_some() {
        diesel::update(live::table.find(id)).set(values).execute(tx)?;
    } else {
        diesel::insert_into(live::table).values((live::id.eq(id), values)).execute(tx)?;
    }
    generation::content_changed(tx)?;
    Ok(earlier)
}

/// Takes a collection from the world.
///
/// # Errors
/// What the database says.
pub fn remove(tx: &mut PgConnection, id: Uuid) -> Result<()> {
    diesel::delete(live::table.find(id)).execute(tx)?;
    generation::content_changed(tx)?;
    Ok(())
}

/// Collections that are filled up by one tag are filled up by the other from now on: after a merge.
///
/// # Errors
/// What the database says.
pub fn replace_tag(tx: &mut PgConnection, from: Uuid, into: Uuid) -> Result<()> {
    // An id in JSON stands only where an id is meant.
    diesel::sql_query("UPDATE live_collections SET fill = replace(fill::text, $1, $2)::jsonb WHERE strpos(fill::text, $1) > 0")
        .bind::<Text, _>(from.to_string())
        .bind::<Text, _>(into.to_string())
        .execute(tx)?;
    Ok(())
}
