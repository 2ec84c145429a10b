//! The cache of ready answers: never stale for whoever wrote, nor for other processes, nor past a picture's rights.

use chrono::Duration;
use diesel::prelude::*;
use masthead::schema::media_credits;
use serde_json::json;

use crate::support::TestApp;

const CACHED: &[&str] = &["--cache-bytes", "10000000"];

/// A service that listens: what it keeps counts from now on.
fn listening() -> TestApp {
    let app = TestApp::start_with(CACHED);
    app.until("the listener is up", || app.parts.generation.current().is_some());
    app
}

fn hits(app: &TestApp) -> u64 {
    app.parts.responses.hits.load(std::sync::atomic::Ordering::Relaxed)
}

#[test]
fn the_same_question_is_computed_once_whatever_the_order_of_its_parameters() {
    let app = listening();
    app.published(&json!({ "headline": "Kept" }));
    let first = app.anon.get("/v1/articles?limit=5&kind=news").expect(200);
    let again = app.anon.get("/v1/articles?kind=news&limit=5").expect(200);
    assert_eq!((hits(&app), &again.json, again.etag()), (1, &first.json, first.etag()));
    let unchanged = app.anon.call("GET", "/v1/articles?kind=news&limit=5").header("if-none-match", first.etag()).send().expect(304);
    assert_eq!((hits(&app), unchanged.etag()), (2, first.etag()));
    let head = app.anon.call("HEAD", "/v1/articles?kind=news&limit=5").send().expect(200);
    assert_eq!((hits(&app), head.etag()), (3, first.etag()));
}

#[test]
fn whoever_writes_reads_what_they_wrote_with_the_next_request() {
    let app = listening();
    for n in 0..20 {
        app.anon.get("/v1/articles?limit=1").expect(200);
        let story = app.published(&json!({ "headline": format!("Story {n}") }));
        assert_eq!(app.anon.get("/v1/articles?limit=1").expect(200)["data"][0]["id"], story.id());
    }
    let last = app.anon.get("/v1/articles?limit=1").expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
    app.anon.get(&format!("/v1/articles/{last}")).expect(200);
    app.editor.act(&format!("/v1/editorial/articles/{last}/unpublish"), "*").expect(200);
    app.anon.get(&format!("/v1/articles/{last}")).expect(404);
}

#[test]
fn a_draft_costs_readers_nothing() {
    let app = listening();
    app.published(&json!({ "headline": "Live" }));
    app.anon.get("/v1/articles").expect(200);
    app.draft(&json!({ "headline": "Nobody sees this" }));
    app.anon.get("/v1/articles").expect(200);
    assert_eq!(hits(&app), 1);
}

#[test]
fn another_process_hears_of_a_change() {
    let app = listening();
    let other = app.replica(CACHED);
    app.until("the other listens", || other.parts.generation.current().is_some());
    assert_eq!(other.anon.get("/v1/articles").expect(200)["data"], json!([]));
    let story = app.published(&json!({ "headline": "News" }));
    app.until("the other has heard", || other.anon.get("/v1/articles").expect(200)["data"][0]["id"] == story.id());
}

#[test]
fn nothing_is_taken_from_memory_while_nobody_listens() {
    let app = listening();
    app.published(&json!({ "headline": "Live" }));
    app.anon.get("/v1/articles").expect(200);
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query ILIKE '%generations%' AND datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle'";
    app.until("the listener is gone", || {
        diesel::sql_query(end).execute(&mut app.connect()).unwrap();
        app.parts.generation.current().is_none()
    });
    let before = hits(&app);
    app.anon.get("/v1/articles").expect(200);
    app.until("it listens again", || app.parts.generation.current().is_some());
    assert!(hits(&app) <= before + 1);
    app.anon.get("/v1/articles").expect(200);
    app.anon.get("/v1/articles").expect(200);
    assert!(hits(&app) > before);
}

#[test]
fn a_picture_goes_when_its_rights_end_though_nobody_has_changed_anything() {
    let app = listening();
    let picture = app.picture(&app.credit("Agency"), "A bridge");
    let story = app.published(&json!({ "headline": "With a picture", "lead_media": { "media_id": picture.id() } }));
    let path = format!("/v1/articles/{}", story.id());
    let end = masthead::app::now().plus(Duration::milliseconds(1_500));
    diesel::update(media_credits::table).set(media_credits::valid_until.eq(end)).execute(&mut app.connect()).unwrap();
    diesel::sql_query("UPDATE generations SET value = value + 1").execute(&mut app.connect()).unwrap();
    diesel::sql_query("SELECT pg_notify('masthead_generation', (SELECT value::text FROM generations WHERE name = 'content'))").execute(&mut app.connect()).unwrap();
    app.until("the end is known", || app.anon.get(&path).expect(200).header("cache-control").contains("s-maxage=1") || masthead::app::now() > end);
    app.until("the picture is withheld", || app.anon.get(&path).expect(200)["lead_media"]["reason"] == "rights_expired");
    assert!(masthead::app::now() >= end);
}
