//! How much a body may hold. Every bound of the room is here; the readers enforce them.

use super::model::{Block, TableBlock, TextBlock};
use super::problem::Report;

/// Bytes of UTF-8 in all texts of a body together: 1 MiB, some 170,000 English words.
pub const MAX_TEXT_BYTES: usize = 1 << 20;
/// Bytes of a Markdown or HTML source. Larger than [`MAX_TEXT_BYTES`], because mark-up is not text.
pub const MAX_SOURCE_BYTES: usize = 2 << 20;
/// Blocks of a body, counting the pictures of galleries and the blocks inside boxes, not those in table cells.
pub const MAX_BLOCKS: usize = 5_000;
/// Spans of a body, those in table cells included.
pub const MAX_SPANS: usize = 100_000;
/// List levels.
pub const MAX_LEVEL: u8 = 8;
/// Marks on one span.
pub const MAX_MARKS: usize = 16;
/// Rows of a table.
pub const MAX_TABLE_ROWS: usize = 200;
/// Cells of a table row.
pub const MAX_TABLE_COLUMNS: usize = 50;
/// Bytes of one link target or embed address.
pub const MAX_URL_BYTES: usize = 4_096;
/// Bytes of a `_key`.
pub const MAX_KEY_BYTES: usize = 96;
/// Bytes of one raw `html` block.
pub const MAX_RAW_HTML_BYTES: usize = 64 << 10;
/// Elements inside one another in an HTML source.
pub const MAX_HTML_DEPTH: usize = 100;
/// Problems reported for one body; what is wrong beyond that is left for the next try.
pub const MAX_PROBLEMS: usize = 100;

/// What a body weighs against the limits on the whole.
#[derive(Debug, Default)]
struct Weight {
    text: usize,
    blocks: usize,
    spans: usize,
    control: Option<char>,
}

impl Weight {
    fn texts(&mut self, texts: &[Option<&str>]) {
        for text in texts.iter().flatten() {
            self.text += text.len();
            self.control = self.control.or_else(|| text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')));
        }
    }

    fn text_block(&mut self, block: &TextBlock) {
        self.spans += block.children.len();
        for span in &block.children {
            self.texts(&[Some(&span.text)]);
        }
        for def in &block.mark_defs {
            self.texts(&[def.href(), def.title()]);
        }
    }

    fn content(&mut self, blocks: &[TextBlock]) {
        self.blocks += blocks.len();
        for block in blocks {
            self.text_block(block);
        }
    }

    fn table(&mut self, table: &TableBlock) {
        self.texts(&[table.caption.as_deref()]);
        for cell in table.rows.iter().flat_map(|row| &row.cells) {
            for block in &cell.value {
                self.text_block(block);
            }
            self.spans += cell.value.len();
        }
    }

    fn block(&mut self, block: &Block) {
        self.blocks += 1;
        match block {
            Block::Text(text) => self.text_block(text),
            Block::Image(image) => self.texts(&[image.alt.as_deref(), image.caption.as_deref()]),
            Block::Gallery(gallery) => {
                self.blocks += gallery.images.len();
                self.texts(&[gallery.title.as_deref()]);
                for image in &gallery.images {
                    self.texts(&[image.alt.as_deref(), image.caption.as_deref()]);
                }
            }
            Block::Pullquote(quote) => self.texts(&[Some(&quote.text), quote.attribution.as_deref(), quote.role.as_deref()]),
            Block::Embed(embed) => self.texts(&[Some(&embed.url), embed.provider.as_deref(), embed.title.as_deref()]),
            Block::Factbox(factbox) => {
                self.texts(&[Some(&factbox.title)]);
                self.content(&factbox.content);
            }
            Block::Table(table) => self.table(table),
            Block::Code(code) => self.texts(&[Some(&code.code)]),
            Block::Correction(correction) => self.content(&correction.content),
            Block::Html(html) => self.texts(&[Some(&html.html)]),
            Block::Rule(_) | Block::RelatedArticle(_) => {}
        }
    }
}

/// Reports, at `pointer`, every limit on the whole that `blocks` break, and control characters in them.
pub(super) fn check(blocks: &[Block], pointer: &str, report: &mut Report) {
    let mut weight = Weight::default();
    for block in blocks {
        weight.block(block);
    }
    if let Some(c) = weight.control {
        // The source had none, or it would not have been read: this one was a character reference.
        report.add(pointer, "control-character", format!("a character reference makes the control character U+{:04X}", u32::from(c)));
    }
    let limits = [(weight.text, MAX_TEXT_BYTES, "bytes of text"), (weight.blocks, MAX_BLOCKS, "blocks"), (weight.spans, MAX_SPANS, "spans")];
    for (found, limit, what) in limits {
        if found > limit {
            report.add(pointer, "too-long", format!("{found} {what}; at most {limit} are allowed"));
        }
    }
}
