//! Every move by every role in every state, from one table that is also the documentation.

use std::collections::BTreeSet;

use chrono::Duration;
use diesel::prelude::*;
use masthead::schema::articles;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Client, TestApp};

/// Who may do what, and when. The letter is the least role that may: a contributor (C) or author (A) with what is their
/// own, an editor (E) with everything; administrators do what editors do. `-` after it: nobody, for the state does not
/// allow it; those who otherwise might are told which moves it does allow (409), others that they may not (403).
const TABLE: &str = "
move         draft  in_review  scheduled  published  unpublished  archived  taken_down
edit         C      C          A          A          A            A-        A-
go_back      C      C          A          A          A            A-        A-
submit       C      C-         C-         C-         C            C-        C-
return       E-     E          E-         E-         E-           E-        E-
schedule     A      A          A          A          A            A-        A-
unschedule   A-     A-         A          A          A-           A-        A-
publish      A      A          A          A          A            A-        A-
unpublish    A-     A-         A-         A          A-           A-        A-
archive      C      C          C-         C-         A            C-        C-
restore      C-     C-         C-         C-         C-           C         C-
correct      E-     E-         E-         E          E            E-        E-
delete       C      C          A          E-         E            A         E-
";

/// Where an article stands after the moves that change that.
fn after<'a>(wanted: &str, state: &'a str) -> &'a str {
    match (wanted, state) {
        ("submit", _) => "in_review",
        ("return" | "restore", _) | ("unschedule", "scheduled") => "draft",
        ("schedule", state) if state != "published" => "scheduled",
        ("publish", _) => "published",
        ("unpublish", _) => "unpublished",
        ("archive", _) => "archived",
        _ => state,
    }
}

/// One of the cells of the table.
struct Cell {
    wanted: &'static str,
    state: &'static str,
    least: usize,
    legal: bool,
    /// The least role that may make this move in any state: others are refused before it is looked where the article stands.
    least_anywhere: usize,
}

fn rank(letter: &str) -> usize {
    "CAE".find(&letter[..1]).unwrap()
}

fn cells() -> Vec<Cell> {
    let mut lines = TABLE.trim().lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let states = lines.next().unwrap();
    let row = |row: Vec<&'static str>| {
        let least_anywhere = row[1..].iter().map(|cell| rank(cell)).min().unwrap();
        let cell = |(state, cell): (&&'static str, &&'static str)| Cell { wanted: row[0], state, least: rank(cell), legal: !cell.ends_with('-'), least_anywhere };
        states[1..].iter().zip(&row[1..]).map(cell).collect::<Vec<_>>()
    };
    lines.flat_map(row).collect()
}

/// The moves that the table allows in a state, as a refusal names them.
fn legal_moves(state: &str) -> BTreeSet<&'static str> {
    // To go back to a revision is an edit.
    cells().iter().filter(|cell| cell.state == state && cell.legal && cell.wanted != "go_back").map(|cell| cell.wanted).collect()
}

/// Somebody, and whether the article is theirs.
struct Actor<'a> {
    name: &'static str,
    rank: usize,
    is_owner: bool,
    client: &'a Client,
    owner: &'a Client,
}

impl Actor<'_> {
    fn expected(&self, cell: &Cell) -> u16 {
        let may_pass = self.rank >= 2 || self.is_owner;
        match cell {
            cell if self.rank < cell.least_anywhere => 403,
            // Contributors do not even learn of what others are writing.
            cell if !may_pass && self.rank == 0 && cell.state != "published" => 404,
            cell if !may_pass || self.rank < cell.least => 403,
            cell if !cell.legal => 409,
            Cell { wanted: "correct", .. } => 201,
            Cell { wanted: "delete", .. } => 204,
            _ => 200,
        }
    }
}

fn url(article: &Answer) -> String {
    format!("/v1/editorial/articles/{}", article.id())
}

/// An article of this person's in this state. Two revisions, so that there is one to go back to.
fn article(app: &TestApp, owner: &Client, state: &str) -> Answer {
    let draft = owner.post("/v1/editorial/articles", &app.story(&json!({ "headline": "Matrix" }))).expect(201);
    let draft = owner.patch(&url(&draft), draft.etag(), &json!({ "standfirst": "Second revision" })).expect(200);
    let editor = |steps: &[&str]| steps.iter().map(|step| send(&app.editor, &draft, step, "*").expect(200)).last().unwrap();
    match state {
        "draft" => draft,
        "in_review" => editor(&["submit"]),
        "scheduled" => editor(&["schedule"]),
        "published" => editor(&["publish"]),
        "unpublished" => editor(&["publish", "unpublish"]),
        "archived" => editor(&["archive"]),
        _ => {
            editor(&["publish", "unpublish"]);
            let id: Uuid = draft.id().parse().unwrap();
            diesel::update(articles::table.find(id)).set(articles::status.eq("taken_down")).execute(&mut app.connect()).unwrap();
            app.editor.get(&url(&draft)).expect(200)
        }
    }
}

fn send(client: &Client, article: &Answer, wanted: &str, if_match: &str) -> Answer {
    let path = url(article);
    let post = |rest: &str| client.call("POST", &format!("{path}/{rest}")).if_match(if_match);
    match wanted {
        "edit" => client.patch(&path, if_match, &json!({ "headline": "Edited" })),
        "go_back" => post("revisions/1/restore").send(),
        "schedule" => post("schedule").json(&json!({ "publish_at": masthead::app::now().plus(Duration::hours(1)).to_string() })).send(),
        "correct" => post("corrections").json(&json!({ "kind": "correction", "text": "It was the other bridge." })).send(),
        "delete" => client.delete(&path, if_match),
        wanted => post(wanted).send(),
    }
}

fn check(actor: &Actor<'_>, cell: &Cell, answer: &Answer) {
    let case = format!("{} of an article that is {} by {}: {}", cell.wanted, cell.state, actor.name, answer.text());
    assert_eq!(answer.status, actor.expected(cell), "{case}");
    if answer.status == 409 {
        let legal: BTreeSet<_> = answer["legal_moves"].as_array().unwrap().iter().map(|legal| legal.as_str().unwrap()).collect();
        assert_eq!((legal, &answer["article_status"]), (legal_moves(cell.state), &json!(cell.state)), "{case}");
    }
    if answer.status == 200 {
        assert_eq!(answer["status"], after(cell.wanted, cell.state), "{case}");
    }
}

/// All moves by one actor with articles in one state: the refused ones on one article, which they must leave as it is.
fn play(app: &TestApp, actor: &Actor<'_>, state: &str) {
    let untouched = article(app, actor.owner, state);
    for cell in cells().iter().filter(|cell| cell.state == state) {
        let refused = actor.expected(cell) >= 400;
        let target = if refused { untouched.clone() } else { article(app, actor.owner, state) };
        check(actor, cell, &send(actor.client, &target, cell.wanted, "*"));
        if cell.wanted == "delete" && !refused {
            app.editor.get(&url(&target)).expect(404);
        }
    }
    let now = app.editor.get(&url(&untouched)).expect(200);
    assert_eq!((now.etag(), &now.json), (untouched.etag(), &untouched.json), "what was refused to {} left a trace", actor.name);
}

const STATES: [&str; 7] = ["draft", "in_review", "scheduled", "published", "unpublished", "archived", "taken_down"];

/// What is allowed and what is refused, by one kind of actor with all states.
fn play_everywhere(app: &TestApp, actor: &Actor<'_>) {
    STATES.iter().for_each(|state| play(app, actor, state));
}

#[test]
fn contributors_make_the_moves_that_the_table_allows_them() {
    let app = TestApp::start();
    let (contributor, author) = (&app.contributor, &app.author);
    play_everywhere(&app, &Actor { name: "its contributor", rank: 0, is_owner: true, client: contributor, owner: contributor });
    play_everywhere(&app, &Actor { name: "another contributor", rank: 0, is_owner: false, client: contributor, owner: author });
}

#[test]
fn authors_make_the_moves_that_the_table_allows_them() {
    let app = TestApp::start();
    let (contributor, author) = (&app.contributor, &app.author);
    play_everywhere(&app, &Actor { name: "its author", rank: 1, is_owner: true, client: author, owner: author });
    play_everywhere(&app, &Actor { name: "another author", rank: 1, is_owner: false, client: author, owner: contributor });
}

#[test]
fn editors_and_administrators_make_the_moves_that_the_table_allows_them() {
    let app = TestApp::start();
    play_everywhere(&app, &Actor { name: "an editor", rank: 2, is_owner: false, client: &app.editor, owner: &app.contributor });
    play_everywhere(&app, &Actor { name: "an administrator", rank: 2, is_owner: false, client: &app.admin, owner: &app.author });
}

#[test]
fn no_move_is_made_by_nobody_unseen_or_on_what_has_changed_since() {
    let app = TestApp::start();
    for cell in cells().iter().filter(|cell| cell.legal) {
        let target = article(&app, &app.author, cell.state);
        send(&app.anon, &target, cell.wanted, "*").expect(401);
        let stale = send(&app.editor, &target, cell.wanted, "\"1\"").expect(412);
        assert_eq!((&stale["current_version"], app.editor.get(&url(&target)).expect(200).json), (&target["version"], target.json.clone()), "{}", cell.wanted);
    }
    let target = article(&app, &app.author, "draft");
    let path = url(&target);
    for (method, rest, body) in [
        ("PATCH", "", json!({})),
        ("DELETE", "", Value::Null),
        ("POST", "/publish", Value::Null),
        ("POST", "/submit", Value::Null),
        ("POST", "/schedule", json!({ "publish_at": "2099-01-01T00:00:00Z" })),
        ("POST", "/revisions/1/restore", Value::Null),
        ("POST", "/corrections", json!({ "kind": "correction", "text": "x" })),
    ] {
        let call = app.editor.call(method, &format!("{path}{rest}"));
        if body.is_null() { call.send() } else { call.json(&body).send() }.expect(428);
    }
}

#[test]
fn once_the_world_has_seen_it_contributors_leave_an_article_where_it_is() {
    let app = TestApp::start();
    let target = article(&app, &app.contributor, "unpublished");
    send(&app.contributor, &target, "archive", "*").expect(403);
    send(&app.editor, &target, "archive", "*").expect(200);
    send(&app.contributor, &target, "restore", "*").expect(403);
    assert_eq!(send(&app.editor, &target, "restore", "*").expect(200)["status"], "unpublished");
    let own = article(&app, &app.author, "unpublished");
    send(&app.author, &own, "archive", "*").expect(200);
    send(&app.author, &own, "delete", "*").expect(403);
    send(&app.editor, &own, "delete", "*").expect(204);
}

#[test]
fn contributors_learn_of_other_peoples_live_stories_what_the_world_does() {
    let app = TestApp::start();
    let live = app.published(&json!({ "headline": "Mayor opens bridge" }));
    let pending = json!({ "headline": "Mayor arrested", "slug": "mayor-arrested", "notes": "Lawyers first", "embargo_until": "2099-01-01T00:00:00Z" });
    app.editor.patch(&url(&live), "*", &pending).expect(200);
    let seen = app.contributor.get(&url(&live)).expect(200);
    assert_eq!((&seen["headline"], &seen["slug"], &seen["notes"], &seen["embargo_until"]), (&live["headline"], &live["slug"], &Value::Null, &Value::Null));
    assert!(!app.contributor.get("/v1/editorial/articles?include=body").expect(200).text().contains("arrested"));
    assert_eq!(app.contributor.get("/v1/editorial/articles?q=arrested").expect(200)["data"], json!([]));
    app.contributor.get("/v1/editorial/articles/mayor-arrested").expect(404);
    assert_eq!(app.author.get("/v1/editorial/articles?q=arrested").expect(200).each("headline"), ["Mayor arrested"]);
}
