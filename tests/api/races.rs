//! Many at once: one wins, the others are told, and nothing is half done.

use serde_json::json;

use crate::support::{Answer, TestApp};

fn at_once(count: usize, call: impl Fn(usize) -> Answer + Sync) -> Vec<Answer> {
    std::thread::scope(|scope| {
        let call = &call;
        let calls: Vec<_> = (0..count).map(|n| scope.spawn(move || call(n))).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    })
}

fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// All wait their turn: what is tried here is not the patience of the pool.
fn patient() -> TestApp {
    TestApp::start_with(&["--pool-timeout-ms", "30000"])
}

#[test]
fn of_fifty_who_take_a_slug_at_once_one_gets_it() {
    let app = patient();
    let articles = at_once(50, |_| app.editor.post("/v1/editorial/articles", &json!({ "headline": "Same", "slug": "same" })));
    assert_eq!((count(&articles, 201), count(&articles, 409)), (1, 49));
    let tags = at_once(50, |_| app.editor.post("/v1/editorial/tags", &json!({ "name": "Same", "kind": "topic", "slug": "same" })));
    assert_eq!((count(&tags, 201), count(&tags, 409)), (1, 49));
    assert_eq!(app.editor.get("/v1/editorial/articles?count=exact").expect(200)["page"]["total"], 1);
}

#[test]
fn of_fifty_headlines_at_once_each_gets_a_slug_of_its_own() {
    let app = patient();
    let answers = at_once(50, |_| app.editor.post("/v1/editorial/articles", &json!({ "headline": "Breaking" })).expect(201));
    let mut slugs: Vec<_> = answers.iter().map(|answer| answer.str("slug").to_owned()).collect();
    slugs.sort();
    slugs.dedup();
    assert_eq!(slugs.len(), 50);
}

#[test]
fn of_fifty_who_save_the_same_version_one_is_heard() {
    let app = patient();
    let draft = app.draft(&json!({}));
    let url = format!("/v1/editorial/articles/{}", draft.id());
    let answers = at_once(50, |n| app.editor.patch(&url, draft.etag(), &json!({ "headline": format!("Version of {n}") })));
    assert_eq!((count(&answers, 200), count(&answers, 412)), (1, 49));
    let winner = answers.iter().find(|answer| answer.status == 200).unwrap();
    let now = app.editor.get(&url).expect(200);
    assert_eq!((&now["headline"], &now["version"], &now["revision"]), (&winner["headline"], &json!(2), &json!(2)));
}

#[test]
fn saving_publishing_and_deleting_the_same_version_at_once_is_one_of_them() {
    let app = patient();
    let draft = app.draft(&json!({}));
    let url = format!("/v1/editorial/articles/{}", draft.id());
    let answers = at_once(30, |n| match n % 3 {
        0 => app.editor.patch(&url, draft.etag(), &json!({ "kicker": n.to_string() })),
        1 => app.editor.act(&format!("{url}/publish"), draft.etag()),
        _ => app.editor.delete(&url, draft.etag()),
    });
    let won = count(&answers, 200) + count(&answers, 204);
    assert_eq!(won, 1, "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 204 | 404 | 409 | 412)));
}

#[test]
fn an_article_published_by_many_at_once_is_published_once() {
    let app = patient();
    let draft = app.draft(&json!({}));
    let answers = at_once(20, |_| app.editor.act(&format!("/v1/editorial/articles/{}/publish", draft.id()), "*"));
    assert_eq!(count(&answers, 200), 20);
    assert!(answers.iter().all(|answer| answer["version"] == 2 && answer["published_at"] == answers[0]["published_at"]));
    assert_eq!(app.anon.get("/v1/articles?count=exact").expect(200)["page"]["total"], 1);
}

#[test]
fn counts_of_live_stories_hold_while_many_go_on_and_off() {
    let app = patient();
    let tag = app.tag("Counted");
    let drafts: Vec<_> = (0..12).map(|_| app.draft(&json!({ "tags": [tag.id()] }))).collect();
    at_once(12, |n| app.publish(&drafts[n]));
    at_once(12, |n| {
        if n % 3 == 0 {
            app.editor.act(&format!("/v1/editorial/articles/{}/unpublish", drafts[n].id()), "*").expect(200)
        } else {
            app.anon.get("/v1/articles?tag=counted").expect(200)
        }
    });
    assert_eq!(app.anon.get("/v1/articles?tag=counted&count=exact").expect(200)["page"]["total"], 8);
    assert_eq!(app.anon.get("/v1/tags/counted").expect(200)["article_count"], 8);
}
