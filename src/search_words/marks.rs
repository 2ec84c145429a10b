//! Marks: what a story is filed under, in its vector beside its words, so that one index answers both at once. They begin
//! with `~`, which no word does.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Datelike;
use uuid::Uuid;

use super::stem::Stemming;
use crate::timestamp::Timestamp;

fn id(kind: &str, id: Uuid) -> String {
    format!("~{kind}{}", URL_SAFE_NO_PAD.encode(id.as_bytes()))
}

/// It has this tag.
#[must_use]
pub fn tag(tag: Uuid) -> String {
    id("t", tag)
}

/// This tag comes first.
#[must_use]
pub fn primary_tag(tag: Uuid) -> String {
    id("p", tag)
}

/// It is by this author, in whatever role.
#[must_use]
pub fn author(author: Uuid) -> String {
    id("a", author)
}

/// It is of this kind.
#[must_use]
pub fn kind(word: &str) -> String {
    format!("~k{word}")
}

/// It is in this language.
#[must_use]
pub fn language(tag: &str) -> String {
    format!("~l{tag}")
}

/// Its words were brought to their stems in this way.
#[must_use]
pub fn stemming(stemming: Stemming) -> String {
    format!("~s{}", stemming.code())
}

/// It was published in this month (see [`month_of`]).
#[must_use]
pub fn month(number: i32) -> String {
    format!("~m{number}")
}

/// Months since the year 0, in UTC.
#[must_use]
pub fn month_of(time: Timestamp) -> i32 {
    let date = time.instant();
    date.year() * 12 + i32::try_from(date.month0()).unwrap_or(0)
}

/// The first instant of a month.
#[must_use]
pub fn begin_of(month: i32) -> Option<Timestamp> {
    let date = chrono::NaiveDate::from_ymd_opt(month.div_euclid(12), month.rem_euclid(12).unsigned_abs() + 1, 1)?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_each_other() {
        let time = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
        assert_eq!(begin_of(month_of(time)), Some(time));
        assert_eq!(month_of(time.plus(chrono::Duration::milliseconds(-1))), month_of(time) - 1);
    }
}
