//! Somebody at work, with a client as it should be: it asks again, under the same key and for the same version, until it
//! has an answer, and writes down what was acknowledged.

use std::time::Instant;

use masthead::timestamp::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::ledger::{Deed, Doubt, Ledger};
use crate::support::program::PATIENCE;
use crate::support::{Answer, Call, Client};

/// A story as its writer has it open.
#[derive(Debug, Clone)]
pub struct Story {
    /// Its id.
    pub id: String,
    /// As the last answer showed it.
    pub state: Value,
}

impl Story {
    fn of(state: Value) -> Self {
        Self { id: state["id"].as_str().unwrap().to_owned(), state }
    }

    /// A member that counts something.
    pub fn number(&self, member: &str) -> i64 {
        self.state[member].as_i64().unwrap()
    }

    /// Its version as an ETag.
    pub fn etag(&self) -> String {
        format!("\"v{}\"", self.number("version"))
    }

    /// Its address on the desk.
    pub fn url(&self, rest: &str) -> String {
        format!("/v1/editorial/articles/{}{rest}", self.id)
    }

    /// What a publish of it tells mirrors.
    fn goes_live(&self) -> Option<(&'static str, Option<i64>)> {
        let kind = if self.state["live_revision"].is_null() { "published" } else { "updated" };
        Some((kind, self.state["revision"].as_i64()))
    }
}

/// Words that nobody else writes.
pub fn mark() -> String {
    format!("mark{}", Uuid::new_v4().simple())
}

/// See the module.
#[derive(Clone)]
pub struct Person<'a> {
    /// As the audit trail calls them.
    pub name: String,
    /// Their credentials.
    pub client: Client,
    /// Where they write down what was acknowledged.
    pub ledger: &'a Ledger,
}

impl Person<'_> {
    /// Asks until there is an answer. Says too whether it was asked more than once: an earlier try may have been done.
    pub fn ask(&self, request: impl Fn(&Client) -> Call) -> (Answer, bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut again = false;
        loop {
            match request(&self.client).attempt() {
                Some(answer) if answer.status == 503 => assert!(!answer.header("retry-after").is_empty(), "503 without Retry-After"),
                Some(answer) => {
                    assert!(answer.status < 500, "{}: {}", answer.request, answer.text());
                    return (answer, again);
                }
                None => {}
            }
            again = true;
            assert!(Instant::now() < deadline, "{}: no answer", self.name);
            std::thread::yield_now();
        }
    }

    /// Reads.
    pub fn get(&self, path: &str) -> Answer {
        self.ask(|client| client.call("GET", path)).0
    }

    /// Sends something once for certain: under a key of its own, for this version where there is one.
    pub fn post(&self, path: &str, etag: Option<&str>, body: Option<&Value>) -> Answer {
        let key = Uuid::new_v4().to_string();
        let request = |client: &Client| {
            let call = etag.into_iter().fold(client.call("POST", path).key(&key), Call::if_match);
            body.into_iter().fold(call, Call::json)
        };
        self.ask(request).0
    }

    /// Looks until the story is as wanted.
    pub fn wait(&self, what: &str, story: &mut Story, is_so: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            story.state = self.get(&story.url("")).expect(200).json;
            if is_so(&story.state) {
                return;
            }
            assert!(Instant::now() < deadline, "{}: never came: {what}: {}", self.name, story.state);
        }
    }

    fn deed(&self, story: &Story, action: &'static str) -> Deed {
        Deed { version: story.number("version"), actor: self.name.clone(), action: Some(action), change: None, says: None, state: Some(story.state.clone()) }
    }

    /// Begins a story.
    pub fn create(&self, members: &Value) -> Story {
        let (mut members, words) = (members.clone(), mark());
        members["body"] = json!({ "markdown": words });
        let story = Story::of(self.post("/v1/editorial/articles", None, Some(&members)).expect(201).json);
        self.ledger.acknowledge(&story.id, Deed { says: Some((1, words)), ..self.deed(&story, "create") });
        story
    }

    /// Saves new words. `Err` with the refusal when somebody else was faster or is in the way.
    pub fn try_save(&self, story: &mut Story, members: &Value) -> Result<(), Answer> {
        let (mut members, words, etag) = (members.clone(), mark(), story.etag());
        members["body"] = json!({ "markdown": words });
        let (answer, again) = self.ask(|client| client.call("PATCH", &story.url("")).if_match(&etag).json(&members));
        let state = match answer.status {
            200 => answer.json,
            // The first try may have been heard, and its answer lost.
            412 if again => self.get(&story.url("")).expect(200).json,
            _ => return Err(answer),
        };
        if !state["body"]["value"].as_str().unwrap().contains(&words) {
            return Err(self.get(&story.url("")));
        }
        story.state = state;
        self.ledger.acknowledge(&story.id, Deed { says: Some((story.number("revision"), words)), ..self.deed(story, "update") });
        Ok(())
    }

    /// Saves new words into a story that nobody else touches just now.
    #[track_caller]
    pub fn save(&self, story: &mut Story, members: &Value) {
        let (before, revision) = (story.number("version"), story.number("revision"));
        self.try_save(story, members).unwrap_or_else(|answer| panic!("{}: {} {}", self.name, answer.status, answer.text()));
        assert_eq!((story.number("version"), story.number("revision")), (before + 1, revision + 1));
    }

    /// Makes a move and writes it down.
    #[track_caller]
    pub fn act(&self, story: &mut Story, action: &'static str, body: Option<&Value>) {
        let change = match action {
            "publish" => story.goes_live(),
            "unpublish" => Some(("unpublished", None)),
            _ => None,
        };
        story.state = self.post(&story.url(&format!("/{action}")), Some(&story.etag()), body).expect(200).json;
        self.ledger.acknowledge(&story.id, Deed { change, ..self.deed(story, action) });
    }

    /// Plans, and writes that down: what comes of it is for [`Self::await_plan`]. Whoever could not reach the service until
    /// the time had passed plans anew, with more room.
    pub fn schedule(&self, story: &mut Story, on: i64, off: Option<i64>) {
        let mut room = 0;
        let planned = loop {
            let at = |millis| masthead::app::now().plus(chrono::Duration::milliseconds(millis + room)).to_string();
            let plan = json!({ "publish_at": at(on), "unpublish_at": off.map(at) });
            let answer = self.post(&story.url("/schedule"), Some(&story.etag()), Some(&plan));
            if answer.status != 422 || answer.json["errors"][0]["code"] != "in_past" {
                break answer.expect(200);
            }
            room += 500;
        };
        story.state = planned.json;
        self.ledger.acknowledge(&story.id, self.deed(story, "schedule"));
    }

    /// Waits until what is planned has been done, at its time and not before, and writes that down.
    pub fn await_plan(&self, story: &mut Story) {
        let planned = story.clone();
        let ends = !planned.state["unpublish_at"].is_null();
        let due = Timestamp::parse(planned.state["publish_at"].as_str().unwrap()).unwrap();
        let expected = planned.number("version") + 1 + i64::from(ends);
        self.wait("what was planned", story, |state| {
            let moved = state["version"] != planned.state["version"];
            assert!(!moved || masthead::app::now() >= due, "early: {state}");
            state["version"] == expected
        });
        let schedule = Person { name: "schedule".to_owned(), ..self.clone() };
        let live = Deed { version: planned.number("version") + 1, change: planned.goes_live(), ..schedule.deed(story, "publish") };
        if ends {
            assert_eq!(story.state["status"], "unpublished");
            self.ledger.acknowledge(&story.id, Deed { state: None, ..live });
            self.ledger.acknowledge(&story.id, Deed { change: Some(("unpublished", None)), ..schedule.deed(story, "unpublish") });
        } else {
            assert_eq!((&story.state["status"], &story.state["live_revision"]), (&json!("published"), &planned.state["revision"]));
            self.ledger.acknowledge(&story.id, live);
        }
    }

    /// Corrects a live story.
    pub fn correct(&self, story: &mut Story, kind: &str) {
        let correction = json!({ "kind": kind, "text": mark() });
        let made = self.post(&story.url("/corrections"), Some(&story.etag()), Some(&correction)).expect(201);
        assert_eq!(made["text"], correction["text"]);
        let before = story.number("version");
        story.state = self.get(&story.url("")).expect(200).json;
        assert_eq!(story.number("version"), before + 1);
        let change = Some(("corrected", story.state["live_revision"].as_i64()));
        self.ledger.acknowledge(&story.id, Deed { change, ..self.deed(story, "correct") });
    }

    /// Does the same to several stories of one's own. Each takes it.
    pub fn bulk(&self, stories: &mut [Story], operation: &Value, action: &'static str) {
        let ids: Vec<_> = stories.iter().map(|story| story.id.clone()).collect();
        let done = self.post("/v1/editorial/articles/bulk", None, Some(&json!({ "ids": ids, "operation": operation, "all_or_nothing": true }))).expect(200);
        assert!(done["results"].as_array().unwrap().iter().all(|result| result["status"] == 200));
        for story in stories {
            let before = story.number("version");
            story.state = self.get(&story.url("")).expect(200).json;
            assert_eq!(story.number("version"), before + 1);
            let change = (action == "unpublish").then_some(("unpublished", None));
            self.ledger.acknowledge(&story.id, Deed { change, ..self.deed(story, action) });
        }
    }

    /// Writes down what was done to a story without a version of its own.
    pub fn note(&self, story: &Story, action: Option<&'static str>, change: Option<(&'static str, Option<i64>)>) {
        let version = story.number("version");
        self.ledger.acknowledge(&story.id, Deed { version, actor: self.name.clone(), action, change, says: None, state: None });
    }

    /// Sends something once and looks away: `false` when there was no answer, and the story is left as it may be.
    pub fn dare(&self, story: &mut Story, publish: bool) -> bool {
        let (words, etag) = (mark(), story.etag());
        let call = if publish {
            self.client.call("POST", &story.url("/publish")).if_match(&etag)
        } else {
            self.client.call("PATCH", &story.url("")).if_match(&etag).json(&json!({ "body": { "markdown": words } }))
        };
        let answer = call.attempt().filter(|answer| answer.status != 503);
        let before = story.clone();
        let deed = if publish {
            Deed { change: before.goes_live(), ..self.deed(&before, "publish") }
        } else {
            Deed { says: Some((before.number("revision") + 1, words)), ..self.deed(&before, "update") }
        };
        match answer {
            Some(answer) => {
                story.state = answer.expect(200).json;
                self.ledger.acknowledge(&story.id, Deed { version: story.number("version"), state: Some(story.state.clone()), ..deed });
                true
            }
            None => {
                let deed = Deed { version: before.number("version") + 1, state: None, ..deed };
                self.ledger.doubt(&story.id, Doubt { before: before.state, deed });
                false
            }
        }
    }
}
