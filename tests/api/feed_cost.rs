//! What a page of the feed costs the database at size: rows read are counted, not time.

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sql_types::BigInt;
use diesel::{Connection, QueryableByName, RunQueryDsl};
use masthead::db::page::{PageRequest, Signer};
use masthead::delivery::feed::{self, AnyOf, FeedSort, Filter, With};
use masthead::error::Error;

use crate::support::TestApp;

/// 20,000 live stories; the tag `common` is on all, `half` on every second, `rare` on every thousandth.
const BULK: &str = "
INSERT INTO tags (id, slug, name, kind, created_at, updated_at) SELECT gen_random_uuid(), s, s, 'topic', now(), now() FROM unnest(ARRAY['common', 'half', 'rare']) s;
INSERT INTO authors (id, slug, name, sort_name, kind, created_at, updated_at) VALUES (gen_random_uuid(), 'ann', 'Ann', 'Ann', 'staff', now(), now());
INSERT INTO articles (id, status, version, revision, live_revision, translation_group, slug, kind, language, headline, first_published_at, published_at, created_at, updated_at)
  SELECT gen_random_uuid(), 'published', 1, 1, 1, gen_random_uuid(), 'bulk-' || n, (ARRAY['news', 'brief'])[1 + n % 2], 'en', 'x', now(), now() - n * interval '1 min', now(), now() - n * interval '1 s'
  FROM generate_series(1, 20000) n;
INSERT INTO live_articles (id, slug, kind, language, primary_tag_id, translation_group, revision, published_at, first_published_at, updated_at, card, html, body)
  SELECT a.id, a.slug, a.kind, 'en', t.id, a.translation_group, 1, a.published_at, a.published_at, a.updated_at, '{}', '', '[]'
  FROM articles a JOIN tags t ON t.slug = CASE WHEN right(a.slug, 3) = '000' THEN 'rare' ELSE 'common' END;
INSERT INTO live_article_tags (article_id, tag_id, published_at, updated_at)
  SELECT l.id, t.id, l.published_at, l.updated_at FROM live_articles l, tags t
  WHERE t.slug = 'common' OR t.slug = 'half' AND l.kind = 'news' OR t.slug = 'rare' AND right(l.slug, 3) = '000';
INSERT INTO live_article_authors (article_id, author_id, published_at, updated_at) SELECT l.id, w.id, l.published_at, l.updated_at FROM live_articles l, authors w;
ANALYZE;
";

#[derive(QueryableByName)]
struct Reads {
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = BigInt)]
    whole_tables: i64,
}

/// What this session has read of `live_*` tables and not yet reported: it grows within a transaction.
fn reads(tx: &mut PgConnection) -> Reads {
    let counters = "SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::bigint AS rows, coalesce(sum(seq_scan), 0)::bigint AS whole_tables
        FROM pg_stat_xact_user_tables WHERE relname LIKE 'live\\_%'";
    diesel::sql_query(counters).get_result(tx).unwrap()
}

/// Rows that the first page reads, and how many tables it reads from end to end.
fn cost(conn: &mut PgConnection, filter: &Filter, sort: FeedSort) -> (i64, i64) {
    let page = PageRequest::new(Some(20), None, "cost".to_owned(), &Signer::new(b"any")).unwrap();
    conn.transaction::<_, Error, _>(|tx| {
        let before = reads(tx);
        assert!(!feed::page(tx, filter, sort, &page, With::Card)?.is_empty());
        let after = reads(tx);
        Ok((after.rows - before.rows, after.whole_tables - before.whole_tables))
    })
    .unwrap()
}

#[test]
fn a_page_reads_little_more_than_it_shows_whatever_it_is_about() {
    let app = TestApp::start();
    let conn = &mut app.connect();
    conn.batch_execute(BULK).unwrap();
    let any = |text: &str| AnyOf::parse("tag", Some(text)).unwrap();
    let tag = |text: &str| Filter { tag: any(text), ..Filter::default() };
    let questions = [
        ("all", Filter::default(), FeedSort::Newest),
        ("oldest", Filter::default(), FeedSort::Oldest),
        ("updated", Filter::default(), FeedSort::Updated),
        ("common tag", tag("common"), FeedSort::Newest),
        ("common tag, updated", tag("common"), FeedSort::Updated),
        ("rare tag", tag("rare"), FeedSort::Newest),
        ("any of three tags", tag("common,half,rare"), FeedSort::Newest),
        ("without a tag", tag("-half"), FeedSort::Newest),
        ("a tag without another", tag("common,-half"), FeedSort::Newest),
        ("author", Filter { author: any("ann"), ..Filter::default() }, FeedSort::Newest),
        ("kind", Filter { kind: any("brief"), ..Filter::default() }, FeedSort::Newest),
        ("tag and kind", Filter { kind: any("brief"), ..tag("common") }, FeedSort::Newest),
        ("rare tag first of all", Filter { tags_all: vec!["rare".into(), "common".into()], ..Filter::default() }, FeedSort::Newest),
        ("rare primary tag", Filter { primary_tag: any("rare"), ..Filter::default() }, FeedSort::Newest),
        ("rare primary tag, updated", Filter { primary_tag: any("rare"), ..Filter::default() }, FeedSort::Updated),
        ("any of two primary tags", Filter { primary_tag: any("rare,common"), ..Filter::default() }, FeedSort::Newest),
        ("primary tag", Filter { primary_tag: any("common"), ..Filter::default() }, FeedSort::Newest),
    ];
    for (name, filter, sort) in questions {
        let (rows, whole_tables) = cost(conn, &filter, sort);
        assert!(rows <= 400 && whole_tables == 0, "{name}: {rows} rows read, {whole_tables} tables from end to end");
    }
}
