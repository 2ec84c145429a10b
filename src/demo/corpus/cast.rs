//! What the corpus's stories refer to: tags, authors, credits and pictures, each made from the seed and its number alone.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::random::{Random, Stream, Zipf};
use super::words::Language;
use crate::demo::photos;
use crate::error::{Error, Result};
use crate::imaging::{self, Limits};
use crate::schema::{authors, media, media_credits, tags};
use crate::text::Slug;
use crate::timestamp::Timestamp;
use crate::vocabulary::TagKind;

/// The files behind all pictures of a corpus.
pub const PHOTOS: &[&str] = &[
    "photos/coffee-cup.jpg",
    "photos/harbour-cranes.png",
    "photos/library-hall.png",
    "photos/night-train.png",
    "photos/rail-bridge-drawing.png",
    "photos/skyline-dusk.png",
    "photos/tram-street.png",
    "photos/wind-farm.png",
];

const TAGS: usize = 2_000;
/// The last of them are for the newsroom alone.
const INTERNAL: usize = 10;
const AUTHORS: usize = 500;
const CREDITS: usize = 200;
/// Authors with a number below this times two have a portrait in every second case.
const PORTRAITS: usize = 50;
/// Rows that one statement inserts: well below what the protocol can bind.
const ROWS: usize = 1_000;
/// Before every story: ids of what stories refer to begin here. 2010-01-01T00:00:00Z in milliseconds.
const EPOCH: i64 = 1_262_304_000_000;

/// A tag as far as stories need to know it.
#[derive(Debug, Clone)]
pub struct Tag {
    pub id: Uuid,
    pub is_public: bool,
    pub name: String,
    slug: Slug,
    kind: TagKind,
}

/// An author as far as stories need to know them.
#[derive(Debug, Clone)]
pub struct Author {
    pub id: Uuid,
    pub name: String,
    pub job_title: Option<String>,
    slug: Slug,
    sort_name: String,
    former: bool,
}

/// All of them.
#[derive(Debug)]
pub struct Cast {
    seed: u64,
    pub tags: Vec<Tag>,
    pub authors: Vec<Author>,
    pub pictures: usize,
    pub tag_ranks: Zipf,
    pub author_ranks: Zipf,
}

/// An id that sorts by `millis` and is otherwise decided by `random`.
pub fn id(millis: i64, random: &mut Random) -> Uuid {
    Builder::from_unix_timestamp_millis(u64::try_from(millis).unwrap_or(0), &random.ten_bytes()).into_uuid()
}

fn reference_id(seed: u64, stream: Stream, number: usize) -> Uuid {
    let number = i64::try_from(number).unwrap_or(0);
    id(EPOCH + number, &mut Random::of(seed, stream, number.unsigned_abs()))
}

fn begun() -> Timestamp {
    Timestamp::from_millis(EPOCH).unwrap_or_else(crate::app::now)
}

/// A slug nobody else of the corpus has: the name's, and the number.
fn slug(name: &str, language: &Language, number: usize) -> Slug {
    let number = u32::try_from(number).unwrap_or(0) + 1;
    Slug::from_text(name, Some(language.tag)).or_else(|| Slug::from_text("item", None)).map_or_else(|| unreachable_slug(number), |slug| slug.numbered(number))
}

fn unreachable_slug(number: u32) -> Slug {
    Slug::from_text(&format!("item {number}"), None).unwrap_or_else(|| unreachable_slug(number))
}

impl Cast {
    /// How many pictures a corpus of so many articles has.
    pub fn pictures_for(articles: u64) -> usize {
        if articles == 0 { 0 } else { usize::try_from(articles / 20).unwrap_or(usize::MAX).clamp(PORTRAITS, 50_000) }
    }

    pub fn new(seed: u64, articles: u64, english: &Language, ukrainian: &Language) -> Self {
        let language = |number: usize| if number % 5 == 4 { ukrainian } else { english };
        Self {
            seed,
            tags: (0..TAGS).map(|n| tag(seed, n, language(n))).collect(),
            authors: (0..AUTHORS).map(|n| author(seed, n, language(n))).collect(),
            pictures: Self::pictures_for(articles),
            tag_ranks: Zipf::new(TAGS, 1.0),
            author_ranks: Zipf::new(AUTHORS, 0.7),
        }
    }

    /// The id of the picture with this number.
    pub fn picture(&self, number: usize) -> Uuid {
        reference_id(self.seed, Stream::Picture, number)
    }

    /// Makes the rows that are not there yet; pictures from `pictures` on.
    pub fn insert(&self, tx: &mut PgConnection, pictures: usize, owner: Uuid) -> Result<()> {
        self.insert_credits(tx, owner)?;
        self.insert_pictures(tx, pictures, owner)?;
        self.insert_authors(tx, owner)?;
        self.insert_tags(tx, owner)
    }

    fn insert_tags(&self, tx: &mut PgConnection, owner: Uuid) -> Result<()> {
        let row = |tag: &Tag| {
            (
                (tags::id.eq(tag.id), tags::slug.eq(tag.slug.to_string()), tags::name.eq(tag.name.clone()), tags::kind.eq(tag.kind)),
                (tags::created_by.eq(owner), tags::created_at.eq(begun()), tags::updated_at.eq(begun())),
            )
        };
        for tags in self.tags.chunks(ROWS) {
            diesel::insert_into(tags::table).values(tags.iter().map(row).collect::<Vec<_>>()).on_conflict(tags::id).do_nothing().execute(tx)?;
        }
        Ok(())
    }

    fn insert_authors(&self, tx: &mut PgConnection, owner: Uuid) -> Result<()> {
        let row = |(number, author): (usize, &Author)| {
            let portrait = (number % 2 == 0 && number / 2 < PORTRAITS).then(|| self.picture(number / 2));
            (
                (authors::id.eq(author.id), authors::slug.eq(author.slug.to_string()), authors::name.eq(author.name.clone()), authors::sort_name.eq(author.sort_name.clone())),
                (authors::kind.eq("staff"), authors::job_title.eq(author.job_title.clone()), authors::former.eq(author.former), authors::avatar_media_id.eq(portrait)),
                (authors::created_by.eq(owner), authors::created_at.eq(begun()), authors::updated_at.eq(begun())),
            )
        };
        let rows: Vec<_> = self.authors.iter().enumerate().map(row).collect();
        diesel::insert_into(authors::table).values(rows).on_conflict(authors::id).do_nothing().execute(tx)?;
        Ok(())
    }

    fn insert_credits(&self, tx: &mut PgConnection, owner: Uuid) -> Result<()> {
        use media_credits as c;
        const KINDS: &[&str] = &["agency", "photographer", "staff", "stock", "handout"];
        let english = Language::english(self.seed);
        let row = |number: usize| {
            let mut random = Random::of(self.seed, Stream::Credit, number as u64);
            let name = english.name(&mut random, 2);
            (
                (
                    c::id.eq(reference_id(self.seed, Stream::Credit, number)),
                    c::slug.eq(slug(&name, &english, number).to_string()),
                    c::credit_line.eq(name.clone()),
                    c::name.eq(name),
                ),
                (c::kind.eq(random.pick(KINDS).unwrap_or("agency")), c::credit_template.eq("({name})"), c::status.eq("active")),
                (c::created_by.eq(owner), c::created_at.eq(begun()), c::updated_at.eq(begun())),
            )
        };
        diesel::insert_into(c::table).values((0..CREDITS).map(row).collect::<Vec<_>>()).on_conflict(c::id).do_nothing().execute(tx)?;
        Ok(())
    }

    fn insert_pictures(&self, tx: &mut PgConnection, from: usize, owner: Uuid) -> Result<()> {
        use media as m;
        let files = PHOTOS.iter().map(|file| File::read(file)).collect::<Result<Vec<_>>>()?;
        let english = Language::english(self.seed);
        let row = |number: usize| {
            let mut random = Random::of(self.seed, Stream::Picture, number as u64);
            let file = files.get(number % files.len())?;
            let credit = reference_id(self.seed, Stream::Credit, random.below(CREDITS));
            Some((
                (m::id.eq(self.picture(number)), m::kind.eq("image"), m::filename.eq(file.name), m::mime.eq(file.mime), m::bytes.eq(file.bytes), m::sha256.eq(&file.sha256)),
                (m::width.eq(file.size.0), m::height.eq(file.size.1), m::blurhash.eq(&file.blurhash), m::credit_id.eq(credit), m::status.eq("ready")),
                (m::alt.eq(english.phrase(&mut random, 8)), m::caption.eq(english.phrase(&mut random, 12)), m::extracted.eq(json!({}))),
                (m::created_by.eq(owner), m::created_at.eq(begun()), m::updated_at.eq(begun())),
            ))
        };
        let numbers: Vec<usize> = (from..self.pictures).collect();
        for numbers in numbers.chunks(ROWS) {
            let rows: Vec<_> = numbers.iter().filter_map(|number| row(*number)).collect();
            diesel::insert_into(m::table).values(rows).on_conflict(m::id).do_nothing().execute(tx)?;
        }
        Ok(())
    }
}

fn tag(seed: u64, number: usize, language: &Language) -> Tag {
    let mut random = Random::of(seed, Stream::Tag, number as u64);
    let words = 1 + random.below(2);
    let name = language.name(&mut random, words);
    let is_public = number < TAGS - INTERNAL;
    let kind = match random.below(100) {
        _ if !is_public => TagKind::Internal,
        0..50 => TagKind::Topic,
        50..65 => TagKind::Place,
        65..80 => TagKind::Person,
        80..90 => TagKind::Organisation,
        90..94 => TagKind::Event,
        94..97 => TagKind::Series,
        _ => TagKind::Section,
    };
    Tag { id: reference_id(seed, Stream::Tag, number), is_public, slug: slug(&name, language, number), name, kind }
}

fn author(seed: u64, number: usize, language: &Language) -> Author {
    const TITLES: &[&str] = &["Reporter", "Correspondent", "Editor", "Columnist", "Critic", "Data reporter"];
    let mut random = Random::of(seed, Stream::Author, number as u64);
    let (given, family) = (language.name(&mut random, 1), language.name(&mut random, 1));
    let name = format!("{given} {family}");
    Author {
        id: reference_id(seed, Stream::Author, number),
        slug: slug(&name, language, number),
        sort_name: format!("{family}, {given}"),
        job_title: random.chance(80).then(|| random.pick(TITLES).map(ToOwned::to_owned)).flatten(),
        former: random.chance(15),
        name,
    }
}

/// A file as pictures describe it.
struct File {
    name: &'static str,
    mime: &'static str,
    bytes: i64,
    sha256: Vec<u8>,
    size: (i32, i32),
    blurhash: String,
}

impl File {
    fn read(file: &'static str) -> Result<Self> {
        let bytes = photos::bytes(file)?;
        let seen = imaging::inspect(bytes, &Limits::default()).map_err(Error::internal)?;
        Ok(Self {
            name: file.rsplit('/').next().unwrap_or(file),
            mime: seen.mime,
            bytes: i64::try_from(bytes.len()).map_err(Error::internal)?,
            sha256: Sha256::digest(bytes).to_vec(),
            size: (i32::try_from(seen.width).map_err(Error::internal)?, i32::try_from(seen.height).map_err(Error::internal)?),
            blurhash: seen.blurhash,
        })
    }
}
