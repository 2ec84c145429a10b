//! The shapes of a media credit and their rules.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::page::Count;
use crate::error::{Error, Result};
use crate::http::json::present;
use crate::http::reply::Versioned;
use crate::schema::media_credits;
use crate::text::{Line, Prose, Slug, WebUrl};
use crate::timestamp::Timestamp;
pub use crate::vocabulary::{CreditKind, CreditStatus};

/// How a credit is printed unless it says otherwise.
pub const DEFAULT_TEMPLATE: &str = "({name})";

/// A credit's row.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = media_credits)]
pub struct CreditRow {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    #[schema(example = "maxar-technologies")]
    pub slug: String,
    /// Who must be named.
    #[schema(example = "Maxar Technologies")]
    pub name: String,
    /// Whom the pictures come from.
    pub kind: CreditKind,
    /// The line as its terms ask for it, without what the template puts around it.
    #[schema(example = "Maxar Technologies")]
    pub credit_line: String,
    /// How the line is printed: `{name}` and `{credit_line}` stand for those.
    #[schema(example = "({name})")]
    pub credit_template: String,
    /// Where the pictures come from.
    #[schema(required = true)]
    pub source: Option<String>,
    /// The copyright notice.
    #[schema(required = true)]
    pub copyright_notice: Option<String>,
    #[serde(skip)]
    pub(super) licence_code: Option<String>,
    #[serde(skip)]
    pub(super) licence_name: Option<String>,
    #[serde(skip)]
    pub(super) licence_url: Option<String>,
    /// Terms of use in words.
    #[schema(required = true)]
    pub usage_terms: Option<String>,
    /// Where to get a licence.
    #[schema(required = true)]
    pub acquire_licence_url: Option<String>,
    /// Where to learn more.
    #[schema(required = true)]
    pub url: Option<String>,
    /// From when the rights hold.
    #[schema(required = true)]
    pub valid_from: Option<Timestamp>,
    /// Until when the rights hold.
    #[schema(required = true)]
    pub valid_until: Option<Timestamp>,
    /// Whether pictures with it may be shown.
    pub status: CreditStatus,
    /// Counts the writes to it.
    pub version: i32,
    /// Who made it.
    #[schema(required = true)]
    pub created_by: Option<Uuid>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

/// Under which licence pictures are used.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CreditLicence {
    /// A short name.
    #[schema(required = true, example = "CC-BY-4.0")]
    pub code: Option<String>,
    /// Its name.
    #[schema(required = true, example = "Creative Commons Attribution 4.0 International")]
    pub name: Option<String>,
    /// Its text.
    #[schema(required = true, example = "https://creativecommons.org/licenses/by/4.0/")]
    pub url: Option<String>,
}

/// A credit as the desk sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = EditorialMediaCredit)]
pub struct MediaCredit {
    /// The row.
    #[serde(flatten)]
    pub row: CreditRow,
    /// The line as it is printed under a picture.
    #[schema(example = "(Maxar Technologies)")]
    pub display: String,
    /// Under which licence pictures are used.
    #[schema(required = true)]
    pub licence: Option<CreditLicence>,
}

impl From<CreditRow> for MediaCredit {
    fn from(row: CreditRow) -> Self {
        let any = row.licence_code.is_some() || row.licence_name.is_some() || row.licence_url.is_some();
        Self {
            display: crate::pictures::fill_template(&row.credit_template, &row.name, &row.credit_line),
            licence: any.then(|| CreditLicence { code: row.licence_code.clone(), name: row.licence_name.clone(), url: row.licence_url.clone() }),
            row,
        }
    }
}

impl Versioned for MediaCredit {
    fn version(&self) -> i32 {
        self.row.version
    }
}

/// A licence on the way in. In a change, what is absent stays and `null` clears (RFC 7396).
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenceInput {
    /// A short name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Line<60>>)]
    pub code: Option<Option<Line<60>>>,
    /// Its name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Line<200>>)]
    pub name: Option<Option<Line<200>>>,
    /// Its text.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<WebUrl>)]
    pub url: Option<Option<WebUrl>>,
}

impl LicenceInput {
    /// What takes all of a licence away.
    pub const NONE: Self = Self { code: Some(None), name: Some(None), url: Some(None) };
}

/// A new credit.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMediaCredit {
    /// Who must be named.
    #[schema(example = "Maxar Technologies")]
    pub name: Line<200>,
    /// Made from the name where it is not given.
    pub slug: Option<Slug>,
    /// Whom the pictures come from.
    pub kind: CreditKind,
    /// The name where it is not given.
    pub credit_line: Option<Line<300>>,
    /// How the line is printed; `({name})` where it is not given. Has `{name}` or `{credit_line}` in it, or both.
    #[schema(example = "({name})")]
    pub credit_template: Option<Line<300>>,
    /// Where the pictures come from.
    pub source: Option<Prose<1_000>>,
    /// The copyright notice.
    pub copyright_notice: Option<Prose<1_000>>,
    /// Under which licence pictures are used.
    pub licence: Option<LicenceInput>,
    /// Terms of use in words.
    pub usage_terms: Option<Prose<5_000>>,
    /// Where to get a licence.
    pub acquire_licence_url: Option<WebUrl>,
    /// Where to learn more.
    pub url: Option<WebUrl>,
    /// From when the rights hold.
    pub valid_from: Option<Timestamp>,
    /// Until when the rights hold.
    pub valid_until: Option<Timestamp>,
    /// `active` where it is not given.
    pub status: Option<CreditStatus>,
}

/// A change to a credit (RFC 7396): what is absent stays, `null` clears.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaCreditPatch {
    /// Who must be named. A credit line that was the old name follows.
    #[serde(default, deserialize_with = "present")]
    pub name: Option<Line<200>>,
    /// The earlier slug goes on leading here.
    #[serde(default, deserialize_with = "present")]
    pub slug: Option<Slug>,
    /// Whom the pictures come from.
    #[serde(default, deserialize_with = "present")]
    pub kind: Option<CreditKind>,
    /// `null` makes it the name again.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Line<300>>)]
    pub credit_line: Option<Option<Line<300>>>,
    /// `null` makes it `({name})` again.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Line<300>>)]
    pub credit_template: Option<Option<Line<300>>>,
    /// Where the pictures come from.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Prose<1_000>>)]
    pub source: Option<Option<Prose<1_000>>>,
    /// The copyright notice.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Prose<1_000>>)]
    pub copyright_notice: Option<Option<Prose<1_000>>>,
    /// Under which licence pictures are used; merged member by member.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<LicenceInput>)]
    pub licence: Option<Option<LicenceInput>>,
    /// Terms of use in words.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Prose<5_000>>)]
    pub usage_terms: Option<Option<Prose<5_000>>>,
    /// Where to get a licence.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<WebUrl>)]
    pub acquire_licence_url: Option<Option<WebUrl>>,
    /// Where to learn more.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<WebUrl>)]
    pub url: Option<Option<WebUrl>>,
    /// From when the rights hold.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Timestamp>)]
    pub valid_from: Option<Option<Timestamp>>,
    /// Until when the rights hold.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Timestamp>)]
    pub valid_until: Option<Option<Timestamp>>,
    /// Whether pictures with it may be shown.
    #[serde(default, deserialize_with = "present")]
    pub status: Option<CreditStatus>,
}

crate::words! {
    /// How a list of credits is sorted.
    CreditSort {
        /// By name.
        Name = "name",
        /// The last changed first.
        Updated = "-updated_at",
    }
}

/// Which credits.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CreditQuery {
    /// Part of the name.
    #[param(max_length = 200)]
    pub q: Option<Line<200>>,
    /// Whom the pictures come from.
    pub kind: Option<CreditKind>,
    /// Whether pictures with it may be shown.
    pub status: Option<CreditStatus>,
    /// Order; `name` by default.
    #[param(inline)]
    pub sort: Option<CreditSort>,
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
    /// `exact` also counts them all.
    #[param(inline)]
    pub count: Option<Count>,
}

/// A template names somebody, and has no placeholder that nothing would fill.
///
/// # Errors
/// 422.
pub fn check_template(template: &str) -> Result<()> {
    let refused = |code: &str, detail: &str| Err(Error::invalid_field("/credit_template", code, detail));
    if !template.contains("{name}") && !template.contains("{credit_line}") {
        return refused("placeholder_missing", "A template has {name} or {credit_line} in it.");
    }
    if template.replace("{name}", "").replace("{credit_line}", "").contains(['{', '}']) {
        return refused("unknown_placeholder", "There are only the placeholders {name} and {credit_line}.");
    }
    Ok(())
}

/// Rights do not end before they begin.
///
/// # Errors
/// 422.
pub fn check_validity(from: Option<Timestamp>, until: Option<Timestamp>) -> Result<()> {
    match (from, until) {
        (Some(from), Some(until)) if from >= until => Err(Error::invalid_field("/valid_until", "order", "The rights cannot end before they begin.")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_names_somebody() {
        for good in [DEFAULT_TEMPLATE, "Photograph: {name}", "{credit_line}", "{name} / {credit_line}"] {
            assert!(check_template(good).is_ok(), "{good}");
        }
        for bad in ["", "(name)", "{ name }", "{name} {year}", "{name}}"] {
            assert!(check_template(bad).is_err(), "{bad}");
        }
    }
}
