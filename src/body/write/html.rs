//! HTML of text: paragraphs, headings, quotes, lists, marks. Everything that somebody wrote is escaped here and
//! nowhere else. The other blocks are in `html_blocks`.

use super::inline::{Code, Nesting, Step, steps};
use super::lists::{Item, ListKind, Part, parts, quotes};
use crate::body::model::{Block, Style, TextBlock};
use crate::body::spans::{Decorator, MarkDef};
use uuid::Uuid;

/// A piece of a rendered body. Pictures and related stories are slots, because what may be shown of them is
/// known only when the story is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HtmlPart {
    /// Finished, sanitised HTML.
    Html(String),
    /// A place for [`render_figure`](super::figure::render_figure).
    Figure {
        /// The picture.
        media: Uuid,
        /// What the picture shows, for those who cannot see it.
        alt: Option<String>,
        /// What this story says under it.
        caption: Option<String>,
        /// How the story wants it placed.
        layout: Option<String>,
        /// Whether it stands in a gallery.
        in_gallery: bool,
    },
    /// A place for [`render_related`](super::figure::render_related).
    Related(Uuid),
}

/// Collects parts, joining what is finished.
#[derive(Debug, Default)]
pub(super) struct Page {
    parts: Vec<HtmlPart>,
    html: String,
}

impl Page {
    pub(super) fn html(&mut self) -> &mut String {
        &mut self.html
    }

    pub(super) fn slot(&mut self, part: HtmlPart) {
        self.flush();
        self.parts.push(part);
    }

    fn flush(&mut self) {
        if !self.html.is_empty() {
            self.parts.push(HtmlPart::Html(std::mem::take(&mut self.html)));
        }
    }
}

/// Renders a body.
pub(in crate::body) fn render(blocks: &[Block]) -> Vec<HtmlPart> {
    let mut page = Page::default();
    let mut texts: Vec<&TextBlock> = Vec::new();
    for block in blocks {
        if let Block::Text(text) = block {
            texts.push(text);
            continue;
        }
        flow(&std::mem::take(&mut texts), page.html());
        super::html_blocks::write(block, &mut page);
    }
    flow(&texts, page.html());
    page.flush();
    page.parts
}

/// Writes neighbouring text blocks, one block a line.
pub(super) fn flow(blocks: &[&TextBlock], out: &mut String) {
    for (quoted, run) in quotes(blocks) {
        if quoted {
            out.push_str("<blockquote>\n");
        }
        for part in parts(&run) {
            match part {
                Part::Text(block) => {
                    let tag = tag(block.style);
                    element(tag, block, out);
                    out.push('\n');
                }
                Part::Items(items) => list(&items, out),
            }
        }
        if quoted {
            out.push_str("</blockquote>\n");
        }
    }
}

fn list(items: &[Item<'_>], out: &mut String) {
    let mut open: Vec<ListKind> = Vec::new();
    for item in items {
        while open.len() > item.level {
            close_list(&mut open, out);
        }
        if open.len() == item.level {
            out.push_str("</li>\n");
            if open.last() != Some(&item.kind) {
                // The item above stays open only if there is a list above.
                if let Some(kind) = open.pop() {
                    out.push_str(end_of(kind));
                }
            }
        }
        if open.len() < item.level {
            out.push_str(match item.kind {
                ListKind::Bulleted => "<ul>\n",
                ListKind::Numbered => "<ol>\n",
            });
            open.push(item.kind);
        }
        out.push_str("<li>");
        if let Some(checked) = item.block.checked {
            out.push_str("<input type=\"checkbox\" disabled");
            out.push_str(if checked { " checked> " } else { "> " });
        }
        match item.block.style {
            Style::Normal | Style::Blockquote => spans(item.block, out),
            heading => element(tag(heading), item.block, out),
        }
    }
    while !open.is_empty() {
        close_list(&mut open, out);
    }
}

fn close_list(open: &mut Vec<ListKind>, out: &mut String) {
    if let Some(kind) = open.pop() {
        out.push_str("</li>\n");
        out.push_str(end_of(kind));
    }
}

fn end_of(kind: ListKind) -> &'static str {
    match kind {
        ListKind::Bulleted => "</ul>\n",
        ListKind::Numbered => "</ol>\n",
    }
}

fn tag(style: Style) -> &'static str {
    match style {
        Style::Normal | Style::Blockquote => "p",
        Style::H1 => "h1",
        Style::H2 => "h2",
        Style::H3 => "h3",
        Style::H4 => "h4",
        Style::H5 => "h5",
        Style::H6 => "h6",
    }
}

fn element(tag: &str, block: &TextBlock, out: &mut String) {
    out.push('<');
    out.push_str(tag);
    out.push('>');
    spans(block, out);
    out.push_str("</");
    out.push_str(tag);
    out.push('>');
}

/// Writes the text of a block with its marks.
pub(super) fn spans(block: &TextBlock, out: &mut String) {
    for step in steps(block, Code::LikeOthers) {
        match step {
            Step::Text(text) => lines(text, out),
            Step::Open(Nesting::Decorator(decorator)) => {
                out.push('<');
                out.push_str(mark(decorator));
                out.push('>');
            }
            Step::Close(Nesting::Decorator(decorator)) => {
                out.push_str("</");
                out.push_str(mark(decorator));
                out.push('>');
            }
            Step::Open(Nesting::Link(def)) => link(def, out),
            Step::Close(Nesting::Link(_)) => out.push_str("</a>"),
        }
    }
}

/// The element that a decorator is written as.
pub(super) fn mark(decorator: Decorator) -> &'static str {
    match decorator {
        Decorator::Strong => "strong",
        Decorator::Em => "em",
        Decorator::Underline => "u",
        Decorator::StrikeThrough => "s",
        Decorator::Sub => "sub",
        Decorator::Sup => "sup",
        Decorator::Code => "code",
    }
}

/// The opening tag of a link.
pub(super) fn link(def: &MarkDef, out: &mut String) {
    out.push_str("<a");
    if let MarkDef::Internal(internal) = def {
        attribute("data-ref", &internal.reference.id.to_string(), out);
    }
    if let Some(href) = def.href() {
        attribute("href", href, out);
    }
    if let MarkDef::Link(link) = def {
        if let Some(title) = &link.title {
            attribute("title", title, out);
        }
        if let Some(rel) = &link.rel {
            attribute("rel", rel, out);
        }
    }
    out.push('>');
}

/// Text in which a line feed is a line break.
pub(super) fn lines(text: &str, out: &mut String) {
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push_str("<br>");
        }
        escape(line, out);
    }
}

/// An attribute with a space before it.
pub(super) fn attribute(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape(value, out);
    out.push('"');
}

/// Text as it may stand in an element or in a double-quoted attribute.
pub(super) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}
