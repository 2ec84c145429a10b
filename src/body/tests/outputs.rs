//! What is rendered, letter by letter, and what others ask about a body.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{MEDIA, OTHER, blocks, html, markdown, page, text};
use crate::body::{FigurePicture, HtmlPart, render_figure, render_related};

fn id(text: &str) -> Uuid {
    Uuid::try_parse(text).unwrap()
}

fn pictured() -> crate::body::Body {
    let image = |media: &str, caption: Value| json!({"_type": "image", "media": {"_type": "reference", "_ref": media}, "alt": "a", "caption": caption});
    blocks(json!([
        text("normal", "one"),
        image(MEDIA, json!("c")),
        {"_type": "gallery", "images": [image(OTHER, Value::Null), image(MEDIA, Value::Null)]},
        {"_type": "relatedArticle", "ref": {"_type": "reference", "_ref": OTHER}},
    ]))
}

#[test]
fn marks_nest_without_needless_cuts() {
    let cases = [
        ("<strong>a<em>b</em></strong>", "<p><strong>a<em>b</em></strong></p>\n"),
        ("<em>a<strong>b</strong></em>", "<p><em>a<strong>b</strong></em></p>\n"),
        ("<b>a <a href=/x>b</a> c</b>", "<p><strong>a <a href=\"/x\">b</a> c</strong></p>\n"),
        ("<a href=/x>a<b>b</b></a>", "<p><a href=\"/x\">a<strong>b</strong></a></p>\n"),
        ("<b>a<i>b</b>c</i>", "<p><strong>a<em>b</em></strong><em>c</em></p>\n"),
        ("<code>a<b>b</b></code>", "<p><code>a<strong>b</strong></code></p>\n"),
        ("a<br>b &lt;script&gt; \"c\"", "<p>a<br>b &lt;script&gt; &quot;c&quot;</p>\n"),
    ];
    for (source, expected) in cases {
        assert_eq!(page(&html(source)), expected, "{source}");
    }
}

#[test]
fn lists_nest() {
    assert_eq!(
        page(&markdown("- a\n  1. b\n  2. c\n- d\n\n1. e\n\n> - f")),
        "<ul>\n<li>a<ol>\n<li>b</li>\n<li>c</li>\n</ol>\n</li>\n<li>d</li>\n</ul>\n<ol>\n<li>e</li>\n</ol>\n<blockquote>\n<ul>\n<li>f</li>\n</ul>\n</blockquote>\n"
    );
    let mut deep = text("normal", "x");
    deep["listItem"] = json!("bullet");
    deep["level"] = json!(4);
    assert_eq!(page(&blocks(json!([deep]))), "<ul>\n<li>x</li>\n</ul>\n");
}

#[test]
fn blocks_have_their_html() {
    let cases = [
        (
            json!({"_type": "pullquote", "text": "a", "attribution": "b", "role": "c"}),
            "<figure class=\"pullquote\"><blockquote><p>a</p></blockquote><figcaption><span class=\"attribution\">b</span>, <span class=\"role\">c</span></figcaption></figure>\n",
        ),
        (
            json!({"_type": "embed", "url": "https://a.b/?c=d&e", "aspectRatio": "16:9"}),
            "<figure class=\"embed\" data-aspect-ratio=\"16:9\"><a href=\"https://a.b/?c=d&amp;e\">https://a.b/?c=d&amp;e</a></figure>\n",
        ),
        (json!({"_type": "code", "language": "c++", "code": "\n<a>\n"}), "<pre><code class=\"language-c++\">\n&lt;a&gt;\n</code></pre>\n"),
        (json!({"_type": "horizontal-rule"}), "<hr>\n"),
        (
            json!({"_type": "correction", "kind": "update", "date": "2026-01-05", "content": [text("normal", "a")]}),
            "<aside class=\"correction\" data-kind=\"update\"><p class=\"correction-date\"><time datetime=\"2026-01-05\">2026-01-05</time></p>\n<p>a</p>\n</aside>\n",
        ),
        (json!({"_type": "factbox", "title": "t", "content": [text("normal", "a")]}), "<aside class=\"factbox\"><p class=\"factbox-title\">t</p>\n<p>a</p>\n</aside>\n"),
        (json!({"_type": "html", "html": "<p class=x style=y>a<p>b"}), "<div data-block=\"html\"><p>a</p><p>b</p></div>\n"),
        (
            json!({"_type": "table", "headerRows": 1, "caption": "c", "rows": [
            {"_type": "row", "cells": [{"_type": "cell", "value": [text("normal", "a")]}]}, {"_type": "row", "cells": [{"_type": "cell", "value": []}]}]}),
            "<table><caption>c</caption><thead>\n<tr><th scope=\"col\">a</th></tr>\n</thead><tbody>\n<tr><td></td></tr>\n</tbody></table>\n",
        ),
    ];
    for (block, expected) in cases {
        assert_eq!(page(&blocks(json!([block]))), expected);
    }
}

#[test]
fn pictures_are_slots_and_the_rest_is_one_piece() {
    let slot = |media: &str, caption: Option<&str>, in_gallery| HtmlPart::Figure {
        media: id(media),
        alt: Some("a".to_owned()),
        caption: caption.map(str::to_owned),
        layout: None,
        in_gallery,
    };
    assert_eq!(
        pictured().render_html(),
        [
            HtmlPart::Html("<p>one</p>\n".to_owned()),
            slot(MEDIA, Some("c"), false),
            HtmlPart::Html("<figure class=\"gallery\">".to_owned()),
            slot(OTHER, None, true),
            slot(MEDIA, None, true),
            HtmlPart::Html("</figure>\n".to_owned()),
            HtmlPart::Related(id(OTHER)),
        ]
    );
    assert_eq!(markdown("a\n\n---\n\nb\n\n```\nc\n```").render_html().len(), 1);
    assert!(markdown("").render_html().is_empty() && markdown("").is_empty());
}

#[test]
fn a_figure_has_its_credit_and_escapes_everything() {
    let figure = render_figure(&FigurePicture {
        media_id: id(MEDIA),
        url: "/m?a=1&b=\"2\"",
        width: 1280,
        height: 720,
        alt: Some("<a> \"b\""),
        caption: Some("c & d\ne"),
        credit_display: "(Maxar <Technologies>)",
        srcset: &[("/m?w=640".to_owned(), 640), ("/m,?w=1280".to_owned(), 1280)],
        layout: Some("wide"),
    });
    assert_eq!(
        figure,
        format!(
            "<figure data-media-id=\"{MEDIA}\" data-layout=\"wide\"><img src=\"/m?a=1&amp;b=&quot;2&quot;\" srcset=\"/m?w=640 640w, /m%2C?w=1280 1280w\" sizes=\"auto, 100vw\" width=\"1280\" height=\"720\" alt=\"&lt;a&gt; &quot;b&quot;\" loading=\"lazy\"><figcaption>c &amp; d<br>e <span class=\"credit\">(Maxar &lt;Technologies&gt;)</span></figcaption></figure>"
        )
    );
    assert_eq!(render_related(id(OTHER), None), format!("<aside class=\"related\" data-article-id=\"{OTHER}\"></aside>"));
}

#[test]
fn pictures_are_found_and_filled_in() {
    let body = pictured();
    assert_eq!(body.media_ids(), [id(MEDIA), id(OTHER)]);
    let uses: Vec<_> = body.images().map(|image| (image.pointer, image.media, image.alt.map(str::to_owned), image.caption.map(str::to_owned))).collect();
    let alt = Some("a".to_owned());
    assert_eq!(
        uses,
        [
            ("/blocks/1".to_owned(), id(MEDIA), alt.clone(), Some("c".to_owned())),
            ("/blocks/2/images/0".to_owned(), id(OTHER), alt.clone(), None),
            ("/blocks/2/images/1".to_owned(), id(MEDIA), alt, None),
        ]
    );
    let filled = body.blocks_with(|media| (media == id(MEDIA)).then(|| json!({"withheld": true})));
    assert_eq!(filled[1]["media"], json!({"withheld": true}));
    assert_eq!(filled[2]["images"][0]["media"], json!({"_type": "reference", "_ref": OTHER}));
    assert_eq!(filled[2]["images"][1]["media"], json!({"withheld": true}));
    assert_eq!(filled[1]["caption"], "c");
}

#[test]
fn the_schema_names_every_type() {
    use utoipa::ToSchema;
    let mut schemas = Vec::new();
    crate::body::Body::schemas(&mut schemas);
    let value = serde_json::to_value(schemas.into_iter().collect::<std::collections::BTreeMap<_, _>>()).unwrap();
    let mapping = value["Block"]["discriminator"]["mapping"].as_object().unwrap();
    assert_eq!(mapping.len(), value["Block"]["oneOf"].as_array().unwrap().len());
    for (word, reference) in mapping {
        let name = reference.as_str().unwrap().rsplit('/').next().unwrap();
        assert_eq!(value[name]["properties"]["_type"]["enum"], json!([word]), "{name}");
        assert_eq!(value[name]["additionalProperties"], json!(false), "{name}");
    }
}
