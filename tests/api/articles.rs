//! Articles from the first draft to the last reader: saving, publishing, changing, taking off.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

fn desk(article: &Answer) -> String {
    format!("/v1/editorial/articles/{}", article.id())
}

#[test]
fn a_draft_needs_only_a_headline_and_nobody_outside_sees_it() {
    let app = TestApp::start();
    let draft = app.contributor.post("/v1/editorial/articles", &json!({ "headline": "Ministers meet in Київ" })).expect(201);
    assert_eq!((draft.str("slug"), draft.str("status"), draft.str("kind"), draft.str("language")), ("ministers-meet-in-kyiv", "draft", "news", "en"));
    assert_eq!(draft.header("location"), desk(&draft));
    assert_eq!((&draft["version"], &draft["revision"], &draft["live_revision"], &draft["reading_minutes"]), (&json!(1), &json!(1), &json!(null), &json!(1)));
    assert_eq!(draft["created_by"], app.contributor.user_id());
    app.anon.get(&format!("/v1/articles/{}", draft.id())).expect(404);
    app.anon.get("/v1/articles/ministers-meet-in-kyiv").expect(404);
    assert_eq!(app.anon.get("/v1/articles").expect(200)["data"], json!([]));
}

#[test]
fn a_published_story_stands_at_the_top_of_the_feed() {
    let app = TestApp::start();
    app.published(&json!({ "headline": "Older" }));
    let draft = app.draft(&json!({ "headline": "Satellite images show rebuilt rail bridge", "standfirst": "Trains cross again.", "kind": "analysis", "kicker": "Transport" }));
    assert_eq!(app.anon.get("/v1/articles").expect(200).each("headline"), ["Older"]);
    let live = app.publish(&draft);
    assert_eq!((live.str("status"), &live["live_revision"], &live["has_unpublished_changes"]), ("published", &json!(1), &json!(false)));
    let feed = app.anon.get("/v1/articles").expect(200);
    assert_eq!(feed.each("headline"), ["Satellite images show rebuilt rail bridge", "Older"]);
    let card = &feed["data"][0];
    assert_eq!(card["id"], live["id"]);
    assert_eq!(card["byline"], "Maria Bondar");
    assert_eq!((&card["kind"], &card["kicker"], &card["standfirst"]), (&json!("analysis"), &json!("Transport"), &json!("Trains cross again.")));
    assert_eq!(card["primary_tag"]["slug"], "harbours");
    assert_eq!(card["authors"][0]["job_title_then"], "Reporter");
    assert_eq!((&card["published_at"], &card["first_published_at"]), (&live["published_at"], &live["published_at"]));
    assert!(card.get("body").is_none());
    for desk_only in ["status", "version", "revision", "notes", "created_by", "embargo_until", "assignee", "translation_group"] {
        assert!(card.get(desk_only).is_none(), "{desk_only} is the desk's");
    }
}

#[test]
fn a_changed_slug_leads_from_the_old_address_to_the_new_one() {
    let app = TestApp::start();
    let live = app.published(&json!({ "headline": "First", "slug": "first-address" }));
    let saved = app.editor.patch(&desk(&live), live.etag(), &json!({ "slug": "second-address" })).expect(200);
    // Not before it is published.
    app.anon.get("/v1/articles/first-address").expect(200);
    app.anon.get("/v1/articles/second-address").expect(404);
    let again = app.publish(&saved);
    let moved = app.anon.get("/v1/articles/first-address?body=text").expect(308);
    assert_eq!(moved.header("location"), "/v1/articles/second-address?body=text");
    app.anon.get("/v1/articles/second-address").expect(200);
    // The old address stays taken: links to it must go on leading there.
    let refusal = app.editor.post("/v1/editorial/articles", &json!({ "headline": "Other", "slug": "first-address" })).expect(409);
    assert_eq!((refusal.problem(), refusal.faults()), ("slug-taken", vec![("/slug", "taken")]));
    // And back.
    let back = app.editor.patch(&desk(&live), again.etag(), &json!({ "slug": "first-address" })).expect(200);
    app.publish(&back);
    app.anon.get("/v1/articles/first-address").expect(200);
    assert_eq!(app.anon.get("/v1/articles/second-address").expect(308).header("location"), "/v1/articles/first-address");
}

#[test]
fn an_unpublished_story_is_gone_at_once_also_for_who_holds_its_etag() {
    let app = TestApp::start();
    let live = app.published(&json!({ "slug": "gone-soon" }));
    let read = app.anon.get("/v1/articles/gone-soon").expect(200);
    app.anon.call("GET", "/v1/articles/gone-soon").header("if-none-match", read.etag()).send().expect(304);
    let off = app.editor.act(&format!("{}/unpublish", desk(&live)), live.etag()).expect(200);
    assert_eq!((off.str("status"), &off["live_revision"]), ("unpublished", &json!(null)));
    app.anon.call("GET", "/v1/articles/gone-soon").header("if-none-match", read.etag()).send().expect(404);
    app.anon.get(&format!("/v1/articles/{}", live.id())).expect(404);
    assert_eq!(app.anon.get("/v1/articles?count=exact").expect(200)["page"]["total"], 0);
    // And it can come back, with its first date.
    let back = app.publish(&off);
    assert_eq!(back["first_published_at"], live["first_published_at"]);
    app.anon.get("/v1/articles/gone-soon").expect(200);
}

#[test]
fn a_body_comes_in_three_forms_and_goes_out_in_four() {
    let app = TestApp::start();
    let bodies = [
        json!({ "markdown": "## Tide\n\nThe harbour **reopened** on [Monday](https://example.org/a)." }),
        json!({ "html": "<h2>Tide</h2><p>The harbour <strong>reopened</strong> on <a href=\"https://example.org/a\">Monday</a>.</p>" }),
        json!({ "blocks": [
            { "_type": "block", "_key": "a", "style": "h2", "markDefs": [], "children": [{ "_type": "span", "_key": "b", "text": "Tide", "marks": [] }] },
            { "_type": "block", "_key": "c", "style": "normal", "markDefs": [{ "_key": "l", "_type": "link", "href": "https://example.org/a" }], "children": [
                { "_type": "span", "_key": "d", "text": "The harbour ", "marks": [] },
                { "_type": "span", "_key": "e", "text": "reopened", "marks": ["strong"] },
                { "_type": "span", "_key": "f", "text": " on ", "marks": [] },
                { "_type": "span", "_key": "g", "text": "Monday", "marks": ["l"] },
                { "_type": "span", "_key": "h", "text": ".", "marks": [] },
            ] },
        ] }),
    ];
    for body in bodies {
        let live = app.published(&json!({ "body": body }));
        let read = |form: &str| app.anon.get(&format!("/v1/articles/{}?body={form}", live.id())).expect(200)["body"].clone();
        let (html, text, markdown, blocks) = (read("html"), read("text"), read("markdown"), read("blocks"));
        assert_eq!(html["format"], "html");
        let value = html["value"].as_str().unwrap();
        assert!(value.contains("<h2") && value.contains("<strong>reopened</strong>") && value.contains("href=\"https://example.org/a\""), "{value}");
        assert_eq!((&text["format"], text["value"].as_str().unwrap().trim()), (&json!("text"), "Tide\n\nThe harbour reopened on Monday."));
        assert_eq!(markdown["value"].as_str().unwrap().trim(), "## Tide\n\nThe harbour **reopened** on [Monday](https://example.org/a).");
        assert_eq!((&blocks["format"], &blocks["value"][0]["style"]), (&json!("blocks"), &json!("h2")));
        assert_eq!(blocks["value"][1]["children"][1]["marks"], json!(["strong"]));
        assert_eq!(app.anon.get(&format!("/v1/articles/{}", live.id())).expect(200)["body"], html, "html is the default");
        // What comes out can go in again, and says the same.
        let again = app.published(&json!({ "body": { "blocks": blocks["value"] } }));
        assert_eq!(app.anon.get(&format!("/v1/articles/{}?body=html", again.id())).expect(200)["body"], html);
    }
}

#[test]
fn a_body_that_cannot_be_kept_is_refused_with_its_place() {
    let app = TestApp::start();
    let post = |body: Value| app.editor.post("/v1/editorial/articles", &json!({ "headline": "x", "body": body }));
    let two = post(json!({ "markdown": "a", "html": "b" })).expect(422);
    assert_eq!(two.problem(), "invalid");
    post(json!({})).expect(422);
    let unknown = post(json!({ "blocks": [{ "_type": "hologram", "_key": "a" }] })).expect(422);
    assert!(unknown.faults()[0].0.starts_with("/body/blocks/0"), "{:?}", unknown.faults());
    let image = post(json!({ "markdown": "![A bridge](media:01890000-0000-7000-8000-000000000000)" })).expect(422);
    assert_eq!(image.faults()[0].1, "unknown_reference");
}

#[test]
fn absent_stays_and_null_clears() {
    let app = TestApp::start();
    let draft = app.draft(&json!({ "kicker": "Sea", "standfirst": "Below.", "notes": "Call back." }));
    let url = desk(&draft);
    let saved = app.editor.patch(&url, draft.etag(), &json!({ "kicker": null })).expect(200);
    assert_eq!((&saved["kicker"], &saved["standfirst"], &saved["notes"]), (&json!(null), &json!("Below."), &json!("Call back.")));
    assert_eq!((&saved["version"], &saved["revision"]), (&json!(2), &json!(2)));
    let refusal = app.editor.patch(&url, saved.etag(), &json!({ "headline": null })).expect(422);
    assert_eq!(refusal.faults()[0].0, "/headline");
    let call = app.editor.call("PATCH", &url).if_match(saved.etag()).bytes("application/merge-patch+json", r#"{"standfirst":"New."}"#);
    let saved = call.send().expect(200);
    assert_eq!(saved["standfirst"], "New.");
    // A change that changes nothing is none.
    let same = app.editor.patch(&url, saved.etag(), &json!({ "standfirst": "New." })).expect(200);
    assert_eq!(same.etag(), saved.etag());
    let same = app.editor.patch(&url, saved.etag(), &json!({})).expect(200);
    assert_eq!(same.etag(), saved.etag());
}

#[test]
fn saving_a_live_story_changes_nothing_for_readers_until_it_is_published_again() {
    let app = TestApp::start();
    let live = app.published(&json!({ "headline": "Before", "slug": "story", "body": { "markdown": "Old words." } }));
    let (before, feed) = (app.anon.get("/v1/articles/story").expect(200), app.anon.get("/v1/articles").expect(200));
    let saved = app.editor.patch(&desk(&live), live.etag(), &json!({ "headline": "After", "body": { "markdown": "New words." } })).expect(200);
    assert_eq!((&saved["has_unpublished_changes"], &saved["live_revision"], saved.str("status")), (&json!(true), &json!(1), "published"));
    assert_eq!(app.anon.get("/v1/articles/story").expect(200).bytes, before.bytes);
    assert_eq!(app.anon.get("/v1/articles").expect(200).etag(), feed.etag());
    let again = app.publish(&saved);
    let after = app.anon.get("/v1/articles/story").expect(200);
    assert_eq!(after["headline"], "After");
    assert!(after["body"]["value"].as_str().unwrap().contains("New words."));
    assert_ne!(after.etag(), before.etag());
    assert_eq!((&again["published_at"], &again["first_published_at"]), (&live["published_at"], &live["first_published_at"]), "a correction is no new story");
    // The second of two publishes of the same revision is no event.
    let same = app.editor.act(&format!("{}/publish", desk(&live)), again.etag()).expect(200);
    assert_eq!(same.etag(), again.etag());
}

#[test]
fn nobody_overwrites_what_they_have_not_seen() {
    let app = TestApp::start();
    let draft = app.draft(&json!({}));
    let url = desk(&draft);
    let body = json!({ "headline": "Mine" });
    assert_eq!(app.editor.call("PATCH", &url).json(&body).send().expect(428).problem(), "precondition-required");
    assert_eq!(app.editor.call("DELETE", &url).send().expect(428).problem(), "precondition-required");
    assert_eq!(app.editor.call("POST", &format!("{url}/publish")).send().expect(428).problem(), "precondition-required");
    let saved = app.author.patch(&url, draft.etag(), &body).expect(403);
    assert_eq!(saved.problem(), "forbidden");
    let saved = app.admin.patch(&url, draft.etag(), &body).expect(200);
    for stale in [draft.etag(), "\"v99\"", "W/\"v2\"", "nonsense"] {
        let refusal = app.editor.patch(&url, stale, &json!({ "headline": "Lost" })).expect(412);
        assert_eq!((refusal.problem(), &refusal["current_version"]), ("precondition-failed", &json!(2)));
    }
    assert_eq!(app.editor.act(&format!("{url}/publish"), draft.etag()).expect(412).etag(), saved.etag());
    assert_eq!(app.editor.delete(&url, draft.etag()).expect(412).problem(), "precondition-failed");
    assert_eq!(app.editor.get(&url).expect(200)["headline"], "Mine");
    app.editor.patch(&url, &format!("{}, {}", draft.etag(), saved.etag()), &json!({ "kicker": "Seen" })).expect(200);
    app.editor.patch(&url, "*", &json!({ "kicker": "Whatever" })).expect(200);
    app.editor.call("GET", &url).header("if-none-match", "\"v4\"").send().expect(304);
    app.editor.call("GET", &url).header("if-none-match", "\"v3\"").send().expect(200);
}

#[test]
fn what_is_live_cannot_be_deleted_and_what_was_live_only_by_editors() {
    let app = TestApp::start();
    let own = app.author.post("/v1/editorial/articles", &app.story(&json!({ "slug": "kept" }))).expect(201);
    let live = app.author.act(&format!("{}/publish", desk(&own)), own.etag()).expect(200);
    let refusal = app.editor.delete(&desk(&own), live.etag()).expect(409);
    assert_eq!((refusal.problem(), &refusal["article_status"]), ("illegal-state-change", &json!("published")));
    assert!(refusal["legal_moves"].as_array().unwrap().contains(&json!("unpublish")));
    let off = app.author.act(&format!("{}/unpublish", desk(&own)), live.etag()).expect(200);
    app.author.delete(&desk(&own), off.etag()).expect(403);
    app.editor.delete(&desk(&own), off.etag()).expect(204);
    app.editor.get(&desk(&own)).expect(404);
    // Its address is free again, because nothing stands behind it.
    app.editor.post("/v1/editorial/articles", &json!({ "headline": "New", "slug": "kept" })).expect(201);
    let draft = app.author.post("/v1/editorial/articles", &json!({ "headline": "Never seen" })).expect(201);
    app.author.delete(&desk(&draft), draft.etag()).expect(204);
}

#[test]
fn every_obstacle_to_publishing_is_named_at_once_and_a_rehearsal_changes_nothing() {
    let app = TestApp::start();
    let internal = app.editor.post("/v1/editorial/tags", &json!({ "name": "Hold for lawyers", "kind": "internal" })).expect(201);
    let credit = app.credit("Maxar Technologies");
    let picture = app.picture(&credit, "A bridge");
    let draft = app
        .editor
        .post(
            "/v1/editorial/articles",
            &json!({ "headline": "Bare", "tags": [internal.id()], "lead_media": { "media_id": picture.id() }, "embargo_until": "2999-01-01T00:00:00Z" }),
        )
        .expect(201);
    let publish = format!("{}/publish", desk(&draft));
    let found = [("/embargo_until", "embargo"), ("/authors", "required"), ("/tags", "required"), ("/body", "required")];
    let rehearsal = app.editor.act(&format!("{publish}?dry_run=true"), draft.etag()).expect(200);
    assert_eq!(rehearsal["publishable"], false);
    let named: Vec<_> = rehearsal["obstacles"].as_array().unwrap().iter().map(|o| (o["pointer"].as_str().unwrap(), o["code"].as_str().unwrap())).collect();
    assert_eq!(named, found);
    let refusal = app.editor.act(&publish, draft.etag()).expect(422);
    assert_eq!((refusal.problem(), refusal.faults()), ("not-publishable", found.to_vec()));
    let same = app.editor.get(&desk(&draft)).expect(200);
    assert_eq!((same.etag(), same.str("status")), (draft.etag(), "draft"));
    let whole = app.draft(&json!({}));
    let rehearsal = app.editor.act(&format!("{}/publish?dry_run=true", desk(&whole)), whole.etag()).expect(200);
    assert_eq!(rehearsal.json, json!({ "publishable": true, "obstacles": [] }));
    app.anon.get(&format!("/v1/articles/{}", whole.id())).expect(404);
}

#[test]
fn a_picture_without_alt_text_stops_a_story_and_no_picture_leaves_without_its_credit() {
    let app = TestApp::start();
    let picture = app.picture(&app.credit("Maxar Technologies"), "");
    let lead = |alt: Value| json!({ "lead_media": { "media_id": picture.id(), "alt": alt }, "body": { "markdown": format!("![](media:{})", picture.id()) } });
    let draft = app.draft(&lead(json!(null)));
    let refusal = app.editor.act(&format!("{}/publish", desk(&draft)), draft.etag()).expect(422);
    assert_eq!(refusal.faults().iter().map(|f| f.1).collect::<Vec<_>>(), ["required", "required"]);
    let alt = json!({ "lead_media": { "media_id": picture.id(), "alt": "The bridge from above" }, "body": { "markdown": format!("![Seen from above](media:{})", picture.id()) } });
    let saved = app.editor.patch(&desk(&draft), draft.etag(), &alt).expect(200);
    app.publish(&saved);
    let story = app.anon.get(&format!("/v1/articles/{}", draft.id())).expect(200);
    let shown = &story["lead_media"];
    assert_eq!(
        (&shown["alt"], &shown["credit"]["display"], &shown["credit_line"]),
        (&json!("The bridge from above"), &json!("(Maxar Technologies)"), &json!("Maxar Technologies"))
    );
    let html = story["body"]["value"].as_str().unwrap();
    assert!(html.contains("<figure") && html.contains("<figcaption") && html.contains("Maxar Technologies") && html.contains("alt=\"Seen from above\""), "{html}");
    let sparse = app.anon.get("/v1/articles?fields=lead_media").expect(200);
    assert_eq!(sparse["data"][0]["lead_media"]["credit"]["name"], "Maxar Technologies");
}

#[test]
fn references_to_what_is_not_there_are_refused_each_with_its_place() {
    let app = TestApp::start();
    let nobody = "01890000-0000-7000-8000-000000000000";
    let refusal = app.editor.post(
        "/v1/editorial/articles",
        &json!({ "headline": "x", "authors": [{ "author_id": nobody, "role": "author" }], "tags": [nobody], "lead_media": { "media_id": nobody } }),
    );
    let refusal = refusal.expect(422);
    assert_eq!(refusal.faults(), [("/authors/0/author_id", "unknown_reference"), ("/tags/0", "unknown_reference"), ("/lead_media/media_id", "unknown_reference")]);
    let tag = app.tag("Twice");
    let twice = app.editor.post("/v1/editorial/articles", &json!({ "headline": "x", "tags": [tag.id(), tag.id()] })).expect(422);
    assert_eq!(twice.faults(), [("/tags/1", "duplicate")]);
    let translation = app.editor.post("/v1/editorial/articles", &json!({ "headline": "x", "translation_of": nobody })).expect(422);
    assert_eq!(translation.faults(), [("/translation_of", "unknown_reference")]);
}

#[test]
fn contributors_write_and_do_not_publish_and_see_only_what_is_theirs_or_live() {
    let app = TestApp::start();
    let others = app.draft(&json!({ "headline": "Secret plan" }));
    let live = app.published(&json!({ "headline": "Known to all" }));
    let own = app.contributor.post("/v1/editorial/articles", &app.story(&json!({ "headline": "My own" }))).expect(201);
    let mut seen = app.contributor.get("/v1/editorial/articles?count=exact").expect(200);
    assert_eq!(seen["page"]["total"], 2);
    assert_eq!(seen.each("headline"), ["My own", "Known to all"]);
    for read in [desk(&others), format!("/v1/editorial/articles/{}", others.str("slug"))] {
        assert_eq!(app.contributor.get(&read).expect(404).problem(), "not-found");
    }
    app.contributor.patch(&desk(&others), "*", &json!({ "headline": "Stolen" })).expect(404);
    app.contributor.patch(&desk(&live), "*", &json!({ "headline": "Stolen" })).expect(403);
    app.contributor.delete(&desk(&others), "*").expect(404);
    assert_eq!(app.contributor.act(&format!("{}/publish", desk(&own)), "*").expect(403).problem(), "forbidden");
    let saved = app.contributor.patch(&desk(&own), own.etag(), &json!({ "headline": "My own, better" })).expect(200);
    let published = app.publish(&saved);
    // What is live is past the contributor.
    app.contributor.patch(&desk(&own), published.etag(), &json!({ "headline": "Too late" })).expect(403);
    app.contributor.act(&format!("{}/unpublish", desk(&own)), published.etag()).expect(403);
    app.contributor.delete(&desk(&own), published.etag()).expect(403);
    seen = app.contributor.get("/v1/editorial/articles?q=secret").expect(200);
    assert_eq!(seen["data"], json!([]));
}

#[test]
fn authors_read_everything_and_publish_their_own() {
    let app = TestApp::start();
    let others = app.draft(&json!({ "headline": "The editor's" }));
    let own = app.author.post("/v1/editorial/articles", &app.story(&json!({ "headline": "The author's" }))).expect(201);
    assert_eq!(app.author.get(&desk(&others)).expect(200)["headline"], "The editor's");
    assert_eq!(app.author.get("/v1/editorial/articles?mine=true").expect(200).each("headline"), ["The author's"]);
    app.author.patch(&desk(&others), others.etag(), &json!({ "headline": "Changed" })).expect(403);
    app.author.act(&format!("{}/publish", desk(&others)), others.etag()).expect(403);
    app.author.delete(&desk(&others), others.etag()).expect(403);
    let live = app.author.act(&format!("{}/publish", desk(&own)), own.etag()).expect(200);
    let saved = app.author.patch(&desk(&own), live.etag(), &json!({ "headline": "Still the author's" })).expect(200);
    app.author.act(&format!("{}/publish", desk(&own)), saved.etag()).expect(200);
    let changed = app.editor.patch(&desk(&own), "*", &json!({ "kicker": "By the desk" })).expect(200);
    assert_eq!(changed["updated_by"], app.editor.user_id());
    assert_eq!(changed["created_by"], app.author.user_id());
}

#[test]
fn the_desks_list_filters_by_all_that_it_names() {
    let app = TestApp::start();
    let (tag, writer) = (app.tag("Grain"), app.writer("Olena Koval"));
    app.draft(&json!({ "headline": "Wheat prices", "kind": "analysis", "language": "uk", "tags": [tag.id()], "authors": [{ "author_id": writer.id(), "role": "author" }] }));
    app.published(&json!({ "headline": "Ferry 100% late", "kind": "brief" }));
    let find = |query: &str| app.editor.get(&format!("/v1/editorial/articles?{query}")).expect(200).each("headline").join("|");
    assert_eq!(find("status=draft"), "Wheat prices");
    assert_eq!(find("status=published"), "Ferry 100% late");
    assert_eq!(find("kind=analysis"), "Wheat prices");
    assert_eq!(find("language=uk"), "Wheat prices");
    assert_eq!(find(&format!("tag={}", tag.id())), "Wheat prices");
    assert_eq!(find(&format!("author={}", writer.id())), "Wheat prices");
    assert_eq!(find("q=100%25"), "Ferry 100% late");
    assert_eq!(find("q=_"), "");
    assert_eq!(find(&format!("created_by={}", app.admin.user_id())), "");
    assert_eq!(find("updated_after=2999-01-01T00:00:00Z"), "");
    assert_eq!(find("updated_before=2999-01-01T00:00:00Z"), "Ferry 100% late|Wheat prices");
    assert_eq!(find("sort=-created_at"), "Ferry 100% late|Wheat prices");
    assert_eq!(find("sort=-published_at"), "Ferry 100% late");
    let counted = app.editor.get("/v1/editorial/articles?sort=-published_at&count=exact").expect(200);
    assert_eq!(counted["page"]["total"], 1, "the count is of this very list");
    let with_body = app.editor.get("/v1/editorial/articles?status=draft&include=body&body=text").expect(200);
    assert_eq!(with_body["data"][0]["body"]["format"], "text");
}

#[test]
fn translations_know_each_other_once_they_are_live() {
    let app = TestApp::start();
    let english = app.published(&json!({ "headline": "Bridge reopens", "slug": "bridge" }));
    let german = app.draft(&json!({ "headline": "Brücke wieder offen", "slug": "bruecke", "language": "de", "translation_of": english.id() }));
    assert_eq!(app.anon.get("/v1/articles/bridge").expect(200)["translations"], json!([]));
    app.publish(&german);
    assert_eq!(app.anon.get("/v1/articles/bruecke").expect(200)["translations"], json!([{ "language": "en", "slug": "bridge", "id": english.id() }]));
    assert_eq!(app.anon.get("/v1/articles/bridge").expect(200)["translations"], json!([{ "language": "de", "slug": "bruecke", "id": german.id() }]));
    app.editor.act(&format!("{}/unpublish", desk(&german)), "*").expect(200);
    assert_eq!(app.anon.get("/v1/articles/bridge").expect(200)["translations"], json!([]));
}

#[test]
fn internal_tags_never_leave_the_desk() {
    let app = TestApp::start();
    let internal = app.editor.post("/v1/editorial/tags", &json!({ "name": "Zylophant", "kind": "internal" })).expect(201);
    let public = app.tag("Ports");
    let live = app.published(&json!({ "tags": [internal.id(), public.id()] }));
    assert_eq!(app.editor.get(&desk(&live)).expect(200)["tags"][0]["slug"], "zylophant");
    let story = app.anon.get(&format!("/v1/articles/{}", live.id())).expect(200);
    assert!(!story.text().to_lowercase().contains("zylophant"));
    assert_eq!(story["primary_tag"]["slug"], "ports");
    for filter in ["tag", "primary_tag", "tags_all"] {
        assert_eq!(app.anon.get(&format!("/v1/articles?{filter}=zylophant")).expect(200)["data"], json!([]), "{filter}");
    }
    assert_eq!(app.anon.get("/v1/articles?tag=-zylophant").expect(200).each("id"), [live.id()]);
}
