//! Markdown of a body: paragraphs, headings, quotes and lists. What has no Markdown goes, whole, into a fence
//! of JSON; see `markdown_objects`.

use super::lists::{Item, ListKind, Part, parts, quotes};
use super::markdown_inline::{Room, spans};
use super::markdown_objects::object;
use crate::body::model::{Block, TextBlock};

/// Renders a body.
pub(in crate::body) fn render(blocks: &[Block]) -> String {
    let mut pieces: Vec<String> = Vec::new();
    let mut texts: Vec<&TextBlock> = Vec::new();
    for block in blocks {
        if let Block::Text(text) = block {
            texts.push(text);
            continue;
        }
        flow(&std::mem::take(&mut texts), &mut pieces);
        pieces.push(object(block));
    }
    flow(&texts, &mut pieces);
    pieces.join("\n\n")
}

fn flow(blocks: &[&TextBlock], pieces: &mut Vec<String>) {
    for (quoted, run) in quotes(blocks) {
        let texts = parts(&run).into_iter().map(|part| match part {
            Part::Text(block) => text(block),
            Part::Items(items) => list(&items),
        });
        let texts = texts.filter(|text| !text.is_empty());
        if !quoted {
            pieces.extend(texts);
            continue;
        }
        let quote = texts.collect::<Vec<_>>().join("\n\n");
        let lines = quote.split('\n').map(|line| match line {
            "" => ">".to_owned(),
            line => format!("> {line}"),
        });
        pieces.push(lines.collect::<Vec<_>>().join("\n"));
    }
}

/// A paragraph or heading. One without text is nothing in Markdown.
fn text(block: &TextBlock) -> String {
    match block.style.heading_level() {
        None => spans(block, Room::Lines),
        Some(level) => {
            let text = spans(block, Room::OneLine);
            if text.is_empty() {
                return text;
            }
            format!("{} {text}", "#".repeat(level))
        }
    }
}

fn list(items: &[Item<'_>]) -> String {
    let mut lines: Vec<String> = Vec::new();
    // The lists that are open: their kind, the number of their last item, the width of its marker.
    let mut open: Vec<(ListKind, usize, usize)> = Vec::new();
    for item in items {
        open.truncate(item.level);
        let number = match open.get(item.level - 1) {
            Some((kind, number, _)) if *kind == item.kind => number + 1,
            _ => 1,
        };
        open.truncate(item.level - 1);
        let indent = " ".repeat(open.iter().map(|(_, _, width)| width).sum());
        let marker = match item.kind {
            ListKind::Bulleted => "- ".to_owned(),
            ListKind::Numbered => format!("{number}. "),
        };
        open.push((item.kind, number, marker.len()));
        let mut text = text(item.block);
        if text.is_empty() {
            // A marker alone could be read as the underline of a heading.
            "<!-- -->".clone_into(&mut text);
        }
        let check = match item.block.checked {
            Some(true) => "[x] ",
            Some(false) => "[ ] ",
            None => "",
        };
        let hanging = " ".repeat(marker.len());
        for (index, line) in text.split('\n').enumerate() {
            lines.push(if index == 0 { format!("{indent}{marker}{check}{line}") } else { format!("{indent}{hanging}{line}") });
        }
    }
    lines.join("\n")
}
