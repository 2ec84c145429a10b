//! `_key`s for what came without one. Blocks get a hash of their content, so that a paragraph that did not
//! change keeps its address when a story is written again; parts of a block get their position.

use std::collections::{HashMap, HashSet};

use super::model::{
    Block, CodeBlock, CorrectionBlock, EmbedBlock, FactboxBlock, GalleryBlock, HtmlBlock, ImageBlock, PullquoteBlock, RelatedArticleBlock, RuleBlock, TableBlock, TableCell,
    TableRow, TextBlock,
};
use super::spans::Span;

/// Something that has a `_key`, unique among its neighbours.
pub(super) trait Keyed {
    fn key(&self) -> &str;
    fn set_key(&mut self, key: String);
}

macro_rules! keyed {
    ($($name:ident),+ $(,)?) => {$(
        impl Keyed for $name {
            fn key(&self) -> &str {
                &self.key
            }
            fn set_key(&mut self, key: String) {
                self.key = key;
            }
        }
    )+};
}

keyed!(
    TextBlock,
    Span,
    ImageBlock,
    GalleryBlock,
    PullquoteBlock,
    EmbedBlock,
    FactboxBlock,
    TableBlock,
    TableRow,
    TableCell,
    CodeBlock,
    RuleBlock,
    CorrectionBlock,
    RelatedArticleBlock,
    HtmlBlock,
);

macro_rules! each {
    ($block:expr, $inner:ident => $value:expr) => {
        match $block {
            Block::Text($inner) => $value,
            Block::Image($inner) => $value,
            Block::Gallery($inner) => $value,
            Block::Pullquote($inner) => $value,
            Block::Embed($inner) => $value,
            Block::Factbox($inner) => $value,
            Block::Table($inner) => $value,
            Block::Code($inner) => $value,
            Block::Rule($inner) => $value,
            Block::Correction($inner) => $value,
            Block::RelatedArticle($inner) => $value,
            Block::Html($inner) => $value,
        }
    };
}

impl Keyed for Block {
    fn key(&self) -> &str {
        each!(self, block => &block.key)
    }

    fn set_key(&mut self, key: String) {
        each!(self, block => block.key = key);
    }
}

/// Gives every block, and every part of one, the key that it lacks.
pub(super) fn fill(blocks: &mut [Block]) {
    for block in &mut *blocks {
        match block {
            Block::Text(text) => fill_parts(&mut text.children, 's'),
            Block::Gallery(gallery) => fill_parts(&mut gallery.images, 'i'),
            Block::Factbox(factbox) => fill_content(&mut factbox.content),
            Block::Correction(correction) => fill_content(&mut correction.content),
            Block::Table(table) => {
                fill_parts(&mut table.rows, 'r');
                for row in &mut table.rows {
                    fill_parts(&mut row.cells, 'c');
                    for cell in &mut row.cells {
                        fill_content(&mut cell.value);
                    }
                }
            }
            _ => {}
        }
    }
    fill_with(blocks, |_, block| serde_json::to_string(block).map_or_else(|_| "b".to_owned(), |json| hash(&json)));
}

fn fill_content(blocks: &mut [TextBlock]) {
    for block in &mut *blocks {
        fill_parts(&mut block.children, 's');
    }
    fill_parts(blocks, 'b');
}

fn fill_parts<T: Keyed>(parts: &mut [T], letter: char) {
    fill_with(parts, |index, _| format!("{letter}{index}"));
}

fn fill_with<T: Keyed>(items: &mut [T], propose: impl Fn(usize, &T) -> String) {
    let mut taken: HashSet<String> = items.iter().filter(|item| !item.key().is_empty()).map(|item| item.key().to_owned()).collect();
    let mut repeats: HashMap<String, usize> = HashMap::new();
    for (index, item) in items.iter_mut().enumerate() {
        if !item.key().is_empty() {
            continue;
        }
        let proposed = propose(index, item);
        let count = repeats.entry(proposed.clone()).or_insert(0_usize);
        let key = loop {
            *count += 1;
            let key = match *count {
                1 => proposed.clone(),
                n => format!("{proposed}-{n}"),
            };
            if taken.insert(key.clone()) {
                break key;
            }
        };
        item.set_key(key);
    }
}

/// Eight characters of the FNV-1a hash, which never changes between releases, unlike the standard library's.
fn hash(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{:08x}", (hash ^ (hash >> 32)) & 0xffff_ffff)
}
