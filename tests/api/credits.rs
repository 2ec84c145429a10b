//! Media credits, on the desk and before the world.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

const DESK: &str = "/v1/editorial/media-credits";

fn desk(credit: &Answer) -> String {
    format!("{DESK}/{}", credit.id())
}

fn showing(picture: &Answer) -> Value {
    json!({ "lead_media": { "media_id": picture.id() } })
}

#[test]
fn everything_that_is_said_of_a_credit_comes_back() {
    let app = TestApp::start();
    let given = json!({
        "name": "Maxar Technologies",
        "kind": "agency",
        "credit_line": "Satellite image ©2026 Maxar Technologies",
        "credit_template": "({credit_line})",
        "source": "Satellites",
        "copyright_notice": "© 2026 Maxar",
        "licence": { "code": "MX-1", "name": "News licence", "url": "https://maxar.example/licence" },
        "usage_terms": "Editorial use.",
        "acquire_licence_url": "https://maxar.example/buy",
        "url": "https://maxar.example/",
        "valid_from": "2026-01-01T00:00:00.000Z",
        "valid_until": "2036-01-01T00:00:00.000Z",
        "status": "active",
    });
    let made = app.contributor.post(DESK, &given).expect(201);
    for (member, value) in given.as_object().unwrap() {
        assert_eq!(&made[member], value, "{member}");
    }
    assert_eq!((&made["slug"], &made["display"]), (&json!("maxar-technologies"), &json!("(Satellite image ©2026 Maxar Technologies)")));
    assert_eq!(made.header("location"), desk(&made));
    assert_eq!(app.author.get(&format!("{DESK}/maxar-technologies")).expect(200).json, made.json);
}

#[test]
fn a_name_is_enough_and_the_line_follows_it() {
    let app = TestApp::start();
    let made = app.author.post(DESK, &json!({ "name": "Photo House", "kind": "stock" })).expect(201);
    assert_eq!((&made["credit_line"], &made["credit_template"], &made["display"]), (&json!("Photo House"), &json!("({name})"), &json!("(Photo House)")));
    assert_eq!((&made["licence"], &made["status"]), (&json!(null), &json!("active")));
    let renamed = app.author.patch(&desk(&made), made.etag(), &json!({ "name": "Photo Home" })).expect(200);
    assert_eq!((&renamed["credit_line"], &renamed["display"]), (&json!("Photo Home"), &json!("(Photo Home)")));
    let own = app.author.patch(&desk(&made), renamed.etag(), &json!({ "credit_line": "Photo Home Ltd", "credit_template": "Photograph: {credit_line}" })).expect(200);
    assert_eq!(own["display"], "Photograph: Photo Home Ltd");
    let renamed = app.author.patch(&desk(&made), own.etag(), &json!({ "name": "Home" })).expect(200);
    assert_eq!(renamed["credit_line"], "Photo Home Ltd");
    let reset = app.author.patch(&desk(&made), renamed.etag(), &json!({ "credit_line": null, "credit_template": null })).expect(200);
    assert_eq!((&reset["credit_line"], &reset["display"]), (&json!("Home"), &json!("(Home)")));
}

#[test]
fn a_licence_is_merged_member_by_member() {
    let app = TestApp::start();
    let made = app.editor.post(DESK, &json!({ "name": "A", "kind": "stock", "licence": { "code": "CC0-1.0", "name": "CC0" } })).expect(201);
    let merged = app.editor.patch(&desk(&made), made.etag(), &json!({ "licence": { "name": null, "url": "https://cc0.example/" } })).expect(200);
    assert_eq!(merged["licence"], json!({ "code": "CC0-1.0", "name": null, "url": "https://cc0.example/" }));
    assert_eq!(app.editor.patch(&desk(&made), merged.etag(), &json!({ "licence": null })).expect(200)["licence"], json!(null));
}

#[test]
fn what_cannot_be_is_refused_with_its_place() {
    let app = TestApp::start();
    let with = |members: Value| {
        let mut body = json!({ "name": "Photo House", "kind": "stock" });
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        app.editor.post(DESK, &body)
    };
    let refused = |members: Value, place: &str, code: &str| assert_eq!(with(members).expect(422).faults(), [(place, code)]);
    refused(json!({ "name": "" }), "/name", "required");
    refused(json!({ "credit_template": "Photograph" }), "/credit_template", "placeholder_missing");
    refused(json!({ "credit_template": "{name} in {year}" }), "/credit_template", "unknown_placeholder");
    refused(json!({ "valid_from": "2026-02-01T00:00:00Z", "valid_until": "2026-02-01T00:00:00Z" }), "/valid_until", "order");
    refused(json!({ "licence": { "url": "ftp://a.example" } }), "/licence/url", "malformed");
    assert_eq!(with(json!({ "status": "gone" })).expect(422).faults()[0].0, "/status");
    assert_eq!(with(json!({ "valid_from": "2026-02-01" })).expect(422).faults()[0].0, "/valid_from");
    assert_eq!(with(json!({ "display": "(Me)" })).expect(400).problem(), "malformed-request");
    let made = with(json!({ "valid_from": "2026-02-01T00:00:00Z" })).expect(201);
    let early = json!({ "valid_until": "2026-01-01T00:00:00Z" });
    assert_eq!(app.editor.patch(&desk(&made), made.etag(), &early).expect(422).faults(), [("/valid_until", "order")]);
    assert_eq!(app.editor.patch(&desk(&made), "\"v9\"", &json!({ "name": "B" })).expect(412).problem(), "precondition-failed");
    assert_eq!(app.editor.call("DELETE", &desk(&made)).send().expect(428).problem(), "precondition-required");
    assert_eq!(with(json!({ "slug": "photo-house" })).expect(409).problem(), "slug-taken");
}

#[test]
fn people_change_their_own_credits_and_only_editors_delete() {
    let app = TestApp::start();
    let own = app.contributor.post(DESK, &json!({ "name": "Own", "kind": "handout" })).expect(201);
    app.author.patch(&desk(&own), "*", &json!({ "name": "Mine" })).expect(403);
    let changed = app.contributor.patch(&desk(&own), own.etag(), &json!({ "name": "Mine" })).expect(200);
    app.contributor.delete(&desk(&own), changed.etag()).expect(403);
    app.anon.get(&desk(&own)).expect(401);
    let picture = app.picture(&own, "A picture");
    let refusal = app.editor.delete(&desk(&own), changed.etag()).expect(409);
    assert_eq!((refusal.problem(), &refusal["used_by"][0]["resource"], &refusal["used_by"][0]["id"]), ("in-use", &json!("media"), &picture["id"]));
    let free = app.credit("Free");
    app.editor.delete(&desk(&free), free.etag()).expect(204);
    app.editor.get(&desk(&free)).expect(404);
}

#[test]
fn the_desk_filters_sorts_and_walks() {
    let app = TestApp::start();
    for (name, kind, status) in [("Wheat", "stock", "active"), ("Barley", "agency", "withdrawn"), ("Oats", "stock", "withdrawn")] {
        app.editor.post(DESK, &json!({ "name": name, "kind": kind, "status": status })).expect(201);
    }
    let list = |query: &str| app.contributor.get(&format!("{DESK}?{query}")).expect(200);
    let first = list("limit=2&count=exact");
    assert_eq!((first.each("name"), &first["page"]["total"]), (vec!["Barley", "Oats"], &json!(3)));
    let rest = list(&format!("limit=2&cursor={}", first.json["page"]["next"].as_str().unwrap()));
    assert_eq!((rest.each("name"), &rest["page"]["next"]), (vec!["Wheat"], &json!(null)));
    assert_eq!(list("sort=-updated_at").each("name"), ["Oats", "Barley", "Wheat"]);
    assert_eq!(list("status=withdrawn&kind=stock").each("name"), ["Oats"]);
    assert_eq!(list("q=EA").each("name"), ["Wheat"]);
}

#[test]
fn one_change_corrects_the_line_under_every_picture() {
    let app = TestApp::start();
    let credit = app.credit("Photo Hause");
    let stories = ["One", "Two"].map(|alt| app.published(&showing(&app.picture(&credit, alt))));
    app.editor.patch(&desk(&credit), credit.etag(), &json!({ "name": "Photo House", "credit_template": "Photograph: {name}" })).expect(200);
    for story in stories {
        let lead = app.anon.get(&format!("/v1/articles/{}", story.id())).expect(200)["lead_media"].clone();
        assert_eq!((&lead["credit"]["display"], &lead["credit_line"]), (&json!("Photograph: Photo House"), &json!("Photo House")));
    }
}

#[test]
fn the_world_sees_credits_only_while_a_live_picture_has_them() {
    let app = TestApp::start();
    let credit = app.credit("Photo House");
    let picture = app.picture(&credit, "A harbour");
    let unused = app.picture(&credit, "Nobody has seen this");
    let hidden = || {
        app.anon.get("/v1/media-credits/photo-house").expect(404);
        app.anon.get(&format!("/v1/media-credits/{}", credit.id())).expect(404);
        app.anon.get("/v1/media-credits/photo-house/media").expect(404);
        assert_eq!(app.anon.get("/v1/media-credits?count=exact").expect(200)["page"]["total"], 0);
    };
    let draft = app.draft(&showing(&picture));
    hidden();
    let story = app.publish(&draft);
    let shown = app.anon.get("/v1/media-credits/photo-house").expect(200);
    assert_eq!((&shown["display"], &shown["status"], &shown["credit_template"]), (&json!("(Photo House)"), &json!("active"), &json!(null)));
    assert_eq!(app.anon.get("/v1/media-credits").expect(200)["data"], json!([shown.json]));
    assert_eq!(app.anon.get("/v1/media-credits?q=HOUSE&kind=agency&fields=display").expect(200)["data"], json!([{ "id": credit.id(), "display": "(Photo House)" }]));
    assert_eq!(app.anon.get("/v1/media-credits?kind=stock").expect(200)["data"], json!([]));
    let pictures = app.anon.get("/v1/media-credits/photo-house/media?count=exact").expect(200);
    assert_eq!((pictures.each("media_id"), &pictures["page"]["total"]), (vec![picture.id()], &json!(1)));
    assert!(!pictures.text().contains(unused.id()));
    assert_eq!(pictures["data"][0]["credit"]["id"], credit["id"]);

    let moved = app.editor.patch(&desk(&credit), credit.etag(), &json!({ "slug": "house" })).expect(200);
    assert_eq!(app.anon.get("/v1/media-credits/photo-house").expect(308).header("location"), "/v1/media-credits/house");
    assert_eq!(app.anon.get("/v1/media-credits/photo-house/media").expect(308).header("location"), "/v1/media-credits/house/media");
    assert_eq!(app.editor.get(&format!("{DESK}/photo-house")).expect(308).header("location"), format!("{DESK}/house"));

    let withdrawn = app.editor.patch(&desk(&credit), moved.etag(), &json!({ "status": "withdrawn" })).expect(200);
    app.anon.get("/v1/media-credits/house").expect(404);
    app.anon.get("/v1/media-credits/photo-house").expect(404);
    app.editor.patch(&desk(&credit), withdrawn.etag(), &json!({ "status": "active", "slug": "photo-house" })).expect(200);
    app.anon.get("/v1/media-credits/photo-house").expect(200);
    app.editor.act(&format!("/v1/editorial/articles/{}/unpublish", story.id()), story.etag()).expect(200);
    hidden();
}

#[test]
fn portraits_and_the_logo_count_as_live_pictures() {
    let app = TestApp::start();
    let (portraits, logos) = (app.credit("Portraits"), app.credit("Logos"));
    let (portrait, logo) = (app.picture(&portraits, "A portrait"), app.picture(&logos, "The logo"));
    let author = app.editor.post("/v1/editorial/authors", &json!({ "name": "Ivan Koval", "kind": "staff", "avatar_media_id": portrait.id() })).expect(201);
    assert_eq!(app.anon.get("/v1/media-credits").expect(200)["data"], json!([]));
    app.published(&json!({ "authors": [{ "author_id": author.id() }] }));
    app.admin.patch("/v1/editorial/site", "*", &json!({ "logo_media_id": logo.id() })).expect(200);
    assert_eq!(app.anon.get("/v1/media-credits").expect(200).each("name"), ["Logos", "Portraits"]);
    assert_eq!(app.anon.get("/v1/media-credits/logos/media").expect(200).each("media_id"), [logo.id()]);
}

#[test]
fn pictures_of_a_credit_come_newest_first_as_far_as_their_rights_hold() {
    let app = TestApp::start();
    let credit = app.credit("Photo House");
    let pictures: Vec<_> = (0..5).map(|n| app.picture(&credit, &format!("Picture {n}"))).collect();
    for picture in &pictures {
        app.published(&showing(picture));
    }
    let mut expected: Vec<_> = pictures.iter().map(Answer::id).rev().collect();
    let all = app.anon.get("/v1/media-credits/photo-house/media").expect(200);
    assert_eq!(all.each("media_id"), expected);
    let first = app.anon.get("/v1/media-credits/photo-house/media?limit=3").expect(200);
    let rest = app.anon.get(&format!("/v1/media-credits/photo-house/media?limit=3&cursor={}", first.json["page"]["next"].as_str().unwrap())).expect(200);
    assert_eq!([first.each("media_id"), rest.each("media_id")].concat(), expected);
    let gone = expected.remove(1).to_owned();
    app.editor.patch(&format!("/v1/editorial/media/{gone}"), "*", &json!({ "status": "withdrawn" })).expect(200);
    assert_eq!(app.anon.get("/v1/media-credits/photo-house/media").expect(200).each("media_id"), expected);
    // The rights of the credit are those of all its pictures.
    app.editor.patch(&desk(&credit), "*", &json!({ "valid_until": "2020-01-01T00:00:00Z" })).expect(200);
    let none = app.anon.get("/v1/media-credits/photo-house/media?count=exact").expect(200);
    assert_eq!((&none["data"], &none["page"]["total"]), (&json!([]), &json!(0)));
}
