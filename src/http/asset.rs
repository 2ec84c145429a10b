//! A file that is kept in memory and sent whole: its validator, its packed form, and the headers it goes out with.

use std::io::Write;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest, Sha256};

/// A file in memory.
#[derive(Debug, Clone)]
pub struct Asset {
    plain: web::Bytes,
    gzip: Option<web::Bytes>,
    content_type: String,
    tag: String,
}

impl Asset {
    /// Keeps these bytes, and what gzip makes of them where that is less.
    #[must_use]
    pub fn new(plain: Vec<u8>, content_type: &str) -> Self {
        let digest = Sha256::digest(&plain);
        let tag = digest.iter().take(12).fold(String::new(), |tag, byte| tag + &format!("{byte:02x}"));
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        let gzip = gzip.write_all(&plain).and_then(|()| gzip.finish()).ok().filter(|gzip| gzip.len() < plain.len());
        let content_type = if content_type.starts_with("text/") { format!("{content_type}; charset=utf-8") } else { content_type.to_owned() };
        Self { plain: plain.into(), gzip: gzip.map(Into::into), content_type, tag }
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.plain
    }

    /// The file as an answer to this request, or that it is unchanged.
    #[must_use]
    pub fn answer(&self, request: &HttpRequest, cache_control: &str, policy: &str) -> HttpResponse {
        let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let gzip = self.gzip.as_ref().filter(|_| accepted.split(',').any(|coding| coding.trim().eq_ignore_ascii_case("gzip")));
        let etag = format!("\"{}{}\"", self.tag, if gzip.is_some() { "-gzip" } else { "" });
        let unchanged = super::reply::none_match(request, &etag);
        let mut response = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((header::ETAG, etag));
        response.insert_header((header::VARY, "accept, accept-encoding"));
        response.insert_header((header::CACHE_CONTROL, cache_control));
        response.insert_header((header::CONTENT_SECURITY_POLICY, policy));
        if unchanged {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, self.content_type.as_str()));
        match gzip {
            Some(gzip) => response.insert_header((header::CONTENT_ENCODING, "gzip")).body(gzip.clone()),
            None => response.body(self.plain.clone()),
        }
    }
}
