//! Fenced blocks of Markdown. ```` ```json:object ```` holds any block as JSON (the convention of
//! `@portabletext/markdown`), ```` ```embed ```` an address and what is said about it; the rest is code.

use super::flow::Flow;
use super::members::Place;
use super::{clean, json};
use crate::body::keys::Keyed;
use crate::body::links;
use crate::body::model::{Block, CodeBlock, EmbedBlock};
use crate::body::problem::Report;
use crate::body::tag;

/// The info string of a fence that holds a block as JSON.
pub(in crate::body) const OBJECT: &str = "json:object";
/// The info string of a fence that holds an embed.
pub(in crate::body) const EMBED: &str = "embed";

/// Reads a fenced or indented block.
pub(super) fn read(flow: &mut Flow, info: Option<&str>, text: &str) {
    match info {
        Some(OBJECT) => object(flow, text),
        Some(EMBED) => embed(flow, text),
        _ => code(flow, info, text),
    }
}

fn code(flow: &mut Flow, info: Option<&str>, text: &str) {
    if info.is_some_and(|info| !clean::is_language(info)) {
        flow.problem("invalid", "after the fence stands one word, the language");
    }
    let code =
        Block::Code(CodeBlock { tag: tag::Code::Tag, key: String::new(), language: info.map(str::to_owned), code: clean::nfc(text.strip_suffix('\n').unwrap_or(text).to_owned()) });
    flow.object(code, "code");
}

fn object(flow: &mut Flow, text: &str) {
    let value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            return flow.problem("invalid-json", format!("the JSON in the fence cannot be read: {error}"));
        }
    };
    let mut place = Place::at("", Report::default());
    let block = json::block(&mut place, value);
    match (place.report.judge(()), block) {
        (Ok(()), Some(mut block)) => {
            block.set_key(String::new());
            flow.object(block, "a block of JSON");
        }
        (Ok(()), None) => flow.problem("invalid", "the JSON in the fence is no block"),
        (Err(problems), _) => {
            for problem in problems {
                let at = if problem.pointer.is_empty() { "/" } else { &problem.pointer };
                flow.problem(problem.code, format!("at {at} of the JSON: {}", problem.detail));
            }
        }
    }
}

/// The first line is the address; `title: …`, `provider: …` and `ratio: …` may follow.
fn embed(flow: &mut Flow, text: &str) {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let url = match lines.next().map(links::https) {
        Some(Ok(url)) => url,
        Some(Err(refusal)) => return flow.problem("unsafe-link", refusal),
        None => return flow.problem("required", "the first line of an embed is its address"),
    };
    let mut embed = EmbedBlock { tag: tag::Embed::Tag, key: String::new(), url, provider: None, title: None, aspect_ratio: None };
    for line in lines {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = clean::optional(clean::nfc(value.to_owned()));
        let member = match name {
            "title" => &mut embed.title,
            "provider" => &mut embed.provider,
            "ratio" => &mut embed.aspect_ratio,
            _ => {
                flow.problem("unknown-member", "an embed has a title:, a provider: and a ratio:");
                continue;
            }
        };
        if member.is_some() {
            flow.problem("invalid", "each line of an embed stands once");
        }
        *member = value;
    }
    if embed.aspect_ratio.as_deref().is_some_and(|ratio| !clean::is_ratio(ratio)) {
        flow.problem("invalid", "a ratio is written 16:9");
    }
    flow.object(Block::Embed(embed), "an embed");
}
