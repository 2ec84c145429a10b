//! What stories refer to and what stands of them before the world already, read with one statement for all of them.
//! Changes nothing.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use diesel::RunQueryDsl;
use diesel::pg::PgConnection;
use diesel::sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::content::Contribution;
use super::story::{Correction, Person, Story, Subject, Times, Translation};
use crate::db::statement::{Bind, Statement};
use crate::error::{Error, Result};
use crate::timestamp::Timestamp;
use crate::vocabulary::CorrectionKind;

/// Something that a live story is filed under, as it stands.
#[derive(Debug, Clone, Copy)]
pub struct Filed {
    /// The tag or author.
    pub under: Uuid,
    /// The story's date of publication there.
    pub published: Timestamp,
    /// The date of its last change there.
    pub updated: Timestamp,
}

/// What a live story is filed under, as it stands.
#[derive(Debug, Default)]
pub struct Had {
    /// Its tags.
    pub tags: Vec<Filed>,
    /// Its authors.
    pub authors: Vec<Filed>,
    /// Its pictures.
    pub pictures: Vec<Uuid>,
}

/// An author's name and job title.
type Named = (String, Option<String>);

/// What stories refer to, read for all of them at once.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// Authors as they are called now.
    now: HashMap<Uuid, Named>,
    /// Authors as they were called when a story went live, by story and author.
    then: HashMap<(Uuid, Uuid), Named>,
    /// Tags that are not internal, with their names by language.
    public_tags: HashMap<Uuid, (String, HashMap<String, String>)>,
    /// Live stories, by group.
    groups: HashMap<Uuid, Vec<Translation>>,
    corrections: HashMap<Uuid, Vec<Correction>>,
    /// Slugs of those of the stories that are live already.
    slugs: HashMap<Uuid, String>,
    had: HashMap<Uuid, Had>,
    none: Had,
}

/// What a row tells of, by its first column.
const AUTHOR: i32 = 1;
const BYLINE: i32 = 2;
const TAG: i32 = 3;
const IN_GROUP: i32 = 4;
const CORRECTION: i32 = 5;
const LIVE: i32 = 6;
const UNDER_TAG: i32 = 7;
const UNDER_AUTHOR: i32 = 8;
const WITH_PICTURE: i32 = 9;

type Columns = (Integer, SqlUuid, Nullable<SqlUuid>, Nullable<Text>, Nullable<Text>, Nullable<Timestamptz>, Nullable<Timestamptz>);
type Row = (i32, Uuid, Option<Uuid>, Option<String>, Option<String>, Option<Timestamp>, Option<Timestamp>);

/// Each kind of row: its number, what is read before the bound ids, and which ids those are.
const PARTS: &[(&str, Ids)] = &[
    ("SELECT 1 AS kind, id AS a, NULL::uuid AS b, name AS x, job_title AS y, NULL::timestamptz AS at, NULL::timestamptz AS until FROM authors WHERE id = ANY(", Ids::People),
    (") UNION ALL SELECT 2, article_id, author_id, name, job_title, NULL, NULL FROM bylines WHERE article_id = ANY(", Ids::Stories),
    (") UNION ALL SELECT 3, id, NULL, name, nullif(names, '{}')::text, NULL, NULL FROM tags WHERE kind <> 'internal' AND id = ANY(", Ids::Tags),
    (") UNION ALL SELECT 4, translation_group, id, language, slug, NULL, NULL FROM live_articles WHERE translation_group = ANY(", Ids::Groups),
    (") UNION ALL SELECT 5, article_id, id, kind, text, created_at, NULL FROM corrections WHERE article_id = ANY(", Ids::Stories),
    (") UNION ALL SELECT 6, id, NULL, slug, NULL, NULL, NULL FROM live_articles WHERE id = ANY(", Ids::Stories),
    (") UNION ALL SELECT 7, article_id, tag_id, NULL, NULL, published_at, updated_at FROM live_article_tags WHERE article_id = ANY(", Ids::Stories),
    (") UNION ALL SELECT 8, article_id, author_id, NULL, NULL, published_at, updated_at FROM live_article_authors WHERE article_id = ANY(", Ids::Stories),
    (") UNION ALL SELECT 9, article_id, media_id, NULL, NULL, NULL, NULL FROM live_article_media WHERE article_id = ANY(", Ids::Stories),
];

#[derive(Clone, Copy)]
enum Ids {
    Stories,
    Groups,
    People,
    Tags,
}

impl Surroundings {
    /// Reads them.
    ///
    /// # Errors
    /// What the database says.
    pub fn load(conn: &mut PgConnection, stories: &[Subject<'_>]) -> Result<Self> {
        let people: HashSet<Uuid> = stories.iter().flat_map(|s| s.content.authors.iter().map(|a| a.author_id)).collect();
        let tags: HashSet<Uuid> = stories.iter().flat_map(|s| s.content.tags.iter().copied()).collect();
        let mut sql = Statement::<Columns>::new("");
        for (part, ids) in PARTS {
            let ids = match ids {
                Ids::Stories => stories.iter().map(|s| s.id).collect(),
                Ids::Groups => stories.iter().map(|s| s.group).collect(),
                Ids::People => people.iter().copied().collect(),
                Ids::Tags => tags.iter().copied().collect(),
            };
            sql.sql(part).bind(Bind::Ids(ids));
        }
        sql.sql(")");
        let mut all = Self::default();
        for row in sql.load::<Row>(conn)? {
            all.take(row)?;
        }
        all.groups.values_mut().for_each(|live| live.sort_unstable_by(|a, b| (&a.language, a.id).cmp(&(&b.language, b.id))));
        all.corrections.values_mut().for_each(|made| made.sort_unstable_by_key(|c| Reverse((c.at, c.id))));
        Ok(all)
    }

    fn take(&mut self, row: Row) -> Result<()> {
        let missing = || Error::internal("a row lacks what its kind has");
        match row {
            (AUTHOR, id, _, Some(name), title, ..) => drop(self.now.insert(id, (name, title))),
            (BYLINE, story, Some(author), Some(name), title, ..) => drop(self.then.insert((story, author), (name, title))),
            (TAG, id, _, Some(name), names, ..) => {
                let names = names.map(|names| serde_json::from_str(&names)).transpose().map_err(Error::internal)?;
                self.public_tags.insert(id, (name, names.unwrap_or_default()));
            }
            (IN_GROUP, group, Some(id), Some(language), Some(slug), ..) => self.groups.entry(group).or_default().push(Translation { language, slug, id }),
            (CORRECTION, story, Some(id), Some(kind), Some(text), Some(at), _) => {
                let kind = CorrectionKind::parse(&kind).ok_or_else(missing)?;
                self.corrections.entry(story).or_default().push(Correction { id, kind, text, at });
            }
            (LIVE, id, _, Some(slug), ..) => drop(self.slugs.insert(id, slug)),
            (UNDER_TAG, story, Some(under), _, _, Some(published), Some(updated)) => self.had.entry(story).or_default().tags.push(Filed { under, published, updated }),
            (UNDER_AUTHOR, story, Some(under), _, _, Some(published), Some(updated)) => self.had.entry(story).or_default().authors.push(Filed { under, published, updated }),
            (WITH_PICTURE, story, Some(media), ..) => self.had.entry(story).or_default().pictures.push(media),
            _ => return Err(missing()),
        }
        Ok(())
    }

    /// The slug under which a story is live; `None` when it is not.
    #[must_use]
    pub fn live_slug(&self, story: Uuid) -> Option<&str> {
        self.slugs.get(&story).map(String::as_str)
    }

    /// The live stories of a group.
    pub fn live_in(&self, group: Uuid) -> impl Iterator<Item = Uuid> {
        self.groups.get(&group).into_iter().flatten().map(|live| live.id)
    }

    /// Whether the name under which an author stands over a story has been kept.
    #[must_use]
    pub fn has_byline(&self, story: Uuid, author: Uuid) -> bool {
        self.then.contains_key(&(story, author))
    }

    /// Whether this is an author.
    #[must_use]
    pub fn has_author(&self, id: Uuid) -> bool {
        self.now.contains_key(&id)
    }

    /// Whether this is a tag that the world may see.
    #[must_use]
    pub fn has_public_tag(&self, id: Uuid) -> bool {
        self.public_tags.contains_key(&id)
    }

    /// What a story is filed under, as it stands.
    #[must_use]
    pub fn filed(&self, story: Uuid) -> &Had {
        self.had.get(&story).unwrap_or(&self.none)
    }

    /// One of the stories.
    #[must_use]
    pub fn story<'a>(&self, subject: Subject<'a>, times: Times) -> Story<'a> {
        let Subject { id, group, content } = subject;
        // As they were called when this story went live; those who are new on it, as they are called now.
        let person = |a: &Contribution| {
            let now = self.now.get(&a.author_id)?;
            let (name, job_title) = self.then.get(&(id, a.author_id)).unwrap_or(now).clone();
            Some(Person { id: a.author_id, role: a.role, name, job_title })
        };
        let tags = content.tags.iter().filter_map(|id| Some((*id, self.public_tags.get(id)?)));
        let called = |(name, names): &(String, HashMap<String, String>)| std::iter::once(name.clone()).chain(names.get(&content.language).cloned()).collect::<Vec<_>>();
        let others = self.groups.get(&group).into_iter().flatten().filter(|other| other.id != id);
        Story {
            id,
            content,
            times,
            people: content.authors.iter().filter_map(person).collect(),
            tags: tags.clone().map(|(id, _)| id).collect(),
            tag_names: tags.flat_map(|(_, names)| called(names)).collect(),
            translations: others.cloned().collect(),
            corrections: self.corrections.get(&id).cloned().unwrap_or_default(),
        }
    }
}
