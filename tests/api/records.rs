//! What is written once is never changed: the database itself refuses, whoever asks.

use chrono::Duration;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use masthead::identity::retention;
use masthead::schema::audit_events;
use serde_json::json;

use crate::support::TestApp;

fn refused(app: &TestApp, sql: &str) -> String {
    app.connect().batch_execute(sql).expect_err(sql).to_string()
}

#[test]
fn revisions_corrections_and_the_audit_trail_are_never_changed_and_go_only_with_what_they_belong_to() {
    let app = TestApp::start();
    let story = app.published(&json!({ "headline": "One" }));
    let path = format!("/v1/editorial/articles/{}", story.id());
    app.editor.patch(&path, "*", &json!({ "headline": "Two" })).expect(200);
    app.editor.call("POST", &format!("{path}/corrections")).if_match("*").json(&json!({ "kind": "correction", "text": "It is two." })).send().expect(201);
    let collection = app.editor.post("/v1/editorial/collections", &json!({ "name": "Home" })).expect(201);
    for table in ["article_revisions", "corrections", "collection_revisions", "audit_events"] {
        let changed = if table == "audit_events" { "actor = 'somebody else'" } else { "created_at = now()" };
        assert!(refused(&app, &format!("UPDATE {table} SET {changed}")).contains("never changed"), "{table}");
        assert!(refused(&app, &format!("DELETE FROM {table}")).contains(if table == "audit_events" { "kept" } else { "go only with" }), "{table}");
        assert!(refused(&app, &format!("TRUNCATE {table} CASCADE")).contains("never changed"), "{table}");
    }
    app.editor.act(&format!("{path}/unpublish"), "*").expect(200);
    app.editor.delete(&path, "*").expect(204);
    app.editor.delete(&format!("/v1/editorial/collections/{}", collection.id()), "*").expect(204);
    let left = "(SELECT (SELECT count(*) FROM article_revisions) + (SELECT count(*) FROM corrections) + (SELECT count(*) FROM collection_revisions))";
    assert_eq!(diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(left)).get_result::<i64>(&mut app.connect()).unwrap(), 0);
}

/// Ages in days of the events that are there, the oldest first.
fn ages(app: &TestApp) -> Vec<i64> {
    let now = masthead::app::now();
    let times: Vec<masthead::timestamp::Timestamp> = audit_events::table.order(audit_events::at).select(audit_events::at).load(&mut app.connect()).unwrap();
    times.into_iter().map(|at| (now.millis() - at.millis()) / 86_400_000).collect()
}

#[test]
fn audit_events_are_kept_as_long_as_the_operators_want() {
    let app = TestApp::start();
    app.tag("Now");
    let aged = "INSERT INTO audit_events (id, at, actor, action, resource) SELECT gen_random_uuid(), now() - make_interval(days => age), 'test', 'create', 'tag' FROM unnest(ARRAY[400, 100, 31, 29]) age";
    app.connect().batch_execute(aged).unwrap();
    let forget = |days: u32| masthead::db::transaction(&mut app.connect(), &|tx| retention::forget_events(tx, days, masthead::app::now())).unwrap();
    assert_eq!(forget(0), 0);
    assert_eq!(ages(&app), [400, 100, 31, 29, 0]);
    assert_eq!((forget(30), forget(30)), (3, 0));
    assert_eq!(ages(&app), [29, 0]);
}

#[test]
fn leave_to_forget_old_events_reaches_no_others_and_ends_with_its_transaction() {
    let app = TestApp::start();
    app.tag("Now");
    let conn = &mut app.connect();
    let day_ago = masthead::app::now().plus(-Duration::days(1));
    let leave = format!("SELECT set_config('masthead.forget_events_before', '{day_ago}', true)");
    let within = conn.transaction::<(), diesel::result::Error, _>(|tx| {
        tx.batch_execute(&leave)?;
        tx.batch_execute("DELETE FROM audit_events")
    });
    assert!(within.unwrap_err().to_string().contains("kept"));
    conn.transaction(|tx| tx.batch_execute(&leave)).unwrap();
    assert!(conn.batch_execute("DELETE FROM audit_events").unwrap_err().to_string().contains("kept"));
    assert_eq!(ages(&app), [0]);
}
