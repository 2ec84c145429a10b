//! Pictures that something other than a story shows: a portrait, a logo. Owns only the rule that they must be there.

use diesel::dsl::exists;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::schema::media;

/// Refuses what is not a picture, with its place in the body.
///
/// # Errors
/// 422.
pub fn check(tx: &mut PgConnection, pointer: &str, id: Option<Uuid>) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    let there: bool = diesel::select(exists(media::table.find(id).filter(media::kind.eq("image")))).get_result(tx)?;
    if there { Ok(()) } else { Err(Error::invalid_field(pointer, "unknown_reference", "There is no such picture.")) }
}
