//! Accounts, as administrators manage them.

use diesel::prelude::*;
use masthead::identity::role::Role;
use masthead::identity::users::store as users_store;
use masthead::schema::users;
use masthead::text::{Email, Line};
use serde_json::{Value, json};

use super::{PASSWORD, user_url};
use crate::support::{Client, TestApp};

const USERS: &str = "/v1/editorial/users";

fn new(email: &str) -> Value {
    json!({ "email": email, "name": "Ann Okafor", "role": "author" })
}

#[test]
fn accounts_are_for_administrators_alone() {
    let app = TestApp::start();
    let user = app.account("ann@example.org", "author");
    let url = user_url(user.id());
    for client in [&app.contributor, &app.author, &app.editor] {
        client.get(USERS).expect(403);
        client.get(&url).expect(403);
        client.post(USERS, &new("new@example.org")).expect(403);
        client.patch(&url, "*", &json!({ "role": "admin" })).expect(403);
        client.patch(&user_url(&client.user_id()), "*", &json!({ "role": "admin" })).expect(403);
        client.delete(&url, "*").expect(403);
        client.call("POST", &format!("{url}/password-reset")).send().expect(403);
    }
    app.anon.get(USERS).expect(401);
    app.anon.post(USERS, &new("new@example.org")).expect(401);
    assert_eq!(app.admin.get(&url).expect(200).json, user.json);
}

#[test]
fn an_account_is_made_changed_and_deleted() {
    let app = TestApp::start();
    let writer = app.writer("Ann Okafor");
    let mut body = new("Ann@Example.org");
    body["author_id"] = writer["id"].clone();
    let made = app.admin.post(USERS, &body).expect(201);
    assert_eq!((&made["status"], &made["author_id"], &made["version"]), (&json!("invited"), &writer["id"], &json!(1)));
    assert_eq!(made.header("location"), user_url(made.id()));
    assert_eq!(app.admin.get(made.header("location")).expect(200).etag(), made.etag());
    let url = user_url(made.id());
    assert_eq!(app.admin.call("PATCH", &url).json(&json!({ "name": "Ann" })).send().expect(428).problem(), "precondition-required");
    let changed = app.admin.patch(&url, made.etag(), &json!({ "name": "Ann", "author_id": null })).expect(200);
    assert_eq!((&changed["name"], &changed["author_id"], &changed["version"]), (&json!("Ann"), &Value::Null, &json!(2)));
    assert_eq!(app.admin.patch(&url, made.etag(), &json!({ "name": "Anne" })).expect(412)["current_version"], 2);
    assert_eq!(app.admin.delete(&url, made.etag()).expect(412).problem(), "precondition-failed");
    app.admin.delete(&url, changed.etag()).expect(204);
    app.admin.delete(&url, "*").expect(404);
    app.admin.patch(&url, "*", &json!({ "name": "Ann" })).expect(404);
    app.admin.post(USERS, &new("ann@example.org")).expect(201);
}

#[test]
fn what_the_service_decides_cannot_be_sent() {
    let app = TestApp::start();
    let user = app.account("ann@example.org", "author");
    let owned = ["id", "status", "version", "created_at", "updated_at", "password_hash", "email_key", "deleted_at", "disabled_at", "unknown"];
    for member in owned {
        let mut body = new("new@example.org");
        body[member] = json!("x");
        assert_eq!(app.admin.post(USERS, &body).expect(400).faults(), [(format!("/{member}").as_str(), "unknown_member")]);
        app.admin.patch(&user_url(user.id()), "*", &json!({ member: "x" })).expect(400);
    }
    // A password is set by its owner alone, once the account is there.
    app.admin.patch(&user_url(user.id()), "*", &json!({ "password": PASSWORD })).expect(400);
    assert_eq!(app.admin.get(&user_url(user.id())).expect(200).json, user.json);
    assert_eq!(app.admin.get(&format!("{USERS}?q=new@example.org&count=exact")).expect(200)["page"]["total"], 0);
}

#[test]
fn an_address_and_an_author_belong_to_one_account() {
    let app = TestApp::start();
    app.admin.post(USERS, &new("ann@example.org")).expect(201);
    let taken = app.admin.post(USERS, &new("ANN@EXAMPLE.ORG")).expect(409);
    assert_eq!((taken.problem(), taken.faults()), ("email-taken", vec![("/email", "taken")]));
    let writer = app.writer("Ann Okafor");
    let with_author = |email: &str, author: &Value| {
        let mut body = new(email);
        body["author_id"] = author.clone();
        app.admin.post(USERS, &body)
    };
    with_author("one@example.org", &writer["id"]).expect(201);
    assert_eq!(with_author("two@example.org", &writer["id"]).expect(409).faults(), [("/author_id", "taken")]);
    assert_eq!(with_author("two@example.org", &json!("0198c5e2-5f0e-7cc1-b0a1-1d3a3e9c2b11")).expect(422).faults(), [("/author_id", "unknown_reference")]);
}

#[test]
fn of_many_who_take_an_address_at_once_one_gets_it() {
    let app = TestApp::start();
    let statuses = at_once(12, |_| app.admin.post(USERS, &new("ann@example.org")).status);
    assert_eq!((count(&statuses, 201), count(&statuses, 409)), (1, 11), "{statuses:?}");
}

#[test]
fn a_retry_with_the_same_key_makes_one_account() {
    let app = TestApp::start();
    let send = |password: &str| {
        let mut body = new("ann@example.org");
        body["password"] = json!(password);
        app.admin.call("POST", USERS).key("one-ann").json(&body).send()
    };
    let first = send(PASSWORD).expect(201);
    let second = send(PASSWORD).expect(201);
    assert_eq!((second.header("idempotency-replayed"), &second.json), ("true", &first.json));
    assert_eq!(send(super::OTHER).expect(422).problem(), "idempotency-key-reused");
}

#[test]
fn a_list_filters_and_walks() {
    let app = TestApp::start();
    let shut = app.account("zed@example.org", "editor");
    app.admin.patch(&user_url(shut.id()), "*", &json!({ "disabled": true, "name": "Zed_100%" })).expect(200);
    app.account("yves@example.org", "author");
    let names = |query: &str| app.admin.get(&format!("{USERS}?{query}")).expect(200).each("name").join(", ");
    assert_eq!(names("status=disabled"), "Zed_100%");
    assert_eq!(names("status=active"), "Somebody");
    assert_eq!(names("role=editor"), "Edith Editor, Zed_100%");
    assert_eq!(names("q=YVES@"), "Somebody");
    assert_eq!(names("q=d_1"), "Zed_100%");
    assert_eq!(names("q=%25"), "Zed_100%");
    let mut seen = Vec::new();
    let mut path = format!("{USERS}?limit=2");
    loop {
        let page = app.admin.get(&path).expect(200);
        seen.extend(page.each("name").into_iter().map(ToOwned::to_owned));
        let Some(next) = page["page"]["next"].as_str() else { break };
        path = format!("{USERS}?limit=2&cursor={next}");
    }
    assert_eq!(seen, ["Ada Admin", "Arthur Author", "Cora Contributor", "Edith Editor", "Somebody", "Zed_100%"]);
    app.admin.get(&format!("{USERS}?statsu=active")).expect(400);
}

#[test]
fn the_last_administrator_stays() {
    let app = TestApp::start();
    let ada = app.account("ada@example.org", "admin");
    let url = user_url(ada.id());
    let invited = app.admin.post(USERS, &json!({ "email": "i@example.org", "name": "I", "role": "admin" })).expect(201);
    for body in [json!({ "role": "editor" }), json!({ "disabled": true })] {
        assert_eq!(app.admin.patch(&url, "*", &body).expect(409).problem(), "last-admin");
    }
    app.admin.delete(&url, "*").expect(409);
    app.admin.delete(&user_url(invited.id()), "*").expect(204);
    app.account("bea@example.org", "admin");
    app.admin.patch(&url, "*", &json!({ "role": "editor" })).expect(200);
}

#[test]
fn two_administrators_cannot_remove_each_other_at_once() {
    let app = TestApp::start();
    let removals: [fn(&Client, &str) -> u16; 3] = [
        |client, url| client.patch(url, "*", &json!({ "role": "author" })).status,
        |client, url| client.patch(url, "*", &json!({ "disabled": true })).status,
        |client, url| client.delete(url, "*").status,
    ];
    let mut admins = vec![app.account("a0@example.org", "admin")];
    for (round, remove) in removals.iter().enumerate() {
        admins.push(app.account(&format!("b{round}@example.org"), "admin"));
        let statuses = at_once(admins.len(), |n| remove(&app.admin, &user_url(admins[n].id())));
        assert_eq!((count(&statuses, 409), count(&statuses, 503)), (1, 0), "{statuses:?}");
        let left = statuses.iter().position(|status| *status == 409).unwrap();
        admins = vec![admins.swap_remove(left)];
        assert_eq!(app.admin.get(&format!("{USERS}?role=admin&status=active")).expect(200).each("id"), [admins[0].id()]);
    }
}

#[test]
fn however_many_instances_start_at_once_one_first_administrator_is_made() {
    let app = TestApp::start();
    diesel::update(users::table.filter(users::role.eq(Role::Admin))).set(users::role.eq(Role::Editor)).execute(&mut app.connect()).unwrap();
    let made = at_once(10, |n| {
        let (email, name) = (Email::parse(&format!("first{n}@example.org")).unwrap(), Line::parse("First").unwrap());
        app.connect().transaction(|tx| users_store::insert_first_admin(tx, &email, &name, "$argon2id$…")).unwrap().is_some()
    });
    assert_eq!(made.iter().filter(|made| **made).count(), 1);
    let admins: i64 = users::table.filter(users::role.eq(Role::Admin)).count().get_result(&mut app.connect()).unwrap();
    assert_eq!(admins, 1);
}

#[test]
fn the_operator_helps_whoever_is_locked_out() {
    let app = TestApp::start();
    let user = app.account("ann@example.org", "author");
    let device = app.device("ann@example.org");
    let mut conn = app.connect();
    let found = users_store::find_by_email(&mut conn, &Email::parse("ANN@example.org").unwrap()).unwrap().unwrap();
    assert_eq!(found.row.id.to_string(), user.id());
    let hash = masthead::identity::passwords::hash_here(&masthead::text::Password::parse(super::OTHER).unwrap()).unwrap();
    conn.transaction(|tx| users_store::set_password(tx, found.row.id, &hash)).unwrap();
    app.expect_dead(&device);
    app.login("ann@example.org", super::OTHER).expect(200);
    conn.transaction(|tx| users_store::disable(tx, found.row.id)).unwrap();
    app.login("ann@example.org", super::OTHER).expect(401);
    assert_eq!(users_store::list_all(&mut conn).unwrap().len(), 5);
}

fn at_once<T: Send>(many: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let work = &work;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..many).map(|n| scope.spawn(move || work(n))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn count(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|s| **s == status).count()
}
