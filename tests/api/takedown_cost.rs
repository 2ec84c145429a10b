//! What a takedown costs at size: one request against a hundred thousand uses of a supplier's pictures, and one against
//! every story of an agency.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use masthead::schema::{articles, live_articles};
use serde_json::json;

use crate::support::TestApp;

/// Live stories, all by one author, each with a picture by one credit, a hundred stories a picture.
fn bulk(stories: u32) -> String {
    format!(
        "
INSERT INTO tags (id, slug, name, kind, created_at, updated_at) VALUES (gen_random_uuid(), 'common', 'Common', 'topic', now(), now());
INSERT INTO authors (id, slug, name, sort_name, kind, created_at, updated_at) VALUES (gen_random_uuid(), 'wire', 'Wire', 'Wire', 'agency', now(), now());
INSERT INTO media_credits (id, slug, name, kind, credit_line, credit_template, status, created_at, updated_at) VALUES (gen_random_uuid(), 'lens', 'Lens', 'agency', 'Lens', '({{name}})', 'active', now(), now());
INSERT INTO media (id, kind, filename, mime, bytes, sha256, width, height, alt, credit_id, status, created_at, updated_at)
  SELECT gen_random_uuid(), 'image', n || '.jpg', 'image/jpeg', 1, sha256(n::text::bytea), 640, 480, 'A pier', c.id, 'ready', now(), now() FROM generate_series(0, {stories} / 100) n, media_credits c;
INSERT INTO articles (id, status, version, revision, live_revision, translation_group, slug, kind, language, headline, first_published_at, published_at, created_at, updated_at)
  SELECT gen_random_uuid(), 'published', 1, 1, 1, gen_random_uuid(), 'bulk-' || n, 'news', 'en', 'Harbour reopens after storm number ' || n, now(), now() - n * interval '1 min', now(), now() - n * interval '1 s'
  FROM generate_series(1, {stories}) n;
INSERT INTO article_slugs (slug, article_id, was_live) SELECT slug, id, true FROM articles;
INSERT INTO article_authors (article_id, author_id) SELECT a.id, w.id FROM articles a, authors w;
INSERT INTO live_articles (id, slug, kind, language, primary_tag_id, translation_group, revision, published_at, first_published_at, updated_at, card, html, body)
  SELECT a.id, a.slug, a.kind, 'en', t.id, a.translation_group, 1, a.published_at, a.published_at, a.updated_at, '{{}}', repeat('x', 1500), '[]' FROM articles a, tags t;
INSERT INTO live_article_tags (article_id, tag_id, published_at, updated_at) SELECT l.id, t.id, l.published_at, l.updated_at FROM live_articles l, tags t;
INSERT INTO live_article_authors (article_id, author_id, published_at, updated_at) SELECT l.id, w.id, l.published_at, l.updated_at FROM live_articles l, authors w;
INSERT INTO live_article_media (article_id, media_id) SELECT l.id, m.id FROM live_articles l JOIN media m ON m.filename = (right(l.slug, -5)::int / 100) || '.jpg';
INSERT INTO live_search (article_id, published_at, updated_at, words) SELECT id, published_at, updated_at, to_tsvector('simple', 'harbour reopens after storm ' || slug) FROM live_articles;
INSERT INTO live_tags SELECT id, {stories}, now() FROM tags;
INSERT INTO live_authors SELECT id, {stories}, now() FROM authors;
ANALYZE;
"
    )
}

fn take_down(app: &TestApp, stories: u32, kind: &str, member: &str) -> (Duration, Duration) {
    let id = app.editor.get(&format!("/v1/editorial/{kind}/{}", if kind == "authors" { "wire" } else { "lens" })).expect(200).id().to_owned();
    let request = |dry_run: bool| json!({ "selector": { member: id }, "reason": "All of it.", "dry_run": dry_run });
    let begin = Instant::now();
    let told = app.editor.post("/v1/editorial/takedowns", &request(true)).expect(200);
    let rehearsed = begin.elapsed();
    assert_eq!((&told["live_articles"], told["article_list"].as_array().unwrap().len()), (&json!(stories), 1_000.min(stories as usize)));
    let begin = Instant::now();
    let done = app.editor.post("/v1/editorial/takedowns", &request(false)).expect(201);
    let took = begin.elapsed();
    assert_eq!(done["articles"], json!(stories));
    (rehearsed, took)
}

#[test]
fn a_supplier_of_a_hundred_thousand_stories_goes_without_a_touch_to_any() {
    const STORIES: u32 = 100_000;
    let app = TestApp::start();
    app.connect().batch_execute(&bulk(STORIES)).unwrap();
    let (rehearsed, took) = take_down(&app, STORIES, "media-credits", "credit_id");
    eprintln!("credit with {STORIES} live uses: rehearsed in {rehearsed:?}, taken down in {took:?}");
    let untouched = live_articles::table.inner_join(articles::table).filter(articles::version.eq(1)).count().get_result::<i64>(&mut app.connect()).unwrap();
    assert_eq!(untouched, i64::from(STORIES));
    assert_eq!(app.anon.get("/v1/media-credits/lens").status, 404);
}

#[test]
fn every_story_of_an_agency_goes_at_once() {
    #[expect(clippy::disallowed_methods, reason = "a test has no settings; this makes it as large as its issue asks for")]
    let stories: u32 = std::env::var("TAKEDOWN_STORIES").ok().and_then(|number| number.parse().ok()).unwrap_or(5_000);
    let app = TestApp::start();
    app.connect().batch_execute(&bulk(stories)).unwrap();
    let (rehearsed, took) = take_down(&app, stories, "authors", "author_id");
    eprintln!("author with {stories} live stories: rehearsed in {rehearsed:?}, taken down in {took:?}");
    assert_eq!(app.anon.get("/v1/articles").expect(200)["data"], json!([]));
    assert_eq!(app.anon.get("/v1/articles/bulk-1").expect(410).problem(), "gone");
    let conn = &mut app.connect();
    let left = |table: &str| {
        #[derive(diesel::QueryableByName)]
        struct Rows {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            rows: i64,
        }
        diesel::sql_query(format!("SELECT count(*) AS rows FROM {table}")).get_result::<Rows>(conn).unwrap().rows
    };
    let counts: Vec<_> = ["live_articles", "live_article_tags", "live_authors", "live_tags", "live_search"].map(left).into();
    assert_eq!(counts, [0; 5]);
}
