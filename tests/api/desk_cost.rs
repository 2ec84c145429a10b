//! What a page of the desk's list costs the database at size: rows read are counted, not time.

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sql_types::BigInt;
use diesel::{Connection, QueryableByName, RunQueryDsl};
use masthead::db::page::{PageRequest, Signer};
use masthead::editorial::articles::finding;
use masthead::editorial::articles::model::ArticleQuery;
use masthead::error::Error;
use masthead::identity::principal::{Credential, Principal};
use masthead::identity::role::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::TestApp;

/// 20,000 articles that say what the first one does. One in a hundred is a draft, one in a thousand waits for review; the
/// second tag and author are on one in two thousand; galleries are never German.
const BULK: &str = "
CREATE TEMP TABLE first AS SELECT a.id, a.created_by, r.content FROM articles a JOIN article_revisions r ON r.article_id = a.id;
CREATE TEMP TABLE bulk AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, 20000) n;
INSERT INTO articles (id, status, version, revision, live_revision, translation_group, slug, kind, language, headline, assignee_id, created_by, first_published_at, published_at, created_at, updated_at)
  SELECT b.id, s, 1, 1, CASE s WHEN 'published' THEN 1 END, b.id, 'bulk-' || n, CASE WHEN n % 10 = 0 THEN 'gallery' ELSE 'news' END, CASE WHEN n % 10 = 5 THEN 'de' ELSE 'en' END,
    CASE WHEN n % 5000 = 0 THEN 'Zanzibar ' || n ELSE 'Harbour news ' || n END, CASE WHEN n % 1000 = 1 THEN first.created_by END, first.created_by,
    CASE s WHEN 'published' THEN now() - n * interval '1 min' END, CASE s WHEN 'published' THEN now() - n * interval '1 min' END,
    now() - n * interval '1 min', now() - n * interval '1 s'
  FROM bulk b, first, LATERAL (SELECT CASE WHEN n % 1000 = 7 THEN 'in_review' WHEN n % 100 = 3 THEN 'draft' ELSE 'published' END) AS state (s);
INSERT INTO article_revisions (article_id, number, created_at, content) SELECT b.id, 1, now(), first.content FROM bulk b, first;
INSERT INTO article_tags (article_id, tag_id) SELECT b.id, t.id FROM bulk b, tags t WHERE t.slug = 'common' OR n % 2000 = 9 AND t.slug = 'rare';
INSERT INTO article_authors (article_id, author_id) SELECT b.id, w.id FROM bulk b, authors w WHERE w.slug = 'ann-common' OR n % 2000 = 9 AND w.slug = 'rita-rare';
";

#[derive(QueryableByName)]
struct Reads {
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = BigInt)]
    whole_tables: i64,
}

/// What this session has read of articles and not yet reported: it grows within a transaction.
fn reads(tx: &mut PgConnection) -> Reads {
    let counters = "SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::bigint AS rows, coalesce(sum(seq_scan), 0)::bigint AS whole_tables
        FROM pg_stat_xact_user_tables WHERE relname LIKE 'article%'";
    diesel::sql_query(counters).get_result(tx).unwrap()
}

/// Rows that the first page and the one after it read, how many tables they read from end to end, and what they show.
fn cost(conn: &mut PgConnection, reader: &Principal, question: &Value) -> (i64, i64, usize) {
    let query: ArticleQuery = serde_json::from_value(question.clone()).unwrap();
    let signer = Signer::new(b"any");
    conn.transaction::<_, Error, _>(|tx| {
        let before = reads(tx);
        let page = |cursor: Option<&str>| PageRequest::new(Some(20), cursor, "cost".to_owned(), &signer).unwrap();
        let first = finding::list(tx, reader, &query, &page(None), &signer, "")?;
        let second = match &first.page.next {
            Some(next) => finding::list(tx, reader, &query, &page(Some(next)), &signer, "")?.data.len(),
            None => 0,
        };
        let after = reads(tx);
        Ok((after.rows - before.rows, after.whole_tables - before.whole_tables, first.data.len() + second))
    })
    .unwrap()
}

/// Rows that a page this many pages down a tag reads.
fn deep(conn: &mut PgConnection, reader: &Principal, tag: &str, pages: usize) -> i64 {
    let query: ArticleQuery = serde_json::from_value(json!({ "tag": tag })).unwrap();
    let signer = Signer::new(b"any");
    conn.transaction::<_, Error, _>(|tx| {
        let (mut cursor, mut last) = (None, 0);
        for _ in 0..pages {
            let before = reads(tx);
            let page = PageRequest::new(Some(20), cursor.as_deref(), "cost".to_owned(), &signer)?;
            cursor = finding::list(tx, reader, &query, &page, &signer, "")?.page.next;
            last = reads(tx).rows - before.rows;
        }
        Ok(last)
    })
    .unwrap()
}

#[test]
fn a_page_of_the_desk_reads_few_rows_whatever_is_asked_for() {
    let app = TestApp::start();
    let (common, rare) = (app.tag("Common"), app.tag("Rare"));
    let (ann, rita) = (app.writer("Ann Common"), app.writer("Rita Rare"));
    app.editor.post("/v1/editorial/articles", &json!({ "headline": "First", "tags": [common.id()] })).expect(201);
    let conn = &mut app.connect();
    conn.batch_execute(BULK).unwrap();
    conn.batch_execute("VACUUM ANALYZE").unwrap();
    let me: Uuid = app.editor.user_id().parse().unwrap();
    let reader = |role| Principal { user_id: me, name: "Me".into(), role, credential: Credential::Session(me), address: String::new(), request_id: String::new() };
    let questions = [
        (json!({}), 40),
        (json!({ "status": "in_review" }), 20),
        (json!({ "status": "in_review", "assignee": "none" }), 20),
        (json!({ "status": "in_review", "kind": "gallery" }), 0),
        (json!({ "status": "in_review", "language": "de" }), 0),
        (json!({ "status": "draft" }), 40),
        (json!({ "mine": true, "status": "draft" }), 40),
        (json!({ "assignee": me }), 20),
        (json!({ "tag": common.id() }), 40),
        (json!({ "tag": rare.id() }), 10),
        (json!({ "tag": rare.id(), "sort": "-published_at" }), 10),
        (json!({ "author": ann.id() }), 40),
        (json!({ "author": rita.id() }), 10),
        (json!({ "author": rita.id(), "tag": rare.id(), "status": "published" }), 10),
        (json!({ "author": rita.id(), "tag": common.id(), "sort": "-created_at" }), 10),
        (json!({ "kind": "gallery" }), 40),
        (json!({ "kind": "gallery", "language": "de" }), 0),
        (json!({ "kind": "gallery", "language": "de", "tag": common.id() }), 0),
        (json!({ "q": "harbour" }), 40),
        (json!({ "q": "zanzibar" }), 4),
        (json!({ "q": "za" }), 4),
        (json!({ "q": "ha" }), 40),
        (json!({ "q": "qx" }), 0),
        (json!({ "q": "q" }), 0),
        (json!({ "q": "zanzibar", "status": "draft" }), 0),
        (json!({ "sort": "-created_at", "updated_after": "2001-01-01T00:00:00Z" }), 40),
    ];
    for (question, shown) in questions {
        let (rows, whole_tables, found) = cost(conn, &reader(Role::Editor), &question);
        assert_eq!(found, shown, "{question}");
        assert!(rows <= 6_000 && whole_tables == 0, "{question}: {rows} rows read, {whole_tables} tables from end to end");
    }
    assert!(deep(conn, &reader(Role::Editor), common.id(), 400) <= 200, "a page far down reads what the first one does");
    let (rows, whole_tables, found) = cost(conn, &reader(Role::Contributor), &json!({ "q": "harbour" }));
    assert!(found == 40 && rows <= 6_000 && whole_tables == 0, "a contributor's search: {rows} rows read, {whole_tables} tables from end to end");
}
