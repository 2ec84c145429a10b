//! How revisions are kept: whole, or as what differs from one whole revision before it. Never changed once written.
//!
//! A save of a long story changes a few words. Compressed with an earlier revision as its dictionary (RFC 8878), what is
//! kept of it is little more than those words; and since every difference is against a whole revision, reading any one
//! takes two rows at the most.

use std::cell::RefCell;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Nullable, Uuid as SqlUuid};
use uuid::Uuid;
use zstd::bulk::{Compressor, Decompressor};

use super::content::Content;
use crate::db::statement::{Bind, Statement};
use crate::error::{Error, Result};
use crate::schema::{article_revisions as revisions, live_articles};

/// Compression level: higher ones take several times as long and save a few hundredths.
const LEVEL: i32 = 3;
/// Bytes a revision may have when it is read: bounds what a damaged row could ask for.
const LARGEST: usize = 16 << 20;

/// A revision as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The whole revision that it differs from; `None` when it is whole.
    pub base: Option<i32>,
    /// Compressed JSON.
    pub bytes: Vec<u8>,
}

/// A revision by itself.
///
/// # Errors
/// Only ours.
pub fn whole(content: &Content) -> Result<Kept> {
    Ok(Kept { base: None, bytes: pack(&serde_json::to_vec(content).map_err(Error::internal)?, &[])? })
}

/// The whole revision that a revision is, or differs from.
#[derive(Debug, Clone)]
pub struct Base {
    number: i32,
    json: Vec<u8>,
    /// Bytes that it takes where it is kept.
    kept: usize,
}

/// A revision after the one that has this base: the difference where that is worth it.
///
/// # Errors
/// Only ours.
pub fn after(base: &Base, content: &Content) -> Result<Kept> {
    let bytes = pack(&serde_json::to_vec(content).map_err(Error::internal)?, &base.json)?;
    // Once the difference has grown to a third, a new whole revision makes the following ones small again.
    Ok(if bytes.len() * 3 < base.kept { Kept { base: Some(base.number), bytes } } else { whole_or(content, base.number, bytes)? })
}

/// The revision by itself, unless it is so much longer than the one before that the difference is worth it all the same.
fn whole_or(content: &Content, base: i32, difference: Vec<u8>) -> Result<Kept> {
    let alone = whole(content)?;
    Ok(if difference.len() * 3 < alone.bytes.len() { Kept { base: Some(base), bytes: difference } } else { alone })
}

thread_local! {
    /// Making one takes longer than packing a story with it.
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// What is new in these bytes, an empty dictionary standing for none.
fn pack(json: &[u8], dictionary: &[u8]) -> Result<Vec<u8>> {
    let pack = |packer: &mut Compressor<'static>| {
        packer.set_dictionary(LEVEL, dictionary)?;
        packer.compress(json)
    };
    PACKER
        .with_borrow_mut(|kept| {
            let packer = match kept {
                Some(packer) => packer,
                None => kept.insert(Compressor::new(LEVEL)?),
            };
            pack(packer)
        })
        .map_err(Error::internal)
}

fn unpack(bytes: &[u8], dictionary: &[u8]) -> Result<Vec<u8>> {
    let unpack = |unpacker: &mut Decompressor<'static>| {
        unpacker.set_dictionary(dictionary)?;
        unpacker.decompress(bytes, LARGEST)
    };
    UNPACKER
        .with_borrow_mut(|kept| {
            let unpacker = match kept {
                Some(unpacker) => unpacker,
                None => kept.insert(Decompressor::new()?),
            };
            unpack(unpacker)
        })
        .map_err(|e| Error::internal(format!("a revision cannot be read: {e}")))
}

/// What a revision says, and what the next one may be kept as a difference from.
///
/// # Errors
/// 404 when there is no such revision.
pub fn read(conn: &mut PgConnection, article: Uuid, number: i32) -> Result<(Content, Base)> {
    /// The bytes, what they are a difference from, and its bytes.
    type Row = (Vec<u8>, Option<i32>, Option<Vec<u8>>);
    let base = diesel::alias!(revisions as base);
    let row: Option<Row> = revisions::table
        .left_join(base.on(base.field(revisions::article_id).eq(revisions::article_id).and(base.field(revisions::number).nullable().eq(revisions::base))))
        .filter(revisions::article_id.eq(article))
        .filter(revisions::number.eq(number))
        .select((revisions::content, revisions::base, base.field(revisions::content).nullable()))
        .first(conn)
        .optional()?;
    let (bytes, other, base) = row.ok_or_else(|| Error::not_found("revision"))?;
    let whole = base.as_ref().unwrap_or(&bytes);
    let kept = Base { number: other.unwrap_or(number), json: unpack(whole, &[])?, kept: whole.len() };
    let content = if base.is_some() { read_json(article, &unpack(&bytes, &kept.json)?) } else { read_json(article, &kept.json) };
    Ok((content?, kept))
}

/// What many revisions say, in the order in which they are asked for: one statement, however many.
///
/// # Errors
/// 404 when one of them is not there.
pub fn read_all(conn: &mut PgConnection, wanted: &[(Uuid, i32)]) -> Result<Vec<Content>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Statement::<(SqlUuid, Binary, Nullable<Binary>)>::new("SELECT r.article_id, r.content, b.content FROM unnest(");
    sql.bind(Bind::Ids(wanted.iter().map(|(id, _)| *id).collect())).sql(", ").bind(Bind::Ints(wanted.iter().map(|(_, number)| *number).collect())).sql(
        ") WITH ORDINALITY AS w (id, number, place) JOIN article_revisions r ON r.article_id = w.id AND r.number = w.number \
         LEFT JOIN article_revisions b ON b.article_id = r.article_id AND b.number = r.base ORDER BY w.place",
    );
    let rows: Vec<(Uuid, Vec<u8>, Option<Vec<u8>>)> = sql.load(conn)?;
    if rows.len() != wanted.len() {
        return Err(Error::not_found("revision"));
    }
    rows.into_iter().map(|(id, bytes, base)| unfold(id, &bytes, base.as_deref())).collect()
}

/// What many live stories say, in no order.
///
/// # Errors
/// What the database says.
pub fn read_live(conn: &mut PgConnection, articles: &[Uuid]) -> Result<Vec<(Uuid, Content)>> {
    let base = diesel::alias!(revisions as base);
    let rows: Vec<(Uuid, Vec<u8>, Option<Vec<u8>>)> = live_articles::table
        .inner_join(revisions::table.on(revisions::article_id.eq(live_articles::id).and(revisions::number.eq(live_articles::revision))))
        .left_join(base.on(base.field(revisions::article_id).eq(revisions::article_id).and(base.field(revisions::number).nullable().eq(revisions::base))))
        .filter(live_articles::id.eq_any(articles))
        .select((live_articles::id, revisions::content, base.field(revisions::content).nullable()))
        .load(conn)?;
    rows.into_iter().map(|(id, bytes, base)| Ok((id, unfold(id, &bytes, base.as_deref())?))).collect()
}

fn unfold(article: Uuid, bytes: &[u8], base: Option<&[u8]>) -> Result<Content> {
    let base = base.map(|base| unpack(base, &[])).transpose()?;
    read_json(article, &unpack(bytes, &base.unwrap_or_default())?)
}

fn read_json(article: Uuid, json: &[u8]) -> Result<Content> {
    serde_json::from_slice(json).map_err(|e| Error::internal(format!("a revision of {article}: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::Body;
    use crate::vocabulary::{ArticleKind, Seo};

    fn story(words: usize, changed: usize) -> Content {
        let text: Vec<_> = (0..words).map(|n| if n == changed { "changed".to_owned() } else { format!("w{}", n * 7919 % 10_007) }).collect();
        Content {
            headline: "A headline".into(),
            slug: "a-headline".into(),
            kind: ArticleKind::News,
            language: "en".into(),
            kicker: None,
            standfirst: None,
            dateline: None,
            byline: None,
            authors: Vec::new(),
            tags: Vec::new(),
            lead_media: None,
            body: Body::from_markdown(&text.chunks(80).map(|c| c.join(" ")).collect::<Vec<_>>().join("\n\n")).unwrap(),
            source: None,
            seo: Seo::default(),
        }
    }

    #[test]
    fn a_difference_is_small_and_reads_back() {
        let (first, second) = (story(1_000, 5), story(1_000, 700));
        let alone = whole(&second).unwrap();
        let base = serde_json::to_vec(&first).unwrap();
        let json = serde_json::to_vec(&second).unwrap();
        let difference = pack(&json, &base).unwrap();
        assert!(difference.len() * 10 < alone.bytes.len(), "{} of {}", difference.len(), alone.bytes.len());
        assert_eq!(serde_json::from_slice::<Content>(&unpack(&difference, &base).unwrap()).unwrap(), second);
        // Neither of the two keeps the dictionary of the story before.
        assert_eq!(unpack(&alone.bytes, &[]).unwrap(), json);
        assert_eq!(zstd::bulk::decompress(&whole(&first).unwrap().bytes, LARGEST).unwrap(), base);
    }
}
