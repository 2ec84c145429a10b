//! What a search costs the database at size, for common, rare, bursting and absent words: rows read are counted, not time.

use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{Connection, QueryableByName, RunQueryDsl};
use masthead::db::page::Signer;
use masthead::delivery::feed::{AnyOf, FeedSort, Filter, With};
use masthead::delivery::search::question::Question;
use masthead::delivery::search::{Pages, Search};
use masthead::error::Error;

use crate::support::TestApp;

/// 60,000 live stories, one every two hours, no statistics: `common` in all, `half` in every second, `rare` in every thousandth,
/// `burst` in 5,000 of long ago and nowhere since, `left` and `right` in all but never side by side, but once, in the oldest.
const BULK: &str = "
INSERT INTO articles (id, status, version, revision, live_revision, translation_group, slug, kind, language, headline, first_published_at, published_at, created_at, updated_at)
  SELECT gen_random_uuid(), 'published', 1, 1, 1, gen_random_uuid(), 'bulk-' || n, 'news', 'en', 'x', now(), date_trunc('hour', now()) - n * interval '2 h', now(), now()
  FROM generate_series(1, 60000) n;
INSERT INTO live_articles (id, slug, kind, language, translation_group, revision, published_at, first_published_at, updated_at, card, html, body, searchable)
  SELECT id, slug, kind, 'en', translation_group, 1, published_at, published_at, updated_at, '{}', '', '[]', true FROM articles ORDER BY published_at;
INSERT INTO live_search (article_id, published_at, updated_at, words)
  SELECT id, published_at, updated_at, to_tsvector('simple', 'common left ' || CASE WHEN n < 60000 THEN 'between ' ELSE '' END || 'right ' || CASE n % 2 WHEN 0 THEN 'half ' ELSE '' END
    || CASE n % 1000 WHEN 0 THEN 'rare ' ELSE '' END || CASE WHEN n BETWEEN 40000 AND 45000 THEN 'burst' ELSE '' END)
    || array_to_tsvector(ARRAY['~sen', '~len', '~knews', '~m' || (extract(year FROM published_at AT TIME ZONE 'UTC') * 12 + extract(month FROM published_at AT TIME ZONE 'UTC') - 1)::integer])
  FROM (SELECT id, published_at, updated_at, substr(slug, 6)::integer AS n FROM live_articles ORDER BY published_at) x;
";

#[derive(QueryableByName)]
struct Reads {
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = BigInt)]
    whole_tables: i64,
}

const COUNTERS: &str = "SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::bigint AS rows, coalesce(sum(seq_scan), 0)::bigint AS whole_tables
    FROM pg_stat_xact_user_tables WHERE relname IN ('live_search', 'live_articles')";

#[test]
fn no_search_reads_more_than_it_may() {
    let app = TestApp::start();
    let conn = &mut app.connect();
    conn.batch_execute(BULK).unwrap();
    let signer = Signer::new(b"any");
    let any = |text: &str| AnyOf::parse("kind", Some(text)).unwrap();
    let search = |q: &str, sort: FeedSort, filter: Filter| Search {
        question: Question::parse(q).unwrap(),
        filter,
        sort,
        pages: Pages::new(sort, Some(20), None, String::new(), &signer).unwrap(),
    };
    let all = Filter::default;
    let questions = [
        ("the commonest word", "common", FeedSort::Newest, all(), 20, 600),
        ("by relevance", "common", FeedSort::Relevance, all(), 20, 2_000),
        ("two common words", "common half", FeedSort::Newest, all(), 20, 600),
        ("the oldest", "common", FeedSort::Oldest, all(), 20, 600),
        ("a rare word", "rare", FeedSort::Newest, all(), 20, 1_500),
        ("a rare word by relevance", "rare", FeedSort::Relevance, all(), 20, 5_000),
        ("a rare and a common word", "common rare", FeedSort::Newest, all(), 20, 1_500),
        ("a word of long ago", "burst", FeedSort::Newest, all(), 20, 14_000),
        ("an absent word", "absent", FeedSort::Newest, all(), 0, 2_000),
        ("a common word in a kind that is not there", "common", FeedSort::Newest, Filter { kind: any("live"), ..all() }, 0, 2_000),
        ("a common word without the commonest kind", "common", FeedSort::Newest, Filter { kind: any("-news"), ..all() }, 0, 2_000),
        ("the begin of a common word", "comm", FeedSort::Newest, all(), 20, 600),
        ("the begin of a rare word", "rar", FeedSort::Newest, all(), 20, 1_500),
        ("a phrase of common words", "\"left between right\"", FeedSort::Newest, all(), 20, 600),
        ("a phrase that is hardly there", "\"left right\"", FeedSort::Newest, all(), 0, 34_000),
        ("without a word", "-half", FeedSort::Newest, all(), 20, 600),
    ];
    for (name, q, sort, filter, expected, most) in questions {
        let search = search(q, sort, filter);
        // Twice: the second time the statements are the ones kept.
        for _ in 0..2 {
            let (rows, next, whole_tables, found) = conn
                .transaction::<_, Error, _>(|tx| {
                    let before: Reads = diesel::sql_query(COUNTERS).get_result(tx)?;
                    let results = search.within(tx, &signer, With::Card, true)?;
                    let after: Reads = diesel::sql_query(COUNTERS).get_result(tx)?;
                    Ok((after.rows - before.rows, results.info.next, after.whole_tables - before.whole_tables, results.rows.len()))
                })
                .unwrap();
            assert_eq!(found, expected, "{name}");
            assert!(rows <= most && whole_tables == 0, "{name}: {rows} rows read, {whole_tables} tables from end to end");
            // What was not looked through is on the next page.
            assert_eq!(next.is_some(), expected > 0 || q == "\"left right\"", "{name}");
        }
    }
}
