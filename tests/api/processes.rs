//! Several processes of the built program on one database, some of them killed without warning at the worst moment.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl};
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::program::{PATIENCE, Replica, Worker, program, until};
use crate::world;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn count(conn: &mut PgConnection, query: &str) -> i64 {
    diesel::sql_query(format!("SELECT ({query})::bigint AS n")).get_result::<Count>(conn).unwrap().n
}

const PLANNED: usize = 100;

#[test]
fn stories_due_in_the_same_second_go_live_once_each_though_three_race_and_one_dies() {
    let app = TestApp::start();
    for n in 0..PLANNED {
        let draft = app.draft(&json!({ "headline": format!("Planned {n}") }));
        let plan = json!({ "publish_at": masthead::app::now().plus(chrono::Duration::hours(1)).to_string() });
        app.editor.call("POST", &format!("/v1/editorial/articles/{}/schedule", draft.id())).if_match("*").json(&plan).send().expect(200);
    }
    let mut replicas: Vec<_> = (0..3).map(|_| Replica::start(&app)).collect();
    let conn = &mut app.connect();
    conn.batch_execute("UPDATE articles SET publish_at = date_trunc('second', clock_timestamp()) + interval '2 seconds'").unwrap();
    until("the first story", || {
        // Looked at together: what is live before its time is live too early.
        let early = "SELECT count(*) FROM articles WHERE status = 'published' AND published_at > clock_timestamp()";
        assert_eq!(count(conn, early), 0);
        count(conn, "SELECT count(*) FROM live_articles") > 0
    });
    replicas.remove(0).kill();
    until("the last story", || count(conn, "SELECT count(*) FROM live_articles") == PLANNED as i64);
    assert_eq!(count(conn, "SELECT count(*) FROM changes WHERE kind = 'published'"), PLANNED as i64);
    assert_eq!(count(conn, "SELECT count(*) FROM audit_events WHERE action = 'publish'"), PLANNED as i64);
    assert_eq!(count(conn, "SELECT count(*) FROM live_articles WHERE published_at <> date_trunc('second', published_at)"), 0, "each bears the time it was planned for");
    world::assert_agrees(conn);
}

const ROUNDS: usize = 10;
const WRITERS: usize = 4;

/// A publish that a writer has asked for.
struct Wish {
    id: String,
    key: String,
    acknowledged: bool,
}

/// One request to the replica; nothing when it died before it had answered.
fn ask(http: &reqwest::blocking::Client, app: &TestApp, url: &str, key: &str, body: &Value) -> Option<Value> {
    let call = http.post(url).bearer_auth(app.editor.token()).header("idempotency-key", key).header("if-match", "*").header("content-type", "application/json");
    let answer = call.body(body.to_string()).send().ok()?;
    let status = answer.status().as_u16();
    let text = answer.text().ok()?;
    assert!(matches!(status, 200 | 201), "{status}: {text}");
    serde_json::from_str(&text).ok()
}

/// Writes and publishes stories until the replica is gone.
fn write_until_it_dies(app: &TestApp, base: &str, story: &Value, wishes: &Mutex<Vec<Wish>>, published: &AtomicUsize) {
    let http = reqwest::blocking::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    loop {
        let key = uuid::Uuid::now_v7().to_string();
        let Some(draft) = ask(&http, app, &format!("{base}/v1/editorial/articles"), &format!("create-{key}"), story) else { return };
        let id = draft["id"].as_str().unwrap().to_owned();
        let answer = ask(&http, app, &format!("{base}/v1/editorial/articles/{id}/publish"), &key, &json!({}));
        let acknowledged = answer.is_some_and(|article| article["status"] == "published");
        wishes.lock().unwrap().push(Wish { id, key, acknowledged });
        if !acknowledged {
            return;
        }
        published.fetch_add(1, Ordering::SeqCst);
    }
}

/// One life of a replica: it is killed as soon as this many publishes are acknowledged, while others are under way.
fn life(app: &TestApp, story: &Value, wishes: &Mutex<Vec<Wish>>, enough: usize) {
    let mut replica = Replica::start(app);
    // What was under way when the last one died is asked for again under the same key: it is done once.
    let http = reqwest::blocking::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    for wish in wishes.lock().unwrap().iter_mut().filter(|wish| !wish.acknowledged) {
        let url = format!("{}/v1/editorial/articles/{}/publish", replica.base, wish.id);
        let answer = ask(&http, app, &url, &wish.key, &json!({})).expect("an answer to the second try");
        assert_eq!(answer["status"], "published");
        wish.acknowledged = true;
    }
    let (published, base) = (AtomicUsize::new(0), replica.base.clone());
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|_| scope.spawn(|| write_until_it_dies(app, &base, story, wishes, &published))).collect();
        until("enough publishes", || published.load(Ordering::SeqCst) >= enough || writers.iter().all(std::thread::ScopedJoinHandle::is_finished));
        replica.kill();
    });
}

#[test]
fn every_acknowledged_publish_is_there_and_whole_after_ten_kills() {
    let app = TestApp::start();
    let (tag, other) = (app.tag("Rail"), app.tag("Sea"));
    let story = app.story(&json!({ "headline": "Written in a storm", "tags": [tag.id(), other.id()] }));
    let wishes = Mutex::new(Vec::new());
    let conn = &mut app.connect();
    for round in 0..ROUNDS {
        // From the first publish to the middle of full swing.
        life(&app, &story, &wishes, round * 2);
        world::assert_agrees(conn);
        for wish in wishes.lock().unwrap().iter().filter(|wish| wish.acknowledged) {
            let there = format!(
                "SELECT count(*) FROM live_articles l JOIN changes c ON c.article_id = l.id JOIN audit_events e ON e.target_id = l.id AND e.action = 'publish' WHERE l.id = '{}'",
                wish.id
            );
            assert_eq!(count(conn, &there), 1, "an acknowledged publish of {} is not there once, with its traces", wish.id);
        }
    }
    life(&app, &story, &wishes, 0);
    let wishes = wishes.into_inner().unwrap();
    assert!(wishes.iter().filter(|wish| wish.acknowledged).count() > ROUNDS * (ROUNDS - 1), "hardly anything was published");
    world::assert_agrees(conn);
}

#[test]
fn workers_do_what_is_scheduled_without_any_serve_and_stop_when_asked() {
    let app = TestApp::start();
    let plan = json!({ "publish_at": masthead::app::now().plus(chrono::Duration::hours(1)).to_string() });
    for n in 0..20 {
        let draft = app.draft(&json!({ "headline": format!("Planned {n}") }));
        app.editor.call("POST", &format!("/v1/editorial/articles/{}/schedule", draft.id())).if_match("*").json(&plan).send().expect(200);
    }
    let mut workers = [Worker::start(&app), Worker::start(&app)];
    let conn = &mut app.connect();
    conn.batch_execute("UPDATE articles SET publish_at = clock_timestamp() - interval '1 minute'").unwrap();
    until("the last story", || count(conn, "SELECT count(*) FROM live_articles") == 20);
    assert_eq!(count(conn, "SELECT count(*) FROM changes WHERE kind = 'published'"), 20);
    for worker in &mut workers {
        assert_eq!(worker.stop(), Some(0));
    }
    world::assert_agrees(conn);
}

#[test]
fn a_service_that_is_told_to_leave_the_jobs_alone_does() {
    let app = TestApp::start();
    let draft = app.draft(&json!({ "headline": "Planned" }));
    let plan = json!({ "publish_at": masthead::app::now().plus(chrono::Duration::hours(1)).to_string() });
    app.editor.call("POST", &format!("/v1/editorial/articles/{}/schedule", draft.id())).if_match("*").json(&plan).send().expect(200);
    let _serving = Replica::run(program(&app.database_url(), app.folder(), "serve").env("MASTHEAD_JOBS", "off"));
    let conn = &mut app.connect();
    conn.batch_execute("UPDATE articles SET publish_at = clock_timestamp()").unwrap();
    // A service with jobs looks every second.
    until("three seconds", || {
        assert_eq!(count(conn, "SELECT count(*) FROM live_articles"), 0, "a job was done");
        count(conn, "SELECT count(*) FROM articles WHERE publish_at < clock_timestamp() - interval '3 seconds'") == 1
    });
    let _working = Worker::start(&app);
    until("the story", || count(conn, "SELECT count(*) FROM live_articles") == 1);
}
