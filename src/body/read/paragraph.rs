//! One text block while it is being written: runs of text with their marks, and the links they are part of.

use std::collections::HashMap;

use super::clean;
use crate::body::model::{Style, TextBlock};
use crate::body::spans::{Decorator, Mark, MarkDef, Span};
use crate::body::tag;

/// Text with one set of marks.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) text: String,
    decorators: u8,
    link: Option<usize>,
}

/// The text block that is being written.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) style: Style,
    /// The line of the source on which it began.
    pub(super) line: usize,
    runs: Vec<Run>,
    links: Vec<MarkDef>,
    known_links: HashMap<MarkDef, usize>,
    /// A paragraph of a list item has ended: the next begins on a new line.
    pub(super) ended: bool,
}

impl Open {
    pub(super) fn new(style: Style, line: usize) -> Self {
        Self { style, line, runs: Vec::new(), links: Vec::new(), known_links: HashMap::new(), ended: false }
    }

    pub(super) fn is_blank(&self) -> bool {
        self.runs.iter().all(|run| run.text.chars().all(char::is_whitespace))
    }

    pub(super) fn last_char(&self) -> Option<char> {
        self.runs.iter().rev().find_map(|run| run.text.chars().next_back())
    }

    pub(super) fn link(&mut self, link: &MarkDef) -> usize {
        if let Some(index) = self.known_links.get(link) {
            return *index;
        }
        self.links.push(link.clone());
        let index = self.links.len() - 1;
        self.known_links.insert(link.clone(), index);
        index
    }

    pub(super) fn new_line_if_ended(&mut self) {
        if std::mem::take(&mut self.ended) && !self.is_blank() {
            self.trim_spaces();
            self.run(0, None).text.push('\n');
        }
    }

    /// The run to write to.
    pub(super) fn run(&mut self, decorators: u8, link: Option<usize>) -> &mut Run {
        let same = |run: &Run| run.decorators == decorators && run.link == link;
        if !self.runs.last().is_some_and(same) {
            self.runs.push(Run { text: String::new(), decorators, link });
        }
        let last = self.runs.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "a run was pushed if there was none")]
        &mut self.runs[last]
    }

    pub(super) fn trim_spaces(&mut self) {
        while let Some(run) = self.runs.last_mut() {
            let length = run.text.trim_end_matches(' ').len();
            run.text.truncate(length);
            if length > 0 {
                return;
            }
            self.runs.pop();
        }
    }

    /// Drops white space at both ends, where it cannot be seen.
    pub(super) fn trim(&mut self) {
        let edge = |c: char| is_space(c) || c == '\n';
        while let Some(run) = self.runs.last_mut() {
            run.text.truncate(run.text.trim_end_matches(edge).len());
            if !run.text.is_empty() {
                break;
            }
            self.runs.pop();
        }
        let blank = self.runs.iter().take_while(|run| run.text.chars().all(edge)).count();
        self.runs.drain(..blank);
        if let Some(run) = self.runs.first_mut() {
            run.text = run.text.trim_start_matches(edge).to_owned();
        }
    }

    pub(super) fn into_block(self) -> TextBlock {
        let mut keys: Vec<Option<String>> = vec![None; self.links.len()];
        let mut mark_defs = Vec::new();
        let mut children = Vec::new();
        for run in self.runs.into_iter().filter(|run| !run.text.is_empty()) {
            let mut marks = Vec::new();
            if let Some(link) = run.link
                && let (Some(key), Some(def)) = (keys.get_mut(link), self.links.get(link))
            {
                let key = key.get_or_insert_with(|| {
                    let key = format!("m{}", mark_defs.len());
                    mark_defs.push(def.clone().with_key(key.clone()));
                    key
                });
                marks.push(Mark::Def(key.clone()));
            }
            let set = Decorator::ALL.into_iter().filter(|decorator| run.decorators & (1 << *decorator as u8) != 0);
            marks.extend(set.map(Mark::Decorator));
            children.push(span(run.text, marks));
        }
        if children.is_empty() {
            children.push(span(String::new(), Vec::new()));
        }
        TextBlock { style: self.style, children, mark_defs, ..TextBlock::default() }
    }
}

fn span(text: String, marks: Vec<Mark>) -> Span {
    Span { tag: tag::Span::Tag, key: String::new(), text: clean::nfc(text), marks }
}

/// The white space of HTML, which is not that of Unicode: a no-break space is a character like others.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}
