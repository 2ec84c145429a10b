//! Readers and a real streaming standby: it answers them while it lags behind nothing that this process knows of, and
//! neither its delay nor its end is to be seen from outside.

use serde_json::json;

use crate::support::standby::Standby;
use crate::support::{Cluster, TestApp, skipped};

fn newest(app: &TestApp) -> String {
    app.anon.get("/v1/articles?limit=1").expect(200)["data"][0]["headline"].as_str().unwrap().to_owned()
}

fn reads_of_standby(app: &TestApp) -> u64 {
    app.parts.db.reads_of_replica().unwrap()
}

/// Reads until the standby has answered one.
fn until_it_answers(app: &TestApp, headline: &str) {
    let before = reads_of_standby(app);
    app.until("the standby answers", || {
        assert_eq!(newest(app), headline);
        reads_of_standby(app) > before
    });
}

#[test]
fn readers_are_answered_by_a_standby_that_knows_all_that_this_process_knows() {
    let cluster: &'static Cluster = Box::leak(Box::new(Cluster::start()));
    let Some(standby) = Standby::of(cluster) else { return skipped("a standby cannot be made: pg_basebackup is missing") };
    let database = cluster.create_database();
    let read_url = standby.url(&database);
    let app = TestApp::on(cluster, database, true, &["--database-read-url", &read_url]);
    let other = app.replica(&["--database-read-url", &read_url]);

    app.published(&json!({ "headline": "First" }));
    until_it_answers(&app, "First");

    // It lags: whoever writes reads it all the same, and so does who has heard of it.
    standby.hold();
    app.published(&json!({ "headline": "Second" }));
    let before = reads_of_standby(&app);
    for _ in 0..20 {
        assert_eq!(newest(&app), "Second");
    }
    assert_eq!(reads_of_standby(&app), before);
    other.until("the other process has heard", || newest(&other) == "Second");
    for _ in 0..20 {
        assert_eq!(newest(&other), "Second");
    }
    standby.go_on();
    until_it_answers(&app, "Second");

    // It ends in the middle: nobody notices.
    standby.stop();
    for _ in 0..20 {
        assert_eq!(newest(&app), "Second");
    }
    app.published(&json!({ "headline": "Third" }));
    assert_eq!(newest(&app), "Third");
    standby.start();
    until_it_answers(&app, "Third");

    // Nobody can be told of changes while the primary is gone, and there are none.
    cluster.stop();
    app.until("the standby alone answers", || app.parts.generation.current().is_none());
    for _ in 0..5 {
        assert_eq!(newest(&app), "Third");
    }
    app.editor.post("/v1/editorial/articles", &json!({ "headline": "Not now" })).expect(503);
    cluster.start_again();
    app.until("writing goes again", || app.editor.post("/v1/editorial/articles", &json!({ "headline": "Now" })).status == 201);
    app.published(&json!({ "headline": "Fourth" }));
    until_it_answers(&app, "Fourth");
}
