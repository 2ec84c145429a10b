//! The shapes of the report of rights that end.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::editorial::takedowns::model::ReachedArticle;
use crate::error::{Error, Result};
use crate::timestamp::Timestamp;

/// Days that the report looks ahead at the most.
const MOST_DAYS: i64 = 366;

crate::words! {
    /// What has rights that end.
    RightsHolder {
        /// A picture or file, by its own rights.
        Media = "media",
        /// A credit, and with it every picture that has it.
        Credit = "credit",
    }
}

/// A right that ends, and what it takes along.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExpiringRights {
    /// Whose right.
    pub kind: RightsHolder,
    /// The picture's id, or the credit's.
    pub id: Uuid,
    /// The picture's filename, or the credit's name.
    pub name: String,
    /// When it ends: from that second on its pictures are withheld everywhere.
    pub valid_until: Timestamp,
    /// Pictures and files that it takes along.
    #[schema(minimum = 0)]
    pub pictures: i64,
    /// Live stories that show one of them.
    #[schema(minimum = 0)]
    pub live_articles: i64,
    /// Planned stories that are to show one of them.
    #[schema(minimum = 0)]
    pub planned_articles: i64,
    /// Portraits of authors and logos of the site among them.
    #[schema(minimum = 0)]
    pub portraits: i64,
    /// Those stories, in the order of their ids, up to 20 of them.
    pub articles: Vec<ReachedArticle>,
}

/// Which rights.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RightsQuery {
    /// How far ahead: days (`30d`) or hours (`12h`), up to 366 days; 30 days by default.
    #[param(pattern = "^[1-9][0-9]{0,3}[dh]$", example = "30d")]
    pub within: Option<String>,
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next`.
    pub cursor: Option<String>,
}

impl RightsQuery {
    /// How far ahead.
    ///
    /// # Errors
    /// 400 naming the parameter.
    pub fn span(&self) -> Result<Duration> {
        let text = self.within.as_deref().unwrap_or("30d");
        let number = |digits: &str| digits.parse::<i64>().ok().filter(|n| (1..=9_999).contains(n) && !digits.starts_with(['0', '+']));
        let span = match (text.strip_suffix('d').and_then(number), text.strip_suffix('h').and_then(number)) {
            (Some(days), _) => Some(Duration::days(days)),
            (None, hours) => hours.map(Duration::hours),
        };
        span.filter(|span| *span <= Duration::days(MOST_DAYS))
            .ok_or_else(|| Error::parameter("within", "out_of_range", format!("Days or hours, such as 30d or 12h, up to {MOST_DAYS} days.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_days_or_hours() {
        let span = |within: Option<&str>| RightsQuery { within: within.map(ToOwned::to_owned), limit: None, cursor: None }.span();
        assert_eq!(span(None).unwrap(), Duration::days(30));
        assert_eq!(span(Some("7d")).unwrap(), Duration::days(7));
        assert_eq!(span(Some("48h")).unwrap(), Duration::hours(48));
        for wrong in ["", "d", "0d", "07d", "+7d", "-1d", "367d", "7", "7w", "99999d", "7d ", "٧d"] {
            assert!(span(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
