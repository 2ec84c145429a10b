//! What each of the four does, round after round until the evening.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::ledger::Deed;
use super::person::{Person, Story, mark};

/// What they all know.
pub struct Day {
    /// Nobody begins another round.
    pub evening: AtomicBool,
    /// The contributor has gone: no more is submitted.
    pub contributor_left: AtomicBool,
    /// What stories are made of.
    pub author: String,
    /// An author whose name is going to change, used by the editor alone.
    pub renamed: String,
    /// Tags.
    pub tags: [String; 2],
    /// A picture with its credit.
    pub picture: String,
    /// A story that author and editor write at the same time.
    pub shared: Story,
}

impl Day {
    fn is_over(&self) -> bool {
        self.evening.load(Ordering::SeqCst)
    }

    fn story(&self, headline: &str, author: &str) -> Value {
        json!({
            "headline": headline, "authors": [{ "author_id": author }], "tags": [self.tags[0]],
            "lead_media": { "media_id": self.picture, "alt": "A ferry in the harbour" },
        })
    }
}

/// Adds a line to what both write, on top of whatever the other has written meanwhile. Gives the line.
fn add_line(person: &Person<'_>, shared: &Story) -> String {
    let line = mark();
    loop {
        let read = person.get(&shared.url("?body=markdown")).expect(200);
        let text = format!("{}\n\n{line}", read["body"]["value"].as_str().unwrap());
        let etag = read.etag().to_owned();
        let (saved, again) = person.ask(|client| client.call("PATCH", &shared.url("")).if_match(&etag).json(&json!({ "body": { "markdown": text } })));
        // Nothing but saves happens to this story: each version is the revision of the same number.
        let version = read["version"].as_i64().unwrap() + 1;
        let heard = match saved.status {
            200 => true,
            412 if again => person.get(&shared.url(&format!("/revisions/{version}?body=text"))).expect(200)["content"]["body"]["value"].as_str().unwrap().contains(&line),
            _ => !matches!(saved.expect(412).status, 412),
        };
        if heard {
            let deed = Deed { version, actor: person.name.clone(), action: Some("update"), change: None, says: Some((version, line.clone())), state: None };
            person.ledger.acknowledge(&shared.id, deed);
            return line;
        }
    }
}

/// Writes, submits, takes back what was returned, mends it, submits again, and sees it published.
pub fn contributor(day: &Day, me: &Person<'_>) {
    while !day.is_over() {
        let mut story = me.create(&json!({ "headline": "Ferry strike ends" }));
        me.save(&mut story, &json!({ "standfirst": "After nine days" }));
        me.save(&mut story, &day.story("Ferry strike ends after nine days", &day.author));
        assert_eq!(me.post(&story.url("/publish"), Some(&story.etag()), None).status, 403);
        me.act(&mut story, "submit", Some(&json!({ "note": "Please check the figures" })));
        let sent = story.number("version");
        me.wait("the return", &mut story, |state| state["version"] == sent + 1);
        assert_eq!((&story.state["status"], &story.state["review_note"]), (&json!("draft"), &json!("Who says so?")));
        me.save(&mut story, &json!({ "source": { "name": "Harbour authority" } }));
        me.act(&mut story, "submit", None);
        me.wait("the publication", &mut story, |state| state["status"] == "published");
        assert_eq!(me.try_save(&mut story, &json!({})).unwrap_err().status, 403);
    }
    day.contributor_left.store(true, Ordering::SeqCst);
}

/// Publishes what is their own: now, later, again, for a while. Gives the lines added to the shared story.
pub fn author(day: &Day, me: &Person<'_>) -> Vec<String> {
    locked_out(day, me);
    let mut lines = Vec::new();
    while !day.is_over() {
        let mut live = me.create(&day.story("Harbour reopens", &day.author));
        me.save(&mut live, &json!({ "kicker": "Shipping" }));
        me.act(&mut live, "publish", None);
        lines.push(add_line(me, &day.shared));
        // What waits is not shown until it is time.
        me.save(&mut live, &json!({ "headline": "Harbour reopens fully" }));
        assert_eq!(live.state["has_unpublished_changes"], true);
        me.schedule(&mut live, 300, None);
        me.await_plan(&mut live);

        let mut planned = me.create(&day.story("Budget is out", &day.author));
        me.schedule(&mut planned, 3_600_000, None);
        me.schedule(&mut planned, 400, Some(900));
        lines.push(add_line(me, &day.shared));
        me.await_plan(&mut planned);

        let mut given_up = me.create(&day.story("Never mind", &day.author));
        me.schedule(&mut given_up, 3_600_000, None);
        preview(me, &given_up);
        me.act(&mut given_up, "unschedule", None);
        lines.push(add_line(me, &day.shared));
        me.save(&mut live, &json!({ "headline": "Harbour reopens, for good" }));
        me.act(&mut live, "publish", Some(&json!({})));
        // What is live already stays as it is.
        assert_eq!(me.post(&live.url("/publish"), Some(&live.etag()), None).expect(200)["version"], live.state["version"]);
    }
    lines
}

/// A preview shows what nobody else sees, under a link that ends with the word of its maker.
fn preview(me: &Person<'_>, story: &Story) {
    let made = me.post(&story.url("/preview"), None, None).expect(201);
    let path = format!("/v1/preview/{}", made.str("url").rsplit('/').next().unwrap());
    assert_eq!(me.get(&path).expect(200)["id"], story.id.as_str());
    assert!(me.get(&path).header("cache-control").contains("no-store"));
    let revoke = || me.ask(|client| client.call("DELETE", &story.url(&format!("/preview/{}", made.id())))).0;
    revoke().expect(204);
    me.get(&path).expect(404);
}

/// An editor takes the lock of whoever went home without closing the door.
fn locked_out(day: &Day, me: &Person<'_>) {
    let mut story = me.create(&day.story("Left open", &day.author));
    me.ask(|client| client.call("PUT", &story.url("/lock"))).0.expect(200);
    let own = me.client.user_id();
    me.wait("the editor", &mut story, |state| state["lock"]["user_id"].as_str().is_some_and(|user| user != own) || state["version"] != 1);
    // What was read before the editor saved is held up by the lock, and later by the version.
    story.state["version"] = json!(1);
    let refusal = me.try_save(&mut story.clone(), &json!({})).unwrap_err();
    assert!(matches!(refusal.problem(), "locked" | "precondition-failed"), "{}", refusal.text());
    me.wait("the end of the lock", &mut story, |state| state["lock"].is_null() && state["headline"] == "Closed by the editor");
    me.save(&mut story, &json!({ "headline": "Opened again" }));
}

fn break_lock(me: &Person<'_>) {
    let mut story = loop {
        let found = me.get("/v1/editorial/articles?q=left%20open").expect(200);
        match found["data"].as_array().unwrap().iter().find(|article| !article["lock"].is_null()) {
            Some(article) => break Story { id: article["id"].as_str().unwrap().to_owned(), state: article.clone() },
            None => std::thread::yield_now(),
        }
    };
    assert_eq!(me.try_save(&mut story, &json!({})).unwrap_err().problem(), "locked");
    me.ask(|client| client.call("PUT", &story.url("/lock?break=true"))).0.expect(200);
    me.note(&story, Some("break_lock"), None);
    me.save(&mut story, &json!({ "headline": "Closed by the editor" }));
    me.ask(|client| client.call("DELETE", &story.url("/lock"))).0.expect(204);
}

/// Looks through what was submitted: the first time it goes back, the second time it goes live, and is corrected.
fn review(me: &Person<'_>) {
    let waiting = me.get("/v1/editorial/articles?status=in_review&assignee=none").expect(200);
    for article in waiting["data"].as_array().unwrap() {
        let mut story = Story { id: article["id"].as_str().unwrap().to_owned(), state: article.clone() };
        if article["source"].is_null() {
            me.act(&mut story, "return", Some(&json!({ "note": "Who says so?" })));
        } else {
            me.act(&mut story, "publish", None);
            me.correct(&mut story, "clarification");
            me.correct(&mut story, "correction");
        }
    }
}

/// Reviews, corrects, keeps the home page and the bylines. Gives the lines added to the shared story.
pub fn editor(day: &Day, me: &Person<'_>) -> Vec<String> {
    break_lock(me);
    let mut home = me.post("/v1/editorial/collections", None, Some(&json!({ "name": "Home page", "slug": "home", "size": 3 }))).expect(201);
    let (mut lines, mut round) = (Vec::new(), 0);
    while !day.is_over() || !day.contributor_left.load(Ordering::SeqCst) {
        review(me);
        if day.is_over() {
            continue;
        }
        lines.push(add_line(me, &day.shared));
        let mut pair = ["One of two", "Two of two"].map(|headline| me.create(&day.story(headline, &day.renamed)));
        review(me);
        for story in &mut pair {
            me.act(story, "publish", None);
        }
        me.bulk(&mut pair, &json!({ "action": "tag", "tag_id": day.tags[1] }), "update");
        me.bulk(&mut pair, &json!({ "action": "assign", "assignee": me.client.user_id() }), "update");
        home = edit_home(me, &home, &pair);
        round += 1;
        rename(day, me, &pair, round);
        review(me);
        me.bulk(&mut pair[1..], &json!({ "action": "unpublish" }), "unpublish");
    }
    lines
}

fn edit_home(me: &Person<'_>, home: &crate::support::Answer, pair: &[Story]) -> crate::support::Answer {
    let url = format!("/v1/editorial/collections/{}", home.id());
    let slots: Vec<_> = pair.iter().map(|story| json!({ "article_id": story.id })).collect();
    let (saved, again) = me.ask(|client| client.call("PATCH", &url).if_match(home.etag()).json(&json!({ "slots": slots })));
    let saved = if again && saved.status == 412 { me.get(&url) } else { saved }.expect(200);
    assert_eq!(saved["slots"][1]["article_id"], pair[1].id.as_str());
    me.post(&format!("{url}/publish"), Some(saved.etag()), None).expect(200)
}

/// The author's new name goes under all their stories, those of earlier rounds too: each live one is told of as changed.
fn rename(day: &Day, me: &Person<'_>, pair: &[Story], round: i64) {
    let (url, name) = (format!("/v1/editorial/authors/{}", day.renamed), format!("Rita the {round}"));
    let before = me.get(&url).expect(200);
    let rename = json!({ "name": name });
    let reach = me.ask(|client| client.call("PATCH", &format!("{url}?rewrite_bylines=preview")).if_match(before.etag()).json(&rename)).0.expect(200);
    assert_eq!(reach["articles"], round * 2);
    let (done, again) = me.ask(|client| client.call("PATCH", &format!("{url}?rewrite_bylines=true")).if_match(before.etag()).json(&rename));
    let done = if again && done.status == 412 { me.get(&url) } else { done }.expect(200);
    assert_eq!(done["name"], name.as_str());
    let live = me.get(&format!("/v1/editorial/articles?author={}&status=published&limit=100", day.renamed)).expect(200);
    let live = live["data"].as_array().unwrap();
    assert!(pair.iter().all(|story| live.iter().any(|article| article["id"] == story.id.as_str())));
    for article in live {
        let story = Story { id: article["id"].as_str().unwrap().to_owned(), state: article.clone() };
        me.note(&story, None, Some(("updated", story.state["live_revision"].as_i64())));
    }
}

/// Keeps accounts, takes things off and puts them away.
pub fn admin(day: &Day, me: &Person<'_>) {
    let mut round = 0;
    while !day.is_over() {
        round += 1;
        let account = json!({ "email": format!("intern{round}@newsroom.example"), "name": "Intern", "role": "contributor" });
        let intern = me.post("/v1/editorial/users", None, Some(&account)).expect(201);
        let url = format!("/v1/editorial/users/{}", intern.id());
        let (gone, again) = me.ask(|client| client.call("DELETE", &url).if_match("*"));
        assert!(gone.status == 204 || again && gone.status == 404, "{}", gone.text());
        me.get(&url).expect(404);

        let mut story = me.create(&day.story("House rules", &day.author));
        me.act(&mut story, "publish", Some(&json!({ "published_at": "2020-02-02T02:02:02Z" })));
        me.act(&mut story, "unpublish", None);
        me.act(&mut story, "archive", None);
        me.act(&mut story, "restore", None);
        me.save(&mut story, &json!({ "headline": "New house rules" }));
        me.act(&mut story, "publish", None);
        assert_eq!(story.state["published_at"], "2020-02-02T02:02:02.000Z");
        assert_eq!(me.post(&story.url("/archive"), Some(&story.etag()), None).expect(409)["legal_moves"][0], "edit");
    }
}

/// An editor's window that saves and publishes by itself and does not look back when it has no answer.
pub fn window(day: &Day, me: &Person<'_>) -> usize {
    let mut left = 0;
    while !day.is_over() {
        let mut story = me.create(&day.story("Notes", &day.author));
        let mut turn = 0;
        while !day.is_over() {
            turn += 1;
            if !me.dare(&mut story, turn % 3 == 0) {
                left += 1;
                break;
            }
        }
    }
    left
}
