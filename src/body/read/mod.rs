//! From what people send to blocks: JSON, Markdown, HTML. Every reader reports what it cannot keep, with its
//! place; none drops anything in silence.

mod boxes;
mod clean;
mod dom;
mod elements;
mod fences;
mod flow;
mod html;
mod inline_html;
mod json;
mod json_text;
mod markdown;
mod members;
mod paragraph;
mod pictures;
mod raw;
mod tables;

use super::keys;
use super::limits::{self, MAX_SOURCE_BYTES};
use super::model::Block;
use super::problem::{Problem, Report};

pub(super) use fences::{EMBED, OBJECT};
pub(super) use raw::visible_text;

/// Reads an array of blocks. Pointers begin with `/blocks`.
pub(super) fn from_blocks(value: serde_json::Value) -> Result<Vec<Block>, Vec<Problem>> {
    let (blocks, report) = json::blocks(value);
    finish(blocks, "/blocks", report)
}

/// Reads CommonMark with tables, strikethrough and task lists.
pub(super) fn from_markdown(source: &str) -> Result<Vec<Block>, Vec<Problem>> {
    from_source(source, "/markdown", markdown::blocks)
}

/// Reads an HTML fragment.
pub(super) fn from_html(source: &str) -> Result<Vec<Block>, Vec<Problem>> {
    from_source(source, "/html", html::blocks)
}

fn from_source(source: &str, pointer: &'static str, read: impl FnOnce(&str) -> (Vec<Block>, Report)) -> Result<Vec<Block>, Vec<Problem>> {
    let mut report = Report::default();
    if source.len() > MAX_SOURCE_BYTES {
        let detail = format!("{} bytes; at most {MAX_SOURCE_BYTES} are allowed", source.len());
        report.add(pointer, "too-long", detail);
        return report.judge(Vec::new());
    }
    let source = clean::lines(source.strip_prefix('\u{feff}').unwrap_or(source));
    if let Some((line, c)) = clean::control(&source) {
        let detail = format!("line {line}: control character U+{:04X}", u32::from(c));
        report.add(pointer, "control-character", detail);
        return report.judge(Vec::new());
    }
    let (blocks, report) = read(&source);
    finish(blocks, pointer, report)
}

fn finish(mut blocks: Vec<Block>, pointer: &str, mut report: Report) -> Result<Vec<Block>, Vec<Problem>> {
    limits::check(&blocks, pointer, &mut report);
    keys::fill(&mut blocks);
    report.judge(blocks)
}
