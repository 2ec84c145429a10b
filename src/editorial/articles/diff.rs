//! What differs between two revisions, for people to read: fields, and the body block by block with words added and removed.

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;
use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, capture_diff_slices_deadline};
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::publishing::content::Content;

/// The longest that comparing may take; what is left then counts as changed.
const LONGEST: Duration = Duration::from_millis(500);

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FieldChange {
    /// Which.
    #[schema(example = "headline")]
    pub field: String,
    /// As it was.
    pub before: Value,
    /// As it is.
    pub after: Value,
}

/// What happened to some words or a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The same.
    Equal,
    /// New.
    Added,
    /// Gone.
    Removed,
    /// Both there, with other words.
    Changed,
}

/// Some words and what happened to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Words {
    /// What happened.
    pub change: Change,
    /// The words.
    pub text: String,
}

/// A block of the body and what happened to it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BlockChange {
    /// What happened.
    pub change: Change,
    /// The block's type.
    #[schema(example = "block")]
    pub block: String,
    /// Its words; one entry when the block as a whole is the same, new or gone.
    pub words: Vec<Words>,
}

/// What differs between two revisions.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Difference {
    /// The older side.
    pub from: i32,
    /// The newer side.
    pub to: i32,
    /// Fields that differ, without the body.
    pub fields: Vec<FieldChange>,
    /// The body, block by block.
    pub body: Vec<BlockChange>,
    /// Words that are new in the body.
    pub words_added: usize,
    /// Words that are gone from the body.
    pub words_removed: usize,
}

/// Compares two revisions.
///
/// # Errors
/// Only ours.
pub fn between(from: (i32, &Content), to: (i32, &Content)) -> Result<Difference> {
    let read = |content: &Content| serde_json::to_value(content).map_err(Error::internal);
    let (mut before, mut after) = (read(from.1)?, read(to.1)?);
    let take_body = |value: &mut Value| value.as_object_mut().and_then(|o| o.remove("body")).unwrap_or_default();
    let (old_body, new_body) = (take_body(&mut before), take_body(&mut after));
    let body = bodies(&old_body, &new_body);
    let count = |change: Change| body.iter().flat_map(|b| &b.words).filter(|w| w.change == change).map(|w| w.text.split_whitespace().count()).sum();
    Ok(Difference { from: from.0, to: to.0, fields: fields(&before, &after), words_added: count(Change::Added), words_removed: count(Change::Removed), body })
}

fn fields(before: &Value, after: &Value) -> Vec<FieldChange> {
    let (Some(old), Some(new)) = (before.as_object(), after.as_object()) else { return Vec::new() };
    new.iter()
        .filter(|(name, value)| old.get(*name) != Some(*value))
        .map(|(name, value)| FieldChange { field: name.clone(), before: old.get(name).cloned().unwrap_or_default(), after: value.clone() })
        .collect()
}

/// A block as it is compared: everything but its keys.
struct Comparable {
    kind: String,
    identity: String,
    text: String,
}

fn comparable(block: &Value) -> Comparable {
    let mut bare = block.clone();
    without_keys(&mut bare);
    let mut text = String::new();
    words_of(&bare, &mut text);
    Comparable { kind: block.get("_type").and_then(Value::as_str).unwrap_or_default().to_owned(), identity: bare.to_string(), text: text.trim().to_owned() }
}

fn without_keys(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("_key");
            members.values_mut().for_each(without_keys);
        }
        Value::Array(items) => items.iter_mut().for_each(without_keys),
        _ => {}
    }
}

/// The words that a reader sees of a block. Spans follow each other; other members stand apart.
fn words_of(value: &Value, out: &mut String) {
    const SEEN: &[&str] = &["text", "code", "html", "alt", "caption", "title", "attribution", "url"];
    match value {
        Value::Array(items) => items.iter().for_each(|item| words_of(item, out)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if SEEN.contains(&name.as_str()) => {
                        let span = members.get("_type").and_then(Value::as_str) == Some("span");
                        if !span && !out.is_empty() {
                            out.push(' ');
                        }
                        out.push_str(text);
                    }
                    Value::Array(_) | Value::Object(_) => words_of(member, out),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

fn bodies(before: &Value, after: &Value) -> Vec<BlockChange> {
    let blocks = |body: &Value| body.as_array().map(|blocks| blocks.iter().map(comparable).collect::<Vec<_>>()).unwrap_or_default();
    let (old, new) = (blocks(before), blocks(after));
    let names = |blocks: &[Comparable]| blocks.iter().map(|b| b.identity.clone()).collect::<Vec<_>>();
    let deadline = Instant::now() + LONGEST;
    let operations = capture_diff_slices_deadline(Algorithm::Patience, &names(&old), &names(&new), Some(deadline));
    operations.iter().flat_map(|operation| of_operation(operation, &old, &new, deadline)).collect()
}

fn of_operation(operation: &DiffOp, old: &[Comparable], new: &[Comparable], deadline: Instant) -> Vec<BlockChange> {
    let (gone, come) = (old.get(operation.old_range()).unwrap_or_default(), new.get(operation.new_range()).unwrap_or_default());
    if matches!(operation, DiffOp::Equal { .. }) {
        return come.iter().map(|block| one(Change::Equal, block)).collect();
    }
    // Blocks that were replaced are compared pair by pair; what has no partner is new or gone.
    let pairs = gone.len().min(come.len());
    let mut changes: Vec<_> = gone.iter().zip(come).map(|(old, new)| pair(old, new, deadline)).collect();
    changes.extend(gone.iter().skip(pairs).map(|block| one(Change::Removed, block)));
    changes.extend(come.iter().skip(pairs).map(|block| one(Change::Added, block)));
    changes
}

fn one(change: Change, block: &Comparable) -> BlockChange {
    BlockChange { change, block: block.kind.clone(), words: vec![Words { change, text: block.text.clone() }] }
}

fn pair(old: &Comparable, new: &Comparable, deadline: Instant) -> BlockChange {
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).deadline(deadline).diff_unicode_words(old.text.as_str(), new.text.as_str());
    let mut words: Vec<Words> = Vec::new();
    for change in diff.iter_all_changes() {
        let tag = match change.tag() {
            ChangeTag::Equal => Change::Equal,
            ChangeTag::Insert => Change::Added,
            ChangeTag::Delete => Change::Removed,
        };
        match words.last_mut().filter(|last| last.change == tag) {
            Some(last) => last.text.push_str(change.value()),
            None => words.push(Words { change: tag, text: change.value().to_owned() }),
        }
    }
    BlockChange { change: Change::Changed, block: new.kind.clone(), words }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::Body;

    fn diff(before: &str, after: &str) -> Vec<BlockChange> {
        let value = |text| serde_json::to_value(Body::from_markdown(text).unwrap()).unwrap();
        bodies(&value(before), &value(after))
    }

    #[test]
    fn words_added_and_removed_are_told_apart() {
        let changes = diff("One.\n\nThe bridge was rebuilt in March.\n\nThree.", "One.\n\nThe rail bridge was rebuilt in April.\n\nThree.\n\nFour.");
        let kinds: Vec<_> = changes.iter().map(|c| c.change).collect();
        assert_eq!(kinds, [Change::Equal, Change::Changed, Change::Equal, Change::Added]);
        let words: Vec<_> = changes[1].words.iter().filter(|w| w.change != Change::Equal).map(|w| (w.change, w.text.trim())).collect();
        assert_eq!(words, [(Change::Added, "rail"), (Change::Removed, "March"), (Change::Added, "April")]);
    }

    #[test]
    fn new_keys_alone_are_no_change() {
        let body = Body::from_markdown("One **two** three.").unwrap();
        let mut other = serde_json::to_value(&body).unwrap();
        other[0]["_key"] = "another".into();
        let changes = bodies(&serde_json::to_value(&body).unwrap(), &other);
        assert!(changes.iter().all(|c| c.change == Change::Equal));
    }
}
