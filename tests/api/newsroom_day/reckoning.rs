//! The evening: what is found on the desk, in the world, on the feed of changes and in the audit trail is exactly what was
//! acknowledged, everything read over HTTP.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde_json::{Value, json};

use super::ledger::{Deed, Doubt, Ledger};
use super::person::Person;
use crate::support::program::PATIENCE;

/// Every item of a list, page after page.
fn walk(me: &Person<'_>, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = me.get(&format!("{path}limit=100{cursor}")).expect(200);
        let data = page["data"].as_array().unwrap();
        items.extend(data.iter().cloned());
        match page["page"]["next"].as_str().filter(|_| !data.is_empty()) {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

/// What the feed of changes and the audit trail have of each thing, in order.
struct Traces {
    changes: BTreeMap<String, Vec<(String, Option<i64>)>>,
    deeds: BTreeMap<String, Vec<(String, String)>>,
}

impl Traces {
    fn read(me: &Person<'_>) -> Self {
        let text = |item: &Value, member: &str| item[member].as_str().unwrap().to_owned();
        let (mut changes, mut deeds) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        for change in walk(me, "/v1/changes?") {
            changes.entry(text(&change, "article_id")).or_default().push((text(&change, "kind"), change["revision"].as_i64()));
        }
        for event in walk(me, "/v1/editorial/audit-events?resource=article&").iter().rev() {
            // A link that is asked for twice is two links: none is kept for a retry.
            if !matches!(event["action"].as_str(), Some("preview" | "revoke_preview")) {
                deeds.entry(text(event, "target_id")).or_default().push((text(event, "actor"), text(event, "action")));
            }
        }
        Self { changes, deeds }
    }
}

/// What was done to a story, with what turns out to have been done though nobody was told.
fn with_doubt(me: &Person<'_>, id: &str, mut deeds: Vec<Deed>, doubt: Option<Doubt>) -> Vec<Deed> {
    let Some(Doubt { before, deed }) = doubt else { return deeds };
    let now = me.get(&format!("/v1/editorial/articles/{id}")).expect(200).json;
    if now["version"] == before["version"] {
        assert_eq!(now, before, "half of something was done");
    } else {
        deeds.push(deed);
    }
    deeds
}

/// The revision that the world shows after these changes.
fn live_revision(changes: &[(String, Option<i64>)]) -> Option<i64> {
    changes.last().and_then(|(_, revision)| *revision)
}

fn check_story(me: &Person<'_>, id: &str, deeds: &[Deed], traces: &Traces) {
    let versions: BTreeSet<_> = deeds.iter().map(|deed| deed.version).collect();
    let last = *versions.last().unwrap();
    assert_eq!(versions, (1..=last).collect(), "{id}: versions that nobody was told of, or was told of and are not");
    let url = format!("/v1/editorial/articles/{id}");
    let now = me.get(&url).expect(200).json;
    assert_eq!(now["version"], last, "{id}: {deeds:#?}");
    if let Some(state) = deeds.iter().rev().find(|deed| deed.version == last).and_then(|deed| deed.state.as_ref()) {
        let without = |state: &Value| {
            let mut state = state.clone();
            for member in ["lock", "authors", "body"] {
                state.as_object_mut().unwrap().remove(member);
            }
            state
        };
        assert_eq!(without(&now), without(state), "{id}");
    }
    let expected: Vec<_> = deeds.iter().filter_map(|deed| Some((deed.actor.clone(), deed.action?.to_owned()))).collect();
    assert_eq!(traces.deeds.get(id), Some(&expected), "{id}: the audit trail");
    let expected: Vec<_> = deeds.iter().filter_map(|deed| deed.change.map(|(kind, revision)| (kind.to_owned(), revision))).collect();
    assert_eq!(traces.changes.get(id).map_or(&[][..], Vec::as_slice), expected, "{id}: the feed of changes");
    assert_eq!(now["live_revision"].as_i64(), live_revision(&expected), "{id}");
    for (number, words) in deeds.iter().filter_map(|deed| deed.says.as_ref()) {
        let revision = me.get(&format!("{url}/revisions/{number}?body=text")).expect(200);
        assert!(revision["content"]["body"]["value"].as_str().unwrap().contains(words), "{id}: revision {number} has lost its words");
    }
}

/// What the world shows of a story: the words of its live revision, and its corrections.
fn check_world(me: &Person<'_>, id: &str, deeds: &[Deed], live: Option<i64>) {
    let shown = me.get(&format!("/v1/articles/{id}"));
    let Some(live) = live else {
        shown.expect(404);
        return;
    };
    let shown = shown.expect(200);
    let words = me.get(&format!("/v1/editorial/articles/{id}/revisions/{live}")).expect(200);
    assert_eq!((&shown["headline"], &shown["body"]["value"]), (&words["content"]["headline"], &words["content"]["body"]["value"]), "{id}");
    let corrections = deeds.iter().filter(|deed| deed.action == Some("correct")).count();
    assert_eq!(shown["corrections"].as_array().unwrap().len(), corrections, "{id}");
}

/// Fails the test unless everything is as was acknowledged. Gives how many stories there are, and how many of them live.
pub fn reckon(me: &Person<'_>, ledger: Ledger) -> (usize, usize) {
    let mut traces = Traces::read(me);
    let stories: Vec<_> = ledger.close().into_iter().map(|(id, deeds, doubt)| (with_doubt(me, &id, deeds, doubt), id)).collect();
    let mut live = BTreeSet::new();
    for (deeds, id) in &stories {
        check_story(me, id, deeds, &traces);
        let revision = live_revision(traces.changes.get(id).map_or(&[], Vec::as_slice));
        check_world(me, id, deeds, revision);
        live.extend(revision.map(|_| id.clone()));
        traces.changes.remove(id);
        traces.deeds.remove(id);
    }
    assert!(traces.changes.is_empty() && traces.deeds.is_empty(), "things were done that nobody did: {:?} {:?}", traces.changes, traces.deeds);
    let ids = |path| walk(me, path).iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(ids("/v1/editorial/articles?"), stories.iter().map(|(_, id)| id.clone()).collect());
    // A list may be kept by this process until it has heard what another one did: it hears within moments.
    let deadline = Instant::now() + PATIENCE;
    while ids("/v1/articles?") != live {
        assert!(Instant::now() < deadline, "the world lists other stories than are live");
    }
    (stories.len(), live.len())
}

/// What both wrote into one story is all there, each line once.
pub fn check_shared(me: &Person<'_>, url: &str, lines: &[String]) {
    let text = me.get(&format!("{url}?body=text")).expect(200);
    let text = text["body"]["value"].as_str().unwrap();
    for line in lines {
        assert_eq!(text.matches(line.as_str()).count(), 1, "a line was lost or written twice");
    }
}

/// The home page shows what was chosen last, as far as it is live, and the name that the author has now.
pub fn check_home(me: &Person<'_>, renamed: &str) {
    let desk = me.get("/v1/editorial/collections/home").expect(200);
    let shown = me.get("/v1/collections/home").expect(200);
    assert_eq!(shown["items"].as_array().unwrap().len(), 1);
    assert_eq!(shown["items"][0]["id"], desk["slots"][0]["article_id"]);
    let author = me.get(&format!("/v1/editorial/authors/{renamed}")).expect(200);
    let stories = me.get(&format!("/v1/articles?author={}", author.str("slug"))).expect(200);
    let names: BTreeSet<_> = stories["data"].as_array().unwrap().iter().map(|story| story["authors"][0]["name"].to_string()).collect();
    assert_eq!(names, BTreeSet::from([json!(author["name"]).to_string()]));
}
