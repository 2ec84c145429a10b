//! The audit trail.

use serde_json::{Value, json};

use super::{OTHER, PASSWORD, user_url};
use crate::support::TestApp;

const EVENTS: &str = "/v1/editorial/audit-events";

#[test]
fn every_event_of_security_stands_in_the_trail_and_no_secret_does() {
    let app = TestApp::start();
    let user = app.account("ann@example.org", "author");
    let signed_in = app.anon.call("POST", "/v1/auth/login").header("x-request-id", "login-1").json(&json!({ "email": "ann@example.org", "password": PASSWORD })).send().expect(200);
    let client = app.with_token(signed_in.str("access_token"));
    app.login("ann@example.org", "not the password at all").expect(401);
    app.login("nobody@example.org", "not the password at all").expect(401);
    client.post("/v1/auth/password", &json!({ "current_password": PASSWORD, "new_password": OTHER })).expect(204);
    client.call("POST", "/v1/auth/logout").send().expect(204);
    let reset = app.admin.call("POST", &format!("{}/password-reset", user_url(user.id()))).send().expect(201);
    app.anon.post("/v1/auth/password-reset", &json!({ "token": reset["token"], "new_password": PASSWORD })).expect(204);
    app.admin.patch(&user_url(user.id()), "*", &json!({ "role": "editor" })).expect(200);
    app.admin.delete(&user_url(user.id()), "*").expect(204);

    let trail = app.admin.get(EVENTS).expect(200);
    let told: Vec<_> = trail["data"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|e| format!("{}: {} {}", e["actor"].as_str().unwrap(), e["action"].as_str().unwrap(), e["resource"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            "Ada Admin: create user",
            "Somebody: login session",
            "anonymous: login_failed user",
            "anonymous: login_failed user",
            "Somebody: change_password user",
            "Somebody: logout session",
            "Ada Admin: issue_password_reset user",
            "Somebody: reset_password user",
            "Ada Admin: update user",
            "Ada Admin: delete user",
        ]
    );
    let event = |action: &str| app.admin.get(&format!("{EVENTS}?action={action}")).expect(200)["data"][0].clone();
    let login = event("login");
    assert_eq!((&login["request_id"], &login["address"], &login["actor_id"]), (&json!("login-1"), &json!("127.0.0.1"), &user["id"]));
    assert_eq!((&event("update")["before"], &event("update")["after"]), (&json!({ "role": "author" }), &json!({ "role": "editor" })));
    let failed = &app.admin.get(&format!("{EVENTS}?action=login_failed")).expect(200)["data"];
    assert_eq!((&failed[0]["target_id"], &failed[1]["target_id"]), (&Value::Null, &user["id"]));
    for secret in [PASSWORD, OTHER, "argon2", signed_in.str("refresh_token"), signed_in.str("access_token"), reset.str("token")] {
        assert!(!trail.text().contains(secret), "{secret}");
    }
}

#[test]
fn what_was_denied_and_that_guessing_was_stopped_stand_in_the_trail() {
    let app = TestApp::start_with(&["--login-limit", "2"]);
    let draft = app.draft(&json!({}));
    let path = format!("/v1/editorial/articles/{}", draft.id());
    app.contributor.call("PATCH", &path).if_match("*").header("x-request-id", "denied-1").json(&json!({ "kicker": "x" })).send().expect(404);
    let live = app.publish(&draft);
    app.contributor.call("PATCH", &path).if_match(live.etag()).header("x-request-id", "denied-2").json(&json!({ "kicker": "x" })).send().expect(403);
    app.author.get(EVENTS).expect(403);
    app.anon.get(EVENTS).expect(401);
    app.with_token("nobody's").get(EVENTS).expect(401);
    let denied = app.admin.get(&format!("{EVENTS}?action=denied")).expect(200);
    let told: Vec<_> = denied["data"].as_array().unwrap().iter().map(|e| (e["actor"].clone(), e["after"].clone())).collect();
    assert_eq!(told, [(json!("Arthur Author"), json!({ "method": "GET", "path": EVENTS })), (json!("Cora Contributor"), json!({ "method": "PATCH", "path": path })),]);
    assert_eq!((&denied["data"][1]["request_id"], &denied["data"][1]["actor_id"]), (&json!("denied-2"), &json!(app.contributor.user_id())));

    for status in [401, 401, 429, 429, 429] {
        app.login("ann@example.org", "not the password at all").expect(status);
    }
    let count = |action: &str| app.admin.get(&format!("{EVENTS}?count=exact&action={action}")).expect(200)["page"]["total"].clone();
    assert_eq!((count("login_failed"), count("login_throttled")), (json!(2), json!(1)), "that somebody goes on is not worth a row a try");
}

#[test]
fn the_trail_is_for_administrators_and_nobody_writes_it() {
    let app = TestApp::start();
    for client in [&app.contributor, &app.author, &app.editor] {
        client.get(EVENTS).expect(403);
    }
    app.anon.get(EVENTS).expect(401);
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        app.admin.call(method, EVENTS).json(&json!({})).send().expect(405);
    }
}

#[test]
fn the_trail_filters_and_walks() {
    let app = TestApp::start();
    let tags: Vec<_> = ["Wheat", "Barley", "Oats"].iter().map(|name| app.tag(name)).collect();
    app.author.post("/v1/editorial/tags", &json!({ "name": "Rye", "kind": "topic" })).expect(201);
    let count = |query: &str| app.admin.get(&format!("{EVENTS}?count=exact&{query}")).expect(200)["page"]["total"].as_i64().unwrap();
    assert_eq!((count("resource=tag"), count("resource=user"), count("action=create"), count("action=update")), (4, 0, 4, 0));
    assert_eq!((count(&format!("actor={}", app.author.user_id())), count(&format!("target={}", tags[1].id()))), (1, 1));
    let all = app.admin.get(EVENTS).expect(200);
    let second = all["data"][1]["at"].as_str().unwrap();
    assert_eq!(count(&format!("since={second}")) + count(&format!("until={second}")), 4);
    assert!(count(&format!("since={second}")) >= 2);
    let first = app.admin.get(&format!("{EVENTS}?limit=3")).expect(200);
    let rest = app.admin.get(&format!("{EVENTS}?limit=3&cursor={}", first["page"]["next"].as_str().unwrap())).expect(200);
    assert_eq!([first.each("id"), rest.each("id")].concat(), all.each("id"));
    let foreign = format!("{EVENTS}?limit=3&resource=user&cursor={}", first["page"]["next"].as_str().unwrap());
    assert_eq!(app.admin.get(&foreign).expect(400).problem(), "invalid-cursor");
    app.admin.get(&format!("{EVENTS}?since=yesterday")).expect(400);
}
