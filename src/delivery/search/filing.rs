//! Filters of the feed as marks, so that the index answers them together with the words.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::collections::HashMap;
use uuid::Uuid;

use super::hunt::Within;
use super::question::{Asked, Place, Question};
use crate::db::statement::Statement;
use crate::delivery::feed::{AnyOf, Filter};
use crate::error::Result;
use crate::schema::{authors, tags};
use crate::search_words::{Stemming, marks};

/// Every language that something live is in, by one step in the index each.
const LANGUAGES: &str = "WITH RECURSIVE live_languages AS ((SELECT l.language FROM live_articles l ORDER BY l.language LIMIT 1) UNION ALL \
                         SELECT (SELECT l.language FROM live_articles l WHERE l.language > w.language ORDER BY l.language LIMIT 1) FROM live_languages w WHERE w.language IS NOT NULL) \
                         SELECT w.language FROM live_languages w WHERE w.language IS NOT NULL";

/// The question with the filter, as the database takes it; `None` when nothing can fit.
///
/// # Errors
/// What the database says.
pub fn asked(conn: &mut PgConnection, question: &Question, filter: &Filter, place: Place) -> Result<Option<Asked>> {
    if question.is_empty() {
        return Ok(None);
    }
    let Some(filed) = filed(conn, filter)? else { return Ok(None) };
    let languages = if filter.language.any.is_empty() { Statement::<Text>::new(LANGUAGES).load::<String>(conn)? } else { filter.language.any.clone() };
    let mut stemmings: Vec<_> = languages.iter().map(|language| Stemming::of(language)).collect();
    stemmings.sort_unstable();
    stemmings.dedup();
    if stemmings.is_empty() {
        return Ok(None);
    }
    let asked = question.asked(&stemmings, place);
    let with = |words: &str| format!("({words}){filed}");
    Ok(Some(Asked { exact: with(&asked.exact), loose: with(&asked.loose), rank: asked.rank }))
}

/// What of the filter is no mark.
pub fn within(filter: &Filter) -> Within {
    Within { after: filter.published_after, before: filter.published_before, updated_after: filter.updated_after, exclude: filter.exclude.clone(), newer_than: filter.newer_than }
}

/// The mark of a name, where there is what it names.
type Mark<'a> = &'a dyn Fn(&str) -> Option<String>;

/// ` & …` for each part of the filter; `None` when it names only what is not there.
fn filed(conn: &mut PgConnection, filter: &Filter) -> Result<Option<String>> {
    let tag_slugs: Vec<&String> = [&filter.tag, &filter.primary_tag].into_iter().flat_map(|f| f.any.iter().chain(&f.none)).chain(&filter.tags_all).collect();
    let author_slugs: Vec<&String> = filter.author.any.iter().chain(&filter.author.none).collect();
    let tags: HashMap<String, Uuid> = match tag_slugs.as_slice() {
        [] => HashMap::new(),
        slugs => tags::table.filter(tags::slug.eq_any(slugs)).select((tags::slug, tags::id)).load(conn)?.into_iter().collect(),
    };
    let authors: HashMap<String, Uuid> = match author_slugs.as_slice() {
        [] => HashMap::new(),
        slugs => authors::table.filter(authors::slug.eq_any(slugs)).select((authors::slug, authors::id)).load(conn)?.into_iter().collect(),
    };
    let mut out = String::new();
    let all: Option<Vec<_>> = filter.tags_all.iter().map(|slug| tags.get(slug).map(|id| marks::tag(*id))).collect();
    let Some(all) = all else { return Ok(None) };
    for mark in all {
        out.push_str(&format!(" & '{mark}'"));
    }
    let named = |ids: &HashMap<String, Uuid>, mark: fn(Uuid) -> String, slug: &str| ids.get(slug).map(|id| mark(*id));
    let parts: [(&AnyOf, Mark<'_>); 5] = [
        (&filter.tag, &|slug| named(&tags, marks::tag, slug)),
        (&filter.primary_tag, &|slug| named(&tags, marks::primary_tag, slug)),
        (&filter.author, &|slug| named(&authors, marks::author, slug)),
        (&filter.kind, &|word| Some(marks::kind(word))),
        (&filter.language, &|tag| Some(marks::language(tag))),
    ];
    for (part, mark) in parts {
        let quoted = |names: &[String]| names.iter().filter_map(|name| mark(name)).map(|mark| format!("'{mark}'")).collect::<Vec<_>>();
        let (any, none) = (quoted(&part.any), quoted(&part.none));
        if !part.any.is_empty() && any.is_empty() {
            return Ok(None);
        }
        if !any.is_empty() {
            out.push_str(&format!(" & ({})", any.join(" | ")));
        }
        if !none.is_empty() {
            out.push_str(&format!(" & !({})", none.join(" | ")));
        }
    }
    Ok(Some(out))
}
