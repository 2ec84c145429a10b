//! Keyset pages: a signed, opaque cursor bound to the question that made it, and the envelope of every list.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::error::{Code, Error, Result};

/// Which way a page lies from its cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// Further down the list.
    #[serde(rename = "n")]
    Next,
    /// Back towards its top.
    #[serde(rename = "p")]
    Previous,
}

/// Signs and checks cursors.
#[derive(Clone)]
pub struct Signer(Vec<u8>);

impl Signer {
    /// Keys cursors off the service's signing key.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self(Sha256::new().chain_update(b"masthead cursor v1\0").chain_update(key).finalize().to_vec())
    }

    fn tag(&self, question: &[u8], payload: &[u8]) -> Option<[u8; 12]> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).ok()?;
        mac.update(question);
        mac.update(b"\0");
        mac.update(payload);
        mac.finalize().into_bytes().first_chunk::<12>().copied()
    }

    /// A digest that only this service can make, of content that a plain one would give away to guessing.
    #[must_use]
    pub fn digest(&self, content: &[u8]) -> Option<Vec<u8>> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).ok()?;
        mac.update(b"content\0");
        mac.update(content);
        Some(mac.finalize().into_bytes().to_vec())
    }

    fn seal<K: Serialize>(&self, question: &str, direction: Direction, key: &K) -> Result<String> {
        let payload = serde_json::to_vec(&(direction, key)).map_err(Error::internal)?;
        let tag = self.tag(question.as_bytes(), &payload).ok_or_else(|| Error::internal("cursor key"))?;
        Ok(URL_SAFE_NO_PAD.encode([&tag[..], &payload].concat()))
    }

    fn open<K: DeserializeOwned>(&self, question: &str, cursor: &str) -> Option<(Direction, K)> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok().filter(|b| b.len() < 2048)?;
        let (tag, payload) = bytes.split_first_chunk::<12>()?;
        let good = self.tag(question.as_bytes(), payload)?;
        let same = tag.iter().zip(good).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0;
        same.then(|| serde_json::from_slice(payload).ok()).flatten()
    }
}

/// The page a request asks for: how long, and from where. `K` is the key that the list is sorted by.
#[derive(Debug, Clone)]
pub struct PageRequest<K> {
    /// 1 to 100.
    pub limit: u8,
    /// Where to go on from, and which way; `None` for the top.
    pub from: Option<(Direction, K)>,
    /// What the cursors of the answer are bound to.
    question: String,
}

fn refused(parameter: &str) -> Error {
    let mut error = Error::new(Code::InvalidCursor, "This cursor was not made by this list with this filter and sort.");
    error.errors.push(crate::error::FieldError::parameter(parameter, "invalid_cursor", "Start again without a cursor."));
    error
}

/// Items a page without `limit` has.
pub const DEFAULT_LIMIT: u8 = 20;
/// Items a page has at the most.
pub const MAX_LIMIT: u8 = 100;

impl<K: Serialize + DeserializeOwned> PageRequest<K> {
    /// Reads `limit` and `cursor`. `question` is everything else that decides what the list holds and in which order.
    ///
    /// # Errors
    /// 400 for a limit out of range and for a cursor that is forged, foreign or malformed.
    pub fn new(limit: Option<u8>, cursor: Option<&str>, question: String, signer: &Signer) -> Result<Self> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Error::parameter("limit", "out_of_range", format!("limit is a number from 1 to {MAX_LIMIT}.")));
        }
        let from = cursor.map(|cursor| signer.open(&question, cursor).ok_or_else(|| refused("cursor"))).transpose()?;
        Ok(Self { limit, from, question })
    }

    /// The key to go on from.
    pub fn key(&self) -> Option<&K> {
        self.from.as_ref().map(|(_, key)| key)
    }

    /// Whether rows are to be read against the list's order, because the page lies before the cursor.
    pub fn backwards(&self) -> bool {
        matches!(self.from, Some((Direction::Previous, _)))
    }

    /// How many rows to read: one more than shown tells whether there are more.
    pub fn take(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// How many rows to read, as a length.
    pub fn rows(&self) -> usize {
        usize::from(self.limit) + 1
    }

    /// The page ends here because enough was looked at, though there may be more.
    ///
    /// # Errors
    /// Only ours.
    pub fn go_on_from(&self, info: &mut PageInfo, key: &K, signer: &Signer) -> Result<()> {
        let (neighbour, direction) = if self.backwards() { (&mut info.previous, Direction::Previous) } else { (&mut info.next, Direction::Next) };
        if neighbour.is_none() {
            *neighbour = Some(signer.seal(&self.question, direction, key)?);
        }
        Ok(())
    }

    /// The key in a cursor of this list, whichever way it leads.
    ///
    /// # Errors
    /// 400 naming `parameter` for a cursor that is forged, foreign or malformed.
    pub fn key_of(&self, parameter: &str, cursor: &str, signer: &Signer) -> Result<K> {
        signer.open(&self.question, cursor).map(|(_, key)| key).ok_or_else(|| refused(parameter))
    }

    /// Tells where the top of the page is, for those who will ask what has come since.
    ///
    /// # Errors
    /// Only ours.
    pub fn tell_top(&self, info: &mut PageInfo, top: Option<K>, signer: &Signer) -> Result<()> {
        info.top = top.map(|key| signer.seal(&self.question, Direction::Previous, &key)).transpose()?;
        Ok(())
    }

    /// A cursor that goes on after this key, for lists that never end.
    ///
    /// # Errors
    /// Only ours.
    pub fn cursor_at(&self, key: &K, signer: &Signer) -> Result<String> {
        signer.seal(&self.question, Direction::Next, key)
    }

    /// Turns the rows read (up to `take`, in reading order) into the page, in the list's order.
    ///
    /// # Errors
    /// Only ours.
    pub fn finish<T>(&self, mut rows: Vec<T>, signer: &Signer, key: impl Fn(&T) -> K) -> Result<(Vec<T>, PageInfo)> {
        let more = rows.len() > usize::from(self.limit);
        rows.truncate(usize::from(self.limit));
        if self.backwards() {
            rows.reverse();
        }
        let cursor = |direction, row: Option<&T>| row.map(|row| signer.seal(&self.question, direction, &key(row))).transpose();
        let (has_next, has_previous) = if self.backwards() { (true, more) } else { (more, self.from.is_some()) };
        let next = if has_next { cursor(Direction::Next, rows.last())? } else { None };
        let previous = if has_previous { cursor(Direction::Previous, rows.first())? } else { None };
        Ok((rows, PageInfo { limit: self.limit, next, previous, total: None, top: None }))
    }
}

/// What a cursor is bound to: the list, and a digest of its filter and sort.
#[must_use]
pub fn question(list: &str, filter: &str) -> String {
    let digest = Sha256::digest(filter.as_bytes());
    digest.iter().take(16).fold(format!("{list} "), |text, byte| text + &format!("{byte:02x}"))
}

/// Where a page stands in its list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PageInfo {
    /// The most items this page could have.
    #[schema(minimum = 1, maximum = 100, example = 20)]
    pub limit: u8,
    /// The `cursor` of the next page; null at the end.
    #[schema(required = true)]
    pub next: Option<String>,
    /// The `cursor` of the page before; null at the top.
    #[schema(required = true)]
    pub previous: Option<String>,
    /// How many items the whole list has; null unless `count=exact` was asked.
    #[schema(required = true, minimum = 0)]
    pub total: Option<i64>,
    /// Where the page begins, for `newer_than`; only in lists that can be asked so, and never of an empty page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top: Option<String>,
}

/// A list as the contract shows it.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    /// The items, in order.
    pub data: Vec<T>,
    /// Where they stand.
    pub page: PageInfo,
}

/// Whether a list counts its items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// Count them all.
    Exact,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_opens_only_for_its_own_question(key in any::<(i64, String)>(), other in "[a-z=&]{1,20}") {
            let signer = Signer::new(b"0123456789abcdef0123456789abcdef");
            let cursor = signer.seal("tag=a", Direction::Next, &key).unwrap();
            prop_assert_eq!(signer.open::<(i64, String)>("tag=a", &cursor), Some((Direction::Next, key)));
            if other != "tag=a" {
                prop_assert_eq!(signer.open::<(i64, String)>(&other, &cursor), None);
            }
        }

        #[test]
        fn no_text_opens_by_chance(text in ".{0,80}") {
            prop_assert_eq!(Signer::new(b"k").open::<i64>("q", &text), None);
        }
    }

    fn walk(limit: u8, total: i64) -> Vec<i64> {
        let signer = Signer::new(b"k");
        let (mut seen, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let request = PageRequest::<i64>::new(Some(limit), cursor.as_deref(), "q".into(), &signer).unwrap();
            let from = request.key().map_or(0, |k| k + 1);
            let rows = (from..total).take(usize::try_from(request.take()).unwrap()).collect();
            let (rows, page) = request.finish(rows, &signer, |n| *n).unwrap();
            seen.extend(rows);
            match page.next {
                Some(next) => cursor = Some(next),
                None => return seen,
            }
        }
    }

    #[test]
    fn walking_to_the_end_yields_everything_once() {
        assert_eq!(walk(7, 100), (0..100).collect::<Vec<_>>());
        assert_eq!(walk(10, 100), (0..100).collect::<Vec<_>>());
        assert_eq!(walk(10, 0), Vec::<i64>::new());
    }
}
