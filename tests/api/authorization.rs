//! Who may do what: every operation of the document has a row here, and the service keeps to it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Client, TestApp, contract};

/// The least role that an operation is open to. Ownership, which is finer, is the resources' own tests' business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Least {
    Anybody,
    Contributor,
    Author,
    Editor,
    Admin,
}

use Least::{Admin, Anybody, Author, Contributor, Editor};

mod table;
use table::{ENDS_THE_SESSION, TABLE};

const NOTHING: &str = "01890000-0000-7000-8000-000000000000";
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

fn operations() -> BTreeMap<&'static str, (String, String, &'static Value)> {
    let paths = contract::document()["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| METHODS.iter().filter_map(move |method| Some((path, *method, item.get(*method)?))));
    all.map(|(path, method, operation)| (operation["operationId"].as_str().unwrap(), (method.to_uppercase(), filled(path), operation))).collect()
}

/// A path to what is not there.
fn filled(path: &str) -> String {
    let part = |part: &str| match part {
        "{number}" => "1".to_owned(),
        part if part.starts_with('{') => NOTHING.to_owned(),
        part => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn is_secured(operation: &Value) -> bool {
    operation["security"].as_array().unwrap().iter().all(|requirement| requirement.as_object().is_some_and(|r| !r.is_empty()))
}

#[test]
fn every_operation_has_its_row_and_every_row_its_operation() {
    let table: BTreeMap<_, _> = TABLE.iter().copied().collect();
    assert_eq!(table.len(), TABLE.len(), "a row stands twice");
    let missing: Vec<_> = operations().into_keys().filter(|id| !table.contains_key(id)).collect();
    let stale: Vec<_> = table.keys().filter(|id| !operations().contains_key(*id)).collect();
    assert!(missing.is_empty() && stale.is_empty(), "add to tests/api/authorization/table.rs {missing:?}, take out {stale:?}");
    let other: Vec<_> = operations().into_iter().filter(|(id, (_, _, operation))| is_secured(operation) != (table[id] != Anybody)).map(|(id, _)| id).collect();
    assert!(other.is_empty(), "the document says otherwise who may call {other:?}");
}

#[test]
fn nobody_gets_past_the_door_and_the_door_comes_before_the_body() {
    let app = TestApp::start();
    for (id, (method, path, operation)) in operations() {
        if !is_secured(operation) {
            continue;
        }
        // A body that no operation would take, of a kind that none takes.
        for call in [app.anon.call(&method, &path), app.anon.call(&method, &path).bytes("text/nonsense", "{\"broken"), app.anon.call(&method, &format!("{path}?nonsense=1"))] {
            let refusal = call.send();
            assert_eq!((refusal.status, refusal.problem()), (401, "unauthenticated"), "{id}");
            assert!(!refusal.header("www-authenticate").is_empty(), "{id}");
        }
    }
}

#[test]
fn roles_open_what_the_table_says_and_nothing_more() {
    let app = TestApp::start();
    let staff: [(Least, &Client); 4] = [(Contributor, &app.contributor), (Author, &app.author), (Editor, &app.editor), (Admin, &app.admin)];
    let mut faults = Vec::new();
    for (id, least) in TABLE {
        let (method, path, _) = operations()[id].clone();
        // Calls that are allowed would end the session, or make things: enough is known when they are not refused.
        if *least == Anybody || ENDS_THE_SESSION.contains(id) {
            continue;
        }
        for (role, client) in staff {
            let call = client.call(&method, &path).if_match("*");
            let answer = if method == "GET" || method == "DELETE" { call.send() } else { call.json(&json!({ "no_such_member": 1 })).send() };
            let refused = answer.status == 403;
            if refused != (role < *least) || answer.status == 401 || answer.status >= 500 {
                faults.push(format!("{id} as {role:?}: {} {}", answer.status, answer.json["detail"]));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_credential_ends_with_its_session_its_account_and_its_time() {
    use diesel::connection::SimpleConnection;
    for (what, sql) in [
        ("session ended", "UPDATE sessions SET ended_at = now()"),
        ("session expired", "UPDATE sessions SET expires_at = now()"),
        ("account disabled", "UPDATE users SET disabled_at = now()"),
        ("account deleted", "UPDATE users SET deleted_at = now()"),
    ] {
        let app = TestApp::start();
        app.editor.get("/v1/editorial/tags").expect(200);
        app.connect().batch_execute(sql).unwrap();
        assert_eq!(app.editor.get("/v1/editorial/tags").expect(401).problem(), "unauthenticated", "{what}");
    }
    // A role counts as it is now, not as it was when the token was made.
    let app = TestApp::start();
    app.connect().batch_execute("UPDATE users SET role = 'contributor' WHERE role = 'editor'").unwrap();
    let tag = app.contributor.post("/v1/editorial/tags", &json!({ "name": "Kept", "kind": "topic" })).expect(201);
    app.editor.delete(&format!("/v1/editorial/tags/{}", tag.id()), "*").expect(403);
}
