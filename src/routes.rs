//! The table of contents: every handler by name, nothing else.

use actix_web::middleware::from_fn;
use actix_web::web;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::delivery;
use crate::delivery::articles as delivered_articles;
use crate::delivery::cache::remember;
use crate::delivery::machines::{feeds, json_ld, ninjs, robots, sitemaps};
use crate::delivery::{changes, collections as delivered_collections, corrections, media as delivered_media};
use crate::editorial::{articles, authors, collections, credits, media, rights, site, tags, takedowns};
use crate::http::accept::negotiate;
use crate::http::fallback::fallback;
use crate::http::{cors, docs, problems};
use crate::identity::middleware::identify;
use crate::identity::{api_keys, audit_events, auth, users};
use crate::operations;
use crate::preview;

/// Everything that is served. Pages of `origins` may call the desk from a browser.
#[expect(clippy::too_many_lines, reason = "a table of contents is as long as what it lists")]
pub fn configure(config: &mut ServiceConfig, origins: &[String]) {
    config
        .service(
            scope::scope("/v1/editorial")
                .service(articles::bulk::change_articles)
                // Before what takes an id: its other methods would take it for one.
                .route("/articles/bulk", web::route().to(fallback))
                .service(articles::api::list_editorial_articles)
                .service(articles::api::create_article)
                .service(articles::api::get_editorial_article)
                .service(articles::api::update_article)
                .service(articles::api::delete_article)
                .service(articles::moves::submit_article)
                .service(articles::moves::return_article)
                .service(articles::moves::publish_article)
                .service(articles::moves::schedule_article)
                .service(articles::moves::unschedule_article)
                .service(articles::moves::unpublish_article)
                .service(articles::moves::archive_article)
                .service(articles::moves::restore_article)
                .service(articles::corrections::create_correction)
                .service(articles::corrections::list_article_corrections)
                .service(articles::locks::lock_article)
                .service(articles::locks::unlock_article)
                .service(articles::previews::create_preview)
                .service(articles::previews::revoke_preview)
                .service(articles::revisions::list_revisions)
                .service(articles::revisions::get_revision)
                .service(articles::revisions::diff_revisions)
                .service(articles::revisions::restore_revision)
                .service(media::api::list_editorial_media)
                .service(media::api::create_media)
                .service(media::api::get_editorial_media)
                .service(media::api::get_editorial_media_file)
                .service(media::api::update_media)
                .service(media::api::delete_media)
                .service(authors::api::list_editorial_authors)
                .service(authors::api::create_author)
                .service(authors::api::get_editorial_author)
                .service(authors::api::update_author)
                .service(authors::api::delete_author)
                .service(collections::api::list_editorial_collections)
                .service(collections::api::create_collection)
                .service(collections::api::get_editorial_collection)
                .service(collections::api::update_collection)
                .service(collections::api::delete_collection)
                .service(collections::api::publish_collection)
                .service(collections::api::unpublish_collection)
                .service(collections::revisions::list_collection_revisions)
                .service(collections::revisions::get_collection_revision)
                .service(collections::revisions::restore_collection_revision)
                .service(credits::api::list_editorial_media_credits)
                .service(credits::api::create_media_credit)
                .service(credits::api::get_editorial_media_credit)
                .service(credits::api::update_media_credit)
                .service(credits::api::delete_media_credit)
                .service(rights::api::list_expiring_rights)
                .service(site::api::get_editorial_site)
                .service(site::api::update_site)
                .service(takedowns::api::list_takedowns)
                .service(takedowns::api::create_takedown)
                .service(takedowns::api::get_takedown)
                .service(takedowns::api::list_takedown_articles)
                .service(takedowns::api::reverse_takedown)
                .service(tags::api::list_editorial_tags)
                .service(tags::api::create_tag)
                .service(tags::api::get_editorial_tag)
                .service(tags::api::update_tag)
                .service(tags::api::delete_tag)
                .service(tags::api::merge_tag)
                .service(users::api::list_users)
                .service(users::api::create_user)
                .service(users::api::get_user)
                .service(users::api::update_user)
                .service(users::api::delete_user)
                .service(users::api::create_password_reset)
                .service(api_keys::api::list_api_keys)
                .service(api_keys::api::create_api_key)
                .service(api_keys::api::get_api_key)
                .service(api_keys::api::revoke_api_key)
                .service(audit_events::api::list_audit_events)
                .map(|scope| scope.wrap(from_fn(negotiate)).wrap(from_fn(identify)).wrap(cors::closed(origins))),
        )
        .service(
            scope::scope("/v1/auth")
                .service(auth::api::login)
                .service(auth::api::refresh)
                .service(auth::api::logout)
                .service(auth::api::change_password)
                .service(auth::api::reset_password)
                .service(auth::api::get_me)
                .service(auth::api::update_me)
                .service(auth::api::list_sessions)
                .service(auth::api::delete_sessions)
                .service(auth::api::delete_session)
                .map(|scope| scope.wrap(from_fn(negotiate)).wrap(from_fn(identify)).wrap(cors::closed(origins))),
        )
        .service(
            scope::scope("/v1")
                .service(delivered_articles::list_articles)
                .service(delivered_articles::get_article)
                .service(json_ld::get_article_jsonld)
                .service(ninjs::get_article_ninjs)
                .service(delivery::related::list_related_articles)
                .service(delivery::search::api::search_articles)
                .service(delivery::suggest::get_suggestions)
                .service(delivered_media::get_media)
                .service(delivered_media::get_media_file)
                .service(delivered_collections::get_collection)
                .service(corrections::list_corrections)
                .service(changes::list_changes)
                .service(preview::get_preview)
                .service(preview::get_preview_media_file)
                .service(delivery::authors::list_authors)
                .service(delivery::authors::get_author)
                .service(delivery::tags::list_tags)
                .service(delivery::tags::get_tag)
                .service(delivery::credits::list_media_credits)
                .service(delivery::credits::get_media_credit)
                .service(delivery::credits::list_media_of_credit)
                .service(delivery::site::get_site)
                .map(|scope| scope.wrap(from_fn(remember)).wrap(from_fn(negotiate)).wrap(from_fn(identify)).wrap(cors::open())),
        )
        .service(
            scope::scope("/feeds")
                .service(feeds::get_rss_feed)
                .service(feeds::get_atom_feed)
                .service(feeds::get_json_feed)
                .service(feeds::get_tag_rss_feed)
                .service(feeds::get_tag_atom_feed)
                .service(feeds::get_tag_json_feed)
                .service(feeds::get_author_rss_feed)
                .service(feeds::get_author_atom_feed)
                .service(feeds::get_author_json_feed)
                .map(|scope| scope.wrap(from_fn(remember)).wrap(from_fn(negotiate)).wrap(from_fn(identify)).wrap(cors::open())),
        )
        .service(
            scope::scope("/sitemaps")
                .service(sitemaps::get_sitemap_index)
                .service(sitemaps::get_news_sitemap)
                .service(sitemaps::get_sitemap_page)
                .map(|scope| scope.wrap(from_fn(remember)).wrap(from_fn(negotiate)).wrap(from_fn(identify)).wrap(cors::open())),
        )
        // Takes every other path: it has to be the last.
        .service(
            scope::scope("")
                .service(operations::get_index)
                .service(operations::get_liveness)
                .service(operations::get_readiness)
                .service(operations::get_openapi)
                .service(operations::get_metrics)
                .service(robots::get_robots)
                .service(problems::get_problem_kind)
                .service(docs::find_docs)
                .service(docs::get_docs)
                .service(docs::get_docs_file)
                .map(|scope| scope.wrap(from_fn(negotiate)).wrap(cors::open())),
        );
}
