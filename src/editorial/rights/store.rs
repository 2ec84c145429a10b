//! SQL of the report of rights that end.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::model::{ExpiringRights, RightsHolder};
use crate::db::page::{Page, PageRequest, Signer};
use crate::db::statement::{Bind, Statement};
use crate::editorial::takedowns::model::Selector;
use crate::editorial::takedowns::reach;
use crate::error::Result;
use crate::timestamp::Timestamp;

/// The key the report is sorted by: the end, then the id.
pub type Key = (Timestamp, Uuid);
/// Stories that are listed of each.
const STORIES: i64 = 20;

type Row = (RightsHolder, Uuid, String, Timestamp, i64);

/// Rights that end after `from` and not after `until`, the soonest first. What is withdrawn already is left out.
///
/// # Errors
/// What the database says.
pub fn expiring(conn: &mut PgConnection, from: Timestamp, until: Timestamp, page: &PageRequest<Key>, signer: &Signer) -> Result<Page<ExpiringRights>> {
    let (last, id) = page.key().copied().unwrap_or((from, Uuid::max()));
    let last = last.max(from);
    let mut sql = Statement::<(Text, SqlUuid, Text, Timestamptz, BigInt)>::new("SELECT kind, id, name, valid_until, pictures FROM (");
    let within = |sql: &mut Statement<_>| {
        sql.bind(Bind::Time(until)).sql(" AND (valid_until, id) > (").bind(Bind::Time(last)).sql(", ").bind(Bind::Id(id)).sql(") ORDER BY valid_until, id LIMIT ");
        sql.literal(page.take());
    };
    sql.sql("(SELECT 'media' AS kind, id, filename AS name, valid_until, 1::bigint AS pictures FROM media WHERE status = 'ready' AND valid_until <= ");
    within(&mut sql);
    sql.sql(
        ") UNION ALL (SELECT 'credit', id, name, valid_until, (SELECT count(*) FROM media WHERE media.credit_id = media_credits.id) \
         FROM media_credits WHERE status = 'active' AND valid_until <= ",
    );
    within(&mut sql);
    sql.sql(")) AS ending ORDER BY valid_until, id LIMIT ").literal(page.take());
    let rows: Vec<Row> = sql.load(conn)?;
    let (rows, mut info) = page.finish(rows, signer, |row| (row.3, row.1))?;
    // The report is walked forwards alone: what it began with may have ended.
    info.previous = None;
    let data = rows.into_iter().map(|row| with_uses(conn, row)).collect::<Result<_>>()?;
    Ok(Page { data, page: info })
}

fn with_uses(conn: &mut PgConnection, (kind, id, name, valid_until, pictures): Row) -> Result<ExpiringRights> {
    let selector = match kind {
        RightsHolder::Media => Selector::Media(id),
        RightsHolder::Credit => Selector::Credit(id),
    };
    let (live_articles, planned_articles) = reach::count(conn, selector)?;
    let (portraits, articles) = (reach::portraits(conn, selector)?, reach::list(conn, selector, None, STORIES)?);
    Ok(ExpiringRights { kind, id, name, valid_until, pictures, live_articles, planned_articles, portraits, articles })
}
