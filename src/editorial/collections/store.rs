//! SQL of collections: every save that says something new is a revision.

use std::collections::{HashMap, HashSet};

use diesel::dsl::{count_star, sql};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use serde_json::json;
use uuid::Uuid;

use super::model::{Collection, CollectionPatch, CollectionQuery, CollectionSort, CollectionStatus, Head, NewCollection, check};
use crate::db::page::{Count, Page, PageRequest, Signer};
use crate::editorial::lists::{Key, UsedBy, by_text, containing, newest_first};
use crate::editorial::slugs::{self, Kind};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::extract::{IfMatch, Target};
use crate::identity::audit::{self, Deed};
use crate::identity::principal::Principal;
use crate::publishing::collections::{self as bridge, Content};
use crate::schema::{articles, authors, collection_revisions as revisions, collections, slug_redirects, tags};
use crate::text::Line;
use crate::timestamp::Timestamp;
use crate::vocabulary::{CollectionFill, CollectionSlot};

fn matching(query: &CollectionQuery) -> collections::BoxedQuery<'_, Pg> {
    let mut rows = collections::table.into_boxed();
    if let Some(q) = &query.q {
        rows = rows.filter(sql::<Bool>("lower(collections.name) LIKE ").bind::<Text, _>(containing(q.as_str())));
    }
    match query.status {
        Some(CollectionStatus::Published) => rows.filter(collections::live_revision.is_not_null()),
        Some(CollectionStatus::Draft) => rows.filter(collections::live_revision.is_null()),
        None => rows,
    }
}

/// A page of collections.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut PgConnection, query: &CollectionQuery, page: &PageRequest<Key>, signer: &Signer) -> Result<Page<Collection>> {
    let sort = query.sort.unwrap_or(CollectionSort::Name);
    let rows = match sort {
        CollectionSort::Name => by_text!(matching(query), page, collections::name, collections::id),
        CollectionSort::Updated => newest_first!(matching(query), page, collections::updated_at, collections::id),
    };
    let rows: Vec<(String, Head)> = rows.limit(page.take()).select((collections::name, Head::as_select())).load(conn)?;
    let (rows, mut info) = page.finish(rows, signer, |(name, head)| match sort {
        CollectionSort::Name => (name.clone(), head.id),
        CollectionSort::Updated => (head.updated_at.to_string(), head.id),
    })?;
    if query.count == Some(Count::Exact) {
        info.total = Some(matching(query).select(count_star()).first(conn)?);
    }
    let mut contents = contents(conn, &rows.iter().map(|(_, head)| (head.id, head.revision)).collect())?;
    let data = rows.iter().filter_map(|(_, head)| Some(Collection::new(head, contents.remove(&head.id)?))).collect();
    Ok(Page { data, page: info })
}

/// What these revisions say, one a collection, tags that were merged since replaced by those they were merged into.
fn contents(conn: &mut PgConnection, wanted: &HashMap<Uuid, i32>) -> Result<HashMap<Uuid, Content>> {
    let (ids, numbers): (Vec<Uuid>, Vec<i32>) = wanted.iter().map(|(id, number)| (*id, *number)).unzip();
    let rows: Vec<(Uuid, i32, serde_json::Value)> = revisions::table
        .filter(revisions::collection_id.eq_any(&ids))
        .filter(revisions::number.eq_any(&numbers))
        .select((revisions::collection_id, revisions::number, revisions::content))
        .load(conn)?;
    let rows = rows.into_iter().filter(|(id, number, _)| wanted.get(id) == Some(number));
    let mut contents = rows.map(|(id, _, content)| Ok((id, serde_json::from_value::<Content>(content).map_err(Error::internal)?))).collect::<Result<HashMap<_, _>>>()?;
    follow_merges(conn, contents.values_mut().filter_map(|content| content.fill.as_mut()).collect())?;
    Ok(contents)
}

/// What a revision says.
///
/// # Errors
/// 404.
pub fn content(conn: &mut PgConnection, id: Uuid, number: i32) -> Result<Content> {
    contents(conn, &HashMap::from([(id, number)]))?.remove(&id).ok_or_else(|| Error::not_found("revision"))
}

fn tag_lists(fill: &mut CollectionFill) -> [&mut Vec<Uuid>; 4] {
    [&mut fill.tag, &mut fill.tags_all, &mut fill.without_tag, &mut fill.primary_tag]
}

fn follow_merges(conn: &mut PgConnection, mut fills: Vec<&mut CollectionFill>) -> Result<()> {
    let ids: Vec<_> = fills.iter_mut().flat_map(|fill| tag_lists(fill)).flat_map(|list| list.iter().map(ToString::to_string)).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let merged: Vec<(String, Uuid)> = slug_redirects::table
        .filter(slug_redirects::resource.eq("tag"))
        .filter(slug_redirects::slug.eq_any(ids))
        .select((slug_redirects::slug, slug_redirects::target_id))
        .load(conn)?;
    let merged: HashMap<_, _> = merged.into_iter().collect();
    for list in fills.into_iter().flat_map(tag_lists) {
        let mut seen = HashSet::new();
        *list = list.iter().map(|id| merged.get(&id.to_string()).copied().unwrap_or(*id)).filter(|id| seen.insert(*id)).collect();
    }
    Ok(())
}

/// One collection.
///
/// # Errors
/// 404.
pub fn get(conn: &mut PgConnection, target: &Target) -> Result<Collection> {
    find(conn, target)?.ok_or_else(|| Error::not_found("collection"))
}

/// One collection, if it is there.
///
/// # Errors
/// What the database says.
pub fn find(conn: &mut PgConnection, target: &Target) -> Result<Option<Collection>> {
    let rows = collections::table.into_boxed();
    let rows = match target {
        Target::Id(id) => rows.filter(collections::id.eq(*id)),
        Target::Slug(slug) => rows.filter(collections::slug.eq(slug.clone())),
    };
    let Some(head) = rows.select(Head::as_select()).first::<Head>(conn).optional()? else { return Ok(None) };
    let content = content(conn, head.id, head.revision)?;
    Ok(Some(Collection::new(&head, content)))
}

/// A collection's row, held for a write until the transaction ends.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut PgConnection, id: Uuid) -> Result<Head> {
    collections::table.find(id).select(Head::as_select()).for_no_key_update().first(tx).optional()?.ok_or_else(|| Error::not_found("collection"))
}

/// Refuses slots whose articles are not there.
fn check_slots(tx: &mut PgConnection, slots: &[CollectionSlot]) -> Result<()> {
    let ids: Vec<_> = slots.iter().map(|slot| slot.article_id).collect();
    let known: HashSet<Uuid> = articles::table.filter(articles::id.eq_any(&ids)).select(articles::id).load(tx)?.into_iter().collect();
    let missing = ids.iter().enumerate().filter(|(_, id)| !known.contains(id));
    let faults: Vec<_> = missing.map(|(at, _)| FieldError::body(format!("/slots/{at}/article_id"), "unknown_reference", "There is no such article.")).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid(faults)) }
}

/// Refuses tags and authors that are not there, and internal tags: nothing that is live shows them.
fn check_fill(tx: &mut PgConnection, fill: Option<&CollectionFill>) -> Result<()> {
    let Some(fill) = fill else { return Ok(()) };
    let lists = [("tag", &fill.tag), ("tags_all", &fill.tags_all), ("without_tag", &fill.without_tag), ("primary_tag", &fill.primary_tag)];
    let ids: Vec<_> = lists.iter().flat_map(|(_, list)| list.iter().copied()).collect();
    let known_tags: HashSet<Uuid> = tags::table.filter(tags::id.eq_any(&ids)).filter(tags::kind.ne("internal")).select(tags::id).load(tx)?.into_iter().collect();
    let known_authors: HashSet<Uuid> = authors::table.filter(authors::id.eq_any(&fill.author)).select(authors::id).load(tx)?.into_iter().collect();
    let mut faults = Vec::new();
    let mut look = |name: &str, list: &[Uuid], known: &HashSet<Uuid>, what: &str| {
        for (at, _) in list.iter().enumerate().filter(|(_, id)| !known.contains(id)) {
            faults.push(FieldError::body(format!("/fill/{name}/{at}"), "unknown_reference", format!("There is no such {what}.")));
        }
    };
    for (name, list) in lists {
        look(name, list, &known_tags, "tag that readers can see");
    }
    look("author", &fill.author, &known_authors, "author");
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid(faults)) }
}

/// Makes a collection with its first revision.
///
/// # Errors
/// 409 for a taken slug; 422.
pub fn insert(tx: &mut PgConnection, actor: &Principal, new: &NewCollection) -> Result<Collection> {
    // An earlier slug of another goes on leading there until this one is live under it.
    let slug = match &new.slug {
        Some(slug) => slug.clone(),
        None => slugs::choose(tx, Kind::Collection, None, new.name.as_str(), None)?,
    };
    let (id, now, content) = (Uuid::now_v7(), crate::app::now(), new.content(slug.to_string()));
    check(&content)?;
    check_slots(tx, &content.slots)?;
    check_fill(tx, content.fill.as_ref())?;
    diesel::insert_into(collections::table)
        .values((
            (collections::id.eq(id), collections::slug.eq(&content.slug), collections::name.eq(&content.name), collections::revision.eq(1)),
            (collections::created_by.eq(actor.user_id), collections::updated_by.eq(actor.user_id), collections::created_at.eq(now), collections::updated_at.eq(now)),
        ))
        .execute(tx)?;
    write_revision(tx, actor, id, 1, &content, new.revision_note.as_ref())?;
    audit::record(tx, actor, Deed { action: "create", resource: "collection", target: Some(id) }, None, Some(json!(content)))?;
    get(tx, &Target::Id(id))
}

fn write_revision(tx: &mut PgConnection, actor: &Principal, id: Uuid, number: i32, content: &Content, note: Option<&Line<500>>) -> Result<()> {
    diesel::insert_into(revisions::table)
        .values((
            revisions::collection_id.eq(id),
            revisions::number.eq(number),
            revisions::created_at.eq(crate::app::now()),
            revisions::created_by.eq(actor.user_id),
            revisions::note.eq(note.map(AsRef::<str>::as_ref)),
            revisions::content.eq(json!(content)),
        ))
        .execute(tx)?;
    Ok(())
}

/// Changes a collection. The world goes on seeing what was published.
///
/// # Errors
/// 404, 409 for a taken slug, 412, 422.
pub fn update(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch, patch: &CollectionPatch) -> Result<Collection> {
    let head = lock(tx, id)?;
    seen.check(head.version)?;
    let old = content(tx, id, head.revision)?;
    let new = patch.apply(old.clone());
    check(&new)?;
    // What stays as it was stays, also where an article has gone since.
    if let Some(slots) = &patch.slots {
        check_slots(tx, slots)?;
    }
    if let Some(fill) = &patch.fill {
        check_fill(tx, fill.as_ref())?;
    }
    save(tx, actor, &head, (&old, &new), patch.revision_note.as_ref())
}

/// Writes a revision, where it says something new.
///
/// # Errors
/// 409 for a taken slug.
pub fn save(tx: &mut PgConnection, actor: &Principal, head: &Head, (old, new): (&Content, &Content), note: Option<&Line<500>>) -> Result<Collection> {
    if new == old {
        return get(tx, &Target::Id(head.id));
    }
    let number = head.revision + 1;
    write_revision(tx, actor, head.id, number, new, note)?;
    diesel::update(collections::table.find(head.id))
        .set((
            (collections::slug.eq(&new.slug), collections::name.eq(&new.name), collections::revision.eq(number), collections::version.eq(head.version + 1)),
            (collections::updated_by.eq(actor.user_id), collections::updated_at.eq(crate::app::now())),
        ))
        .execute(tx)?;
    let (was, is) = audit::difference(&json!(old), &json!(new));
    audit::record(tx, actor, Deed { action: "update", resource: "collection", target: Some(head.id) }, Some(was), Some(is))?;
    get(tx, &Target::Id(head.id))
}

/// Puts the head revision before the world, now.
///
/// # Errors
/// 404, 409 when another collection is live under its slug, 412.
pub fn publish(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch) -> Result<Collection> {
    let (head, now) = (lock(tx, id)?, crate::app::now());
    seen.check(head.version)?;
    if head.live_revision != Some(head.revision) {
        let content = content(tx, id, head.revision)?;
        let earlier = bridge::show(tx, id, &content, now)?;
        slugs::free(tx, Kind::Collection, &content.slug)?;
        if let Some(earlier) = earlier.filter(|slug| *slug != content.slug) {
            slugs::retire(tx, Kind::Collection, &earlier, id)?;
        }
        stand(tx, actor, &head, "publish", Some((head.revision, now)))?;
    }
    get(tx, &Target::Id(id))
}

/// Takes a collection from the world.
///
/// # Errors
/// 404, 409 while it is not live, 412.
pub fn unpublish(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch) -> Result<Collection> {
    let head = lock(tx, id)?;
    seen.check(head.version)?;
    if head.live_revision.is_none() {
        return Err(illegal("unpublish", &["edit", "publish", "delete"]));
    }
    bridge::remove(tx, id)?;
    stand(tx, actor, &head, "unpublish", None)?;
    get(tx, &Target::Id(id))
}

fn illegal(wanted: &str, legal: &[&str]) -> Error {
    let state = if wanted == "unpublish" { "not live" } else { "live" };
    Error::new(Code::IllegalStateChange, format!("'{wanted}' is not possible while the collection is {state}.")).with("legal_moves", json!(legal))
}

/// Where it stands from now on.
fn stand(tx: &mut PgConnection, actor: &Principal, head: &Head, action: &str, live: Option<(i32, Timestamp)>) -> Result<()> {
    let revision = live.map(|(revision, _)| revision);
    diesel::update(collections::table.find(head.id))
        .set((
            (collections::live_revision.eq(revision), collections::published_at.eq(live.map(|(_, at)| at)), collections::version.eq(head.version + 1)),
            (collections::updated_by.eq(actor.user_id), collections::updated_at.eq(crate::app::now())),
        ))
        .execute(tx)?;
    let deed = Deed { action, resource: "collection", target: Some(head.id) };
    audit::record(tx, actor, deed, Some(json!({ "live_revision": head.live_revision })), Some(json!({ "live_revision": revision })))
}

/// Deletes a collection that is not live, with its revisions.
///
/// # Errors
/// 404, 409 while it is live, 412.
pub fn delete(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch) -> Result<()> {
    let head = lock(tx, id)?;
    seen.check(head.version)?;
    if head.live_revision.is_some() {
        return Err(illegal("delete", &["edit", "publish", "unpublish"]));
    }
    let before = content(tx, id, head.revision)?;
    slugs::forget(tx, Kind::Collection, id)?;
    diesel::delete(collections::table.find(id)).execute(tx)?;
    audit::record(tx, actor, Deed { action: "delete", resource: "collection", target: Some(id) }, Some(json!(before)), None)
}

/// Collections that are filled up by this tag or author, as the desk has them or as they are live.
///
/// # Errors
/// What the database says.
pub fn filled_by(conn: &mut PgConnection, id: Uuid) -> Result<Vec<UsedBy>> {
    // There are as many collections as a site has pages with chosen stories: dozens.
    let all: Vec<(Uuid, String, i32, Option<i32>)> =
        collections::table.order(collections::id).select((collections::id, collections::name, collections::revision, collections::live_revision)).load(conn)?;
    let mut heads = contents(conn, &all.iter().map(|row| (row.0, row.2)).collect())?;
    let mut live = contents(conn, &all.iter().filter_map(|row| Some((row.0, row.3?))).collect())?;
    let uses = |content: Option<&mut Content>| {
        content.and_then(|c| c.fill.as_mut()).is_some_and(|fill| fill.author.contains(&id) || tag_lists(fill).iter().any(|list| list.contains(&id)))
    };
    let using = all.into_iter().filter(|row| uses(heads.get_mut(&row.0)) || uses(live.get_mut(&row.0)));
    Ok(using.map(|(id, name, _, _)| UsedBy { resource: "collection", id: Some(id), name }).collect())
}
