//! Blocks as JSON: every shape is kept, everything else is refused with its place.

use serde_json::{Value, json};

use super::{MEDIA, OTHER, bare, blocks, codes, markdown, page, text};
use crate::body::Body;
use crate::body::limits::{MAX_BLOCKS, MAX_PROBLEMS, MAX_TABLE_ROWS, MAX_TEXT_BYTES};

/// One block of every type, as a client may send it.
fn every_block() -> Vec<Value> {
    let media = json!({"_type": "reference", "_ref": MEDIA});
    let note = json!([{"_type": "block", "style": "normal", "children": [{"_type": "span", "text": "Мир", "marks": ["em"]}], "markDefs": []}]);
    vec![
        json!({"_type": "block", "style": "normal", "children": [
            {"_type": "span", "text": "See ", "marks": []},
            {"_type": "span", "text": "the report", "marks": ["strong", "l"]},
            {"_type": "span", "text": " and ", "marks": []},
            {"_type": "span", "text": "ours", "marks": ["n"]},
        ], "markDefs": [
            {"_type": "link", "_key": "l", "href": "https://example.org/?a=1&b=2", "title": "T", "rel": "nofollow sponsored"},
            {"_type": "internalLink", "_key": "n", "ref": {"_type": "reference", "_ref": OTHER}, "href": "/news/x"},
        ]}),
        json!({"_type": "block", "style": "normal", "listItem": "task", "level": 1, "checked": true,
            "children": [{"_type": "span", "text": "done", "marks": []}], "markDefs": []}),
        json!({"_type": "image", "media": media, "alt": "A bridge", "caption": "The bridge", "layout": "wide"}),
        json!({"_type": "gallery", "title": "The day", "images": [
            {"_type": "image", "media": media, "alt": "One"},
            {"_type": "image", "media": {"_type": "reference", "_ref": OTHER}, "caption": "Two <3"},
        ]}),
        json!({"_type": "pullquote", "text": "We stay.\nAll of us.", "attribution": "Olena", "role": "Mayor"}),
        json!({"_type": "embed", "url": "https://www.youtube.com/watch?v=x", "provider": "YouTube", "title": "Video", "aspectRatio": "16:9"}),
        json!({"_type": "factbox", "title": "Background", "content": note}),
        json!({"_type": "table", "headerRows": 2, "caption": "Losses", "rows": [
            {"_type": "row", "cells": [{"_type": "cell", "value": note}, {"_type": "cell", "value": [text("normal", "b")]}]},
            {"_type": "row", "cells": [{"_type": "cell", "value": [text("normal", "c")]}, {"_type": "cell", "value": note}]},
            {"_type": "row", "cells": [{"_type": "cell", "value": [text("normal", "d"), text("normal", "e")]}, {"_type": "cell", "value": note}]},
        ]}),
        json!({"_type": "code", "language": "rust", "code": "fn main() {\n    ```\n}"}),
        json!({"_type": "horizontal-rule"}),
        json!({"_type": "correction", "kind": "editors_note", "date": "2024-02-29", "content": note}),
        json!({"_type": "relatedArticle", "ref": {"_type": "reference", "_ref": OTHER}}),
        json!({"_type": "html", "html": "<dl><dt>a</dt><dd>b</dd></dl>"}),
    ]
}

#[test]
fn every_block_is_kept() {
    let mut sent = Value::Array(every_block());
    let body = blocks(sent.clone());
    // Marks are in one order, links are numbered by place.
    sent[0]["children"][1]["marks"] = json!([0, "strong"]);
    sent[0]["children"][3]["marks"] = json!([1]);
    for def in sent[0]["markDefs"].as_array_mut().unwrap() {
        def.as_object_mut().unwrap().remove("_key");
    }
    assert_eq!(bare(&body), sent);
}

#[test]
fn every_block_survives_markdown_and_html() {
    let body = blocks(Value::Array(every_block()));
    assert_eq!(bare(&markdown(&body.to_markdown())), bare(&body), "{}", body.to_markdown());
    let html = page(&body);
    assert_eq!(bare(&super::html(&html)), bare(&body), "{html}");
}

#[test]
fn stored_json_reads_back_as_itself() {
    let body = blocks(Value::Array(every_block()));
    let stored = serde_json::to_string(&body).unwrap();
    assert_eq!(serde_json::from_str::<Body>(&stored).unwrap(), body);
    let error = serde_json::from_str::<Body>(r#"[{"_type":"video"}]"#).unwrap_err().to_string();
    assert!(error.contains("/blocks/0/_type"), "{error}");
}

#[test]
fn keys_are_kept_made_and_never_shared() {
    let para = |key: Option<&str>, words: &str| {
        let mut block = text("normal", words);
        if let Some(key) = key {
            block["_key"] = json!(key);
        }
        block
    };
    let body = blocks(json!([para(Some("mine"), "a"), para(None, "same"), para(None, "same"), para(None, "other")]));
    let value = serde_json::to_value(&body).unwrap();
    let keys: Vec<&str> = value.as_array().unwrap().iter().map(|block| block["_key"].as_str().unwrap()).collect();
    assert_eq!(keys[0], "mine");
    assert_eq!(keys[2], format!("{}-2", keys[1]));
    assert_ne!(keys[3], keys[1]);
    // A paragraph keeps its key when another is put before it.
    let moved = serde_json::to_value(blocks(json!([para(None, "new"), para(None, "other")]))).unwrap();
    assert_eq!(moved[1]["_key"], keys[3]);
    assert_eq!(codes(Body::from_blocks(json!([para(Some("k"), "a"), para(Some("k"), "b")]))), ["duplicate-key"]);
}

#[test]
fn problems_say_where() {
    let cases = [
        (json!({}), "/blocks", "not-an-array"),
        (json!([1]), "/blocks/0", "not-an-object"),
        (json!([{}]), "/blocks/0/_type", "required"),
        (json!([{"_type": "video"}]), "/blocks/0/_type", "unknown-type"),
        (json!([{"_type": "block", "children": [], "colour": 1}]), "/blocks/0/colour", "unknown-member"),
        (json!([{"_type": "block", "children": [], "a/b~c": 1}]), "/blocks/0/a~1b~0c", "unknown-member"),
        (json!([{"_type": "block", "style": "h7", "children": []}]), "/blocks/0/style", "invalid"),
        (json!([{"_type": "block", "listItem": "bullet", "level": 9, "children": []}]), "/blocks/0/level", "invalid"),
        (json!([{"_type": "block", "level": 1, "children": []}]), "/blocks/0/level", "invalid"),
        (json!([{"_type": "block", "listItem": "bullet", "checked": true, "children": []}]), "/blocks/0/checked", "invalid"),
        (json!([{"_type": "block", "children": [{"_type": "span", "text": "a", "marks": ["bold"]}]}]), "/blocks/0/children/0/marks/0", "unknown-mark"),
        (json!([{"_type": "block", "children": [{"_type": "span", "text": "a\u{0}"}]}]), "/blocks/0/children/0/text", "control-character"),
        (json!([{"_type": "block", "children": [{"_type": "span", "text": "a\u{7f}"}]}]), "/blocks/0/children/0/text", "control-character"),
        (json!([{"_type": "block", "children": [{"_type": "span", "text": 5}]}]), "/blocks/0/children/0/text", "not-a-string"),
        (json!([{"_type": "block", "children": [{"_type": "span"}]}]), "/blocks/0/children/0/text", "required"),
        (json!([{"_type": "block", "children": [{"_type": "span", "text": "a", "marks": vec!["em"; 17]}]}]), "/blocks/0/children/0/marks", "too-long"),
        (json!([{"_type": "image", "media": MEDIA}]), "/blocks/0/media", "not-an-object"),
        (json!([{"_type": "image"}]), "/blocks/0/media", "required"),
        (json!([{"_type": "image", "media": {"_type": "reference", "_ref": "x"}}]), "/blocks/0/media/_ref", "invalid"),
        (json!([{"_type": "image", "media": {"_type": "reference", "_ref": MEDIA}, "src": "x"}]), "/blocks/0/src", "unknown-member"),
        (json!([{"_type": "gallery", "images": []}]), "/blocks/0/images", "required"),
        (json!([{"_type": "gallery", "images": [{"_type": "code", "code": ""}]}]), "/blocks/0/images/0/_type", "wrong-type"),
        (json!([{"_type": "embed", "url": "http://a.b"}]), "/blocks/0/url", "unsafe-link"),
        (json!([{"_type": "embed", "url": "https://a.b", "aspectRatio": "wide"}]), "/blocks/0/aspectRatio", "invalid"),
        (json!([{"_type": "pullquote", "text": " "}]), "/blocks/0/text", "required"),
        (json!([{"_type": "correction", "kind": "oops", "date": "2026-01-01", "content": []}]), "/blocks/0/kind", "invalid"),
        (json!([{"_type": "correction", "kind": "update", "date": "2026-02-29", "content": []}]), "/blocks/0/date", "invalid"),
        (json!([{"_type": "factbox", "title": "t", "content": [{"_type": "horizontal-rule"}]}]), "/blocks/0/content/0/_type", "wrong-type"),
        (json!([{"_type": "table", "rows": []}]), "/blocks/0/rows", "invalid"),
        (json!([{"_type": "table", "rows": [{"_type": "row", "cells": []}]}]), "/blocks/0/rows/0/cells", "invalid"),
        (json!([{"_type": "html", "html": "<p onclick=x>a</p>"}]), "/blocks/0/html", "unsupported-attribute"),
        (json!([{"_type": "html", "html": "<script>x</script>"}]), "/blocks/0/html", "unsafe-html"),
        (json!([{"_type": "html", "html": "<img src=x>"}]), "/blocks/0/html", "image-without-media"),
        (json!([{"_type": "html", "html": "<a href='javascript:x'>a</a>"}]), "/blocks/0/html", "unsafe-link"),
    ];
    for (input, pointer, code) in cases {
        let problems = Body::from_blocks(input.clone()).unwrap_err();
        assert_eq!((problems[0].pointer.as_str(), problems[0].code), (pointer, code), "{input} {problems:?}");
        assert_eq!(problems.len(), 1, "{input} {problems:?}");
    }
}

#[test]
fn links_go_nowhere_unsafe() {
    let refused = [
        "javascript:alert(1)",
        "JaVaScRiPt:x",
        " javascript:x",
        "java\tscript:x",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc",
        "//evil.example",
        "/\\evil.example",
        "foo",
        "?q",
        "https:",
        "https://",
        "http:/a",
        "mailto:",
        "",
        "blob:x",
        "view-source:https://a",
    ];
    for href in refused {
        let link = json!([{"_type": "block", "children": [{"_type": "span", "text": "a", "marks": ["l"]}],
            "markDefs": [{"_type": "link", "_key": "l", "href": href}]}]);
        assert!(Body::from_blocks(link).is_err(), "{href:?}");
    }
    for href in ["https://a.b/c?d=e#f", "http://a.b", "HTTPS://A.b", "mailto:a@b.c", "tel:+380441234567", "/news/x", "#top", "https://дія.укр/шлях", "https://[::1]/"] {
        let link = json!([{"_type": "block", "children": [{"_type": "span", "text": "a", "marks": ["l"]}],
            "markDefs": [{"_type": "link", "_key": "l", "href": href}]}]);
        assert!(Body::from_blocks(link).is_ok(), "{href:?}");
    }
}

#[test]
fn two_links_on_a_span_are_refused() {
    let link = |key: &str| json!({"_type": "link", "_key": key, "href": "/"});
    let input = json!([{"_type": "block", "children": [{"_type": "span", "text": "a", "marks": ["a", "b"]}], "markDefs": [link("a"), link("b")]}]);
    assert_eq!(codes(Body::from_blocks(input)), ["nested-link"]);
}

#[test]
fn text_is_normalised_but_not_changed() {
    let body = blocks(json!([text("normal", "e\u{301}\r\nb\rc \u{202b}\u{5d0}")]));
    assert_eq!(body.to_text(), "é\nb\nc \u{202b}\u{5d0}");
    let unused = json!([{"_type": "block", "children": [{"_type": "span", "text": "a"}], "markDefs": [{"_type": "link", "_key": "l", "href": "/"}]}]);
    assert_eq!(bare(&blocks(unused)), json!([text("normal", "a")]));
}

#[test]
fn limits_hold() {
    let long = "a".repeat(MAX_TEXT_BYTES);
    assert_eq!(codes(Body::from_blocks(json!([text("normal", &format!("{long}a"))]))), ["too-long"]);
    assert!(Body::from_blocks(json!([text("normal", &long)])).is_ok());
    let many = |count: usize| Value::Array((0..count).map(|_| json!({"_type": "horizontal-rule"})).collect());
    assert_eq!(codes(Body::from_blocks(many(MAX_BLOCKS + 1))), ["too-long"]);
    assert!(Body::from_blocks(many(MAX_BLOCKS)).is_ok());
    let row = json!({"_type": "row", "cells": [{"_type": "cell", "value": []}]});
    let table = |rows: usize| json!([{"_type": "table", "rows": vec![row.clone(); rows]}]);
    assert_eq!(codes(Body::from_blocks(table(MAX_TABLE_ROWS + 1))), ["invalid"]);
    assert!(Body::from_blocks(table(MAX_TABLE_ROWS)).is_ok());
    assert_eq!(Body::from_blocks(Value::Array(vec![json!(1); 4_000])).unwrap_err().len(), MAX_PROBLEMS);
}
