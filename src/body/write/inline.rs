//! Turns the flat spans of a text block into nested marks, opening the mark that lasts longest first, so that
//! none is cut in two without need.

use std::collections::HashMap;

use crate::body::model::TextBlock;
use crate::body::spans::{Decorator, Mark, MarkDef};

/// One step of writing a text block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step<'b> {
    Open(Nesting<'b>),
    Close(Nesting<'b>),
    Text(&'b str),
}

/// A mark with what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nesting<'b> {
    Link(&'b MarkDef),
    Decorator(Decorator),
}

/// Whether other marks may stand inside code. In Markdown they cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    LikeOthers,
    Innermost,
}

/// The steps that write `block`'s children. Every `Open` has its `Close`, properly nested.
pub(super) fn steps(block: &TextBlock, code: Code) -> Vec<Step<'_>> {
    let is_inner = |mark: &Mark| code == Code::Innermost && *mark == Mark::Decorator(Decorator::Code);
    let spans: Vec<_> = block.children.iter().filter(|span| !span.text.is_empty()).collect();
    let defs: HashMap<&str, &MarkDef> = block.mark_defs.iter().map(|def| (def.key(), def)).collect();
    let lasts = lasts(spans.iter().map(|span| span.marks.as_slice()));
    let mut steps = Vec::new();
    let mut open: Vec<(&Mark, Nesting<'_>)> = Vec::new();
    for (span, lasts) in spans.iter().zip(&lasts) {
        let mut keep = open.iter().take_while(|(mark, _)| span.marks.contains(mark)).count();
        let has_more = span.marks.len() > keep;
        if has_more && open.get(keep.wrapping_sub(1)).is_some_and(|(mark, _)| is_inner(mark)) {
            keep -= 1;
        }
        for (_, nesting) in open.drain(keep..).rev() {
            steps.push(Step::Close(nesting));
        }
        let mut opening: Vec<(&Mark, usize)> = span.marks.iter().zip(lasts.iter().copied()).filter(|(mark, _)| !open.iter().any(|(already, _)| already == mark)).collect();
        opening.sort_by_key(|(mark, last)| (is_inner(mark), std::cmp::Reverse(*last), *mark));
        for (mark, _) in opening {
            let nesting = match mark {
                Mark::Decorator(decorator) => Nesting::Decorator(*decorator),
                Mark::Def(key) => match defs.get(key.as_str()) {
                    Some(def) => Nesting::Link(def),
                    None => continue,
                },
            };
            steps.push(Step::Open(nesting));
            open.push((mark, nesting));
        }
        steps.push(Step::Text(&span.text));
    }
    for (_, nesting) in open.into_iter().rev() {
        steps.push(Step::Close(nesting));
    }
    steps
}

/// For every mark of every span, the last span that it reaches without a gap.
fn lasts<'b>(spans: impl DoubleEndedIterator<Item = &'b [Mark]> + ExactSizeIterator) -> Vec<Vec<usize>> {
    let mut all = Vec::with_capacity(spans.len());
    let mut next: Option<(&[Mark], Vec<usize>)> = None;
    for (index, marks) in spans.enumerate().rev() {
        let reach = |mark: &Mark| {
            let (marks, lasts) = next.as_ref()?;
            let position = marks.iter().position(|found| found == mark)?;
            lasts.get(position).copied()
        };
        let lasts: Vec<usize> = marks.iter().map(|mark| reach(mark).unwrap_or(index)).collect();
        all.push(lasts.clone());
        next = Some((marks, lasts));
    }
    all.reverse();
    all
}
