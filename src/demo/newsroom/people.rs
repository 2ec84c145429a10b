//! Authors of the newsroom.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::source::Author;
use super::{Known, find};
use crate::error::Result;
use crate::identity::audit::{self, Deed};
use crate::identity::principal::Principal;
use crate::schema::authors as a;
use crate::timestamp::Timestamp;

/// Makes the authors, portraits and all.
pub fn authors(tx: &mut PgConnection, actor: &Principal, sources: &[Author], known: &mut Known, now: Timestamp) -> Result<()> {
    for author in sources {
        let id = Uuid::now_v7();
        let portrait = author.avatar.as_ref().map(|key| find(&known.media, key)).transpose()?;
        diesel::insert_into(a::table)
            .values((
                (a::id.eq(id), a::slug.eq(author.slug.as_str()), a::name.eq(author.name.as_str()), a::sort_name.eq(author.sort_name.as_str()), a::kind.eq(&author.kind)),
                (a::job_title.eq(author.job_title.as_ref().map(|t| t.as_str())), a::former.eq(author.former), a::job_titles.eq(json!(author.job_titles))),
                (a::bio.eq(author.bio.as_ref().map(|t| t.as_str())), a::bio_long.eq(author.bio_long.as_ref().map(|t| t.as_str())), a::avatar_media_id.eq(portrait)),
                (a::links.eq(json!(author.links)), a::location.eq(author.location.as_ref().map(|t| t.as_str()))),
                (a::languages.eq(author.languages.iter().map(|l| l.as_str()).collect::<Vec<_>>()), a::email.eq(author.email.as_ref().map(|e| e.as_str()))),
                (a::created_by.eq(actor.user_id), a::created_at.eq(now), a::updated_at.eq(now)),
            ))
            .execute(tx)?;
        audit::record(tx, actor, Deed { action: "create", resource: "author", target: Some(id) }, None, Some(json!({ "slug": author.slug, "name": author.name })))?;
        known.authors.insert(author.slug.to_string(), id);
    }
    Ok(())
}
