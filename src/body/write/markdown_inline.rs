//! Markdown of a line of text: escapes what would be read as mark-up, and writes marks as delimiters where the
//! rules of CommonMark (section 6.2, flanking) let them work, as HTML tags where they do not.

use super::html;
use super::inline::{Code, Nesting, Step, steps};
use crate::body::model::TextBlock;
use crate::body::spans::{Decorator, MarkDef};

/// Where the text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// A paragraph, which may have several lines.
    Lines,
    /// A heading or the brackets of a picture.
    OneLine,
    /// A cell of a table, where a bar ends the cell.
    Cell,
}

/// What a neighbour of a delimiter is, as far as flanking is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    White,
    /// ASCII punctuation, which every delimiter of our own is too.
    Punctuation,
    Alphanumeric,
    /// Anything else; versions of CommonMark differ on symbols and emoji.
    Other,
}

/// A step whose text is whole.
#[derive(Debug)]
enum Piece<'b> {
    Open(Nesting<'b>),
    Close(Nesting<'b>),
    Text(String),
}

/// Writes the text of a block with its marks.
pub(super) fn spans(block: &TextBlock, room: Room) -> String {
    let pieces = pieces(block);
    let mut out = String::new();
    // How each open mark is to be closed.
    let mut closings: Vec<&str> = Vec::new();
    let mut in_code = None;
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => match in_code {
                Some(Fence::Ticks) => ticks(text, &mut out),
                _ => {
                    let is_last = index + 1 == pieces.len();
                    escape(text, room, is_last, &mut out);
                }
            },
            Piece::Open(Nesting::Decorator(Decorator::Code)) => {
                let text = pieces.get(index + 1);
                let ticked = matches!(text, Some(Piece::Text(text)) if can_tick(text, room));
                in_code = Some(if ticked { Fence::Ticks } else { Fence::Tag });
                out.push_str(if ticked { "" } else { "<code>" });
            }
            Piece::Close(Nesting::Decorator(Decorator::Code)) => {
                if in_code.take() == Some(Fence::Tag) {
                    out.push_str("</code>");
                }
            }
            Piece::Open(Nesting::Decorator(decorator)) => {
                let delimiter = delimiter(*decorator).filter(|_| works(&pieces, index, *decorator));
                if let Some(delimiter) = delimiter {
                    out.push_str(delimiter);
                    closings.push(delimiter);
                } else {
                    out.push_str(&format!("<{}>", html::mark(*decorator)));
                    closings.push("");
                }
            }
            Piece::Close(Nesting::Decorator(decorator)) => match closings.pop() {
                Some(delimiter) if !delimiter.is_empty() => out.push_str(delimiter),
                _ => out.push_str(&format!("</{}>", html::mark(*decorator))),
            },
            Piece::Open(Nesting::Link(def)) => {
                if needs_tag(def) {
                    let mut tag = String::new();
                    html::link(def, &mut tag);
                    out.push_str(&tag.replace('\n', "&#10;").replace('|', "&#124;"));
                } else {
                    out.push('[');
                }
            }
            Piece::Close(Nesting::Link(def)) => {
                if needs_tag(def) {
                    out.push_str("</a>");
                } else {
                    out.push_str("](");
                    target(def, &mut out);
                    out.push(')');
                }
            }
        }
    }
    out
}

/// How code is set off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fence {
    Ticks,
    Tag,
}

/// The steps of a block with neighbouring texts joined, and without white space at both ends.
fn pieces(block: &TextBlock) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    for step in steps(block, Code::Innermost) {
        match (step, pieces.last_mut()) {
            (Step::Text(text), Some(Piece::Text(before))) => before.push_str(text),
            (Step::Text(text), _) => pieces.push(Piece::Text(text.to_owned())),
            (Step::Open(nesting), _) => pieces.push(Piece::Open(nesting)),
            (Step::Close(nesting), _) => pieces.push(Piece::Close(nesting)),
        }
    }
    let edge = |c: char| matches!(c, ' ' | '\t' | '\n');
    for piece in &mut pieces {
        if let Piece::Text(text) = piece {
            *text = text.trim_start_matches(edge).to_owned();
            if !text.is_empty() {
                break;
            }
        }
    }
    for piece in pieces.iter_mut().rev() {
        if let Piece::Text(text) = piece {
            text.truncate(text.trim_end_matches(edge).len());
            if !text.is_empty() {
                break;
            }
        }
    }
    without_empty(pieces)
}

/// Drops texts that have become empty, and the marks around nothing.
fn without_empty(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let mut kept: Vec<Piece<'_>> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (&piece, kept.last()) {
            (Piece::Text(text), _) if text.is_empty() => {}
            (Piece::Close(closed), Some(Piece::Open(opened))) if closed == opened => {
                kept.pop();
            }
            _ => kept.push(piece),
        }
    }
    kept
}

fn delimiter(decorator: Decorator) -> Option<&'static str> {
    match decorator {
        Decorator::Strong => Some("**"),
        Decorator::Em => Some("_"),
        Decorator::StrikeThrough => Some("~~"),
        Decorator::Underline | Decorator::Sub | Decorator::Sup | Decorator::Code => None,
    }
}

/// Whether delimiters for the mark that opens at `index` would be read as such.
fn works(pieces: &[Piece<'_>], index: usize, decorator: Decorator) -> bool {
    let closes = |piece: &Piece<'_>| matches!(piece, Piece::Close(Nesting::Decorator(found)) if *found == decorator);
    let Some(length) = pieces.iter().skip(index).position(closes) else {
        return false;
    };
    let end = index + length;
    let before = index.checked_sub(1).map_or(Class::White, |index| last_class(pieces.get(index)));
    let first = first_class(pieces.get(index + 1));
    let last = last_class(pieces.get(end - 1));
    let after = first_class(pieces.get(end + 1));
    let free = |class| matches!(class, Class::White | Class::Punctuation);
    let flanking = |inner: Class, outer: Class| match decorator {
        Decorator::Strong => inner == Class::Alphanumeric || (inner != Class::White && free(outer)),
        _ => inner != Class::White && free(outer),
    };
    flanking(first, before) && flanking(last, after)
}

fn first_class(piece: Option<&Piece<'_>>) -> Class {
    match piece {
        None => Class::White,
        Some(Piece::Text(text)) => text.chars().next().map_or(Class::Other, class),
        Some(_) => Class::Punctuation,
    }
}

fn last_class(piece: Option<&Piece<'_>>) -> Class {
    match piece {
        None => Class::White,
        Some(Piece::Text(text)) => text.chars().next_back().map_or(Class::Other, class),
        Some(_) => Class::Punctuation,
    }
}

fn class(c: char) -> Class {
    match c {
        c if c.is_whitespace() => Class::White,
        c if c.is_ascii_punctuation() => Class::Punctuation,
        c if c.is_alphanumeric() => Class::Alphanumeric,
        _ => Class::Other,
    }
}

fn can_tick(text: &str, room: Room) -> bool {
    let breaks_cell = room == Room::Cell && text.contains(['|', '\\']);
    !(breaks_cell || text.contains('\n'))
}

/// Code between backticks, more of them than stand anywhere in it.
fn ticks(text: &str, out: &mut String) {
    let fence = "`".repeat(longest_run(text) + 1);
    let spaced = text.starts_with(' ') && text.ends_with(' ') && !text.trim_matches(' ').is_empty();
    let pad = if spaced || text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    out.push_str(&format!("{fence}{pad}{text}{pad}{fence}"));
}

/// The length of the longest run of backticks.
pub(super) fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Whether a link has what only an HTML tag can say.
fn needs_tag(def: &MarkDef) -> bool {
    match def {
        MarkDef::Internal(_) => false,
        MarkDef::Link(link) => link.rel.is_some() || link.title.as_deref().is_some_and(|t| t.contains(['\n', '|'])),
    }
}

fn target(def: &MarkDef, out: &mut String) {
    let address = match def {
        MarkDef::Link(link) => link.href.clone(),
        MarkDef::Internal(link) => match &link.href {
            Some(href) => format!("internal:{}:{href}", link.reference.id),
            None => format!("internal:{}", link.reference.id),
        },
    };
    let address = without_entities(&address);
    if address.contains(['(', ')']) {
        out.push_str(&format!("<{address}>"));
    } else {
        out.push_str(&address);
    }
    if let Some(title) = def.title() {
        quoted(title, out);
    }
}

/// A title in quotation marks, with the space before it.
pub(super) fn quoted(title: &str, out: &mut String) {
    out.push_str(" \"");
    for c in title.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '"' | '\\' | '`' | '<' | '*' | '_' | '[' | ']' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Writes text so that it is read as nothing but text.
pub(super) fn escape(text: &str, room: Room, is_last: bool, out: &mut String) {
    let mut at_line_start = out.is_empty();
    let mut before = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let after = rest.clone().next();
        if c == '\n' {
            // The next line must have something on it that is no space.
            let plain = after.is_some_and(|c| !c.is_whitespace()) && !out.is_empty();
            at_line_start = room == Room::Lines && plain;
            out.push_str(if at_line_start { "\\\n" } else { "<br>" });
            before = Some(c);
            continue;
        }
        if at_line_start {
            let digits = if c.is_ascii_digit() { list_number(c, &rest) } else { 0 };
            if digits > 0 {
                out.push(c);
                for digit in rest.by_ref().take(digits - 1) {
                    out.push(digit);
                }
                out.push('\\');
                out.extend(rest.next());
                at_line_start = false;
                before = Some('.');
                continue;
            }
            at_line_start = false;
            if begins_block(c, after) {
                out.push('\\');
                out.push(c);
                before = Some(c);
                continue;
            }
        }
        let alone = before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric);
        match c {
            '|' if room == Room::Cell => out.push_str("&#124;"),
            '_' if alone => out.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '~' | '|' => {
                out.push('\\');
                out.push(c);
            }
            '!' if after.is_none() && !is_last => out.push_str("\\!"),
            '&' if begins_entity(rest.clone()) => out.push_str("&amp;"),
            '#' if room == Room::OneLine && after.is_none() => out.push_str("\\#"),
            '\t' => out.push_str("&#9;"),
            c => out.push(c),
        }
        before = Some(c);
    }
}

/// Whether a line that begins with `c` could be read as a block of its own.
fn begins_block(c: char, after: Option<char>) -> bool {
    match c {
        '#' | '>' | '-' | '=' => true,
        '+' => after.is_none_or(char::is_whitespace),
        ':' => after.is_none_or(|c| c == '-'),
        _ => false,
    }
}

/// The digits of a number that would begin a list, or 0.
fn list_number(first: char, rest: &std::str::Chars<'_>) -> usize {
    let mut chars = std::iter::once(first).chain(rest.clone());
    let digits = chars.by_ref().take(10).take_while(char::is_ascii_digit).count();
    let mut following = std::iter::once(first).chain(rest.clone()).skip(digits);
    let marker = matches!(following.next(), Some('.' | ')'));
    if marker && digits <= 9 && following.next().is_none_or(char::is_whitespace) { digits } else { 0 }
}

fn begins_entity(rest: std::str::Chars<'_>) -> bool {
    let mut name = rest.take(40).skip_while(|c| c.is_ascii_alphanumeric() || *c == '#');
    name.next() == Some(';')
}

/// An address in which no `&` begins an entity.
fn without_entities(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    let mut rest = address.chars();
    while let Some(c) = rest.next() {
        out.push(c);
        if c == '&' && begins_entity(rest.clone()) {
            out.push_str("amp;");
        }
    }
    out
}
