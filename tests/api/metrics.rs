//! What operators watch: only where a token is set, only for who has it, and right.

use serde_json::json;

use crate::support::{Answer, TestApp};

const TOKEN: &str = "the token of the operators";

fn metrics(app: &TestApp) -> Answer {
    app.with_token(TOKEN).get("/metrics").expect(200)
}

/// The value of a line.
fn value(answer: &Answer, line: &str) -> f64 {
    let text = answer.text();
    let found = text.lines().find_map(|l| l.strip_prefix(line)).unwrap_or_else(|| panic!("no {line} in {text}"));
    found.trim().parse().unwrap()
}

#[test]
fn there_are_none_without_a_token_and_none_for_others() {
    let app = TestApp::start();
    app.anon.get("/metrics").expect(404);
    let app = TestApp::start_with(&["--metrics-token", TOKEN]);
    for client in [&app.anon, &app.admin, &app.with_token("the token of the operatorz")] {
        assert!(client.get("/metrics").expect(401).header("www-authenticate").contains("Bearer"));
    }
}

#[test]
fn answers_are_counted_by_route_and_the_cache_tells_how_it_does() {
    let app = TestApp::start_with(&["--metrics-token", TOKEN, "--cache-bytes", "10000000"]);
    app.until("the listener is up", || app.parts.generation.current().is_some());
    let story = app.published(&json!({ "headline": "Counted" }));
    for _ in 0..3 {
        app.anon.get(&format!("/v1/articles/{}", story.id())).expect(200);
    }
    app.anon.get("/v1/articles/nothing-of-the-kind").expect(404);
    app.anon.get("/v1/no-such-room").expect(404);
    let told = metrics(&app);
    let count = |route: &str, status: u16| value(&told, &format!("masthead_answers_seconds_count{{method=\"GET\",route=\"{route}\",status=\"{status}\"}}"));
    assert_eq!((count("/v1/articles/{id}", 200), count("/v1/articles/{id}", 404)), (3.0, 1.0));
    assert_eq!(value(&told, "masthead_cache_hits_total"), 2.0);
    assert!(value(&told, "masthead_cache_misses_total") >= 1.0);
    assert_eq!(value(&told, "masthead_generation_trusted"), 1.0);
    assert!(value(&told, "masthead_generation ") >= 1.0 && value(&told, "masthead_generation_age_seconds") >= 0.0);
    assert_eq!(value(&told, "masthead_database_connections_in_use{pool=\"readers\"}"), 0.0);
    assert!(!told.text().contains(story.id()), "metrics name no story");
}
