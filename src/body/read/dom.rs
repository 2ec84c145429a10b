//! The tree that html5ever builds, in one array. Stops feeding the parser when the tree grows out of
//! proportion, because the parsing rules of HTML let a small input make a huge or very deep one.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, ExpandedName, ParseOpts, QualName, local_name, ns, parse_fragment};

use crate::body::limits::MAX_HTML_DEPTH;

/// Nodes of a tree; some ten bytes of source each is the usual.
const MAX_NODES: usize = 400_000;
/// Attributes of one tag. html5ever compares each with all before it.
const MAX_ATTRIBUTES: usize = 200;
/// Bytes given to the parser at a time, between two looks at the tree.
const CHUNK: usize = 1_024;

/// The place of a node in its [`Dom`].
pub(in crate::body) type NodeId = usize;

/// One node.
#[derive(Debug)]
pub(in crate::body) struct Node {
    pub(in crate::body) kind: NodeKind,
    pub(in crate::body) children: Vec<NodeId>,
    /// The line of the source on which it began.
    pub(in crate::body) line: usize,
    parent: Option<NodeId>,
    depth: usize,
}

/// What a node is.
#[derive(Debug)]
pub(in crate::body) enum NodeKind {
    Root,
    Element(Element),
    Text(String),
    /// A comment or processing instruction.
    Silent,
    /// Text in the manner of XML, which HTML reads as a comment.
    CharacterData,
}

/// A tag and what is in it.
#[derive(Debug)]
pub(in crate::body) struct Element {
    name: Rc<QualName>,
    attributes: Vec<Attribute>,
}

impl Element {
    pub(in crate::body) fn name(&self) -> &str {
        &self.name.local
    }

    pub(in crate::body) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes().find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    pub(in crate::body) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|attribute| (&*attribute.name.local, &*attribute.value))
    }

    pub(in crate::body) fn has_class(&self, class: &str) -> bool {
        self.attribute("class").is_some_and(|classes| classes.split_ascii_whitespace().any(|found| found == class))
    }
}

/// A parsed fragment.
#[derive(Debug)]
pub(in crate::body) struct Dom {
    nodes: Vec<Node>,
    top: NodeId,
}

/// Why a source was not parsed to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::body) enum Unreadable {
    Depth,
    Nodes,
    Attributes,
    /// A comment that is not closed hides all that comes after it.
    OpenComment,
}

impl Dom {
    /// Parses a fragment as the content of a `<div>`.
    pub(in crate::body) fn parse(source: &str) -> Result<Self, Unreadable> {
        if !attributes_are_few(source) {
            return Err(Unreadable::Attributes);
        }
        let comment = source.rfind("<!--").and_then(|at| source.get(at + 2..));
        if comment.is_some_and(|comment| !comment.contains("-->") && !comment.contains("--!>")) {
            return Err(Unreadable::OpenComment);
        }
        let context = QualName::new(None, ns!(html), local_name!("div"));
        let mut parser = parse_fragment(Sink::new(), ParseOpts::default(), context, Vec::new(), false);
        let mut rest = source;
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(rest.floor_char_boundary(CHUNK.min(rest.len())));
            parser.process(StrTendril::from_slice(chunk));
            rest = after;
            let sink = &parser.tokenizer.sink.sink;
            if sink.deepest.get() > MAX_HTML_DEPTH {
                return Err(Unreadable::Depth);
            }
            if sink.nodes.borrow().len() > MAX_NODES {
                return Err(Unreadable::Nodes);
            }
        }
        let mut dom = parser.finish();
        // A fragment's tree is a root `html` element with the content below it.
        let html = dom.nodes.first().and_then(|root| root.children.first().copied());
        dom.top = html.unwrap_or(dom.top);
        Ok(dom)
    }

    /// The node whose children are the fragment.
    pub(in crate::body) fn top(&self) -> NodeId {
        self.top
    }

    pub(in crate::body) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id)
    }

    pub(in crate::body) fn children(&self, id: NodeId) -> &[NodeId] {
        self.node(id).map_or(&[], |node| &node.children)
    }

    pub(in crate::body) fn element(&self, id: NodeId) -> Option<&Element> {
        match &self.node(id)?.kind {
            NodeKind::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The elements below a node, in document order.
    pub(in crate::body) fn descendants(&self, id: NodeId) -> impl Iterator<Item = (NodeId, &Element)> {
        let mut stack: Vec<NodeId> = self.children(id).iter().rev().copied().collect();
        std::iter::from_fn(move || {
            let id = stack.pop()?;
            stack.extend(self.children(id).iter().rev());
            Some(id)
        })
        .filter_map(|id| self.element(id).map(|element| (id, element)))
    }

    /// The first element below a node that `wanted` accepts.
    pub(in crate::body) fn find(&self, id: NodeId, wanted: impl Fn(&Element) -> bool) -> Option<NodeId> {
        self.descendants(id).find(|(_, element)| wanted(element)).map(|(id, _)| id)
    }

    /// Everything written below a node, to the letter.
    pub(in crate::body) fn text(&self, id: NodeId) -> String {
        let mut text = String::new();
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            match self.node(id).map(|node| &node.kind) {
                Some(NodeKind::Text(piece)) => text.push_str(piece),
                Some(NodeKind::Element(element)) if element.name() == "br" => text.push('\n'),
                _ => {}
            }
            stack.extend(self.children(id).iter().rev());
        }
        text
    }
}

/// Looks for a tag with too many attributes, without parsing: counts the words between `<x` and `>` outside quotes.
fn attributes_are_few(source: &str) -> bool {
    let mut bytes = source.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'<' || !bytes.peek().is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let (mut words, mut quote, mut before) = (0_usize, None, b' ');
        for byte in bytes.by_ref() {
            match quote {
                Some(open) if byte == open => quote = None,
                Some(_) => {}
                None if byte == b'>' => break,
                None if (byte == b'"' || byte == b'\'') && before == b'=' => quote = Some(byte),
                None => {
                    let starts = matches!(before, b' ' | b'\t' | b'\n' | b'/' | b'"' | b'\'');
                    words += usize::from(starts && !byte.is_ascii_whitespace());
                    if words > MAX_ATTRIBUTES {
                        return false;
                    }
                }
            }
            if !(byte.is_ascii_whitespace() && before == b'=') {
                before = byte;
            }
        }
    }
    true
}

/// What the parser knows a node by.
#[derive(Debug, Clone)]
pub(in crate::body) struct Handle {
    id: NodeId,
    name: Rc<QualName>,
}

/// Takes the parser's orders.
#[derive(Debug)]
struct Sink {
    nodes: RefCell<Vec<Node>>,
    line: Cell<usize>,
    deepest: Cell<usize>,
    no_name: Rc<QualName>,
}

impl Sink {
    fn new() -> Self {
        let sink = Self { nodes: RefCell::default(), line: Cell::new(1), deepest: Cell::new(0), no_name: Rc::new(QualName::new(None, ns!(), local_name!(""))) };
        sink.add(NodeKind::Root);
        sink
    }

    fn add(&self, kind: NodeKind) -> NodeId {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Node { kind, children: Vec::new(), line: self.line.get(), parent: None, depth: 0 });
        nodes.len() - 1
    }

    fn nameless(&self, kind: NodeKind) -> Handle {
        Handle { id: self.add(kind), name: Rc::clone(&self.no_name) }
    }

    fn detach(&self, id: NodeId) {
        let mut nodes = self.nodes.borrow_mut();
        let parent = nodes.get_mut(id).and_then(|node| node.parent.take());
        if let Some(parent) = parent.and_then(|parent| nodes.get_mut(parent))
            && let Some(position) = parent.children.iter().rposition(|child| *child == id)
        {
            parent.children.remove(position);
        }
    }

    /// Puts a node or text before the child at `position`, or at the end.
    fn insert(&self, parent: NodeId, position: Option<usize>, child: NodeOrText<Handle>) {
        let id = match child {
            NodeOrText::AppendNode(handle) => {
                self.detach(handle.id);
                handle.id
            }
            NodeOrText::AppendText(text) => {
                if self.join(parent, position, &text) {
                    return;
                }
                self.add(NodeKind::Text(text.to_string()))
            }
        };
        let mut nodes = self.nodes.borrow_mut();
        let depth = nodes.get(parent).map_or(0, |node| node.depth + 1);
        if let Some(node) = nodes.get_mut(id) {
            node.parent = Some(parent);
            node.depth = depth;
        }
        if let Some(parent) = nodes.get_mut(parent) {
            let end = parent.children.len();
            parent.children.insert(position.unwrap_or(end).min(end), id);
        }
        self.deepest.set(self.deepest.get().max(depth));
    }

    /// Adds to the text node that ends where new text would begin.
    fn join(&self, parent: NodeId, position: Option<usize>, text: &str) -> bool {
        let mut nodes = self.nodes.borrow_mut();
        let before = nodes.get(parent).and_then(|parent| {
            let end = position.unwrap_or(parent.children.len());
            parent.children.get(end.checked_sub(1)?).copied()
        });
        match before.and_then(|id| nodes.get_mut(id)).map(|node| &mut node.kind) {
            Some(NodeKind::Text(existing)) => {
                existing.push_str(text);
                true
            }
            _ => false,
        }
    }
}

impl TreeSink for Sink {
    type Handle = Handle;
    type Output = Dom;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Dom {
        Dom { nodes: self.nodes.into_inner(), top: 0 }
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Handle { id: 0, name: Rc::clone(&self.no_name) }
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _flags: ElementFlags) -> Handle {
        let name = Rc::new(name);
        let id = self.add(NodeKind::Element(Element { name: Rc::clone(&name), attributes }));
        Handle { id, name }
    }

    fn create_comment(&self, text: StrTendril) -> Handle {
        self.nameless(if text.starts_with("[CDATA[") { NodeKind::CharacterData } else { NodeKind::Silent })
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> Handle {
        self.nameless(NodeKind::Silent)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.insert(parent.id, None, child);
    }

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        let has_parent = self.nodes.borrow().get(element.id).is_some_and(|node| node.parent.is_some());
        if has_parent {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _name: StrTendril, _public: StrTendril, _system: StrTendril) {}

    /// A template's content is kept as its children: every template is refused later, with its place.
    fn get_template_contents(&self, target: &Handle) -> Handle {
        target.clone()
    }

    fn same_node(&self, a: &Handle, b: &Handle) -> bool {
        a.id == b.id
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(handle) = &child {
            self.detach(handle.id);
        }
        let place = {
            let nodes = self.nodes.borrow();
            nodes.get(sibling.id).and_then(|node| node.parent).map(|parent| {
                let siblings = nodes.get(parent).map_or(&[][..], |node| &node.children);
                (parent, siblings.iter().rposition(|child| *child == sibling.id))
            })
        };
        if let Some((parent, position)) = place {
            self.insert(parent, position, child);
        }
    }

    fn add_attrs_if_missing(&self, _target: &Handle, _attributes: Vec<Attribute>) {}

    fn remove_from_parent(&self, target: &Handle) {
        self.detach(target.id);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        let mut nodes = self.nodes.borrow_mut();
        let children = nodes.get_mut(node.id).map(|node| std::mem::take(&mut node.children)).unwrap_or_default();
        for child in &children {
            if let Some(child) = nodes.get_mut(*child) {
                child.parent = Some(new_parent.id);
            }
        }
        if let Some(parent) = nodes.get_mut(new_parent.id) {
            parent.children.extend(children);
        }
    }

    fn set_current_line(&self, line: u64) {
        self.line.set(usize::try_from(line).unwrap_or(usize::MAX));
    }
}
