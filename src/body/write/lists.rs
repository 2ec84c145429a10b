//! Finds the runs of neighbouring blocks that belong together: quotes, and the lists in or outside them.

use crate::body::model::{ListItem, Style, TextBlock};

/// What a list is written as. Check boxes are items of a bulleted list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListKind {
    Bulleted,
    Numbered,
}

/// One item of a run of list items, with the depth at which it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'b> {
    pub(super) block: &'b TextBlock,
    pub(super) kind: ListKind,
    /// From 1, never more than one deeper than the item before.
    pub(super) level: usize,
}

/// Neighbouring text blocks, seen as the parts of one flow.
#[derive(Debug)]
pub(super) enum Part<'b> {
    Text(&'b TextBlock),
    Items(Vec<Item<'b>>),
}

/// Splits text blocks into runs that are all quoted or all not.
pub(super) fn quotes<'b>(blocks: &[&'b TextBlock]) -> Vec<(bool, Vec<&'b TextBlock>)> {
    let mut runs: Vec<(bool, Vec<&TextBlock>)> = Vec::new();
    for block in blocks {
        let quoted = block.style == Style::Blockquote;
        match runs.last_mut() {
            Some((same, run)) if *same == quoted => run.push(block),
            _ => runs.push((quoted, vec![*block])),
        }
    }
    runs
}

/// Splits a run into single texts and lists.
pub(super) fn parts<'b>(blocks: &[&'b TextBlock]) -> Vec<Part<'b>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for block in blocks {
        let Some(list_item) = block.list_item else {
            parts.push(Part::Text(block));
            continue;
        };
        let kind = match list_item {
            ListItem::Number => ListKind::Numbered,
            ListItem::Bullet | ListItem::Task => ListKind::Bulleted,
        };
        let wanted = usize::from(block.level.unwrap_or(1)).max(1);
        if !matches!(parts.last(), Some(Part::Items(_))) {
            parts.push(Part::Items(Vec::new()));
        }
        if let Some(Part::Items(items)) = parts.last_mut() {
            let deepest = items.last().map_or(1, |before| before.level + 1);
            let level = wanted.min(deepest);
            items.push(Item { block, kind, level });
        }
    }
    parts
}
