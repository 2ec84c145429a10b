//! Tables in HTML. A plain grid becomes a table block; one with merged cells is kept as raw HTML.

use super::dom::{Element, NodeId};
use super::html::Reader;
use super::raw;
use crate::body::limits::{MAX_TABLE_COLUMNS, MAX_TABLE_ROWS};
use crate::body::model::{Block, TableBlock, TableCell, TableRow, TextBlock};
use crate::body::spans::Span;
use crate::body::tag;

impl Reader<'_, '_> {
    /// Reads a table, with the caption of the figure around it if there is one.
    pub(super) fn table(&mut self, id: NodeId, figcaption: Option<NodeId>) {
        let dom = self.dom;
        let grid = dom.descendants(id).all(|(_, e)| {
            let single = |name| e.attribute(name).is_none_or(|span| span.trim() == "1");
            single("colspan") && single("rowspan")
        });
        if !grid {
            self.raw(&raw::outer(dom, id));
            if let Some(caption) = figcaption {
                self.flow.close_paragraph();
                self.children(caption);
                self.flow.close_paragraph();
            }
            return;
        }
        let caption = dom.children(id).iter().copied().find(|child| named(dom.element(*child), "caption"));
        let caption = caption.or(figcaption).and_then(|id| self.plain("a table's caption", id, |_| false));
        let rows = self.row_ids(id);
        let captions = dom.children(id).iter().filter(|child| named(dom.element(**child), "caption")).count();
        if captions + usize::from(figcaption.is_some()) > 1 {
            self.flow.problem("not-here", "a table has one caption");
        }
        let headers = rows.iter().take_while(|(row, in_head)| *in_head || self.is_header(*row)).count();
        if rows.len() > MAX_TABLE_ROWS {
            return self.flow.problem("too-long", format!("a table has at most {MAX_TABLE_ROWS} rows"));
        }
        let rows: Vec<TableRow> = rows.into_iter().filter_map(|(row, _)| self.row(row)).collect();
        if rows.is_empty() {
            return;
        }
        let table = TableBlock { tag: tag::Table::Tag, key: String::new(), header_rows: u16::try_from(headers.min(rows.len())).unwrap_or(0), caption, rows };
        self.flow.object(Block::Table(table), "a table");
    }

    /// The rows that have cells, and whether each is in the table's head.
    fn row_ids(&mut self, table: NodeId) -> Vec<(NodeId, bool)> {
        let dom = self.dom;
        let mut rows = Vec::new();
        for child in dom.children(table) {
            match dom.element(*child).map(Element::name) {
                Some(section @ ("thead" | "tbody" | "tfoot")) => {
                    for row in dom.children(*child) {
                        if named(dom.element(*row), "tr") {
                            rows.push((*row, section == "thead"));
                        } else {
                            self.stray(*row);
                        }
                    }
                }
                Some("caption" | "colgroup") => {}
                _ => self.stray(*child),
            }
        }
        rows
    }

    /// What the rules of HTML let stand between rows and cells: styles, scripts, white space.
    fn stray(&mut self, id: NodeId) {
        if self.dom.element(id).is_some() {
            self.node(id);
        }
    }

    fn is_header(&self, row: NodeId) -> bool {
        let mut cells = self.dom.children(row).iter().filter_map(|id| self.dom.element(*id)).peekable();
        cells.peek().is_some() && cells.all(|cell| cell.name() == "th")
    }

    fn row(&mut self, row: NodeId) -> Option<TableRow> {
        let dom = self.dom;
        let is_cell = |id: &NodeId| named(dom.element(*id), "td") || named(dom.element(*id), "th");
        let (cells, others): (Vec<NodeId>, Vec<NodeId>) = dom.children(row).iter().copied().partition(is_cell);
        others.into_iter().for_each(|id| self.stray(id));
        if cells.len() > MAX_TABLE_COLUMNS {
            self.flow.problem("too-long", format!("a row has at most {MAX_TABLE_COLUMNS} cells"));
            return None;
        }
        let cells: Vec<TableCell> = cells.into_iter().map(|id| cell(self.text_blocks("a table cell", |reader| reader.children(id)))).collect();
        (!cells.is_empty()).then(|| TableRow { tag: tag::Row::Tag, key: String::new(), cells })
    }
}

/// A cell; an empty one holds an empty paragraph, as editors expect.
pub(super) fn cell(mut value: Vec<TextBlock>) -> TableCell {
    if value.is_empty() {
        value.push(TextBlock { children: vec![Span::default()], ..TextBlock::default() });
    }
    TableCell { tag: tag::Cell::Tag, key: String::new(), value }
}

fn named(element: Option<&Element>, name: &str) -> bool {
    element.is_some_and(|element| element.name() == name)
}
