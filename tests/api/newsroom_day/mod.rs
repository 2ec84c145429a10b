//! A newsroom's day over HTTP: four people at work at once in the built program, while the service, its worker and the
//! database die under them and come back. At the end everything is what their acknowledged requests say.

mod ledger;
mod person;
mod premises;
mod reckoning;
mod scripts;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ScopedJoinHandle;

use reqwest::blocking::multipart::{Form, Part};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::program::{CHIEF, until};
use crate::support::{Client, specimens};
use crate::world;
use ledger::Ledger;
use person::Person;
use premises::Premises;
use scripts::Day;

/// What must have been acknowledged between two misfortunes.
const BETWEEN: usize = 40;

fn sign_in<'a>(base: &str, ledger: &'a Ledger, email: &str, password: &str) -> Person<'a> {
    let nobody = Client::new(base, None, None);
    let grant = nobody.post("/v1/auth/login", &json!({ "email": email, "password": password })).expect(200);
    let user: Uuid = grant["user"]["id"].as_str().unwrap().parse().unwrap();
    Person { name: grant["user"]["name"].as_str().unwrap().to_owned(), client: Client::new(base, Some(grant.str("access_token").to_owned()), Some(user)), ledger }
}

/// An account for somebody with this role, and its owner signed in.
fn hire<'a>(admin: &Person<'a>, base: &str, role: &str) -> Person<'a> {
    let (email, password) = (format!("{role}@newsroom.example"), "seven umbrellas by the stove");
    let account = json!({ "email": email, "name": format!("The {role}"), "role": role, "password": password });
    admin.client.post("/v1/editorial/users", &account).expect(201);
    sign_in(base, admin.ledger, &email, password)
}

fn furnish(admin: &Person<'_>, writer: &Person<'_>) -> Day {
    let made = |path: &str, body: &Value| admin.client.post(path, body).expect(201).id().to_owned();
    let author = |name: &str| made("/v1/editorial/authors", &json!({ "name": name, "kind": "staff", "job_title": "Reporter" }));
    let tag = |name: &str| made("/v1/editorial/tags", &json!({ "name": name, "kind": "topic" }));
    let credit = made("/v1/editorial/media-credits", &json!({ "name": "Harbour Pictures", "kind": "agency" }));
    let metadata = Part::text(json!({ "credit_id": credit, "alt": "A ferry" }).to_string()).mime_str("application/json").unwrap();
    let form = Form::new().part("metadata", metadata).part("file", Part::bytes(specimens::png(64, 48)).file_name("ferry.png"));
    let picture = admin.client.call("POST", "/v1/editorial/media").form(form).send().expect(201);
    Day {
        evening: AtomicBool::new(false),
        contributor_left: AtomicBool::new(false),
        author: author("Maria Bondar"),
        renamed: author("Rita First"),
        tags: [tag("Harbours"), tag("Front page")],
        picture: picture.id().to_owned(),
        shared: writer.create(&json!({ "headline": "Election night, live" })),
    }
}

/// What goes wrong in the course of the day, each when much has been acknowledged since the last.
fn misfortunes(premises: &mut Premises, ledger: &Ledger, everybody_is_at_work: impl Fn() -> bool) {
    let happenings: [fn(&mut Premises); 6] = [
        Premises::kill_service,
        |premises| premises.restart_database("immediate"),
        Premises::kill_worker,
        |premises| premises.restart_database("fast"),
        Premises::lose_everything,
        Premises::stop_service,
    ];
    let work = || {
        let before = ledger.len();
        until("a stretch of work", || ledger.len() >= before + BETWEEN || !everybody_is_at_work());
        assert!(everybody_is_at_work(), "somebody has given up");
    };
    for happening in happenings {
        work();
        happening(premises);
    }
    work();
}

/// Sends everybody home when it is dropped, also when the test has failed.
struct Evening<'a>(&'a AtomicBool);

impl Drop for Evening<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn a_day_ends_as_everybody_was_told_though_everything_failed_in_the_middle() {
    let mut premises = Premises::open();
    let (base, ledger) = (premises.base.clone(), Ledger::default());
    let admin = sign_in(&base, &ledger, CHIEF.0, CHIEF.1);
    let [contributor, author, editor] = ["contributor", "author", "editor"].map(|role| hire(&admin, &base, role));
    let day = furnish(&admin, &author);
    let mut lines = Vec::new();
    std::thread::scope(|scope| {
        let (day, author, editor) = (&day, &author, &editor);
        let writers = [scope.spawn(|| scripts::author(day, author)), scope.spawn(|| scripts::editor(day, editor))];
        let others = [scope.spawn(|| scripts::contributor(day, &contributor)), scope.spawn(|| scripts::admin(day, &admin))];
        let window = scope.spawn(|| scripts::window(day, author));
        let at_work = || !writers.iter().any(ScopedJoinHandle::is_finished) && !others.iter().any(ScopedJoinHandle::is_finished);
        let evening = Evening(&day.evening);
        misfortunes(&mut premises, &ledger, at_work);
        drop(evening);
        for other in others {
            other.join().unwrap();
        }
        for writer in writers {
            lines.extend(writer.join().unwrap());
        }
        assert!(window.join().unwrap() > 0, "nothing was left in doubt: the misfortunes came too late");
    });
    // A byline that is rewritten is told to mirrors and is no deed to its story: the reckoning knows of it, that rule does not.
    let broken: Vec<_> = world::breaches(&mut premises.connect()).into_iter().filter(|rule| !rule.contains("every deed that changed the world is in the audit trail")).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    reckoning::check_shared(&admin, &day.shared.url(""), &lines);
    reckoning::check_home(&admin, &day.renamed);
    let admin = Person { ledger: &Ledger::default(), ..admin };
    let (stories, live) = reckoning::reckon(&admin, ledger);
    assert!(stories > 20 && live > 10, "{stories} stories, {live} live: hardly a day");
}
