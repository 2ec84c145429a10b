//! Whole answers, kept ready: by path, canonical query and the number of the world's last change. One computation a key at
//! a time, bounded by bytes. While nobody can say which change was the last, nothing is taken from here.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};
use moka::future::Cache;

use crate::app::App;
use crate::http::deliver::{Answer, Ready, Wanted};

/// The longest that anything is kept: the last guard.
const LONGEST: Duration = Duration::from_secs(60);

type Key = (i64, Box<str>);

/// The answers.
pub struct ResponseCache {
    answers: Option<Cache<Key, Arc<Ready>>>,
    /// Requests answered from memory.
    pub hits: AtomicU64,
    /// Requests that were computed.
    pub misses: AtomicU64,
}

impl ResponseCache {
    /// A cache of so many bytes; of none, it keeps nothing.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        let weigh = |key: &Key, ready: &Arc<Ready>| u32::try_from(ready.weight() + key.1.len()).unwrap_or(u32::MAX);
        let answers = (bytes > 0).then(|| Cache::builder().max_capacity(bytes).weigher(weigh).time_to_live(LONGEST).build());
        Self { answers, hits: AtomicU64::new(0), misses: AtomicU64::new(0) }
    }

    /// How many answers it keeps, and of how many bytes; a little behind.
    #[must_use]
    pub fn size(&self) -> (i64, i64) {
        let number = |of: fn(&Cache<Key, Arc<Ready>>) -> u64| self.answers.as_ref().map_or(0, |answers| i64::try_from(of(answers)).unwrap_or(i64::MAX));
        (number(Cache::entry_count), number(Cache::weighted_size))
    }
}

/// Path and query with the parameters in one order, so that their order makes no difference.
fn canonical(request: &ServiceRequest) -> Box<str> {
    let query = request.query_string();
    if !query.contains('&') {
        return format!("{}?{query}", request.path()).into();
    }
    let mut parameters: Vec<_> = query.split('&').collect();
    parameters.sort_unstable();
    format!("{}?{}", request.path(), parameters.join("&")).into()
}

/// The middleware around what the world reads. Only anonymous GETs are answered from here.
///
/// # Errors
/// What the handler gives.
pub async fn remember(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let app = request.app_data::<web::Data<App>>().cloned();
    let usable = request.method() == Method::GET && !request.headers().contains_key(header::AUTHORIZATION);
    let found = app.as_ref().filter(|_| usable).and_then(|app| Some((app, app.responses.answers.as_ref()?, app.generation.current()?)));
    let Some((app, answers, generation)) = found else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    let key = (generation, canonical(&request));
    if let Some(ready) = answers.get(&key).await {
        if ready.holds(crate::app::now()) {
            app.responses.hits.fetch_add(1, Ordering::Relaxed);
            let response = ready.respond(request.request());
            return Ok(request.into_response(response));
        }
        answers.invalidate(&key).await;
    }
    app.responses.misses.fetch_add(1, Ordering::Relaxed);
    compute(answers, key, request, next).await
}

/// One of those who ask for the same computes it; the others wait for that.
async fn compute(
    answers: &Cache<Key, Arc<Ready>>,
    key: Key,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    // Whoever computes takes it out; whoever waited in vain still has it.
    let mine = RefCell::new(Some((request, next)));
    let other = RefCell::new(None);
    let carrier = RefCell::new(None);
    let work = async {
        let taken = mine.borrow_mut().take();
        let Some((request, next)) = taken else { return Err(()) };
        request.extensions_mut().insert(Wanted);
        let outcome = next.call(request).await.map(ServiceResponse::map_into_boxed_body);
        let mut response = match outcome {
            Ok(response) => response,
            Err(error) => {
                *other.borrow_mut() = Some(Err(error));
                return Err(());
            }
        };
        let answer = response.response_mut().extensions_mut().remove::<Answer>();
        match answer {
            Some(answer) => {
                *carrier.borrow_mut() = Some(response);
                Ok(Arc::new(Ready::from(answer)))
            }
            None => {
                *other.borrow_mut() = Some(Ok(response));
                Err(())
            }
        }
    };
    let outcome = answers.try_get_with(key, work).await;
    if let Some(response) = other.into_inner() {
        return response;
    }
    match (outcome, carrier.into_inner(), mine.into_inner()) {
        (Ok(ready), Some(carrier), _) => {
            let response = ready.respond(carrier.request());
            Ok(carrier.into_response(response))
        }
        (Ok(ready), None, Some((request, _))) => {
            let response = ready.respond(request.request());
            Ok(request.into_response(response))
        }
        (Err(_), _, Some((request, next))) => next.call(request).await.map(ServiceResponse::map_into_boxed_body),
        _ => Err(crate::error::Error::internal("a response was lost on its way to the cache").into()),
    }
}
