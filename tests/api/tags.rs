//! Tags on the desk.

use serde_json::json;

use crate::support::{Answer, TestApp};

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

#[test]
fn names_are_merged_language_by_language() {
    let app = TestApp::start();
    let tag = app.editor.post("/v1/editorial/tags", &json!({ "name": "Rail", "kind": "topic", "names": { "en": "Rail", "fr": "Train" } })).expect(201);
    let url = format!("/v1/editorial/tags/{}", tag.id());
    let merged = app.editor.patch(&url, tag.etag(), &json!({ "names": { "uk": "Залізниця", "fr": null } })).expect(200);
    assert_eq!(merged["names"], json!({ "en": "Rail", "uk": "Залізниця" }));
}

#[test]
fn a_tag_belongs_to_no_tag_that_belongs_to_it() {
    let app = TestApp::start();
    let (wide, narrow) = (app.tag("Transport"), app.tag("Rail"));
    let url = |tag: &Answer| format!("/v1/editorial/tags/{}", tag.id());
    let below = app.editor.patch(&url(&narrow), narrow.etag(), &json!({ "parent_id": wide.id() })).expect(200);
    assert_eq!(below["parent"]["slug"], "transport");
    assert_eq!(app.editor.patch(&url(&wide), wide.etag(), &json!({ "parent_id": narrow.id() })).expect(422).faults(), [("/parent_id", "cycle")]);
    assert_eq!(app.editor.patch(&url(&wide), wide.etag(), &json!({ "parent_id": wide.id() })).expect(422).faults(), [("/parent_id", "cycle")]);
    assert_eq!(app.editor.delete(&url(&wide), wide.etag()).expect(409)["used_by"], json!([{ "resource": "tag", "id": narrow.id(), "name": "Rail" }]));
}

#[test]
fn merging_keeps_cards_counts_and_order_as_if_the_other_tag_had_been_there_always() {
    let app = TestApp::start();
    let [old, new, third] = ["Railways", "Rail", "Ports"].map(|name| app.tag(name));
    let story = |tags: &[&Answer]| app.published(&json!({ "tags": tags.iter().map(|tag| tag.id()).collect::<Vec<_>>(), "headline": format!("About {}", old.id()) }));
    let stories = [story(&[&old]), story(&[&third, &old]), story(&[&old, &third, &new]), story(&[&new, &old]), story(&[&new])];
    let draft = app.draft(&json!({ "tags": [old.id(), new.id()] }));
    app.editor.call("POST", &format!("/v1/editorial/tags/{}/merge", old.id())).if_match(old.etag()).json(&json!({ "into": new.id() })).send().expect(200);

    let tags_of =
        |story: &Answer| app.anon.get(&format!("/v1/articles/{}", story.id())).expect(200)["tags"].as_array().unwrap().iter().map(|tag| tag["slug"].clone()).collect::<Vec<_>>();
    let expected: [&[&str]; 5] = [&["rail"], &["ports", "rail"], &["rail", "ports"], &["rail"], &["rail"]];
    for (story, expected) in stories.iter().zip(expected) {
        assert_eq!(tags_of(story), expected);
    }
    // What a story says is not what it is tagged with, even where it says the tag's id.
    assert_eq!(app.anon.get(&format!("/v1/articles/{}", stories[0].id())).expect(200)["headline"], format!("About {}", old.id()));
    assert_eq!(app.anon.get("/v1/tags/rail").expect(200)["article_count"], 5);
    assert_eq!(app.anon.get("/v1/tags/ports").expect(200)["article_count"], 2);
    assert_eq!(app.anon.get("/v1/articles?primary_tag=rail&count=exact").expect(200)["page"]["total"], 4);
    assert_eq!(app.anon.get("/v1/tags").expect(200).each("slug"), ["ports", "rail"]);
    assert_eq!(app.editor.get(&format!("/v1/editorial/articles/{}", draft.id())).expect(200)["tags"].as_array().unwrap().len(), 1);
    for old_address in ["railways", old.id()] {
        assert_eq!(app.anon.get(&format!("/v1/tags/{old_address}")).expect(308).header("location"), "/v1/tags/rail");
    }
    // Written anew from their revisions, the stories are what the merge has made of them.
    let before: Vec<_> = stories.iter().map(|story| app.anon.get(&format!("/v1/articles/{}", story.id())).expect(200).json).collect();
    for story in &stories {
        masthead::publishing::projection::refresh(&mut app.connect(), story.id().parse().unwrap()).unwrap();
    }
    let after: Vec<_> = stories.iter().map(|story| app.anon.get(&format!("/v1/articles/{}", story.id())).expect(200).json).collect();
    assert_eq!(before, after);
    assert_eq!(app.anon.get("/v1/tags/rail").expect(200)["article_count"], 5);
}

#[test]
fn a_merge_is_refused_where_it_makes_no_sense() {
    let app = TestApp::start();
    let (tag, other) = (app.tag("Rail"), app.tag("Ports"));
    let internal = app.editor.post("/v1/editorial/tags", &json!({ "name": "Watch", "kind": "internal" })).expect(201);
    let merge = |etag: &str, into: &str| app.editor.call("POST", &format!("/v1/editorial/tags/{}/merge", tag.id())).if_match(etag).json(&json!({ "into": into })).send();
    assert_eq!(merge(tag.etag(), tag.id()).expect(422).faults(), [("/into", "same")]);
    assert_eq!(merge(tag.etag(), internal.id()).expect(422).faults(), [("/into", "internal")]);
    assert_eq!(merge(tag.etag(), "0198c5e2-5f0e-7cc1-b0a1-1d3a3e9c2b11").expect(422).faults(), [("/into", "unknown_reference")]);
    assert_eq!(merge("\"v9\"", other.id()).expect(412).problem(), "precondition-failed");
    let path = format!("/v1/editorial/tags/{}/merge", tag.id());
    assert_eq!(app.author.call("POST", &path).if_match("*").json(&json!({ "into": other.id() })).send().expect(403).problem(), "forbidden");
}

#[test]
fn the_world_never_sees_the_name_of_a_tag_that_only_drafts_have() {
    let app = TestApp::start();
    let secret = app.tag("Merger of the ports");
    let open = app.tag("Harbour");
    let draft = app.draft(&json!({ "tags": [open.id(), secret.id()] }));
    let below = app.editor.patch(&format!("/v1/editorial/tags/{}", open.id()), open.etag(), &json!({ "parent_id": secret.id() })).expect(200);
    app.editor.patch(&format!("/v1/editorial/tags/{}", secret.id()), secret.etag(), &json!({ "slug": "secret" })).expect(200);
    app.published(&json!({ "tags": [below.id()] }));
    for path in ["/v1/tags/secret", "/v1/tags/merger-of-the-ports", &format!("/v1/tags/{}", secret.id())] {
        assert_eq!(app.anon.get(path).expect(404)["detail"], app.anon.get("/v1/tags/never-was").expect(404)["detail"]);
    }
    let shown = app.anon.get("/v1/tags?count=exact").expect(200);
    assert_eq!((shown.each("name"), &shown["page"]["total"], &shown["data"][0]["parent"]), (vec!["Harbour"], &json!(1), &json!(null)));
    assert_eq!(app.anon.get("/v1/tags?q=merger").expect(200)["data"], json!([]));
    let live = app.publish(&draft);
    assert_eq!(app.anon.get("/v1/tags/harbour").expect(200)["parent"], json!({ "id": secret.id(), "slug": "secret", "name": "Merger of the ports", "kind": "topic" }));
    assert_eq!(app.anon.get("/v1/tags/merger-of-the-ports").expect(308).header("location"), "/v1/tags/secret");
    app.editor.act(&format!("/v1/editorial/articles/{}/unpublish", live.id()), live.etag()).expect(200);
    app.anon.get("/v1/tags/secret").expect(404);
    app.anon.get("/v1/tags/merger-of-the-ports").expect(404);
}

#[test]
fn internal_tags_never_leave_the_desk() {
    let app = TestApp::start();
    let internal = app.editor.post("/v1/editorial/tags", &json!({ "name": "Watch list", "kind": "internal" })).expect(201);
    let open = app.tag("Harbour");
    let story = app.published(&json!({ "tags": [internal.id(), open.id()] }));
    app.anon.get("/v1/tags/watch-list").expect(404);
    assert_eq!(app.anon.get("/v1/tags?kind=internal&count=exact").expect(200)["page"]["total"], 0);
    assert_eq!(app.anon.get(&format!("/v1/articles/{}", story.id())).expect(200)["tags"].as_array().unwrap().len(), 1);
    // A tag that readers see cannot be drawn in under their eyes.
    let refusal = app.editor.patch(&format!("/v1/editorial/tags/{}", open.id()), open.etag(), &json!({ "kind": "internal" })).expect(409);
    assert_eq!((refusal.problem(), &refusal["used_by"][0]["id"]), ("in-use", &story["id"]));
}

#[test]
fn counts_and_orders_follow_what_is_live() {
    let app = TestApp::start();
    let [wheat, oats, rye] = ["Wheat", "Oats", "Rye"].map(|name| app.tag(name));
    let story = |tag: &Answer| app.published(&json!({ "tags": [tag.id()] }));
    let (first, last) = (story(&oats), [story(&wheat), story(&oats), story(&rye), story(&oats)]);
    let list = |query: &str| app.anon.get(&format!("/v1/tags?{query}")).expect(200);
    assert_eq!(list("sort=-article_count&fields=name").each("name").first(), Some(&"Oats"));
    assert_eq!(list("sort=-latest_published_at").each("name"), ["Oats", "Rye", "Wheat"]);
    assert_eq!(list("sort=name&limit=2").each("name"), ["Oats", "Rye"]);
    let shown = app.anon.get("/v1/tags/oats").expect(200);
    assert_eq!((&shown["article_count"], &shown["latest_published_at"]), (&json!(3), &last[3]["published_at"]));
    assert!(shown.header("surrogate-key").split(' ').any(|key| key == format!("tag-{}", oats.id())));
    for story in [&last[3], &last[1]] {
        app.editor.act(&format!("/v1/editorial/articles/{}/unpublish", story.id()), story.etag()).expect(200);
    }
    let shown = app.anon.get("/v1/tags/oats?fields=article_count,latest_published_at").expect(200);
    assert_eq!(shown.json, json!({ "id": oats.id(), "article_count": 1, "latest_published_at": first["published_at"] }));
}
