//! How sitemaps are parted: by the month in which a story first went live. That never changes, so a story stays on its
//! page, and only the newest page grows. A month with more stories than a page may have is parted into its days, these
//! into hours, these into minutes. Pages are ranges of one index, found by their key.

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, TimeZone, Timelike, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::db::statement::{Bind, Statement};
use crate::error::Result;
use crate::timestamp::Timestamp;

/// Addresses that a sitemap may have (sitemaps.org).
pub const MOST: i64 = 50_000;

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Month,
    Day,
    Hour,
    Minute,
}

/// A month, day, hour or minute in UTC, written `2026-03`, `2026-03-14`, `2026-03-14T09` or `2026-03-14T0930`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    unit: Unit,
    start: DateTime<Utc>,
}

impl Unit {
    const fn smaller(self) -> Option<Self> {
        match self {
            Self::Month => Some(Self::Day),
            Self::Day => Some(Self::Hour),
            Self::Hour => Some(Self::Minute),
            Self::Minute => None,
        }
    }

    const fn format(self) -> &'static str {
        match self {
            Self::Month => "%Y-%m",
            Self::Day => "%Y-%m-%d",
            Self::Hour => "%Y-%m-%dT%H",
            Self::Minute => "%Y-%m-%dT%H%M",
        }
    }
}

impl Period {
    /// Reads what `name` wrote, and nothing else.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let unit = match name.len() {
            7 => Unit::Month,
            10 => Unit::Day,
            13 => Unit::Hour,
            15 => Unit::Minute,
            _ => return None,
        };
        let number = |from: usize, to: usize| name.get(from..to)?.bytes().all(|b| b.is_ascii_digit()).then(|| name.get(from..to)?.parse().ok()).flatten();
        let year: u32 = number(0, 4)?;
        let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, number(5, 7)?, if unit == Unit::Month { 1 } else { number(8, 10)? })?;
        let hour = if matches!(unit, Unit::Hour | Unit::Minute) { number(11, 13)? } else { 0 };
        let minute = if unit == Unit::Minute { number(13, 15)? } else { 0 };
        let found = Self { unit, start: Utc.from_utc_datetime(&date.and_hms_opt(hour, minute, 0)?) };
        (found.name() == name).then_some(found)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        self.start.format(self.unit.format()).to_string()
    }

    fn of(unit: Unit, at: Timestamp) -> Option<Self> {
        let at = at.instant();
        let (hour, minute) = match unit {
            Unit::Month | Unit::Day => (0, 0),
            Unit::Hour => (at.hour(), 0),
            Unit::Minute => (at.hour(), at.minute()),
        };
        let date = NaiveDate::from_ymd_opt(at.year(), at.month(), if unit == Unit::Month { 1 } else { at.day() })?;
        Some(Self { unit, start: Utc.from_utc_datetime(&date.and_hms_opt(hour, minute, 0)?) })
    }

    fn end(&self) -> Option<DateTime<Utc>> {
        match self.unit {
            Unit::Month => self.start.checked_add_months(Months::new(1)),
            Unit::Day => self.start.checked_add_signed(Duration::days(1)),
            Unit::Hour => self.start.checked_add_signed(Duration::hours(1)),
            Unit::Minute => self.start.checked_add_signed(Duration::minutes(1)),
        }
    }

    fn bounds(&self) -> (Timestamp, Timestamp) {
        (self.start.into(), self.end().unwrap_or(DateTime::<Utc>::MAX_UTC).into())
    }
}

/// A page of the sitemap.
#[derive(Debug, Clone, Copy)]
pub struct PageOfMap {
    /// Which.
    pub period: Period,
    /// How many stories it has, where that is within the limit.
    pub stories: i64,
    /// When any of them last changed.
    pub updated: Timestamp,
}

/// The pages that together have every story, the oldest first, none with more than `most`. Each period is found by one
/// look into the index, and counted within the index.
///
/// # Errors
/// What the database says.
pub fn pages(conn: &mut PgConnection, most: i64) -> Result<Vec<PageOfMap>> {
    let mut pages = Vec::new();
    part(conn, Unit::Month, None, most, &mut pages)?;
    Ok(pages)
}

fn part(conn: &mut PgConnection, unit: Unit, within: Option<Period>, most: i64, pages: &mut Vec<PageOfMap>) -> Result<()> {
    let mut from = within.map(|period| period.bounds().0);
    let until = within.map(|period| period.bounds().1);
    while let Some(first) = first_since(conn, from, until)? {
        let Some(period) = Period::of(unit, first) else { break };
        let (start, end) = period.bounds();
        let (stories, updated) = count(conn, start, end)?;
        match unit.smaller().filter(|_| stories > most) {
            Some(smaller) => part(conn, smaller, Some(period), most, pages)?,
            None => pages.push(PageOfMap { period, stories, updated: updated.unwrap_or(first) }),
        }
        from = Some(end);
    }
    Ok(())
}

/// When the first story since then, and before the end, went live.
fn first_since(conn: &mut PgConnection, from: Option<Timestamp>, until: Option<Timestamp>) -> Result<Option<Timestamp>> {
    let mut sql = Statement::<Timestamptz>::new("SELECT l.first_published_at FROM live_articles l WHERE strpos(l.card, '\"noindex\":true') = 0");
    bounded(&mut sql, from, until);
    sql.sql(" ORDER BY l.first_published_at LIMIT 1");
    Ok(sql.get_result(conn).optional()?)
}

fn count(conn: &mut PgConnection, from: Timestamp, until: Timestamp) -> Result<(i64, Option<Timestamp>)> {
    let mut sql = Statement::<(BigInt, diesel::sql_types::Nullable<Timestamptz>)>::new(
        "SELECT count(*), max(l.updated_at) FROM live_articles l WHERE strpos(l.card, '\"noindex\":true') = 0",
    );
    bounded(&mut sql, Some(from), Some(until));
    Ok(sql.get_result(conn)?)
}

fn bounded<S>(sql: &mut Statement<S>, from: Option<Timestamp>, until: Option<Timestamp>) {
    if let Some(from) = from {
        sql.sql(" AND l.first_published_at >= ").bind(Bind::Time(from));
    }
    if let Some(until) = until {
        sql.sql(" AND l.first_published_at < ").bind(Bind::Time(until));
    }
}

/// What an entry of a page is made of.
#[derive(Debug, Queryable)]
pub struct Entry {
    /// The article.
    pub id: Uuid,
    /// Its slug.
    pub slug: String,
    /// BCP 47.
    pub language: String,
    /// When it first went live.
    pub first_published_at: Timestamp,
    /// When what it says last changed.
    pub updated_at: Timestamp,
}

/// The stories of a period that search engines may list, the oldest first, within the limit.
///
/// # Errors
/// What the database says.
pub fn entries(conn: &mut PgConnection, period: Period) -> Result<Vec<Entry>> {
    let mut sql = Statement::<(SqlUuid, Text, Text, Timestamptz, Timestamptz)>::new(
        "SELECT l.id, l.slug, l.language, l.first_published_at, l.updated_at FROM live_articles l WHERE strpos(l.card, '\"noindex\":true') = 0",
    );
    let (from, until) = period.bounds();
    bounded(&mut sql, Some(from), Some(until));
    sql.sql(" ORDER BY l.first_published_at, l.id LIMIT ").literal(MOST);
    Ok(sql.load(conn)?)
}

/// The stories since then, the newest first: what each says of itself, and when it first went live.
///
/// # Errors
/// What the database says.
pub fn news(conn: &mut PgConnection, since: Timestamp, most: i64) -> Result<Vec<(Entry, String)>> {
    type Columns = ((SqlUuid, Text, Text, Timestamptz, Timestamptz), Text);
    let mut sql =
        Statement::<Columns>::new("SELECT l.id, l.slug, l.language, l.first_published_at, l.updated_at, l.card FROM live_articles l WHERE strpos(l.card, '\"noindex\":true') = 0");
    bounded(&mut sql, Some(since), None);
    sql.sql(" ORDER BY l.first_published_at DESC, l.id DESC LIMIT ").literal(most);
    Ok(sql.load(conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for good in ["2026-03", "2026-12-31", "2026-03-14T09", "2026-03-14T2359"] {
            let period = Period::parse(good).unwrap();
            assert_eq!(period.name(), good);
        }
        let (from, until) = Period::parse("2026-12").unwrap().bounds();
        assert_eq!((from.to_string(), until.to_string()), ("2026-12-01T00:00:00.000Z".into(), "2027-01-01T00:00:00.000Z".into()));
        for bad in ["", "2026", "2026-13", "2026-3-1", "2026-02-30", "2026-03-14T24", "2026-03-14T2360", "2026-03-14 09", "+026-03", "2026/03", "２０２６-1", "20260314"] {
            assert_eq!(Period::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_name_or_is_not(text in any::<String>()) {
            prop_assert!(Period::parse(&text).is_none_or(|period| period.name() == text));
        }

        #[test]
        fn every_moment_lies_in_its_periods(millis in 0_i64..4_000_000_000_000) {
            let at = Timestamp::from_millis(millis).unwrap();
            for unit in [Unit::Month, Unit::Day, Unit::Hour, Unit::Minute] {
                let period = Period::of(unit, at).unwrap();
                let (from, until) = period.bounds();
                prop_assert!(from <= at && at < until);
                prop_assert_eq!(Period::parse(&period.name()), Some(period));
            }
        }
    }
}
