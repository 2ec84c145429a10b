//! Whether a picture may be shown at a moment: by its own state and rights, and by its credit's. Knows no other rule.

use serde::Serialize;
use utoipa::ToSchema;

use super::{CreditRow, MediaRow};
use crate::timestamp::Timestamp;

/// Why a picture is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Outside the time for which the rights were granted.
    RightsExpired,
    /// The picture, or its credit, was withdrawn.
    Withdrawn,
}

impl Reason {
    /// The withheld form of a Picture.
    #[must_use]
    pub const fn picture(self) -> &'static str {
        match self {
            Self::RightsExpired => "{\"withheld\":true,\"reason\":\"rights_expired\"}",
            Self::Withdrawn => "{\"withheld\":true,\"reason\":\"withdrawn\"}",
        }
    }
}

/// Whether a picture may be shown: by its own state and rights, and by its credit's.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    withdrawn: bool,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Standing {
    pub(super) fn of(media: &MediaRow, credit: &CreditRow) -> Self {
        Self {
            withdrawn: media.status != "ready" || credit.status != "active",
            from: later(media.valid_from, credit.valid_from),
            until: earlier(media.valid_until, credit.valid_until),
        }
    }

    /// Why it may not be shown at this moment; `None` when it may.
    #[must_use]
    pub fn withheld(&self, now: Timestamp) -> Option<Reason> {
        if self.withdrawn {
            return Some(Reason::Withdrawn);
        }
        let ended = self.until.is_some_and(|until| until <= now);
        (!self.begun(now) || ended).then_some(Reason::RightsExpired)
    }

    /// Whether its rights have begun, if they have a beginning.
    #[must_use]
    pub fn begun(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now)
    }

    /// When its rights next begin or end.
    #[must_use]
    pub fn changes_at(&self, now: Timestamp) -> Option<Timestamp> {
        earlier(self.from.filter(|t| *t > now), self.until.filter(|t| *t > now))
    }
}

fn later(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.max(b)
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    [a, b].into_iter().flatten().min()
}
