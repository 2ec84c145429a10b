//! Walks an HTML tree and tells the flow what it meets. Figures, boxes and tables are in files of their own.
//! Nothing is dropped but styles, comments and empty paragraphs; the rest that has no place is a problem.

use super::dom::{Dom, Element, NodeId, NodeKind, Unreadable};
use super::elements::{Meaning, meaning, style_marks};
use super::flow::{Flow, Spaces};
use super::raw;
use crate::body::limits::MAX_HTML_DEPTH;
use crate::body::links;
use crate::body::model::{Block, CodeBlock, HtmlBlock, ListItem, Reference, RuleBlock, Style, TextBlock};
use crate::body::problem::Report;
use crate::body::spans::{InternalLinkDef, LinkDef, MarkDef};
use crate::body::tag;

/// Reads a whole source.
pub(super) fn blocks(source: &str) -> (Vec<Block>, Report) {
    let mut flow = Flow::new("/html", Spaces::Collapsed);
    fragment(source, &mut flow);
    flow.finish()
}

/// Reads a fragment into a flow that may have begun; its first line is the flow's present one.
pub(super) fn fragment(source: &str, flow: &mut Flow) {
    match Dom::parse(source) {
        Ok(dom) => {
            let first_line = flow.line;
            let mut reader = Reader { dom: &dom, flow, first_line, depth: 0 };
            reader.children(dom.top());
        }
        Err(Unreadable::Depth) => {
            flow.problem("too-deep", format!("elements stand more than {MAX_HTML_DEPTH} deep in one another"));
        }
        Err(Unreadable::Nodes) => flow.problem("too-long", "the HTML has too many elements"),
        Err(Unreadable::OpenComment) => flow.problem("unclosed-comment", "a comment is not closed and hides the rest"),
        Err(Unreadable::Attributes) => flow.problem("too-long", "a tag has too many attributes"),
    }
}

/// See the head of this file.
pub(super) struct Reader<'d, 'f> {
    pub(super) dom: &'d Dom,
    pub(super) flow: &'f mut Flow,
    first_line: usize,
    depth: usize,
}

impl<'d> Reader<'d, '_> {
    pub(super) fn children(&mut self, id: NodeId) {
        let dom = self.dom;
        for child in dom.children(id) {
            self.node(*child);
        }
    }

    /// Reads what `read` reads as the text blocks of a box, a cell or a caption.
    pub(super) fn text_blocks(&mut self, name: &'static str, read: impl FnOnce(&mut Reader<'d, '_>)) -> Vec<TextBlock> {
        let mut inner = self.flow.inner(name);
        read(&mut Reader { dom: self.dom, flow: &mut inner, first_line: self.first_line, depth: self.depth });
        self.flow.take_inner(inner)
    }

    /// The children as text without marks, for members that hold a string. A link in it is a problem.
    pub(super) fn plain(&mut self, name: &'static str, id: NodeId, skip: impl Fn(&Element) -> bool) -> Option<String> {
        let blocks = self.text_blocks(name, |reader| {
            let dom = reader.dom;
            for child in dom.children(id) {
                if !dom.element(*child).is_some_and(&skip) {
                    reader.node(*child);
                }
            }
        });
        if blocks.iter().any(|block| !block.mark_defs.is_empty()) {
            self.flow.problem("link-in-text", format!("{name} is text and cannot hold a link"));
        }
        let texts = blocks.iter().map(|block| block.children.iter().map(|span| span.text.as_str()).collect());
        super::clean::optional(texts.collect::<Vec<String>>().join("\n"))
    }

    /// The line of the source on which a node begins.
    pub(super) fn line_of(&self, id: NodeId) -> usize {
        self.first_line + self.dom.node(id).map_or(0, |node| node.line.saturating_sub(1))
    }

    pub(super) fn node(&mut self, id: NodeId) {
        let dom = self.dom;
        let Some(node) = dom.node(id) else {
            return;
        };
        self.flow.line = self.line_of(id);
        match &node.kind {
            NodeKind::Text(text) => self.flow.text(text),
            NodeKind::Root | NodeKind::Silent => {}
            NodeKind::CharacterData => self.flow.problem("unsupported-element", "<![CDATA[ is not HTML"),
            NodeKind::Element(_) if self.depth > MAX_HTML_DEPTH => {
                self.flow.problem("too-deep", format!("elements stand more than {MAX_HTML_DEPTH} deep in one another"));
            }
            NodeKind::Element(element) => {
                self.depth += 1;
                self.element(id, element);
                self.depth -= 1;
            }
        }
    }

    fn element(&mut self, id: NodeId, element: &Element) {
        match meaning(element.name()) {
            Meaning::Paragraph => self.paragraph(id, Style::Normal),
            Meaning::Heading(style) => self.paragraph(id, style),
            Meaning::Quote => {
                self.flow.open_quote();
                self.children(id);
                self.flow.close_quote();
            }
            Meaning::List(kind) => self.list(id, element, kind),
            Meaning::Item => self.item(id, element),
            Meaning::Rule => self.flow.object(Block::Rule(RuleBlock::default()), "a rule"),
            Meaning::Break => self.flow.line_break(),
            Meaning::Code => self.code(id, element),
            Meaning::Table => self.table(id, None),
            Meaning::Figure => self.figure(id, element),
            Meaning::Image => self.bare_image(element),
            Meaning::Frame => self.frame(element),
            Meaning::Link => self.link(id, element),
            Meaning::Mark(decorator) => {
                let (mut marks, plain) = style_marks(element.attribute("style").unwrap_or_default());
                if !plain {
                    marks.push(decorator);
                }
                self.marked(id, &marks);
            }
            Meaning::Inline => {
                let (marks, _) = style_marks(element.attribute("style").unwrap_or_default());
                self.marked(id, &marks);
            }
            Meaning::Quotation => {
                self.flow.text("\u{201c}");
                self.children(id);
                self.flow.text("\u{201d}");
            }
            Meaning::Abbreviation => {
                if element.attribute("title").is_some() {
                    self.flow.problem("unsupported-attribute", "the title of <abbr> has no place; write it in the text");
                }
                self.children(id);
            }
            Meaning::CheckBox => self.check_box(element),
            Meaning::Wrapper => self.wrapper(id, element),
            Meaning::Raw => self.raw(&raw::outer(self.dom, id)),
            Meaning::Silent => {}
            Meaning::Unknown => self.unknown(element),
        }
    }

    fn paragraph(&mut self, id: NodeId, style: Style) {
        self.flow.begin(style);
        self.children(id);
        self.flow.end();
    }

    fn marked(&mut self, id: NodeId, marks: &[crate::body::spans::Decorator]) {
        for mark in marks {
            self.flow.mark(*mark);
        }
        self.children(id);
        for mark in marks {
            self.flow.unmark(*mark);
        }
    }

    fn list(&mut self, id: NodeId, element: &Element, kind: ListItem) {
        let renumbered = element.attribute("reversed").is_some() || element.attribute("start").is_some_and(|start| start.trim() != "1");
        if renumbered {
            return self.raw(&raw::outer(self.dom, id));
        }
        self.flow.open_list(kind);
        self.children(id);
        self.flow.close_list();
    }

    fn item(&mut self, id: NodeId, element: &Element) {
        if element.attribute("value").is_some() {
            self.flow.problem("list-start", "items are numbered from 1; <li value> has no place");
        }
        let orphan = !self.flow.in_list();
        if orphan {
            self.flow.open_list(ListItem::Bullet);
        }
        self.flow.open_item();
        self.children(id);
        self.flow.close_item();
        if orphan {
            self.flow.close_list();
        }
    }

    fn check_box(&mut self, element: &Element) {
        let is_box = element.attribute("type").is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox"));
        if !(is_box && self.flow.check(element.attribute("checked").is_some())) {
            self.flow.problem("unsupported-element", "<input> is only a check box at the start of a bulleted item");
        }
    }

    fn code(&mut self, id: NodeId, element: &Element) {
        let dom = self.dom;
        for (_, found) in dom.descendants(id) {
            let known = matches!(meaning(found.name()), Meaning::Mark(_) | Meaning::Inline | Meaning::Break);
            if !known {
                self.flow.problem("not-here", format!("code cannot hold <{}>", raw::short_name(found)));
            }
        }
        let language = |element: &Element| {
            let classes = element.attribute("class")?;
            let found = classes.split_ascii_whitespace().find_map(|class| class.strip_prefix("language-"));
            found.map(str::to_owned)
        };
        let inside = dom.find(id, |found| found.name() == "code").and_then(|code| dom.element(code));
        let language = language(element).or_else(|| inside.and_then(language)).filter(|word| super::clean::is_language(word));
        let code = Block::Code(CodeBlock { tag: tag::Code::Tag, key: String::new(), language, code: super::clean::nfc(dom.text(id)) });
        self.flow.object(code, "code");
    }

    fn link(&mut self, id: NodeId, element: &Element) {
        let Some(link) = self.link_target(element) else {
            return self.children(id);
        };
        let opened = self.flow.open_link(link);
        self.children(id);
        if opened {
            self.flow.close_link();
        }
    }

    fn link_target(&mut self, element: &Element) -> Option<MarkDef> {
        link_target(self.flow, element)
    }

    fn wrapper(&mut self, id: NodeId, element: &Element) {
        if element.attribute("data-block") == Some("html") {
            return self.raw(&raw::inner(self.dom, id));
        }
        if self.boxed(id, element) {
            return;
        }
        self.flow.close_paragraph();
        self.children(id);
        self.flow.close_paragraph();
    }

    /// Keeps what no other block can hold as sanitised HTML.
    pub(super) fn raw(&mut self, source: &str) {
        match raw::sanitise(source) {
            Ok(html) => {
                let block = HtmlBlock { tag: tag::Html::Tag, key: String::new(), html };
                self.flow.object(Block::Html(block), "raw HTML");
            }
            Err(objections) => {
                for (code, detail) in objections {
                    self.flow.problem(code, detail);
                }
            }
        }
    }

    fn unknown(&mut self, element: &Element) {
        let name = raw::short_name(element);
        let code = if name == "script" { "unsafe-html" } else { "unsupported-element" };
        self.flow.problem(code, format!("<{name}> has no place in a body"));
    }
}

/// What an `<a>` points to; nothing if it has no target. A target that is refused is a problem.
pub(super) fn link_target(flow: &mut Flow, element: &Element) -> Option<MarkDef> {
    let mut accept = |href: &str| links::href(href).map_err(|refusal| flow.problem("unsafe-link", refusal)).ok();
    let href = element.attribute("href").map(&mut accept);
    if let Some(id) = element.attribute("data-ref") {
        let Ok(id) = uuid::Uuid::try_parse(id) else {
            flow.problem("invalid", "data-ref holds a UUID");
            return None;
        };
        return Some(MarkDef::Internal(InternalLinkDef { tag: tag::InternalLink::Tag, key: String::new(), reference: Reference::to(id), href: href.flatten() }));
    }
    let rel = element.attribute("rel").map(|rel| {
        let kept: Vec<&str> = rel.split_ascii_whitespace().filter(|word| !is_hygiene(word)).collect();
        links::rel(&kept.join(" "))
    });
    let rel = rel.transpose().unwrap_or_else(|refusal| {
        flow.problem("invalid", refusal);
        None
    });
    Some(MarkDef::Link(LinkDef {
        tag: tag::Link::Tag,
        key: String::new(),
        href: href.flatten()?,
        title: element.attribute("title").and_then(|title| super::clean::optional(title.to_owned())),
        rel: rel.flatten(),
    }))
}

/// Words that content systems add to `rel` for the sake of new windows; they say nothing about the link.
fn is_hygiene(word: &str) -> bool {
    ["noopener", "noreferrer", "external"].iter().any(|known| word.eq_ignore_ascii_case(known))
}
