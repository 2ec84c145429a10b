//! Markdown in and out.

use serde_json::{Value, json};

use super::{MEDIA, bare, codes, item, markdown, text};
use crate::body::Body;

/// Reads, writes and reads again; the blocks as JSON.
fn read(source: &str) -> Value {
    let body = markdown(source);
    let again = body.to_markdown();
    assert_eq!(bare(&markdown(&again)), bare(&body), "{source}\n---\n{again}");
    bare(&body)
}

fn spans(parts: &[(&str, &[&str])]) -> Value {
    let children: Vec<Value> = parts.iter().map(|(text, marks)| json!({"_type": "span", "text": text, "marks": marks})).collect();
    json!([{"_type": "block", "style": "normal", "children": children, "markDefs": []}])
}

#[test]
fn paragraphs_and_headings() {
    assert_eq!(
        read("# Перемога\n\nSoft\nbreak\n\nSetext\n======\n\n###### six"),
        json!([text("h1", "Перемога"), text("normal", "Soft break"), text("h1", "Setext"), text("h6", "six"),])
    );
    assert_eq!(read("a\\\nb  \nc<br>d"), json!([text("normal", "a\nb\nc\nd")]));
    assert_eq!(read("## a<br>b"), json!([text("h2", "a\nb")]));
    assert_eq!(read("one\n\n---\n\ntwo"), json!([text("normal", "one"), {"_type": "horizontal-rule"}, text("normal", "two")]));
    assert_eq!(read("\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{200f}😀 👩‍👩‍👧"), json!([text("normal", "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{200f}😀 👩‍👩‍👧")]));
}

#[test]
fn marks() {
    assert_eq!(
        read("a **b _c_** ~~d~~ `e` <u>f</u> H<sub>2</sub>O x<sup>2</sup>"),
        spans(&[
            ("a ", &[]),
            ("b ", &["strong"]),
            ("c", &["strong", "em"]),
            (" ", &[]),
            ("d", &["strike-through"]),
            (" ", &[]),
            ("e", &["code"]),
            (" ", &[]),
            ("f", &["underline"]),
            (" H", &[]),
            ("2", &["sub"]),
            ("O x", &[]),
            ("2", &["sup"]),
        ])
    );
    assert_eq!(read("`` a`b `` ``` `` ```"), spans(&[("a`b", &["code"]), (" ", &[]), ("``", &["code"])]));
    assert_eq!(read("***both***"), spans(&[("both", &["strong", "em"])]));
    assert_eq!(read("un*frigging*believable"), spans(&[("un", &[]), ("frigging", &["em"]), ("believable", &[])]));
    assert_eq!(read("**a `b`**"), spans(&[("a ", &["strong"]), ("b", &["strong", "code"])]));
    assert_eq!(read("<strong>a </strong>b"), spans(&[("a ", &["strong"]), ("b", &[])]));
}

#[test]
fn marks_are_written_the_plain_way() {
    for source in [
        "a **b _c_** ~~d~~ `e` <u>f</u>",
        "[a](https://b.c/?d=1&e=2 \"d\") and [**e**](/f)",
        "> q\n>\n> r\n>\n> - s",
        "- a\n  1. b\n  2. c\n- [x] d",
        "| a | b |\n| --- | --- |\n| **c** | d |",
        "snake_case 3.5 AT&T",
    ] {
        assert_eq!(markdown(source).to_markdown(), source);
    }
}

#[test]
fn what_looks_like_markup_is_escaped() {
    for words in [
        "# no heading",
        "1. no list",
        "1) no list",
        "12345678901. x",
        "- no list",
        "+ no list",
        "+1",
        "> no quote",
        "=== x",
        "---",
        "***",
        "a * b * c",
        "_a_",
        "__a__",
        "`a`",
        "[a](b)",
        "![a](b)",
        "<b>",
        "</b>",
        "&amp; &lt; &#65;",
        "AT&T",
        "a | b",
        "~~~",
        "~a~",
        "\\",
        "\\*",
        "a\\",
        "ends with #",
        "http://a.b/_c_",
        "a\n- b",
        "a\n1. b",
        "a\n===",
        "a\n| - |\n",
        ": -",
        "    four",
        "\tb",
        "$x$",
        "[x]: /y",
        "!",
        "*",
        "hey!",
    ] {
        let body = super::blocks(json!([text("normal", words)]));
        let kept = words.trim_matches([' ', '\t', '\n']);
        assert_eq!(bare(&markdown(&body.to_markdown())), json!([text("normal", kept)]), "{}", body.to_markdown());
    }
}

#[test]
fn links() {
    let body = read("[a **b**](https://x.y/z \"T \\\"q\\\"\") <https://a.b> <me@a.b> <a href=\"/s\" rel=\"sponsored\">s</a>");
    assert_eq!(
        body[0]["markDefs"],
        json!([
            {"_type": "link", "href": "https://x.y/z", "title": "T \"q\""},
            {"_type": "link", "href": "https://a.b"},
            {"_type": "link", "href": "mailto:me@a.b"},
            {"_type": "link", "href": "/s", "rel": "sponsored"},
        ])
    );
    assert_eq!(body[0]["children"][1]["marks"], json!([0, "strong"]));
    let own = read(&format!("[a](internal:{MEDIA}) [b](internal:{MEDIA}:/news/x) ![](media:{MEDIA})"));
    assert_eq!(
        own[0]["markDefs"],
        json!([
            {"_type": "internalLink", "ref": {"_type": "reference", "_ref": MEDIA}},
            {"_type": "internalLink", "ref": {"_type": "reference", "_ref": MEDIA}, "href": "/news/x"},
        ])
    );
    assert_eq!(read("[a][r] and [R]\n\n[r]: /x")[0]["markDefs"], json!([{"_type": "link", "href": "/x"}]));
    assert_eq!(read("wow\\![a](<https://x/(y)>)")[0]["markDefs"], json!([{"_type": "link", "href": "https://x/(y)"}]));
}

#[test]
fn lists() {
    assert_eq!(
        read("- a\n  - b\n    1. c\n    2. d\n  - e\n- f\n\n1. g"),
        json!([
            item("bullet", 1, "a"),
            item("bullet", 2, "b"),
            item("number", 3, "c"),
            item("number", 3, "d"),
            item("bullet", 2, "e"),
            item("bullet", 1, "f"),
            item("number", 1, "g"),
        ])
    );
    assert_eq!(read("- a\n\n  second paragraph\n- b"), json!([item("bullet", 1, "a\nsecond paragraph"), item("bullet", 1, "b")]));
    assert_eq!(read("-\n- b"), json!([item("bullet", 1, ""), item("bullet", 1, "b")]));
    let mut heading = item("bullet", 1, "h");
    heading["style"] = json!("h3");
    assert_eq!(read("- ### h"), json!([heading]));
    let mut task = item("task", 1, "t");
    task["checked"] = json!(false);
    assert_eq!(read("- [ ] t\n- b"), json!([task, item("bullet", 1, "b")]));
    assert_eq!(read("- a<br>b\\\n  c"), json!([item("bullet", 1, "a\nb\nc")]));
}

#[test]
fn a_quote_with_two_paragraphs_and_a_list() {
    let mut listed = item("bullet", 1, "c");
    listed["style"] = json!("blockquote");
    assert_eq!(read("> a\n>\n> b\n>\n> - c"), json!([text("blockquote", "a"), text("blockquote", "b"), listed]));
    assert_eq!(read("> a\n\nb"), json!([text("blockquote", "a"), text("normal", "b")]));
}

#[test]
fn tables() {
    let body = read("| a | b |\n|:--|--:|\n| **c** | d\\|e<br>f |\n| `g` | |");
    assert_eq!(body[0]["headerRows"], 1);
    assert_eq!(body[0]["rows"][1]["cells"][0]["value"][0]["children"][0], json!({"_type": "span", "text": "c", "marks": ["strong"]}));
    assert_eq!(body[0]["rows"][1]["cells"][1]["value"][0]["children"][0]["text"], "d|e\nf");
    assert_eq!(body[0]["rows"][2]["cells"][1]["value"][0]["children"][0]["text"], "");
    assert_eq!(codes(Body::from_markdown("| a |\n| - |\n| b | lost |")), ["table-cell-beyond"]);
}

#[test]
fn pictures_code_embeds_and_objects() {
    assert_eq!(
        read(&format!("![A *b*](media:{MEDIA} \"C \\\"d\\\"\")\n\nbefore ![x](media:{MEDIA}) after")),
        json!([
            {"_type": "image", "media": {"_type": "reference", "_ref": MEDIA}, "alt": "A b", "caption": "C \"d\""},
            text("normal", "before"),
            {"_type": "image", "media": {"_type": "reference", "_ref": MEDIA}, "alt": "x"},
            text("normal", "after"),
        ])
    );
    assert_eq!(
        read("```rust\nlet a = `b`;\n\n```\n\n    indented\n\n````\n```\n````"),
        json!([
            {"_type": "code", "language": "rust", "code": "let a = `b`;\n"}, {"_type": "code", "code": "indented"}, {"_type": "code", "code": "```"},
        ])
    );
    assert_eq!(
        read("```embed\nhttps://vimeo.com/1\ntitle: A: b\nprovider: Vimeo\nratio: 4:3\n```"),
        json!([
            {"_type": "embed", "url": "https://vimeo.com/1", "title": "A: b", "provider": "Vimeo", "aspectRatio": "4:3"},
        ])
    );
    assert_eq!(read("```json:object\n{\"_type\": \"pullquote\", \"text\": \"a\"}\n```"), json!([{"_type": "pullquote", "text": "a"}]));
}

#[test]
fn html_in_markdown() {
    assert_eq!(
        read("<iframe src=\"https://www.youtube.com/embed/x\" width=\"560\" height=\"315\"></iframe>"),
        json!([
            {"_type": "embed", "url": "https://www.youtube.com/embed/x", "provider": "YouTube", "aspectRatio": "16:9"},
        ])
    );
    assert_eq!(read("<div class=\"x\">\n\n**a**\n\n</div>"), spans(&[("a", &["strong"])]));
    assert_eq!(read("a <span class=\"b\">c</span> <!-- d -->"), json!([text("normal", "a c")]));
    assert_eq!(read("<dl><dt>a</dt></dl>"), json!([{"_type": "html", "html": "<dl><dt>a</dt></dl>"}]));
}

#[test]
fn what_cannot_be_kept_is_told_with_its_line() {
    let cases = [
        ("a\n\n[x](javascript:alert)", "unsafe-link", 3),
        ("![a](https://a.b/c.jpg)", "image-without-media", 1),
        ("- a\n\n  ![a](media:0192f0c1-2d3e-7a4b-8c5d-6e7f80910a1b)", "not-here", 3),
        ("> # a", "heading-in-quote", 1),
        ("> > a", "nested-quote", 1),
        ("- > a", "quote-in-list", 1),
        ("2024. The year", "list-start", 1),
        ("- # a\n\n  b", "mixed-list-item", 3),
        ("- a\n  - b\n\n  c", "text-after-list", 4),
        ("a <u>b", "unbalanced-html", 1),
        ("a </u> b", "unbalanced-html", 1),
        ("x\n\n<script>y</script>", "unsafe-html", 3),
        ("a <iframe src=\"https://evil.example\"></iframe>", "unsupported-element", 1),
        ("```json:object\n{\n```", "invalid-json", 1),
        ("```json:object\n{\"_type\":\"image\"}\n```", "required", 1),
        ("```embed\nhttp://a.b\n```", "unsafe-link", 1),
        ("```embed\nhttps://a.b\ncolour: red\n```", "unknown-member", 1),
        ("```rust ignore\n```", "invalid", 1),
        ("a\n\n[Q]: Why?", "unused-definition", 3),
        ("<!-- open\n\na", "unclosed-comment", 1),
        ("1. [ ] a", "invalid", 1),
        ("<video src=x></video>", "unsupported-element", 1),
    ];
    for (source, code, line) in cases {
        let problems = Body::from_markdown(source).unwrap_err();
        assert_eq!((problems[0].code, problems[0].pointer.as_str()), (code, "/markdown"), "{source}\n{problems:?}");
        assert!(problems[0].detail.starts_with(&format!("line {line}: ")), "{source}\n{problems:?}");
    }
}
