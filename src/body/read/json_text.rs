//! Text blocks that come as JSON: styles, list items, spans, marks and what the marks point to.

use std::collections::HashSet;

use serde_json::Value;

use super::json::short;
use super::members::{Members, Place};
use crate::body::limits::{MAX_LEVEL, MAX_MARKS};
use crate::body::links;
use crate::body::model::{ListItem, Style, TextBlock};
use crate::body::spans::{Decorator, InternalLinkDef, LinkDef, Mark, MarkDef, Span};
use crate::body::tag;

/// An array of text blocks, as a box or a cell holds it.
pub(super) fn content(place: &mut Place, members: &mut Members, name: &'static str) -> Vec<TextBlock> {
    let values = members.array(place, name);
    place.within(&name, |place| place.items(values, |place, value| Members::open_as(place, value, "block").and_then(|members| text_block(place, members))))
}

/// A text block whose `_type` has been read.
pub(super) fn text_block(place: &mut Place, mut members: Members) -> Option<TextBlock> {
    let key = members.key(place);
    let style = style(place, &mut members);
    let (list_item, level, checked) = list_item(place, &mut members);
    if list_item == Some(ListItem::Task) && style.heading_level().is_some() {
        place.problem_at(&"style", "invalid", "a task is a text, not a heading");
    }
    let defs = members.array(place, "markDefs");
    let links: HashSet<String> = defs.iter().filter_map(|def| def.get("_key")?.as_str()).map(str::to_owned).collect();
    let mut mark_defs = place.within(&"markDefs", |place| place.items(defs, mark_def));
    let values = members.array(place, "children");
    let children = place.within(&"children", |place| place.items(values, |place, value| span(place, value, &links)));
    members.close(place);
    let used: HashSet<&str> = children.iter().flat_map(|span| &span.marks).filter_map(Mark::def).collect();
    mark_defs.retain(|def| used.contains(def.key()));
    Some(TextBlock { tag: tag::Block::Tag, key, style, list_item, level, checked, children, mark_defs })
}

fn style(place: &mut Place, members: &mut Members) -> Style {
    let Some(word) = members.optional(place, "style") else {
        return Style::Normal;
    };
    Style::named(&word).unwrap_or_else(|| {
        place.problem_at(&"style", "invalid", "one of normal, h1 to h6, blockquote");
        Style::Normal
    })
}

fn list_item(place: &mut Place, members: &mut Members) -> (Option<ListItem>, Option<u8>, Option<bool>) {
    let kind = members.optional(place, "listItem").and_then(|word| {
        let kind = ListItem::named(&word);
        if kind.is_none() {
            place.problem_at(&"listItem", "invalid", "one of bullet, number, task");
        }
        kind
    });
    let level = match members.take("level") {
        None => kind.map(|_| 1),
        Some(value) => {
            let level = value.as_u64().and_then(|level| u8::try_from(level).ok());
            let level = level.filter(|level| (1..=MAX_LEVEL).contains(level));
            if level.is_none() {
                place.problem_at(&"level", "invalid", format!("a number from 1 to {MAX_LEVEL}"));
            }
            if kind.is_none() {
                place.problem_at(&"level", "invalid", "only list items have a level");
            }
            level
        }
    };
    let checked = match members.take("checked") {
        None => (kind == Some(ListItem::Task)).then_some(false),
        Some(Value::Bool(checked)) if kind == Some(ListItem::Task) => Some(checked),
        Some(_) => {
            place.problem_at(&"checked", "invalid", "true or false, and only on task items");
            None
        }
    };
    (kind, level, checked)
}

fn span(place: &mut Place, value: Value, links: &HashSet<String>) -> Option<Span> {
    let mut members = Members::open_as(place, value, "span")?;
    let key = members.key(place);
    let text = members.verbatim(place, "text");
    let values = members.array(place, "marks");
    members.close(place);
    if values.len() > MAX_MARKS {
        place.problem_at(&"marks", "too-long", format!("a span has at most {MAX_MARKS} marks"));
        return None;
    }
    let mut marks: Vec<Mark> = place.within(&"marks", |place| place.items(values, |place, value| mark(place, &value, links)));
    marks.sort();
    marks.dedup();
    if marks.iter().filter(|mark| mark.def().is_some()).count() > 1 {
        place.problem_at(&"marks", "nested-link", "a text can be part of one link only");
    }
    Some(Span { tag: tag::Span::Tag, key, text: text?, marks })
}

fn mark(place: &mut Place, value: &Value, links: &HashSet<String>) -> Option<Mark> {
    let Value::String(name) = value else {
        place.problem("not-a-string", "a string is expected here");
        return None;
    };
    let mark = Decorator::named(name).map(Mark::Decorator).or_else(|| links.contains(name.as_str()).then(|| Mark::Def(name.clone())));
    if mark.is_none() {
        let detail = format!("`{}` is no decorator, and not in the block's markDefs", short(name));
        place.problem("unknown-mark", detail);
    }
    mark
}

fn mark_def(place: &mut Place, value: Value) -> Option<MarkDef> {
    let mut members = Members::open(place, value)?;
    let kind = members.kind(place)?;
    let key = members.key(place);
    if key.is_empty() || Decorator::named(&key).is_some() {
        place.problem_at(&"_key", "required", "a mark definition has a key that is not a decorator's name");
    }
    let def = match kind.as_str() {
        "link" => {
            let href = members.text(place, "href").and_then(|href| target(place, &href));
            let title = members.optional(place, "title");
            let rel = members.optional(place, "rel").and_then(|rel| {
                links::rel(&rel).unwrap_or_else(|refusal| {
                    place.problem_at(&"rel", "invalid", refusal);
                    None
                })
            });
            href.map(|href| MarkDef::Link(LinkDef { tag: tag::Link::Tag, key, href, title, rel }))
        }
        "internalLink" => {
            let reference = members.reference(place, "ref");
            let href = members.optional(place, "href").and_then(|href| target(place, &href));
            reference.map(|reference| MarkDef::Internal(InternalLinkDef { tag: tag::InternalLink::Tag, key, reference, href }))
        }
        _ => {
            place.problem_at(&"_type", "unknown-type", "a mark definition is a link or an internalLink");
            return None;
        }
    };
    members.close(place);
    def
}

fn target(place: &mut Place, href: &str) -> Option<String> {
    links::href(href).map_err(|refusal| place.problem_at(&"href", "unsafe-link", refusal)).ok()
}
