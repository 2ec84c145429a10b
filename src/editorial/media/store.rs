//! SQL of pictures and files, and which stored objects rows need.

use diesel::dsl::{count_star, sql};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use object_store::ObjectStore;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::input::{MediaPatch, NewMedia, check_validity, clean_filename};
use super::model::{CreditRow, Media, MediaQuery, MediaRow, MediaSort, MediaStatus};
use super::prefill::Examined;
use crate::db::page::{Count, Page, PageRequest, Signer};
use crate::editorial::lists::{MOST_USERS, UsedBy, containing, refuse_if_used};
use crate::editorial::takedowns::model::Selector;
use crate::editorial::takedowns::store as takedowns;
use crate::error::{Error, Result};
use crate::http::extract::IfMatch;
use crate::identity::audit::{self, Deed};
use crate::identity::principal::Principal;
use crate::identity::role::Role;
use crate::media_files;
use crate::pictures::{self, MediaFile, SHOWN_LIVE};
use crate::publishing::generation;
use crate::schema::{article_media, articles, authors, live_article_media, media, media_credits, site};
use crate::timestamp::Timestamp;

/// The key a list of media is sorted by: a time, then the id.
pub type Key = (Timestamp, Uuid);

/// A stored file that is to have a row.
pub struct NewFile {
    /// What was found in it.
    pub examined: Examined,
    /// What is said about it, complete.
    pub metadata: NewMedia,
    /// The name that it has for people.
    pub filename: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// How many they are.
    pub len: u64,
}

/// A credit that fits what a file says.
#[derive(Debug, Serialize, Queryable)]
pub struct ProposedCredit {
    id: Uuid,
    slug: String,
    name: String,
    credit_line: String,
}

type Rows<'a> = media::BoxedQuery<'a, Pg>;

/// Contributors see what is live and what is theirs, others everything.
fn visible<'a>(reader: &Principal) -> Rows<'a> {
    let rows = media::table.into_boxed();
    if reader.is(Role::Author) { rows } else { rows.filter(media::created_by.eq(reader.user_id).nullable().assume_not_null().or(sql::<Bool>(SHOWN_LIVE))) }
}

fn matching<'a>(reader: &Principal, query: &'a MediaQuery) -> Rows<'a> {
    let mut rows = visible(reader);
    if let Some(q) = &query.q {
        let text = "lower(media.filename || ' ' || coalesce(media.alt, '') || ' ' || coalesce(media.caption, '')) LIKE ";
        rows = rows.filter(sql::<Bool>(text).bind::<Text, _>(containing(q.as_str())));
    }
    if let Some(kind) = query.kind {
        rows = rows.filter(media::kind.eq(kind));
    }
    if let Some(credit) = query.credit_id {
        rows = rows.filter(media::credit_id.eq(credit));
    }
    if let Some(status) = query.status {
        rows = rows.filter(media::status.eq(status));
    }
    if let Some(maker) = query.created_by {
        rows = rows.filter(media::created_by.eq(maker));
    }
    rows
}

fn ordered<'a>(rows: Rows<'a>, sort: MediaSort, page: &PageRequest<Key>) -> Rows<'a> {
    macro_rules! newest_first {
        ($column:expr) => {
            match (page.key().copied(), page.backwards()) {
                (Some((time, id)), true) => rows.filter($column.ge(time).and($column.gt(time).or(media::id.gt(id)))).order(($column.asc(), media::id.asc())),
                (Some((time, id)), false) => rows.filter($column.le(time).and($column.lt(time).or(media::id.lt(id)))).order(($column.desc(), media::id.desc())),
                (None, _) => rows.order(($column.desc(), media::id.desc())),
            }
        };
    }
    match sort {
        MediaSort::Created => newest_first!(media::created_at),
        MediaSort::Updated => newest_first!(media::updated_at),
    }
}

/// A page of pictures and files.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut PgConnection, reader: &Principal, query: &MediaQuery, page: &PageRequest<Key>, signer: &Signer, base: &str) -> Result<Page<Media>> {
    let sort = query.sort.unwrap_or(MediaSort::Created);
    let rows = ordered(matching(reader, query), sort, page).limit(page.take()).select(MediaRow::as_select()).load(conn)?;
    let (rows, mut info) = page.finish(rows, signer, |row| match sort {
        MediaSort::Created => (row.created_at, row.id),
        MediaSort::Updated => (row.updated_at, row.id),
    })?;
    if query.count == Some(Count::Exact) {
        info.total = Some(matching(reader, query).select(count_star()).first(conn)?);
    }
    Ok(Page { data: with_credits(conn, rows, base)?, page: info })
}

fn with_credits(conn: &mut PgConnection, rows: Vec<MediaRow>, base: &str) -> Result<Vec<Media>> {
    let ids: Vec<_> = rows.iter().map(|row| row.credit_id).collect();
    let credits = media_credits::table.filter(media_credits::id.eq_any(&ids)).select(CreditRow::as_select()).load(conn)?;
    let missing = || Error::internal("a picture without its credit");
    rows.into_iter()
        .map(|row| {
            let credit = credits.iter().find(|credit| credit.id == row.credit_id).cloned().ok_or_else(missing)?;
            Ok(Media::of(row, credit, base))
        })
        .collect()
}

/// One picture or file.
///
/// # Errors
/// 404, also for what this reader may not know of.
pub fn get(conn: &mut PgConnection, reader: &Principal, id: Uuid, base: &str) -> Result<Media> {
    let row = visible(reader).filter(media::id.eq(id)).select(MediaRow::as_select()).first(conn).optional()?;
    with_credits(conn, row.into_iter().collect(), base)?.pop().ok_or_else(|| Error::not_found("media"))
}

/// The stored file of one picture or file.
///
/// # Errors
/// 404, also for what this reader may not know of.
pub fn file(conn: &mut PgConnection, reader: &Principal, id: Uuid) -> Result<MediaFile> {
    let nothing = || Error::not_found("media");
    visible(reader).filter(media::id.eq(id)).select(media::id).first::<Uuid>(conn).optional()?.ok_or_else(nothing)?;
    pictures::file(conn, id)?.ok_or_else(nothing)
}

/// The line of a credit, where there is such a credit.
///
/// # Errors
/// What the database says.
pub fn credit_line(conn: &mut PgConnection, id: Uuid) -> Result<Option<String>> {
    Ok(media_credits::table.find(id).select(media_credits::credit_line).first(conn).optional()?)
}

/// Credits of this name or with this line, upper and lower case alike.
///
/// # Errors
/// What the database says.
pub fn credits_called(conn: &mut PgConnection, line: &str) -> Result<Vec<ProposedCredit>> {
    let line = line.to_lowercase();
    Ok(media_credits::table
        .filter(sql::<Bool>("(lower(name) = ").bind::<Text, _>(line.clone()).sql(" OR lower(credit_line) = ").bind::<Text, _>(line).sql(")"))
        .filter(media_credits::status.eq("active"))
        .order((media_credits::name, media_credits::id))
        .limit(5)
        .select((media_credits::id, media_credits::slug, media_credits::name, media_credits::credit_line))
        .load(conn)?)
}

/// Nobody else inserts a row of this file or removes it before this transaction ends.
///
/// # Errors
/// What the database says.
pub fn lock_file(tx: &mut PgConnection, sha256: &[u8]) -> Result<()> {
    on_file(tx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", sha256)
}

/// The same until it is let go of: for work that has no transaction.
///
/// # Errors
/// What the database says.
pub fn hold_file(conn: &mut PgConnection, sha256: &[u8]) -> Result<()> {
    on_file(conn, "SELECT pg_advisory_lock(hashtextextended($1, 0))", sha256)
}

/// Lets go of a file that is held.
///
/// # Errors
/// What the database says.
pub fn let_go_of_file(conn: &mut PgConnection, sha256: &[u8]) -> Result<()> {
    on_file(conn, "SELECT pg_advisory_unlock(hashtextextended($1, 0))", sha256)
}

fn on_file(conn: &mut PgConnection, sql: &'static str, sha256: &[u8]) -> Result<()> {
    diesel::sql_query(sql).bind::<Text, _>(format!("media file {}", media_files::hex(sha256))).execute(conn)?;
    Ok(())
}

/// Whether a row has this file.
///
/// # Errors
/// What the database says.
pub fn is_needed(conn: &mut PgConnection, sha256: &[u8]) -> Result<bool> {
    let rows: i64 = media::table.filter(media::sha256.eq(sha256)).select(count_star()).first(conn)?;
    Ok(rows > 0)
}

/// Removes a stored file that no row needs.
///
/// # Errors
/// What the database or the store says.
pub fn release(tx: &mut PgConnection, store: &dyn ObjectStore, sha256: &[u8]) -> Result<()> {
    lock_file(tx, sha256)?;
    if is_needed(tx, sha256)? { Ok(()) } else { media_files::remove(store, sha256) }
}

/// Makes the row of a stored file.
///
/// # Errors
/// 422 for a credit that is not there.
pub fn insert(tx: &mut PgConnection, actor: &Principal, new: &NewFile, base: &str) -> Result<Media> {
    let (id, now) = (Uuid::now_v7(), crate::app::now());
    let (said, picture) = (&new.metadata, new.examined.picture.as_ref());
    let rights = said.rights.as_ref();
    let side = |length: Option<u32>| length.map(|l| i32::try_from(l).unwrap_or(i32::MAX));
    let missing = || Error::invalid_field("/credit_id", "required", "Name the credit of this picture.");
    diesel::insert_into(media::table)
        .values((
            (
                media::id.eq(id),
                media::kind.eq(new.examined.media_kind()),
                media::filename.eq(&new.filename),
                media::mime.eq(new.examined.kind.mime()),
                media::bytes.eq(i64::try_from(new.len).unwrap_or(i64::MAX)),
                media::sha256.eq(&new.sha256[..]),
                media::width.eq(side(picture.map(|p| p.width))),
                media::height.eq(side(picture.map(|p| p.height))),
                media::blurhash.eq(picture.map(|p| p.blurhash.as_str())),
                media::extracted.eq(new.examined.found()),
                media::status.eq(MediaStatus::Ready),
                media::created_by.eq(actor.user_id),
                media::created_at.eq(now),
                media::updated_at.eq(now),
            ),
            (
                media::focal_x.eq(said.focal_point.map(|p| narrow(p.x))),
                media::focal_y.eq(said.focal_point.map(|p| narrow(p.y))),
                media::alt.eq(said.alt.as_ref().map(AsRef::<str>::as_ref)),
                media::caption.eq(said.caption.as_ref().map(AsRef::<str>::as_ref)),
                media::credit_id.eq(said.credit_id.ok_or_else(missing)?),
                media::credit_line.eq(said.credit_line.as_ref().map(AsRef::<str>::as_ref)),
                media::creators.eq(said.creators.iter().flatten().map(AsRef::<str>::as_ref).collect::<Vec<_>>()),
                media::taken_at.eq(said.taken_at),
                media::source_url.eq(said.source_url.as_ref().map(AsRef::<str>::as_ref)),
                media::valid_from.eq(rights.and_then(|r| r.valid_from)),
                media::valid_until.eq(rights.and_then(|r| r.valid_until)),
                media::usage_terms.eq(rights.and_then(|r| r.usage_terms.as_ref()).map(AsRef::<str>::as_ref)),
                media::digital_source_type.eq(said.digital_source_type.as_ref().map(AsRef::<str>::as_ref)),
            ),
        ))
        .execute(tx)?;
    let made = get(tx, actor, id, base)?;
    audit::record(tx, actor, Deed { action: "create", resource: "media", target: Some(id) }, None, Some(json!(made)))?;
    Ok(made)
}

/// Fractions are stored as `real`; four places are kept.
#[expect(clippy::cast_possible_truncation, reason = "a fraction from 0 to 1")]
fn narrow(fraction: f64) -> f32 {
    fraction as f32
}

fn lock(tx: &mut PgConnection, actor: &Principal, id: Uuid, base: &str) -> Result<Media> {
    media::table.find(id).select(media::id).for_update().first::<Uuid>(tx).optional()?.ok_or_else(|| Error::not_found("media"))?;
    get(tx, actor, id, base)
}

/// Changes what is known about a picture or file. Who uploaded it may, and editors.
///
/// # Errors
/// 403, 404, 412, 422.
pub fn update(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch, patch: &MediaPatch, base: &str) -> Result<Media> {
    patch.check()?;
    let before = lock(tx, actor, id, base)?;
    actor.may_change(before.created_by)?;
    seen.check(before.version)?;
    if patch.status.is_some() {
        takedowns::refuse_while_standing(tx, Selector::Media(id))?;
    }
    if patch.credit_id.is_some_and(|credit| credit != before.credit_id) {
        takedowns::refuse_while_standing(tx, Selector::Credit(before.credit_id))?;
    }
    let rights = patch.rights();
    let (from, until) = before.validity();
    check_validity(rights.valid_from.unwrap_or(from), rights.valid_until.unwrap_or(until))?;
    diesel::update(media::table.find(id))
        .set((
            (
                patch.filename.as_ref().map(|v| media::filename.eq(clean_filename(v.as_str(), "bin"))),
                patch.alt.as_ref().map(|v| media::alt.eq(v.as_ref().map(AsRef::<str>::as_ref))),
                patch.caption.as_ref().map(|v| media::caption.eq(v.as_ref().map(AsRef::<str>::as_ref))),
                patch.credit_id.map(|v| media::credit_id.eq(v)),
                patch.credit_line.as_ref().map(|v| media::credit_line.eq(v.as_ref().map(AsRef::<str>::as_ref))),
                patch.creators.as_ref().map(|v| media::creators.eq(v.iter().map(AsRef::<str>::as_ref).collect::<Vec<_>>())),
                patch.taken_at.map(|v| media::taken_at.eq(v)),
                patch.source_url.as_ref().map(|v| media::source_url.eq(v.as_ref().map(AsRef::<str>::as_ref))),
            ),
            (
                patch.focal_point.map(|v| media::focal_x.eq(v.map(|p| narrow(p.x)))),
                patch.focal_point.map(|v| media::focal_y.eq(v.map(|p| narrow(p.y)))),
                rights.valid_from.map(|v| media::valid_from.eq(v)),
                rights.valid_until.map(|v| media::valid_until.eq(v)),
                rights.usage_terms.as_ref().map(|v| media::usage_terms.eq(v.as_ref().map(AsRef::<str>::as_ref))),
                patch.digital_source_type.as_ref().map(|v| media::digital_source_type.eq(v.as_ref().map(AsRef::<str>::as_ref))),
                patch.status.map(|v| media::status.eq(v)),
            ),
            media::version.eq(media::version + 1),
            media::updated_at.eq(crate::app::now()),
        ))
        .execute(tx)?;
    let after = get(tx, actor, id, base)?;
    let (was, is) = audit::difference(&json!(before), &json!(after));
    audit::record(tx, actor, Deed { action: "update", resource: "media", target: Some(id) }, Some(was), Some(is))?;
    generation::references_changed(tx)?;
    Ok(after)
}

fn users(tx: &mut PgConnection, id: Uuid) -> Result<Vec<UsedBy>> {
    let stories: Vec<(Uuid, String)> = article_media::table
        .inner_join(articles::table)
        .filter(article_media::media_id.eq(id))
        .select((articles::id, articles::headline))
        .order(articles::id)
        .limit(MOST_USERS)
        .load(tx)?;
    let live: Vec<Uuid> = live_article_media::table.filter(live_article_media::media_id.eq(id)).select(live_article_media::article_id).limit(MOST_USERS).load(tx)?;
    let faces: Vec<(Uuid, String)> = authors::table.filter(authors::avatar_media_id.eq(id)).select((authors::id, authors::name)).limit(MOST_USERS).load(tx)?;
    let sites: Vec<String> = site::table.filter(site::logo_media_id.eq(id)).select(site::name).load(tx)?;
    let known: Vec<_> = stories.iter().map(|(id, _)| *id).collect();
    let mut users: Vec<_> = stories.into_iter().map(|(id, name)| UsedBy { resource: "article", id: Some(id), name }).collect();
    users.extend(live.into_iter().filter(|id| !known.contains(id)).map(|id| UsedBy { resource: "article", id: Some(id), name: "(as it is live)".to_owned() }));
    users.extend(faces.into_iter().map(|(id, name)| UsedBy { resource: "author", id: Some(id), name }));
    users.extend(sites.into_iter().map(|name| UsedBy { resource: "site", id: None, name }));
    Ok(users)
}

/// Deletes the row of a picture or file that nothing uses. Returns the SHA-256 of its bytes, which are to be released
/// once this has come about.
///
/// # Errors
/// 403, 404, 409 with `used_by`, 412.
pub fn delete(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch, base: &str) -> Result<Vec<u8>> {
    let before = lock(tx, actor, id, base)?;
    actor.may_change(before.created_by)?;
    seen.check(before.version)?;
    refuse_if_used("picture", &users(tx, id)?)?;
    takedowns::refuse_while_standing(tx, Selector::Media(id))?;
    let sha256: Vec<u8> = diesel::delete(media::table.find(id)).returning(media::sha256).get_result(tx)?;
    audit::record(tx, actor, Deed { action: "delete", resource: "media", target: Some(id) }, Some(json!(before)), None)?;
    generation::references_changed(tx)?;
    Ok(sha256)
}

/// Whose files these are, of those named: for upkeep.
///
/// # Errors
/// What the database says.
pub fn files_after(conn: &mut PgConnection, last: &[u8], most: i64) -> Result<Vec<Vec<u8>>> {
    Ok(media::table.filter(media::sha256.gt(last)).select(media::sha256).distinct().order(media::sha256).limit(most).load(conn)?)
}
