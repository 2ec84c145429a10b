//! A built front end out of a folder, for the demo: its files, and its page under every address that nothing else has.
//! Knows nothing of what the page shows: it asks the API, like any other.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse};

use super::asset::Asset;

/// The page that stands under every address.
const PAGE: &str = "index.html";
/// Most bytes that such a front end may have: all of it is kept in memory.
const LARGEST: u64 = 32 << 20;
/// Folders within folders.
const DEEPEST: usize = 8;
/// Where no page is, whatever is asked for.
const OTHERS: [&str; 5] = ["/v1/", "/feeds/", "/sitemaps/", "/docs/", "/problems/"];

/// The files of a front end; none where there is no front end.
#[derive(Debug, Default)]
pub struct Reader {
    files: BTreeMap<String, Asset>,
    policy: String,
}

impl Reader {
    /// Reads the folder. `base` is where the service, and so its pictures, are found.
    ///
    /// # Errors
    /// A sentence for the operator when it is not a built front end.
    pub fn load(folder: &Path, base: &str) -> Result<Self, String> {
        let mut files = BTreeMap::new();
        let mut room = LARGEST;
        collect(folder, "", DEEPEST, &mut room, &mut files).map_err(|error| format!("The reader's folder {} cannot be read: {error}", folder.display()))?;
        if !files.contains_key(PAGE) {
            return Err(format!("The reader's folder {} has no {PAGE}: build the reader, or leave MASTHEAD_READER_DIR away", folder.display()));
        }
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: {base}; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        );
        Ok(Self { files, policy })
    }

    /// Whether there is one.
    #[must_use]
    pub fn is_there(&self) -> bool {
        !self.files.is_empty()
    }

    /// The file that has this address.
    #[must_use]
    pub fn file(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let name = request.path().strip_prefix('/').filter(|name| *name != PAGE)?;
        let asset = self.files.get(name).filter(|_| request.method() == Method::GET)?;
        // What a build puts there has its content's hash in its name.
        let lifetime = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
        Some(asset.answer(request, lifetime, &self.policy))
    }

    /// The page, for a browser that looks for one here.
    #[must_use]
    pub fn page(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let path = request.path();
        let takes_html = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/html"));
        let is_page = request.method() == Method::GET && takes_html && !path.contains('.') && !OTHERS.iter().any(|other| path.starts_with(other));
        let page = self.files.get(PAGE).filter(|_| is_page)?;
        Some(page.answer(request, "no-cache", &self.policy))
    }
}

fn collect(folder: &Path, prefix: &str, depth: usize, room: &mut u64, files: &mut BTreeMap<String, Asset>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let (entry, kind) = entry.and_then(|entry| entry.file_type().map(|kind| (entry, kind)))?;
        let Some(name) = entry.file_name().to_str().map(|name| format!("{prefix}{name}")) else { continue };
        if kind.is_dir() && depth > 0 {
            collect(&entry.path(), &format!("{name}/"), depth - 1, room, files)?;
        } else if kind.is_file() {
            *room = room.checked_sub(entry.metadata()?.len()).ok_or_else(|| std::io::Error::other(format!("it holds more than {LARGEST} bytes")))?;
            files.insert(name.clone(), Asset::new(fs::read(entry.path())?, content_type(&name)));
        }
    }
    Ok(())
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html",
        "js" | "mjs" => "text/javascript",
        "css" => "text/css",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_no_front_end_is_refused() {
        let folder = std::env::temp_dir().join(format!("reader-{}", uuid::Uuid::now_v7()));
        assert!(Reader::load(&folder, "http://localhost").unwrap_err().contains("cannot be read"));
        fs::create_dir_all(folder.join("assets")).unwrap();
        fs::write(folder.join("assets/app.js"), "1").unwrap();
        assert!(Reader::load(&folder, "http://localhost").unwrap_err().contains("index.html"));
        fs::write(folder.join(PAGE), "<!doctype html>").unwrap();
        let reader = Reader::load(&folder, "http://localhost").unwrap();
        assert_eq!(reader.files.keys().collect::<Vec<_>>(), ["assets/app.js", PAGE]);
        fs::remove_dir_all(folder).unwrap();
    }
}
