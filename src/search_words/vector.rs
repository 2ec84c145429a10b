//! The vector in which the database keeps the words of a story, in the binary form of PostgreSQL's `tsvector`.

use std::collections::BTreeMap;

use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::query_builder::QueryId;
use diesel::serialize::{IsNull, Output, ToSql};
use diesel::sql_types::SqlType;

use super::fold::words;
use super::stem::Stemming;

/// PostgreSQL's `tsvector`.
#[derive(Debug, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 3614, array_oid = 3643))]
pub struct Tsvector;

/// How much a word counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// The headline's.
    A,
    /// Those of tags and of the byline.
    B,
    /// Those of kicker and standfirst.
    C,
    /// The text's.
    D,
}

/// Between two texts, so that no phrase reaches from one into the other.
const GAP: u16 = 16;
/// Beyond it the database keeps no position.
const LAST_POSITION: u16 = 16_383;
/// Positions that the database keeps of one word.
const MOST_POSITIONS: usize = 255;

/// Words with their weights and places, and marks without.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression)]
#[diesel(sql_type = Tsvector)]
pub struct Vector {
    stemming: Stemming,
    entries: BTreeMap<String, Vec<u16>>,
    at: u16,
}

impl Vector {
    /// An empty one, for a text whose words are brought to their stems in this way.
    #[must_use]
    pub const fn new(stemming: Stemming) -> Self {
        Self { stemming, entries: BTreeMap::new(), at: 0 }
    }

    /// Adds the first `most` words of a text.
    pub fn text(&mut self, weight: Weight, text: &str, most: usize) -> &mut Self {
        let bits = match weight {
            Weight::A => 3,
            Weight::B => 2,
            Weight::C => 1,
            Weight::D => 0,
        };
        for word in words(text).take(most) {
            self.at = (self.at + 1).min(LAST_POSITION);
            let places = self.entries.entry(self.stemming.stem(&word.text).into_owned()).or_default();
            if places.len() < MOST_POSITIONS && places.last().is_none_or(|place| place & LAST_POSITION != self.at) {
                places.push(bits << 14 | self.at);
            }
        }
        self.at = (self.at + GAP).min(LAST_POSITION);
        self
    }

    /// Adds a mark.
    pub fn mark(&mut self, mark: String) -> &mut Self {
        self.entries.entry(mark).or_default();
        self
    }
}

impl ToSql<Tsvector, Pg> for Vector {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        use std::io::Write;
        let mut bytes = Vec::with_capacity(self.entries.len() * 16 + 4);
        bytes.extend(u32::try_from(self.entries.len())?.to_be_bytes());
        for (word, places) in &self.entries {
            bytes.extend(word.as_bytes());
            bytes.push(0);
            bytes.extend(u16::try_from(places.len())?.to_be_bytes());
            bytes.extend(places.iter().flat_map(|place| place.to_be_bytes()));
        }
        out.write_all(&bytes)?;
        Ok(IsNull::No)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_places_and_weights_and_marks_have_none() {
        let mut vector = Vector::new(Stemming::of("en"));
        vector.text(Weight::A, "Harbour reopens", 10).text(Weight::D, "The harbour, the harbours and more", 4).mark("~knews".into());
        let entries: Vec<_> = vector.entries.iter().map(|(word, places)| (word.as_str(), places.iter().map(|p| (p >> 14, p & LAST_POSITION)).collect::<Vec<_>>())).collect();
        assert_eq!(entries, [("harbour", vec![(3, 1), (0, 20), (0, 22)]), ("reopen", vec![(3, 2)]), ("the", vec![(0, 19), (0, 21)]), ("~knews", vec![])]);
    }
}
