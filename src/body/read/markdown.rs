//! Reads CommonMark, with tables, strikethrough and task lists of GFM. Pictures are `![alt](media:UUID "caption")`,
//! links to own objects `internal:UUID`; other blocks are fences, see `fences`; HTML inside goes to `html`.

use std::collections::HashSet;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};
use uuid::Uuid;

use super::flow::{Flow, Spaces};
use super::inline_html::OpenTag;
use super::{clean, fences, html, tables};
use crate::body::limits::{MAX_TABLE_COLUMNS, MAX_TABLE_ROWS};
use crate::body::links;
use crate::body::model::{Block, ImageBlock, ListItem, Reference, RuleBlock, Style, TableBlock, TableCell, TableRow};
use crate::body::problem::Report;
use crate::body::spans::{Decorator, InternalLinkDef, LinkDef, MarkDef};
use crate::body::tag;

/// Reads a whole source.
pub(super) fn blocks(source: &str) -> (Vec<Block>, Report) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut reader = Reader::new(source);
    let mut events = Parser::new_ext(source, options).into_offset_iter();
    let mut used = HashSet::new();
    while let Some((event, range)) = events.next() {
        if let Event::Start(Tag::Link { id, .. } | Tag::Image { id, .. }) = &event {
            used.extend(events.reference_definitions().get(id).map(|definition| definition.span.start));
        }
        if reader.skip.contains(&range.start) {
            continue;
        }
        reader.range = range;
        reader.flow.line = reader.line_of(reader.range.start);
        reader.event(event);
    }
    let definitions = events.reference_definitions();
    let mut unused: Vec<usize> = definitions.iter().map(|(_, definition)| definition.span.start).collect();
    unused.retain(|start| !used.contains(start));
    unused.sort_unstable();
    for start in unused {
        // "[Q]: Why?" is a definition, and would vanish.
        reader.flow.line = reader.line_of(start);
        reader.flow.problem("unused-definition", "no link uses this definition; if it is text, begin it with \\[");
    }
    reader.flow.finish()
}

/// What the events that come belong to.
enum Inside {
    Text,
    Code { info: Option<String>, text: String },
    Html { text: String, line: usize },
    Image { target: String, title: String, alt: String, depth: usize },
}

/// A table that is being read, and the flow that goes on after it.
struct Table {
    rows: Vec<TableRow>,
    cells: Vec<TableCell>,
    outer: Flow,
    line: usize,
    last_cell_end: usize,
}

/// See the head of this file.
pub(super) struct Reader<'s> {
    pub(super) source: &'s str,
    pub(super) flow: Flow,
    /// The bytes of the source that the present event comes from.
    pub(super) range: std::ops::Range<usize>,
    /// Where the block that is open ends in the source.
    pub(super) block_end: usize,
    /// What begins in this part of the source has been read already.
    pub(super) skip: std::ops::Range<usize>,
    pub(super) open_tags: Vec<OpenTag>,
    pub(super) tags_parsed: usize,
    line_starts: Vec<usize>,
    inside: Inside,
    links: Vec<bool>,
    table: Option<Table>,
}

impl<'s> Reader<'s> {
    fn new(source: &'s str) -> Self {
        Self {
            source,
            flow: Flow::new("/markdown", Spaces::Kept),
            range: 0..0,
            block_end: 0,
            skip: 0..0,
            open_tags: Vec::new(),
            tags_parsed: 0,
            line_starts: source.match_indices('\n').map(|(at, _)| at + 1).collect(),
            inside: Inside::Text,
            links: Vec::new(),
            table: None,
        }
    }

    fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset) + 1
    }

    fn event(&mut self, event: Event<'_>) {
        match &mut self.inside {
            Inside::Text => self.text_event(event),
            Inside::Code { info, text } => match event {
                Event::End(TagEnd::CodeBlock) => {
                    let (info, text) = (info.take(), std::mem::take(text));
                    self.inside = Inside::Text;
                    fences::read(&mut self.flow, info.as_deref(), &text);
                }
                Event::Text(piece) => text.push_str(&piece),
                _ => {}
            },
            Inside::Html { text, line } => match event {
                Event::End(TagEnd::HtmlBlock) => {
                    let (text, line) = (std::mem::take(text), *line);
                    self.inside = Inside::Text;
                    self.html(&text, line);
                }
                Event::Html(piece) | Event::Text(piece) => text.push_str(&piece),
                _ => {}
            },
            Inside::Image { .. } => self.image_event(event),
        }
    }

    fn text_event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.flow.text(&text),
            Event::Code(text) => {
                self.flow.mark(Decorator::Code);
                self.flow.text(&text);
                self.flow.unmark(Decorator::Code);
            }
            Event::InlineHtml(text) | Event::Html(text) => self.inline_html(&text),
            Event::SoftBreak => self.flow.text(" "),
            Event::HardBreak => self.flow.line_break(),
            Event::Rule => self.flow.object(Block::Rule(RuleBlock::default()), "a rule"),
            Event::TaskListMarker(checked) => {
                if !self.flow.check(checked) {
                    self.flow.problem("invalid", "only items of bulleted lists have a check box");
                }
            }
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.flow.text(&text);
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        if matches!(tag, Tag::Paragraph | Tag::Heading { .. } | Tag::Item | Tag::TableCell) {
            self.block_end = self.range.end;
        }
        match tag {
            Tag::Paragraph => self.flow.begin(Style::Normal),
            Tag::Heading { level, .. } => self.flow.begin(heading(level)),
            Tag::BlockQuote(_) => self.flow.open_quote(),
            Tag::CodeBlock(kind) => {
                let info = match kind {
                    CodeBlockKind::Indented => None,
                    CodeBlockKind::Fenced(info) => Some(info.trim().to_owned()).filter(|info| !info.is_empty()),
                };
                let text = String::new();
                self.inside = Inside::Code { info, text };
            }
            Tag::HtmlBlock => {
                let line = self.flow.line;
                let text = String::new();
                self.inside = Inside::Html { text, line };
            }
            Tag::List(start) => {
                if start.is_some_and(|start| start != 1) {
                    let detail = "numbered lists begin with 1; if it is no list, write the number as 2024\\.";
                    self.flow.problem("list-start", detail);
                }
                self.flow.open_list(start.map_or(ListItem::Bullet, |_| ListItem::Number));
            }
            Tag::Item => self.flow.open_item(),
            Tag::Table(_) => self.open_table(),
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.cells = Vec::new();
                    table.last_cell_end = self.range.start;
                }
            }
            Tag::TableCell => {}
            Tag::Emphasis => self.flow.mark(Decorator::Em),
            Tag::Strong => self.flow.mark(Decorator::Strong),
            Tag::Strikethrough => self.flow.mark(Decorator::StrikeThrough),
            Tag::Superscript => self.flow.mark(Decorator::Sup),
            Tag::Subscript => self.flow.mark(Decorator::Sub),
            Tag::Link { link_type, dest_url, title, .. } => self.open_link(link_type, &dest_url, &title),
            Tag::Image { dest_url, title, .. } => {
                self.inside = Inside::Image { target: dest_url.to_string(), title: title.to_string(), alt: String::new(), depth: 0 };
            }
            Tag::FootnoteDefinition(_) | Tag::DefinitionList | Tag::DefinitionListTitle | Tag::DefinitionListDefinition | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) => {
                self.end_tags();
                self.flow.end();
            }
            TagEnd::BlockQuote(_) => self.flow.close_quote(),
            TagEnd::List(_) => self.flow.close_list(),
            TagEnd::Item => {
                self.end_tags();
                self.flow.close_item();
            }
            TagEnd::Table => self.close_table(),
            TagEnd::TableHead | TagEnd::TableRow => self.close_row(),
            TagEnd::TableCell => self.close_cell(),
            TagEnd::Emphasis => self.flow.unmark(Decorator::Em),
            TagEnd::Strong => self.flow.unmark(Decorator::Strong),
            TagEnd::Strikethrough => self.flow.unmark(Decorator::StrikeThrough),
            TagEnd::Superscript => self.flow.unmark(Decorator::Sup),
            TagEnd::Subscript => self.flow.unmark(Decorator::Sub),
            TagEnd::Link => {
                if self.links.pop() == Some(true) {
                    self.flow.close_link();
                }
            }
            TagEnd::Image
            | TagEnd::CodeBlock
            | TagEnd::HtmlBlock
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::MetadataBlock(_) => {}
        }
    }

    fn open_link(&mut self, kind: LinkType, target: &str, title: &str) {
        let link = if let Some((id, address)) = links::internal(target) {
            let href = address.map(links::href).transpose();
            href.map(|href| MarkDef::Internal(InternalLinkDef { tag: tag::InternalLink::Tag, key: String::new(), reference: Reference::to(id), href }))
        } else {
            let target = match kind {
                LinkType::Email => format!("mailto:{target}"),
                _ => target.to_owned(),
            };
            links::href(&target)
                .map(|href| MarkDef::Link(LinkDef { tag: tag::Link::Tag, key: String::new(), href, title: clean::optional(clean::nfc(title.to_owned())), rel: None }))
        };
        let opened = match link {
            Ok(link) => self.flow.open_link(link),
            Err(refusal) => {
                self.flow.problem("unsafe-link", refusal);
                false
            }
        };
        self.links.push(opened);
    }

    /// What stands in the brackets of a picture is its alt text, without marks.
    fn image_event(&mut self, event: Event<'_>) {
        let Inside::Image { target, title, alt, depth } = &mut self.inside else {
            return;
        };
        match event {
            Event::Start(Tag::Image { .. }) => *depth += 1,
            Event::End(TagEnd::Image) if *depth > 0 => *depth -= 1,
            Event::End(TagEnd::Image) => {
                let (target, title) = (std::mem::take(target), std::mem::take(title));
                let alt = std::mem::take(alt);
                self.inside = Inside::Text;
                self.image(&target, title, alt);
            }
            Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) => alt.push_str(&text),
            Event::SoftBreak | Event::HardBreak => alt.push(' '),
            _ => {}
        }
    }

    fn image(&mut self, target: &str, title: String, alt: String) {
        let media = target.strip_prefix("media:").and_then(|id| Uuid::try_parse(id).ok());
        let Some(media) = media else {
            let detail = "a picture is written ![alt](media:UUID); upload it first, so that it has a credit";
            return self.flow.problem("image-without-media", detail);
        };
        let image = ImageBlock {
            tag: tag::Image::Tag,
            key: String::new(),
            media: Reference::to(media),
            alt: clean::optional(clean::nfc(alt)),
            caption: clean::optional(clean::nfc(title)),
            layout: None,
        };
        self.flow.object(Block::Image(image), "a picture");
    }

    /// Reads HTML that stands in the Markdown.
    pub(super) fn html(&mut self, source: &str, line: usize) {
        self.flow.line = line;
        self.flow.spaces = Spaces::Collapsed;
        html::fragment(source, &mut self.flow);
        self.flow.spaces = Spaces::Kept;
    }

    fn open_table(&mut self) {
        let inner = self.flow.inner("a table cell");
        let outer = std::mem::replace(&mut self.flow, inner);
        self.table = Some(Table { rows: Vec::new(), cells: Vec::new(), line: outer.line, outer, last_cell_end: 0 });
    }

    fn close_cell(&mut self) {
        self.end_tags();
        let inner = self.flow.inner("a table cell");
        let mut done = std::mem::replace(&mut self.flow, inner);
        done.report = std::mem::take(&mut self.flow.report);
        let cell = tables::cell(self.flow.take_inner(done));
        if let Some(table) = &mut self.table {
            table.cells.push(cell);
            table.last_cell_end = self.range.end;
        }
    }

    fn close_row(&mut self) {
        let Some(table) = &mut self.table else {
            return;
        };
        let cells = std::mem::take(&mut table.cells);
        let beyond = self.source.get(table.last_cell_end..self.range.end).unwrap_or_default();
        let cut = beyond.contains(|c: char| c != '|' && !c.is_whitespace());
        let wide = cells.len() > MAX_TABLE_COLUMNS;
        if !wide && table.rows.len() < MAX_TABLE_ROWS {
            table.rows.push(TableRow { tag: tag::Row::Tag, key: String::new(), cells });
        } else {
            let detail = format!("a table has at most {MAX_TABLE_ROWS} rows of {MAX_TABLE_COLUMNS} cells");
            self.flow.problem("too-long", detail);
        }
        if cut {
            self.flow.problem("table-cell-beyond", "the row has more cells than the table has columns");
        }
    }

    fn close_table(&mut self) {
        let Some(table) = self.table.take() else {
            return;
        };
        let inner = std::mem::replace(&mut self.flow, table.outer);
        self.flow.take_inner(inner);
        self.flow.line = table.line;
        let table = TableBlock { tag: tag::Table::Tag, key: String::new(), header_rows: 1, caption: None, rows: table.rows };
        self.flow.object(Block::Table(table), "a table");
    }
}

fn heading(level: HeadingLevel) -> Style {
    match level {
        HeadingLevel::H1 => Style::H1,
        HeadingLevel::H2 => Style::H2,
        HeadingLevel::H3 => Style::H3,
        HeadingLevel::H4 => Style::H4,
        HeadingLevel::H5 => Style::H5,
        HeadingLevel::H6 => Style::H6,
    }
}
