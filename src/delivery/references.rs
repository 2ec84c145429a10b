//! Names, credits and pictures that cards refer to, read through a cache that is never stale: every read of a card also
//! reads the number that moves when any of them changes, and an entry counts only while that number is the same.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use moka::sync::Cache;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::pictures::{self, Picture};
use crate::schema::{authors, site, tags};

/// The live members of an author where a story names them.
#[derive(Debug, Clone)]
pub struct AuthorNow {
    /// `"slug":…,"job_title_now":…,"former":…`
    pub members: String,
    /// The portrait.
    pub avatar: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Author,
    Tag,
    Picture,
    Site,
}

#[derive(Clone)]
enum Item {
    Author(Arc<AuthorNow>),
    Tag(Arc<str>),
    Picture(Arc<Picture>),
    UrlTemplate(Arc<str>),
    /// Looked for, and not there.
    Nothing,
}

impl Item {
    fn weight(&self) -> usize {
        match self {
            Self::Author(author) => author.members.len(),
            Self::Tag(text) | Self::UrlTemplate(text) => text.len(),
            Self::Picture(picture) => picture.weight(),
            Self::Nothing => 0,
        }
    }
}

/// Bytes kept at the most.
const CAPACITY: u64 = 32 << 20;
/// What the cache itself needs for an entry, about.
const ENTRY: usize = 256;

/// The cache.
pub struct References {
    cache: Cache<(Kind, Uuid), (i64, Item)>,
}

impl Default for References {
    fn default() -> Self {
        Self::new()
    }
}

/// What the slots of some cards need, all of it at hand.
#[derive(Default)]
pub struct Loaded {
    /// By author.
    pub authors: HashMap<Uuid, Arc<AuthorNow>>,
    /// By tag: a JSON object.
    pub tags: HashMap<Uuid, Arc<str>>,
    /// By media.
    pub pictures: HashMap<Uuid, Arc<Picture>>,
    /// How public addresses of articles are made.
    pub url_template: Arc<str>,
}

impl References {
    /// An empty cache.
    #[must_use]
    pub fn new() -> Self {
        let weigh = |_: &(Kind, Uuid), (_, item): &(i64, Item)| u32::try_from(item.weight() + ENTRY).unwrap_or(u32::MAX);
        Self { cache: Cache::builder().max_capacity(CAPACITY).weigher(weigh).build() }
    }

    fn cached(&self, kind: Kind, id: Uuid, generation: i64) -> Option<Item> {
        self.cache.get(&(kind, id)).filter(|(at, _)| *at == generation).map(|(_, item)| item)
    }

    fn keep(&self, kind: Kind, id: Uuid, generation: i64, item: &Item) {
        self.cache.insert((kind, id), (generation, item.clone()));
    }

    /// Everything these ids name, from the cache where it is of this generation, otherwise from the database.
    ///
    /// # Errors
    /// What the database says.
    pub fn load(&self, conn: &mut PgConnection, generation: i64, base: &str, wanted: Wanted) -> Result<Loaded> {
        let mut loaded = Loaded { url_template: self.url_template(conn, generation)?, ..Loaded::default() };
        self.resolve(
            Kind::Author,
            wanted.authors,
            generation,
            |ids| load_authors(conn, ids),
            |id, item| {
                if let Item::Author(author) = item {
                    loaded.authors.insert(id, author);
                }
            },
        )?;
        self.resolve(
            Kind::Tag,
            wanted.tags,
            generation,
            |ids| load_tags(conn, ids),
            |id, item| {
                if let Item::Tag(tag) = item {
                    loaded.tags.insert(id, tag);
                }
            },
        )?;
        let mut images = wanted.pictures;
        images.extend(loaded.authors.values().filter_map(|author| author.avatar));
        self.resolve(
            Kind::Picture,
            images,
            generation,
            |ids| load_pictures(conn, ids, base),
            |id, item| {
                if let Item::Picture(picture) = item {
                    loaded.pictures.insert(id, picture);
                }
            },
        )?;
        Ok(loaded)
    }

    fn resolve(&self, kind: Kind, mut ids: Vec<Uuid>, generation: i64, load: impl FnOnce(&[Uuid]) -> Result<HashMap<Uuid, Item>>, mut give: impl FnMut(Uuid, Item)) -> Result<()> {
        ids.sort_unstable();
        ids.dedup();
        let mut missing = Vec::new();
        for id in ids {
            match self.cached(kind, id, generation) {
                Some(item) => give(id, item),
                None => missing.push(id),
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let mut found = load(&missing)?;
        for id in missing {
            let item = found.remove(&id).unwrap_or(Item::Nothing);
            self.keep(kind, id, generation, &item);
            give(id, item);
        }
        Ok(())
    }

    fn url_template(&self, conn: &mut PgConnection, generation: i64) -> Result<Arc<str>> {
        if let Some(Item::UrlTemplate(template)) = self.cached(Kind::Site, Uuid::nil(), generation) {
            return Ok(template);
        }
        let template: Option<String> = site::table.select(site::article_url_template).first(conn).optional()?;
        let template: Arc<str> = template.unwrap_or_else(|| "/{slug}".to_owned()).into();
        self.keep(Kind::Site, Uuid::nil(), generation, &Item::UrlTemplate(Arc::clone(&template)));
        Ok(template)
    }
}

/// Ids that slots name.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Authors.
    pub authors: Vec<Uuid>,
    /// Tags.
    pub tags: Vec<Uuid>,
    /// Pictures.
    pub pictures: Vec<Uuid>,
}

fn load_authors(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, Item>> {
    type Row = (Uuid, String, Option<String>, bool, Option<Uuid>);
    let rows: Vec<Row> =
        authors::table.filter(authors::id.eq_any(ids)).select((authors::id, authors::slug, authors::job_title, authors::former, authors::avatar_media_id)).load(conn)?;
    rows.into_iter()
        .map(|(id, slug, title, former, avatar)| {
            let members = format!("\"slug\":{},\"job_title_now\":{},\"former\":{former}", json(&slug), json(&title));
            Ok((id, Item::Author(Arc::new(AuthorNow { members, avatar }))))
        })
        .collect()
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

fn load_tags(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, Item>> {
    let rows: Vec<(Uuid, String, String, String)> =
        tags::table.filter(tags::id.eq_any(ids)).filter(tags::kind.ne("internal")).select((tags::id, tags::slug, tags::name, tags::kind)).load(conn)?;
    rows.into_iter()
        .map(|(id, slug, name, kind)| {
            let mut object = crate::card::Writer::default();
            object.member("id", &id).and_then(|o| o.member("slug", &slug)).and_then(|o| o.member("name", &name)).and_then(|o| o.member("kind", &kind)).map_err(Error::internal)?;
            Ok((id, Item::Tag(object.finish().into())))
        })
        .collect()
}

fn load_pictures(conn: &mut PgConnection, ids: &[Uuid], base: &str) -> Result<HashMap<Uuid, Item>> {
    Ok(pictures::load(conn, ids, base)?.into_iter().map(|(id, picture)| (id, Item::Picture(Arc::new(picture)))).collect())
}
