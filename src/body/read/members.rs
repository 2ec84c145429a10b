//! One JSON object, taken apart member by member. What nobody asked for by the end is an unknown member.

use std::collections::HashSet;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::clean;
use crate::body::limits::MAX_KEY_BYTES;
use crate::body::model::Reference;
use crate::body::problem::Report;

/// Where the reader stands, and what it has found so far.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) report: Report,
    path: String,
}

impl Place {
    /// A reader that begins at `path`.
    pub(super) fn at(path: &str, report: Report) -> Self {
        Self { report, path: path.to_owned() }
    }

    /// Does `read` one step further in.
    pub(super) fn within<T>(&mut self, step: &dyn std::fmt::Display, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        self.path.push('/');
        let step = step.to_string().replace('~', "~0").replace('/', "~1");
        self.path.push_str(&step);
        let value = read(self);
        self.path.truncate(length);
        value
    }

    pub(super) fn problem(&mut self, code: &'static str, detail: impl Into<String>) {
        self.report.add(&self.path, code, detail);
    }

    pub(super) fn problem_at(&mut self, step: &dyn std::fmt::Display, code: &'static str, detail: impl Into<String>) {
        self.within(step, |place| place.problem(code, detail));
    }

    /// Each item of an array, with its index as a step. Keys must differ within it.
    pub(super) fn items<T>(&mut self, values: Vec<Value>, mut read: impl FnMut(&mut Self, Value) -> Option<T>) -> Vec<T> {
        self.distinct_keys(&values);
        let mut items = Vec::with_capacity(values.len());
        for (index, value) in values.into_iter().enumerate() {
            items.extend(self.within(&index, |place| read(place, value)));
        }
        items
    }

    fn distinct_keys(&mut self, values: &[Value]) {
        let mut seen = HashSet::new();
        for (index, value) in values.iter().enumerate() {
            let key = value.get("_key").and_then(Value::as_str).filter(|key| !key.trim().is_empty());
            if key.is_some_and(|key| !seen.insert(key)) {
                self.within(&index, |place| {
                    place.problem_at(&"_key", "duplicate-key", "another item of the array has this key");
                });
            }
        }
    }

    fn checked(&mut self, text: &str) -> Option<String> {
        let text = clean::lines(text);
        if let Some((_, c)) = clean::control(&text) {
            self.problem("control-character", format!("control character U+{:04X}", u32::from(c)));
            return None;
        }
        Some(clean::nfc(text.into_owned()))
    }
}

/// The members of an object that have not been read yet.
pub(super) struct Members(Map<String, Value>);

impl Members {
    /// Opens an object.
    pub(super) fn open(place: &mut Place, value: Value) -> Option<Self> {
        if let Value::Object(map) = value {
            Some(Self(map))
        } else {
            place.problem("not-an-object", "an object is expected here");
            None
        }
    }

    /// Opens an object that must have this `_type`.
    pub(super) fn open_as(place: &mut Place, value: Value, expected: &str) -> Option<Self> {
        let mut members = Self::open(place, value)?;
        let found = members.kind(place)?;
        if found == expected {
            Some(members)
        } else {
            place.problem_at(&"_type", "wrong-type", format!("`{expected}` is expected here"));
            None
        }
    }

    /// The `_type`.
    pub(super) fn kind(&mut self, place: &mut Place) -> Option<String> {
        match self.0.remove("_type") {
            Some(Value::String(kind)) => Some(kind),
            Some(_) => {
                place.problem_at(&"_type", "not-a-string", "a string is expected here");
                None
            }
            None => {
                place.problem_at(&"_type", "required", "`_type` says what this is");
                None
            }
        }
    }

    /// The `_key`, empty if there is none.
    pub(super) fn key(&mut self, place: &mut Place) -> String {
        let key = self.optional(place, "_key").unwrap_or_default();
        if key.len() > MAX_KEY_BYTES {
            place.problem_at(&"_key", "too-long", format!("a key has at most {MAX_KEY_BYTES} bytes"));
        }
        key
    }

    /// A member as it is, `null` counted as absent.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    /// A text to the letter, which may be empty.
    pub(super) fn verbatim(&mut self, place: &mut Place, name: &'static str) -> Option<String> {
        match self.take(name) {
            Some(Value::String(text)) => place.within(&name, |place| place.checked(&text)),
            Some(_) => {
                place.problem_at(&name, "not-a-string", "a string is expected here");
                None
            }
            None => {
                place.problem_at(&name, "required", format!("`{name}` is required"));
                None
            }
        }
    }

    /// A text that must say something.
    pub(super) fn text(&mut self, place: &mut Place, name: &'static str) -> Option<String> {
        let text = clean::optional(self.verbatim(place, name)?);
        if text.is_none() {
            place.problem_at(&name, "required", format!("`{name}` must not be blank"));
        }
        text
    }

    /// A text that may be absent; blank counts as absent.
    pub(super) fn optional(&mut self, place: &mut Place, name: &'static str) -> Option<String> {
        if self.0.get(name).is_none_or(Value::is_null) {
            self.0.remove(name);
            return None;
        }
        self.verbatim(place, name).and_then(clean::optional)
    }

    /// An optional text that `judge` must accept.
    pub(super) fn word(&mut self, place: &mut Place, name: &'static str, judge: impl FnOnce(&str) -> bool, expected: &str) -> Option<String> {
        let text = self.optional(place, name)?;
        if judge(&text) {
            return Some(text);
        }
        place.problem_at(&name, "invalid", expected);
        None
    }

    /// An array; absent is empty.
    pub(super) fn array(&mut self, place: &mut Place, name: &'static str) -> Vec<Value> {
        match self.take(name) {
            Some(Value::Array(values)) => values,
            Some(_) => {
                place.problem_at(&name, "not-an-array", "an array is expected here");
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// A `{"_type": "reference", "_ref": uuid}`.
    pub(super) fn reference(&mut self, place: &mut Place, name: &'static str) -> Option<Reference> {
        let Some(value) = self.take(name) else {
            place.problem_at(&name, "required", format!("`{name}` is required"));
            return None;
        };
        place.within(&name, |place| {
            let mut members = Self::open_as(place, value, "reference")?;
            let id = members.text(place, "_ref");
            members.close(place);
            let id = Uuid::try_parse(&id?);
            if id.is_err() {
                place.problem_at(&"_ref", "invalid", "a UUID is expected here");
            }
            id.ok().map(Reference::to)
        })
    }

    /// Reports what was not asked for.
    pub(super) fn close(self, place: &mut Place) {
        for name in self.0.keys() {
            place.problem_at(name, "unknown-member", "no such member here");
        }
    }
}
