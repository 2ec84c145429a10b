//! What must hold for any input: reading what we wrote gives what we read, and nothing panics.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{bare, page};
use crate::body::{Block, Body};

const MARKDOWN: &[&str] = &[
    "word",
    "Київ",
    "слово",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
    "😀",
    "e\u{301}",
    "中文",
    " ",
    " ",
    " ",
    "\n",
    "\n\n",
    "\n\n",
    "\n\n",
    "**",
    "*",
    "_",
    "__",
    "~~",
    "`",
    "``",
    "```\n",
    "\n```\n",
    "# ",
    "## ",
    "- ",
    "\n- ",
    "\n  - ",
    "\n1. ",
    "\n   - ",
    "> ",
    "\n> ",
    "\n>\n> ",
    "[",
    "]",
    "](https://a.b/c)",
    "](https://a.b/c \"t\")",
    "](/x_(y))",
    "<https://x.y>",
    "<u>",
    "</u>",
    "<sup>",
    "</sup>",
    "<br>",
    "<a href=\"/x\" rel=\"nofollow\">",
    "</a>",
    "\\",
    "\\\n",
    "  \n",
    "|",
    "\n| a | b |\n| - | - |\n| ",
    " | ",
    "&amp;",
    "&",
    "&lt;",
    ";",
    "!",
    "![a](media:0192f0c1-2d3e-7a4b-8c5d-6e7f80910a1b \"c\")",
    "---",
    "\n\n---\n\n",
    "***",
    "===",
    "+ ",
    "1) ",
    "1.",
    "2024.",
    "=",
    "-",
    "#",
    ":",
    "\"",
    "'",
    "(",
    ")",
    "{",
    "}",
    "$",
    "^",
    "\t",
    "&#32;",
    "\u{a0}",
    "[ ] ",
    "\n- [x] ",
    "<strong>",
    "</strong>",
    "<code>",
    "</code>",
    "\n\n    code\n\n",
    "<!-- c -->",
    "javascript:",
    "<b>",
    "</b>",
];

const HTML: &[&str] = &[
    "word",
    "Київ",
    "😀",
    "e\u{301}",
    " ",
    " ",
    "\n",
    "\u{a0}",
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<em>",
    "</em>",
    "<u>",
    "</u>",
    "<s>",
    "</s>",
    "<code>",
    "</code>",
    "<sub>",
    "</sub>",
    "<a href=\"https://a.b/?c=1&amp;d\">",
    "<a href=\"/x\" title=\"t\" rel=\"nofollow\">",
    "<a data-ref=\"0192f0c1-2d3e-7a4b-8c5d-6e7f80910a1b\">",
    "</a>",
    "<ul>",
    "</ul>",
    "<ol>",
    "</ol>",
    "<li>",
    "</li>",
    "<blockquote>",
    "</blockquote>",
    "<h2>",
    "</h2>",
    "<h3>",
    "</h3>",
    "<br>",
    "<hr>",
    "<pre>",
    "</pre>",
    "<div>",
    "</div>",
    "<table>",
    "</table>",
    "<tr>",
    "</tr>",
    "<td>",
    "</td>",
    "<th>",
    "</th>",
    "<thead>",
    "<caption>",
    "</caption>",
    "<q>",
    "</q>",
    "<img data-media-id=\"0192f0c1-2d3e-7a4b-8c5d-6e7f80910a1b\" alt=\"a\">",
    "<figure data-media-id=\"0192f0c1-2d3e-7a4b-8c5d-6e7f80910a1b\" data-layout=\"wide\">",
    "<figure>",
    "</figure>",
    "<figcaption>",
    "</figcaption>",
    "<img alt=\"b\">",
    "<figure class=\"gallery\">",
    "<figure class=\"pullquote\">",
    "<aside class=\"factbox\">",
    "</aside>",
    "<aside class=\"correction\"><time datetime=\"2026-01-05\"></time>",
    "<figure class=\"embed\">",
    "<dl>",
    "</dl>",
    "<dt>",
    "<dd>",
    "<span style=\"font-weight:700\">",
    "</span>",
    "<td colspan=2>",
    "<details>",
    "</details>",
    "<summary>",
    "&lt;",
    "&amp;",
    "&",
    "<",
    ">",
    "\"",
    "*",
    "_",
    "#",
    "<!-- c -->",
    "<input type=checkbox checked>",
    "<section>",
    "<kbd>",
    "<iframe src=\"https://www.youtube.com/embed/x\"></iframe>",
    "<cite>",
    "</cite>",
    "<wbr>",
    "-",
    "1.",
    "|",
    "[",
    "]",
    "`",
    "~",
];

fn assembled(tokens: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(tokens), 0..24).prop_map(|tokens| tokens.concat())
}

fn words() -> impl Strategy<Value = String> {
    let tokens = &[
        "a", "Київ", "word", " ", " ", "  ", "\n", "*", "_", "`", "``", "~~", "[x]", "](/y)", "<b>", "&amp;", "&", "#", "- ", "1. ", "|", "\\", "!", "😀", "\u{201c}", "\u{2014}",
        "e\u{301}", "> ", "+ ", "===", "---", "\t", "\u{a0}", ":", "{", "\"", "\u{5d0}",
    ];
    prop::collection::vec(prop::sample::select(&tokens[..]), 0..8).prop_map(|tokens| tokens.concat())
}

fn span() -> impl Strategy<Value = Value> {
    let marks = prop::sample::subsequence(vec!["strong", "em", "code", "underline", "strike-through", "sub"], 0..3);
    (words(), marks, prop::option::weighted(0.2, prop::sample::select(vec!["l0", "l1", "l2"]))).prop_map(|(text, marks, link)| {
        let marks: Vec<&str> = marks.into_iter().chain(link).collect();
        json!({"_type": "span", "text": text, "marks": marks})
    })
}

fn text_block() -> impl Strategy<Value = Value> {
    let styles = vec!["normal", "normal", "normal", "h2", "h3", "blockquote"];
    let lists = prop::option::weighted(0.4, (prop::sample::select(vec!["bullet", "number", "task"]), 1..4_u8));
    (prop::collection::vec(span(), 1..5), prop::sample::select(styles), lists).prop_map(|(children, style, list)| {
        let mut block = json!({"_type": "block", "style": style, "children": children, "markDefs": [
            {"_type": "link", "_key": "l0", "href": "https://a.b/(c)?d=1&e;", "title": "x \"y\" *z* `w`"},
            {"_type": "link", "_key": "l1", "href": "mailto:a@b.c", "rel": "nofollow", "title": "p|q"},
            {"_type": "internalLink", "_key": "l2", "ref": {"_type": "reference", "_ref": super::MEDIA}, "href": "/a"},
        ]});
        if let Some((kind, level)) = list {
            block["listItem"] = json!(kind);
            block["level"] = json!(level);
            if kind == "task" {
                block["style"] = json!("normal");
            }
        }
        block
    })
}

/// A reader's view of a text: what is written, without white space.
fn ink(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// More cases than usual, and more still if `PROPTEST_CASES` asks for them.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.max(1_000), failure_persistence: None, ..usual }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn markdown_reads_back(source in assembled(MARKDOWN)) {
        if let Ok(first) = Body::from_markdown(&source) {
            let written = first.to_markdown();
            let second = Body::from_markdown(&written);
            prop_assert!(second.is_ok(), "{:?}\n{}\n{:?}", source, written, second);
            prop_assert_eq!(bare(&first), bare(&second.unwrap()), "{:?}\n{}", source, written);
        }
    }

    #[test]
    fn html_reads_back(source in assembled(HTML)) {
        if let Ok(first) = Body::from_html(&source) {
            let written = page(&first);
            let second = Body::from_html(&written);
            prop_assert!(second.is_ok(), "{:?}\n{}\n{:?}", source, written, second);
            prop_assert_eq!(bare(&first), bare(&second.unwrap()), "{:?}\n{}", source, written);
        }
    }

    #[test]
    fn html_survives_markdown(source in assembled(HTML)) {
        if let Ok(first) = Body::from_html(&source) {
            let written = first.to_markdown();
            let second = Body::from_markdown(&written);
            prop_assert!(second.is_ok(), "{:?}\n{}\n{:?}", source, written, second);
            prop_assert_eq!(bare(&first), bare(&second.unwrap()), "{:?}\n{}", source, written);
        }
    }

    #[test]
    fn blocks_survive_both(blocks in prop::collection::vec(text_block(), 1..4)) {
        let body = Body::from_blocks(Value::Array(blocks)).unwrap();
        let written = body.to_markdown();
        let read = Body::from_markdown(&written);
        prop_assert!(read.is_ok(), "{}\n{:?}", written, read);
        let read = read.unwrap();
        prop_assert_eq!(ink(&body.to_text()), ink(&read.to_text()), "{}", written);
        prop_assert_eq!(bare(&read), bare(&Body::from_markdown(&read.to_markdown()).unwrap()), "{}", written);
        let html = page(&body);
        let read = Body::from_html(&html);
        // A heading cannot be quoted, nor two styles share an item; neither can be made by the readers.
        prop_assert!(read.is_ok(), "{}\n{:?}", html, read);
        prop_assert_eq!(ink(&body.to_text()), ink(&read.unwrap().to_text()), "{}", html);
    }

    #[test]
    fn anything_is_answered(source in any::<String>()) {
        let _ = Body::from_markdown(&source);
        let _ = Body::from_html(&source);
    }

    #[test]
    fn blocks_are_kept_as_they_came(blocks in prop::collection::vec(text_block(), 0..4)) {
        let body = Body::from_blocks(Value::Array(blocks)).unwrap();
        let again = Body::from_blocks(serde_json::to_value(&body).unwrap()).unwrap();
        prop_assert_eq!(&body, &again);
        let keyed = body.blocks().iter().all(|block| matches!(block, Block::Text(text) if !text.key.is_empty()));
        prop_assert!(keyed);
    }
}
