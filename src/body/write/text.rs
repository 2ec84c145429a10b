//! Plain text, for search, word counts and previews: what a reader reads, without marks, addresses or alt texts.

use crate::body::model::{Block, TextBlock};
use crate::body::read::visible_text;

/// Blocks are parted by a blank line, items and rows by a line feed, cells by a tab.
pub(in crate::body) fn render(blocks: &[Block]) -> String {
    let mut out = String::new();
    let mut in_list = false;
    for block in blocks {
        let is_item = matches!(block, Block::Text(text) if text.list_item.is_some());
        let piece = piece(block);
        if piece.trim().is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push_str(if in_list && is_item { "\n" } else { "\n\n" });
        }
        in_list = is_item;
        out.push_str(&piece);
    }
    out
}

fn piece(block: &Block) -> String {
    let joined = |texts: &[Option<&str>]| texts.iter().flatten().copied().collect::<Vec<_>>().join("\n");
    match block {
        Block::Text(text) => plain(text),
        Block::Image(image) => image.caption.clone().unwrap_or_default(),
        Block::Gallery(gallery) => {
            let captions = gallery.images.iter().map(|image| image.caption.as_deref());
            joined(&std::iter::once(gallery.title.as_deref()).chain(captions).collect::<Vec<_>>())
        }
        Block::Pullquote(quote) => joined(&[Some(&quote.text), quote.attribution.as_deref(), quote.role.as_deref()]),
        Block::Embed(embed) => embed.title.clone().unwrap_or_default(),
        Block::Factbox(factbox) => joined(&[Some(&factbox.title), Some(&content(&factbox.content))]),
        Block::Table(table) => {
            let cells = |cells: &[_]| cells.iter().map(cell).collect::<Vec<_>>().join("\t");
            let rows = table.rows.iter().map(|row| cells(&row.cells)).collect::<Vec<_>>().join("\n");
            joined(&[table.caption.as_deref(), Some(&rows)])
        }
        Block::Code(code) => code.code.clone(),
        Block::Correction(correction) => content(&correction.content),
        Block::Html(html) => visible_text(&html.html),
        Block::Rule(_) | Block::RelatedArticle(_) => String::new(),
    }
}

fn cell(cell: &crate::body::model::TableCell) -> String {
    content(&cell.value).replace('\n', " ")
}

fn content(blocks: &[TextBlock]) -> String {
    blocks.iter().map(plain).collect::<Vec<_>>().join("\n")
}

fn plain(block: &TextBlock) -> String {
    block.children.iter().map(|span| span.text.as_str()).collect()
}
