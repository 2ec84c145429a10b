//! HTML in, and back out.

use serde_json::{Value, json};

use super::{MEDIA, OTHER, bare, codes, html, item, page, text};
use crate::body::Body;

/// Reads, writes and reads again; the blocks as JSON.
fn read(source: &str) -> Value {
    let body = html(source);
    let again = page(&body);
    assert_eq!(bare(&html(&again)), bare(&body), "{source}\n---\n{again}");
    bare(&body)
}

#[test]
fn text_and_white_space() {
    assert_eq!(
        read("<div><section>\n  <p> a \n b </p>\n<p></p><p>&nbsp;</p> loose <b> c</b> </section></div>"),
        json!([
            text("normal", "a b"),
            {"_type": "block", "style": "normal", "markDefs": [], "children": [
                {"_type": "span", "text": "loose ", "marks": []}, {"_type": "span", "text": "c", "marks": ["strong"]},
            ]},
        ])
    );
    assert_eq!(read("<h2>Заголовок</h2><p>a<br> b &amp; &lt;i&gt;</p>"), json!([text("h2", "Заголовок"), text("normal", "a\nb & <i>")]));
    assert_eq!(read("<!-- wp:paragraph --><p>a</p><!-- /wp:paragraph --><style>p{}</style>"), json!([text("normal", "a")]));
    assert_eq!(read("<q>a</q>"), json!([text("normal", "\u{201c}a\u{201d}")]));
    assert_eq!(read("<p dir=rtl>\u{5e9}\u{5dc}\u{5d5}\u{5dd}</p>"), json!([text("normal", "\u{5e9}\u{5dc}\u{5d5}\u{5dd}")]));
}

#[test]
fn pastes_from_word_processors() {
    let paste = "<meta charset=utf-8><b style=\"font-weight:normal;\"><p dir=ltr><span style=\"font-weight:700\">a</span><span style=\"font-style:italic;text-decoration:underline\">b</span><o:p></o:p></p></b>";
    assert_eq!(
        read(paste),
        json!([{"_type": "block", "style": "normal", "markDefs": [], "children": [
            {"_type": "span", "text": "a", "marks": ["strong"]}, {"_type": "span", "text": "b", "marks": ["em", "underline"]},
        ]}])
    );
}

#[test]
fn lists_and_quotes() {
    assert_eq!(read("<ul><li>a<ol><li>b</li></ol></li><li><p>c</p><p>d</p></li></ul>"), json!([item("bullet", 1, "a"), item("number", 2, "b"), item("bullet", 1, "c\nd")]));
    assert_eq!(read("<ul><ul><li>a</li></ul></ul>"), json!([item("bullet", 1, "a")]));
    assert_eq!(read("<blockquote><p>a</p><p>b</p><ul><li>c</li></ul><cite>d</cite></blockquote>")[3], text("blockquote", "d"));
    let mut task = item("task", 1, "t");
    task["checked"] = json!(true);
    assert_eq!(read("<ul><li><label><input type=checkbox checked> t</label></li></ul>"), json!([task]));
    assert_eq!(read("<ol start=5><li>a</li></ol>"), json!([{"_type": "html", "html": "<ol start=\"5\"><li>a</li></ol>"}]));
}

#[test]
fn pictures() {
    let image = json!({"_type": "image", "media": {"_type": "reference", "_ref": MEDIA}, "alt": "a \"b\"", "caption": "Under it\nagain", "layout": "wide"});
    let figure = format!(
        "<figure data-media-id=\"{MEDIA}\" data-layout=\"wide\"><img src=\"x\" alt='a \"b\"'><figcaption>Under <em>it</em><br>again <span class=\"credit\">(Maxar)</span></figcaption></figure>"
    );
    assert_eq!(read(&figure), json!([image]));
    assert_eq!(
        read(&format!("<p>a <img data-media-id={MEDIA}> b</p>")),
        json!([
            text("normal", "a"), {"_type": "image", "media": {"_type": "reference", "_ref": MEDIA}}, text("normal", "b"),
        ])
    );
    let gallery = format!("<figure class=gallery><figcaption>T</figcaption>{figure}<div><img data-media-id={OTHER}></div></figure>");
    assert_eq!(read(&gallery), json!([{"_type": "gallery", "title": "T", "images": [image, {"_type": "image", "media": {"_type": "reference", "_ref": OTHER}}]}]));
}

#[test]
fn boxes() {
    assert_eq!(
        read("<figure class=\"wp-block-pullquote\"><blockquote><p>a</p><cite>b</cite></blockquote></figure>"),
        json!([{"_type": "pullquote", "text": "a", "attribution": "b"}])
    );
    assert_eq!(
        read("<figure class=embed data-provider=X><a href=\"https://x.com/a/status/1\">https://x.com/a/status/1</a></figure>"),
        json!([{"_type": "embed", "url": "https://x.com/a/status/1", "provider": "X"}])
    );
    assert_eq!(
        read("<iframe src=\"//player.vimeo.com/video/1\" title=\"t\"></iframe>"),
        json!([{"_type": "embed", "url": "https://player.vimeo.com/video/1", "provider": "Vimeo", "title": "t"}])
    );
    assert_eq!(
        read("<aside class=factbox><h3>t</h3><p>a</p><ul><li>b</li></ul></aside>"),
        json!([{"_type": "factbox", "title": "t", "content": [text("normal", "a"), item("bullet", 1, "b")]}])
    );
    assert_eq!(
        read("<aside class=correction data-kind=retraction><time datetime=2026-01-05></time>gone</aside>"),
        json!([
            {"_type": "correction", "kind": "retraction", "date": "2026-01-05", "content": [text("normal", "gone")]},
        ])
    );
    assert_eq!(read(&format!("<aside data-article-id={OTHER}><a href=/x>H</a></aside>")), json!([{"_type": "relatedArticle", "ref": {"_type": "reference", "_ref": OTHER}}]));
    assert_eq!(read("<pre class=\"language-py\">a\n  <b>b</b></pre>"), json!([{"_type": "code", "language": "py", "code": "a\n  b"}]));
    assert_eq!(read("<details open class=x><summary>a</summary>b</details>"), json!([{"_type": "html", "html": "<details open=\"\"><summary>a</summary>b</details>"}]));
}

#[test]
fn tables() {
    let table = read(
        "<figure class=wp-block-table><table><thead><tr><th>a</th></tr></thead><tbody><tr><td><p>b</p><ul><li>c</li></ul></td></tr><tr><td></td></tr></tbody></table><figcaption>cap</figcaption></figure>",
    );
    assert_eq!(
        table,
        json!([{"_type": "table", "headerRows": 1, "caption": "cap", "rows": [
            {"_type": "row", "cells": [{"_type": "cell", "value": [text("normal", "a")]}]},
            {"_type": "row", "cells": [{"_type": "cell", "value": [text("normal", "b"), item("bullet", 1, "c")]}]},
            {"_type": "row", "cells": [{"_type": "cell", "value": [text("normal", "")]}]},
        ]}])
    );
    assert_eq!(read("<table><tr><td colspan=2>a</td></tr></table>")[0]["_type"], "html");
}

#[test]
fn links_keep_what_they_say() {
    let body = read("<p><a href=\"https://a.b\" title=t rel=\"noopener nofollow\" target=_blank>a</a><a href=\"https://a.b\">b</a> <a name=x>c</a></p>");
    assert_eq!(body[0]["markDefs"], json!([{"_type": "link", "href": "https://a.b", "title": "t", "rel": "nofollow"}, {"_type": "link", "href": "https://a.b"}]));
}

#[test]
fn what_cannot_be_kept_is_told_with_its_line() {
    let media = format!("<img data-media-id={MEDIA}>");
    let cases = [
        ("<p>a</p>\n<script>x</script>".to_owned(), "unsafe-html", 2),
        ("<iframe src=\"https://evil.example\"></iframe>".to_owned(), "unsupported-element", 1),
        ("<iframe src=\"https://notyoutube.com\"></iframe>".to_owned(), "unsupported-element", 1),
        ("<a href=\"JAVASCRIPT:x\">a</a>".to_owned(), "unsafe-link", 1),
        ("<a href=\"&#106;avascript:x\">a</a>".to_owned(), "unsafe-link", 1),
        ("\n\n<img src=x onerror=y>".to_owned(), "image-without-media", 3),
        ("<video src=x>".to_owned(), "unsupported-element", 1),
        ("<svg><script>x</script></svg>".to_owned(), "unsupported-element", 1),
        ("<object data=x></object>".to_owned(), "unsupported-element", 1),
        ("<form><input name=a></form>".to_owned(), "unsupported-element", 1),
        ("<template><p>a</p></template>".to_owned(), "unsupported-element", 1),
        ("<math><mi>a</mi></math>".to_owned(), "unsupported-element", 1),
        ("<abbr title=b>a</abbr>".to_owned(), "unsupported-attribute", 1),
        ("<table><script>x</script><tr><td>a</td></tr></table>".to_owned(), "unsafe-html", 1),
        (format!("<ul><li>{media}</li></ul>"), "not-here", 1),
        (format!("<a href=/x>{media}</a>"), "not-here", 1),
        (format!("<figure><a href=/x>{media}</a></figure>"), "not-here", 1),
        (format!("<figure>{media}<script src=x></script></figure>"), "not-here", 1),
        (format!("<figure>{media}text</figure>"), "not-here", 1),
        (format!("<figure>{media}<figcaption><a href=/x>a</a></figcaption></figure>"), "link-in-text", 1),
        ("<figure class=pullquote><blockquote>a</blockquote><p>b</p></figure>".to_owned(), "not-here", 1),
        ("<figure class=embed><a href=http://a.b>a</a></figure>".to_owned(), "unsafe-link", 1),
        ("<aside class=factbox>a</aside>".to_owned(), "required", 1),
        ("<aside class=correction>a</aside>".to_owned(), "invalid", 1),
        ("<blockquote><blockquote>a</blockquote></blockquote>".to_owned(), "nested-quote", 1),
        ("<ul><li>a<ul><li>b</li></ul>c</li></ul>".to_owned(), "text-after-list", 1),
        ("<dl><dt onclick=x>a</dt></dl>".to_owned(), "unsupported-attribute", 1),
        ("<![CDATA[x]]>".to_owned(), "unsupported-element", 1),
        ("a <!-- b".to_owned(), "unclosed-comment", 1),
    ];
    for (source, code, line) in cases {
        let problems = Body::from_html(&source).unwrap_err();
        assert_eq!((problems[0].code, problems[0].pointer.as_str()), (code, "/html"), "{source}\n{problems:?}");
        assert!(problems[0].detail.starts_with(&format!("line {line}: ")), "{source}\n{problems:?}");
    }
    assert_eq!(codes(Body::from_html("<p>a</p><p><script>x</script><img></p>")), ["unsafe-html", "image-without-media"]);
}
