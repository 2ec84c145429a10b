//! HTML tags within a line of Markdown: `<u>`, `<sup>`, `<a rel>` and the like are marks; anything bigger, such as
//! an `<iframe>`, is handed to the HTML reader from its opening to its closing tag.

use super::dom::{Dom, Element};
use super::elements::{Meaning, meaning, style_marks};
use super::html::link_target;
use super::markdown::Reader;
use crate::body::spans::Decorator;

/// Tags that need a parser of their own; each costs as much as a small document.
const MAX_PARSED_TAGS: usize = 5_000;
/// Elements for whose closing tag the text is searched.
const MAX_SEARCHES: usize = 300;

/// A tag that has not been closed yet, and what its closing undoes.
#[derive(Debug)]
pub(super) struct OpenTag {
    name: String,
    undo: Undo,
}

#[derive(Debug)]
enum Undo {
    Marks(Vec<Decorator>),
    Link,
    Quotation,
    Nothing,
}

impl Reader<'_> {
    /// One tag, or comment, as the Markdown parser hands it over.
    pub(super) fn inline_html(&mut self, token: &str) {
        if let Some(rest) = token.strip_prefix("</") {
            let name = rest.trim_end_matches('>').trim().to_ascii_lowercase();
            return self.close_tag(&name);
        }
        if token.starts_with("<!--") {
            return;
        }
        let name: String = token.chars().skip(1).take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':')).collect();
        let name = name.to_ascii_lowercase();
        match meaning(&name) {
            Meaning::Break => self.flow.line_break(),
            Meaning::Silent => {}
            kind @ (Meaning::Mark(_) | Meaning::Inline | Meaning::Link | Meaning::Quotation) => {
                self.open_tag(name, kind, token);
            }
            _ => self.element(&name, token),
        }
    }

    /// Ends what tags have left open when their block ends.
    pub(super) fn end_tags(&mut self) {
        if let Some(tag) = self.open_tags.first() {
            let detail = format!("<{}> is not closed in its paragraph", tag.name);
            self.flow.problem("unbalanced-html", detail);
        }
        while let Some(tag) = self.open_tags.pop() {
            self.undo(tag.undo);
        }
    }

    fn open_tag(&mut self, name: String, kind: Meaning, token: &str) {
        let bare = token.len() == name.len() + 2;
        let dom = if bare { None } else { self.parse(token) };
        let element = dom.as_ref().and_then(first_element);
        let style = element.and_then(|element| element.attribute("style")).unwrap_or_default();
        let (mut marks, plain) = style_marks(style);
        let undo = match kind {
            Meaning::Mark(decorator) => {
                if !plain {
                    marks.push(decorator);
                }
                Undo::Marks(marks)
            }
            Meaning::Quotation => {
                self.flow.text("\u{201c}");
                Undo::Quotation
            }
            Meaning::Link => {
                let link = element.and_then(|element| link_target(&mut self.flow, element));
                let opened = link.is_some_and(|link| self.flow.open_link(link));
                if opened { Undo::Link } else { Undo::Nothing }
            }
            _ => Undo::Marks(marks),
        };
        if let Undo::Marks(marks) = &undo {
            for mark in marks {
                self.flow.mark(*mark);
            }
        }
        self.open_tags.push(OpenTag { name, undo });
    }

    fn close_tag(&mut self, name: &str) {
        if self.open_tags.last().is_some_and(|tag| tag.name == name) {
            if let Some(tag) = self.open_tags.pop() {
                self.undo(tag.undo);
            }
        } else if !matches!(meaning(name), Meaning::Silent | Meaning::Break) {
            let name: String = name.chars().take(40).collect();
            self.flow.problem("unbalanced-html", format!("</{name}> closes nothing here"));
        }
    }

    fn undo(&mut self, undo: Undo) {
        match undo {
            Undo::Marks(marks) => marks.iter().for_each(|mark| self.flow.unmark(*mark)),
            Undo::Link => self.flow.close_link(),
            Undo::Quotation => self.flow.text("\u{201d}"),
            Undo::Nothing => {}
        }
    }

    fn parse(&mut self, token: &str) -> Option<Dom> {
        self.tags_parsed += 1;
        if self.tags_parsed > MAX_PARSED_TAGS {
            self.flow.problem("too-long", "too many HTML tags in the Markdown");
            return None;
        }
        Dom::parse(token).ok()
    }

    /// An element that is more than a mark: reads it as HTML as far as its closing tag.
    fn element(&mut self, name: &str, token: &str) {
        self.tags_parsed += MAX_PARSED_TAGS / MAX_SEARCHES;
        if self.tags_parsed > MAX_PARSED_TAGS {
            return self.flow.problem("too-long", "too many HTML tags in the Markdown");
        }
        let start = self.range.start;
        let end = self.range.end;
        let block_end = if self.block_end > end { self.block_end } else { self.source.len() };
        let after = self.source.get(end..block_end).unwrap_or_default();
        let is_void = matches!(name, "img" | "hr" | "input" | "embed" | "link" | "source" | "col");
        let closing = if is_void { None } else { after.find(&format!("</{name}>")) };
        let whole = closing.and_then(|at| {
            let end = end + at + name.len() + 3;
            Some((self.source.get(start..end)?, end))
        });
        let line = self.flow.line;
        match whole {
            Some((element, end)) => {
                self.skip = start..end;
                self.html(element, line);
            }
            None => self.html(token, line),
        }
    }
}

fn first_element(dom: &Dom) -> Option<&Element> {
    dom.descendants(dom.top()).next().map(|(_, element)| element)
}
