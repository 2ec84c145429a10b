//! Atom 1.0 (RFC 4287), with Media RSS for pictures.

use super::content;
use super::feeds::Feed;
use super::rss::{MEDIA, media};
use super::story::Story;
use super::xml::Xml;

/// The feed as a document.
#[must_use]
pub fn write(feed: &Feed) -> Vec<u8> {
    let mut xml = Xml::default();
    xml.open("feed", &[("xmlns", "http://www.w3.org/2005/Atom"), ("xmlns:media", MEDIA), ("xml:lang", feed.publication.language())]);
    xml.leaf("id", &[], &feed.id);
    xml.leaf("title", &[("type", "text")], &feed.title);
    xml.leaf("subtitle", &[("type", "text")], &feed.description);
    xml.leaf("updated", &[], &feed.updated().to_string());
    xml.empty("link", &[("rel", "self"), ("type", "application/atom+xml"), ("href", &feed.url)]);
    xml.empty("link", &[("rel", "alternate"), ("type", "text/html"), ("href", &feed.publication.base_url)]);
    // Entries without anybody have the site for their author.
    xml.open("author", &[]);
    xml.leaf("name", &[], &feed.publication.name);
    xml.leaf("uri", &[], &feed.publication.base_url);
    xml.close("author");
    xml.leaf("generator", &[], "Masthead");
    for story in &feed.stories {
        entry(story, &feed.base, &mut xml);
    }
    xml.close("feed");
    xml.finish()
}

fn entry(story: &Story, base: &str, xml: &mut Xml) {
    let card = &story.card;
    xml.open("entry", &[("xml:lang", &card.language)]);
    xml.leaf("id", &[], &card.urn());
    xml.leaf("title", &[("type", "text")], &card.headline);
    xml.leaf("updated", &[], &card.updated_at.to_string());
    xml.leaf("published", &[], &card.published_at.to_string());
    xml.empty("link", &[("rel", "alternate"), ("type", "text/html"), ("href", &card.url)]);
    for writer in card.writers() {
        xml.open("author", &[]);
        xml.leaf("name", &[], &writer.name);
        xml.leaf("uri", &[], &format!("{base}/v1/authors/{}", writer.id));
        xml.close("author");
    }
    let scheme = format!("{base}/v1/tags");
    for tag in card.tags() {
        xml.empty("category", &[("term", &tag.slug), ("scheme", &scheme), ("label", &tag.name)]);
    }
    if let Some(summary) = card.summary() {
        xml.leaf("summary", &[("type", "text")], summary);
    }
    xml.leaf("content", &[("type", "html")], &content::html(story));
    for picture in story.pictures() {
        media(picture, xml);
    }
    xml.close("entry");
}
