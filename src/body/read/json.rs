//! Blocks that come as JSON: checks every shape and says where it is wrong. Keeps what the writer wrote,
//! keys included; text blocks are in `json_text`.

use serde_json::Value;

use super::clean;
use super::json_text;
use super::members::{Members, Place};
use super::raw;
use crate::body::limits::{MAX_BLOCKS, MAX_RAW_HTML_BYTES, MAX_TABLE_COLUMNS, MAX_TABLE_ROWS};
use crate::body::links;
use crate::body::model::{
    Block, CodeBlock, CorrectionBlock, CorrectionKind, EmbedBlock, FactboxBlock, GalleryBlock, HtmlBlock, ImageBlock, PullquoteBlock, RelatedArticleBlock, RuleBlock, TableBlock,
    TableCell, TableRow,
};
use crate::body::problem::Report;
use crate::body::tag;

/// Reads the array of blocks of a body.
pub(super) fn blocks(value: Value) -> (Vec<Block>, Report) {
    let mut place = Place::at("/blocks", Report::default());
    let Value::Array(values) = value else {
        place.problem("not-an-array", "an array of blocks is expected here");
        return (Vec::new(), place.report);
    };
    if values.len() > MAX_BLOCKS {
        place.problem("too-long", format!("{} blocks; at most {MAX_BLOCKS} are allowed", values.len()));
        return (Vec::new(), place.report);
    }
    let blocks = place.items(values, block);
    (blocks, place.report)
}

/// Reads one block of any type.
pub(super) fn block(place: &mut Place, value: Value) -> Option<Block> {
    let mut members = Members::open(place, value)?;
    let kind = members.kind(place)?;
    let block = match kind.as_str() {
        "block" => return json_text::text_block(place, members).map(Block::Text),
        "image" => return image(place, members).map(Block::Image),
        "gallery" => gallery(place, &mut members).map(Block::Gallery),
        "pullquote" => pullquote(place, &mut members).map(Block::Pullquote),
        "embed" => embed(place, &mut members).map(Block::Embed),
        "factbox" => factbox(place, &mut members).map(Block::Factbox),
        "table" => table(place, &mut members).map(Block::Table),
        "code" => code(place, &mut members).map(Block::Code),
        "horizontal-rule" => Some(Block::Rule(RuleBlock { tag: tag::HorizontalRule::Tag, key: members.key(place) })),
        "correction" => correction(place, &mut members).map(Block::Correction),
        "relatedArticle" => related(place, &mut members).map(Block::RelatedArticle),
        "html" => html(place, &mut members).map(Block::Html),
        _ => {
            place.problem_at(&"_type", "unknown-type", format!("there is no block of type `{}`", short(&kind)));
            return None;
        }
    };
    members.close(place);
    block
}

fn image(place: &mut Place, mut members: Members) -> Option<ImageBlock> {
    let key = members.key(place);
    let media = members.reference(place, "media");
    let alt = members.optional(place, "alt");
    let caption = members.optional(place, "caption");
    let layout = members.word(place, "layout", clean::is_layout, "a layout is a word of a-z, 0-9 and hyphens");
    members.close(place);
    Some(ImageBlock { tag: tag::Image::Tag, key, media: media?, alt, caption, layout })
}

fn gallery(place: &mut Place, members: &mut Members) -> Option<GalleryBlock> {
    let key = members.key(place);
    let title = members.optional(place, "title");
    let values = members.array(place, "images");
    if values.is_empty() {
        place.problem_at(&"images", "required", "a gallery has at least one image");
    }
    let images = place.within(&"images", |place| place.items(values, |place, value| Members::open_as(place, value, "image").and_then(|members| image(place, members))));
    Some(GalleryBlock { tag: tag::Gallery::Tag, key, title, images })
}

fn pullquote(place: &mut Place, members: &mut Members) -> Option<PullquoteBlock> {
    let key = members.key(place);
    let text = members.text(place, "text");
    let attribution = members.optional(place, "attribution");
    let role = members.optional(place, "role");
    Some(PullquoteBlock { tag: tag::Pullquote::Tag, key, text: text?, attribution, role })
}

fn embed(place: &mut Place, members: &mut Members) -> Option<EmbedBlock> {
    let key = members.key(place);
    let url = members.text(place, "url").map(|url| links::https(&url));
    if let Some(Err(refusal)) = &url {
        place.problem_at(&"url", "unsafe-link", *refusal);
    }
    let provider = members.optional(place, "provider");
    let title = members.optional(place, "title");
    let aspect_ratio = members.word(place, "aspectRatio", clean::is_ratio, "an aspect ratio is written 16:9");
    Some(EmbedBlock { tag: tag::Embed::Tag, key, url: url?.ok()?, provider, title, aspect_ratio })
}

fn factbox(place: &mut Place, members: &mut Members) -> Option<FactboxBlock> {
    let key = members.key(place);
    let title = members.text(place, "title");
    let content = json_text::content(place, members, "content");
    Some(FactboxBlock { tag: tag::Factbox::Tag, key, title: title?, content })
}

fn correction(place: &mut Place, members: &mut Members) -> Option<CorrectionBlock> {
    let key = members.key(place);
    let kind = members.text(place, "kind").and_then(|word| {
        let kind = CorrectionKind::ALL.into_iter().find(|kind| kind.as_str() == word);
        if kind.is_none() {
            let names = CorrectionKind::ALL.map(CorrectionKind::as_str).join(", ");
            place.problem_at(&"kind", "invalid", format!("one of {names}"));
        }
        kind
    });
    let date = members.text(place, "date");
    if date.as_deref().is_some_and(|date| !clean::is_date(date)) {
        place.problem_at(&"date", "invalid", "a date is written YYYY-MM-DD");
    }
    let content = json_text::content(place, members, "content");
    Some(CorrectionBlock { tag: tag::Correction::Tag, key, kind: kind?, date: date?, content })
}

fn related(place: &mut Place, members: &mut Members) -> Option<RelatedArticleBlock> {
    let key = members.key(place);
    let reference = members.reference(place, "ref");
    Some(RelatedArticleBlock { tag: tag::RelatedArticle::Tag, key, reference: reference? })
}

fn code(place: &mut Place, members: &mut Members) -> Option<CodeBlock> {
    let key = members.key(place);
    let language = members.word(place, "language", clean::is_language, "a language is a word such as `rust`");
    let code = members.verbatim(place, "code");
    Some(CodeBlock { tag: tag::Code::Tag, key, language, code: code? })
}

fn html(place: &mut Place, members: &mut Members) -> Option<HtmlBlock> {
    let key = members.key(place);
    let source = members.text(place, "html")?;
    if source.len() > MAX_RAW_HTML_BYTES {
        place.problem_at(&"html", "too-long", format!("at most {MAX_RAW_HTML_BYTES} bytes"));
        return None;
    }
    match raw::sanitise(&source) {
        Ok(html) => Some(HtmlBlock { tag: tag::Html::Tag, key, html }),
        Err(objections) => {
            for (code, detail) in objections {
                place.problem_at(&"html", code, detail);
            }
            None
        }
    }
}

fn table(place: &mut Place, members: &mut Members) -> Option<TableBlock> {
    let key = members.key(place);
    let caption = members.optional(place, "caption");
    let values = members.array(place, "rows");
    let header_rows = match members.take("headerRows") {
        None => Some(0),
        Some(value) => value.as_u64().filter(|&rows| rows <= values.len() as u64),
    };
    if header_rows.is_none() {
        place.problem_at(&"headerRows", "invalid", "a number from 0 to the number of rows");
    }
    if values.is_empty() || values.len() > MAX_TABLE_ROWS {
        place.problem_at(&"rows", "invalid", format!("a table has 1 to {MAX_TABLE_ROWS} rows"));
        return None;
    }
    let rows = place.within(&"rows", |place| place.items(values, row));
    Some(TableBlock { tag: tag::Table::Tag, key, header_rows: u16::try_from(header_rows?).ok()?, caption, rows })
}

fn row(place: &mut Place, value: Value) -> Option<TableRow> {
    let mut members = Members::open_as(place, value, "row")?;
    let key = members.key(place);
    let values = members.array(place, "cells");
    members.close(place);
    if values.is_empty() || values.len() > MAX_TABLE_COLUMNS {
        place.problem_at(&"cells", "invalid", format!("a row has 1 to {MAX_TABLE_COLUMNS} cells"));
        return None;
    }
    let cells = place.within(&"cells", |place| {
        place.items(values, |place, value| {
            let mut members = Members::open_as(place, value, "cell")?;
            let key = members.key(place);
            let value = json_text::content(place, &mut members, "value");
            members.close(place);
            Some(TableCell { tag: tag::Cell::Tag, key, value })
        })
    });
    Some(TableRow { tag: tag::Row::Tag, key, cells })
}

/// The beginning of a word that somebody sent, for repeating it in an answer.
pub(super) fn short(text: &str) -> String {
    text.chars().take(40).collect()
}
