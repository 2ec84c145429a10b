//! Puts the service together: the document, the order of the middleware, and the listener.

use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::{App as ActixApp, HttpServer, web};
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;

use crate::app::App;
use crate::db::listen::CHANNEL;
use crate::http::envelope::envelope;
use crate::http::fallback::{KnownPaths, fallback};
use crate::http::openapi::complete;
use crate::operations::Document;
use crate::routes;

#[derive(OpenApi)]
#[openapi(
    info(title = "Masthead", description = "A headless CMS for news. Delivery (`/v1/…`) is what the world reads; editorial (`/v1/editorial/…`) is what the newsroom works with.", contact(name = "The Masthead maintainers"), license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    servers((url = "/", description = "The service that this document comes from.")),
    tags(
        (name = "delivery", description = "What the world reads. Anonymous, cacheable, only what is live."),
        (name = "articles", description = "Articles on the desk."),
        (name = "authors", description = "Authors on the desk."),
        (name = "tags", description = "Tags on the desk."),
        (name = "takedowns", description = "Withdrawing everything at once, and taking that back."),
        (name = "collections", description = "Curated lists of stories on the desk."),
        (name = "media", description = "Pictures and files on the desk."),
        (name = "media credits", description = "Who must be named under a picture, and on what terms."),
        (name = "identity", description = "Signing in, sessions, accounts and keys."),
        (name = "site", description = "Settings of the site."),
        (name = "operations", description = "For operators and integrators.")
    )
)]
struct Base;

/// The OpenAPI 3.1 document of everything that is served.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, mut document) = ActixApp::new().into_utoipa_app().openapi(Base::openapi()).configure(|config| routes::configure(config, &[])).split_for_parts();
    complete(&mut document);
    document
}

/// The document as it is served and committed.
#[must_use]
pub fn document_json() -> String {
    let mut text = document().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// What every worker shares besides the app.
#[derive(Clone)]
struct Shared {
    app: web::Data<App>,
    known: web::Data<KnownPaths>,
    document: web::Data<Document>,
}

/// Makes the server on a listener that is bound; it runs when awaited. Signals are the caller's to handle.
///
/// # Errors
/// When the listener cannot be used.
pub fn listen(app: web::Data<App>, listener: std::net::TcpListener) -> std::io::Result<actix_web::dev::Server> {
    // Who keeps answers, or has them from a standby, must know how old they may be.
    if app.config.cache_bytes > 0 || app.config.database_read_url.is_some() {
        app.db.follow_changes(CHANNEL, Arc::clone(&app.ended))?;
    }
    let shared = Shared { known: web::Data::new(KnownPaths::of(&document())), document: web::Data::new(Document(document_json().into())), app };
    let (config, workers) = (shared.app.config.clone(), shared.app.config.workers.map_or_else(|| std::thread::available_parallelism().map_or(2, usize::from), usize::from));
    let server = HttpServer::new(move || {
        let shared = shared.clone();
        let origins = shared.app.config.cors_origins.clone();
        let (service, _) = ActixApp::new().into_utoipa_app().configure(|config| routes::configure(config, &origins)).split_for_parts();
        service.app_data(shared.app).app_data(shared.known).app_data(shared.document).default_service(web::to(fallback)).wrap(from_fn(envelope))
    })
    .workers(workers)
    .worker_max_blocking_threads(usize::try_from(config.pool_size + config.desk_pool_size).unwrap_or(8) + 8)
    .client_request_timeout(std::time::Duration::from_secs(config.head_timeout))
    .shutdown_timeout(config.shutdown_grace)
    .tcp_nodelay(true)
    .disable_signals()
    .listen(listener)?;
    Ok(server.run())
}
