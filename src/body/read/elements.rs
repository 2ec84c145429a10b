//! What each element of HTML means for a body. A table to look things up in; does nothing itself.

use crate::body::model::{ListItem, Style};
use crate::body::spans::Decorator;

/// What the reader does with an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Paragraph,
    Heading(Style),
    Quote,
    List(ListItem),
    Item,
    Rule,
    Break,
    Code,
    Table,
    Figure,
    Image,
    Frame,
    Link,
    Mark(Decorator),
    /// `<q>`, whose quotation marks are made by the browser.
    Quotation,
    Abbreviation,
    CheckBox,
    /// Groups blocks, says nothing.
    Wrapper,
    /// Wraps text, says nothing that a body keeps.
    Inline,
    /// Nothing but raw HTML holds it.
    Raw,
    /// Styles and hints for browsers.
    Silent,
    Unknown,
}

/// Looks an element up by its name.
pub(super) fn meaning(name: &str) -> Meaning {
    use Meaning as M;
    match name {
        "p" => M::Paragraph,
        "h1" => M::Heading(Style::H1),
        "h2" => M::Heading(Style::H2),
        "h3" => M::Heading(Style::H3),
        "h4" => M::Heading(Style::H4),
        "h5" => M::Heading(Style::H5),
        "h6" => M::Heading(Style::H6),
        "blockquote" => M::Quote,
        "ul" | "menu" => M::List(ListItem::Bullet),
        "ol" => M::List(ListItem::Number),
        "li" => M::Item,
        "hr" => M::Rule,
        "br" => M::Break,
        "pre" => M::Code,
        "table" => M::Table,
        "figure" => M::Figure,
        "img" => M::Image,
        "iframe" => M::Frame,
        "a" => M::Link,
        "strong" | "b" => M::Mark(Decorator::Strong),
        "em" | "i" => M::Mark(Decorator::Em),
        "u" | "ins" => M::Mark(Decorator::Underline),
        "s" | "del" | "strike" => M::Mark(Decorator::StrikeThrough),
        "code" | "kbd" | "samp" | "tt" => M::Mark(Decorator::Code),
        "sub" => M::Mark(Decorator::Sub),
        "sup" => M::Mark(Decorator::Sup),
        "q" => M::Quotation,
        "abbr" | "acronym" => M::Abbreviation,
        "input" => M::CheckBox,
        "div" | "section" | "article" | "aside" | "main" | "header" | "footer" | "nav" | "center" | "address" | "hgroup" | "figcaption" | "html" | "body" => M::Wrapper,
        "span" | "font" | "small" | "big" | "time" | "cite" | "dfn" | "var" | "mark" | "label" | "data" | "bdi" | "bdo" | "nobr" | "o:p" => M::Inline,
        "dl" | "details" | "ruby" => M::Raw,
        "style" | "wbr" | "meta" => M::Silent,
        _ => M::Unknown,
    }
}

/// Who serves the frame at this address, if it is a service whose frames are kept as embeds.
pub(super) fn frame_provider(url: &str) -> Option<&'static str> {
    const PROVIDERS: [(&str, &str); 22] = [
        ("youtube.com", "YouTube"),
        ("youtube-nocookie.com", "YouTube"),
        ("vimeo.com", "Vimeo"),
        ("dailymotion.com", "Dailymotion"),
        ("twitch.tv", "Twitch"),
        ("tiktok.com", "TikTok"),
        ("facebook.com", "Facebook"),
        ("instagram.com", "Instagram"),
        ("twitter.com", "X"),
        ("x.com", "X"),
        ("t.me", "Telegram"),
        ("bsky.app", "Bluesky"),
        ("spotify.com", "Spotify"),
        ("soundcloud.com", "SoundCloud"),
        ("podcasts.apple.com", "Apple Podcasts"),
        ("datawrapper.de", "Datawrapper"),
        ("dwcdn.net", "Datawrapper"),
        ("flourish.studio", "Flourish"),
        ("flo.uri.sh", "Flourish"),
        ("infogram.com", "Infogram"),
        ("documentcloud.org", "DocumentCloud"),
        ("openstreetmap.org", "OpenStreetMap"),
    ];
    let host = url.strip_prefix("https://")?;
    let host = host.split(['/', '?', '#', ':']).next()?.to_ascii_lowercase();
    if host == "www.google.com" && url.contains("/maps/embed") {
        return Some("Google Maps");
    }
    let serves = |domain: &str| host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    PROVIDERS.iter().find(|(domain, _)| serves(domain)).map(|(_, name)| *name)
}

/// The marks that an inline style amounts to, as word processors write them, and whether it takes weight away.
pub(super) fn style_marks(style: &str) -> (Vec<Decorator>, bool) {
    let mut marks = Vec::new();
    let mut plain = false;
    for rule in style.split(';') {
        let Some((property, value)) = rule.split_once(':') else {
            continue;
        };
        let value = value.trim().to_ascii_lowercase();
        match property.trim().to_ascii_lowercase().as_str() {
            "font-weight" => {
                let heavy = value.parse::<u16>().map_or(value.starts_with("bold"), |weight| weight >= 600);
                if heavy {
                    marks.push(Decorator::Strong);
                }
                plain |= !heavy;
            }
            "font-style" if value == "italic" => marks.push(Decorator::Em),
            "font-style" => plain |= value == "normal",
            "text-decoration" | "text-decoration-line" => {
                if value.contains("underline") {
                    marks.push(Decorator::Underline);
                }
                if value.contains("line-through") {
                    marks.push(Decorator::StrikeThrough);
                }
            }
            "vertical-align" if value == "sub" => marks.push(Decorator::Sub),
            "vertical-align" if value == "super" => marks.push(Decorator::Sup),
            _ => {}
        }
    }
    (marks, plain)
}
