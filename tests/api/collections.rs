//! Curated collections: on the desk, and as the world reads them.

use chrono::Duration;
use diesel::prelude::*;
use masthead::schema::live_collections;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, TestApp};

fn url(collection: &Answer, rest: &str) -> String {
    format!("/v1/editorial/collections/{}{rest}", collection.id())
}

fn create(app: &TestApp, body: &Value) -> Answer {
    app.editor.post("/v1/editorial/collections", body).expect(201)
}

fn live(app: &TestApp, body: &Value) -> Answer {
    let made = create(app, body);
    app.editor.act(&url(&made, "/publish"), made.etag()).expect(200)
}

fn shown(app: &TestApp, path: &str) -> Vec<String> {
    let answer = app.anon.get(&format!("/v1/collections/{path}")).expect(200);
    answer["items"].as_array().unwrap().iter().map(|item| item["headline"].as_str().unwrap().to_owned()).collect()
}

fn slot(article: &Answer) -> Value {
    json!({ "article_id": article.id() })
}

/// Stories with these headlines, the last one the newest.
fn stories<const N: usize>(app: &TestApp, headlines: [&str; N]) -> [Answer; N] {
    let now = masthead::app::now();
    let mut minutes = 60;
    headlines.map(|headline| {
        minutes -= 1;
        let draft = app.draft(&json!({ "headline": headline }));
        let at = now.plus(-Duration::minutes(minutes)).to_string();
        app.editor.call("POST", &format!("/v1/editorial/articles/{}/publish", draft.id())).if_match("*").json(&json!({ "published_at": at })).send().expect(200)
    })
}

#[test]
fn chosen_stories_come_first_and_the_newest_fill_up_and_none_stands_twice() {
    let app = TestApp::start();
    let [one, _two, three, _four] = stories(&app, ["One", "Two", "Three", "Four"]);
    let home = live(&app, &json!({ "name": "Home page", "slug": "home", "slots": [slot(&three), slot(&one)], "fill": {}, "size": 4 }));
    assert_eq!(shown(&app, "home"), ["Three", "One", "Four", "Two"]);
    assert_eq!(shown(&app, home.id()), ["Three", "One", "Four", "Two"]);
    let smaller = app.editor.patch(&url(&home, ""), home.etag(), &json!({ "size": 3 })).expect(200);
    app.editor.act(&url(&home, "/publish"), smaller.etag()).expect(200);
    assert_eq!(shown(&app, "home"), ["Three", "One", "Four"]);
    let smallest = app.editor.patch(&url(&home, ""), "*", &json!({ "size": 1, "fill": null })).expect(200);
    app.editor.act(&url(&home, "/publish"), smallest.etag()).expect(200);
    assert_eq!(shown(&app, "home"), ["Three"]);
}

#[test]
fn a_slot_is_passed_over_while_its_story_is_not_live_and_its_place_is_kept() {
    let app = TestApp::start();
    let [one, two] = stories(&app, ["One", "Two"]);
    let coming = app.draft(&json!({ "headline": "Coming" }));
    live(&app, &json!({ "name": "Home", "slots": [slot(&coming), slot(&one), slot(&two)], "fill": {} }));
    assert_eq!(shown(&app, "home"), ["One", "Two"]);
    app.publish(&coming);
    assert_eq!(shown(&app, "home"), ["Coming", "One", "Two"]);
    app.editor.act(&format!("/v1/editorial/articles/{}/unpublish", one.id()), "*").expect(200);
    assert_eq!(shown(&app, "home"), ["Coming", "Two"]);
    app.editor.delete(&format!("/v1/editorial/articles/{}", one.id()), "*").expect(204);
    assert_eq!(shown(&app, "home"), ["Coming", "Two"]);
    // What has gone since does not keep the editors from changing the rest.
    let desk = app.editor.get("/v1/editorial/collections/home").expect(200);
    app.editor.patch(&url(&desk, ""), desk.etag(), &json!({ "description": "The front" })).expect(200);
    let refusal = app.editor.patch(&url(&desk, ""), "*", &json!({ "slots": [slot(&two), slot(&one)] })).expect(422);
    assert_eq!(refusal.faults(), [("/slots/1/article_id", "unknown_reference")]);
}

#[test]
fn a_pin_holds_until_its_time_and_no_cache_outlives_it() {
    let app = TestApp::start();
    let [old, _new] = stories(&app, ["Old", "New"]);
    let until = masthead::app::now().plus(Duration::seconds(20));
    let home = live(&app, &json!({ "name": "Home", "slots": [{ "article_id": old.id(), "pinned_until": until.to_string() }], "fill": {} }));
    let read = app.anon.get("/v1/collections/home").expect(200);
    assert_eq!(read["items"][0]["headline"], "Old");
    let lifetime: i64 = read.header("cache-control").split("s-maxage=").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
    assert!(lifetime <= 20, "{lifetime}");
    let passed = json!([{ "article_id": old.id(), "pinned_until": until.plus(-Duration::minutes(1)).to_string() }]);
    let id: Uuid = home.id().parse().unwrap();
    diesel::update(live_collections::table.find(id)).set(live_collections::slots.eq(passed)).execute(&mut app.connect()).unwrap();
    assert_eq!(shown(&app, "home"), ["New", "Old"]);
}

#[test]
fn what_fills_up_is_a_query_that_survives_renames_and_merges() {
    let app = TestApp::start();
    let (rail, sea, railways) = (app.tag("Rail"), app.tag("Sea"), app.tag("Railways"));
    let on = |headline: &str, tag: &Answer, kind: &str| app.published(&json!({ "headline": headline, "tags": [tag.id()], "kind": kind }));
    on("Rail news", &rail, "news");
    on("Rail view", &rail, "opinion");
    on("Sea news", &sea, "news");
    let home = live(&app, &json!({ "name": "Trains", "fill": { "tag": [rail.id()], "kind": ["news"] } }));
    assert_eq!(shown(&app, "trains"), ["Rail news"]);
    app.editor.patch(&format!("/v1/editorial/tags/{}", rail.id()), "*", &json!({ "slug": "trains" })).expect(200);
    assert_eq!(shown(&app, "trains"), ["Rail news"]);
    app.editor.call("POST", &format!("/v1/editorial/tags/{}/merge", rail.id())).if_match("*").json(&json!({ "into": railways.id() })).send().expect(200);
    assert_eq!(shown(&app, "trains"), ["Rail news"]);
    assert_eq!(app.editor.get(&url(&home, "")).expect(200)["fill"]["tag"], json!([railways.id()]));
    let without = live(&app, &json!({ "name": "Not trains", "fill": { "without_tag": [railways.id()] } }));
    assert_eq!(shown(&app, without.str("slug")), ["Sea news"]);
    let story = app.editor.get("/v1/editorial/articles?status=published").expect(200);
    for id in story.each("id") {
        app.editor.act(&format!("/v1/editorial/articles/{id}/unpublish"), "*").expect(200);
        app.editor.delete(&format!("/v1/editorial/articles/{id}"), "*").expect(204);
    }
    let used = app.editor.delete(&format!("/v1/editorial/tags/{}", railways.id()), "*").expect(409);
    assert_eq!(used["used_by"][0]["resource"], "collection");
    assert_eq!(shown(&app, "trains"), Vec::<String>::new());
}

#[test]
fn what_fills_up_must_be_there_and_visible() {
    let app = TestApp::start();
    let secret = app.editor.post("/v1/editorial/tags", &json!({ "name": "Secret", "kind": "internal" })).expect(201);
    let tag = app.tag("Open");
    let body = json!({ "name": "X", "fill": { "tag": [tag.id(), secret.id()], "author": [Uuid::now_v7()] } });
    let refusal = app.editor.post("/v1/editorial/collections", &body).expect(422);
    assert_eq!(refusal.faults(), [("/fill/tag/1", "unknown_reference"), ("/fill/author/0", "unknown_reference")]);
    let story = app.draft(&json!({ "headline": "Twice" }));
    let twice = app.editor.post("/v1/editorial/collections", &json!({ "name": "X", "slots": [slot(&story), slot(&story)] })).expect(422);
    assert_eq!(twice.faults(), [("/slots/1/article_id", "duplicate")]);
    for size in [0, 101] {
        assert_eq!(app.editor.post("/v1/editorial/collections", &json!({ "name": "X", "size": size })).expect(422).faults(), [("/size", "out_of_range")]);
    }
    app.editor.post("/v1/editorial/collections", &json!({ "name": "X", "fill": { "tags": [] } })).expect(400);
}

#[test]
fn every_save_is_a_revision_and_the_world_sees_what_was_published() {
    let app = TestApp::start();
    let [one, two] = stories(&app, ["One", "Two"]);
    let home = live(&app, &json!({ "name": "Home", "slots": [slot(&one)] }));
    assert_eq!((&home["status"], &home["revision"], &home["has_unpublished_changes"]), (&json!("published"), &json!(1), &json!(false)));
    let same = app.editor.patch(&url(&home, ""), home.etag(), &json!({ "name": "Home" })).expect(200);
    assert_eq!(same.etag(), home.etag());
    let edited = app.editor.patch(&url(&home, ""), home.etag(), &json!({ "slots": [slot(&two)], "revision_note": "Evening" })).expect(200);
    assert_eq!((&edited["revision"], &edited["has_unpublished_changes"]), (&json!(2), &json!(true)));
    assert_eq!(shown(&app, "home"), ["One"]);
    assert_eq!(app.editor.patch(&url(&home, ""), home.etag(), &json!({ "name": "Late" })).expect(412)["current_version"], edited["version"]);
    app.editor.act(&url(&home, "/publish"), edited.etag()).expect(200);
    assert_eq!(shown(&app, "home"), ["Two"]);
    let list = app.contributor.get(&url(&home, "/revisions")).expect(200);
    assert_eq!(list["data"].as_array().unwrap().iter().map(|r| (r["number"].as_i64().unwrap(), r["note"].clone())).collect::<Vec<_>>(), [(2, json!("Evening")), (1, json!(null))]);
    assert_eq!(app.contributor.get(&url(&home, "/revisions/1")).expect(200)["content"]["slots"][0]["article_id"], one.id());
    app.contributor.get(&url(&home, "/revisions/9")).expect(404);
    app.author.act(&url(&home, "/revisions/1/restore"), "*").expect(403);
    let back = app.editor.act(&url(&home, "/revisions/1/restore"), "*").expect(200);
    assert_eq!((&back["revision"], &back["slots"][0]["article_id"]), (&json!(3), &json!(one.id())));
    assert_eq!(shown(&app, "home"), ["Two"]);
}

#[test]
fn a_collection_goes_live_and_off_by_editors_alone() {
    let app = TestApp::start();
    app.author.post("/v1/editorial/collections", &json!({ "name": "Mine" })).expect(403);
    let home = create(&app, &json!({ "name": "Home" }));
    assert_eq!(app.contributor.get("/v1/editorial/collections/home").expect(200).etag(), home.etag());
    app.anon.get("/v1/collections/home").expect(404);
    app.editor.act(&url(&home, "/unpublish"), "*").expect(409);
    app.author.act(&url(&home, "/publish"), "*").expect(403);
    app.editor.call("POST", &url(&home, "/publish")).send().expect(428);
    let live = app.editor.act(&url(&home, "/publish"), home.etag()).expect(200);
    let again = app.editor.act(&url(&home, "/publish"), live.etag()).expect(200);
    assert_eq!(again.etag(), live.etag());
    app.anon.get("/v1/collections/home").expect(200);
    let refusal = app.editor.delete(&url(&home, ""), live.etag()).expect(409);
    assert_eq!((refusal.problem(), &refusal["legal_moves"]), ("illegal-state-change", &json!(["edit", "publish", "unpublish"])));
    let off = app.editor.act(&url(&home, "/unpublish"), live.etag()).expect(200);
    assert_eq!(off["status"], "draft");
    app.anon.get("/v1/collections/home").expect(404);
    app.editor.delete(&url(&home, ""), off.etag()).expect(204);
    app.editor.get(&url(&home, "")).expect(404);
}

#[test]
fn a_live_slug_goes_on_leading_to_the_collection_until_another_is_live_under_it() {
    let app = TestApp::start();
    let home = live(&app, &json!({ "name": "Home" }));
    let renamed = app.editor.patch(&url(&home, ""), "*", &json!({ "slug": "front" })).expect(200);
    app.anon.get("/v1/collections/home").expect(200);
    app.anon.get("/v1/collections/front").expect(404);
    let rival = create(&app, &json!({ "name": "Rival", "slug": "home" }));
    assert_eq!(app.editor.act(&url(&rival, "/publish"), "*").expect(409).problem(), "slug-taken");
    app.editor.act(&url(&home, "/publish"), renamed.etag()).expect(200);
    assert_eq!(app.anon.get("/v1/collections/home?fields=headline").expect(308).header("location"), "/v1/collections/front?fields=headline");
    assert_eq!(app.editor.get("/v1/editorial/collections/home").expect(200).id(), rival.id());
    app.editor.act(&url(&rival, "/publish"), "*").expect(200);
    assert_eq!(app.anon.get("/v1/collections/home").expect(200).id(), rival.id());
    assert_eq!(app.editor.post("/v1/editorial/collections", &json!({ "name": "Third", "slug": "home" })).expect(409).problem(), "slug-taken");
}

#[test]
fn the_answer_says_what_it_is_made_of_and_shows_only_what_is_asked() {
    let app = TestApp::start();
    let [one] = stories(&app, ["One"]);
    let home = live(&app, &json!({ "name": "Home", "description": "The front", "slots": [slot(&one)] }));
    let read = app.anon.get("/v1/collections/home?fields=headline,tags").expect(200);
    assert_eq!((&read["name"], &read["description"], &read["slug"]), (&json!("Home"), &json!("The front"), &json!("home")));
    assert_eq!(read["items"][0].as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>(), ["headline", "id", "tags"]);
    let keys: Vec<_> = read.header("surrogate-key").split(' ').collect();
    assert!(keys.contains(&format!("collection-{}", home.id()).as_str()) && keys.contains(&format!("article-{}", one.id()).as_str()) && !keys.contains(&"feed"), "{keys:?}");
    app.anon.call("GET", "/v1/collections/home?fields=headline,tags").header("if-none-match", read.etag()).send().expect(304);
    assert!(app.anon.get("/v1/collections/home?include=body&body=text").expect(200)["items"][0]["body"]["value"].as_str().unwrap().contains("reopened"));
    app.anon.get("/v1/collections/home?field=headline").expect(400);
    app.anon.get("/v1/collections/home?fields=notes").expect(400);
}

#[test]
fn lists_of_collections_are_filtered_sorted_and_paged() {
    let app = TestApp::start();
    let made = ["Sport", "Home", "Culture"].map(|name| create(&app, &json!({ "name": name })));
    app.editor.act(&url(&made[1], "/publish"), "*").expect(200);
    let list = |query: &str| app.contributor.get(&format!("/v1/editorial/collections?{query}")).expect(200);
    assert_eq!(list("").each("name"), ["Culture", "Home", "Sport"]);
    assert_eq!(list("sort=-updated_at").each("name"), ["Home", "Culture", "Sport"]);
    assert_eq!(list("status=published").each("name"), ["Home"]);
    assert_eq!(list("q=cult").each("name"), ["Culture"]);
    let first = list("limit=2&count=exact");
    assert_eq!((first.each("name"), &first["page"]["total"]), (vec!["Culture", "Home"], &json!(3)));
    let next = first["page"]["next"].as_str().unwrap();
    assert_eq!(list(&format!("limit=2&count=exact&cursor={next}")).each("name"), ["Sport"]);
    app.anon.get("/v1/editorial/collections").expect(401);
}
