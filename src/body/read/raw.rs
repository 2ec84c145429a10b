//! Raw HTML: says what is not allowed in it, and cleans the rest. Two independent guards: our own list, which
//! reports, and ammonia, which removes whatever the first might have missed.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::clean;
use super::dom::{Dom, Element, NodeId, NodeKind};
use super::elements::{Meaning, meaning};
use crate::body::limits::MAX_RAW_HTML_BYTES;
use crate::body::links;

/// A code and a sentence.
type Objection = (&'static str, String);

const TAGS: [&str; 68] = [
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "data",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
    "var",
    "wbr",
];

const EVERYWHERE: [&str; 3] = ["dir", "lang", "title"];

const ATTRIBUTES: [(&str, &[&str]); 16] = [
    ("a", &["href", "hreflang", "rel"]),
    ("blockquote", &["cite"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("data", &["value"]),
    ("del", &["cite", "datetime"]),
    ("details", &["open"]),
    ("ins", &["cite", "datetime"]),
    ("li", &["value"]),
    ("ol", &["reversed", "start", "type"]),
    ("q", &["cite"]),
    ("table", &[]),
    ("td", &["colspan", "headers", "rowspan"]),
    ("th", &["abbr", "colspan", "headers", "rowspan", "scope"]),
    ("time", &["datetime"]),
    ("tr", &[]),
];

/// Attributes that are about looks, scripts or analytics, and may go without a word.
const COSMETIC: [&str; 21] = [
    "align",
    "bgcolor",
    "border",
    "bordercolor",
    "cellpadding",
    "cellspacing",
    "class",
    "color",
    "contenteditable",
    "height",
    "id",
    "name",
    "nowrap",
    "role",
    "size",
    "spellcheck",
    "style",
    "tabindex",
    "target",
    "valign",
    "width",
];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let attributes: HashMap<&str, HashSet<&str>> = ATTRIBUTES.iter().filter(|(_, names)| !names.is_empty()).map(|(tag, names)| (*tag, names.iter().copied().collect())).collect();
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.into_iter().collect())
        .clean_content_tags(HashSet::from(["script", "style"]))
        .generic_attributes(EVERYWHERE.into_iter().collect())
        .tag_attributes(attributes)
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(None)
        .strip_comments(true);
    builder
});

/// The HTML as it may be served, or everything that stands against it.
pub(super) fn sanitise(source: &str) -> Result<String, Vec<Objection>> {
    if source.len() > MAX_RAW_HTML_BYTES {
        return Err(vec![("too-long", format!("raw HTML has at most {MAX_RAW_HTML_BYTES} bytes"))]);
    }
    let source = clean::nfc(source.to_owned());
    let dom = Dom::parse(&source).map_err(|_unreadable| {
        let detail = "the raw HTML is too deep, or a comment in it is not closed";
        vec![("unsafe-html", detail.to_owned())]
    })?;
    let objections: Vec<Objection> = dom.descendants(dom.top()).flat_map(|(_, element)| objections(element)).collect();
    if !objections.is_empty() {
        return Err(objections);
    }
    // Parsing what was written out can give another tree. What is stored must read back as itself.
    let mut html = clean::nfc(CLEANER.clean(&source).to_string());
    for _ in 0..4 {
        let again = clean::nfc(CLEANER.clean(&html).to_string());
        if again == html {
            let html = html.trim().to_owned();
            return if html.is_empty() { Err(vec![("required", "the raw HTML is empty".to_owned())]) } else { Ok(html) };
        }
        html = again;
    }
    Err(vec![("unsafe-html", "the raw HTML does not read back as it was written".to_owned())])
}

fn objections(element: &Element) -> Vec<Objection> {
    let name = element.name();
    if name == "img" || name == "picture" {
        return vec![("image-without-media", "raw HTML cannot hold a picture: it would have no credit".to_owned())];
    }
    if !TAGS.contains(&name) {
        let code = if name == "script" { "unsafe-html" } else { "unsupported-element" };
        return vec![(code, format!("<{}> is not allowed in raw HTML", short_name(element)))];
    }
    let own = ATTRIBUTES.iter().find(|(tag, _)| *tag == name).map_or(&[][..], |(_, names)| *names);
    let mut found = Vec::new();
    for (attribute, value) in element.attributes() {
        let kept = EVERYWHERE.contains(&attribute) || own.contains(&attribute);
        let cosmetic = COSMETIC.contains(&attribute) || attribute.starts_with("data-") || attribute.starts_with("aria-") || (attribute == "rel" || attribute == "cite");
        if !kept && !cosmetic {
            let attribute: String = attribute.chars().take(40).collect();
            found.push(("unsupported-attribute", format!("`{attribute}` is not allowed on <{name}>")));
        } else if kept
            && matches!(attribute, "href" | "cite")
            && let Err(refusal) = links::href(value)
        {
            found.push(("unsafe-link", refusal.to_owned()));
        }
    }
    found
}

/// An element's name, cut to a length that can be repeated in an answer.
pub(super) fn short_name(element: &Element) -> String {
    element.name().chars().take(40).collect()
}

/// An element and what is in it, as HTML.
pub(super) fn outer(dom: &Dom, id: NodeId) -> String {
    let mut out = String::new();
    write(dom, &[id], &mut out);
    out
}

/// What is in an element, as HTML.
pub(super) fn inner(dom: &Dom, id: NodeId) -> String {
    let mut out = String::new();
    write(dom, dom.children(id), &mut out);
    out
}

/// A step of writing a tree without recursion.
enum Step<'d> {
    Node(NodeId),
    End(&'d str),
}

fn write(dom: &Dom, ids: &[NodeId], out: &mut String) {
    let mut steps: Vec<Step<'_>> = ids.iter().rev().map(|id| Step::Node(*id)).collect();
    while let Some(step) = steps.pop() {
        let id = match step {
            Step::Node(id) => id,
            Step::End(name) => {
                out.push_str(&format!("</{name}>"));
                continue;
            }
        };
        match dom.node(id).map(|node| &node.kind) {
            Some(NodeKind::Text(text)) => escape(text, out),
            Some(NodeKind::Element(element)) => {
                out.push('<');
                out.push_str(element.name());
                for (name, value) in element.attributes() {
                    out.push_str(&format!(" {name}=\""));
                    escape(value, out);
                    out.push('"');
                }
                out.push('>');
                if !matches!(element.name(), "br" | "hr" | "wbr" | "col" | "img" | "input" | "meta" | "link") {
                    steps.push(Step::End(element.name()));
                }
                steps.extend(dom.children(id).iter().rev().map(|id| Step::Node(*id)));
            }
            _ => {}
        }
    }
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

/// What a reader sees of a piece of HTML, one line a block.
pub(in crate::body) fn visible_text(html: &str) -> String {
    let Ok(dom) = Dom::parse(html) else {
        return String::new();
    };
    let mut text = String::new();
    let mut stack = vec![dom.top()];
    while let Some(id) = stack.pop() {
        match dom.node(id).map(|node| &node.kind) {
            Some(NodeKind::Text(piece)) => text.extend(piece.split_inclusive('\n').map(|line| line.replace('\n', " "))),
            Some(NodeKind::Element(element)) if !is_inline(element.name()) => text.push('\n'),
            _ => {}
        }
        stack.extend(dom.children(id).iter().rev());
    }
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn is_inline(name: &str) -> bool {
    matches!(meaning(name), Meaning::Mark(_) | Meaning::Inline | Meaning::Link | Meaning::Quotation | Meaning::Abbreviation) || matches!(name, "ruby" | "rt" | "rp" | "wbr")
}
