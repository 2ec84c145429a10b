//! The site's settings, on the desk and before the world.

use serde_json::{Value, json};

use crate::support::TestApp;

const DESK: &str = "/v1/editorial/site";

#[test]
fn settings_are_there_from_the_start_and_only_administrators_change_them() {
    let app = TestApp::start();
    let site = app.contributor.get(DESK).expect(200);
    assert_eq!((&site["name"], &site["languages"], &site["version"]), (&json!("Masthead"), &json!(["en"]), &json!(1)));
    assert!(site["article_url_template"].as_str().unwrap().ends_with("/{slug}"));
    app.anon.get(DESK).expect(401);
    let patch = json!({ "name": "The Meridian Post" });
    for client in [&app.contributor, &app.author, &app.editor] {
        assert_eq!(client.patch(DESK, site.etag(), &patch).expect(403).problem(), "forbidden");
    }
    let changed = app.admin.patch(DESK, site.etag(), &patch).expect(200);
    assert_eq!((&changed["name"], &changed["languages"], &changed["version"]), (&patch["name"], &site["languages"], &json!(2)));
    assert_eq!(app.admin.patch(DESK, site.etag(), &patch).expect(412).problem(), "precondition-failed");
    assert_eq!(app.admin.call("PATCH", DESK).json(&patch).send().expect(428).problem(), "precondition-required");
}

#[test]
fn what_cannot_be_is_refused_with_its_place() {
    let app = TestApp::start();
    let refused = |body: Value, place: &str, code: &str| assert_eq!(app.admin.patch(DESK, "*", &body).expect(422).faults(), [(place, code)]);
    refused(json!({ "article_url_template": "https://a.example/" }), "/article_url_template", "placeholder_missing");
    refused(json!({ "article_url_template": "https://a.example/{section}/{slug}" }), "/article_url_template", "unknown_placeholder");
    refused(json!({ "article_url_template": "/{slug}" }), "/article_url_template", "malformed");
    refused(json!({ "languages": [] }), "/languages", "required");
    refused(json!({ "languages": ["en", "uk", "en"] }), "/languages/2", "repeated");
    refused(json!({ "languages": ["!"] }), "/languages/0", "malformed");
    refused(json!({ "base_url": "ftp://a.example" }), "/base_url", "malformed");
    refused(json!({ "logo_media_id": "0198c5e2-5f0e-7cc1-b0a1-1d3a3e9c2b11" }), "/logo_media_id", "unknown_reference");
    assert_eq!(app.admin.patch(DESK, "*", &json!({ "name": null })).expect(422).faults()[0].0, "/name");
    assert_eq!(app.admin.patch(DESK, "*", &json!({ "theme": "dark" })).expect(400).problem(), "malformed-request");
    assert_eq!(app.admin.get(DESK).expect(200)["version"], 1);
}

#[test]
fn the_world_reads_the_site_with_its_logo_and_stories_follow_its_addresses() {
    let app = TestApp::start();
    let credit = app.credit("Newsroom");
    let logo = app.picture(&credit, "A lighthouse");
    let story = app.published(&json!({}));
    let body = json!({
        "name": "The Meridian Post",
        "description": "News of Port Orrel",
        "base_url": "https://meridian.example/",
        "article_url_template": "https://meridian.example/{language}/{slug}-{id}",
        "languages": ["en", "uk"],
        "logo_media_id": logo.id(),
    });
    app.admin.patch(DESK, "*", &body).expect(200);
    let site = app.anon.get("/v1/site").expect(200);
    assert_eq!(
        (&site["name"], &site["description"], &site["base_url"], &site["languages"]),
        (&body["name"], &body["description"], &json!("https://meridian.example"), &body["languages"])
    );
    assert_eq!((&site["logo"]["media_id"], &site["logo"]["credit"]["display"]), (&logo["id"], &json!("(Newsroom)")));
    for (name, file) in [("rss", "rss.xml"), ("atom", "atom.xml"), ("json", "feed.json")] {
        assert!(site["feeds"][name].as_str().unwrap().ends_with(&format!("/feeds/{file}")));
    }
    assert!(site.header("surrogate-key").split(' ').any(|key| key == "site"));
    assert_eq!(app.anon.get("/v1/site?fields=name").expect(200).json, json!({ "name": "The Meridian Post" }));
    app.anon.call("GET", "/v1/site").header("if-none-match", site.etag()).send().expect(304);
    let url = format!("https://meridian.example/en/{}-{}", story.str("slug"), story.id());
    assert_eq!(app.anon.get(&format!("/v1/articles/{}", story.id())).expect(200)["url"], url);
    app.editor.patch(&format!("/v1/editorial/media-credits/{}", credit.id()), "*", &json!({ "status": "withdrawn" })).expect(200);
    assert_eq!(app.anon.get("/v1/site").expect(200)["logo"], json!({ "withheld": true, "reason": "withdrawn" }));
    app.admin.patch(DESK, "*", &json!({ "logo_media_id": null })).expect(200);
    assert_eq!(app.anon.get("/v1/site").expect(200)["logo"], json!(null));
}
