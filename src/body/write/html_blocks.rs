//! HTML of the blocks that are no text. What is written here, `read::boxes`, `read::pictures` and `read::tables`
//! read back.

use super::html::{HtmlPart, Page, attribute, escape, flow, lines, spans};
use crate::body::model::{Block, CodeBlock, CorrectionBlock, EmbedBlock, FactboxBlock, GalleryBlock, ImageBlock, PullquoteBlock, Style, TableBlock, TableCell, TextBlock};

/// Writes one block.
pub(super) fn write(block: &Block, page: &mut Page) {
    match block {
        Block::Text(text) => flow(&[text], page.html()),
        Block::Image(image) => page.slot(figure(image, false)),
        Block::Gallery(block) => gallery(block, page),
        Block::Pullquote(quote) => pullquote(quote, page.html()),
        Block::Embed(block) => embed(block, page.html()),
        Block::Factbox(block) => factbox(block, page.html()),
        Block::Table(block) => table(block, page.html()),
        Block::Code(block) => code(block, page.html()),
        Block::Rule(_) => page.html().push_str("<hr>\n"),
        Block::Correction(block) => correction(block, page.html()),
        Block::RelatedArticle(block) => page.slot(HtmlPart::Related(block.reference.id)),
        Block::Html(block) => {
            let out = page.html();
            out.push_str("<div data-block=\"html\">");
            out.push_str(&block.html);
            out.push_str("</div>\n");
        }
    }
}

fn figure(image: &ImageBlock, in_gallery: bool) -> HtmlPart {
    HtmlPart::Figure { media: image.media.id, alt: image.alt.clone(), caption: image.caption.clone(), layout: image.layout.clone(), in_gallery }
}

fn gallery(block: &GalleryBlock, page: &mut Page) {
    page.html().push_str("<figure class=\"gallery\">");
    if let Some(title) = &block.title {
        tagged("figcaption", title, page.html());
    }
    for image in &block.images {
        page.slot(figure(image, true));
    }
    page.html().push_str("</figure>\n");
}

fn pullquote(quote: &PullquoteBlock, out: &mut String) {
    out.push_str("<figure class=\"pullquote\"><blockquote>");
    tagged("p", &quote.text, out);
    out.push_str("</blockquote>");
    let named = quote.attribution.is_some() || quote.role.is_some();
    if named {
        out.push_str("<figcaption>");
    }
    if let Some(attribution) = &quote.attribution {
        out.push_str("<span class=\"attribution\">");
        lines(attribution, out);
        out.push_str("</span>");
    }
    if let Some(role) = &quote.role {
        out.push_str(if quote.attribution.is_some() { ", " } else { "" });
        out.push_str("<span class=\"role\">");
        lines(role, out);
        out.push_str("</span>");
    }
    out.push_str(if named { "</figcaption></figure>\n" } else { "</figure>\n" });
}

/// A link, not a frame: what is shown from elsewhere, and when, is the front end's and the reader's choice.
fn embed(block: &EmbedBlock, out: &mut String) {
    out.push_str("<figure class=\"embed\"");
    if let Some(provider) = &block.provider {
        attribute("data-provider", provider, out);
    }
    if let Some(ratio) = &block.aspect_ratio {
        attribute("data-aspect-ratio", ratio, out);
    }
    out.push_str("><a");
    attribute("href", &block.url, out);
    out.push('>');
    escape(block.title.as_deref().unwrap_or(&block.url), out);
    out.push_str("</a></figure>\n");
}

/// The title is no heading element, since its level in the page is not known here.
fn factbox(block: &FactboxBlock, out: &mut String) {
    out.push_str("<aside class=\"factbox\"><p class=\"factbox-title\">");
    lines(&block.title, out);
    out.push_str("</p>\n");
    content(&block.content, out);
    out.push_str("</aside>\n");
}

fn correction(block: &CorrectionBlock, out: &mut String) {
    out.push_str("<aside class=\"correction\"");
    attribute("data-kind", block.kind.as_str(), out);
    out.push_str("><p class=\"correction-date\"><time");
    attribute("datetime", &block.date, out);
    out.push('>');
    escape(&block.date, out);
    out.push_str("</time></p>\n");
    content(&block.content, out);
    out.push_str("</aside>\n");
}

fn code(block: &CodeBlock, out: &mut String) {
    out.push_str("<pre><code");
    if let Some(language) = &block.language {
        attribute("class", &format!("language-{language}"), out);
    }
    out.push('>');
    escape(&block.code, out);
    out.push_str("</code></pre>\n");
}

fn table(block: &TableBlock, out: &mut String) {
    out.push_str("<table>");
    if let Some(caption) = &block.caption {
        tagged("caption", caption, out);
    }
    let headers = usize::from(block.header_rows);
    for (index, row) in block.rows.iter().enumerate() {
        let is_header = index < headers;
        if index == 0 {
            out.push_str(if is_header { "<thead>\n" } else { "<tbody>\n" });
        } else if index == headers {
            out.push_str("</thead><tbody>\n");
        }
        out.push_str("<tr>");
        for cell in &row.cells {
            out.push_str(if is_header { "<th scope=\"col\">" } else { "<td>" });
            cell_content(cell, out);
            out.push_str(if is_header { "</th>" } else { "</td>" });
        }
        out.push_str("</tr>\n");
    }
    if !block.rows.is_empty() {
        out.push_str(if block.rows.len() <= headers { "</thead>" } else { "</tbody>" });
    }
    out.push_str("</table>\n");
}

fn cell_content(cell: &TableCell, out: &mut String) {
    match cell.value.as_slice() {
        [only] if only.style == Style::Normal && only.list_item.is_none() => spans(only, out),
        blocks => content(blocks, out),
    }
}

fn content(blocks: &[TextBlock], out: &mut String) {
    flow(&blocks.iter().collect::<Vec<_>>(), out);
}

fn tagged(tag: &str, text: &str, out: &mut String) {
    out.push_str(&format!("<{tag}>"));
    lines(text, out);
    out.push_str(&format!("</{tag}>"));
}
