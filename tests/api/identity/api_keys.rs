//! API keys.

use chrono::Duration;
use diesel::prelude::*;
use masthead::app::now;
use masthead::schema::api_keys;
use serde_json::{Value, json};

use super::{OTHER, PASSWORD, user_url};
use crate::support::{Client, TestApp};

const KEYS: &str = "/v1/editorial/api-keys";

fn key(app: &TestApp, maker: &Client, role: &str) -> Client {
    app.with_token(maker.post(KEYS, &json!({ "name": "Site", "role": role })).expect(201).str("secret"))
}

#[test]
fn only_administrators_make_keys() {
    let app = TestApp::start();
    for client in [&app.contributor, &app.author, &app.editor] {
        client.post(KEYS, &json!({ "name": "Mine", "role": "contributor" })).expect(403);
        client.get(KEYS).expect(403);
    }
    app.anon.get(KEYS).expect(401);
}

#[test]
fn the_secret_is_shown_once_and_kept_nowhere() {
    let app = TestApp::start();
    let post = || app.admin.call("POST", KEYS).key("site-key").json(&json!({ "name": "Site", "role": "author", "expires_at": "2099-01-01T00:00:00Z" })).send().expect(201);
    let made = post();
    let secret = made.str("secret").to_owned();
    assert!(secret.starts_with("mhk_") && secret.starts_with(made.str("prefix")) && made.str("prefix").len() == 10);
    let again = post();
    assert_eq!((again.header("idempotency-replayed"), &again["secret"], &again["id"]), ("true", &Value::Null, &made["id"]));
    let url = format!("{KEYS}/{}", made.id());
    assert_eq!(made.header("location"), url);
    for answer in [app.admin.get(KEYS).expect(200), app.admin.get(&url).expect(200), app.admin.get("/v1/editorial/audit-events").expect(200)] {
        assert!(answer.text().contains(made.str("prefix")) && !answer.text().contains(&secret), "{}", answer.text());
    }
    let (hash, prefix): (Vec<u8>, String) = api_keys::table.select((api_keys::secret_hash, api_keys::prefix)).first(&mut app.connect()).unwrap();
    assert_eq!((hash.len(), prefix.as_str()), (32, made.str("prefix")));
    assert_eq!(app.admin.get(&url).expect(200)["last_used_at"], Value::Null);
    app.with_token(&secret).get("/v1/editorial/tags").expect(200);
    assert!(app.admin.get(&url).expect(200)["last_used_at"].is_string());
}

#[test]
fn a_key_does_what_its_role_allows_and_never_touches_accounts_keys_or_credentials() {
    let app = TestApp::start();
    let (contributor, admin) = (key(&app, &app.admin, "contributor"), key(&app, &app.admin, "admin"));
    contributor.post("/v1/editorial/articles", &json!({ "headline": "By a machine" })).expect(201);
    contributor.get("/v1/editorial/users").expect(403);
    let user = user_url(&app.author.user_id());
    admin.get("/v1/editorial/users").expect(200);
    admin.get(KEYS).expect(200);
    admin.get("/v1/editorial/audit-events").expect(200);
    admin.post(KEYS, &json!({ "name": "Child", "role": "contributor" })).expect(403);
    admin.call("DELETE", &format!("{KEYS}/{}", app.admin.get(KEYS).expect(200)["data"][0]["id"].as_str().unwrap())).send().expect(403);
    admin.post("/v1/editorial/users", &json!({ "email": "x@example.org", "name": "X", "role": "admin" })).expect(403);
    admin.patch(&user, "*", &json!({ "role": "admin" })).expect(403);
    admin.delete(&user, "*").expect(403);
    admin.call("POST", &format!("{user}/password-reset")).send().expect(403);
    admin.post("/v1/auth/password", &json!({ "current_password": PASSWORD, "new_password": OTHER })).expect(403);
    admin.call("PATCH", "/v1/auth/me").json(&json!({ "name": "X" })).send().expect(403);
    admin.call("POST", "/v1/auth/logout").send().expect(403);
    admin.get("/v1/auth/sessions").expect(403);
    admin.call("DELETE", "/v1/auth/sessions").send().expect(403);
    assert_eq!(admin.get("/v1/auth/me").expect(200)["id"], app.admin.user_id());
}

#[test]
fn a_key_never_may_more_than_its_maker_and_stops_with_them() {
    let app = TestApp::start();
    let user = app.account("ann@example.org", "admin");
    app.account("bea@example.org", "admin");
    let (url, maker) = (user_url(user.id()), app.device("ann@example.org").client);
    let machine = key(&app, &maker, "admin");
    machine.get("/v1/editorial/users").expect(200);
    app.admin.patch(&url, "*", &json!({ "role": "author" })).expect(200);
    machine.get("/v1/editorial/users").expect(403);
    machine.get("/v1/editorial/tags").expect(200);
    app.admin.patch(&url, "*", &json!({ "disabled": true })).expect(200);
    machine.get("/v1/editorial/tags").expect(401);
    app.admin.patch(&url, "*", &json!({ "disabled": false, "role": "admin" })).expect(200);
    machine.get("/v1/editorial/users").expect(200);
    app.admin.delete(&url, "*").expect(204);
    machine.get("/v1/editorial/tags").expect(401);
    app.account("ann@example.org", "admin");
    machine.get("/v1/editorial/tags").expect(401);
    assert_eq!(app.admin.get(&format!("{KEYS}?status=revoked")).expect(200).each("name"), ["Site"]);
}

#[test]
fn a_key_ends_when_it_is_revoked_and_when_its_time_is_over() {
    let app = TestApp::start();
    let made = app.admin.post(KEYS, &json!({ "name": "Site", "role": "author" })).expect(201);
    let (url, machine) = (format!("{KEYS}/{}", made.id()), app.with_token(made.str("secret")));
    machine.get("/v1/auth/me").expect(200);
    app.admin.call("DELETE", &url).send().expect(204);
    let refused = machine.get("/v1/auth/me").expect(401);
    assert!(refused.header("www-authenticate").contains("invalid_token"));
    app.admin.call("DELETE", &url).send().expect(204);
    app.admin.call("DELETE", &format!("{KEYS}/{}", app.admin.user_id())).send().expect(404);
    assert_eq!(app.admin.get(&url).expect(200)["status"], "revoked");

    assert_eq!(app.admin.post(KEYS, &json!({ "name": "Late", "role": "author", "expires_at": "2020-01-01T00:00:00Z" })).expect(422).faults(), [("/expires_at", "in_the_past")]);
    let brief = key(&app, &app.admin, "author");
    brief.get("/v1/auth/me").expect(200);
    diesel::update(api_keys::table.filter(api_keys::revoked_at.is_null())).set(api_keys::expires_at.eq(now().plus(Duration::seconds(-1)))).execute(&mut app.connect()).unwrap();
    brief.get("/v1/auth/me").expect(401);
    assert_eq!(app.admin.get(&format!("{KEYS}?status=expired&count=exact")).expect(200)["page"]["total"], 1);
    assert_eq!(app.admin.get(&format!("{KEYS}?status=active")).expect(200).each("id").len(), 0);
}
