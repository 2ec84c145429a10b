//! What must be true of a database at every moment between two transactions, whatever has been done to it: live rows,
//! counts, slugs, the feed of changes and the audit trail agree with each other and with the desk.

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sql_types::{Array, Text};
use diesel::{QueryableByName, RunQueryDsl};

/// Each with a query for what breaks it: there must be nothing.
const RULES: &[(&str, &str)] = &[
    (
        "the world has exactly the revisions that the desk calls live",
        "SELECT a.id::text AS what FROM articles a FULL JOIN live_articles l ON l.id = a.id
         WHERE coalesce(a.live_revision, 0) <> coalesce(l.revision, 0) OR (a.status = 'published') <> (l.id IS NOT NULL)
            OR l.id IS NOT NULL AND (l.published_at, l.first_published_at, l.translation_group) IS DISTINCT FROM (a.published_at, a.first_published_at, a.translation_group)",
    ),
    (
        "a live head has its own slug, kind, language, tags and authors",
        "SELECT a.id::text AS what FROM articles a JOIN live_articles l ON l.id = a.id WHERE a.live_revision = a.revision AND (
            (a.slug, a.kind, a.language) IS DISTINCT FROM (l.slug, l.kind, l.language)
            OR ARRAY(SELECT t.tag_id FROM article_tags t JOIN tags ON tags.id = t.tag_id WHERE t.article_id = a.id AND tags.kind <> 'internal' ORDER BY 1)
               <> ARRAY(SELECT t.tag_id FROM live_article_tags t WHERE t.article_id = a.id ORDER BY 1)
            OR ARRAY(SELECT w.author_id FROM article_authors w WHERE w.article_id = a.id ORDER BY 1)
               <> ARRAY(SELECT w.author_id FROM live_article_authors w WHERE w.article_id = a.id ORDER BY 1))",
    ),
    (
        "no story is live without a tag and an author",
        "SELECT l.id::text AS what FROM live_articles l
         WHERE NOT EXISTS (SELECT FROM live_article_tags t WHERE t.article_id = l.id) OR NOT EXISTS (SELECT FROM live_article_authors w WHERE w.article_id = l.id)",
    ),
    (
        "what feeds are sorted by is the story's own",
        "SELECT l.id::text AS what FROM live_articles l JOIN (SELECT article_id, published_at, updated_at FROM live_article_tags
         UNION ALL SELECT article_id, published_at, updated_at FROM live_article_authors) f ON f.article_id = l.id WHERE f.published_at <> l.published_at OR f.updated_at <> l.updated_at",
    ),
    (
        "tags are counted right",
        "SELECT coalesce(c.tag_id, r.tag_id)::text AS what FROM live_tags c
         FULL JOIN (SELECT tag_id, count(*) AS stories, max(published_at) AS latest FROM live_article_tags GROUP BY tag_id) r ON r.tag_id = c.tag_id
         WHERE (c.article_count, c.latest_published_at) IS DISTINCT FROM (r.stories, r.latest)",
    ),
    (
        "authors are counted right",
        "SELECT coalesce(c.author_id, r.author_id)::text AS what FROM live_authors c
         FULL JOIN (SELECT author_id, count(*) AS stories, max(published_at) AS latest FROM live_article_authors GROUP BY author_id) r ON r.author_id = c.author_id
         WHERE (c.article_count, c.latest_published_at) IS DISTINCT FROM (r.stories, r.latest)",
    ),
    (
        "every slug that a live story was live under leads to it",
        "SELECT coalesce(h.slug, o.slug) AS what FROM (SELECT s.slug, s.article_id FROM article_slugs s JOIN live_articles l ON l.id = s.article_id WHERE s.was_live) h
         FULL JOIN (SELECT slug, id AS article_id FROM live_articles UNION ALL SELECT slug, article_id FROM live_article_slugs) o ON o.slug = h.slug
         WHERE h.article_id IS DISTINCT FROM o.article_id",
    ),
    ("every article holds its own slug", "SELECT a.id::text AS what FROM articles a LEFT JOIN article_slugs s ON s.slug = a.slug WHERE s.article_id IS DISTINCT FROM a.id"),
    (
        "the corrections of live stories are shown, no others",
        "SELECT coalesce(c.id, l.id)::text AS what FROM (SELECT c.* FROM corrections c JOIN live_articles a ON a.id = c.article_id) c FULL JOIN live_corrections l ON l.id = c.id
         WHERE (c.article_id, c.kind, c.text, c.created_at) IS DISTINCT FROM (l.article_id, l.kind, l.text, l.at)",
    ),
    (
        "the world is what a replay of the changes gives",
        "SELECT coalesce(r.article_id, l.id)::text AS what
         FROM (SELECT DISTINCT ON (article_id) article_id, kind, slug, revision FROM changes ORDER BY article_id, generation DESC) r
         FULL JOIN live_articles l ON l.id = r.article_id
         WHERE CASE WHEN r.kind IN ('published', 'updated', 'corrected') THEN (r.slug, r.revision) IS DISTINCT FROM (l.slug, l.revision) ELSE l.id IS NOT NULL END",
    ),
    (
        "what goes live was not live, and what is updated, corrected or taken off was",
        "SELECT article_id::text AS what FROM (SELECT article_id, kind, lag(kind) OVER (PARTITION BY article_id ORDER BY generation) AS before FROM changes) c
         WHERE (kind = 'published') = coalesce(before IN ('published', 'updated', 'corrected'), false)",
    ),
    (
        "the world is what a replay of the audit trail gives",
        "SELECT coalesce(r.target_id, l.id)::text AS what
         FROM (SELECT DISTINCT ON (target_id) target_id, action, (after ->> 'revision')::integer AS revision FROM audit_events
               WHERE resource = 'article' AND action IN ('publish', 'unpublish') ORDER BY target_id, at DESC, id DESC) r
         FULL JOIN live_articles l ON l.id = r.target_id
         WHERE CASE WHEN r.action = 'publish' THEN r.revision IS DISTINCT FROM l.revision ELSE l.id IS NOT NULL END",
    ),
    (
        "every deed that changed the world is in the audit trail and on the feed of changes, once each",
        "SELECT coalesce(e.id, c.id)::text AS what
         FROM (SELECT target_id AS id, action, count(*) AS deeds FROM audit_events WHERE resource = 'article' AND action IN ('publish', 'unpublish') GROUP BY 1, 2) e
         FULL JOIN (SELECT article_id AS id, CASE kind WHEN 'unpublished' THEN 'unpublish' ELSE 'publish' END AS action, count(*) AS deeds
                    FROM changes WHERE kind IN ('published', 'updated', 'unpublished') GROUP BY 1, 2) c ON c.id = e.id AND c.action = e.action
         WHERE e.deeds IS DISTINCT FROM c.deeds",
    ),
    (
        "revisions count from one to the head without a gap",
        "SELECT a.id::text AS what FROM articles a LEFT JOIN article_revisions r ON r.article_id = a.id GROUP BY a.id
         HAVING count(r.number) <> a.revision OR min(r.number) <> 1 OR max(r.number) <> a.revision",
    ),
];

#[derive(QueryableByName)]
struct Broken {
    #[diesel(sql_type = Array<Text>)]
    what: Vec<String>,
}

/// Fails the test unless every rule holds, all seen at one moment.
#[track_caller]
pub fn assert_agrees(conn: &mut PgConnection) {
    let broken = breaches(conn);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The rules that do not hold, each with what breaks it.
pub fn breaches(conn: &mut PgConnection) -> Vec<String> {
    conn.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").unwrap();
    let found = RULES.iter().filter_map(|(rule, query)| {
        let broken: Broken =
            diesel::sql_query(format!("SELECT ARRAY(SELECT what FROM ({query}) q LIMIT 5) AS what")).get_result(conn).unwrap_or_else(|error| panic!("{rule}: {error}"));
        (!broken.what.is_empty()).then(|| format!("not so: {rule}: {:?}", broken.what))
    });
    let found = found.collect();
    conn.batch_execute("COMMIT").unwrap();
    found
}
