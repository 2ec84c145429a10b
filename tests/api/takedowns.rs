//! Takedowns: one request withdraws all that fits, tells the world so, and one puts back exactly what was there.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::specimens::jpeg;
use crate::support::{Answer, TestApp};

const TAKEDOWNS: &str = "/v1/editorial/takedowns";

fn take_down(app: &TestApp, selector: &Value) -> Answer {
    app.editor.post(TAKEDOWNS, &json!({ "selector": selector, "reason": "They asked for it.", "legal_reference": "Case 12/2026" })).expect(201)
}

fn rehearse(app: &TestApp, selector: &Value) -> Answer {
    app.editor.post(TAKEDOWNS, &json!({ "selector": selector, "reason": "What if?", "dry_run": true })).expect(200)
}

fn reverse(app: &TestApp, takedown: &Answer) {
    app.editor.delete(&format!("{TAKEDOWNS}/{}", takedown.id()), "*").expect(204);
}

fn with_picture(app: &TestApp, headline: &str, picture: &Answer) -> Answer {
    app.published(&json!({ "headline": headline, "lead_media": { "media_id": picture.id() } }))
}

fn read(app: &TestApp, story: &Answer) -> Answer {
    app.anon.get(&format!("/v1/articles/{}", story.id()))
}

/// Everything that readers get of a story and of what it is filed under, but for the number of the last change.
fn seen(app: &TestApp, story: &Answer) -> Vec<Value> {
    let paths = [format!("/v1/articles/{}", story.id()), format!("/v1/articles/{}/jsonld", story.id()), "/v1/articles".into(), "/v1/tags".into(), "/v1/authors".into()];
    let lists = ["/v1/corrections".to_owned(), "/v1/search?q=harbour".to_owned()];
    paths.iter().chain(&lists).map(|path| app.anon.get(path).expect(200).json.clone()).collect()
}

fn status(app: &TestApp, article: &Answer) -> Answer {
    app.editor.get(&format!("/v1/editorial/articles/{}", article.id())).expect(200)
}

#[test]
fn a_supplier_goes_with_all_pictures_and_comes_back_with_what_was_corrected_meanwhile() {
    let app = TestApp::start();
    let credit = app.credit("Lens Agency");
    let path = format!("/v1/editorial/media?credit_id={}&alt=A%20pier&filename=pier.jpg", credit.id());
    let picture = app.editor.call("POST", &path).bytes("image/jpeg", jpeg(400, 300)).send().expect(201);
    let other = app.picture(&credit, "A crane");
    let (story, _) = (with_picture(&app, "Pier opens", &picture), with_picture(&app, "Crane falls", &other));
    let untouched = with_picture(&app, "Elsewhere", &app.picture(&app.credit("Others"), "A field"));
    let selector = json!({ "credit_id": credit.id() });

    let rehearsal = rehearse(&app, &selector);
    assert_eq!((&rehearsal["live_articles"], &rehearsal["other_articles"], &rehearsal["pictures"], rehearsal.str("subject")), (&json!(2), &json!(0), &json!(2), "Lens Agency"));
    assert_eq!(rehearsal["article_list"].as_array().unwrap().len(), 2);
    assert_eq!(rehearsal["picture_list"].as_array().unwrap().len(), 2);
    assert_eq!(read(&app, &story).expect(200)["lead_media"]["credit"]["name"], "Lens Agency");

    let before = read(&app, &story).expect(200);
    let address = before["lead_media"]["url"].as_str().unwrap().strip_prefix(&app.base).unwrap().to_owned();
    let takedown = take_down(&app, &selector);
    assert_eq!((&takedown["articles"], &takedown["pictures"], &takedown["reversed_at"]), (&json!(2), &json!(2), &Value::Null));
    assert_eq!(read(&app, &story).expect(200)["lead_media"], json!({ "withheld": true, "reason": "withdrawn" }));
    assert_eq!(app.anon.get(&address).expect(410).problem(), "gone");
    assert!(read(&app, &untouched).expect(200)["lead_media"]["url"].is_string());
    let reached = app.editor.get(&format!("{TAKEDOWNS}/{}/articles?limit=1", takedown.id())).expect(200);
    let next = reached["page"]["next"].as_str().unwrap();
    let rest = app.editor.get(&format!("{TAKEDOWNS}/{}/articles?limit=1&cursor={next}", takedown.id())).expect(200);
    assert_eq!((reached["data"][0]["id"] != rest["data"][0]["id"], &rest["page"]["next"]), (true, &Value::Null));

    // Nobody puts back by other means what it holds.
    let at = format!("/v1/editorial/media-credits/{}", credit.id());
    assert_eq!(app.admin.patch(&at, "*", &json!({ "status": "active" })).expect(409)["takedown_id"], takedown["id"]);
    let moved = json!({ "credit_id": app.credit("Somebody").id() });
    app.editor.patch(&format!("/v1/editorial/media/{}", picture.id()), "*", &moved).expect(409);
    assert_eq!(app.editor.post(TAKEDOWNS, &json!({ "selector": selector, "reason": "Again." })).expect(409).problem(), "already-exists");
    app.editor.patch(&at, "*", &json!({ "name": "Lens Pictures" })).expect(200);

    reverse(&app, &takedown);
    assert_eq!(read(&app, &story).expect(200)["lead_media"]["credit"]["name"], "Lens Pictures");
    assert_eq!(app.editor.get(&at).expect(200)["status"], "active");
    app.editor.delete(&format!("{TAKEDOWNS}/{}", takedown.id()), "*").expect(409);
    assert!(app.editor.get(&format!("{TAKEDOWNS}/{}", takedown.id())).expect(200)["reversed_at"].is_string());
}

#[test]
fn what_was_withdrawn_already_stays_so_after_a_reversal() {
    let app = TestApp::start();
    let picture = app.picture(&app.credit("Agency"), "A pier");
    let at = format!("/v1/editorial/media/{}", picture.id());
    app.editor.patch(&at, "*", &json!({ "status": "withdrawn" })).expect(200);
    let takedown = take_down(&app, &json!({ "media_id": picture.id() }));
    app.editor.patch(&at, "*", &json!({ "status": "ready" })).expect(409);
    reverse(&app, &takedown);
    assert_eq!(app.editor.get(&at).expect(200)["status"], "withdrawn");
}

#[test]
fn a_story_is_gone_by_every_address_and_comes_back_as_it_was() {
    let app = TestApp::start();
    let (story, _) = (app.published(&json!({ "headline": "Harbour fire" })), app.published(&json!({ "headline": "Harbour quiet" })));
    let at = format!("/v1/editorial/articles/{}", story.id());
    let renamed = app.editor.patch(&at, "*", &json!({ "slug": "the-fire" })).expect(200);
    let live = app.publish(&renamed);
    app.editor.call("POST", &format!("{at}/corrections")).if_match("*").json(&json!({ "kind": "correction", "text": "It was the north pier." })).send().expect(201);
    let preview = app.editor.call("POST", &format!("{at}/preview")).send().expect(201);
    // Changes that wait for the next publish: they come back as well.
    app.editor.patch(&at, "*", &json!({ "headline": "Harbour fire, what we know", "authors": [{ "author_id": app.writer("Ivan Koval").id(), "role": "author" }] })).expect(200);
    let (before, desk) = (seen(&app, &live), status(&app, &story));

    let takedown = take_down(&app, &json!({ "article_id": story.id() }));
    for address in [story.id(), "harbour-fire", "the-fire"] {
        for below in ["", "/jsonld", "/ninjs", "/related"] {
            assert_eq!(app.anon.get(&format!("/v1/articles/{address}{below}")).expect(410).problem(), "gone", "{address}{below}");
        }
    }
    app.anon.get(preview.str("url").strip_prefix(&app.base).unwrap()).expect(404);
    app.editor.call("POST", &format!("{at}/preview")).send().expect(409);
    assert_eq!(status(&app, &story).str("status"), "taken_down");
    for (method, path) in [("POST", format!("{at}/publish")), ("POST", format!("{at}/restore")), ("DELETE", at.clone())] {
        assert_eq!(app.editor.call(method, &path).if_match("*").send().expect(409).problem(), "illegal-state-change", "{path}");
    }
    let changes = app.anon.get("/v1/changes?limit=100").expect(200);
    let of_it: Vec<_> = changes["data"].as_array().unwrap().iter().filter(|change| change["article_id"] == story["id"]).collect();
    assert_eq!((&of_it.last().unwrap()["kind"], &of_it.last().unwrap()["revision"]), (&json!("taken_down"), &Value::Null));
    assert!(of_it.iter().all(|change| change["slug"] == Value::Null), "{of_it:?}");
    for path in ["/v1/articles", "/feeds/rss.xml", "/sitemaps/news.xml", "/v1/corrections", "/v1/search?q=fire", "/v1/changes"] {
        let text = app.anon.get(path).expect(200).text();
        assert!(!text.contains("the-fire") && !text.contains("harbour-fire") && !text.contains("north pier"), "{path}");
    }
    // What only the live revision refers to cannot go meanwhile.
    let writer = live["authors"][0]["author_id"].as_str().unwrap();
    app.editor.delete(&format!("/v1/editorial/authors/{writer}"), "*").expect(409);

    reverse(&app, &takedown);
    assert_eq!(seen(&app, &live), before);
    let after = status(&app, &story);
    for member in ["status", "live_revision", "revision", "headline", "published_at", "first_published_at", "has_unpublished_changes"] {
        assert_eq!(after[member], desk[member], "{member}");
    }
    assert_eq!(app.anon.get("/v1/articles/harbour-fire").status, 308);
}

#[test]
fn an_author_goes_with_what_is_live_and_what_is_planned() {
    let app = TestApp::start();
    let writer = app.writer("Ghost Writer");
    let by = json!([{ "author_id": writer.id(), "role": "author" }]);
    let live = app.published(&json!({ "headline": "Live one", "authors": by }));
    let planned = app.draft(&json!({ "headline": "Planned one", "authors": by }));
    let missed = app.draft(&json!({ "headline": "Missed one", "authors": by }));
    for article in [&planned, &missed] {
        let at = format!("/v1/editorial/articles/{}/schedule", article.id());
        app.editor.call("POST", &at).if_match("*").json(&json!({ "publish_at": "2099-01-01T00:00:00Z" })).send().expect(200);
    }
    let draft = app.draft(&json!({ "headline": "A draft", "authors": by }));
    let other = app.published(&json!({ "headline": "By another" }));
    let first = take_down(&app, &json!({ "article_id": live.id() }));
    let all = take_down(&app, &json!({ "author_id": writer.id() }));
    assert_eq!(all["articles"], json!(2), "what is down already is not taken down again");
    for article in [&live, &planned, &missed] {
        assert_eq!(status(&app, article).str("status"), "taken_down");
    }
    assert_eq!(status(&app, &draft).str("status"), "draft");
    read(&app, &other).expect(200);
    read(&app, &planned).expect(404);
    app.anon.get(&format!("/v1/authors/{}", writer.str("slug"))).expect(404);
    let reached = app.editor.get(&format!("{TAKEDOWNS}/{}/articles", all.id())).expect(200);
    assert_eq!(reached["data"].as_array().unwrap().len(), 3);

    // Two hold the first story: it comes back with the last of them.
    reverse(&app, &first);
    read(&app, &live).expect(410);
    let missed_id: uuid::Uuid = missed.id().parse().unwrap();
    diesel::sql_query("UPDATE taken_down_articles SET publish_at = now() - interval '1 hour' WHERE article_id = $1")
        .bind::<diesel::sql_types::Uuid, _>(missed_id)
        .execute(&mut app.connect())
        .unwrap();
    reverse(&app, &all);
    read(&app, &live).expect(200);
    let back = status(&app, &planned);
    assert_eq!((back.str("status"), back.str("publish_at")), ("scheduled", "2099-01-01T00:00:00.000Z"));
    let late = status(&app, &missed);
    assert_eq!((late.str("status"), &late["publish_at"], &late["schedule_failure"][0]["code"]), ("in_review", &Value::Null, &json!("taken_down")));
    assert_eq!(app.anon.get(&format!("/v1/authors/{}", writer.str("slug"))).expect(200)["article_count"], json!(1));
}

#[test]
fn every_takedown_is_on_record_and_found() {
    let app = TestApp::start();
    let story = app.published(&json!({}));
    let picture = app.picture(&app.credit("Agency"), "A pier");
    let (one, two) = (take_down(&app, &json!({ "article_id": story.id() })), take_down(&app, &json!({ "media_id": picture.id() })));
    reverse(&app, &two);
    let ids = |query: &str| app.editor.get(&format!("{TAKEDOWNS}?{query}")).expect(200)["data"].as_array().unwrap().iter().map(|t| t["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(""), [two["id"].clone(), one["id"].clone()]);
    assert_eq!(ids("standing=true"), [one["id"].clone()]);
    assert_eq!(ids("standing=false&kind=media"), [two["id"].clone()]);
    assert_eq!(ids(&format!("article={}", story.id())), [one["id"].clone()]);
    assert_eq!(ids(&format!("target={}", picture.id())), [two["id"].clone()]);
    let trail = |target: &str| {
        let events = app.admin.get(&format!("/v1/editorial/audit-events?target={target}")).expect(200);
        events["data"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(trail(story.id())[0], "take_down");
    assert_eq!(trail(two.id()), ["reverse", "create"]);
    app.author.post(TAKEDOWNS, &json!({ "selector": { "article_id": story.id() }, "reason": "Mine." })).expect(403);
    for (body, pointer) in [
        (json!({ "selector": { "article_id": picture.id() }, "reason": "There is none." }), "/selector/article_id"),
        (json!({ "selector": { "credit_id": story.id() }, "reason": "Why?", "dry_run": true }), "/selector/credit_id"),
        (json!({ "selector": { "article_id": story.id() }, "reason": "Why?", "after": story.id() }), "/after"),
    ] {
        assert_eq!(app.editor.post(TAKEDOWNS, &body).expect(422).faults()[0].0, pointer);
    }
    app.editor.post(TAKEDOWNS, &json!({ "selector": { "article_id": story.id(), "credit_id": story.id() }, "reason": "Both." })).expect(422);
}

#[test]
fn whatever_shows_a_story_is_purged_with_it() {
    let app = TestApp::start();
    let picture = app.picture(&app.credit("Agency"), "A pier");
    let story = with_picture(&app, "Pier opens", &picture);
    let german = app.published(&json!({ "headline": "Pier offen", "language": "de", "translation_of": story.id() }));
    app.connect().batch_execute("DELETE FROM purges").unwrap();
    take_down(&app, &json!({ "article_id": story.id() }));
    let keys: Vec<Option<String>> = masthead::schema::purges::table.select(masthead::schema::purges::keys).load::<Vec<Option<String>>>(&mut app.connect()).unwrap().concat();
    let purged = |key: String| assert!(keys.contains(&Some(key.clone())), "{key} is not among {keys:?}");
    for key in ["feed", "changes", "corrections"] {
        purged(key.to_owned());
    }
    for article in [&story, &german] {
        purged(format!("article-{}", article.id()));
    }
    purged(format!("media-{}", picture.id()));
    purged(format!("author-{}", story["authors"][0]["author_id"].as_str().unwrap()));
    purged(format!("tag-{}", story["tags"][0]["id"].as_str().unwrap()));
    assert_eq!(read(&app, &german).expect(200)["translations"], json!([]));
}
