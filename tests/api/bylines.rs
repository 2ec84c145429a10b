//! Names and job titles under old stories: what a renaming leaves, and what a rewriting reaches.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use masthead::identity::role::Role;
use masthead::schema::{audit_events, users};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, TestApp};

fn url(author: &Answer, query: &str) -> String {
    format!("/v1/editorial/authors/{}{query}", author.id())
}

fn by(app: &TestApp, headline: &str, author: &Answer) -> Answer {
    app.published(&json!({ "headline": headline, "authors": [{ "author_id": author.id() }] }))
}

/// The byline, the name and the job title then, as the world reads them.
fn shown(app: &TestApp, story: &Answer) -> (Value, Value, Value) {
    let read = app.anon.get(&format!("/v1/articles/{}", story.id())).expect(200);
    (read["byline"].clone(), read["authors"][0]["name"].clone(), read["authors"][0]["job_title_then"].clone())
}

fn generation(app: &TestApp) -> i64 {
    let sql = diesel::dsl::sql::<BigInt>("(SELECT value FROM generations WHERE name = 'content')");
    diesel::select(sql).get_result(&mut app.connect()).unwrap()
}

#[test]
fn a_renaming_leaves_old_bylines_and_a_rewriting_reaches_them_all() {
    let app = TestApp::start();
    let ann = app.writer("Ann Old");
    let (one, two) = (by(&app, "One", &ann), by(&app, "Two", &ann));
    let own = app.published(&json!({ "headline": "By a name of its own", "byline": "The desk", "authors": [{ "author_id": ann.id() }] }));
    let off = by(&app, "Off", &ann);
    app.editor.act(&format!("/v1/editorial/articles/{}/unpublish", off.id()), "*").expect(200);
    let change = json!({ "name": "Ann New", "job_title": "Editor" });
    app.editor.patch(&url(&ann, ""), "*", &json!({ "name": "Ann Between" })).expect(200);
    assert_eq!(shown(&app, &one), (json!("Ann Old"), json!("Ann Old"), json!("Reporter")));

    let before = app.editor.get(&url(&ann, "")).expect(200);
    let reach = app.editor.patch(&url(&ann, "?rewrite_bylines=preview"), before.etag(), &change).expect(200);
    assert_eq!(reach["articles"], 4);
    assert_eq!(reach["sample"][0], json!({ "id": off.id(), "headline": "Off", "name": "Ann Old", "job_title": "Reporter", "live": false }));
    assert_eq!(app.editor.get(&url(&ann, "")).expect(200).etag(), before.etag());

    let (then, seen) = (generation(&app), app.anon.get(&format!("/v1/articles/{}", one.id())).expect(200));
    let after = app.editor.patch(&url(&ann, "?rewrite_bylines=true"), before.etag(), &change).expect(200);
    assert_eq!(after["name"], "Ann New");
    assert_eq!(generation(&app), then + 4, "three live stories, and the author");
    let told = app.anon.get("/v1/changes?limit=100").expect(200);
    let mut told: Vec<_> = told["data"].as_array().unwrap().iter().rev().take(3).map(|change| (change["kind"].clone(), change["article_id"].clone())).collect();
    told.sort_by_key(|(_, id)| id.to_string());
    assert_eq!(told, [one.id(), two.id(), own.id()].map(|id| (json!("updated"), json!(id))));
    for story in [&one, &two] {
        assert_eq!(shown(&app, story), (json!("Ann New"), json!("Ann New"), json!("Editor")));
    }
    assert_eq!(shown(&app, &own), (json!("The desk"), json!("Ann New"), json!("Editor")));
    // It is no new version of the story.
    let read = app.anon.get(&format!("/v1/articles/{}", one.id())).expect(200);
    assert_eq!((&read["updated_at"], &read["tags"], &read["url"]), (&seen["updated_at"], &seen["tags"], &seen["url"]));
    app.editor.act(&format!("/v1/editorial/articles/{}/publish", off.id()), "*").expect(200);
    assert_eq!(shown(&app, &off).1, "Ann New");
    assert_eq!(app.editor.patch(&url(&ann, "?rewrite_bylines=preview"), "*", &json!({})).expect(200)["articles"], 0);
    let deed: Value = audit_events::table
        .filter(audit_events::target_id.eq(ann.id().parse::<Uuid>().unwrap()))
        .order(audit_events::at.desc())
        .select(audit_events::after)
        .first::<Option<Value>>(&mut app.connect())
        .unwrap()
        .unwrap();
    assert_eq!(deed["bylines_rewritten"], 4);
}

#[test]
fn what_waits_on_the_desk_is_not_taken_along() {
    let app = TestApp::start();
    let ann = app.writer("Ann Old");
    let story = by(&app, "As it is live", &ann);
    app.editor.patch(&format!("/v1/editorial/articles/{}", story.id()), "*", &json!({ "headline": "Still waiting" })).expect(200);
    app.editor.patch(&url(&ann, "?rewrite_bylines=true"), "*", &json!({ "name": "Ann New" })).expect(200);
    let read = app.anon.get(&format!("/v1/articles/{}", story.id())).expect(200);
    assert_eq!((&read["headline"], &read["byline"]), (&json!("As it is live"), &json!("Ann New")));
}

#[test]
fn only_editors_rewrite_and_only_what_they_have_seen() {
    let app = TestApp::start();
    let ann = app.writer("Ann");
    let own = app.person(Role::Author, "Ann herself");
    let (user, author): (Uuid, Uuid) = (own.user_id().parse().unwrap(), ann.id().parse().unwrap());
    diesel::update(users::table.find(user)).set(users::author_id.eq(author)).execute(&mut app.connect()).unwrap();
    own.patch(&url(&ann, ""), "*", &json!({ "bio": "x" })).expect(200);
    for how in ["preview", "true"] {
        own.patch(&url(&ann, &format!("?rewrite_bylines={how}")), "*", &json!({ "bio": "y" })).expect(403);
        app.editor.patch(&url(&ann, &format!("?rewrite_bylines={how}")), "\"v99\"", &json!({})).expect(412);
    }
    app.editor.patch(&url(&ann, "?rewrite_bylines=yes"), "*", &json!({})).expect(400);
    app.editor.patch(&url(&ann, "?rewrite_bylines=false"), "*", &json!({ "name": "Anna" })).expect(200);
}

/// So many live copies of the one live story there is, all by the same people.
fn copies(app: &TestApp, many: i64) {
    let sql = "CREATE TEMP TABLE copies ON COMMIT DROP AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, {N}) n;
        INSERT INTO articles (id, status, version, revision, live_revision, translation_group, slug, kind, language, headline, first_published_at, published_at, created_at, updated_at)
          SELECT c.id, 'published', 1, a.revision, a.revision, c.id, a.slug || '-copy-' || c.n, a.kind, a.language, a.headline, a.first_published_at, a.published_at, now(), now() FROM copies c, articles a;
        INSERT INTO article_revisions SELECT c.id, r.number, r.created_at, r.created_by, r.note, r.base, r.content FROM copies c, article_revisions r;
        INSERT INTO live_articles (id, slug, kind, language, primary_tag_id, translation_group, revision, published_at, first_published_at, updated_at, card, html, body)
          SELECT c.id, l.slug || '-copy-' || c.n, l.kind, l.language, l.primary_tag_id, c.id, l.revision, l.published_at, l.first_published_at, l.updated_at, l.card, l.html, l.body FROM copies c, live_articles l;
        INSERT INTO bylines SELECT c.id, b.author_id, b.name, b.job_title FROM copies c, bylines b";
    let conn = &mut app.connect();
    conn.transaction(|tx| tx.batch_execute(&sql.replace("{N}", &many.to_string()))).unwrap();
}

#[test]
fn thousands_of_stories_are_rewritten_with_a_few_statements_each_hundred() {
    let app = TestApp::start();
    let ann = app.writer("Ann Old");
    by(&app, "Many times", &ann);
    copies(&app, 1_500);
    assert_eq!(app.editor.patch(&url(&ann, "?rewrite_bylines=preview"), "*", &json!({ "name": "Ann New" })).expect(200)["articles"], 1_501);
    let conn = &mut app.connect();
    conn.batch_execute("CREATE TABLE writes (n serial); CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO writes DEFAULT VALUES; RETURN NULL; END'; CREATE TRIGGER note AFTER UPDATE ON live_articles FOR EACH STATEMENT EXECUTE FUNCTION note()").unwrap();
    app.editor.patch(&url(&ann, "?rewrite_bylines=true"), "*", &json!({ "name": "Ann New" })).expect(200);
    let count = |conn: &mut PgConnection, what: &str| diesel::select(diesel::dsl::sql::<BigInt>(what)).get_result::<i64>(conn).unwrap();
    assert_eq!(count(conn, "(SELECT count(*) FROM live_articles WHERE card LIKE '%Ann Old%')"), 0);
    assert_eq!(count(conn, "(SELECT count(*) FROM live_articles WHERE card LIKE '%\"byline\":\"Ann New\"%')"), 1_501);
    assert!(count(conn, "(SELECT count(*) FROM writes)") <= 10);
}
