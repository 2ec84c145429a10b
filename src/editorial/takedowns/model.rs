//! The shapes of a takedown.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::page::Count;
use crate::editorial::articles::model::Status;
use crate::schema::takedowns;
use crate::text::{Line, Prose};
use crate::timestamp::Timestamp;

crate::words! {
    /// What is chosen to be taken down.
    TakedownKind {
        /// Every picture with a credit.
        Credit = "credit",
        /// A picture or file.
        Media = "media",
        /// Every story of an author.
        Author = "author",
        /// A story.
        Article = "article",
    }
}

/// What is taken down: exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Selector {
    /// Every picture with this credit. The stories stay, their pictures are withheld.
    #[serde(rename = "credit_id")]
    Credit(Uuid),
    /// This picture or file. The stories stay, the picture is withheld.
    #[serde(rename = "media_id")]
    Media(Uuid),
    /// Every story of this author that is live or planned.
    #[serde(rename = "author_id")]
    Author(Uuid),
    /// This story, wherever it stands.
    #[serde(rename = "article_id")]
    Article(Uuid),
}

impl Selector {
    /// Its kind and its id, as the database has them.
    #[must_use]
    pub const fn parts(self) -> (TakedownKind, Uuid) {
        match self {
            Self::Credit(id) => (TakedownKind::Credit, id),
            Self::Media(id) => (TakedownKind::Media, id),
            Self::Author(id) => (TakedownKind::Author, id),
            Self::Article(id) => (TakedownKind::Article, id),
        }
    }

    /// Puts it together again.
    #[must_use]
    pub const fn of(kind: TakedownKind, id: Uuid) -> Self {
        match kind {
            TakedownKind::Credit => Self::Credit(id),
            TakedownKind::Media => Self::Media(id),
            TakedownKind::Author => Self::Author(id),
            TakedownKind::Article => Self::Article(id),
        }
    }

    /// Where it stands in the request.
    #[must_use]
    pub const fn pointer(self) -> &'static str {
        match self {
            Self::Credit(_) => "/selector/credit_id",
            Self::Media(_) => "/selector/media_id",
            Self::Author(_) => "/selector/author_id",
            Self::Article(_) => "/selector/article_id",
        }
    }
}

/// A takedown to be made, or to be tried.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"selector": {"credit_id": "0198c5e2-5f0e-7cc1-b0a1-1d3a3e9c2b11"}, "reason": "The agency has withdrawn all its pictures.", "legal_reference": "Case 12/2026", "dry_run": true}))]
pub struct NewTakedown {
    /// What is taken down.
    pub selector: Selector,
    /// Why; for the desk alone.
    pub reason: Prose<2_000>,
    /// Where it is recorded elsewhere; for the desk alone.
    pub legal_reference: Option<Line<500>>,
    /// `true`: nothing is done, and everything that it would do is told.
    #[serde(default)]
    pub dry_run: bool,
    /// With `dry_run`: go on after this article, the `next` of the last answer.
    pub after: Option<Uuid>,
}

/// A takedown's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = takedowns)]
pub struct TakedownRow {
    pub(super) id: Uuid,
    pub(super) kind: TakedownKind,
    pub(super) target_id: Uuid,
    pub(super) subject: String,
    pub(super) reason: String,
    pub(super) legal_reference: Option<String>,
    pub(super) earlier_status: Option<String>,
    pub(super) articles: i32,
    pub(super) pictures: i32,
    pub(super) created_by: Option<Uuid>,
    pub(super) created_at: Timestamp,
    pub(super) reversed_by: Option<Uuid>,
    pub(super) reversed_at: Option<Timestamp>,
}

/// A takedown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Takedown {
    /// Its id.
    pub id: Uuid,
    /// What was taken down.
    pub selector: Selector,
    /// What that was called then.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// Where it is recorded elsewhere.
    #[schema(required = true)]
    pub legal_reference: Option<String>,
    /// Stories that it took down; for a credit or picture, live and planned stories that it took a picture from.
    pub articles: i32,
    /// Pictures and files that it withdrew.
    pub pictures: i32,
    /// Who made it.
    #[schema(required = true)]
    pub created_by: Option<Uuid>,
    /// When.
    pub created_at: Timestamp,
    /// Who reversed it.
    #[schema(required = true)]
    pub reversed_by: Option<Uuid>,
    /// When; null while it stands.
    #[schema(required = true)]
    pub reversed_at: Option<Timestamp>,
}

impl From<TakedownRow> for Takedown {
    fn from(row: TakedownRow) -> Self {
        let TakedownRow { id, kind, target_id, subject, reason, legal_reference, earlier_status: _, articles, pictures, created_by, created_at, reversed_by, reversed_at } = row;
        Self { id, selector: Selector::of(kind, target_id), subject, reason, legal_reference, articles, pictures, created_by, created_at, reversed_by, reversed_at }
    }
}

/// A story that a takedown, or the end of a right, reaches.
#[derive(Debug, Clone, Queryable, Serialize, ToSchema)]
pub struct ReachedArticle {
    /// Its id.
    pub id: Uuid,
    /// Its headline.
    pub headline: String,
    /// Its slug.
    pub slug: String,
    /// Where it stands now.
    pub status: Status,
    /// When it is to go live.
    #[schema(required = true)]
    pub publish_at: Option<Timestamp>,
}

/// A picture or file that a takedown reaches.
#[derive(Debug, Clone, Queryable, Serialize, ToSchema)]
pub struct ReachedPicture {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub filename: String,
}

/// What a takedown would do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TakedownRehearsal {
    /// What would be taken down.
    pub selector: Selector,
    /// What that is called.
    pub subject: String,
    /// Live stories that would go, or lose a picture.
    #[schema(minimum = 0)]
    pub live_articles: i64,
    /// Other stories that would go, or lose a picture: planned ones, and one that is named itself.
    #[schema(minimum = 0)]
    pub other_articles: i64,
    /// Pictures and files that would be withdrawn.
    #[schema(minimum = 0)]
    pub pictures: i64,
    /// Portraits of authors and logos of the site among the uses of those pictures.
    #[schema(minimum = 0)]
    pub portraits: i64,
    /// The stories, in the order of their ids, up to 1,000 of them.
    pub article_list: Vec<ReachedArticle>,
    /// The pictures and files, the newest first, up to 1,000 of them; `GET /v1/editorial/media?credit_id=` has them all.
    pub picture_list: Vec<ReachedPicture>,
    /// As `after`, leads to further stories; null at the end.
    #[schema(required = true)]
    pub next: Option<Uuid>,
}

/// Which takedowns.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TakedownQuery {
    /// What was chosen.
    #[param(inline)]
    pub kind: Option<TakedownKind>,
    /// The credit, picture, author or article that was chosen.
    pub target: Option<Uuid>,
    /// An article that was taken down, by whatever was chosen.
    pub article: Option<Uuid>,
    /// `true`: those that stand; `false`: those that were reversed.
    pub standing: Option<bool>,
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
    /// `exact` also counts them all.
    #[param(inline)]
    pub count: Option<Count>,
}

/// Which part of a list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReachQuery {
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
}
