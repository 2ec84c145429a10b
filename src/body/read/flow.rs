//! Assembles text blocks from what the Markdown and HTML readers meet: paragraphs, lists, quotes, marks, breaks.
//! Knows neither language. Reports what Portable Text, which is flat, has no place for.

use super::paragraph::{Open, is_space};
use crate::body::limits::MAX_LEVEL;
use crate::body::model::{Block, ListItem, Style, TextBlock};
use crate::body::problem::Report;
use crate::body::spans::{Decorator, MarkDef};

/// Where a flow's blocks will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// The body itself, which takes every block.
    Body,
    /// A box or a cell, which takes text alone.
    TextOnly(&'static str),
}

/// How white space is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spaces {
    /// As it stands (Markdown, where the parser has dealt with it).
    Kept,
    /// Runs of it are one space (HTML).
    Collapsed,
}

/// A list that is open.
#[derive(Debug)]
struct List {
    kind: ListItem,
    item: Option<Item>,
}

/// An item that is open.
#[derive(Debug, Default)]
struct Item {
    checked: Option<bool>,
    written: bool,
}

/// See the head of this file.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) report: Report,
    pub(super) pointer: &'static str,
    /// The line of the source that is being read, for problems.
    pub(super) line: usize,
    pub(super) spaces: Spaces,
    room: Room,
    blocks: Vec<Block>,
    open: Option<Open>,
    depths: [u32; Decorator::ALL.len()],
    link: Option<MarkDef>,
    quotes: usize,
    lists: Vec<List>,
}

impl Flow {
    pub(super) fn new(pointer: &'static str, spaces: Spaces) -> Self {
        Self {
            report: Report::default(),
            pointer,
            line: 1,
            spaces,
            room: Room::Body,
            blocks: Vec::new(),
            open: None,
            depths: [0; Decorator::ALL.len()],
            link: None,
            quotes: 0,
            lists: Vec::new(),
        }
    }

    /// A flow for the inside of a box or cell; problems go on in the same report.
    pub(super) fn inner(&mut self, name: &'static str) -> Self {
        let mut inner = Self::new(self.pointer, self.spaces);
        inner.line = self.line;
        inner.room = Room::TextOnly(name);
        inner.report = std::mem::take(&mut self.report);
        inner
    }

    /// Ends an inner flow, and hands over its text blocks.
    pub(super) fn take_inner(&mut self, inner: Self) -> Vec<TextBlock> {
        let (blocks, report) = inner.finish();
        self.report = report;
        let text = |block| match block {
            Block::Text(text) => Some(text),
            _ => None,
        };
        blocks.into_iter().filter_map(text).collect()
    }

    pub(super) fn finish(mut self) -> (Vec<Block>, Report) {
        while !self.lists.is_empty() {
            self.close_list();
        }
        self.emit();
        level_lists(&mut self.blocks);
        (self.blocks, self.report)
    }

    pub(super) fn problem(&mut self, code: &'static str, detail: impl AsRef<str>) {
        let detail = format!("line {}: {}", self.line, detail.as_ref());
        self.report.add(self.pointer, code, detail);
    }

    pub(super) fn in_list(&self) -> bool {
        !self.lists.is_empty()
    }

    /// Begins a paragraph or heading.
    pub(super) fn begin(&mut self, style: Style) {
        if self.lists.is_empty() {
            self.emit();
        }
        match &mut self.open {
            Some(open) if open.is_blank() => *open = Open::new(style, self.line),
            Some(open) if open.style == style => open.ended = true,
            Some(_) => self.problem("mixed-list-item", "a list item holds a heading or a text, not both"),
            None => self.open = Some(Open::new(style, self.line)),
        }
    }

    /// Ends a paragraph or heading.
    pub(super) fn end(&mut self) {
        if self.lists.is_empty() {
            self.emit();
        } else if let Some(open) = &mut self.open {
            open.ended = true;
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        if self.spaces == Spaces::Collapsed && self.open.is_none() && text.chars().all(is_space) {
            return;
        }
        let decorators = self.decorators();
        let open = self.open.get_or_insert_with(|| Open::new(Style::Normal, self.line));
        let link = self.link.as_ref().map(|link| open.link(link));
        match self.spaces {
            Spaces::Kept => {
                if !text.is_empty() {
                    open.new_line_if_ended();
                }
                open.run(decorators, link).text.push_str(text);
            }
            Spaces::Collapsed => {
                for (index, word) in text.split(is_space).enumerate() {
                    if index > 0 && !open.ended && open.last_char().is_some_and(|c| c != ' ' && c != '\n') {
                        open.run(decorators, link).text.push(' ');
                    }
                    if !word.is_empty() {
                        open.new_line_if_ended();
                        open.run(decorators, link).text.push_str(word);
                    }
                }
            }
        }
    }

    /// A line break within a block.
    pub(super) fn line_break(&mut self) {
        let decorators = self.decorators();
        let open = self.open.get_or_insert_with(|| Open::new(Style::Normal, self.line));
        if self.spaces == Spaces::Collapsed {
            open.trim_spaces();
        }
        if open.ended {
            open.new_line_if_ended();
            return;
        }
        let link = self.link.as_ref().map(|link| open.link(link));
        open.run(decorators, link).text.push('\n');
    }

    pub(super) fn mark(&mut self, decorator: Decorator) {
        if let Some(depth) = self.depths.get_mut(decorator as usize) {
            *depth += 1;
        }
    }

    pub(super) fn unmark(&mut self, decorator: Decorator) {
        if let Some(depth) = self.depths.get_mut(decorator as usize) {
            *depth = depth.saturating_sub(1);
        }
    }

    /// Begins a link; whether it did, which it does not inside another.
    pub(super) fn open_link(&mut self, link: MarkDef) -> bool {
        if self.link.is_some() {
            self.problem("nested-link", "a link cannot stand inside another");
            return false;
        }
        self.link = Some(link);
        true
    }

    pub(super) fn close_link(&mut self) {
        self.link = None;
    }

    pub(super) fn open_quote(&mut self) {
        self.close_paragraph();
        if !self.lists.is_empty() {
            self.problem("quote-in-list", "a list item cannot hold a quote; end the list before it");
        } else if self.quotes > 0 {
            self.problem("nested-quote", "a quote cannot stand inside another");
        }
        self.quotes += 1;
    }

    pub(super) fn close_quote(&mut self) {
        self.close_paragraph();
        self.quotes = self.quotes.saturating_sub(1);
    }

    pub(super) fn open_list(&mut self, kind: ListItem) {
        self.emit();
        self.write_empty_item();
        if self.lists.len() >= usize::from(MAX_LEVEL) {
            self.problem("too-deep", format!("lists have at most {MAX_LEVEL} levels"));
        }
        self.lists.push(List { kind, item: None });
    }

    pub(super) fn close_list(&mut self) {
        self.emit();
        self.lists.pop();
    }

    pub(super) fn open_item(&mut self) {
        self.emit();
        if let Some(list) = self.lists.last_mut() {
            list.item = Some(Item::default());
        }
    }

    pub(super) fn close_item(&mut self) {
        self.emit();
        self.write_empty_item();
        if let Some(list) = self.lists.last_mut() {
            list.item = None;
        }
    }

    /// Makes the open item one with a check box; whether there is such an item.
    pub(super) fn check(&mut self, checked: bool) -> bool {
        let untouched = self.open.as_ref().is_none_or(Open::is_blank);
        match self.lists.last_mut() {
            Some(List { kind: ListItem::Bullet, item: Some(item) }) if untouched && !item.written => {
                item.checked = Some(checked);
                true
            }
            _ => false,
        }
    }

    /// Adds a block that is no text.
    pub(super) fn object(&mut self, block: Block, name: &str) {
        self.close_paragraph();
        if let Room::TextOnly(room) = self.room {
            self.problem("not-here", format!("{room} cannot hold {name}"));
        } else if !self.lists.is_empty() {
            self.problem("not-here", format!("a list item cannot hold {name}; end the list before it"));
        } else if self.quotes > 0 {
            self.problem("not-here", format!("a quote cannot hold {name}"));
        } else if self.link.is_some() {
            self.problem("not-here", format!("a link cannot hold {name}"));
        } else {
            self.blocks.push(block);
        }
    }

    /// Ends the paragraph before something that is none.
    pub(super) fn close_paragraph(&mut self) {
        self.end();
    }

    fn decorators(&self) -> u8 {
        let bits = self.depths.iter().enumerate().filter(|(_, depth)| **depth > 0);
        bits.fold(0, |bits, (index, _)| bits | (1 << index))
    }

    fn write_empty_item(&mut self) {
        if matches!(self.lists.last(), Some(List { item: Some(Item { written: false, .. }), .. })) {
            self.write(Open::new(Style::Normal, self.line));
        }
    }

    /// Writes the open text, unless it is blank.
    fn emit(&mut self) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        open.trim();
        if open.is_blank() {
            return;
        }
        // Problems with a text are told where it begins, not where it ends.
        let now = std::mem::replace(&mut self.line, open.line);
        if matches!(self.lists.last(), Some(List { item: Some(Item { written: true, .. }), .. })) {
            self.problem("text-after-list", "a list item has no text after the list inside it");
        }
        self.write(open);
        self.line = now;
    }

    fn write(&mut self, open: Open) {
        let mut block = open.into_block();
        if self.quotes > 0 {
            if block.style.heading_level().is_some() {
                self.problem("heading-in-quote", "a quote cannot hold a heading");
            }
            block.style = Style::Blockquote;
        }
        let is_task = matches!(self.lists.last(), Some(List { item: Some(Item { checked: Some(_), .. }), .. }));
        if is_task && block.style.heading_level().is_some() {
            self.problem("mixed-list-item", "a task is a text, not a heading");
        }
        let level = u8::try_from(self.lists.len()).unwrap_or(u8::MAX).min(MAX_LEVEL);
        if let Some(list) = self.lists.last_mut() {
            let item = list.item.get_or_insert_default();
            item.written = true;
            block.checked = item.checked;
            block.list_item = Some(item.checked.map_or(list.kind, |_| ListItem::Task));
            block.level = Some(level);
        }
        self.blocks.push(Block::Text(block));
    }
}

/// Makes every list begin at level 1 and go down one level at a time.
fn level_lists(blocks: &mut [Block]) {
    let mut before = (0, false);
    for block in blocks {
        let Block::Text(text) = block else {
            before = (0, false);
            continue;
        };
        let quoted = text.style == Style::Blockquote;
        let above = if before.1 == quoted { before.0 } else { 0 };
        text.level = text.level.map(|level| level.clamp(1, u8::saturating_add(above, 1)));
        before = (text.level.unwrap_or(0), quoted);
    }
}
