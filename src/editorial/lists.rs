//! What the desk's lists have in common: search patterns and what uses a thing.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::{Code, Error};

/// A pattern for `LIKE` that finds the text anywhere, its own wildcards taken literally.
#[must_use]
pub fn containing(text: &str) -> String {
    let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// Something that uses a thing which was to be deleted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UsedBy {
    /// `article`, `author`, `tag`, `media`, `site`.
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
