//! Pictures in HTML: `<figure data-media-id>`, `<img data-media-id>` and galleries of them, as our own renderer
//! writes them. A picture that is not in the media library is refused, since it would have no credit.

use std::collections::HashSet;

use uuid::Uuid;

use super::clean;
use super::dom::{Element, NodeId};
use super::html::Reader;
use super::raw;
use crate::body::model::{Block, GalleryBlock, ImageBlock, Reference};
use crate::body::tag;

impl Reader<'_, '_> {
    /// An `<img>` outside a figure.
    pub(super) fn bare_image(&mut self, element: &Element) {
        if let Some(image) = self.image(element, None) {
            self.flow.object(Block::Image(image), "a picture");
        }
    }

    /// A figure, whatever is in it.
    pub(super) fn figure(&mut self, id: NodeId, element: &Element) {
        if self.boxed(id, element) {
            return;
        }
        let dom = self.dom;
        if element.has_class("gallery") || element.has_class("wp-block-gallery") {
            return self.gallery(id);
        }
        let pictures = dom.descendants(id).filter(|(_, found)| found.name() == "img").count();
        if pictures > 1 {
            return self.gallery(id);
        }
        if pictures == 1 || element.attribute("data-media-id").is_some() {
            if let Some(image) = self.figure_image(id, element) {
                self.flow.object(Block::Image(image), "a picture");
            }
            return;
        }
        let caption = dom.children(id).iter().copied().find(|child| is_named(dom.element(*child), "figcaption"));
        let table = dom.find(id, |found| found.name() == "table");
        if let (Some(caption), Some(table)) = (caption, table)
            && dom.text(id).trim().len() == dom.text(caption).trim().len() + dom.text(table).trim().len()
        {
            return self.table(table, Some(caption));
        }
        self.flow.close_paragraph();
        self.children(id);
        self.flow.close_paragraph();
    }

    /// The picture of a figure that has one, with its caption.
    fn figure_image(&mut self, id: NodeId, figure: &Element) -> Option<ImageBlock> {
        let dom = self.dom;
        let caption_id = dom.find(id, |found| found.name() == "figcaption");
        let caption = caption_id.and_then(|id| self.plain("a caption", id, |element| element.has_class("credit")));
        let in_caption: HashSet<NodeId> = caption_id.iter().flat_map(|id| dom.descendants(*id)).map(|(id, _)| id).collect();
        for (inner, element) in dom.descendants(id).filter(|(inner, _)| !in_caption.contains(inner)) {
            self.flow.line = self.line_of(inner);
            match element.name() {
                "a" if element.attribute("href").is_some() => self.flow.problem("not-here", "a link cannot hold a picture"),
                "a" | "img" | "figcaption" | "picture" | "source" | "div" | "span" | "p" => {}
                _ => {
                    let name = raw::short_name(element);
                    self.flow.problem("not-here", format!("a picture's figure cannot hold <{name}>"));
                }
            }
        }
        let captioned = caption_id.map_or(0, |caption| ink(&dom.text(caption)));
        if ink(&dom.text(id)) != captioned {
            self.flow.problem("not-here", "a picture's figure holds its caption and no other text");
        }
        let picture = dom.find(id, |found| found.name() == "img").and_then(|id| dom.element(id));
        let mut image = match picture {
            Some(picture) => self.image(picture, Some(figure))?,
            None => self.image(figure, None)?,
        };
        image.caption = caption;
        Some(image)
    }

    fn image(&mut self, picture: &Element, figure: Option<&Element>) -> Option<ImageBlock> {
        let either = |name| picture.attribute(name).or_else(|| figure.and_then(|figure| figure.attribute(name)));
        let Some(media) = either("data-media-id") else {
            let detail = "a picture is named by data-media-id; upload it first, so that it has a credit";
            self.flow.problem("image-without-media", detail);
            return None;
        };
        let Ok(media) = Uuid::try_parse(media.trim()) else {
            self.flow.problem("invalid", "data-media-id holds a UUID");
            return None;
        };
        let layout = either("data-layout").map(str::to_owned);
        if layout.as_deref().is_some_and(|layout| !clean::is_layout(layout)) {
            self.flow.problem("invalid", "data-layout is a word of a-z, 0-9 and hyphens");
        }
        let alt = picture.attribute("alt").map(|alt| clean::nfc(alt.to_owned()));
        Some(ImageBlock { tag: tag::Image::Tag, key: String::new(), media: Reference::to(media), alt: alt.and_then(clean::optional), caption: None, layout })
    }

    fn gallery(&mut self, id: NodeId) {
        let dom = self.dom;
        let mut title = None;
        let mut images = Vec::new();
        // Galleries of other systems wrap each figure in list items or divs.
        let mut stack: Vec<NodeId> = dom.children(id).iter().rev().copied().collect();
        while let Some(child) = stack.pop() {
            let Some(element) = dom.element(child) else {
                if ink(&dom.text(child)) > 0 {
                    self.flow.problem("not-here", "a gallery holds pictures and a title");
                }
                continue;
            };
            match element.name() {
                "figure" => images.extend(self.figure_image(child, element)),
                "img" => images.extend(self.image(element, None)),
                "figcaption" if title.is_none() => title = self.plain("a gallery's title", child, |_| false),
                "div" | "ul" | "li" | "p" => stack.extend(dom.children(child).iter().rev()),
                _ => self.flow.problem("not-here", "a gallery holds pictures and a title"),
            }
        }
        if images.is_empty() {
            return self.flow.problem("required", "a gallery has at least one picture");
        }
        let gallery = GalleryBlock { tag: tag::Gallery::Tag, key: String::new(), title, images };
        self.flow.object(Block::Gallery(gallery), "a gallery");
    }
}

fn is_named(element: Option<&Element>, name: &str) -> bool {
    element.is_some_and(|element| element.name() == name)
}

/// How many characters of a text can be seen.
pub(super) fn ink(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}
