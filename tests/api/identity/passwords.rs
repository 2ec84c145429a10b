//! Passwords: what they must be, how they change, and reset tokens.

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use diesel::prelude::*;
use diesel::sql_types::Text;
use masthead::app::now;
use masthead::schema::{password_resets, users};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{OTHER, PASSWORD, UNLIMITED, user_url};
use crate::support::{Answer, TestApp};

fn create(app: &TestApp, email: &str, password: &str) -> Answer {
    app.admin.post("/v1/editorial/users", &json!({ "email": email, "name": "Somebody", "role": "author", "password": password }))
}

fn hash_of(app: &TestApp, id: &str) -> String {
    let hash: Option<String> = users::table.find(id.parse::<Uuid>().unwrap()).select(users::password_hash).first(&mut app.connect()).unwrap();
    hash.unwrap()
}

#[test]
fn length_counts_and_what_everybody_tries_is_refused() {
    let app = TestApp::start_with(UNLIMITED);
    for (password, code) in [
        ("seven77", "too_short"),
        ("123456789012345", "too_guessable"),
        ("passwordpassword", "too_guessable"),
        ("masthead1234567", "too_guessable"),
        ("weak.ann@example.org", "too_guessable"),
    ] {
        assert_eq!(create(&app, "weak.ann@example.org", password).expect(422).faults(), [("/password", code)], "{password}");
    }
    let long: String = "the lighthouse keeper's seven umbrellas ".chars().cycle().take(128).collect();
    let decomposed = "Cafe\u{301} au lait et brioche";
    for (n, password) in
        ["vkqjhwtxznbmpfg", "  a phrase with spaces  ", &long[..64], &long, "пароль для редакции", "🦊🌊🧭🎻🪁🦉🌵🍋🚲🗺🎲🧩🪐🦀🍀", decomposed].into_iter().enumerate()
    {
        let email = format!("good{n}@example.org");
        let made = create(&app, &email, password).expect(201);
        assert!(!made.text().contains("password"), "{}", made.text());
        assert!(hash_of(&app, made.id()).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        app.login(&email, password).expect(200);
    }
    app.login("good6@example.org", "Café au lait et brioche").expect(401);
    app.login("good1@example.org", "a phrase with spaces").expect(401);
}

#[test]
fn no_character_of_a_long_password_is_ignored() {
    let app = TestApp::start_with(UNLIMITED);
    let password: String = "the lighthouse keeper's seven umbrellas were drying by the stove ".chars().cycle().take(100).collect();
    create(&app, "ann@example.org", &password).expect(201);
    let changed = |at: usize| password.char_indices().map(|(n, c)| if n == at { '#' } else { c }).collect::<String>();
    for attempt in [changed(72), changed(89), changed(99), password.to_uppercase(), format!("{password} "), password[..99].to_owned()] {
        app.login("ann@example.org", &attempt).expect(401);
    }
    app.login("ann@example.org", &password).expect(200);
}

#[test]
fn a_change_needs_the_old_password_and_ends_all_other_sessions() {
    let app = TestApp::start();
    let user = app.account("ann@example.org", "admin");
    let [this, phone, tablet] = [(); 3].map(|()| app.device("ann@example.org"));
    let key = this.client.post("/v1/editorial/api-keys", &json!({ "name": "Site", "role": "contributor" })).expect(201);
    let change = |body: Value| this.client.post("/v1/auth/password", &body);
    assert_eq!(change(json!({ "new_password": OTHER })).expect(422).faults(), [("/current_password", "required")]);
    let wrong = change(json!({ "current_password": "not the password at all", "new_password": OTHER })).expect(403);
    assert_eq!(wrong.faults(), [("/current_password", "wrong_password")]);
    assert_eq!(change(json!({ "current_password": PASSWORD, "new_password": "short" })).expect(422).faults(), [("/new_password", "too_short")]);
    assert_eq!(change(json!({ "current_password": PASSWORD, "new_password": "ann@example.org" })).expect(422).faults(), [("/new_password", "too_guessable")]);
    phone.client.get("/v1/auth/me").expect(200);

    change(json!({ "current_password": PASSWORD, "new_password": OTHER })).expect(204);
    app.expect_dead(&phone);
    app.expect_dead(&tablet);
    this.client.get("/v1/auth/me").expect(200);
    app.refresh(&this.refresh).expect(200);
    app.with_token(key.str("secret")).get("/v1/auth/me").expect(200);
    app.login("ann@example.org", PASSWORD).expect(401);
    app.login("ann@example.org", OTHER).expect(200);
    assert!(app.admin.get(&user_url(user.id())).expect(200)["version"].as_i64() > user["version"].as_i64());
}

#[test]
fn guessing_the_current_password_is_slowed_down_as_well() {
    let app = TestApp::start_with(&["--login-limit", "2"]);
    app.account("ann@example.org", "author");
    let device = app.device("ann@example.org");
    let change = |password: &str| device.client.post("/v1/auth/password", &json!({ "current_password": password, "new_password": OTHER }));
    for _ in 0..2 {
        change("not the password at all").expect(403);
    }
    change(PASSWORD).expect(429);
}

#[test]
fn a_new_address_needs_the_password_and_nothing_else_of_an_account_is_ones_own_to_change() {
    let app = TestApp::start();
    app.account("ann@example.org", "author");
    app.account("taken@example.org", "author");
    let device = app.device("ann@example.org");
    let patch = |body: Value| device.client.call("PATCH", "/v1/auth/me").json(&body).send();
    assert_eq!(patch(json!({ "name": "Ann Lind" })).expect(200)["name"], "Ann Lind");
    assert_eq!(patch(json!({ "email": "new@example.org" })).expect(403).faults(), [("/current_password", "wrong_password")]);
    patch(json!({ "email": "new@example.org", "current_password": "not the password at all" })).expect(403);
    let taken = patch(json!({ "email": "TAKEN@example.org", "current_password": PASSWORD })).expect(409);
    assert_eq!((taken.problem(), taken.faults()), ("email-taken", vec![("/email", "taken")]));
    assert_eq!(patch(json!({ "email": "new@example.org", "current_password": PASSWORD })).expect(200)["email"], "new@example.org");
    app.login("ann@example.org", PASSWORD).expect(401);
    app.login("new@example.org", PASSWORD).expect(200);
    for member in ["role", "roles", "is_admin", "permissions", "status", "disabled", "email_verified", "password_hash", "token_version", "tenant_id", "id", "author_id", "version"]
    {
        let refused = patch(json!({ member: "admin" })).expect(400);
        assert_eq!(refused.faults(), [(format!("/{member}").as_str(), "unknown_member")]);
    }
    assert_eq!(patch(json!({ "name": null })).expect(422).faults(), [("/name", "invalid")]);
    assert_eq!(device.client.get("/v1/auth/me").expect(200)["role"], "author");
    device.client.get("/v1/editorial/users").expect(403);
}

#[test]
fn a_hash_of_other_days_is_renewed_at_the_next_sign_in() {
    let app = TestApp::start();
    let user = app.account("ann@example.org", "author");
    let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8_192, 1, 1, None).unwrap()).hash_password(PASSWORD.as_bytes()).unwrap().to_string();
    diesel::update(users::table.find(user.id().parse::<Uuid>().unwrap())).set(users::password_hash.eq(&old)).execute(&mut app.connect()).unwrap();
    app.login("ann@example.org", "not the password at all").expect(401);
    assert_eq!(hash_of(&app, user.id()), old);
    app.login("ann@example.org", PASSWORD).expect(200);
    assert!(hash_of(&app, user.id()).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    app.login("ann@example.org", PASSWORD).expect(200);
}

fn issue(app: &TestApp, user: &Answer) -> String {
    app.admin.call("POST", &format!("{}/password-reset", user_url(user.id()))).send().expect(201).str("token").to_owned()
}

fn redeem(app: &TestApp, token: &str, password: &str) -> Answer {
    app.anon.post("/v1/auth/password-reset", &json!({ "token": token, "new_password": password }))
}

#[test]
fn a_reset_token_works_once_ends_all_sessions_and_signs_nobody_in() {
    let app = TestApp::start();
    let user = app.account("ann@example.org", "author");
    let device = app.device("ann@example.org");
    let token = issue(&app, &user);
    app.expect_dead(&device);
    let late = app.device("ann@example.org");
    assert_eq!(redeem(&app, &token, "short").expect(422).faults(), [("/new_password", "too_short")]);
    assert_eq!(redeem(&app, &token, "ann@example.org").expect(422).faults(), [("/new_password", "too_guessable")]);
    assert!(redeem(&app, &token, OTHER).expect(204).bytes.is_empty());
    app.expect_dead(&late);
    app.login("ann@example.org", PASSWORD).expect(401);
    app.login("ann@example.org", OTHER).expect(200);
    let again = redeem(&app, &token, PASSWORD).expect(400);
    assert_eq!(again.problem(), "token-not-valid");
    for wrong in ["", "mhs_nonsense", device.refresh.as_str(), &token.replace("mhs_", "mhk_")] {
        assert_eq!(redeem(&app, wrong, PASSWORD).expect(400)["detail"], again["detail"]);
    }
}

#[test]
fn a_reset_token_dies_with_a_newer_one_with_time_and_with_every_change_of_credentials() {
    let app = TestApp::start();
    let user = app.account("ann@example.org", "author");
    let dead = |token: &str| redeem(&app, token, OTHER).expect(400);
    let first = issue(&app, &user);
    let second = issue(&app, &user);
    dead(&first);
    diesel::update(password_resets::table).set(password_resets::expires_at.eq(now())).execute(&mut app.connect()).unwrap();
    dead(&second);

    let third = issue(&app, &user);
    let device = app.device("ann@example.org");
    device.client.call("PATCH", "/v1/auth/me").json(&json!({ "email": "new@example.org", "current_password": PASSWORD })).send().expect(200);
    dead(&third);
    let fourth = issue(&app, &user);
    let device = app.device("new@example.org");
    device.client.post("/v1/auth/password", &json!({ "current_password": PASSWORD, "new_password": OTHER })).expect(204);
    dead(&fourth);
    let fifth = issue(&app, &user);
    app.admin.patch(&user_url(user.id()), "*", &json!({ "disabled": true })).expect(200);
    dead(&fifth);
    app.admin.call("POST", &format!("{}/password-reset", user_url(user.id()))).send().expect(409);
}

#[test]
fn an_invited_account_starts_with_a_reset_token_that_is_nowhere_in_the_database() {
    let app = TestApp::start();
    let user = app.admin.post("/v1/editorial/users", &json!({ "email": "ann@example.org", "name": "Ann", "role": "author" })).expect(201);
    assert_eq!(user["status"], "invited");
    let post = || app.admin.call("POST", &format!("{}/password-reset", user_url(user.id()))).key("invite-ann").send().expect(201);
    let token = post().str("token").to_owned();
    assert!(token.len() >= 4 + 43);
    let again = post();
    assert_eq!((again.header("idempotency-replayed"), &again["token"]), ("true", &Value::Null));
    let rows = "SELECT coalesce(string_agg(row, ' '), '') AS text FROM (SELECT encode(body, 'escape') AS row FROM idempotency_keys UNION ALL SELECT e::text FROM audit_events e \
                UNION ALL SELECT p::text FROM password_resets p UNION ALL SELECT u::text FROM users u) AS everything";
    let text = diesel::sql_query(rows).get_result::<Everything>(&mut app.connect()).unwrap().text;
    assert!(text.contains("ann@example.org") && !text.contains(&token));
    redeem(&app, &token, PASSWORD).expect(204);
    assert_eq!(app.login("ann@example.org", PASSWORD).expect(200)["user"]["status"], "active");
}

#[derive(QueryableByName)]
struct Everything {
    #[diesel(sql_type = Text)]
    text: String,
}
