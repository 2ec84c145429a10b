//! The HTML of one picture. A picture's address, state and credit are known only when a story is read, so the
//! caller brings them; there is no way to write a picture here without its credit.

use std::fmt::Write;

use uuid::Uuid;

use super::html::{attribute, escape, lines};

/// What is needed to show a picture.
#[derive(Debug, Clone, Copy)]
pub struct FigurePicture<'a> {
    /// The picture, so that the figure can be read back.
    pub media_id: Uuid,
    /// Where its bytes are.
    pub url: &'a str,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// What the picture shows, for those who cannot see it.
    pub alt: Option<&'a str>,
    /// What this story says under it.
    pub caption: Option<&'a str>,
    /// Who must be named, as it is displayed: `(Maxar Technologies)`.
    pub credit_display: &'a str,
    /// Addresses of the renditions with their widths in pixels.
    pub srcset: &'a [(String, u32)],
    /// How the story wants it placed.
    pub layout: Option<&'a str>,
}

/// The `<figure>` of a picture. All texts are escaped.
pub fn render_figure(picture: &FigurePicture<'_>) -> String {
    let mut out = format!("<figure data-media-id=\"{}\"", picture.media_id);
    if let Some(layout) = picture.layout {
        attribute("data-layout", layout, &mut out);
    }
    out.push_str("><img");
    attribute("src", picture.url, &mut out);
    if !picture.srcset.is_empty() {
        let candidates: Vec<String> = picture.srcset.iter().map(|(url, width)| format!("{} {width}w", url.replace(' ', "%20").replace(',', "%2C"))).collect();
        attribute("srcset", &candidates.join(", "), &mut out);
        out.push_str(" sizes=\"auto, 100vw\"");
    }
    let _ = write!(out, " width=\"{}\" height=\"{}\"", picture.width, picture.height);
    attribute("alt", picture.alt.unwrap_or_default(), &mut out);
    out.push_str(" loading=\"lazy\"><figcaption>");
    if let Some(caption) = picture.caption {
        lines(caption, &mut out);
        out.push(' ');
    }
    out.push_str("<span class=\"credit\">");
    escape(picture.credit_display, &mut out);
    out.push_str("</span></figcaption></figure>");
    out
}

/// The HTML of a pointer to another story, with its address and headline if it is live.
pub fn render_related(article: Uuid, link: Option<(&str, &str)>) -> String {
    let mut out = format!("<aside class=\"related\" data-article-id=\"{article}\">");
    if let Some((url, headline)) = link {
        out.push_str("<a");
        attribute("href", url, &mut out);
        out.push('>');
        escape(headline, &mut out);
        out.push_str("</a>");
    }
    out.push_str("</aside>");
    out
}
