//! The desk in depth: revisions, moves, schedules, corrections, locks, previews, bulk.

use chrono::Duration;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use masthead::editorial::articles::schedule;
use masthead::identity::role::Role;
use masthead::schema::{articles, audit_events};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, TestApp};
use crate::world;

fn url(article: &Answer, rest: &str) -> String {
    format!("/v1/editorial/articles/{}{rest}", article.id())
}

/// Runs everything that is due, as the worker does, and says how much there was.
fn run_due(app: &TestApp) -> usize {
    let mut conn = app.connect();
    (0..).map(|_| masthead::db::transaction(&mut conn, &|tx| schedule::run_due(tx)).unwrap()).take_while(|done| *done > 0).sum()
}

/// As if this much time had passed since it was planned.
fn let_pass(app: &TestApp, article: &Answer, time: Duration) {
    let id: Uuid = article.id().parse().unwrap();
    let (on, off): (Option<masthead::timestamp::Timestamp>, Option<masthead::timestamp::Timestamp>) =
        articles::table.find(id).select((articles::publish_at, articles::unpublish_at)).first(&mut app.connect()).unwrap();
    diesel::update(articles::table.find(id))
        .set((articles::publish_at.eq(on.map(|t| t.plus(-time))), articles::unpublish_at.eq(off.map(|t| t.plus(-time)))))
        .execute(&mut app.connect())
        .unwrap();
}

fn ahead(minutes: i64) -> String {
    masthead::app::now().plus(Duration::minutes(minutes)).to_string()
}

#[test]
fn every_save_is_a_revision_and_a_save_of_nothing_new_is_none() {
    let app = TestApp::start();
    let draft = app.author.post("/v1/editorial/articles", &json!({ "headline": "One", "body": { "markdown": "First words.\n\nSecond paragraph." } })).expect(201);
    let same = app.author.patch(&url(&draft, ""), draft.etag(), &json!({ "headline": "One" })).expect(200);
    assert_eq!((same.etag(), &same["revision"]), (draft.etag(), &json!(1)));
    let edited = app
        .author
        .patch(&url(&draft, ""), draft.etag(), &json!({ "headline": "Two", "body": { "markdown": "First new words.\n\nSecond paragraph." }, "revision_note": "Sharper" }))
        .expect(200);
    assert_eq!(edited["revision"], 2);
    let list = app.author.get(&url(&draft, "/revisions")).expect(200);
    assert_eq!(list["data"].as_array().unwrap().iter().map(|r| (r["number"].as_i64().unwrap(), r["note"].clone())).collect::<Vec<_>>(), [(2, json!("Sharper")), (1, json!(null))]);
    let first = app.author.get(&url(&draft, "/revisions/1?body=markdown")).expect(200);
    assert_eq!((&first["content"]["headline"], &first["content"]["body"]["value"]), (&json!("One"), &json!("First words.\n\nSecond paragraph.")));
    let diff = app.author.get(&url(&draft, "/revisions/2/diff")).expect(200);
    assert_eq!(diff["fields"], json!([{ "field": "headline", "before": "One", "after": "Two" }]));
    assert_eq!((&diff["words_added"], &diff["words_removed"], &diff["body"][1]["change"]), (&json!(1), &json!(0), &json!("equal")));
    let back = app.author.call("POST", &url(&draft, "/revisions/1/restore")).if_match(edited.etag()).send().expect(200);
    assert_eq!((&back["revision"], &back["headline"]), (&json!(3), &json!("One")));
}

#[test]
fn hundreds_of_saves_of_a_long_story_stay_small_and_all_read_back() {
    let app = TestApp::start();
    let text = |n: usize| {
        (0..1_000)
            .map(|w| if w == n * 7 { format!("edit{n}") } else { format!("word{}", w * 7_919 % 5_003) })
            .collect::<Vec<_>>()
            .chunks(50)
            .map(|c| c.join(" "))
            .collect::<Vec<_>>()
            .join("\n\n")
    };
    let mut article = app.author.post("/v1/editorial/articles", &json!({ "headline": "Long", "body": { "markdown": text(0) } })).expect(201);
    for n in 1..40 {
        article = app.author.patch(&url(&article, ""), article.etag(), &json!({ "body": { "markdown": text(n) } })).expect(200);
    }
    for n in [1_usize, 7, 20, 40] {
        let revision = app.author.get(&url(&article, &format!("/revisions/{n}?body=text"))).expect(200);
        assert!(revision["content"]["body"]["value"].as_str().unwrap().contains(&format!("edit{}", n - 1)));
    }
    let bytes: i64 = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>("(SELECT sum(length(content)) FROM article_revisions)")).get_result(&mut app.connect()).unwrap();
    assert!(bytes / 40 < 1_500, "{} bytes a save", bytes / 40);
}

#[test]
fn a_live_story_stays_as_it_is_until_it_is_published_again() {
    let app = TestApp::start();
    let live = app.published(&json!({ "headline": "As published" }));
    let edited = app.editor.patch(&url(&live, ""), live.etag(), &json!({ "headline": "Not yet" })).expect(200);
    assert_eq!((&edited["has_unpublished_changes"], &edited["status"]), (&json!(true), &json!("published")));
    let path = format!("/v1/articles/{}", live.id());
    assert_eq!(app.anon.get(&path).expect(200)["headline"], "As published");
    let again = app.editor.act(&url(&live, "/publish"), edited.etag()).expect(200);
    assert_eq!(again["has_unpublished_changes"], false);
    let shown = app.anon.get(&path).expect(200);
    assert_eq!((&shown["headline"], &shown["published_at"]), (&json!("Not yet"), &live["published_at"]));
}

#[test]
fn work_goes_from_writer_to_editor_and_back() {
    let app = TestApp::start();
    let draft = app.contributor.post("/v1/editorial/articles", &app.story(&json!({ "headline": "Submitted" }))).expect(201);
    app.contributor.act(&url(&draft, "/publish"), "*").expect(403);
    let sent = app.contributor.call("POST", &url(&draft, "/submit")).if_match(draft.etag()).json(&json!({ "note": "Please check the figures" })).send().expect(200);
    assert_eq!((&sent["status"], &sent["review_note"]), (&json!("in_review"), &json!("Please check the figures")));
    app.contributor.call("POST", &url(&draft, "/return")).if_match("*").send().expect(403);
    let back = app.editor.call("POST", &url(&draft, "/return")).if_match(sent.etag()).json(&json!({ "note": "Source missing" })).send().expect(200);
    assert_eq!(back["status"], "draft");
    let refusal = app.editor.call("POST", &url(&draft, "/restore")).if_match("*").send().expect(409);
    assert_eq!((refusal.problem(), &refusal["legal_moves"][0]), ("illegal-state-change", &json!("edit")));
    let live = app.editor.act(&url(&draft, "/publish"), back.etag()).expect(200);
    app.editor.act(&url(&draft, "/archive"), live.etag()).expect(409);
    let off = app.editor.act(&url(&draft, "/unpublish"), live.etag()).expect(200);
    let away = app.editor.act(&url(&draft, "/archive"), off.etag()).expect(200);
    assert_eq!(app.editor.act(&url(&draft, "/restore"), away.etag()).expect(200)["status"], "unpublished");
}

#[test]
fn a_scheduled_story_goes_live_once_at_its_time_and_bears_it() {
    let app = TestApp::start();
    let draft = app.author.post("/v1/editorial/articles", &app.story(&json!({ "headline": "Tomorrow" }))).expect(201);
    let refusal = app.author.call("POST", &url(&draft, "/schedule")).if_match("*").json(&json!({ "publish_at": ahead(-5) })).send().expect(422);
    assert_eq!(refusal.faults(), [("/publish_at", "in_past")]);
    app.author.call("POST", &url(&draft, "/schedule")).if_match("*").json(&json!({ "publish_at": "2030-01-01T10:00:00" })).send().expect(422);
    let planned = app.author.call("POST", &url(&draft, "/schedule")).if_match(draft.etag()).json(&json!({ "publish_at": ahead(10), "unpublish_at": ahead(60) })).send().expect(200);
    assert_eq!(planned["status"], "scheduled");
    assert_eq!(run_due(&app), 0);
    app.anon.get(&format!("/v1/articles/{}", draft.id())).expect(404);
    let_pass(&app, &draft, Duration::minutes(15));
    assert_eq!((run_due(&app), run_due(&app)), (1, 0));
    let live = app.anon.get(&format!("/v1/articles/{}", draft.id())).expect(200);
    let planned_at = chrono::DateTime::parse_from_rfc3339(planned.str("publish_at")).unwrap() - Duration::minutes(15);
    assert_eq!(chrono::DateTime::parse_from_rfc3339(live.str("published_at")).unwrap(), planned_at);
    let_pass(&app, &draft, Duration::minutes(60));
    assert_eq!(run_due(&app), 1);
    app.anon.get(&format!("/v1/articles/{}", draft.id())).expect(404);
    let deeds: Vec<String> = audit_events::table.filter(audit_events::actor.eq("schedule")).order(audit_events::at).select(audit_events::action).load(&mut app.connect()).unwrap();
    assert_eq!(deeds, ["publish", "unpublish"]);
}

#[test]
fn a_live_story_can_wait_for_an_update_of_itself() {
    let app = TestApp::start();
    let live = app.published(&json!({ "headline": "Now" }));
    let edited = app.editor.patch(&url(&live, ""), live.etag(), &json!({ "headline": "Later" })).expect(200);
    let planned = app.editor.call("POST", &url(&live, "/schedule")).if_match(edited.etag()).json(&json!({ "publish_at": ahead(5) })).send().expect(200);
    assert_eq!(planned["status"], "published");
    let_pass(&app, &live, Duration::minutes(6));
    assert_eq!(run_due(&app), 1);
    assert_eq!(app.anon.get(&format!("/v1/articles/{}", live.id())).expect(200)["headline"], "Later");
}

#[test]
fn what_became_impossible_is_told_to_the_desk_and_not_tried_for_ever() {
    let app = TestApp::start();
    let credit = app.credit("Agency");
    let picture = app.picture(&credit, "A bridge");
    let draft = app.author.post("/v1/editorial/articles", &app.story(&json!({ "headline": "Planned", "lead_media": { "media_id": picture.id() } }))).expect(201);
    app.author.call("POST", &url(&draft, "/schedule")).if_match(draft.etag()).json(&json!({ "publish_at": ahead(5) })).send().expect(200);
    diesel::update(masthead::schema::media_credits::table).set(masthead::schema::media_credits::status.eq("withdrawn")).execute(&mut app.connect()).unwrap();
    let_pass(&app, &draft, Duration::minutes(6));
    assert_eq!((run_due(&app), run_due(&app)), (1, 0));
    let after = app.author.get(&url(&draft, "")).expect(200);
    assert_eq!((&after["status"], &after["publish_at"], &after["schedule_failure"][0]["code"]), (&json!("in_review"), &json!(null), &json!("withdrawn")));
}

#[test]
fn of_many_due_at_once_those_that_cannot_go_live_hold_up_and_undo_no_others() {
    let app = TestApp::start();
    let (common, rare, credit) = (app.tag("Common"), app.tag("Rare"), app.credit("Agency"));
    let picture = app.picture(&credit, "A bridge");
    let plan = |members: &Value| {
        let draft = app.draft(members);
        app.editor.call("POST", &url(&draft, "/schedule")).if_match("*").json(&json!({ "publish_at": ahead(5), "unpublish_at": ahead(60) })).send().expect(200)
    };
    let first = plan(&json!({ "headline": "First", "tags": [rare.id(), common.id()] }));
    let second = plan(&json!({ "headline": "Second", "language": "uk", "tags": [common.id()], "translation_of": first.id() }));
    let many: Vec<_> = (0..60).map(|n| plan(&json!({ "headline": format!("Planned {n}"), "tags": [common.id()] }))).collect();
    let withheld = plan(&json!({ "headline": "Withdrawn", "lead_media": { "media_id": picture.id() } }));
    let damaged = plan(&json!({ "headline": "Damaged" }));
    let harm = format!(
        "UPDATE media_credits SET status = 'withdrawn'; INSERT INTO article_revisions (article_id, number, created_at, content) VALUES ('{0}', 2, now(), 'nonsense'); \
         UPDATE articles SET revision = 2 WHERE id = '{0}'; UPDATE articles SET publish_at = publish_at - interval '10 minutes'",
        damaged.id()
    );
    app.connect().batch_execute(&harm).unwrap();
    assert_eq!(run_due(&app), 64);
    world::assert_agrees(&mut app.connect());
    assert_eq!(app.anon.get("/v1/tags/common").expect(200)["article_count"], 62);
    assert_eq!(app.anon.get("/v1/tags/rare").expect(200)["article_count"], 1);
    for (one, other) in [(&first, &second), (&second, &first)] {
        assert_eq!(app.anon.get(&format!("/v1/articles/{}", one.id())).expect(200)["translations"][0]["id"], other.id());
    }
    let after = app.editor.get(&url(&withheld, "")).expect(200);
    assert_eq!((&after["status"], &after["schedule_failure"][0]["code"]), (&json!("in_review"), &json!("withdrawn")));
    let status: String =
        masthead::schema::articles::table.find(damaged.id().parse::<Uuid>().unwrap()).select(masthead::schema::articles::status).first::<String>(&mut app.connect()).unwrap();
    assert_eq!(status, "in_review");
    app.connect().batch_execute("UPDATE articles SET unpublish_at = unpublish_at - interval '2 hours'").unwrap();
    assert_eq!(run_due(&app), 64, "also those that never went live are done with");
    world::assert_agrees(&mut app.connect());
    app.anon.get(&format!("/v1/articles/{}", many[0].id())).expect(404);
    assert_eq!(app.anon.get("/v1/articles?count=exact").expect(200)["page"]["total"], 0);
}

#[test]
fn an_embargo_holds_on_every_way_to_the_world() {
    let app = TestApp::start();
    let draft = app.author.post("/v1/editorial/articles", &app.story(&json!({ "headline": "Secret until noon", "embargo_until": ahead(60) }))).expect(201);
    assert_eq!(app.author.act(&url(&draft, "/publish"), "*").expect(422).faults(), [("/embargo_until", "embargo")]);
    let early = app.author.call("POST", &url(&draft, "/schedule")).if_match("*").json(&json!({ "publish_at": ahead(30) })).send().expect(422);
    assert_eq!(early.faults(), [("/embargo_until", "embargo")]);
    app.author.call("POST", &url(&draft, "/schedule")).if_match("*").json(&json!({ "publish_at": ahead(61) })).send().expect(200);
    let longer = app.author.patch(&url(&draft, ""), "*", &json!({ "embargo_until": ahead(600) })).expect(200);
    let_pass(&app, &longer, Duration::minutes(62));
    run_due(&app);
    app.anon.get(&format!("/v1/articles/{}", draft.id())).expect(404);
}

#[test]
fn a_correction_shows_at_once_and_takes_nothing_else_along() {
    let app = TestApp::start();
    let live = app.published(&json!({ "headline": "Bridge opened in 1998" }));
    let pending = app.editor.patch(&url(&live, ""), live.etag(), &json!({ "headline": "Bridge opened in 1989" })).expect(200);
    app.author.call("POST", &url(&live, "/corrections")).if_match("*").json(&json!({ "kind": "correction", "text": "x" })).send().expect(403);
    let added = app
        .editor
        .call("POST", &url(&live, "/corrections"))
        .if_match(pending.etag())
        .json(&json!({ "kind": "correction", "text": "The bridge opened in 1989." }))
        .send()
        .expect(201);
    let shown = app.anon.get(&format!("/v1/articles/{}", live.id())).expect(200);
    assert_eq!(
        (&shown["headline"], &shown["corrections"][0]["text"], &shown["corrections"][0]["id"]),
        (&json!("Bridge opened in 1998"), &json!("The bridge opened in 1989."), &added["id"])
    );
    assert!(shown["updated_at"].as_str() > live["updated_at"].as_str());
    let listed = app.anon.get("/v1/corrections?kind=correction").expect(200);
    assert_eq!((&listed["data"][0]["id"], &listed["data"][0]["article"]["headline"]), (&added["id"], &json!("Bridge opened in 1998")));
    let changes = app.anon.get("/v1/changes").expect(200);
    assert_eq!(changes["data"].as_array().unwrap().iter().map(|c| c["kind"].as_str().unwrap()).collect::<Vec<_>>(), ["published", "corrected"]);
    let next = changes["page"]["next"].as_str().unwrap().to_owned();
    assert_eq!(app.anon.get(&format!("/v1/changes?cursor={next}")).expect(200)["data"], json!([]));
    app.editor.act(&url(&live, "/unpublish"), "*").expect(200);
    let later = app.anon.get(&format!("/v1/changes?cursor={next}")).expect(200);
    assert_eq!((&later["data"][0]["kind"], &later["data"][0]["revision"]), (&json!("unpublished"), &json!(null)));
    assert_eq!(app.anon.get("/v1/corrections").expect(200)["data"], json!([]));
}

#[test]
fn a_lock_holds_others_off_and_an_editor_breaks_it() {
    let app = TestApp::start();
    let draft = app.author.post("/v1/editorial/articles", &json!({ "headline": "Mine" })).expect(201);
    let lock = url(&draft, "/lock");
    assert_eq!(app.author.call("PUT", &lock).send().expect(200)["lock"]["user_id"], app.author.user_id());
    let refusal = app.editor.patch(&url(&draft, ""), "*", &json!({ "headline": "Yours" })).expect(409);
    assert_eq!((refusal.problem(), &refusal["locked_by"]), ("locked", &json!(app.author.user_id())));
    app.editor.call("PUT", &lock).send().expect(409);
    assert_eq!(app.editor.call("PUT", &format!("{lock}?break=true")).send().expect(200)["lock"]["user_id"], app.editor.user_id());
    app.author.patch(&url(&draft, ""), "*", &json!({ "headline": "Mine again" })).expect(409);
    app.author.call("DELETE", &lock).send().expect(409);
    app.editor.call("DELETE", &lock).send().expect(204);
    app.author.patch(&url(&draft, ""), "*", &json!({ "headline": "Mine again" })).expect(200);
}

#[test]
fn a_preview_shows_one_article_to_whoever_has_the_link_until_it_is_revoked() {
    let app = TestApp::start();
    let draft = app.author.post("/v1/editorial/articles", &app.story(&json!({ "headline": "Not live" }))).expect(201);
    let made = app.author.call("POST", &url(&draft, "/preview")).send().expect(201);
    let path = made.str("url").split_once("/v1/").map(|(_, rest)| format!("/v1/{rest}")).unwrap();
    let shown = app.anon.get(&path).expect(200);
    assert_eq!((&shown["headline"], shown.header("cache-control")), (&json!("Not live"), "private, no-store"));
    app.anon.get(&format!("/v1/articles/{}", draft.id())).expect(404);
    app.anon.get("/v1/preview/mhp_guess").expect(404);
    app.with_token(path.rsplit('/').next().unwrap()).get("/v1/editorial/articles").expect(401);
    app.contributor.call("POST", &url(&draft, "/preview")).send().expect(404);
    app.author.call("DELETE", &url(&draft, &format!("/preview/{}", made.id()))).send().expect(204);
    app.anon.get(&path).expect(404);
    let other = app.person(Role::Author, "Gone tomorrow");
    let made = other.call("POST", &url(&draft, "/preview")).send().expect(201);
    let path = made.str("url").split_once("/v1/").map(|(_, rest)| format!("/v1/{rest}")).unwrap();
    app.anon.get(&path).expect(200);
    let id: Uuid = other.user_id().parse().unwrap();
    diesel::update(masthead::schema::users::table.find(id)).set(masthead::schema::users::disabled_at.eq(masthead::app::now())).execute(&mut app.connect()).unwrap();
    app.anon.get(&path).expect(404);
}

#[test]
fn names_stand_as_they_stood_at_publication() {
    let app = TestApp::start();
    let live = app.published(&json!({ "headline": "By the old name" }));
    let author = live["authors"][0]["author_id"].as_str().unwrap().parse::<Uuid>().unwrap();
    let before = app.anon.get(&format!("/v1/articles/{}", live.id())).expect(200);
    let mut conn = app.connect();
    diesel::update(masthead::schema::authors::table.find(author))
        .set((masthead::schema::authors::name.eq("New Name"), masthead::schema::authors::job_title.eq("Editor")))
        .execute(&mut conn)
        .unwrap();
    diesel::sql_query("UPDATE generations SET value = value + 1 WHERE name = 'references'").execute(&mut conn).unwrap();
    let edited = app.editor.patch(&url(&live, ""), "*", &json!({ "standfirst": "Again" })).expect(200);
    app.editor.act(&url(&live, "/publish"), edited.etag()).expect(200);
    let after = app.anon.get(&format!("/v1/articles/{}", live.id())).expect(200);
    assert_eq!(after["authors"][0]["name"], before["authors"][0]["name"]);
    assert_eq!((&after["authors"][0]["job_title_then"], &after["authors"][0]["job_title_now"]), (&json!("Reporter"), &json!("Editor")));
}

#[test]
fn translations_list_each_other_while_they_are_live() {
    let app = TestApp::start();
    let english = app.published(&json!({ "headline": "The bridge", "language": "en" }));
    let ukrainian = app.published(&json!({ "headline": "Міст", "language": "uk", "translation_of": english.id() }));
    let read = |article: &Answer| app.anon.get(&format!("/v1/articles/{}", article.id())).expect(200)["translations"].clone();
    assert_eq!(read(&english), json!([{ "language": "uk", "slug": ukrainian["slug"], "id": ukrainian.id() }]));
    assert_eq!(read(&ukrainian)[0]["id"], english.id());
    app.editor.act(&url(&english, "/unpublish"), "*").expect(200);
    assert_eq!(read(&ukrainian), json!([]));
}

#[test]
fn many_articles_are_changed_at_once_each_with_its_own_result() {
    let app = TestApp::start();
    let tag = app.tag("Rail");
    let (one, live) = (app.draft(&json!({ "headline": "One" })), app.published(&json!({ "headline": "Live" })));
    let missing = Uuid::now_v7().to_string();
    let bulk = |operation, ids: &[&str], all: bool| app.editor.post("/v1/editorial/articles/bulk", &json!({ "ids": ids, "operation": operation, "all_or_nothing": all }));
    let tagged = bulk(json!({ "action": "tag", "tag_id": tag.id() }), &[one.id(), &missing, live.id()], false).expect(200);
    assert_eq!(tagged["results"].as_array().unwrap().iter().map(|r| r["status"].as_i64().unwrap()).collect::<Vec<_>>(), [200, 404, 200]);
    bulk(json!({ "action": "archive" }), &[one.id(), live.id()], true).expect(409);
    assert_eq!(app.editor.get(&url(&one, "")).expect(200)["status"], "draft");
    let mixed = bulk(json!({ "action": "archive" }), &[one.id(), live.id()], false).expect(200);
    assert_eq!(mixed["results"][1]["problem"]["legal_moves"][0], "edit");
    assert_eq!(app.editor.get(&url(&one, "")).expect(200)["status"], "archived");
}

#[test]
fn the_desk_finds_what_waits_and_what_is_whose() {
    let app = TestApp::start();
    let write = |client: &crate::support::Client, headline: &str| client.post("/v1/editorial/articles", &json!({ "headline": headline })).expect(201);
    let (sent, taken, own) = (write(&app.author, "Sent in"), write(&app.author, "Taken on"), write(&app.editor, "Of the editor"));
    for article in [&sent, &taken] {
        app.author.act(&url(article, "/submit"), "*").expect(200);
    }
    app.editor.patch(&url(&taken, ""), "*", &json!({ "assignee": app.editor.user_id() })).expect(200);
    let list = |client: &crate::support::Client, query: &str| {
        let mut found: Vec<_> = client.get(&format!("/v1/editorial/articles?{query}")).expect(200).each("headline").iter().map(ToString::to_string).collect();
        found.sort();
        found
    };
    assert_eq!(list(&app.editor, "status=in_review"), ["Sent in", "Taken on"]);
    assert_eq!(list(&app.editor, "status=in_review&assignee=none"), ["Sent in"]);
    assert_eq!(list(&app.editor, "assignee=me"), ["Taken on"]);
    assert_eq!(list(&app.author, "assignee=me"), Vec::<String>::new());
    assert_eq!(list(&app.author, &format!("assignee={}", app.editor.user_id())), ["Taken on"]);
    assert_eq!(list(&app.editor, "mine=true"), ["Of the editor"]);
    assert_eq!(list(&app.author, "mine=true&q=sent"), ["Sent in"]);
    assert_eq!(list(&app.editor, &format!("updated_after={}&mine=true", own.str("updated_at"))), Vec::<String>::new());
    app.editor.get("/v1/editorial/articles?assignee=somebody").expect(400);
}
