//! Holds answers against the OpenAPI document that the service generates: path, method, status, media type, body.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Value, json};

use super::answer::Answer;

/// Paths that are served and are not operations of the API.
const BESIDE_THE_API: &[&str] = &["/openapi.json", "/docs"];

/// The document as JSON.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::from_str(&masthead::server::document_json()).unwrap())
}

/// Fails the test when the document does not foretell this answer.
#[track_caller]
pub fn check(method: &Method, path: &str, answer: &Answer) {
    if let Err(fault) = faults(method, path, answer) {
        panic!("{} answered {} against the contract: {fault}\n{}\n{}", answer.request, answer.status, answer.header("content-type"), answer.text());
    }
}

fn faults(method: &Method, path: &str, answer: &Answer) -> Result<(), String> {
    let path = path.split('?').next().unwrap_or_default();
    let Some((template, item)) = path_item(path) else {
        let beside = BESIDE_THE_API.iter().any(|known| path.starts_with(known));
        return if beside || matches!(answer.status, 400 | 401 | 404) { Ok(()) } else { Err("there is no such path in the document".to_owned()) };
    };
    let verb = if method == Method::HEAD { "get".to_owned() } else { method.as_str().to_lowercase() };
    let Some(operation) = item.get(&verb) else {
        let fits = matches!((verb.as_str(), answer.status), ("options", 200 | 204) | (_, 401 | 405));
        return if fits { Ok(()) } else { Err(format!("{template} has no {verb} in the document")) };
    };
    let status = answer.status.to_string();
    let response = operation["responses"].get(&status).ok_or_else(|| format!("{verb} {template} documents no {status}"))?;
    let response = resolve(response);
    let Some(content) = response.get("content").and_then(Value::as_object).filter(|content| !content.is_empty()) else {
        return if answer.bytes.is_empty() { Ok(()) } else { Err("the document shows no content".to_owned()) };
    };
    let (key, media) = media_type(content, answer.header("content-type")).ok_or_else(|| format!("the document has {:?}", content.keys().collect::<Vec<_>>()))?;
    // HEAD has no body, and what is compressed is looked at by the tests of compression.
    if method == Method::HEAD || !answer.header("content-encoding").is_empty() || !key.ends_with("json") {
        return Ok(());
    }
    let body: Value = serde_json::from_slice(&answer.bytes).map_err(|error| format!("not JSON: {error}"))?;
    let validator = validator(&format!("{verb} {template} {status} {key}"), &media["schema"]);
    let faults: Vec<_> = validator.iter_errors(&body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

/// The entry of `paths` that a path belongs to: one without variables before one with.
fn path_item(path: &str) -> Option<(&'static str, &'static Value)> {
    let segments: Vec<_> = path.split('/').collect();
    let fits = |template: &str| {
        let parts: Vec<_> = template.split('/').collect();
        let fits = |part: &str, segment: &str| match part.split_once('}') {
            Some((_, ending)) => segment.strip_suffix(ending).is_some_and(|name| !name.is_empty()),
            None => part == segment,
        };
        parts.len() == segments.len() && parts.iter().zip(&segments).all(|(part, segment)| fits(part, segment))
    };
    let paths = document()["paths"].as_object().unwrap();
    let mut found: Vec<_> = paths.iter().filter(|(template, _)| fits(template)).collect();
    found.sort_by_key(|(template, _)| template.matches('{').count());
    found.first().map(|(template, item)| (template.as_str(), *item))
}

/// What a `$ref` refers to.
pub fn resolve(value: &'static Value) -> &'static Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => document().pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference} refers to nothing")),
        None => value,
    }
}

fn media_type<'a>(content: &'a serde_json::Map<String, Value>, sent: &str) -> Option<(&'a str, &'a Value)> {
    let sent = sent.split(';').next().unwrap_or_default().trim();
    let family = sent.split('/').next().unwrap_or_default();
    let fits = |key: &str| key == sent || key == "*/*" || key == format!("{family}/*");
    content.iter().find(|(key, _)| fits(key)).map(|(key, media)| (key.as_str(), media))
}

fn validator(name: &str, schema: &Value) -> Arc<Validator> {
    static COMPILED: OnceLock<Mutex<HashMap<String, Arc<Validator>>>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(Mutex::default);
    if let Some(validator) = compiled.lock().unwrap().get(name) {
        return Arc::clone(validator);
    }
    // References point from the document's root, so the components come along.
    let whole = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "components": document()["components"], "allOf": [schema] });
    let validator = jsonschema::options().should_validate_formats(true).build(&whole).unwrap_or_else(|error| panic!("the schema of {name} is none: {error}"));
    let validator = Arc::new(validator);
    compiled.lock().unwrap().insert(name.to_owned(), Arc::clone(&validator));
    validator
}
