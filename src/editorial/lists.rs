//! What the desk's lists have in common: search patterns, whom a filter names, the two orders they come in, and what uses a
//! thing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use crate::db::statement::containing;
use crate::error::{Code, Error};
use crate::http::extract::canonical;

/// The key of a list: what it is sorted by, as text, then the id.
pub type Key = (String, Uuid);

/// Goes on from the page's key in the ascending order of a text column and the id, or back from it.
macro_rules! by_text {
    ($rows:expr, $page:expr, $column:expr, $id:expr) => {{
        let rows = match $page.key().cloned() {
            Some((last, id)) if $page.backwards() => $rows.filter($column.le(last.clone()).and($column.lt(last).or($id.lt(id)))),
            Some((last, id)) => $rows.filter($column.ge(last.clone()).and($column.gt(last).or($id.gt(id)))),
            None => $rows,
        };
        if $page.backwards() { rows.order(($column.desc(), $id.desc())) } else { rows.order(($column.asc(), $id.asc())) }
    }};
}

/// Goes on from the page's key in the descending order of a time and the id, or back from it.
macro_rules! newest_first {
    ($rows:expr, $page:expr, $column:expr, $id:expr) => {{
        let last = match $page.key() {
            Some((time, id)) => Some(($crate::timestamp::Timestamp::parse(time).ok_or_else(|| $crate::error::Error::internal("a cursor without a time"))?, *id)),
            None => None,
        };
        let rows = match last {
            Some((time, id)) if $page.backwards() => $rows.filter($column.ge(time).and($column.gt(time).or($id.gt(id)))),
            Some((time, id)) => $rows.filter($column.le(time).and($column.lt(time).or($id.lt(id)))),
            None => $rows,
        };
        if $page.backwards() { rows.order(($column.asc(), $id.asc())) } else { rows.order(($column.desc(), $id.desc())) }
    }};
}

pub(crate) use {by_text, newest_first};

/// Somebody, as a filter names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// Whoever asks.
    Me,
    /// Nobody.
    Nobody,
    /// The account with this id.
    Account(Uuid),
}

impl<'de> Deserialize<'de> for Whom {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "me" => Ok(Self::Me),
            "none" => Ok(Self::Nobody),
            id => canonical(id).map(Self::Account).ok_or_else(|| serde::de::Error::custom("the id of an account, me, or none")),
        }
    }
}

/// Refuses a list with more items than it may have.
///
/// # Errors
/// 422.
pub fn refuse_longer(pointer: &str, length: usize, most: usize) -> Result<(), Error> {
    if length <= most {
        return Ok(());
    }
    Err(Error::invalid_field(pointer, "too_long", format!("There may be {most} items at the most.")))
}

/// Something that uses a thing which was to be deleted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UsedBy {
    /// `article`, `author`, `collection`, `tag`, `media`, `site`, `user`.
    pub resource: &'static str,
    /// Its id.
    pub id: Option<Uuid>,
    /// Its headline or name.
    pub name: String,
}

/// Users listed in a refusal at the most.
pub const MOST_USERS: i64 = 20;

/// Refuses a deletion while there are users.
///
/// # Errors
/// 409 with `used_by`.
pub fn refuse_if_used(what: &str, users: &[UsedBy]) -> Result<(), Error> {
    if users.is_empty() {
        return Ok(());
    }
    let list = serde_json::to_value(users).unwrap_or_default();
    Err(Error::new(Code::InUse, format!("This {what} is still in use. Change what used_by lists (up to {MOST_USERS} of them), then delete it.")).with("used_by", list))
}
