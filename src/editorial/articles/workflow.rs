//! Moves between states: who may make them, from where, and what they do to the world.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::{Value, json};
use uuid::Uuid;

use super::model::{Head, Status};
use super::saves::Saved;
use super::store;
use crate::db::statement::{Bind, Statement};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::extract::IfMatch;
use crate::identity::audit::{self, Deed};
use crate::identity::principal::{Principal, forbidden};
use crate::identity::role::Role;
use crate::publishing::content::{self, Content};
use crate::publishing::obstacles::{self, Known};
use crate::publishing::projection::{self, ChangeKind, Live};
use crate::publishing::story::{Subject, Surroundings, Times};
use crate::schema::articles;
use crate::timestamp::Timestamp;

/// What can be done with an article in this state.
#[must_use]
pub const fn legal_moves(status: Status) -> &'static [&'static str] {
    match status {
        Status::Draft => &["edit", "submit", "schedule", "publish", "archive", "delete"],
        Status::InReview => &["edit", "return", "schedule", "publish", "archive", "delete"],
        Status::Scheduled => &["edit", "schedule", "unschedule", "publish", "delete"],
        Status::Published => &["edit", "schedule", "unschedule", "publish", "unpublish", "correct"],
        Status::Unpublished => &["edit", "submit", "schedule", "publish", "archive", "correct", "delete"],
        Status::Archived => &["restore", "delete"],
        Status::TakenDown => &[],
    }
}

/// The refusal of a move that this state does not allow.
#[must_use]
pub fn illegal(status: Status, wanted: &str) -> Error {
    let legal = legal_moves(status);
    Error::new(Code::IllegalStateChange, format!("'{wanted}' is not possible while the article is {}.", status.as_str().replace('_', " ")))
        .with("article_status", status.as_str())
        .with("legal_moves", json!(legal))
}

/// The article, held, when this person has seen its version and this state allows the move.
fn begin(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch, wanted: &str) -> Result<(Head, Timestamp)> {
    // By the clock that decides when what is planned goes live.
    let (head, now) = (store::lock(tx, actor, id)?, crate::db::now(tx)?);
    actor.may_change(head.created_by)?;
    allow(actor, &head, seen, wanted, now)?;
    Ok((head, now))
}

/// Whether this can be done to the article as it stands, by whoever may do it.
///
/// # Errors
/// 412; 409 where its state does not allow it, or while somebody else is editing.
pub fn allow(actor: &Principal, head: &Head, seen: &IfMatch, wanted: &str, now: Timestamp) -> Result<()> {
    seen.check(head.version)?;
    if !legal_moves(head.status).contains(&wanted) {
        return Err(illegal(head.status, wanted));
    }
    super::locks::refuse_others(actor, head, now)
}

/// Contributors submit; authors publish what is theirs, editors everything.
fn publishers_only(actor: &Principal) -> Result<()> {
    if actor.is(Role::Author) { Ok(()) } else { Err(forbidden("Contributors submit; authors and editors publish.")) }
}

fn note(tx: &mut PgConnection, actor: &Principal, action: &str, id: Uuid, before: Value, after: Value) -> Result<()> {
    audit::record(tx, actor, Deed { action, resource: "article", target: Some(id) }, Some(before), Some(after))
}

/// Moves the state and the version; what was planned is given up.
fn set_status(tx: &mut PgConnection, actor: &Principal, head: &Head, status: Status, now: Timestamp) -> Result<()> {
    diesel::update(articles::table.find(head.id))
        .set((
            articles::status.eq(status),
            articles::version.eq(head.version + 1),
            articles::publish_at.eq(None::<Timestamp>),
            articles::updated_by.eq(actor.user_id),
            articles::updated_at.eq(now),
        ))
        .execute(tx)?;
    Ok(())
}

/// A simple move: submit, return, archive, restore.
///
/// # Errors
/// 403, 404, 409, 412.
pub fn step(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch, wanted: &'static str, said: Option<&str>) -> Result<()> {
    if wanted == "return" && !actor.is(Role::Editor) {
        return Err(forbidden("Only editors return what was submitted."));
    }
    let (head, now) = begin(tx, actor, id, seen, wanted)?;
    if matches!(wanted, "archive" | "restore") && head.first_published_at.is_some() {
        publishers_only(actor)?;
    }
    let to = match wanted {
        "submit" => Status::InReview,
        "archive" => Status::Archived,
        "restore" if head.first_published_at.is_some() => Status::Unpublished,
        _ => Status::Draft,
    };
    set_status(tx, actor, &head, to, now)?;
    if matches!(wanted, "submit" | "return") {
        diesel::update(articles::table.find(id)).set(articles::review_note.eq(said)).execute(tx)?;
    }
    note(tx, actor, wanted, id, json!({ "status": head.status }), json!({ "status": to, "note": said }))
}

/// Puts the head revision before the world, now; editors may say when it was published.
///
/// # Errors
/// 403, 404, 409, 412; 422 with every obstacle.
pub fn publish(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch, published_at: Option<Timestamp>) -> Result<Saved> {
    publishers_only(actor)?;
    if published_at.is_some() && !actor.is(Role::Editor) {
        return Err(forbidden("Only editors set the date of publication."));
    }
    let (mut head, now) = begin(tx, actor, id, seen, "publish")?;
    if published_at.is_some_and(|at| at > now) {
        return Err(Error::invalid_field("/published_at", "in_future", "The date of publication cannot lie ahead; schedule the article instead."));
    }
    if head.live_revision == Some(head.revision) && published_at.is_none_or(|at| head.published_at == Some(at)) {
        let content = content::load(tx, id, head.revision)?;
        return Ok(Saved { head, content });
    }
    if let Some(at) = published_at {
        head.published_at = Some(at);
        head.first_published_at = Some(head.first_published_at.map_or(at, |first| first.min(at)));
    }
    let content = go_live(tx, &head, now, Some(actor.user_id))?;
    note(tx, actor, "publish", id, json!({ "status": head.status, "live_revision": head.live_revision }), json!({ "status": Status::Published, "revision": head.revision }))?;
    Ok(Saved { head: Going { head: &head, content: &content, at: now, by: Some(actor.user_id) }.gone(), content })
}

/// The move itself, without asking who makes it. `now` is the moment that the story bears. Says what went live.
///
/// # Errors
/// 422 with every obstacle.
pub fn go_live(tx: &mut PgConnection, head: &Head, now: Timestamp, by: Option<Uuid>) -> Result<Content> {
    let content = content::load(tx, head.id, head.revision)?;
    let around = projection::gather(tx, &[Subject { id: head.id, group: head.translation_group, content: &content }])?;
    let obstacles = Known::among(tx, &around, std::slice::from_ref(&content))?.obstacles(&content, head.embargo_until, now);
    if !obstacles.is_empty() {
        return Err(obstacles::refusal(obstacles));
    }
    put_live(tx, &[Going { head, content: &content, at: now, by }], &around)?;
    Ok(content)
}

/// A head revision that nothing stops, and the moment that the story bears.
#[derive(Debug, Clone, Copy)]
pub struct Going<'a> {
    /// The article, held.
    pub head: &'a Head,
    /// What its head revision says.
    pub content: &'a Content,
    /// When.
    pub at: Timestamp,
    /// Who does it; the service itself leaves whoever wrote the article last.
    pub by: Option<Uuid>,
}

impl Going<'_> {
    fn times(&self) -> Times {
        let Going { head, at, .. } = *self;
        Times { first_published: head.first_published_at.unwrap_or(at), published: head.published_at.unwrap_or(at), updated: at }
    }

    /// The row as [`put_live`] leaves it.
    fn gone(&self) -> Head {
        let (head, times) = (self.head.clone(), self.times());
        Head {
            status: Status::Published,
            version: head.version + 1,
            live_revision: Some(head.revision),
            publish_at: None,
            schedule_failure: None,
            first_published_at: Some(times.first_published),
            published_at: Some(times.published),
            updated_by: self.by.or(head.updated_by),
            updated_at: times.updated,
            ..head
        }
    }
}

/// Puts head revisions before the world: as many statements for a hundred as for one.
///
/// # Errors
/// 409 for a taken slug; what the database says.
pub fn put_live(tx: &mut PgConnection, going: &[Going<'_>], around: &Surroundings) -> Result<()> {
    let times: Vec<Times> = going.iter().map(Going::times).collect();
    let mut sql = Statement::<BigInt>::new(
        "UPDATE articles a SET status = 'published', version = a.version + 1, live_revision = a.revision, publish_at = NULL, schedule_failure = NULL, \
         first_published_at = n.first_published, published_at = n.published, updated_at = n.updated, updated_by = coalesce(n.by, a.updated_by) FROM unnest(",
    );
    sql.bind(Bind::Ids(going.iter().map(|going| going.head.id).collect()));
    for time in [|t: &Times| t.first_published, |t: &Times| t.published, |t: &Times| t.updated] {
        sql.sql(", ").bind(Bind::Times(times.iter().map(time).collect()));
    }
    sql.sql(", ").bind(Bind::MaybeIds(going.iter().map(|going| going.by).collect()));
    sql.sql(") AS n (id, first_published, published, updated, by) WHERE a.id = n.id");
    sql.execute(tx)?;
    let stories: Vec<_> =
        going.iter().zip(times).map(|(Going { head, content, .. }, times)| Live { id: head.id, group: head.translation_group, revision: head.revision, content, times }).collect();
    projection::show(tx, &stories, around)
}

/// Everything that would stop a publish now; changes nothing.
///
/// # Errors
/// 403, 404, 409, 412.
pub fn rehearse(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch) -> Result<Vec<FieldError>> {
    publishers_only(actor)?;
    let (head, now) = begin(tx, actor, id, seen, "publish")?;
    let content = content::load(tx, id, head.revision)?;
    obstacles::find(tx, &content, head.embargo_until, now)
}

/// When an article goes live, and when it goes off.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plan {
    /// The head revision goes live: for a live story, in the place of what is live. Absent: stays as planned.
    pub publish_at: Option<Timestamp>,
    /// It goes off. Absent: stays as planned; `None`: never.
    pub unpublish_at: Option<Option<Timestamp>>,
}

/// Plans a publish, an update of a live story, or its end. What would stop it then is refused now.
///
/// # Errors
/// 403, 404, 409, 412; 422 for times that have passed, and with every obstacle.
pub fn schedule(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch, plan: Plan) -> Result<()> {
    publishers_only(actor)?;
    let (head, now) = begin(tx, actor, id, seen, "schedule")?;
    for (at, pointer) in [(plan.publish_at, "/publish_at"), (plan.unpublish_at.flatten(), "/unpublish_at")] {
        if at.is_some_and(|at| at <= now) {
            return Err(Error::invalid_field(pointer, "in_past", "This time has passed. Publish at once instead, or choose a later time."));
        }
    }
    let publish_at = plan.publish_at.or(head.publish_at);
    let unpublish_at = plan.unpublish_at.unwrap_or(head.unpublish_at);
    if publish_at.is_none() && head.live_revision.is_none() {
        return Err(Error::invalid_field("/publish_at", "required", "A time to go live is needed."));
    }
    if publish_at.zip(unpublish_at).is_some_and(|(on, off)| off <= on) {
        return Err(Error::invalid_field("/unpublish_at", "before_publish_at", "It cannot go off before it goes live."));
    }
    if let Some(at) = plan.publish_at {
        let content = content::load(tx, id, head.revision)?;
        let obstacles = obstacles::find(tx, &content, head.embargo_until, at)?;
        if !obstacles.is_empty() {
            return Err(obstacles::refusal(obstacles));
        }
    }
    let status = if head.live_revision.is_some() { Status::Published } else { Status::Scheduled };
    diesel::update(articles::table.find(id))
        .set((
            (articles::status.eq(status), articles::version.eq(head.version + 1), articles::updated_by.eq(actor.user_id), articles::updated_at.eq(now)),
            (articles::publish_at.eq(publish_at), articles::unpublish_at.eq(unpublish_at), articles::schedule_failure.eq(None::<Value>)),
        ))
        .execute(tx)?;
    let times = |on: Option<Timestamp>, off: Option<Timestamp>| json!({ "publish_at": on, "unpublish_at": off });
    note(tx, actor, "schedule", id, times(head.publish_at, head.unpublish_at), times(publish_at, unpublish_at))
}

/// Gives up what was planned.
///
/// # Errors
/// 403, 404, 409, 412.
pub fn unschedule(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch) -> Result<()> {
    publishers_only(actor)?;
    let (head, now) = begin(tx, actor, id, seen, "unschedule")?;
    let status = match (head.live_revision, head.first_published_at) {
        (Some(_), _) => Status::Published,
        (None, Some(_)) => Status::Unpublished,
        (None, None) => Status::Draft,
    };
    set_status(tx, actor, &head, status, now)?;
    diesel::update(articles::table.find(id)).set(articles::unpublish_at.eq(None::<Timestamp>)).execute(tx)?;
    note(tx, actor, "unschedule", id, json!({ "publish_at": head.publish_at, "unpublish_at": head.unpublish_at }), json!({ "status": status }))
}

/// Takes a story from the world.
///
/// # Errors
/// 403, 404, 409, 412.
pub fn unpublish(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch) -> Result<()> {
    publishers_only(actor)?;
    let (head, now) = begin(tx, actor, id, seen, "unpublish")?;
    go_off(tx, &head, now)?;
    diesel::update(articles::table.find(id)).set(articles::updated_by.eq(actor.user_id)).execute(tx)?;
    note(tx, actor, "unpublish", id, json!({ "status": head.status }), json!({ "status": Status::Unpublished }))
}

/// The move itself, without asking who makes it.
///
/// # Errors
/// What the database says.
pub fn go_off(tx: &mut PgConnection, head: &Head, now: Timestamp) -> Result<()> {
    projection::remove(tx, head.id, ChangeKind::Unpublished, now)?;
    diesel::update(articles::table.find(head.id))
        .set((
            articles::status.eq(Status::Unpublished),
            articles::live_revision.eq(None::<i32>),
            articles::publish_at.eq(None::<Timestamp>),
            articles::unpublish_at.eq(None::<Timestamp>),
            articles::version.eq(head.version + 1),
            articles::updated_at.eq(now),
        ))
        .execute(tx)?;
    Ok(())
}
