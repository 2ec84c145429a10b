//! Credits and pictures of the newsroom: their files, their rows, and the terms that are set once the stories are out.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use object_store::ObjectStore;
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::source::{Credit, Newsroom, Picture};
use super::{Known, find};
use crate::demo::photos;
use crate::error::{Error, Result};
use crate::identity::audit::{self, Deed};
use crate::identity::principal::Principal;
use crate::imaging::{self, Limits};
use crate::schema::{media, media_credits};
use crate::timestamp::Timestamp;

const TEMPLATE: &str = "({name})";

/// Puts the files where media files are.
pub async fn store(files: &dyn ObjectStore, pictures: &[Picture]) -> Result<()> {
    for picture in pictures {
        photos::store(files, photos::bytes(&picture.file)?).await?;
    }
    Ok(())
}

/// Makes the credits, as yet without terms.
pub fn credits(tx: &mut PgConnection, actor: &Principal, credits: &[Credit], known: &mut Known, now: Timestamp) -> Result<()> {
    use media_credits as c;
    for credit in credits {
        let id = Uuid::now_v7();
        let licence = credit.licence.as_ref();
        diesel::insert_into(c::table)
            .values((
                (c::id.eq(id), c::slug.eq(credit.slug.as_str()), c::name.eq(credit.name.as_str()), c::kind.eq(&credit.kind), c::credit_line.eq(credit.credit_line.as_str())),
                c::credit_template.eq(credit.credit_template.as_ref().map_or(TEMPLATE, |t| t.as_str())),
                (c::source.eq(credit.source.as_ref().map(|t| t.as_str())), c::copyright_notice.eq(credit.copyright_notice.as_ref().map(|t| t.as_str()))),
                (c::licence_code.eq(licence.map(|l| l.code.as_str())), c::licence_name.eq(licence.map(|l| l.name.as_str())), c::licence_url.eq(licence.map(|l| l.url.as_str()))),
                (c::usage_terms.eq(credit.usage_terms.as_ref().map(|t| t.as_str())), c::acquire_licence_url.eq(credit.acquire_licence_url.as_ref().map(|t| t.as_str()))),
                (c::url.eq(credit.url.as_ref().map(|t| t.as_str())), c::status.eq("active")),
                (c::created_by.eq(actor.user_id), c::created_at.eq(now), c::updated_at.eq(now)),
            ))
            .execute(tx)?;
        audit::record(tx, actor, Deed { action: "create", resource: "media_credit", target: Some(id) }, None, Some(json!({ "slug": credit.slug, "name": credit.name })))?;
        known.credits.insert(credit.slug.to_string(), id);
    }
    Ok(())
}

/// Makes the pictures, as yet without terms.
pub fn media(tx: &mut PgConnection, actor: &Principal, pictures: &[Picture], known: &mut Known, now: Timestamp) -> Result<()> {
    use media as m;
    for picture in pictures {
        let bytes = photos::bytes(&picture.file)?;
        let seen = imaging::inspect(bytes, &Limits::default()).map_err(|refused| Error::internal(format!("{}: {refused}", picture.file)))?;
        let (id, size) = (Uuid::now_v7(), |pixels: u32| i32::try_from(pixels).ok());
        let filename = picture.file.rsplit('/').next().unwrap_or_default();
        diesel::insert_into(m::table)
            .values((
                (m::id.eq(id), m::kind.eq("image"), m::filename.eq(filename), m::mime.eq(seen.mime)),
                (m::bytes.eq(i64::try_from(bytes.len()).unwrap_or(i64::MAX)), m::sha256.eq(Sha256::digest(bytes).to_vec())),
                (m::width.eq(size(seen.width)), m::height.eq(size(seen.height)), m::blurhash.eq(&seen.blurhash)),
                (m::focal_x.eq(picture.focal_point.as_ref().map(|p| p.x)), m::focal_y.eq(picture.focal_point.as_ref().map(|p| p.y))),
                (m::alt.eq(picture.alt.as_str()), m::caption.eq(picture.caption.as_str()), m::credit_id.eq(find(&known.credits, &picture.credit)?)),
                (m::creators.eq(picture.creators.iter().map(|name| name.as_str()).collect::<Vec<_>>()), m::source_url.eq(picture.source_url.as_ref().map(|u| u.as_str()))),
                (m::usage_terms.eq(picture.rights.usage_terms.as_ref().map(|t| t.as_str())), m::digital_source_type.eq(picture.digital_source_type.as_ref().map(|u| u.as_str()))),
                (m::extracted.eq(json!(imaging::extract(bytes))), m::status.eq("ready")),
                (m::created_by.eq(actor.user_id), m::created_at.eq(now), m::updated_at.eq(now)),
            ))
            .execute(tx)?;
        audit::record(tx, actor, Deed { action: "create", resource: "media", target: Some(id) }, None, Some(json!({ "filename": filename })))?;
        known.media.insert(picture.key.clone(), id);
    }
    Ok(())
}

/// Sets from when and until when credits and pictures may be used.
pub fn terms(tx: &mut PgConnection, newsroom: &Newsroom, known: &Known) -> Result<()> {
    for credit in newsroom.credits.iter().filter(|c| c.valid_from.is_some() || c.valid_until.is_some()) {
        diesel::update(media_credits::table.find(find(&known.credits, credit.slug.as_str())?))
            .set((media_credits::valid_from.eq(credit.valid_from), media_credits::valid_until.eq(credit.valid_until)))
            .execute(tx)?;
    }
    for picture in newsroom.media.iter().filter(|p| p.rights.valid_from.is_some() || p.rights.valid_until.is_some()) {
        diesel::update(media::table.find(find(&known.media, &picture.key)?))
            .set((media::valid_from.eq(picture.rights.valid_from), media::valid_until.eq(picture.rights.valid_until)))
            .execute(tx)?;
    }
    Ok(())
}
