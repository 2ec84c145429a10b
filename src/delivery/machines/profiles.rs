//! What a single story's shapes say of its people and tags beyond its card: what they are, and where else to find them.

use std::collections::HashMap;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use super::story::Card;
use crate::error::Result;
use crate::schema::{authors, tags};
use crate::vocabulary::AuthorKind;

/// An author.
#[derive(Debug, Clone)]
pub struct Profile {
    /// What they are to the newsroom.
    pub kind: AuthorKind,
    /// Pages about them.
    pub pages: Vec<String>,
}

/// The people and tags of a story.
#[derive(Debug, Default)]
pub struct Profiles {
    authors: HashMap<Uuid, Profile>,
    tags: HashMap<Uuid, Vec<String>>,
}

impl Profiles {
    /// Reads them.
    ///
    /// # Errors
    /// What the database says.
    pub fn load(conn: &mut PgConnection, card: &Card) -> Result<Self> {
        let people = card.authors.iter().map(|author| author.id);
        let people: Vec<(Uuid, AuthorKind, serde_json::Value)> =
            authors::table.filter(authors::id.eq_any(people)).select((authors::id, authors::kind, authors::links)).load(conn)?;
        let labels = card.tags().map(|tag| tag.id);
        let labels: Vec<(Uuid, serde_json::Value)> = tags::table.filter(tags::id.eq_any(labels)).select((tags::id, tags::external_ids)).load(conn)?;
        Ok(Self {
            authors: people.into_iter().map(|(id, kind, links)| (id, Profile { kind, pages: addresses(&links, "url") })).collect(),
            tags: labels.into_iter().map(|(id, same)| (id, addresses(&same, "uri"))).collect(),
        })
    }

    /// Whether an author is an organisation rather than somebody.
    #[must_use]
    pub fn is_organisation(&self, author: Uuid) -> bool {
        self.authors.get(&author).is_some_and(|profile| matches!(profile.kind, AuthorKind::Agency | AuthorKind::Organisation))
    }

    /// Pages about an author.
    #[must_use]
    pub fn pages(&self, author: Uuid) -> &[String] {
        self.authors.get(&author).map_or(&[], |profile| &profile.pages)
    }

    /// A tag in the schemes of others.
    #[must_use]
    pub fn same_as(&self, tag: Uuid) -> &[String] {
        self.tags.get(&tag).map_or(&[], Vec::as_slice)
    }
}

/// The web addresses among the members of this name: other schemes have no place where a page is expected.
fn addresses(list: &serde_json::Value, member: &str) -> Vec<String> {
    let all = list.as_array().into_iter().flatten().filter_map(|item| item.get(member)?.as_str());
    all.filter(|address| url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))).map(ToOwned::to_owned).collect()
}
