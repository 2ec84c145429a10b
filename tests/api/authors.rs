//! Authors, on the desk and before the world.

use masthead::identity::role::Role;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

const DESK: &str = "/v1/editorial/authors";

fn desk(author: &Answer) -> String {
    format!("{DESK}/{}", author.id())
}

fn by(author: &Answer) -> Value {
    json!({ "authors": [{ "author_id": author.id() }] })
}

fn unpublish(app: &TestApp, story: &Answer) {
    app.editor.act(&format!("/v1/editorial/articles/{}/unpublish", story.id()), story.etag()).expect(200);
}

#[test]
fn everything_that_is_said_of_an_author_comes_back() {
    let app = TestApp::start();
    let portrait = app.picture(&app.credit("Newsroom"), "Olena Marchenko at her desk");
    let given = json!({
        "name": "Olena Marchenko",
        "kind": "freelance",
        "job_title": "Defense reporter",
        "former": true,
        "bio": "She covered logistics.",
        "bio_long": "She joined as a trainee.\n\nShe left to teach.",
        "avatar_media_id": portrait.id(),
        "links": [{ "rel": "website", "url": "https://people.example.org/olena" }],
        "location": "Kyiv",
        "languages": ["uk", "en"],
        "email": "olena@people.example.org",
        "job_titles": [{ "title": "Trainee", "from": "2017-09-01", "to": "2019-02-28" }, { "title": "Defense reporter", "from": "2022-04-01", "to": null }],
    });
    let made = app.editor.post(DESK, &given).expect(201);
    for (member, value) in given.as_object().unwrap() {
        assert_eq!(&made[member], value, "{member}");
    }
    assert_eq!(made.header("location"), desk(&made));
    assert_eq!((&made["slug"], &made["sort_name"]), (&json!("olena-marchenko"), &json!("Marchenko, Olena")));
    assert_eq!((&made["display_title"], &made["user_id"], &made["version"]), (&json!("Former Defense reporter"), &json!(null), &json!(1)));
    assert_eq!((&made["avatar"]["media_id"], &made["avatar"]["credit"]["display"]), (&portrait["id"], &json!("(Newsroom)")));
    assert_eq!(app.contributor.get(&format!("{DESK}/olena-marchenko")).expect(200).json, made.json);
    assert_eq!(app.author.get(&desk(&made)).expect(200).etag(), made.etag());
}

#[test]
fn a_change_leaves_what_it_does_not_name_and_null_clears() {
    let app = TestApp::start();
    let new = json!({ "name": "Ivan Koval", "kind": "staff", "bio": "Writes.", "location": "Lviv", "email": "ivan@example.org" });
    let made = app.editor.post(DESK, &new).expect(201);
    let cleared = app.editor.patch(&desk(&made), made.etag(), &json!({ "bio": null, "email": null, "former": true })).expect(200);
    assert_eq!((&cleared["bio"], &cleared["email"], &cleared["location"], &cleared["former"]), (&json!(null), &json!(null), &json!("Lviv"), &json!(true)));
    assert_eq!((&cleared["version"], &cleared["display_title"]), (&json!(2), &json!(null)));
    // A sort name made from the name follows it; a given one stays.
    let renamed = app.editor.patch(&desk(&made), cleared.etag(), &json!({ "name": "Ivan Kovalenko" })).expect(200);
    assert_eq!(renamed["sort_name"], "Kovalenko, Ivan");
    let sorted = app.editor.patch(&desk(&made), renamed.etag(), &json!({ "sort_name": "Kovalenko I." })).expect(200);
    assert_eq!(app.editor.patch(&desk(&made), sorted.etag(), &json!({ "name": "Ivan Koval" })).expect(200)["sort_name"], "Kovalenko I.");
}

#[test]
fn nobody_overwrites_what_they_have_not_seen() {
    let app = TestApp::start();
    let made = app.writer("Ivan Koval");
    let patch = json!({ "bio": "New." });
    assert_eq!(app.editor.call("PATCH", &desk(&made)).json(&patch).send().expect(428).problem(), "precondition-required");
    let changed = app.editor.patch(&desk(&made), made.etag(), &patch).expect(200);
    let stale = app.editor.patch(&desk(&made), made.etag(), &json!({ "bio": "Other." })).expect(412);
    assert_eq!((stale.problem(), &stale["current_version"]), ("precondition-failed", &json!(2)));
    assert_eq!(app.editor.delete(&desk(&made), made.etag()).expect(412).problem(), "precondition-failed");
    assert_eq!(app.editor.get(&desk(&made)).expect(200).json, changed.json);
}

#[test]
fn what_cannot_be_is_refused_with_its_place() {
    let app = TestApp::start();
    let with = |members: Value| {
        let mut body = json!({ "name": "Ivan Koval", "kind": "staff" });
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        app.editor.post(DESK, &body)
    };
    let fault = |members: Value| -> (String, String) {
        let answer = with(members).expect(422);
        let faults = answer.faults();
        (faults[0].0.to_owned(), faults[0].1.to_owned())
    };
    let text = |place: &str, code: &str| (place.to_owned(), code.to_owned());
    assert_eq!(fault(json!({ "name": "  " })), text("/name", "required"));
    assert_eq!(fault(json!({ "kind": "robot" })).0, "/kind");
    assert_eq!(fault(json!({ "slug": "No Slug" })), text("/slug", "malformed"));
    assert_eq!(fault(json!({ "email": "nowhere" })), text("/email", "malformed"));
    assert_eq!(fault(json!({ "languages": ["en", "klingon!"] })), text("/languages/1", "malformed"));
    assert_eq!(fault(json!({ "links": [{ "rel": "website", "url": "javascript:alert(1)" }] })), text("/links/0/url", "malformed"));
    assert_eq!(fault(json!({ "job_titles": [{ "title": "Editor", "from": "2020-02-30" }] })).0, "/job_titles/0/from");
    assert_eq!(fault(json!({ "job_titles": [{ "title": "Editor", "from": "2020-02-03", "to": "2019-01-01" }] })), text("/job_titles/0/to", "order"));
    assert_eq!(fault(json!({ "links": vec![json!({ "rel": "a", "url": "https://a.example" }); 51] })), text("/links", "too_long"));
    assert_eq!(fault(json!({ "avatar_media_id": "0198c5e2-5f0e-7cc1-b0a1-1d3a3e9c2b11" })), text("/avatar_media_id", "unknown_reference"));
    assert_eq!(with(json!({ "user_id": null })).expect(400).problem(), "malformed-request");
    let made = with(json!({ "slug": "ivan" })).expect(201);
    assert_eq!(with(json!({ "slug": "ivan" })).expect(409).problem(), "slug-taken");
    assert_eq!(app.editor.patch(&desk(&made), made.etag(), &json!({ "name": null })).expect(422).faults()[0].0, "/name");
}

#[test]
fn only_editors_make_and_delete_authors() {
    let app = TestApp::start();
    let new = json!({ "name": "Ivan Koval", "kind": "staff" });
    app.anon.post(DESK, &new).expect(401);
    for client in [&app.contributor, &app.author] {
        assert_eq!(client.post(DESK, &new).expect(403).problem(), "forbidden");
    }
    let made = app.editor.post(DESK, &new).expect(201);
    for client in [&app.contributor, &app.author] {
        client.patch(&desk(&made), "*", &json!({ "bio": "Mine." })).expect(403);
        client.delete(&desk(&made), "*").expect(403);
    }
    app.admin.delete(&desk(&made), made.etag()).expect(204);
    app.editor.get(&desk(&made)).expect(404);
    app.editor.delete(&desk(&made), "*").expect(404);
}

#[test]
fn people_say_about_themselves_what_is_theirs_to_say() {
    let app = TestApp::start();
    let made = app.writer("Ivan Koval");
    let ivan = app.person(Role::Contributor, "Ivan");
    app.admin.patch(&format!("/v1/editorial/users/{}", ivan.user_id()), "*", &json!({ "author_id": made.id() })).expect(200);
    let linked = app.editor.get(&desk(&made)).expect(200);
    assert_eq!(linked["user_id"], ivan.user_id());
    let changed = ivan.patch(&desk(&made), linked.etag(), &json!({ "bio": "I write.", "location": "Lviv", "languages": ["uk"], "links": [] })).expect(200);
    assert_eq!(changed["bio"], "I write.");
    for members in [json!({ "job_title": "Editor-in-chief" }), json!({ "name": "Boss" }), json!({ "slug": "boss" }), json!({ "former": true }), json!({ "email": null })] {
        assert_eq!(ivan.patch(&desk(&made), changed.etag(), &members).expect(403).problem(), "forbidden");
    }
    assert_eq!(app.editor.get(&desk(&made)).expect(200).json, changed.json);
}

#[test]
fn an_author_in_use_cannot_go_and_the_refusal_says_where() {
    let app = TestApp::start();
    let (made, other) = (app.writer("Ivan Koval"), app.writer("Olha Koval"));
    let story = app.published(&by(&made));
    // The head names somebody else; the live story does not yet.
    let head = app.editor.patch(&format!("/v1/editorial/articles/{}", story.id()), story.etag(), &by(&other)).expect(200);
    let refusal = app.editor.delete(&desk(&made), made.etag()).expect(409);
    assert_eq!((refusal.problem(), &refusal["used_by"][0]["id"]), ("in-use", &story["id"]));
    assert_eq!(app.editor.delete(&desk(&other), other.etag()).expect(409)["used_by"][0]["name"], head["headline"]);
    app.publish(&head);
    app.editor.delete(&desk(&made), made.etag()).expect(204);

    let user = app.person(Role::Author, "Olha");
    let free = app.writer("Petro Koval");
    app.admin.patch(&format!("/v1/editorial/users/{}", user.user_id()), "*", &json!({ "author_id": free.id() })).expect(200);
    assert_eq!(app.editor.delete(&desk(&free), "*").expect(409)["used_by"], json!([{ "resource": "user", "id": user.user_id(), "name": "Olha" }]));
}

#[test]
fn the_desk_filters_sorts_and_walks() {
    let app = TestApp::start();
    for (name, kind, former) in [("Zoya Adamenko", "staff", false), ("Adam Zelenko", "freelance", true), ("Wire", "agency", false), ("Boris Melnyk", "staff", true)] {
        app.editor.post(DESK, &json!({ "name": name, "kind": kind, "former": former })).expect(201);
    }
    let list = |query: &str| app.contributor.get(&format!("{DESK}?{query}")).expect(200);
    let first = list("limit=2&count=exact");
    assert_eq!((first.each("name"), &first["page"]["total"]), (vec!["Zoya Adamenko", "Boris Melnyk"], &json!(4)));
    let next = list(&format!("limit=2&cursor={}", first.json["page"]["next"].as_str().unwrap()));
    assert_eq!(next.each("name"), ["Wire", "Adam Zelenko"]);
    assert_eq!(list(&format!("limit=2&cursor={}", next.json["page"]["previous"].as_str().unwrap())).each("name"), first.each("name"));
    assert_eq!(list("sort=-updated_at").each("name"), ["Boris Melnyk", "Wire", "Adam Zelenko", "Zoya Adamenko"]);
    assert_eq!(list("former=true").each("name"), ["Boris Melnyk", "Adam Zelenko"]);
    assert_eq!(list("kind=staff&former=false&count=exact")["page"]["total"], 1);
    assert_eq!(list("q=ADAM").each("name"), ["Zoya Adamenko", "Adam Zelenko"]);
    let foreign = format!("{DESK}?sort=-updated_at&cursor={}", first.json["page"]["next"].as_str().unwrap());
    assert_eq!(app.editor.get(&foreign).expect(400).problem(), "invalid-cursor");
}

#[test]
fn an_earlier_slug_leads_on_until_somebody_else_takes_it() {
    let app = TestApp::start();
    let made = app.writer("Ivan Koval");
    app.published(&by(&made));
    let moved = app.editor.patch(&desk(&made), made.etag(), &json!({ "slug": "i-koval" })).expect(200);
    assert_eq!(app.anon.get("/v1/authors/ivan-koval?fields=name").expect(308).header("location"), "/v1/authors/i-koval?fields=name");
    assert_eq!(app.editor.get(&format!("{DESK}/ivan-koval")).expect(308).header("location"), format!("{DESK}/i-koval"));
    // What is made from a name avoids earlier slugs; what is asked for takes them.
    assert_eq!(app.writer("Ivan Koval")["slug"], "ivan-koval-2");
    let taker = app.editor.post(DESK, &json!({ "name": "Other", "kind": "staff", "slug": "ivan-koval" })).expect(201);
    app.anon.get("/v1/authors/ivan-koval").expect(404);
    assert_eq!(app.editor.get(&format!("{DESK}/ivan-koval")).expect(200)["id"], taker["id"]);
    // Back again: the present slug leads nowhere else.
    app.editor.delete(&desk(&taker), taker.etag()).expect(204);
    app.editor.patch(&desk(&made), moved.etag(), &json!({ "slug": "ivan-koval" })).expect(200);
    assert_eq!(app.anon.get("/v1/authors/i-koval").expect(308).header("location"), "/v1/authors/ivan-koval");
    app.anon.get("/v1/authors/ivan-koval").expect(200);
}

#[test]
fn the_world_sees_authors_only_while_something_live_is_theirs() {
    let app = TestApp::start();
    let new = json!({ "name": "Olena Marchenko", "kind": "freelance", "job_title": "Defense reporter", "former": true, "email": "olena@people.example.org", "bio": "Bridges." });
    let made = app.editor.post(DESK, &new).expect(201);
    let nobody = || {
        app.anon.get("/v1/authors/olena-marchenko").expect(404);
        app.anon.get(&format!("/v1/authors/{}", made.id())).expect(404);
        assert_eq!(app.anon.get("/v1/authors?count=exact").expect(200)["page"]["total"], 0);
    };
    let draft = app.draft(&by(&made));
    // A former slug of somebody whom nobody may know of leads nowhere.
    let made_again = app.editor.patch(&desk(&made), made.etag(), &json!({ "slug": "marchenko" })).expect(200);
    app.editor.patch(&desk(&made), made_again.etag(), &json!({ "slug": "olena-marchenko" })).expect(200);
    app.anon.get("/v1/authors/marchenko").expect(404);
    nobody();
    let first = app.publish(&draft);
    let second = app.published(&by(&made));
    let shown = app.anon.get("/v1/authors/olena-marchenko").expect(200);
    assert_eq!((&shown["display_title"], &shown["article_count"], &shown["latest_published_at"]), (&json!("Former Defense reporter"), &json!(2), &second["published_at"]));
    assert_eq!((&shown["sort_name"], &shown["bio"], &shown["avatar"]), (&json!("Marchenko, Olena"), &json!("Bridges."), &json!(null)));
    assert!(!shown.text().contains("people.example.org") && shown["email"].is_null() && shown["user_id"].is_null());
    assert_eq!(app.anon.get(&format!("/v1/authors/{}", made.id())).expect(200).json, shown.json);
    assert_eq!(app.anon.get("/v1/authors").expect(200)["data"], json!([shown.json]));
    unpublish(&app, &second);
    let one = app.anon.get("/v1/authors/olena-marchenko").expect(200);
    assert_eq!((&one["article_count"], &one["latest_published_at"]), (&json!(1), &first["published_at"]));
    unpublish(&app, &first);
    nobody();
}

#[test]
fn readers_filter_and_sort_and_choose_members() {
    let app = TestApp::start();
    let people = ["Zoya Adamenko", "Adam Zelenko", "Boris Melnyk"].map(|name| app.writer(name));
    for (person, stories) in people.iter().zip([1, 3, 2]) {
        for _ in 0..stories {
            app.published(&by(person));
        }
    }
    let list = |query: &str| app.anon.get(&format!("/v1/authors?{query}")).expect(200);
    assert_eq!(list("").each("name"), ["Zoya Adamenko", "Boris Melnyk", "Adam Zelenko"]);
    assert_eq!(list("sort=-article_count").each("name"), ["Adam Zelenko", "Boris Melnyk", "Zoya Adamenko"]);
    assert_eq!(list("sort=-latest_published_at").each("name"), ["Boris Melnyk", "Adam Zelenko", "Zoya Adamenko"]);
    assert_eq!(list("q=zel&fields=slug")["data"], json!([{ "id": people[1].id(), "slug": "adam-zelenko" }]));
    assert_eq!(list("kind=agency&count=exact")["page"]["total"], 0);
    for sort in ["name", "-article_count", "-latest_published_at"] {
        let first = list(&format!("limit=2&sort={sort}"));
        let next = first.json["page"]["next"].as_str().unwrap();
        assert!(first.header("link").contains(&format!("cursor={next}>; rel=\"next\"")));
        let rest = list(&format!("limit=2&sort={sort}&cursor={next}"));
        assert_eq!((rest.each("id").len(), &rest["page"]["next"]), (1, &json!(null)));
        assert!(!first.each("id").contains(&rest.each("id")[0]));
        let back = list(&format!("limit=2&sort={sort}&cursor={}", rest.json["page"]["previous"].as_str().unwrap()));
        assert_eq!(back.each("id"), first.each("id"));
    }
    assert_eq!(app.anon.get("/v1/authors?fields=email").expect(400).faults(), [("fields", "unknown_field")]);
    assert_eq!(app.anon.get("/v1/authors?former=yes").expect(400).faults()[0].0, "former");
    assert_eq!(app.anon.get("/v1/authors?sort=email").expect(400).faults()[0].0, "sort");
}

#[test]
fn a_portrait_comes_with_its_credit_and_goes_with_its_rights() {
    let app = TestApp::start();
    let credit = app.credit("Photo House");
    let portrait = app.picture(&credit, "A portrait");
    let made = app.editor.post(DESK, &json!({ "name": "Ivan Koval", "kind": "staff", "avatar_media_id": portrait.id() })).expect(201);
    app.published(&by(&made));
    let shown = app.anon.get("/v1/authors/ivan-koval").expect(200);
    assert_eq!((&shown["avatar"]["media_id"], &shown["avatar"]["credit"]["display"]), (&portrait["id"], &json!("(Photo House)")));
    let keys: Vec<_> = shown.header("surrogate-key").split(' ').collect();
    for key in [format!("author-{}", made.id()), format!("media-{}", portrait.id()), format!("credit-{}", credit.id())] {
        assert!(keys.contains(&key.as_str()), "{key} is not among {keys:?}");
    }
    let again = app.anon.call("GET", "/v1/authors/ivan-koval").header("if-none-match", shown.etag()).send().expect(304);
    assert!(again.bytes.is_empty());
    app.editor.patch(&format!("/v1/editorial/media-credits/{}", credit.id()), "*", &json!({ "status": "withdrawn" })).expect(200);
    let changed = app.anon.call("GET", "/v1/authors/ivan-koval").header("if-none-match", shown.etag()).send().expect(200);
    assert_eq!(changed["avatar"], json!({ "withheld": true, "reason": "withdrawn" }));
}

#[test]
fn a_story_keeps_the_name_it_went_live_with_and_shows_who_its_author_is_now() {
    let app = TestApp::start();
    let made = app.editor.post(DESK, &json!({ "name": "Ivan Koval", "kind": "staff", "job_title": "Reporter" })).expect(201);
    let story = app.published(&by(&made));
    app.editor.patch(&desk(&made), made.etag(), &json!({ "name": "Ivan Kovalenko", "slug": "kovalenko", "job_title": "City editor", "former": true })).expect(200);
    let person = app.anon.get(&format!("/v1/articles/{}", story.id())).expect(200)["authors"][0].clone();
    assert_eq!((&person["name"], &person["slug"], &person["job_title_then"]), (&json!("Ivan Koval"), &json!("kovalenko"), &json!("Reporter")));
    assert_eq!((&person["job_title_now"], &person["former"]), (&json!("City editor"), &json!(true)));
    assert_eq!(app.anon.get("/v1/authors/kovalenko").expect(200)["name"], "Ivan Kovalenko");
}
