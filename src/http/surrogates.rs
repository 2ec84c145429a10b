//! Surrogate keys: which of them an answer names, and how caches in front are told to forget answers by them. What a key
//! is made of is the business of who makes the answer.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};

use crate::config::Config;

/// Bytes of keys sent with an answer at the most: caches have a limit for a header, often 8 KiB.
const MOST: usize = 8_000;
/// Stands on every answer that is made of more than can be named, and is purged with every change.
pub const OVERFULL: &str = "overfull";
/// Bytes of keys in one purge.
const MOST_AT_ONCE: usize = 4_000;
/// How long a cache may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The keys that are sent: lists' own first, then as many of the others as there is room for.
#[must_use]
pub fn fitting(keys: &[String]) -> Vec<&str> {
    let (single, general): (Vec<&str>, Vec<&str>) = keys.iter().map(String::as_str).partition(|key| key.contains('-'));
    let mut size = 0;
    let all = general.len() + single.len();
    // With quotes and what is between them, as Cache-Groups has them.
    let mut fitting: Vec<_> = general
        .into_iter()
        .chain(single)
        .take_while(|key| {
            size += key.len() + 4;
            size < MOST
        })
        .collect();
    if fitting.len() < all {
        fitting.push(OVERFULL);
    }
    fitting
}

/// Tells a cache in front what to forget.
#[derive(Debug)]
pub struct Purger {
    client: Client,
    url: url::Url,
    method: Method,
}

impl Purger {
    /// As the settings say; `None` when no cache is set.
    ///
    /// # Errors
    /// A sentence for the operator, when the method or the header is none.
    pub fn new(config: &Config) -> Result<Option<Self>, String> {
        let Some(url) = config.purge_url.clone() else { return Ok(None) };
        let method = Method::from_bytes(config.purge_method.as_bytes()).map_err(|error| format!("The purge method is none: {error}."))?;
        let mut headers = HeaderMap::new();
        if let Some(header) = &config.purge_header {
            let (name, value) = header.expose().split_once(':').ok_or("The purge header has the form \"Name: value\".")?;
            let name: HeaderName = name.trim().parse().map_err(|error| format!("The purge header's name is none: {error}."))?;
            let mut value: HeaderValue = value.trim().parse().map_err(|error| format!("The purge header's value is none: {error}."))?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        // A purge that is sent elsewhere has purged nothing.
        let client = Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).default_headers(headers).build();
        Ok(Some(Self { client: client.map_err(|error| format!("No purges can be sent: {error}."))?, url, method }))
    }

    /// Has the cache forget every answer that names one of these keys.
    ///
    /// # Errors
    /// A sentence, when the cache cannot be reached or does not take it.
    pub async fn purge(&self, keys: &[String]) -> Result<(), String> {
        for keys in together(keys) {
            let sent = self.client.request(self.method.clone(), self.url.clone()).header("surrogate-key", keys).send().await;
            // An address may hold a secret, so it is not told.
            let status = sent.map_err(|error| format!("the cache cannot be reached: {}", error.without_url()))?.status();
            if !status.is_success() {
                return Err(format!("the cache answered {status}"));
            }
        }
        Ok(())
    }
}

/// Keys as the headers of a few requests.
fn together(keys: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for key in keys {
        match lines.last_mut().filter(|line| line.len() + key.len() < MOST_AT_ONCE) {
            Some(line) => {
                line.push(' ');
                line.push_str(key);
            }
            None => lines.push(key.clone()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_cannot_name_everything_says_so() {
        let few = ["article-1".to_owned(), "feed".to_owned()];
        assert_eq!(fitting(&few), ["feed", "article-1"]);
        let many: Vec<_> = (0..1_000).map(|n| format!("article-{n:036}")).chain(["site".to_owned()]).collect();
        let sent = fitting(&many);
        assert_eq!((sent.first(), sent.last()), (Some(&"site"), Some(&OVERFULL)));
        assert!(sent.join(" ").len() < MOST + OVERFULL.len());
    }

    #[test]
    fn every_key_is_in_one_of_the_requests() {
        let keys: Vec<_> = (0..500).map(|n| format!("media-{n:036}")).collect();
        let lines = together(&keys);
        assert!(lines.len() > 1 && lines.iter().all(|line| line.len() <= MOST_AT_ONCE));
        assert_eq!(lines.join(" ").split(' ').collect::<Vec<_>>(), keys);
        assert!(together(&[]).is_empty());
    }
}
