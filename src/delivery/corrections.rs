//! Corrections of live stories, the newest first.

use actix_web::get;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::State;
use crate::db::page::{Page, PageRequest, Signer};
use crate::error::{Error, Result};
use crate::http::deliver::Answer;
use crate::http::query::Query;
use crate::http::reply::PageUrl;
use crate::schema::{live_articles, live_corrections as corrections};
use crate::timestamp::Timestamp;
use crate::vocabulary::CorrectionKind;

/// The story that was corrected.
#[derive(Debug, Serialize, ToSchema)]
pub struct CorrectedArticle {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    pub slug: String,
    /// Its headline.
    pub headline: String,
}

/// A correction with its story.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedCorrection {
    /// Its id.
    pub id: Uuid,
    /// What sort.
    pub kind: CorrectionKind,
    /// What was wrong and what is right.
    pub text: String,
    /// When it was made.
    pub at: Timestamp,
    /// The story.
    pub article: CorrectedArticle,
}

/// Which part of the list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CorrectionsQuery {
    /// Only of this sort.
    pub kind: Option<CorrectionKind>,
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
}

type Key = (Timestamp, Uuid);

fn list(conn: &mut PgConnection, kind: Option<CorrectionKind>, page: &PageRequest<Key>, signer: &Signer) -> Result<Page<PublishedCorrection>> {
    let mut rows = corrections::table.inner_join(live_articles::table).into_boxed();
    if let Some(kind) = kind {
        rows = rows.filter(corrections::kind.eq(kind));
    }
    if let Some((at, id)) = page.key().copied() {
        rows = if page.backwards() {
            rows.filter(corrections::at.ge(at).and(corrections::at.gt(at).or(corrections::id.gt(id))))
        } else {
            rows.filter(corrections::at.le(at).and(corrections::at.lt(at).or(corrections::id.lt(id))))
        };
    }
    rows = if page.backwards() { rows.order((corrections::at.asc(), corrections::id.asc())) } else { rows.order((corrections::at.desc(), corrections::id.desc())) };
    type Found = (Uuid, CorrectionKind, String, Timestamp, Uuid, String, String);
    let rows: Vec<Found> = rows
        .limit(page.take())
        .select((corrections::id, corrections::kind, corrections::text, corrections::at, live_articles::id, live_articles::slug, live_articles::card))
        .load(conn)?;
    let (rows, info) = page.finish(rows, signer, |row| (row.3, row.0))?;
    let data = rows.into_iter().map(|(id, kind, text, at, article, slug, card)| PublishedCorrection {
        id,
        kind,
        text,
        at,
        article: CorrectedArticle { id: article, slug, headline: super::splice::headline_of(&card).unwrap_or_default() },
    });
    Ok(Page { data: data.collect(), page: info })
}

/// A page of corrections.
pub type CorrectionPage = Page<PublishedCorrection>;

/// List corrections of live articles.
#[utoipa::path(tag = "delivery", params(CorrectionsQuery), responses((status = 200, description = "A page of corrections, the newest first.", body = CorrectionPage)), security(()))]
#[get("/corrections")]
pub async fn list_corrections(app: State, query: Query<CorrectionsQuery>, url: PageUrl) -> Result<Answer> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), format!("corrections {:?}", query.kind), &app.cursors)?;
    let cursors = app.cursors.clone();
    let page = app.db.read(move |conn| list(conn, query.kind, &page, &cursors)).await?;
    let mut answer = Answer::json(serde_json::to_vec(&page).map_err(Error::internal)?);
    answer.keys = page.data.iter().map(|c| format!("article-{}", c.article.id)).chain(["corrections".to_owned()]).collect();
    Ok(match url.links(&page.page) {
        Some(links) => answer.header("link", links),
        None => answer,
    })
}
