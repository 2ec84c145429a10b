//! Sample content: the demo newsroom that a first run shows, and the corpus to measure with.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use masthead::demo::corpus::{self, Plan};
use masthead::demo::newsroom::{self, Report};
use masthead::publishing::projection;
use masthead::schema::live_articles;
use serde_json::json;
use uuid::Uuid;

use crate::support::TestApp;

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn load(app: &TestApp) -> Report {
    block_on(newsroom::load(&app.parts)).unwrap()
}

/// The slugs of every live story, walking the feed to its end.
fn feed(app: &TestApp) -> Vec<String> {
    let (mut slugs, mut path) = (Vec::new(), "/v1/articles?limit=25&fields=slug".to_owned());
    loop {
        let page = app.anon.get(&path).expect(200);
        slugs.extend(page["data"].as_array().unwrap().iter().map(|item| item["slug"].as_str().unwrap().to_owned()));
        match page["page"]["next"].as_str() {
            Some(next) => path = format!("/v1/articles?limit=25&fields=slug&cursor={next}"),
            None => return slugs,
        }
    }
}

#[test]
fn the_newsroom_is_loaded_once_and_every_story_of_it_reads() {
    let app = TestApp::start();
    let report = load(&app);
    assert_eq!((report.articles, report.live, report.pictures), (68, 62, 40));
    let slugs = feed(&app);
    assert_eq!(slugs.len(), report.live);
    let stories: Vec<_> = slugs.iter().map(|slug| app.anon.get(&format!("/v1/articles/{slug}")).expect(200)).collect();
    let withheld: Vec<_> = stories.iter().filter(|story| story.json.to_string().contains("\"withheld\":true")).map(|story| story["slug"].as_str().unwrap()).collect();
    assert_eq!(withheld, ["council-backs-pier-repair"], "only the picture whose licence ran out is withheld");
    assert!(stories.iter().all(|story| !story.json.to_string().contains("desk-second-read")));
    assert_eq!(stories.iter().filter(|story| !story["corrections"].as_array().unwrap().is_empty()).count(), 2);
    assert!(stories.iter().all(|story| !story["body"]["value"].as_str().unwrap().contains("media:")));

    assert_eq!(load(&app), Report::default());
    assert_eq!(feed(&app), slugs);
}

#[test]
fn the_newsroom_shows_every_state_and_both_languages() {
    let app = TestApp::start();
    load(&app);
    for (status, count) in [("draft", 3), ("in_review", 1), ("scheduled", 1), ("published", 62), ("archived", 1)] {
        let page = app.editor.get(&format!("/v1/editorial/articles?status={status}&limit=1&count=exact")).expect(200);
        assert_eq!(page["page"]["total"], count, "{status}");
    }
    app.anon.get("/v1/articles/tunnel-tram-second-thoughts").expect(404);
    let original = app.anon.get("/v1/articles/two-grids-one-heartbeat").expect(200);
    assert_eq!(original["translations"][0]["slug"], "dvi-merezhi-odne-sertse");
    let translation = app.anon.get("/v1/articles/dvi-merezhi-odne-sertse").expect(200);
    assert_eq!(translation["translations"][0]["slug"], "two-grids-one-heartbeat");
}

#[test]
fn a_corpus_is_added_to_what_is_there_and_is_true() {
    let app = TestApp::start();
    let mine = app.published(&json!({}));
    let load = |seed| {
        let plan = Plan { articles: 200, seed };
        block_on(corpus::load(&app.parts, &app.database_url(), plan, &|_| ())).unwrap()
    };
    let report = load(1);
    assert_eq!(report.articles, 200);
    let slugs = feed(&app);
    assert_eq!(slugs.len() as u64, report.live + 1);
    assert!(slugs.iter().any(|slug| slug == mine.str("slug")));
    for slug in slugs.iter().step_by(7) {
        app.anon.get(&format!("/v1/articles/{slug}")).expect(200);
    }
    // What the loader wrote at once is what publishing would have written one by one.
    let mut conn = app.connect();
    let rows = |conn: &mut PgConnection| -> Vec<(Uuid, String, String)> {
        live_articles::table.order(live_articles::id).select((live_articles::id, live_articles::card, live_articles::html)).load(conn).unwrap()
    };
    let written = rows(&mut conn);
    conn.transaction(|tx| written.iter().try_for_each(|(id, _, _)| projection::refresh(tx, *id))).unwrap();
    assert_eq!(rows(&mut conn), written);
    assert_eq!(miscounted(&mut conn), 0);

    let more = load(1).live + load(2).live;
    assert_eq!(feed(&app).len() as u64, report.live + 1 + more);
    assert_eq!(miscounted(&mut conn), 0);
}

/// Tags and authors whose count is not that of their rows, and live stories of which no change or purge tells, or not all.
fn miscounted(conn: &mut PgConnection) -> i64 {
    #[derive(QueryableByName)]
    struct Wrong {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        wrong: i64,
    }
    let sql = "SELECT (SELECT count(*) FROM live_tags t FULL JOIN (SELECT tag_id, count(*) AS n, max(published_at) AS latest FROM live_article_tags GROUP BY 1) r USING (tag_id) \
                       WHERE t.article_count IS DISTINCT FROM r.n OR t.latest_published_at IS DISTINCT FROM r.latest) \
                    + (SELECT count(*) FROM live_authors t FULL JOIN (SELECT author_id, count(*) AS n, max(published_at) AS latest FROM live_article_authors GROUP BY 1) r USING (author_id) \
                       WHERE t.article_count IS DISTINCT FROM r.n OR t.latest_published_at IS DISTINCT FROM r.latest) \
                    + (SELECT count(*) FROM live_articles l WHERE NOT EXISTS (SELECT FROM changes c WHERE c.article_id = l.id)) \
                    + (SELECT count(*) FROM live_articles l WHERE NOT EXISTS (SELECT FROM purges p WHERE 'article-' || l.id = ANY(p.keys))) \
                    + (SELECT count(*) FROM live_articles l, LATERAL (SELECT ARRAY( \
                           SELECT 'author-' || author_id FROM live_article_authors WHERE article_id = l.id \
                           UNION SELECT 'media-' || media_id FROM live_article_media WHERE article_id = l.id \
                           UNION SELECT 'tag-' || tag_id FROM live_article_tags WHERE article_id = l.id) AS keys) k \
                       WHERE NOT EXISTS (SELECT FROM changes c WHERE c.article_id = l.id AND c.surrogate_keys @> k.keys AND c.surrogate_keys <@ k.keys)) AS wrong";
    diesel::sql_query(sql).get_result::<Wrong>(conn).unwrap().wrong
}
