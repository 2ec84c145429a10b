//! Answers of delivery: whole bodies with a strong ETag, honest lifetimes, surrogate keys, compressed as the client likes.

use std::io::Write;
use std::sync::{LazyLock, OnceLock};

use actix_web::body::BoxBody;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, Responder};
use bytes::Bytes;
use twox_hash::XxHash3_128;

use crate::error::Result;
use crate::timestamp::Timestamp;

/// Seconds a shared cache may keep an answer without asking again.
const SHARED_LIFETIME: i64 = 30;
/// Seconds it may go on serving it while it asks, and while we do not answer.
const STALE_WHILE_REVALIDATE: i64 = 60;
const STALE_IF_ERROR: i64 = 86_400;
/// Bodies smaller than this are not worth compressing.
const WORTH_COMPRESSING: usize = 1_024;

/// A finished answer for the world.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The body, uncompressed.
    pub body: Vec<u8>,
    /// Its media type.
    pub content_type: &'static str,
    /// What it is made of: `article-<id>`, `tag-<id>`, `feed` and so on, for purging.
    pub keys: Vec<String>,
    /// When something in it will change by itself: rights that run out or begin.
    pub changes_at: Option<Timestamp>,
    /// More headers.
    pub headers: Vec<(&'static str, String)>,
    /// No cache may keep it.
    pub private: bool,
}

impl Answer {
    /// A JSON answer.
    #[must_use]
    pub fn json(body: Vec<u8>) -> Self {
        Self { body, content_type: "application/json; charset=utf-8", keys: Vec::new(), changes_at: None, headers: Vec::new(), private: false }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same, for whoever asked alone: no cache keeps it, and it names nothing to purge.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = true;
        self.keys.clear();
        self
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Identity,
    Brotli,
    Zstd,
    Gzip,
}

impl Coding {
    const fn token(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// The best coding that `Accept-Encoding` allows (RFC 9110 section 12.5.3), ties in our order.
    fn choose(accepted: &str) -> Self {
        let mut best = (0, Self::Identity);
        for item in accepted.split(',') {
            let mut parts = item.split(';').map(str::trim);
            let token = parts.next().unwrap_or_default();
            let quality = parts.find_map(|p| p.strip_prefix("q=")).map_or(1.0, |q| q.parse::<f32>().unwrap_or(0.0));
            let coding = match token.to_ascii_lowercase().as_str() {
                "br" => Self::Brotli,
                "zstd" => Self::Zstd,
                "gzip" | "x-gzip" | "*" => Self::Gzip,
                _ => continue,
            };
            #[expect(clippy::cast_possible_truncation, reason = "quality is between 0 and 1")]
            let rank = (quality.clamp(0.0, 1.0) * 1_000.0) as i32 * 10 + if coding == Self::Brotli { 3 } else { i32::from(coding == Self::Zstd) + 1 };
            if quality > 0.0 && rank > best.0 {
                best = (rank, coding);
            }
        }
        best.1
    }

    fn encode(self, body: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Identity => None,
            Self::Brotli => {
                let mut out = Vec::with_capacity(body.len() / 3);
                let params = brotli::enc::BrotliEncoderParams { quality: 5, ..Default::default() };
                brotli::BrotliCompress(&mut &*body, &mut out, &params).ok().map(|_| out)
            }
            Self::Zstd => zstd::bulk::compress(body, 3).ok(),
            Self::Gzip => {
                let mut out = flate2::write::GzEncoder::new(Vec::with_capacity(body.len() / 3), flate2::Compression::new(6));
                out.write_all(body).ok()?;
                out.finish().ok()
            }
        }
    }
}

/// An answer ready to be sent many times: its validator and headers made, its compressed forms made when first asked for.
#[derive(Debug)]
pub struct Ready {
    body: Bytes,
    tag: String,
    /// Headers of the whole answer, checked once.
    headers: Vec<(HeaderName, HeaderValue)>,
    private: bool,
    answer: Lifetimes,
    brotli: OnceLock<Bytes>,
    zstd: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
}

/// How long an answer holds.
#[derive(Debug, Clone, Copy)]
struct Lifetimes {
    changes_at: Option<Timestamp>,
}

impl Lifetimes {
    /// `Cache-Control` and `CDN-Cache-Control`.
    fn headers(self, now: Timestamp) -> [HeaderValue; 2] {
        static USUAL: LazyLock<[HeaderValue; 2]> = LazyLock::new(|| Lifetimes::within(i64::MAX));
        match self.changes_at {
            None => USUAL.clone(),
            Some(at) => Self::within(((at.millis() - now.millis()) / 1_000).max(0)),
        }
    }

    /// So many seconds are left. Only caches in front of us may serve what is stale while they ask (RFC 9213): nobody can tell a browser
    /// to forget, and it would show a picture that was withdrawn once more.
    fn within(left: i64) -> [HeaderValue; 2] {
        let shared = SHARED_LIFETIME.min(left);
        let while_revalidating = STALE_WHILE_REVALIDATE.min(left - shared);
        let if_error = STALE_IF_ERROR.min(left - shared);
        let value = |text: String| HeaderValue::from_maybe_shared(Bytes::from(text)).unwrap_or(HeaderValue::from_static("no-store"));
        [
            value(format!("public, max-age=0, s-maxage={shared}, stale-if-error={if_error}")),
            value(format!("public, max-age={shared}, stale-while-revalidate={while_revalidating}, stale-if-error={if_error}")),
        ]
    }
}

/// A header as it is sent, without being copied again; `None` for what no header may hold.
fn ready_header(name: &'static str, value: String) -> Option<(HeaderName, HeaderValue)> {
    Some((HeaderName::from_static(name), HeaderValue::from_maybe_shared(Bytes::from(value)).ok()?))
}

impl From<Answer> for Ready {
    fn from(answer: Answer) -> Self {
        let tag = format!("{:032x}", XxHash3_128::oneshot(&answer.body));
        let keys = super::surrogates::fitting(&answer.keys);
        let mut headers = vec![(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type))];
        if !keys.is_empty() {
            let groups = ["\"", &keys.join("\", \""), "\""].concat();
            headers.extend(ready_header("surrogate-key", keys.join(" ")));
            headers.extend(ready_header("cache-groups", groups));
        }
        headers.extend(answer.headers.into_iter().filter_map(|(name, value)| ready_header(name, value)));
        Self {
            body: answer.body.into(),
            tag,
            headers,
            private: answer.private,
            answer: Lifetimes { changes_at: answer.changes_at },
            brotli: OnceLock::new(),
            zstd: OnceLock::new(),
            gzip: OnceLock::new(),
        }
    }
}

impl Ready {
    /// Whether what it says still holds at this moment.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.answer.changes_at.is_none_or(|at| at > now)
    }

    /// Bytes that it takes in memory, as far as that can be known before it is compressed.
    #[must_use]
    pub fn weight(&self) -> usize {
        // The compressed forms of JSON and HTML together take about as much again.
        self.body.len() * 2 + self.headers.iter().map(|(_, value)| value.len()).sum::<usize>() + 512
    }

    fn coded(&self, coding: Coding) -> Option<Bytes> {
        let made = |cell: &OnceLock<Bytes>| cell.get_or_init(|| coding.encode(&self.body).map_or_else(|| self.body.clone(), Into::into)).clone();
        match coding {
            Coding::Identity => None,
            Coding::Brotli => Some(made(&self.brotli)),
            Coding::Zstd => Some(made(&self.zstd)),
            Coding::Gzip => Some(made(&self.gzip)),
        }
    }

    /// The answer to this request: a 304, or the body as the client likes it.
    #[must_use]
    pub fn respond(&self, request: &HttpRequest) -> HttpResponse {
        let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let coding = if self.body.len() < WORTH_COMPRESSING { Coding::Identity } else { Coding::choose(accepted) };
        let etag = if coding == Coding::Identity { format!("\"{}\"", self.tag) } else { format!("\"{}-{}\"", self.tag, coding.token()) };
        let unchanged = super::reply::none_match(request, &etag);
        let mut response = HttpResponse::build(if unchanged { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
        response.insert_header((header::ETAG, etag));
        response.insert_header((header::VARY, HeaderValue::from_static("accept-encoding")));
        // What was asked with credentials is answered the same, but no cache may keep it.
        let private = self.private || request.headers().contains_key(header::AUTHORIZATION);
        if private {
            response.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")));
        } else {
            let [everybody, in_front] = self.answer.headers(crate::app::now());
            response.insert_header((header::CACHE_CONTROL, everybody));
            response.insert_header((HeaderName::from_static("cdn-cache-control"), in_front));
        }
        // A cache keeps what it has of the others (RFC 9111 section 3.2).
        if unchanged {
            return response.finish();
        }
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        match self.coded(coding) {
            Some(encoded) => response.insert_header((header::CONTENT_ENCODING, coding.token())).body(encoded),
            None => response.body(self.body.clone()),
        }
    }
}

/// Stands in the extensions of a request whose answer is wanted whole, to be kept.
#[derive(Debug, Clone, Copy)]
pub struct Wanted;

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        if !self.private && request.extensions().get::<Wanted>().is_some() {
            let mut carrier = HttpResponse::new(StatusCode::OK);
            carrier.extensions_mut().insert(self);
            return carrier;
        }
        Ready::from(self).respond(request)
    }
}

/// A delivery handler's outcome: an answer, or the address that the thing has now.
#[derive(Debug)]
pub enum Delivered {
    /// The answer.
    Answer(Answer),
    /// 308 to the path it moved to.
    Moved(String),
}

impl Responder for Delivered {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Answer(answer) => answer.respond_to(request),
            Self::Moved(path) => {
                let query = request.query_string();
                let location = if query.is_empty() { path } else { format!("{path}?{query}") };
                HttpResponse::PermanentRedirect().insert_header((header::LOCATION, location)).insert_header((header::CACHE_CONTROL, "public, max-age=0, s-maxage=30")).finish()
            }
        }
    }
}

impl From<Answer> for Result<Delivered> {
    fn from(answer: Answer) -> Self {
        Ok(Delivered::Answer(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_accepted_coding_is_chosen() {
        assert_eq!(Coding::choose("gzip, deflate, br, zstd"), Coding::Brotli);
        assert_eq!(Coding::choose("gzip;q=1.0, br;q=0.5"), Coding::Gzip);
        assert_eq!(Coding::choose("zstd, gzip"), Coding::Zstd);
        assert_eq!(Coding::choose("br;q=0, identity"), Coding::Identity);
        assert_eq!(Coding::choose(""), Coding::Identity);
    }

    #[test]
    fn no_cache_outlives_the_next_change() {
        let now = Timestamp::from_millis(1_000_000).unwrap();
        let mut answer = Lifetimes { changes_at: Timestamp::from_millis(1_040_000) };
        assert_eq!(answer.headers(now), ["public, max-age=0, s-maxage=30, stale-if-error=10", "public, max-age=30, stale-while-revalidate=10, stale-if-error=10"]);
        answer.changes_at = Timestamp::from_millis(900_000);
        assert_eq!(answer.headers(now), ["public, max-age=0, s-maxage=0, stale-if-error=0", "public, max-age=0, stale-while-revalidate=0, stale-if-error=0"]);
    }
}
