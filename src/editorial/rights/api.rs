//! HTTP of the report of rights that end.

use actix_web::get;

use super::model::{ExpiringRights, RightsQuery};
use super::store;
use crate::app::State;
use crate::db::page::{Page, PageRequest, question};
use crate::error::Result;
use crate::http::query::Query;
use crate::http::reply::{PageUrl, Reply};
use crate::identity::principal::Author;

/// A page of rights that end.
pub type ExpiringRightsPage = Page<ExpiringRights>;

/// List rights that end soon.
///
/// Pictures and credits whose rights end within a time, the soonest first, with the live and planned stories that they are used in. A story
/// cannot be published or planned past such an end: `publish?dry_run=true` names it.
#[utoipa::path(tag = "media credits", params(RightsQuery), responses((status = 200, description = "A page of rights that end.", body = ExpiringRightsPage)), security(("bearer" = [])))]
#[get("/rights/expiring")]
pub async fn list_expiring_rights(_author: Author, app: State, query: Query<RightsQuery>, url: PageUrl) -> Result<Reply> {
    let span = query.span()?;
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), question("rights", &span.to_string()), &app.cursors)?;
    let cursors = app.cursors.clone();
    let page = app
        .db
        .snapshot(move |conn| {
            let now = crate::db::now(conn)?;
            store::expiring(conn, now, now.plus(span), &page, &cursors)
        })
        .await?;
    Reply::page(&url, &page)
}
