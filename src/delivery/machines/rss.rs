//! RSS 2.0.11, with Dublin Core for authors, Media RSS for pictures and the content module for the text.

use super::content;
use super::feeds::Feed;
use super::story::Story;
use super::xml::Xml;
use crate::pictures::Credited;
use crate::timestamp::Timestamp;

/// Media RSS; the slash at its end belongs to it.
pub const MEDIA: &str = "http://search.yahoo.com/mrss/";

/// RFC 822 with a year of four digits, as RSS demands.
fn date(at: Timestamp) -> String {
    at.instant().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The feed as a document.
#[must_use]
pub fn write(feed: &Feed) -> Vec<u8> {
    let mut xml = Xml::default();
    xml.open(
        "rss",
        &[
            ("version", "2.0"),
            ("xmlns:atom", "http://www.w3.org/2005/Atom"),
            ("xmlns:content", "http://purl.org/rss/1.0/modules/content/"),
            ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
            ("xmlns:media", MEDIA),
        ],
    );
    xml.open("channel", &[]);
    xml.leaf("title", &[], &feed.title);
    xml.leaf("link", &[], &feed.publication.base_url);
    xml.leaf("description", &[], &feed.description);
    xml.leaf("language", &[], &feed.publication.language().to_lowercase());
    xml.leaf("lastBuildDate", &[], &date(feed.updated()));
    xml.leaf("generator", &[], "Masthead");
    xml.empty("atom:link", &[("href", &feed.url), ("rel", "self"), ("type", "application/rss+xml")]);
    for story in &feed.stories {
        item(story, &feed.base, &mut xml);
    }
    xml.close("channel");
    xml.close("rss");
    xml.finish()
}

fn item(story: &Story, base: &str, xml: &mut Xml) {
    let card = &story.card;
    xml.open("item", &[]);
    xml.leaf("title", &[], &card.headline);
    xml.leaf("link", &[], &card.url);
    xml.leaf("guid", &[("isPermaLink", "false")], &card.urn());
    xml.leaf("pubDate", &[], &date(card.published_at));
    for writer in card.writers() {
        xml.leaf("dc:creator", &[], &writer.name);
    }
    xml.leaf("dc:language", &[], &card.language);
    let scheme = format!("{base}/v1/tags");
    for tag in card.tags() {
        xml.leaf("category", &[("domain", &scheme)], &tag.name);
    }
    xml.maybe("description", &[], card.summary());
    xml.cdata("content:encoded", &[], &content::html(story));
    for picture in story.pictures() {
        media(picture, xml);
    }
    xml.leaf("atom:updated", &[], &card.updated_at.to_string());
    xml.close("item");
}

/// A picture as Media RSS has it: its address with everybody who must be named inside it.
pub fn media(picture: &Credited, xml: &mut Xml) {
    let (url, credit) = picture.address();
    let facts = &picture.facts;
    let (width, height) = (picture.size.0.to_string(), picture.size.1.to_string());
    xml.open("media:content", &[("url", url), ("type", &facts.mime), ("medium", "image"), ("width", &width), ("height", &height)]);
    xml.leaf("media:credit", &[], credit);
    for creator in &facts.creators {
        xml.leaf("media:credit", &[("role", "photographer"), ("scheme", "urn:ebu")], creator);
    }
    xml.maybe("media:description", &[("type", "plain")], picture.caption.as_deref());
    if !picture.alt.is_empty() {
        xml.leaf("media:title", &[("type", "plain")], &picture.alt);
    }
    match &facts.licence_url {
        Some(url) => {
            xml.maybe("media:copyright", &[], facts.copyright_notice.as_deref());
            xml.leaf("media:license", &[("type", "text/html"), ("href", url)], facts.licence_name.as_deref().unwrap_or(url));
        }
        None => xml.maybe("media:copyright", &[], facts.copyright_notice.as_deref()),
    }
    xml.close("media:content");
}
