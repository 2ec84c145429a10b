//! A body in the form that was asked for, as the contract's `{"format", "value"}`. Its pictures come as `Picture`s, credit and all.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::body::{Body, BodyRead, HtmlPart};
use crate::pictures::{Picture, Reason};
use crate::timestamp::Timestamp;

/// In which form a body is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyFormat {
    /// HTML, sanitised, pictures as figures with their credits.
    #[default]
    Html,
    /// Portable Text, media references expanded to Pictures.
    Blocks,
    /// Markdown; pictures as `media:<id>`.
    Markdown,
    /// Plain text.
    Text,
}

/// A body as it is read; in the document one shape for each kind of `value` (see `body::BodyRead`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BodyOut {
    /// Which form `value` has.
    pub format: BodyFormat,
    /// A string; for `blocks` an array of Portable Text blocks.
    pub value: serde_json::Value,
}

impl PartialSchema for BodyOut {
    fn schema() -> RefOr<Schema> {
        BodyRead::schema()
    }
}

impl ToSchema for BodyOut {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((BodyFormat::name().into_owned(), BodyFormat::schema()));
        BodyRead::schemas(schemas);
    }
}

/// The body in this form.
#[must_use]
pub fn body(body: &Body, format: BodyFormat, pictures: &HashMap<Uuid, Picture>, now: Timestamp) -> BodyOut {
    let value = match format {
        BodyFormat::Markdown => body.to_markdown().into(),
        BodyFormat::Text => body.to_text().into(),
        BodyFormat::Blocks => body.blocks_with(|media| Some(expanded(pictures.get(&media), now))),
        BodyFormat::Html => html(body, pictures, now).into(),
    };
    BodyOut { format, value }
}

fn expanded(picture: Option<&Picture>, now: Timestamp) -> serde_json::Value {
    let mut json = String::new();
    match picture {
        Some(picture) => picture.write_json(now, &mut json),
        None => json.push_str(Reason::Withdrawn.picture()),
    }
    serde_json::from_str(&json).unwrap_or_default()
}

fn html(body: &Body, pictures: &HashMap<Uuid, Picture>, now: Timestamp) -> String {
    let part = |part: HtmlPart| match part {
        HtmlPart::Html(html) => html,
        HtmlPart::Figure { media, alt, caption, layout, .. } => {
            pictures.get(&media).map_or_else(String::new, |picture| picture.figure(now, alt.as_deref(), caption.as_deref(), layout.as_deref()))
        }
        HtmlPart::Related(_) => String::new(),
    };
    body.render_html().into_iter().map(part).collect()
}
