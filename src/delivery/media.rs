//! Pictures as the world sees them, and their bytes: only while something live uses them and their rights hold.

use actix_web::{HttpRequest, HttpResponse, get};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use uuid::Uuid;

use super::shapes::MaybePicture;
use super::splice::Splicer;
use crate::app::State;
use crate::db::statement::{Bind, Statement};
use crate::error::{Code, Error, Result};
use crate::http::deliver::Delivered;
use crate::http::extract::Id;
use crate::http::query::{NoParameters, Query};
use crate::pictures::{self, Reason, SHOWN_LIVE};
use crate::renditions::{self, RenditionQuery};
use crate::timestamp::Timestamp;

/// Seconds that the bytes under a stamped address may be kept: they never change.
const FOR_GOOD: i64 = 31_536_000;
/// Seconds for an address without a stamp.
const A_WHILE: i64 = 3_600;

/// The generation of references, where this is a picture that something live uses.
fn live(conn: &mut PgConnection, id: Uuid) -> Result<i64> {
    let mut sql = Statement::<BigInt>::new("SELECT g.value FROM generations g, media WHERE g.name = 'references' AND media.kind = 'image' AND media.id = ");
    sql.bind(Bind::Id(id)).sql(" AND ").sql(SHOWN_LIVE);
    sql.get_result(conn).optional()?.ok_or_else(|| Error::new(Code::NotFound, "There is no live picture with this id."))
}

/// Read a picture.
///
/// Only while something live uses it. One that is withdrawn, or whose rights do not hold now, comes as a note that it is withheld.
#[utoipa::path(tag = "delivery", params(("id" = Uuid, Path, description = "Id.")), responses((status = 200, description = "The picture, or a note that it is withheld.", body = MaybePicture)), security(()))]
#[get("/media/{id}")]
pub async fn get_media(app: State, id: Id, _none: Query<NoParameters>) -> Result<Delivered> {
    let reader = app.clone();
    app.db
        .read(move |conn| {
            let generation = live(conn, id.0)?;
            let mut splicer = Splicer::new(conn, &reader.references, generation, &reader.base, std::iter::empty(), vec![id.0])?;
            let picture = splicer.picture_json(id.0);
            Ok(Delivered::Answer(splicer.answer(picture.into_bytes())))
        })
        .await
}

/// Read a picture's bytes.
///
/// Whole, or with `w` as a smaller copy; with the credit written into it (IPTC, XMP), without place and device. Copies of animations are stills. 410 when
/// the picture is withdrawn or its rights have ended.
#[utoipa::path(tag = "delivery", params(("id" = Uuid, Path, description = "Id."), RenditionQuery, ("Range" = Option<String>, Header, description = "One range of bytes."), ("If-Range" = Option<String>, Header, description = "The ETag that the range is of.")),
    responses((status = 200, description = "The bytes.", content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"), (Vec<u8> = "image/gif"))),
        (status = 206, description = "The part that was asked for.", content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"), (Vec<u8> = "image/gif")))), security(()))]
#[get("/media/{id}/file")]
pub async fn get_media_file(app: State, id: Id, query: Query<RenditionQuery>, request: HttpRequest) -> Result<HttpResponse> {
    let nothing = || Error::new(Code::NotFound, "There is no live picture with this id.");
    let file = app
        .db
        .read(move |conn| {
            live(conn, id.0)?;
            pictures::file(conn, id.0)?.ok_or_else(nothing)
        })
        .await?;
    let now = crate::app::now();
    match file.standing.withheld(now) {
        Some(Reason::Withdrawn) => return Err(Error::new(Code::Gone, "The picture is withdrawn.").with("reason", "withdrawn")),
        // What may be shown later is not gone.
        Some(Reason::RightsExpired) if !file.standing.begun(now) => return Err(nothing()),
        Some(Reason::RightsExpired) => return Err(Error::new(Code::Gone, "The rights to show the picture have ended.").with("reason", "rights_expired")),
        None => {}
    }
    let cache_control = cache_control(&request, query.v.is_some(), file.standing.changes_at(now), now);
    let mut answer = renditions::answer_for_readers(&app, &file, &query).await?;
    answer.cache_control = cache_control;
    answer.keys = vec![format!("media-{}", file.media), format!("credit-{}", file.credit)];
    answer.respond(&request, std::sync::Arc::clone(&app.media)).await
}

/// No cache keeps a picture beyond its rights, and none what was asked for with credentials.
fn cache_control(request: &HttpRequest, stamped: bool, changes_at: Option<Timestamp>, now: Timestamp) -> String {
    if request.headers().contains_key(actix_web::http::header::AUTHORIZATION) {
        return "private, no-store".to_owned();
    }
    lifetime(stamped, changes_at, now)
}

fn lifetime(stamped: bool, changes_at: Option<Timestamp>, now: Timestamp) -> String {
    let most = if stamped { FOR_GOOD } else { A_WHILE };
    let left = changes_at.map_or(most, |at| ((at.millis() - now.millis()) / 1_000).max(0));
    if stamped && left >= FOR_GOOD { format!("public, max-age={FOR_GOOD}, immutable") } else { format!("public, max-age={}", left.min(most)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cache_outlives_the_rights() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1_000).unwrap();
        assert_eq!(lifetime(true, None, at(0)), "public, max-age=31536000, immutable");
        assert_eq!(lifetime(true, Some(at(90)), at(30)), "public, max-age=60");
        assert_eq!(lifetime(false, None, at(0)), "public, max-age=3600");
        assert_eq!(lifetime(false, Some(at(10)), at(30)), "public, max-age=0");
    }
}
