//! Curated lists of the newsroom, published: the front pages.

use diesel::pg::PgConnection;

use super::source::Chosen;
use super::{Known, find};
use crate::editorial::collections::model::NewCollection;
use crate::editorial::collections::store;
use crate::error::Result;
use crate::http::extract::IfMatch;
use crate::identity::principal::Principal;
use crate::vocabulary::{CollectionFill, CollectionSlot};

/// Makes the collections and puts them before the world.
pub fn collections(tx: &mut PgConnection, actor: &Principal, sources: &[Chosen], known: &Known) -> Result<()> {
    for source in sources {
        let slot = |slug: &String| Ok(CollectionSlot { article_id: find(&known.articles, slug)?, pinned_until: None });
        let new = NewCollection {
            name: source.name.clone(),
            slug: Some(source.slug.clone()),
            description: Some(source.description.clone()),
            slots: source.slots.iter().map(slot).collect::<Result<_>>()?,
            fill: Some(CollectionFill { language: vec![source.language.clone()], ..CollectionFill::default() }),
            size: Some(source.size),
            revision_note: None,
        };
        let made = store::insert(tx, actor, &new)?;
        store::publish(tx, actor, made.id, &IfMatch::any())?;
    }
    Ok(())
}
