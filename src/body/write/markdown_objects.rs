//! Markdown of the blocks that are no text. What Markdown can say, it says; the rest is JSON in a fence, without
//! keys, since an edited text gets new ones.

use serde_json::Value;

use super::markdown_inline::{Room, escape, longest_run, quoted, spans};
use crate::body::model::{Block, CodeBlock, EmbedBlock, ImageBlock, Style, TableBlock, TableRow};
use crate::body::read::{EMBED, OBJECT};

/// Writes one block.
pub(super) fn object(block: &Block) -> String {
    let markdown = match block {
        Block::Image(block) => image(block),
        Block::Embed(block) => embed(block),
        Block::Table(block) => table(block),
        Block::Code(block) => code(block),
        Block::Rule(_) => Some("---".to_owned()),
        _ => None,
    };
    markdown.unwrap_or_else(|| json(block))
}

fn image(block: &ImageBlock) -> Option<String> {
    let texts = [block.alt.as_deref(), block.caption.as_deref()];
    if block.layout.is_some() || texts.iter().flatten().any(|text| text.contains('\n')) {
        return None;
    }
    let mut out = "![".to_owned();
    escape(block.alt.as_deref().unwrap_or_default(), Room::OneLine, false, &mut out);
    out.push_str(&format!("](media:{}", block.media.id));
    if let Some(caption) = &block.caption {
        quoted(caption, &mut out);
    }
    out.push(')');
    Some(out)
}

fn embed(block: &EmbedBlock) -> Option<String> {
    let lines = [("title", &block.title), ("provider", &block.provider), ("ratio", &block.aspect_ratio)];
    if lines.iter().any(|(_, value)| value.as_deref().is_some_and(|value| value.contains('\n'))) {
        return None;
    }
    let mut out = format!("```{EMBED}\n{}\n", block.url);
    for (name, value) in lines {
        if let Some(value) = value {
            out.push_str(&format!("{name}: {value}\n"));
        }
    }
    out.push_str("```");
    Some(out)
}

fn code(block: &CodeBlock) -> Option<String> {
    let language = block.language.as_deref().unwrap_or_default();
    if language == EMBED {
        return None;
    }
    let fence = "`".repeat(longest_run(&block.code).max(2) + 1);
    let newline = if block.code.is_empty() { "" } else { "\n" };
    Some(format!("{fence}{language}\n{}{newline}{fence}", block.code))
}

/// A table that GFM can hold: one row of headings, no caption, as many cells in each row, one paragraph in each cell.
fn table(block: &TableBlock) -> Option<String> {
    let columns = block.rows.first()?.cells.len();
    if block.header_rows != 1 || block.caption.is_some() {
        return None;
    }
    let mut lines = Vec::with_capacity(block.rows.len() + 1);
    for row in &block.rows {
        if row.cells.len() != columns {
            return None;
        }
        lines.push(table_row(row)?);
    }
    lines.insert(1, format!("|{}", " --- |".repeat(columns)));
    Some(lines.join("\n"))
}

fn table_row(row: &TableRow) -> Option<String> {
    let mut line = "|".to_owned();
    for cell in &row.cells {
        let [only] = cell.value.as_slice() else {
            return None;
        };
        if only.style != Style::Normal || only.list_item.is_some() {
            return None;
        }
        line.push_str(&format!(" {} |", spans(only, Room::Cell)));
    }
    Some(line)
}

fn json(block: &Block) -> String {
    let mut value = serde_json::to_value(block).unwrap_or_default();
    strip_keys(&mut value);
    format!("```{OBJECT}\n{value:#}\n```")
}

/// Takes every `_key` away but those of mark definitions, which marks name. Blocks are only a few levels deep.
fn strip_keys(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("_key");
            for (name, member) in members.iter_mut() {
                if name != "markDefs" {
                    strip_keys(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(strip_keys),
        _ => {}
    }
}
