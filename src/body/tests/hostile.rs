//! Inputs made to hang, exhaust or crash: each must be answered, and soon. A quadratic reader would need hours.

use super::codes;
use crate::body::Body;

const SIZE: usize = 150_000;

fn full(unit: &str) -> String {
    unit.repeat(SIZE / unit.len())
}

#[test]
fn markdown_is_read_in_linear_time() {
    let units = [
        "[",
        "![",
        "[](",
        "[a](<b",
        "](",
        "*a_ ",
        "**a *b ",
        "a_",
        ">",
        "> ",
        "- ",
        "1. ",
        "`",
        "<b>",
        "<b a=1>",
        "<!--",
        "<?",
        "<x>",
        "<a ",
        "<div>\n\n",
        "<iframe src=x>",
        "&amp;",
        "&",
        "|",
        "~~a ~",
        "\\",
        "a\\\n",
        "# a\n",
        "```\na\n",
        "[a](/b) ",
        "![a](b)",
        "<u>a</u>",
        "<a@b.c>",
        "a\n=\n",
        "<![CDATA[",
        "\n  &#32;\n",
        "&#32;",
        "\u{301}",
        "\u{202e}",
    ];
    for unit in units {
        if let Ok(body) = Body::from_markdown(&full(unit)) {
            assert!(!body.to_markdown().contains('\0'));
            assert!(body.render_html().len() <= body.blocks().len().max(1), "{unit:?}");
        }
    }
    let steps: String = (0..600).map(|depth| format!("{}- a\n", " ".repeat(depth))).collect();
    assert_eq!(codes(Body::from_markdown(&steps))[0], "too-deep");
    let ticks: String = (1..700).map(|length| "`".repeat(length) + " ").collect();
    assert!(Body::from_markdown(&ticks).is_ok());
    let links: String = (0..20_000).map(|n| format!("[a](/b{n}) ")).collect();
    assert!(Body::from_markdown(&links).is_ok());
    let wide = "|a".repeat(5_000) + "\n" + &"|-".repeat(5_000) + "\n" + &full("b\n");
    assert_eq!(codes(Body::from_markdown(&wide))[0], "too-long");
}

#[test]
fn html_is_read_in_linear_time() {
    let units = [
        "<b>",
        "<div>",
        "<p>",
        "<p>x",
        "<a href=/x>",
        "<ul><li>",
        "<table><tr><td>",
        "<svg>",
        "<select><option>",
        "<template>",
        "<figure>",
        "<ruby><rt>",
        "<b><p>a</b>",
        "<a href=/x><p>a",
        "<nobr>a",
        "</b>",
        "<",
        "&",
        "<!--",
        "<li></ul>",
        "a<br>",
        " \n",
        "<script>",
        "<b>a</b>c",
        "<form>",
        "<font color=a><p>",
        "<dl><dt>a</dl>",
        "<blockquote>",
        "<pre>",
        "<q>",
        "<h1>",
    ];
    for unit in units {
        let _ = Body::from_html(&full(unit));
    }
    // Each paragraph reopens all that was left open: the tree would have 90 times the elements of the source.
    let open: String = (0..90).map(|n| format!("<b a{n}>")).collect();
    assert_eq!(codes(Body::from_html(&(open + &full("<p>x")))), ["too-long"]);
    let attributes: String = (0..50_000).map(|n| format!("a{n} ")).collect();
    assert_eq!(codes(Body::from_html(&format!("<p {attributes}>a</p>"))), ["too-long"]);
    assert_eq!(codes(Body::from_html(&format!("<p {}>a</p>", "a=\"".repeat(50_000)))), ["too-long"]);
    assert!(Body::from_html(&("<table>".to_owned() + &full("<i></i>"))).is_ok());
    assert_eq!(codes(Body::from_html(&full("<div>"))), ["too-deep"]);
}

#[test]
fn depth_within_the_limit_does_not_exhaust_the_stack() {
    assert!(Body::from_html(&("<div>".repeat(90) + "a")).is_ok());
    let inline = "<b><i><u><s><sub><sup><code>".repeat(12) + "a";
    assert_eq!(super::html(&inline).to_text(), "a");
    assert_eq!(codes(Body::from_html(&("<ul><li>".repeat(9) + "a"))), ["too-deep"]);
    assert_eq!(super::html(&("<ul><li>".repeat(8) + "a")).blocks().len(), 8);
}

#[test]
fn control_characters_are_refused() {
    for source in ["a\u{0}b", "a\u{8}", "\u{1b}[31m", "a\u{85}", "\u{9f}"] {
        assert_eq!(codes(Body::from_markdown(source)), ["control-character"], "{source:?}");
        assert_eq!(codes(Body::from_html(source)), ["control-character"], "{source:?}");
    }
    for source in ["a&#1;", "a&#x1b;", "<img alt=\"&#7;\" data-media-id=0192f0c1-2d3e-7a4b-8c5d-6e7f80910a1b>", "<pre>&#1;</pre>", "<table><tr><td>&#1;</table>"] {
        assert_eq!(codes(Body::from_html(source)), ["control-character"], "{source:?}");
    }
    assert_eq!(codes(Body::from_markdown("a&#1;")), ["control-character"]);
    assert_eq!(super::html("a&#0;b").to_text(), "a\u{fffd}b");
    assert_eq!(super::markdown("\u{feff}a\r\n\r\nb").to_text(), "a\n\nb");
}

#[test]
fn a_source_may_be_too_long() {
    let source = "a".repeat(crate::body::limits::MAX_SOURCE_BYTES + 1);
    assert_eq!(codes(Body::from_markdown(&source)), ["too-long"]);
    assert_eq!(codes(Body::from_html(&source)), ["too-long"]);
}
