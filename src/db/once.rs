//! Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the first answer is a row in the transaction that it tells of.

use diesel::pg::PgConnection;
use diesel::prelude::*;

use crate::error::{Code, Error, Result};
use crate::http::reply::Reply;
use crate::schema::idempotency_keys as keys;

/// What makes two requests the same: who asks, for what, under which key, with which content.
#[derive(Debug, Clone)]
pub struct Once {
    /// The caller's own name space; one caller never gets another's answer.
    pub caller: String,
    /// Method and path.
    pub operation: String,
    /// The key as sent, 1 to 255 visible ASCII characters.
    pub key: String,
    /// SHA-256 of the content.
    pub digest: Vec<u8>,
}

/// Does `work` and keeps its answer; gives the kept answer to a repetition.
///
/// # Errors
/// What `work` gives; `Error::replay` with the kept answer; 422 when the key belongs to other content.
pub fn keep(tx: &mut PgConnection, once: Option<&Once>, work: &dyn Fn(&mut PgConnection) -> Result<Reply>) -> Result<Reply> {
    let Some(once) = once else { return work(tx) };
    // A concurrent twin waits here until the first has committed or rolled back.
    let new = diesel::insert_into(keys::table)
        .values((
            keys::caller.eq(&once.caller),
            keys::operation.eq(&once.operation),
            keys::key.eq(&once.key),
            keys::digest.eq(&once.digest),
            keys::status.eq(0_i16),
            keys::headers.eq(serde_json::Value::Null),
            keys::body.eq(Vec::<u8>::new()),
            keys::created_at.eq(crate::app::now()),
        ))
        .on_conflict_do_nothing()
        .execute(tx)?;
    let this = keys::table.find((&once.caller, &once.operation, &once.key));
    if new == 0 {
        let (digest, status, headers, body): (Vec<u8>, i16, serde_json::Value, Vec<u8>) = this.select((keys::digest, keys::status, keys::headers, keys::body)).first(tx)?;
        if digest != once.digest {
            return Err(Error::new(Code::IdempotencyKeyReused, "This key came first with another content. Use a new key for a new request."));
        }
        return Err(Error { replay: Some(Box::new(Reply::from_kept(status, headers, body))), ..Error::new(Code::Conflict, "replayed") });
    }
    let reply = work(tx)?;
    let (status, headers, body) = reply.to_keep();
    diesel::update(this).set((keys::status.eq(status), keys::headers.eq(headers), keys::body.eq(body))).execute(tx)?;
    Ok(reply)
}

/// Forgets answers older than a day. Returns how many.
///
/// # Errors
/// What the database says.
pub fn forget_old(tx: &mut PgConnection) -> Result<usize> {
    let day_ago = crate::app::now().plus(chrono::Duration::hours(-24));
    Ok(diesel::delete(keys::table.filter(keys::created_at.lt(day_ago))).execute(tx)?)
}
