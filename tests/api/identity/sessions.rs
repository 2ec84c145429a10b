//! Sessions: how they are renewed and how they end.

use diesel::prelude::*;
use masthead::app::now;
use masthead::schema::{refresh_tokens, sessions};
use serde_json::json;

use super::user_url;
use crate::support::TestApp;

const ME: &str = "/v1/auth/me";

#[test]
fn a_refresh_token_works_once_and_a_second_use_ends_the_session() {
    let app = TestApp::start();
    app.account("ann@example.org", "author");
    let (device, other) = (app.device("ann@example.org"), app.device("ann@example.org"));
    let renewed = app.refresh(&device.refresh).expect(200);
    assert_ne!(renewed.str("refresh_token"), device.refresh);
    let client = app.with_token(renewed.str("access_token"));
    client.get(ME).expect(200);
    let refused = app.refresh(&device.refresh).expect(401);
    assert!(refused.header("www-authenticate").contains("invalid_token"));
    client.get(ME).expect(401);
    device.client.get(ME).expect(401);
    app.refresh(renewed.str("refresh_token")).expect(401);
    other.client.get(ME).expect(200);
    let events = app.admin.get("/v1/editorial/audit-events?action=reuse_refresh_token").expect(200);
    assert_eq!(events.each("actor"), ["Somebody"]);
}

#[test]
fn of_two_who_renew_at_once_one_succeeds_at_the_most() {
    let app = TestApp::start();
    app.account("ann@example.org", "author");
    let device = app.device("ann@example.org");
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| app.refresh(&device.refresh).status)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 7, "{statuses:?}");
}

#[test]
fn signing_out_ends_one_session_and_signing_out_everywhere_all() {
    let app = TestApp::start();
    app.account("ann@example.org", "author");
    let (one, two, three) = (app.device("ann@example.org"), app.device("ann@example.org"), app.device("ann@example.org"));
    one.client.call("POST", "/v1/auth/logout").send().expect(204);
    app.expect_dead(&one);
    one.client.call("POST", "/v1/auth/logout").send().expect(401);
    two.client.get(ME).expect(200);
    two.client.call("DELETE", "/v1/auth/sessions").send().expect(204);
    app.expect_dead(&two);
    app.expect_dead(&three);
}

#[test]
fn sessions_are_listed_and_ended_one_by_one_by_their_owner_alone() {
    let app = TestApp::start();
    app.account("ann@example.org", "author");
    let (one, two) = (app.device("ann@example.org"), app.device("ann@example.org"));
    let list = two.client.get("/v1/auth/sessions").expect(200);
    assert_eq!(list["data"].as_array().unwrap().iter().map(|s| s["current"].as_bool().unwrap()).collect::<Vec<_>>(), [true, false]);
    assert_eq!(list["data"][0]["address"], "127.0.0.1");
    assert_eq!(list.header("cache-control"), "no-store");
    let first = two.client.get("/v1/auth/sessions?limit=1").expect(200);
    let rest = two.client.get(&format!("/v1/auth/sessions?limit=1&cursor={}", first["page"]["next"].as_str().unwrap())).expect(200);
    assert_eq!([first.each("id"), rest.each("id")].concat(), list.each("id"));
    let earlier = format!("/v1/auth/sessions/{}", list["data"][1]["id"].as_str().unwrap());
    app.admin.call("DELETE", &earlier).send().expect(404);
    one.client.get(ME).expect(200);
    two.client.call("DELETE", &earlier).send().expect(204);
    app.expect_dead(&one);
    two.client.call("DELETE", &earlier).send().expect(404);
    assert_eq!(two.client.get("/v1/auth/sessions").expect(200).each("id").len(), 1);
}

#[test]
fn what_an_administrator_changes_acts_on_tokens_already_issued() {
    let app = TestApp::start();
    let user = app.account("ann@example.org", "editor");
    let url = user_url(user.id());
    let (change, device) = (|body| app.admin.patch(&url, "*", &body).expect(200), app.device("ann@example.org"));

    assert_eq!(change(json!({ "role": "author" }))["role"], "author");
    app.expect_dead(&device);
    let demoted = app.device("ann@example.org");
    demoted.client.get("/v1/editorial/users").expect(403);

    assert_eq!(change(json!({ "disabled": true }))["status"], "disabled");
    app.expect_dead(&demoted);
    app.login("ann@example.org", super::PASSWORD).expect(401);
    assert_eq!(change(json!({ "disabled": false }))["status"], "active");
    app.expect_dead(&demoted);

    let last = app.device("ann@example.org");
    app.admin.delete(&url, "*").expect(204);
    app.expect_dead(&last);
    app.admin.get(&url).expect(404);
    let again = app.account("ann@example.org", "author");
    assert_ne!(again["id"], user["id"]);
    for old in [device, demoted, last] {
        app.expect_dead(&old);
    }
    app.device("ann@example.org").client.get(ME).expect(200);
}

#[test]
fn a_name_can_change_without_ending_anything() {
    let app = TestApp::start();
    let user = app.account("ann@example.org", "editor");
    let device = app.device("ann@example.org");
    app.admin.patch(&user_url(user.id()), "*", &json!({ "name": "Ann Lind", "role": "editor", "disabled": false })).expect(200);
    assert_eq!(device.client.get(ME).expect(200)["name"], "Ann Lind");
}

#[test]
fn a_session_ends_when_its_time_is_over_and_is_forgotten_later() {
    let app = TestApp::start();
    app.account("ann@example.org", "author");
    let (device, other) = (app.device("ann@example.org"), app.device("ann@example.org"));
    let mut conn = app.connect();
    let (id, _) = of(&mut conn, &device.refresh);
    let ended = |days: i64| diesel::update(sessions::table.find(id)).set(sessions::expires_at.eq(now().plus(chrono::Duration::days(-days))));
    ended(0).execute(&mut conn).unwrap();
    app.expect_dead(&device);
    masthead::identity::sweep(&mut conn).unwrap();
    assert_eq!(sessions::table.find(id).count().get_result::<i64>(&mut conn).unwrap(), 1, "a late reuse is still recognised");
    ended(31).execute(&mut conn).unwrap();
    assert_eq!(masthead::identity::sweep(&mut conn).unwrap(), 1);
    assert_eq!(refresh_tokens::table.filter(refresh_tokens::session_id.eq(id)).count().get_result::<i64>(&mut conn).unwrap(), 0);
    other.client.get(ME).expect(200);
}

#[test]
fn however_often_it_is_renewed_a_session_does_not_outlive_its_longest_time() {
    let app = TestApp::start_with(&["--session-ttl", "3600", "--refresh-ttl", "1800"]);
    app.account("ann@example.org", "author");
    let device = app.device("ann@example.org");
    let mut conn = app.connect();
    let (id, began) = of(&mut conn, &device.refresh);
    let earlier = began.plus(chrono::Duration::seconds(-3_000));
    diesel::update(sessions::table.find(id)).set(sessions::created_at.eq(earlier)).execute(&mut conn).unwrap();
    app.refresh(&device.refresh).expect(200);
    let end: masthead::timestamp::Timestamp = sessions::table.find(id).select(sessions::expires_at).first(&mut conn).unwrap();
    assert_eq!(end, earlier.plus(chrono::Duration::seconds(3_600)));
}

fn of(conn: &mut PgConnection, refresh: &str) -> (uuid::Uuid, masthead::timestamp::Timestamp) {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(refresh.as_bytes()).to_vec();
    refresh_tokens::table.find(digest).inner_join(sessions::table).select((sessions::id, sessions::created_at)).first(conn).unwrap()
}
