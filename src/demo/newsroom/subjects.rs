//! Tags of the newsroom.

use diesel::pg::PgConnection;
use diesel::prelude::*;

use super::source::Tag;
use super::{Known, find};
use crate::editorial::tags::model::NewTag;
use crate::editorial::tags::store;
use crate::error::Result;
use crate::identity::principal::Principal;
use crate::schema::tags;

/// Makes the tags, then tells them to which wider ones they belong: those may come later in the list.
pub fn tags(tx: &mut PgConnection, actor: &Principal, sources: &[Tag], known: &mut Known) -> Result<()> {
    for tag in sources {
        let new = NewTag {
            name: tag.name.clone(),
            slug: Some(tag.slug.clone()),
            kind: tag.kind,
            description: tag.description.clone(),
            parent_id: None,
            country_code: tag.country_code.clone(),
            names: tag.names.clone(),
            external_ids: tag.external_ids.clone(),
        };
        let made = store::insert(tx, actor, &new)?;
        known.tags.insert(tag.slug.to_string(), made.row.id);
    }
    for tag in sources {
        if let Some(parent) = &tag.parent {
            diesel::update(tags::table.find(find(&known.tags, tag.slug.as_str())?)).set(tags::parent_id.eq(find(&known.tags, parent)?)).execute(tx)?;
        }
    }
    Ok(())
}
