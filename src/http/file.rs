//! A stored file as an answer: validators, ranges (RFC 9110, 13 and 14), and headers under which nothing in it can run.

use std::ops::Range;
use std::sync::Arc;

use actix_web::body::SizedStream;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use object_store::ObjectStore;
use object_store::path::Path;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::{Code, Error, Result};
use crate::media_files;

/// Files up to this size are read whole; longer ones are streamed.
const SMALL: u64 = 128 << 10;

/// Where the bytes are.
#[derive(Debug, Clone)]
pub enum Content {
    /// In the store.
    Stored(Path),
    /// At hand.
    Ready(Bytes),
}

/// A file on its way out.
pub struct FileAnswer {
    /// Its bytes.
    pub content: Content,
    /// A strong ETag, with its quotes.
    pub etag: String,
    /// Its media type.
    pub mime: String,
    /// The name to save it under.
    pub filename: String,
    /// Whether a browser may show it, as against save it.
    pub inline: bool,
    /// How long it may be kept, and by whom.
    pub cache_control: String,
    /// What it belongs to, for purging.
    pub keys: Vec<String>,
}

impl FileAnswer {
    /// The answer to this request: whole, in part, or unchanged.
    ///
    /// # Errors
    /// 416 with the length for a range outside the file; what the store says.
    pub async fn respond(self, request: &HttpRequest, store: Arc<dyn ObjectStore>) -> Result<HttpResponse> {
        if super::reply::none_match(request, &self.etag) {
            return Ok(self.dressed(StatusCode::NOT_MODIFIED).finish());
        }
        let length = self.length(&*store).await?;
        let range = match self.range_header(request) {
            None => None,
            Some(header) => match satisfiable(header, length) {
                Wanted::All => None,
                Wanted::Part(range) => Some(range),
                Wanted::Nothing => return Err(Error::new(Code::RangeNotSatisfiable, format!("The file has {length} bytes.")).header("content-range", format!("bytes */{length}"))),
            },
        };
        let mut response = self.dressed(if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK });
        response.insert_header((header::CONTENT_TYPE, self.mime.as_str()));
        response.insert_header((header::CONTENT_DISPOSITION, disposition(&self.filename, self.inline)));
        if let Some(range) = &range {
            response.insert_header((header::CONTENT_RANGE, format!("bytes {}-{}/{length}", range.start, range.end.saturating_sub(1))));
        }
        self.send(response, range.unwrap_or(0..length), &*store).await
    }

    async fn length(&self, store: &dyn ObjectStore) -> Result<u64> {
        match &self.content {
            Content::Ready(bytes) => Ok(bytes.len() as u64),
            Content::Stored(at) => media_files::size(store, at).await?.ok_or_else(|| lost(at)),
        }
    }

    /// The `Range` that counts: one whose `If-Range` names these very bytes. Dates never do, as none is given out.
    fn range_header<'a>(&self, request: &'a HttpRequest) -> Option<&'a str> {
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let same = text(header::IF_RANGE).is_none_or(|validator| validator.trim() == self.etag);
        text(header::RANGE).filter(|_| same)
    }

    fn dressed(&self, status: StatusCode) -> actix_web::HttpResponseBuilder {
        let mut response = HttpResponse::build(status);
        response.insert_header((header::ETAG, self.etag.as_str()));
        response.insert_header((header::CACHE_CONTROL, self.cache_control.as_str()));
        response.insert_header((header::ACCEPT_RANGES, "bytes"));
        response.insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"));
        response.insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
        response.insert_header(("cross-origin-resource-policy", "cross-origin"));
        if !self.keys.is_empty() {
            response.insert_header(("surrogate-key", self.keys.join(" ")));
            response.insert_header(("cache-groups", self.keys.iter().map(|key| format!("\"{key}\"")).collect::<Vec<_>>().join(", ")));
        }
        response
    }

    async fn send(&self, mut response: actix_web::HttpResponseBuilder, range: Range<u64>, store: &dyn ObjectStore) -> Result<HttpResponse> {
        let length = range.end - range.start;
        let at = match &self.content {
            Content::Ready(bytes) => {
                let ends = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
                let part = ends.filter(|(start, end)| start <= end && *end <= bytes.len()).map(|(start, end)| bytes.slice(start..end));
                return Ok(response.body(part.ok_or_else(|| Error::internal("a range outside the bytes"))?));
            }
            Content::Stored(_) if length == 0 => return Ok(response.finish()),
            Content::Stored(at) => at,
        };
        let found = media_files::open(store, at, Some(range)).await?.ok_or_else(|| lost(at))?;
        if length <= SMALL {
            return Ok(response.body(found.bytes().await.map_err(Error::internal)?));
        }
        Ok(response.body(SizedStream::new(length, found.into_stream())))
    }
}

fn lost(at: &Path) -> Error {
    Error::internal(format!("the stored object {at} is not there"))
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Part(Range<u64>),
    Nothing,
}

/// What a `Range` asks for of a file of this length. Several ranges at once, other units and bad syntax get the whole
/// file, as the standard allows (RFC 9110, 14.2).
fn satisfiable(header: &str, length: u64) -> Wanted {
    let Some((unit, set)) = header.split_once('=') else { return Wanted::All };
    let Some((first, last)) = set.trim().split_once('-').filter(|_| unit.trim().eq_ignore_ascii_case("bytes") && !set.contains(',')) else { return Wanted::All };
    let number = |text: &str| text.trim().bytes().all(|b| b.is_ascii_digit()).then(|| text.trim().parse::<u64>().unwrap_or(u64::MAX));
    let (Some(from), Some(to)) = (number(first), number(last)) else { return Wanted::All };
    match (first.trim().is_empty(), last.trim().is_empty()) {
        (true, true) => Wanted::All,
        (true, false) if to == 0 || length == 0 => Wanted::Nothing,
        (true, false) => Wanted::Part(length.saturating_sub(to)..length),
        (false, false) if to < from => Wanted::All,
        (false, _) if from >= length => Wanted::Nothing,
        (false, true) => Wanted::Part(from..length),
        (false, false) => Wanted::Part(from..to.saturating_add(1).min(length)),
    }
}

/// What stands as it is in an extended parameter (RFC 8187, 3.2.1).
const ATTR_CHAR: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'!').remove(b'#').remove(b'$').remove(b'&').remove(b'+').remove(b'-').remove(b'.').remove(b'^').remove(b'_').remove(b'`').remove(b'|').remove(b'~');

/// `Content-Disposition` (RFC 6266) with the name in ASCII, and in full where that is not the same.
fn disposition(filename: &str, inline: bool) -> String {
    let plain: String = filename.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') { c } else { '_' }).collect();
    let kind = if inline { "inline" } else { "attachment" };
    if plain == filename {
        return format!("{kind}; filename=\"{plain}\"");
    }
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(filename, ATTR_CHAR))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_ranges_are_cut_to_the_file() {
        for (header, wanted) in [
            ("bytes=0-9", Wanted::Part(0..10)),
            ("bytes=90-", Wanted::Part(90..100)),
            ("bytes=90-900", Wanted::Part(90..100)),
            ("bytes=-10", Wanted::Part(90..100)),
            ("bytes=-1000", Wanted::Part(0..100)),
            ("Bytes = 5-5", Wanted::Part(5..6)),
            ("bytes=100-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=99999999999999999999999-", Wanted::Nothing),
            ("bytes=9-5", Wanted::All),
            ("bytes=0-1,5-6", Wanted::All),
            ("bytes=a-b", Wanted::All),
            ("bytes=-", Wanted::All),
            ("items=0-9", Wanted::All),
            ("bytes", Wanted::All),
        ] {
            assert_eq!(satisfiable(header, 100), wanted, "{header}");
        }
    }

    #[test]
    fn names_cannot_break_the_header() {
        assert_eq!(disposition("bridge.jpg", true), "inline; filename=\"bridge.jpg\"");
        assert_eq!(
            disposition("мі\"ст\\;.jpg", false),
            "attachment; filename=\"__________.jpg\"".replace("__________", "_______") + "; filename*=UTF-8''%D0%BC%D1%96%22%D1%81%D1%82%5C%3B.jpg"
        );
    }
}
