//! Sitemaps: every story that search engines may list is on exactly one page, and the news on that of the last two days.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use masthead::delivery::machines::periods;
use masthead::demo::newsroom;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::json;

use crate::support::{Answer, TestApp};

/// A line of a plan.
#[derive(Debug, QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    text: String,
}

/// The texts of an element, wherever it stands, in order. The document must be well-formed.
fn texts(answer: &Answer, element: &str) -> Vec<String> {
    let text = answer.text();
    let (mut reader, mut within, mut found) = (Reader::from_str(&text), false, Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                within = tag.name().as_ref() == element.as_bytes();
                if within {
                    found.push(String::new());
                }
            }
            Event::End(_) => within = false,
            Event::Text(text) if within => found.last_mut().unwrap().push_str(std::str::from_utf8(&text).unwrap()),
            Event::GeneralRef(name) if within => {
                found.last_mut().unwrap().push_str(&quick_xml::escape::unescape(&format!("&{};", std::str::from_utf8(&name).unwrap())).unwrap());
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

/// The paths of the index, without the news.
fn pages(app: &TestApp) -> Vec<String> {
    let index = app.anon.get("/sitemaps/index.xml").expect(200);
    assert_eq!(index.header("content-type"), "application/xml; charset=utf-8");
    let all: Vec<_> = texts(&index, "loc").iter().map(|url| url.strip_prefix(&app.base).unwrap().to_owned()).collect();
    assert_eq!(all[0], "/sitemaps/news.xml");
    all[1..].to_vec()
}

fn first_published(app: &TestApp, slug: &str, at: &str) {
    let sql = "UPDATE live_articles SET first_published_at = $1::timestamptz WHERE slug = $2";
    assert_eq!(diesel::sql_query(sql).bind::<Text, _>(at).bind::<Text, _>(slug).execute(&mut app.connect()).unwrap(), 1);
}

#[test]
fn every_story_of_the_demo_newsroom_is_on_exactly_one_page() {
    let app = TestApp::start();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(newsroom::load(&app.parts)).unwrap();
    let mut wanted = BTreeMap::new();
    let mut path = "/v1/articles?limit=100&fields=url,updated_at,seo".to_owned();
    loop {
        let page = app.anon.get(&path).expect(200);
        for story in page["data"].as_array().unwrap().iter().filter(|story| story["seo"]["noindex"] != true) {
            wanted.insert(story["url"].as_str().unwrap().to_owned(), story["updated_at"].as_str().unwrap().to_owned());
        }
        let Some(next) = page["page"]["next"].as_str() else { break };
        path = format!("/v1/articles?limit=100&fields=url,updated_at,seo&cursor={next}");
    }
    let mut found = BTreeMap::new();
    for page in pages(&app) {
        let page = app.anon.get(&page).expect(200);
        for (url, changed) in texts(&page, "loc").into_iter().zip(texts(&page, "lastmod")) {
            assert_eq!(found.insert(url, changed), None, "twice");
        }
        app.anon.call("GET", page.request.strip_prefix("GET ").unwrap()).header("if-none-match", page.etag()).send().expect(304);
    }
    assert!(wanted.len() > 50);
    assert_eq!(found, wanted);
}

#[test]
fn pages_are_months_and_come_and_go_with_their_stories() {
    let app = TestApp::start();
    assert_eq!(pages(&app), Vec::<String>::new());
    app.anon.get("/sitemaps/2026-03.xml").expect(404);
    for (slug, at) in [("first", "2026-02-28T23:59:59.999Z"), ("second", "2026-03-01T00:00:00Z"), ("third", "2026-03-31T23:59:59Z")] {
        app.published(&json!({ "headline": slug, "slug": slug }));
        first_published(&app, slug, at);
    }
    app.published(&json!({ "headline": "Hidden", "slug": "hidden", "seo": { "noindex": true } }));
    first_published(&app, "hidden", "2025-01-01T00:00:00Z");
    app.draft(&json!({ "slug": "draft" }));
    assert_eq!(pages(&app), ["/sitemaps/2026-02.xml", "/sitemaps/2026-03.xml"]);
    let march = app.anon.get("/sitemaps/2026-03.xml").expect(200);
    assert_eq!(texts(&march, "loc"), ["https://news.example/second", "https://news.example/third"]);
    assert!(march.header("surrogate-key").split(' ').any(|key| key == "feed"));
    // Smaller pages than the index names can be had too.
    assert_eq!(texts(&app.anon.get("/sitemaps/2026-03-31T23.xml").expect(200), "loc"), ["https://news.example/third"]);
    for nothing in ["/sitemaps/2025-01.xml", "/sitemaps/2026-13.xml", "/sitemaps/1.xml", "/sitemaps/2026-03-02.xml", "/sitemaps/2026-03.json"] {
        app.anon.get(nothing).expect(404);
    }
    let head = app.anon.call("HEAD", "/sitemaps/2026-03.xml").send().expect(200);
    assert_eq!((head.bytes.len(), head.etag()), (0, march.etag()));
    app.anon.get("/sitemaps/2026-03.xml?page=2").expect(400);
    let second = app.anon.get("/v1/articles/second").expect(200);
    app.editor.act(&format!("/v1/editorial/articles/{}/unpublish", second.id()), "*").expect(200);
    assert_eq!(texts(&app.anon.get("/sitemaps/2026-03.xml").expect(200), "loc"), ["https://news.example/third"]);
    let february = app.anon.get("/v1/articles/first").expect(200);
    app.editor.act(&format!("/v1/editorial/articles/{}/unpublish", february.id()), "*").expect(200);
    assert_eq!(pages(&app), ["/sitemaps/2026-03.xml"]);
}

/// 20,000 stories over ten years, 3,000 of them on one day and 500 of these in one minute.
const BULK: &str = "
INSERT INTO articles (id, status, version, revision, live_revision, translation_group, slug, kind, language, headline, first_published_at, published_at, created_at, updated_at)
  SELECT gen_random_uuid(), 'published', 1, 1, 1, gen_random_uuid(), 'bulk-' || n, 'news', 'en', 'x', at, at, at, at
  FROM generate_series(1, 20000) n, LATERAL (SELECT CASE WHEN n <= 500 THEN timestamptz '2020-05-05 12:00:30Z' WHEN n <= 3000 THEN timestamptz '2020-05-05 00:00Z' + n * interval '20 s'
    ELSE timestamptz '2016-01-01 00:00Z' + n * interval '4 hours' END AS at) t;
INSERT INTO live_articles (id, slug, kind, language, translation_group, revision, published_at, first_published_at, updated_at, card, html, body)
  SELECT a.id, a.slug, a.kind, 'en', a.translation_group, 1, a.published_at, a.published_at, a.updated_at,
    '{\"seo\":{\"noindex\":' || (right(a.slug, 1) = '7') || '},\"headline\":\"' || repeat('x', 1000) || '\"}', '', '[]' FROM articles a;
";

#[test]
fn no_page_is_longer_than_it_may_be_and_pages_are_read_off_the_index() {
    let app = TestApp::start();
    let conn = &mut app.connect();
    conn.batch_execute(BULK).unwrap();
    conn.batch_execute("ANALYZE").unwrap();
    #[derive(QueryableByName)]
    struct Fetched {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        rows: i64,
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        whole_tables: i64,
    }
    let fetched = |conn: &mut PgConnection| -> Fetched {
        let sql = "SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::bigint AS rows, coalesce(sum(seq_scan), 0)::bigint AS whole_tables
            FROM pg_stat_xact_user_tables WHERE relname LIKE 'live\\_%'";
        diesel::sql_query(sql).get_result(conn).unwrap()
    };
    conn.transaction::<_, masthead::error::Error, _>(|tx| {
        for most in [periods::MOST, 5_000, 200, 60] {
            let before = fetched(tx);
            let pages = periods::pages(tx, most)?;
            let after = fetched(tx);
            // Each story once, and a look into the index for each month; parting the large ones reads theirs again.
            let read = after.rows - before.rows;
            assert!(after.whole_tables == before.whole_tables && read <= if most > 3_000 { 18_200 } else { 60_000 }, "{most}: {read} rows");
            assert_eq!(pages.iter().map(|page| page.stories).sum::<i64>(), 18_000);
            // What went live in one minute cannot be parted.
            assert!(pages.iter().all(|page| page.stories <= most || page.period.name() == "2020-05-05T1200"), "{most}");
            let names: Vec<_> = pages.iter().map(|page| page.period.name()).collect();
            assert_eq!(names.iter().all(|name| name.len() == 7), most > 3_000, "{most}");
            assert!(names.is_sorted(), "{names:?}");
            for page in pages.iter().step_by(9) {
                let before = fetched(tx);
                assert_eq!(i64::try_from(periods::entries(tx, page.period)?.len()).unwrap(), page.stories);
                let after = fetched(tx);
                assert!(after.rows - before.rows <= page.stories && after.whole_tables == before.whole_tables, "{} rows", after.rows - before.rows);
            }
        }
        let plan: Vec<Line> = diesel::sql_query(
            "EXPLAIN SELECT count(*), max(l.updated_at) FROM live_articles l WHERE strpos(l.card, '\"noindex\":true') = 0 AND l.first_published_at >= '2020-05-01Z' AND l.first_published_at < '2020-06-01Z'",
        )
        .load(tx)?;
        assert!(plan.iter().any(|line| line.text.contains("Index Only Scan using live_articles_sitemap")), "{plan:?}");
        let (before, since) = (fetched(tx), masthead::timestamp::Timestamp::parse("2016-01-01T00:00:00Z").unwrap());
        assert_eq!(periods::news(tx, since, 100)?.len(), 100);
        let after = fetched(tx);
        assert!(after.rows - before.rows <= 100 && after.whole_tables == before.whole_tables, "{} rows", after.rows - before.rows);
        Ok(())
    })
    .unwrap();
}

#[test]
fn news_are_of_the_last_two_days() {
    let app = TestApp::start();
    app.admin.patch("/v1/editorial/site", "*", &json!({ "name": "Post & \"Courier\"" })).expect(200);
    let quiet = app.anon.get("/sitemaps/news.xml").expect(200);
    assert_eq!((texts(&quiet, "loc"), texts(&quiet, "news:news").len()), (vec!["https://news.example/".to_owned()], 0));
    let hours_ago = |hours: i64| masthead::app::now().plus(-chrono::Duration::hours(hours)).to_string();
    let published = [hours_ago(1), hours_ago(47), hours_ago(49)];
    for (slug, at) in ["new", "old", "older"].into_iter().zip(&published) {
        app.published(&json!({ "headline": format!("<{slug}> & ]]> \u{fffe}"), "slug": slug, "language": "en-GB" }));
        first_published(&app, slug, at);
    }
    app.published(&json!({ "slug": "hidden", "seo": { "noindex": true } }));
    let news = app.anon.get("/sitemaps/news.xml").expect(200);
    assert_eq!(texts(&news, "loc"), ["https://news.example/new", "https://news.example/old"]);
    assert_eq!(texts(&news, "news:title"), ["<new> & ]]> ", "<old> & ]]> "]);
    assert_eq!(texts(&news, "news:language"), ["en", "en"]);
    assert_eq!(texts(&news, "news:name")[0], "Post & \"Courier\"");
    assert_eq!(texts(&news, "news:publication_date"), [published[0].clone(), published[1].clone()]);
    app.anon.call("GET", "/sitemaps/news.xml").header("if-none-match", news.etag()).send().expect(304);
    // No cache keeps a story among the news beyond its two days.
    first_published(&app, "old", &masthead::app::now().plus(-chrono::Duration::hours(48)).plus(chrono::Duration::seconds(9)).to_string());
    let control = app.anon.get("/sitemaps/news.xml").expect(200).header("cache-control").to_owned();
    let seconds: i64 = control.split("s-maxage=").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
    assert!(seconds <= 9, "{control}");
    let story = app.anon.get("/v1/articles/new").expect(200);
    app.editor.act(&format!("/v1/editorial/articles/{}/unpublish", story.id()), "*").expect(200);
    assert!(!app.anon.get("/sitemaps/news.xml").expect(200).text().contains("/new<"));
}

#[test]
fn crawlers_are_told_where_the_sitemaps_are() {
    let app = TestApp::start();
    let robots = app.anon.get("/robots.txt").expect(200);
    assert_eq!(robots.header("content-type"), "text/plain; charset=utf-8");
    let lines: Vec<_> = robots.text().lines().map(ToOwned::to_owned).collect();
    assert_eq!(lines[0], "User-agent: *");
    assert!(lines.contains(&"Disallow: /v1/editorial/".to_owned()));
    let maps: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("Sitemap: ")).collect();
    assert_eq!(maps.len(), 2);
    for map in maps {
        app.anon.get(map.strip_prefix(&app.base).unwrap()).expect(200);
    }
    app.anon.call("GET", "/robots.txt").header("if-none-match", robots.etag()).send().expect(304);
}
