//! Feeds: which stories are in one, and its addresses. How it is written is `rss`, `atom` and `json_feed`.
//!
//! No feed has a `Last-Modified`: it could not move back when a story is taken away, nor forward when a credit is withdrawn,
//! and a cache that compares times would go on serving what is gone. The ETag is of every byte.

use actix_web::get;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::json_feed::JsonFeed;
use super::publication::Publication;
use super::story::{self, Story};
use super::{atom, json_feed, rss};
use crate::app::{App, State};
use crate::db::page::PageRequest;
use crate::db::statement::{Bind, Statement};
use crate::delivery::feed::{self, AnyOf, FeedSort, Filter, With};
use crate::delivery::{authors, tags};
use crate::error::{Error, Result};
use crate::http::deliver::{Answer, Delivered};
use crate::http::extract::Target;
use crate::http::query::{NoParameters, Query};
use crate::timestamp::Timestamp;

/// Stories that a feed has at the most.
const LENGTH: u8 = 50;

/// How a feed is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Rss,
    Atom,
    Json,
}

impl Format {
    const fn file(self) -> &'static str {
        match self {
            Self::Rss => "rss.xml",
            Self::Atom => "atom.xml",
            Self::Json => "feed.json",
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
        }
    }
}

/// What a feed is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tag,
    Author,
}

/// The tag or the author that a feed is about.
#[derive(Debug, Queryable)]
struct Subject {
    id: Uuid,
    slug: String,
    name: String,
    description: Option<String>,
}

/// Everything that a feed is written from.
#[derive(Debug)]
pub struct Feed {
    /// The site.
    pub publication: Publication,
    /// Its name.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Its own address.
    pub url: String,
    /// Its name wherever it is.
    pub id: String,
    /// The service's address.
    pub base: String,
    /// The newest stories first.
    pub stories: Vec<Story>,
}

impl Feed {
    /// When anything in it last changed.
    #[must_use]
    pub fn updated(&self) -> Timestamp {
        self.stories.iter().map(|story| story.card.updated_at).max().unwrap_or(self.publication.updated_at)
    }
}

impl Kind {
    const fn folder(self) -> &'static str {
        match self {
            Self::Tag => "tags",
            Self::Author => "authors",
        }
    }

    fn find(self, conn: &mut PgConnection, target: &Target) -> Result<Option<Subject>> {
        let mut sql = Statement::<(SqlUuid, Text, Text, Nullable<Text>)>::new(match self {
            Self::Tag => "SELECT t.id, t.slug, t.name, t.description FROM live_tags v JOIN tags t ON t.id = v.tag_id WHERE t.kind <> 'internal' AND ",
            Self::Author => "SELECT t.id, t.slug, t.name, t.bio FROM live_authors v JOIN authors t ON t.id = v.author_id WHERE ",
        });
        match target {
            Target::Id(id) => sql.sql("t.id = ").bind(Bind::Id(*id)),
            Target::Slug(slug) => sql.sql("t.slug = ").bind(Bind::Text(slug.clone())),
        };
        Ok(sql.get_result(conn).optional()?)
    }

    /// The slug that it has now, where it has another.
    fn moved(self, conn: &mut PgConnection, target: &Target) -> Result<String> {
        match self {
            Self::Tag => tags::slug_now(conn, target),
            Self::Author => authors::slug_now(conn, target),
        }
    }

    fn filter(self, subject: &Subject) -> Filter {
        let slug = AnyOf { any: vec![subject.slug.clone()], none: Vec::new() };
        match self {
            Self::Tag => Filter { tag: slug, ..Filter::default() },
            Self::Author => Filter { author: slug, ..Filter::default() },
        }
    }
}

fn write(conn: &mut PgConnection, app: &App, about: Option<(Kind, Subject)>, format: Format) -> Result<Answer> {
    let publication = Publication::load(conn)?;
    let filter = about.as_ref().map_or_else(Filter::default, |(kind, subject)| kind.filter(subject));
    let page = PageRequest::new(Some(LENGTH), None, "feed".to_owned(), &app.cursors)?;
    let mut rows = feed::page(conn, &filter, FeedSort::Newest, &page, With::Html)?;
    rows.truncate(usize::from(LENGTH));
    let (stories, mut splicer) = story::load(conn, app, &publication, &rows)?;
    splicer.key("feed".to_owned());
    let folder = about.as_ref().map(|(kind, subject)| format!("{}/{}/", kind.folder(), subject.slug)).unwrap_or_default();
    let url = format!("{}/feeds/{folder}{}", app.base, format.file());
    let feed = match about {
        None => {
            let description = publication.description.clone().unwrap_or_else(|| publication.name.clone());
            Feed { title: publication.name.clone(), description, id: url.clone(), url, base: app.base.clone(), stories, publication }
        }
        Some((kind, subject)) => {
            splicer.key(format!("{}-{}", if kind == Kind::Tag { "tag" } else { "author" }, subject.id));
            let description = subject.description.unwrap_or_else(|| subject.name.clone());
            let title = format!("{} – {}", subject.name, publication.name);
            Feed { title, description, id: subject.id.urn().to_string(), url, base: app.base.clone(), stories, publication }
        }
    };
    let body = match format {
        Format::Rss => rss::write(&feed),
        Format::Atom => atom::write(&feed),
        Format::Json => serde_json::to_vec(&json_feed::write(&feed)).map_err(Error::internal)?,
    };
    Ok(Answer { content_type: format.content_type(), ..splicer.answer(body) })
}

async fn of_all(app: State, format: Format) -> Result<Delivered> {
    let reader = app.clone();
    app.db.read(move |conn| Ok(Delivered::Answer(write(conn, &reader, None, format)?))).await
}

async fn about(app: State, kind: Kind, target: Target, format: Format) -> Result<Delivered> {
    let reader = app.clone();
    app.db
        .read(move |conn| {
            let Some(subject) = kind.find(conn, &target)? else {
                return Ok(Delivered::Moved(format!("/feeds/{}/{}/{}", kind.folder(), kind.moved(conn, &target)?, format.file())));
            };
            Ok(Delivered::Answer(write(conn, &reader, Some((kind, subject)), format)?))
        })
        .await
}

/// Follow all stories as RSS 2.0.
///
/// The newest 50 with their full text, pictures with their credits (Media RSS), and corrections.
#[utoipa::path(tag = "delivery", responses((status = 200, description = "The feed.", body = String, content_type = "application/rss+xml")), security(()))]
#[get("/rss.xml")]
pub async fn get_rss_feed(app: State, _none: Query<NoParameters>) -> Result<Delivered> {
    of_all(app, Format::Rss).await
}

/// Follow all stories as Atom (RFC 4287).
#[utoipa::path(tag = "delivery", responses((status = 200, description = "The feed.", body = String, content_type = "application/atom+xml")), security(()))]
#[get("/atom.xml")]
pub async fn get_atom_feed(app: State, _none: Query<NoParameters>) -> Result<Delivered> {
    of_all(app, Format::Atom).await
}

/// Follow all stories as JSON Feed 1.1.
#[utoipa::path(tag = "delivery", responses((status = 200, description = "The feed.", body = JsonFeed, content_type = "application/feed+json")), security(()))]
#[get("/feed.json")]
pub async fn get_json_feed(app: State, _none: Query<NoParameters>) -> Result<Delivered> {
    of_all(app, Format::Json).await
}

/// Follow a tag as RSS 2.0.
#[utoipa::path(tag = "delivery", params(("id" = String, Path, description = "Id or slug of the tag. A slug that it bore earlier answers 308.", example = "ukraine")),
    responses((status = 200, description = "The feed.", body = String, content_type = "application/rss+xml")), security(()))]
#[get("/tags/{id}/rss.xml")]
pub async fn get_tag_rss_feed(app: State, target: Target, _none: Query<NoParameters>) -> Result<Delivered> {
    about(app, Kind::Tag, target, Format::Rss).await
}

/// Follow a tag as Atom (RFC 4287).
#[utoipa::path(tag = "delivery", params(("id" = String, Path, description = "Id or slug of the tag. A slug that it bore earlier answers 308.", example = "ukraine")),
    responses((status = 200, description = "The feed.", body = String, content_type = "application/atom+xml")), security(()))]
#[get("/tags/{id}/atom.xml")]
pub async fn get_tag_atom_feed(app: State, target: Target, _none: Query<NoParameters>) -> Result<Delivered> {
    about(app, Kind::Tag, target, Format::Atom).await
}

/// Follow a tag as JSON Feed 1.1.
#[utoipa::path(tag = "delivery", params(("id" = String, Path, description = "Id or slug of the tag. A slug that it bore earlier answers 308.", example = "ukraine")),
    responses((status = 200, description = "The feed.", body = JsonFeed, content_type = "application/feed+json")), security(()))]
#[get("/tags/{id}/feed.json")]
pub async fn get_tag_json_feed(app: State, target: Target, _none: Query<NoParameters>) -> Result<Delivered> {
    about(app, Kind::Tag, target, Format::Json).await
}

/// Follow an author as RSS 2.0.
#[utoipa::path(tag = "delivery", params(("id" = String, Path, description = "Id or slug of the author. A slug that they bore earlier answers 308.", example = "olena-marchenko")),
    responses((status = 200, description = "The feed.", body = String, content_type = "application/rss+xml")), security(()))]
#[get("/authors/{id}/rss.xml")]
pub async fn get_author_rss_feed(app: State, target: Target, _none: Query<NoParameters>) -> Result<Delivered> {
    about(app, Kind::Author, target, Format::Rss).await
}

/// Follow an author as Atom (RFC 4287).
#[utoipa::path(tag = "delivery", params(("id" = String, Path, description = "Id or slug of the author. A slug that they bore earlier answers 308.", example = "olena-marchenko")),
    responses((status = 200, description = "The feed.", body = String, content_type = "application/atom+xml")), security(()))]
#[get("/authors/{id}/atom.xml")]
pub async fn get_author_atom_feed(app: State, target: Target, _none: Query<NoParameters>) -> Result<Delivered> {
    about(app, Kind::Author, target, Format::Atom).await
}

/// Follow an author as JSON Feed 1.1.
#[utoipa::path(tag = "delivery", params(("id" = String, Path, description = "Id or slug of the author. A slug that they bore earlier answers 308.", example = "olena-marchenko")),
    responses((status = 200, description = "The feed.", body = JsonFeed, content_type = "application/feed+json")), security(()))]
#[get("/authors/{id}/feed.json")]
pub async fn get_author_json_feed(app: State, target: Target, _none: Query<NoParameters>) -> Result<Delivered> {
    about(app, Kind::Author, target, Format::Json).await
}
