//! What is wrong with a body that somebody sent, and where. Knows no HTTP: the caller turns these into its
//! own error shape.

use super::limits::MAX_PROBLEMS;

/// One thing that cannot be kept or is not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// JSON Pointer (RFC 6901) into the input: `/blocks/3/children/0/marks/1`, or `/markdown`, or `/html`.
    pub pointer: String,
    /// A stable word for programs, e.g. `unknown-member`, `unsafe-link`, `too-deep`.
    pub code: &'static str,
    /// A sentence for people; for Markdown and HTML it begins with the line.
    pub detail: String,
}

/// Collects problems up to [`MAX_PROBLEMS`], so that a hostile input cannot make a huge answer.
#[derive(Debug, Default)]
pub(super) struct Report {
    problems: Vec<Problem>,
    any: bool,
}

impl Report {
    pub(super) fn add(&mut self, pointer: &str, code: &'static str, detail: impl Into<String>) {
        self.any = true;
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { pointer: pointer.to_owned(), code, detail: detail.into() });
        }
    }

    /// The value if nothing was reported.
    pub(super) fn judge<T>(self, value: T) -> Result<T, Vec<Problem>> {
        if self.any { Err(self.problems) } else { Ok(value) }
    }
}
