//! Tags on the desk.

use serde_json::json;

use crate::support::TestApp;

#[test]
fn a_new_tag_gets_a_slug_from_its_name_and_is_read_by_either() {
    let app = TestApp::start();
    let made = app.contributor.post("/v1/editorial/tags", &json!({ "name": "Zürich", "kind": "place", "names": { "fr": "Zurich" } })).expect(201);
    assert_eq!(made["slug"], "zurich");
    assert_eq!(made["created_by"], app.contributor.user_id());
    assert_eq!(made.header("location"), format!("/v1/editorial/tags/{}", made.id()));
    assert_eq!(app.author.get("/v1/editorial/tags/zurich").expect(200).json, made.json);
    assert_eq!(app.author.get(made.header("location")).expect(200).etag(), made.etag());
}

#[test]
fn a_name_that_is_taken_gets_the_next_free_slug_and_a_given_slug_must_be_free() {
    let app = TestApp::start();
    let slugs = ["Energy", "Energy", "Energy"].map(|name| app.tag(name)["slug"].clone());
    assert_eq!(slugs, ["energy", "energy-2", "energy-3"]);
    let refusal = app.editor.post("/v1/editorial/tags", &json!({ "name": "Power", "kind": "topic", "slug": "energy" })).expect(409);
    assert_eq!((refusal.problem(), refusal.faults()), ("slug-taken", vec![("/slug", "taken")]));
}

#[test]
fn a_country_has_a_code_and_nothing_else_has() {
    let app = TestApp::start();
    let post = |body| app.editor.post("/v1/editorial/tags", &body);
    assert_eq!(post(json!({ "name": "Ukraine", "kind": "country" })).expect(422).faults(), [("/country_code", "required")]);
    assert_eq!(post(json!({ "name": "Rail", "kind": "topic", "country_code": "UA" })).expect(422).faults(), [("/country_code", "not_allowed")]);
    let ukraine = post(json!({ "name": "Ukraine", "kind": "country", "country_code": "UA" })).expect(201);
    let url = format!("/v1/editorial/tags/{}", ukraine.id());
    assert_eq!(app.editor.patch(&url, ukraine.etag(), &json!({ "kind": "topic" })).expect(422).faults(), [("/country_code", "not_allowed")]);
    let patched = app.editor.patch(&url, ukraine.etag(), &json!({ "kind": "topic", "country_code": null })).expect(200);
    assert_eq!((&patched["kind"], &patched["country_code"]), (&json!("topic"), &json!(null)));
}

#[test]
fn contributors_and_authors_change_their_own_tags_and_only_editors_delete() {
    let app = TestApp::start();
    let own = app.author.post("/v1/editorial/tags", &json!({ "name": "Own", "kind": "topic" })).expect(201);
    let url = format!("/v1/editorial/tags/{}", own.id());
    let patch = json!({ "description": "Mine." });
    assert_eq!(app.contributor.patch(&url, "*", &patch).expect(403).problem(), "forbidden");
    let changed = app.author.patch(&url, own.etag(), &patch).expect(200);
    assert_eq!(app.author.delete(&url, changed.etag()).expect(403).problem(), "forbidden");
    app.editor.delete(&url, changed.etag()).expect(204);
    app.editor.get(&url).expect(404);
}

#[test]
fn a_tag_in_use_cannot_go_and_the_refusal_says_where_it_is_used() {
    let app = TestApp::start();
    let tag = app.tag("Ukraine");
    let story = app.draft(&json!({ "headline": "Rail bridge rebuilt", "tags": [tag.id()] }));
    let refusal = app.editor.delete(&format!("/v1/editorial/tags/{}", tag.id()), tag.etag()).expect(409);
    assert_eq!(refusal.problem(), "in-use");
    assert_eq!(refusal["used_by"], json!([{ "resource": "article", "id": story.id(), "name": "Rail bridge rebuilt" }]));
}

#[test]
fn merging_moves_every_use_and_leaves_the_old_slug_leading_to_the_new_tag() {
    let app = TestApp::start();
    let (old, new) = (app.tag("Railways"), app.tag("Rail"));
    let story = app.published(&json!({ "tags": [old.id()] }));
    app.anon.get("/v1/articles?tag=railways").expect(200);
    let stays = app.editor.call("POST", &format!("/v1/editorial/tags/{}/merge", old.id())).if_match(old.etag()).json(&json!({ "into": new.id() })).send().expect(200);
    assert_eq!(stays["id"], new["id"]);
    assert_eq!(app.editor.get(&format!("/v1/editorial/tags/{}", old.id())).expect(308).header("location"), "/v1/editorial/tags/rail");
    let feed = app.anon.get("/v1/articles?tag=rail").expect(200);
    assert_eq!(feed.each("id"), [story.id()]);
    assert_eq!(feed["data"][0]["primary_tag"]["slug"], "rail");
    assert_eq!(app.editor.get(&format!("/v1/editorial/articles/{}", story.id())).expect(200)["tags"][0]["slug"], "rail");
}

#[test]
fn a_list_filters_sorts_and_walks() {
    let app = TestApp::start();
    for name in ["Wheat", "Barley", "Oats", "Rye"] {
        app.tag(name);
    }
    let first = app.editor.get("/v1/editorial/tags?limit=3&count=exact").expect(200);
    assert_eq!(first.each("name"), ["Barley", "Oats", "Rye"]);
    assert_eq!(first["page"]["total"], 4);
    let rest = app.editor.get(&format!("/v1/editorial/tags?limit=3&cursor={}", first["page"]["next"].as_str().unwrap())).expect(200);
    assert_eq!((rest.each("name"), &rest["page"]["next"]), (vec!["Wheat"], &json!(null)));
    let back = app.editor.get(&format!("/v1/editorial/tags?limit=3&cursor={}", rest["page"]["previous"].as_str().unwrap())).expect(200);
    assert_eq!(back.each("name"), ["Barley", "Oats", "Rye"]);
    assert_eq!(app.editor.get("/v1/editorial/tags?q=RL").expect(200).each("name"), ["Barley"]);
    assert_eq!(app.editor.get("/v1/editorial/tags?sort=-updated_at").expect(200).each("name"), ["Rye", "Oats", "Barley", "Wheat"]);
}
