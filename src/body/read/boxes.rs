//! Boxes in HTML, as our own renderer writes them: pull-quotes, embeds, fact boxes, corrections, related
//! stories; and frames of well-known services, which become embeds.

use uuid::Uuid;

use super::clean;
use super::dom::{Element, NodeId};
use super::elements::frame_provider;
use super::html::Reader;
use crate::body::links;
use crate::body::model::{Block, CorrectionBlock, CorrectionKind, EmbedBlock, FactboxBlock, PullquoteBlock, Reference, RelatedArticleBlock};
use crate::body::tag;

impl Reader<'_, '_> {
    /// Reads an element that is a box; whether it was one.
    pub(super) fn boxed(&mut self, id: NodeId, element: &Element) -> bool {
        if element.has_class("pullquote") || element.has_class("wp-block-pullquote") {
            self.pullquote(id);
        } else if element.has_class("embed") {
            self.embed(id, element);
        } else if element.has_class("factbox") {
            self.factbox(id);
        } else if element.has_class("correction") {
            self.correction(id, element);
        } else if let Some(article) = element.attribute("data-article-id") {
            self.related(article);
        } else {
            return false;
        }
        true
    }

    fn pullquote(&mut self, id: NodeId) {
        let dom = self.dom;
        let part = |wanted: &dyn Fn(&Element) -> bool| dom.find(id, wanted);
        let by = part(&|e| e.has_class("attribution")).or_else(|| part(&|e| e.name() == "cite"));
        let by = by.or_else(|| part(&|e| e.name() == "figcaption" && !e.has_class("role")));
        let attribution = by.and_then(|id| self.plain("an attribution", id, |e| e.has_class("role")));
        let role = part(&|e| e.has_class("role")).and_then(|id| self.plain("a role", id, |_| false));
        let quote = part(&|e| e.name() == "blockquote").unwrap_or(id);
        let named = |e: &Element| matches!(e.name(), "cite" | "figcaption") || e.has_class("attribution");
        let Some(text) = self.plain("a pull-quote", quote, named) else {
            return self.flow.problem("required", "a pull-quote has a text");
        };
        let kept = [Some(&text), attribution.as_ref(), role.as_ref()];
        let kept: usize = kept.into_iter().flatten().map(|text| letters(text)).sum();
        if letters(&dom.text(id)) != kept {
            self.flow.problem("not-here", "a pull-quote holds a text, an attribution and a role");
        }
        let quote = PullquoteBlock { tag: tag::Pullquote::Tag, key: String::new(), text, attribution, role };
        self.flow.object(Block::Pullquote(quote), "a pull-quote");
    }

    fn embed(&mut self, id: NodeId, element: &Element) {
        let dom = self.dom;
        let link = dom.find(id, |e| e.name() == "a" && e.attribute("href").is_some());
        let title = link.map(|id| dom.text(id).split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default();
        if letters(&dom.text(id)) != letters(&title) || dom.find(id, |e| e.name() == "script").is_some() {
            self.flow.problem("not-here", "an embed holds a link to what it shows, and nothing else");
        }
        let frame = dom.find(id, |e| e.name() == "iframe").and_then(|id| dom.element(id));
        if let (None, Some(frame)) = (link, frame) {
            return self.frame(frame);
        }
        let href = link.and_then(|id| dom.element(id)).and_then(|e| e.attribute("href"));
        let url = match href.map(links::https) {
            Some(Ok(url)) => url,
            Some(Err(refusal)) => return self.flow.problem("unsafe-link", refusal),
            None => return self.flow.problem("required", "an embed holds a link to what it shows"),
        };
        let text = |name| element.attribute(name).map(|text| clean::nfc(text.to_owned())).and_then(clean::optional);
        let aspect_ratio = text("data-aspect-ratio");
        if aspect_ratio.as_deref().is_some_and(|ratio| !clean::is_ratio(ratio)) {
            self.flow.problem("invalid", "data-aspect-ratio is written 16:9");
        }
        let is_address = title == url || Some(title.as_str()) == href;
        let embed = EmbedBlock {
            tag: tag::Embed::Tag,
            key: String::new(),
            url,
            provider: text("data-provider"),
            title: clean::optional(clean::nfc(title)).filter(|_| !is_address),
            aspect_ratio,
        };
        self.flow.object(Block::Embed(embed), "an embed");
    }

    /// An `<iframe>`: an embed if its service is known.
    pub(super) fn frame(&mut self, element: &Element) {
        let source = element.attribute("src").unwrap_or_default().trim();
        let source = match source.strip_prefix("//") {
            Some(rest) => format!("https://{rest}"),
            None => source.replacen("http://", "https://", 1),
        };
        let known = links::https(&source).ok().and_then(|url| Some((frame_provider(&url)?, url)));
        let Some((provider, url)) = known else {
            let detail = "frames are kept only from known services; use an embed block for others";
            return self.flow.problem("unsupported-element", format!("<iframe>: {detail}"));
        };
        let title = element.attribute("title").map(|title| clean::nfc(title.to_owned()));
        let side = |name| element.attribute(name).and_then(|text| text.trim().parse::<u32>().ok());
        let ratio = match (side("width"), side("height")) {
            (Some(width @ 1..=9999), Some(height @ 1..=9999)) => Some(reduced(width, height)),
            _ => None,
        };
        let embed = EmbedBlock { tag: tag::Embed::Tag, key: String::new(), url, provider: Some(provider.to_owned()), title: title.and_then(clean::optional), aspect_ratio: ratio };
        self.flow.object(Block::Embed(embed), "an embed");
    }

    fn factbox(&mut self, id: NodeId) {
        let dom = self.dom;
        let children = dom.children(id).iter().copied();
        let heading = children.clone().find(|child| dom.element(*child).is_some_and(is_title));
        let Some(title) = heading.and_then(|heading| self.plain("a fact box's title", heading, |_| false)) else {
            return self.flow.problem("required", "a fact box begins with a heading");
        };
        let content = self.text_blocks("a fact box", |reader| {
            children.filter(|child| Some(*child) != heading).for_each(|child| reader.node(child));
        });
        let factbox = FactboxBlock { tag: tag::Factbox::Tag, key: String::new(), title, content };
        self.flow.object(Block::Factbox(factbox), "a fact box");
    }

    fn correction(&mut self, id: NodeId, element: &Element) {
        let dom = self.dom;
        let word = element.attribute("data-kind").unwrap_or("correction");
        let kind = CorrectionKind::ALL.into_iter().find(|kind| kind.as_str() == word);
        let time = dom.find(id, |e| e.name() == "time").and_then(|id| dom.element(id));
        let date = time.and_then(|time| time.attribute("datetime")).filter(|date| clean::is_date(date));
        let (Some(kind), Some(date)) = (kind, date) else {
            let detail = "a correction has a known data-kind and a <time datetime=\"YYYY-MM-DD\">";
            return self.flow.problem("invalid", detail);
        };
        // The date that our renderer writes is known from the attribute.
        let is_date = |child| {
            let is_marked = dom.element(child).is_some_and(|e| e.has_class("correction-date") || e.name() == "time");
            is_marked && [date, ""].contains(&dom.text(child).trim())
        };
        let content = self.text_blocks("a correction", |reader| {
            dom.children(id).iter().filter(|child| !is_date(**child)).for_each(|child| reader.node(*child));
        });
        let correction = CorrectionBlock { tag: tag::Correction::Tag, key: String::new(), kind, date: date.to_owned(), content };
        self.flow.object(Block::Correction(correction), "a correction");
    }

    fn related(&mut self, article: &str) {
        let Ok(id) = Uuid::try_parse(article) else {
            return self.flow.problem("invalid", "data-article-id holds a UUID");
        };
        let related = RelatedArticleBlock { tag: tag::RelatedArticle::Tag, key: String::new(), reference: Reference::to(id) };
        self.flow.object(Block::RelatedArticle(related), "a related story");
    }
}

fn is_title(element: &Element) -> bool {
    element.has_class("factbox-title") || matches!(element.name(), "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Two sides as the smallest whole ratio.
fn reduced(width: u32, height: u32) -> String {
    let (mut a, mut b) = (width, height);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    format!("{}:{}", width / a, height / a)
}

/// How many letters and digits a text has, however it is composed.
fn letters(text: &str) -> usize {
    clean::nfc(text.to_owned()).chars().filter(|c| c.is_alphanumeric()).count()
}
