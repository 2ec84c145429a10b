//! Articles as they are taken down and put back: how they stood before is kept beside them, once, however many takedowns
//! reach them. The world is publishing's business.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::json;
use uuid::Uuid;

use super::model::Selector;
use super::reach;
use crate::db::statement::{Bind, Statement};
use crate::error::Result;
use crate::identity::audit::{self, Done};
use crate::identity::principal::Principal;
use crate::publishing::story::Times;
use crate::publishing::takedowns::{self as world, Was};
use crate::schema::{live_taken_down, taken_down_articles};
use crate::timestamp::Timestamp;

/// The articles that it reaches, held until the transaction ends, with where they stand.
fn held(tx: &mut PgConnection, selector: Selector) -> Result<Vec<(Uuid, String)>> {
    let mut sql = Statement::<(SqlUuid, Text)>::new("SELECT id, status FROM articles WHERE id IN (");
    reach::articles(&mut sql, selector);
    sql.sql(") ORDER BY id FOR NO KEY UPDATE");
    Ok(sql.load(tx)?)
}

/// Takes down what it reaches, and says how many that are.
///
/// # Errors
/// What the database says.
pub fn take_down(tx: &mut PgConnection, actor: &Principal, takedown: Uuid, selector: Selector, now: Timestamp) -> Result<usize> {
    let held = held(tx, selector)?;
    let all: Vec<Uuid> = held.iter().map(|(id, _)| *id).collect();
    let mut members = Statement::<BigInt>::new("INSERT INTO takedown_articles (takedown_id, article_id) SELECT ");
    members.bind(Bind::Id(takedown)).sql("::uuid, unnest(").bind(Bind::Ids(all)).sql(")");
    members.execute(tx)?;
    let going: Vec<(Uuid, String)> = held.into_iter().filter(|(_, status)| status != "taken_down").collect();
    let ids: Vec<Uuid> = going.iter().map(|(id, _)| *id).collect();
    let reached = ids.len();
    remember(tx, &ids)?;
    world::remove(tx, &ids, now)?;
    let mut sql = Statement::<BigInt>::new("UPDATE articles SET status = 'taken_down', live_revision = NULL, publish_at = NULL, unpublish_at = NULL, lock_user_id = NULL, ");
    sql.sql("lock_since = NULL, lock_expires_at = NULL, version = version + 1, updated_by = ").bind(Bind::Id(actor.user_id)).sql(", updated_at = ").bind(Bind::Time(now));
    sql.sql(" WHERE id = ANY(").bind(Bind::Ids(ids)).sql(")");
    sql.execute(tx)?;
    let done = |(target, status): (Uuid, String)| Done { target, before: json!({ "status": status }), after: json!({ "status": "taken_down", "takedown_id": takedown }) };
    audit::record_deeds(tx, actor, "take_down", "article", &going.into_iter().map(done).collect::<Vec<_>>())?;
    Ok(reached)
}

/// Keeps how these stand, and what their live revision alone refers to.
fn remember(tx: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    let mut sql = Statement::<BigInt>::new(
        "INSERT INTO taken_down_articles (article_id, status, live_revision, live_updated_at, publish_at, unpublish_at) \
         SELECT a.id, a.status, a.live_revision, l.updated_at, a.publish_at, a.unpublish_at FROM articles a LEFT JOIN live_articles l ON l.id = a.id WHERE a.id = ANY(",
    );
    sql.bind(Bind::Ids(ids.to_vec())).sql(")");
    sql.execute(tx)?;
    let mut sql = Statement::<BigInt>::new(
        "INSERT INTO taken_down_uses (article_id, author_id, media_id) SELECT u.article_id, u.author_id, u.media_id FROM articles a JOIN LATERAL (\
         SELECT article_id, author_id, NULL::uuid AS media_id FROM live_article_authors WHERE article_id = a.id \
         UNION ALL SELECT article_id, NULL, media_id FROM live_article_media WHERE article_id = a.id) u ON true \
         WHERE a.live_revision <> a.revision AND a.id = ANY(",
    );
    sql.bind(Bind::Ids(ids.to_vec())).sql(")");
    sql.execute(tx)?;
    Ok(())
}

type Row = (Uuid, Uuid, String, Option<i32>, Option<Timestamp>, Option<Timestamp>, Option<Timestamp>);
type Columns = (SqlUuid, SqlUuid, Text, Nullable<Integer>, Nullable<Timestamptz>, Nullable<Timestamptz>, Nullable<Timestamptz>);

/// Puts back what this takedown alone holds down, as it stood. A plan whose time has passed is given up and told to the
/// desk: nothing goes live that nobody expects any more.
///
/// # Errors
/// What the database says.
pub fn put_back(tx: &mut PgConnection, actor: &Principal, takedown: Uuid, now: Timestamp) -> Result<usize> {
    let mut sql = Statement::<Columns>::new(
        "SELECT a.id, a.translation_group, d.status, d.live_revision, d.live_updated_at, a.first_published_at, a.published_at \
         FROM takedown_articles m JOIN taken_down_articles d ON d.article_id = m.article_id JOIN articles a ON a.id = m.article_id WHERE m.takedown_id = ",
    );
    sql.bind(Bind::Id(takedown)).sql(
        " AND NOT EXISTS (SELECT FROM takedown_articles o JOIN takedowns t ON t.id = o.takedown_id \
         WHERE o.article_id = m.article_id AND o.takedown_id <> m.takedown_id AND t.reversed_at IS NULL) ORDER BY a.id FOR NO KEY UPDATE OF a",
    );
    let rows: Vec<Row> = sql.load(tx)?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    let mut back = Statement::<BigInt>::new("UPDATE articles a SET live_revision = d.live_revision, unpublish_at = d.unpublish_at, version = a.version + 1, updated_by = ");
    back.bind(Bind::Id(actor.user_id)).sql(", updated_at = ").bind(Bind::Time(now));
    back.sql(", status = CASE WHEN d.status = 'scheduled' AND d.publish_at <= ").bind(Bind::Time(now)).sql(" THEN 'in_review' ELSE d.status END");
    back.sql(", publish_at = CASE WHEN d.publish_at > ").bind(Bind::Time(now)).sql(" THEN d.publish_at END");
    back.sql(", schedule_failure = CASE WHEN d.publish_at <= ").bind(Bind::Time(now)).sql(" THEN ").bind(Bind::Text(missed())).sql("::jsonb ELSE a.schedule_failure END");
    back.sql(" FROM taken_down_articles d WHERE d.article_id = a.id AND a.id = ANY(").bind(Bind::Ids(ids.clone())).sql(")");
    back.execute(tx)?;
    diesel::delete(live_taken_down::table.filter(live_taken_down::article_id.eq_any(&ids))).execute(tx)?;
    world::restore(tx, &rows.iter().filter_map(|row| was(row, now)).collect::<Vec<_>>(), now)?;
    diesel::delete(taken_down_articles::table.filter(taken_down_articles::article_id.eq_any(&ids))).execute(tx)?;
    let done = |row: &Row| Done { target: row.0, before: json!({ "status": "taken_down", "takedown_id": takedown }), after: json!({ "status": row.2 }) };
    audit::record_deeds(tx, actor, "reverse_takedown", "article", &rows.iter().map(done).collect::<Vec<_>>())?;
    Ok(ids.len())
}

fn was((id, group, _, revision, updated, first, published): &Row, now: Timestamp) -> Option<Was> {
    let published_at = published.unwrap_or(now);
    let times = Times { first_published: first.unwrap_or(published_at), published: published_at, updated: updated.unwrap_or(published_at) };
    revision.map(|revision| Was { id: *id, group: *group, revision, times })
}

/// Told as every failure of a schedule is.
fn missed() -> String {
    json!([{ "pointer": "/publish_at", "code": "taken_down", "detail": "The article was taken down when it was to go live." }]).to_string()
}
