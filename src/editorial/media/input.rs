//! What may be said about a picture or file, and its rules.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::{FocalPoint, MediaStatus};
use crate::error::{Error, FieldError, Result};
use crate::http::json::present;
use crate::text::{DigitalSourceType, Line, Prose, WebUrl};
use crate::timestamp::Timestamp;

/// Names a picture may have of those who made it.
pub const MOST_CREATORS: usize = 50;

/// What is said about an upload. What is left out is taken from the file, where it says it.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMedia)]
pub struct NewMedia {
    /// Instead of the name in the part's header.
    pub filename: Option<Line<200>>,
    /// What it shows, for those who cannot see it.
    pub alt: Option<Prose<1_000>>,
    /// What to know about it.
    pub caption: Option<Prose<2_000>>,
    /// Who must be named. Without it nothing is stored, and the answer names credits that fit the file.
    #[schema(required = true, value_type = Uuid)]
    pub credit_id: Option<Uuid>,
    /// For this picture, instead of the credit's own line.
    pub credit_line: Option<Line<300>>,
    /// Who made it.
    #[schema(max_items = 50)]
    pub creators: Option<Vec<Line<200>>>,
    /// When it was taken.
    pub taken_at: Option<Timestamp>,
    /// Where it comes from.
    pub source_url: Option<WebUrl>,
    /// What must not be cropped away.
    pub focal_point: Option<FocalPoint>,
    /// For how long and how it may be used.
    pub rights: Option<NewRights>,
    /// How it came to be.
    pub digital_source_type: Option<DigitalSourceType>,
}

/// For how long and how an upload may be used.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMediaRights)]
pub struct NewRights {
    /// Not before this.
    pub valid_from: Option<Timestamp>,
    /// No longer than this.
    pub valid_until: Option<Timestamp>,
    /// In words.
    pub usage_terms: Option<Prose<5_000>>,
}

impl NewMedia {
    /// What its type cannot say.
    ///
    /// # Errors
    /// 422.
    pub fn check(&self) -> Result<()> {
        let rights = self.rights.as_ref();
        check_shape(self.focal_point, self.creators.as_ref().map_or(0, Vec::len))?;
        check_validity(rights.and_then(|r| r.valid_from), rights.and_then(|r| r.valid_until))
    }
}

fn check_shape(focal: Option<FocalPoint>, creators: usize) -> Result<()> {
    let outside = |value: f64| !(0.0..=1.0).contains(&value);
    let mut faults = Vec::new();
    for (name, value) in focal.map_or_else(Vec::new, |point| vec![("x", point.x), ("y", point.y)]) {
        if outside(value) {
            faults.push(FieldError::body(format!("/focal_point/{name}"), "out_of_range", "A fraction from 0 to 1."));
        }
    }
    if creators > MOST_CREATORS {
        faults.push(FieldError::body("/creators", "too_long", format!("There may be {MOST_CREATORS} creators at the most.")));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid(faults)) }
}

/// Rights begin before they end.
///
/// # Errors
/// 422.
pub fn check_validity(from: Option<Timestamp>, until: Option<Timestamp>) -> Result<()> {
    if from.zip(until).is_some_and(|(from, until)| from >= until) {
        return Err(Error::invalid_field("/rights/valid_until", "out_of_order", "Rights end after they begin."));
    }
    Ok(())
}

/// A change to a picture or file (RFC 7396): what is absent stays, `null` clears.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaPatch {
    /// What it is called when it is downloaded.
    #[serde(default, deserialize_with = "present")]
    pub filename: Option<Line<200>>,
    /// What it shows, for those who cannot see it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Prose<1_000>>)]
    pub alt: Option<Option<Prose<1_000>>>,
    /// What to know about it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Prose<2_000>>)]
    pub caption: Option<Option<Prose<2_000>>>,
    /// Who must be named.
    #[serde(default, deserialize_with = "present")]
    pub credit_id: Option<Uuid>,
    /// For this picture, instead of the credit's own line.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Line<300>>)]
    pub credit_line: Option<Option<Line<300>>>,
    /// Who made it; replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_items = 50)]
    pub creators: Option<Vec<Line<200>>>,
    /// When it was taken.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Timestamp>)]
    pub taken_at: Option<Option<Timestamp>>,
    /// Where it comes from.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<WebUrl>)]
    pub source_url: Option<Option<WebUrl>>,
    /// What must not be cropped away; replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<FocalPoint>)]
    pub focal_point: Option<Option<FocalPoint>>,
    /// For how long and how it may be used; `null` clears all three.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<RightsPatch>)]
    pub rights: Option<Option<RightsPatch>>,
    /// How it came to be.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<DigitalSourceType>)]
    pub digital_source_type: Option<Option<DigitalSourceType>>,
    /// `withdrawn` withholds it at once wherever it is used.
    #[serde(default, deserialize_with = "present")]
    pub status: Option<MediaStatus>,
}

/// A change to the rights (RFC 7396).
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MediaRightsPatch)]
pub struct RightsPatch {
    /// Not before this.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Timestamp>)]
    pub valid_from: Option<Option<Timestamp>>,
    /// No longer than this.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Timestamp>)]
    pub valid_until: Option<Option<Timestamp>>,
    /// In words.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Prose<5_000>>)]
    pub usage_terms: Option<Option<Prose<5_000>>>,
}

impl MediaPatch {
    /// What its type cannot say.
    ///
    /// # Errors
    /// 422.
    pub fn check(&self) -> Result<()> {
        check_shape(self.focal_point.flatten(), self.creators.as_ref().map_or(0, Vec::len))
    }

    /// The rights it asks for; `null` as a whole is `null` for each.
    #[must_use]
    pub fn rights(&self) -> RightsPatch {
        let all = RightsPatch { valid_from: Some(None), valid_until: Some(None), usage_terms: Some(None) };
        let none = RightsPatch { valid_from: None, valid_until: None, usage_terms: None };
        self.rights.clone().map_or(none, |rights| rights.unwrap_or(all))
    }
}

/// A file name as people know it: its last part, without what could change a header, a path or the direction of text.
#[must_use]
pub fn clean_filename(given: &str, extension: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let harmful = |c: char| c.is_control() || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let kept: String = last.chars().filter(|c| !harmful(*c)).collect();
    let kept = kept.trim().trim_start_matches('.');
    let (stem, end) =
        kept.rsplit_once('.').filter(|(stem, end)| !stem.is_empty() && end.chars().count() <= 10).map_or((kept, String::new()), |(stem, end)| (stem, format!(".{end}")));
    let stem: String = stem.chars().take(200 - end.chars().count()).collect();
    if stem.trim().is_empty() { format!("file.{extension}") } else { format!("{stem}{end}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_is_left_of_paths() {
        for (given, kept) in [
            ("bridge.jpg", "bridge.jpg"),
            ("../../etc/passwd", "passwd"),
            ("..\\x.png", "x.png"),
            ("C:\\fakepath\\міст.jpg", "міст.jpg"),
            ("a\r\nX: y.png", "aX: y.png"),
            (".htaccess", "htaccess"),
            ("photo\u{202e}gpj.exe", "photogpj.exe"),
            ("", "file.jpg"),
            ("..", "file.jpg"),
            ("/", "file.jpg"),
            ("a\0.png", "a.png"),
        ] {
            assert_eq!(clean_filename(given, "jpg"), kept, "{given:?}");
        }
        let long = clean_filename(&format!("{}.jpeg", "x".repeat(400)), "jpg");
        assert_eq!(long.chars().count(), 200);
        assert!(long.ends_with("x.jpeg"));
    }

    #[test]
    fn a_focal_point_lies_within_the_picture() {
        let at = |x, y| NewMedia { focal_point: Some(FocalPoint { x, y }), ..NewMedia::default() }.check();
        assert!(at(0.0, 1.0).is_ok());
        assert_eq!(at(-0.1, 0.5).unwrap_err().errors[0].pointer.as_deref(), Some("/focal_point/x"));
        assert_eq!(at(0.5, 1.1).unwrap_err().errors[0].pointer.as_deref(), Some("/focal_point/y"));
    }
}
