//! Tests of the room, one file a subject, and what they share.

mod blocks;
mod hostile;
mod html;
mod markdown;
mod outputs;
mod properties;
mod words;

use serde_json::{Value, json};

use super::{Body, FigurePicture, HtmlPart, Problem, render_figure, render_related};

const MEDIA: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f80910a1b";
const OTHER: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f80910a1c";

fn blocks(value: Value) -> Body {
    Body::from_blocks(value).unwrap()
}

fn markdown(source: &str) -> Body {
    Body::from_markdown(source).unwrap()
}

fn html(source: &str) -> Body {
    Body::from_html(source).unwrap()
}

/// The whole page, its pictures shown with a credit.
fn page(body: &Body) -> String {
    let mut out = String::new();
    for part in body.render_html() {
        match part {
            HtmlPart::Html(html) => out.push_str(&html),
            HtmlPart::Figure { media, alt, caption, layout, .. } => out.push_str(&render_figure(&FigurePicture {
                media_id: media,
                url: "/v1/media/x/file?w=1280",
                width: 1280,
                height: 720,
                alt: alt.as_deref(),
                caption: caption.as_deref(),
                credit_display: "(Maxar Technologies)",
                srcset: &[("/v1/media/x/file?w=640".to_owned(), 640)],
                layout: layout.as_deref(),
            })),
            HtmlPart::Related(id) => out.push_str(&render_related(id, Some(("/news/x", "A <headline>")))),
        }
    }
    out
}

/// The blocks as JSON without any `_key`; links are numbered by their place instead.
fn bare(body: &Body) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                let keys: Vec<String> = members.get("markDefs").and_then(Value::as_array).into_iter().flatten().filter_map(|def| def["_key"].as_str().map(str::to_owned)).collect();
                let spans = members.get_mut("children").and_then(Value::as_array_mut);
                for mark in spans.into_iter().flatten().flat_map(|span| span["marks"].as_array_mut().unwrap()) {
                    if let Some(place) = keys.iter().position(|key| Some(key.as_str()) == mark.as_str()) {
                        *mark = json!(place);
                    }
                }
                members.remove("_key");
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(body).unwrap();
    strip(&mut value);
    value
}

fn codes(result: Result<Body, Vec<Problem>>) -> Vec<&'static str> {
    result.unwrap_err().into_iter().map(|problem| problem.code).collect()
}

/// A text block without keys, as [`bare`] shows it.
fn text(style: &str, text: &str) -> Value {
    json!({"_type": "block", "style": style, "children": [{"_type": "span", "text": text, "marks": []}], "markDefs": []})
}

fn item(kind: &str, level: u8, words: &str) -> Value {
    let mut block = text("normal", words);
    block["listItem"] = json!(kind);
    block["level"] = json!(level);
    block
}
