//! What was acknowledged: one entry for each version that somebody was told of. Nobody's answers are taken on trust: the
//! entries of a story, put in the order of its versions, foretell what must be found everywhere at the end.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::Value;

/// A deed that was done for certain.
#[derive(Debug, Clone)]
pub struct Deed {
    /// The version of the story since; for what makes none, the one it was done to.
    pub version: i64,
    /// Whoever did it, as the audit trail calls them.
    pub actor: String,
    /// What, as the audit trail calls it; `None` where the trail has it under another thing.
    pub action: Option<&'static str>,
    /// What mirrors are told: the kind of change, and the revision that is live since.
    pub change: Option<(&'static str, Option<i64>)>,
    /// A new revision, and words that stand in it.
    pub says: Option<(i64, String)>,
    /// The story as the answer showed it.
    pub state: Option<Value>,
}

/// A request that was never answered, and what it asked for.
#[derive(Debug, Clone)]
pub struct Doubt {
    /// The story before it.
    pub before: Value,
    /// What it comes to, if it was done.
    pub deed: Deed,
}

/// See the module.
#[derive(Default)]
pub struct Ledger {
    stories: Mutex<BTreeMap<String, Vec<Deed>>>,
    doubts: Mutex<BTreeMap<String, Doubt>>,
}

impl Ledger {
    /// Writes down what was done to a story.
    pub fn acknowledge(&self, story: &str, deed: Deed) {
        self.stories.lock().unwrap().entry(story.to_owned()).or_default().push(deed);
    }

    /// Writes down what may have been done to a story that nobody touches any more.
    pub fn doubt(&self, story: &str, doubt: Doubt) {
        assert!(self.doubts.lock().unwrap().insert(story.to_owned(), doubt).is_none());
    }

    /// How much has been acknowledged.
    pub fn len(&self) -> usize {
        self.stories.lock().unwrap().values().map(Vec::len).sum()
    }

    /// Each story with what was done to it, in order, and what may have been done last.
    pub fn close(self) -> Vec<(String, Vec<Deed>, Option<Doubt>)> {
        let mut doubts = self.doubts.into_inner().unwrap();
        let stories = self.stories.into_inner().unwrap().into_iter();
        stories
            .map(|(id, mut deeds)| {
                deeds.sort_by_key(|deed| deed.version);
                let doubt = doubts.remove(&id);
                (id, deeds, doubt)
            })
            .collect()
    }
}
