//! The contract as a document: the committed one is the generated one, and it is complete.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use serde_json::Value;

use crate::support::{TestApp, contract};

const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

/// Path, method and operation of everything that the document has.
fn operations() -> Vec<(&'static str, &'static str, &'static Value)> {
    let paths = contract::document()["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| METHODS.iter().filter_map(|method| Some((path.as_str(), *method, item.get(*method)?)))).collect()
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

#[test]
fn the_committed_document_is_the_generated_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    let differs = committed.lines().zip(masthead::server::document_json().lines()).position(|(one, other)| one != other);
    assert!(committed == masthead::server::document_json(), "openapi/openapi.json is not what the routes say (line {differs:?}): run `masthead openapi` and commit the file");
}

#[test]
fn the_document_is_served_as_it_is_committed() {
    let app = TestApp::start();
    let served = app.anon.get("/openapi.json").expect(200);
    assert_eq!(&served.json, contract::document());
    assert!(served.json["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[test]
fn every_operation_says_what_it_is() {
    let handlers = handlers();
    let mut ids = HashSet::new();
    let mut faults = Vec::new();
    for (path, method, operation) in operations() {
        let mut fault = |what: &str| faults.push(format!("{method} {path}: {what}"));
        let id = operation["operationId"].as_str().unwrap_or_default();
        if !is_text(&operation["summary"]) {
            fault("no summary");
        }
        if operation["tags"].as_array().is_none_or(|tags| tags.len() != 1) {
            fault("not one tag");
        }
        if operation["security"].as_array().is_none_or(Vec::is_empty) {
            fault("does not say who may call it");
        }
        if !handlers.contains(id) {
            fault("its operationId is not the name of a handler in src/routes.rs");
        }
        if !ids.insert(id) {
            fault("its operationId stands twice");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if !is_text(&parameter["description"]) {
                fault(&format!("parameter {} has no description", parameter["name"]));
            }
        }
        for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            let declared = operation["parameters"].as_array().into_iter().flatten().any(|p| p["in"] == "path" && p["name"] == name && p["required"] == true);
            if !declared {
                fault(&format!("{{{name}}} is not among its parameters"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The last part of each `service(…::handler)` of the table of contents.
fn handlers() -> BTreeSet<String> {
    let routes = include_str!("../../src/routes.rs");
    let services = routes.split("service(").skip(1).filter_map(|after| after.split([')', '(']).next());
    services.filter_map(|path| path.rsplit("::").next()).map(ToOwned::to_owned).collect()
}

#[test]
fn every_answer_is_described_and_refusals_are_problems() {
    let mut faults = Vec::new();
    for (path, method, operation) in operations() {
        let responses = operation["responses"].as_object().unwrap();
        let mut fault = |status: &str, what: &str| faults.push(format!("{method} {path} {status}: {what}"));
        if !responses.keys().any(|status| status.starts_with('2') || status.starts_with('3')) {
            fault("", "nothing good can come of it");
        }
        for (status, response) in responses {
            let response = contract::resolve(response);
            if !is_text(&response["description"]) {
                fault(status, "no description");
            }
            if status.starts_with(['4', '5']) && response["content"]["application/problem+json"]["schema"].is_null() {
                fault(status, "no problem document");
            }
            if status == "201" && response["headers"]["Location"].is_null() {
                fault(status, "does not say where the new thing is");
            }
        }
        let secured = operation["security"].as_array().unwrap().iter().all(|requirement| requirement.as_object().is_some_and(|r| !r.is_empty()));
        for needed in if secured { &["401", "403"][..] } else { &[] } {
            if !responses.contains_key(*needed) {
                fault(needed, "missing");
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_shape_and_member_is_described() {
    let schemas = contract::document()["components"]["schemas"].as_object().unwrap();
    let mut faults = Vec::new();
    for (name, schema) in schemas {
        let parts = schema["allOf"].as_array().into_iter().flatten().chain([schema]);
        for (member, property) in parts.filter_map(|part| part["properties"].as_object()).flatten() {
            // What may be null says it beside the reference.
            let forms = property["oneOf"].as_array().into_iter().flatten().chain([property]);
            let described = forms.into_iter().any(|form| is_text(&form["description"]) || is_text(&contract::resolve(form)["description"]));
            let known = name.ends_with("Page") && matches!(member.as_str(), "data" | "page");
            if !described && !known {
                faults.push(format!("{name}.{member}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_reference_leads_somewhere_and_every_shape_is_used() {
    fn collect<'a>(value: &'a Value, found: &mut HashSet<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| collect(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            _ => {}
        }
    }
    let mut used = HashSet::new();
    collect(contract::document(), &mut used);
    let dangling: Vec<_> = used.iter().filter(|reference| contract::document().pointer(reference.trim_start_matches('#')).is_none()).collect();
    assert!(dangling.is_empty(), "the type of a query parameter wants #[param(inline)]: {dangling:?}");
    let schemas = contract::document()["components"]["schemas"].as_object().unwrap();
    let unused: Vec<_> = schemas.keys().filter(|name| !used.contains(format!("#/components/schemas/{name}").as_str())).collect();
    assert!(unused.is_empty(), "{unused:?}");
}
