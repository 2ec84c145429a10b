//! Names, credits and pictures that cards refer to, read through a cache that is never stale: every read of a card also
//! reads the number that moves when any of them changes, and an entry counts only while that number is the same.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use diesel::pg::PgConnection;
use diesel::prelude::*;
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
        ENTRY
            + match self {
                Self::Author(author) => author.members.len(),
                Self::Tag(text) | Self::UrlTemplate(text) => text.len(),
                Self::Picture(picture) => picture.weight(),
                Self::Nothing => 0,
            }
    }
}

/// Bytes kept at the most.
const CAPACITY: usize = 32 << 20;
/// What the cache itself needs for an entry, about.
const ENTRY: usize = 128;

/// What is known of one generation.
#[derive(Default)]
struct Known {
    generation: i64,
    items: HashMap<(Kind, Uuid), Item>,
    weight: usize,
}

/// The cache. All of it goes with its generation, so nothing in it has an age of its own; when it is full it begins anew.
#[derive(Default)]
pub struct References {
    known: RwLock<Known>,
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

impl Loaded {
    fn take(&mut self, id: Uuid, item: Item) {
        match item {
            Item::Author(author) => drop(self.authors.insert(id, author)),
            Item::Tag(tag) => drop(self.tags.insert(id, tag)),
            Item::Picture(picture) => drop(self.pictures.insert(id, picture)),
            Item::UrlTemplate(template) => self.url_template = template,
            Item::Nothing => {}
        }
    }
}

impl References {
    /// Everything these ids name, from the cache where it is of this generation, otherwise from the database.
    ///
    /// # Errors
    /// What the database says.
    pub fn load(&self, conn: &mut PgConnection, generation: i64, base: &str, wanted: Wanted) -> Result<Loaded> {
        let mut loaded = Loaded::default();
        let mut first: Vec<_> = [(Kind::Site, Uuid::nil())].to_vec();
        for (kind, ids) in [(Kind::Author, wanted.authors), (Kind::Tag, wanted.tags), (Kind::Picture, wanted.pictures)] {
            first.extend(ids.into_iter().map(|id| (kind, id)));
        }
        self.resolve(conn, generation, base, first, &mut loaded)?;
        let portraits: Vec<_> = loaded.authors.values().filter_map(|author| author.avatar).filter(|id| !loaded.pictures.contains_key(id)).map(|id| (Kind::Picture, id)).collect();
        self.resolve(conn, generation, base, portraits, &mut loaded)?;
        Ok(loaded)
    }

    fn resolve(&self, conn: &mut PgConnection, generation: i64, base: &str, mut wanted: Vec<(Kind, Uuid)>, loaded: &mut Loaded) -> Result<()> {
        wanted.sort_unstable();
        wanted.dedup();
        {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            if known.generation == generation {
                wanted.retain(|key| match known.items.get(key) {
                    Some(item) => {
                        loaded.take(key.1, item.clone());
                        false
                    }
                    None => true,
                });
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let of = |kind| wanted.iter().filter(|key| key.0 == kind).map(|key| key.1).collect::<Vec<_>>();
        let mut found = HashMap::new();
        for (kind, load) in [(Kind::Author, load_authors as Load), (Kind::Tag, load_tags), (Kind::Picture, load_pictures), (Kind::Site, load_site)] {
            let ids = of(kind);
            if !ids.is_empty() {
                found.extend(load(conn, &ids, base)?.into_iter().map(|(id, item)| ((kind, id), item)));
            }
        }
        let items: Vec<_> = wanted.into_iter().map(|key| (key, found.remove(&key).unwrap_or(Item::Nothing))).collect();
        self.keep(generation, &items);
        for ((_, id), item) in items {
            loaded.take(id, item);
        }
        Ok(())
    }

    fn keep(&self, generation: i64, items: &[((Kind, Uuid), Item)]) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // What a slower reader found of an earlier generation is of no use to anybody else.
        if known.generation > generation {
            return;
        }
        let more: usize = items.iter().map(|(_, item)| item.weight()).sum();
        if known.generation < generation || known.weight + more > CAPACITY {
            *known = Known { generation, ..Known::default() };
        }
        known.weight += more;
        known.items.extend(items.iter().cloned());
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

type Load = fn(&mut PgConnection, &[Uuid], &str) -> Result<HashMap<Uuid, Item>>;

fn load_authors(conn: &mut PgConnection, ids: &[Uuid], _base: &str) -> Result<HashMap<Uuid, Item>> {
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

fn load_tags(conn: &mut PgConnection, ids: &[Uuid], _base: &str) -> Result<HashMap<Uuid, Item>> {
    let rows: Vec<(Uuid, String, String, String, serde_json::Value)> =
        tags::table.filter(tags::id.eq_any(ids)).filter(tags::kind.ne("internal")).select((tags::id, tags::slug, tags::name, tags::kind, tags::names)).load(conn)?;
    rows.into_iter()
        .map(|(id, slug, name, kind, names)| {
            let mut object = crate::card::Writer::default();
            object.member("id", &id).and_then(|o| o.member("slug", &slug)).and_then(|o| o.member("name", &name)).and_then(|o| o.member("kind", &kind)).map_err(Error::internal)?;
            if names.as_object().is_some_and(|names| !names.is_empty()) {
                object.member("names", &names).map_err(Error::internal)?;
            }
            Ok((id, Item::Tag(object.finish().into())))
        })
        .collect()
}

fn load_pictures(conn: &mut PgConnection, ids: &[Uuid], base: &str) -> Result<HashMap<Uuid, Item>> {
    Ok(pictures::load(conn, ids, base)?.into_iter().map(|(id, picture)| (id, Item::Picture(Arc::new(picture)))).collect())
}

fn load_site(conn: &mut PgConnection, _ids: &[Uuid], _base: &str) -> Result<HashMap<Uuid, Item>> {
    let template: Option<String> = site::table.select(site::article_url_template).first(conn).optional()?;
    Ok(HashMap::from([(Uuid::nil(), Item::UrlTemplate(template.unwrap_or_else(|| "/{slug}".to_owned()).into()))]))
}
