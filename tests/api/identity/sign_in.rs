//! Signing in, and what is no credential.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use masthead::app::now;
use masthead::identity::role::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{PASSWORD, UNLIMITED, user_url};
use crate::support::{Answer, TestApp};

#[test]
fn signing_in_gives_a_token_that_says_who_for_how_long_and_by_which_key() {
    let app = TestApp::start();
    let user = app.account("ann@example.org", "editor");
    let grant = app.login("Ann@Example.ORG", PASSWORD).expect(200);
    assert_eq!((&grant["token_type"], &grant["expires_in"], &grant["user"]), (&json!("Bearer"), &json!(900), &user.json));
    assert_eq!(grant.header("cache-control"), "no-store");
    let part = |at: usize| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(grant.str("access_token").split('.').nth(at).unwrap()).unwrap()).unwrap();
    let (header, claims) = (part(0), part(1));
    assert_eq!((&header["alg"], &header["typ"]), (&json!("HS256"), &json!("at+jwt")));
    assert!(header["kid"].is_string());
    assert_eq!((&claims["sub"], &claims["role"]), (&user["id"], &json!("editor")));
    for claim in ["iss", "aud", "iat", "nbf", "exp", "jti", "sid"] {
        assert!(!claims[claim].is_null(), "{claim}");
    }
    let me = app.with_token(grant.str("access_token")).get("/v1/auth/me").expect(200);
    assert_eq!((me.id(), &me["status"]), (user.id(), &json!("active")));
    assert!(!me.text().contains("argon2"));
}

#[test]
fn every_failure_has_the_same_answer() {
    let app = TestApp::start_with(UNLIMITED);
    app.account("known@example.org", "author");
    let shut = app.account("shut@example.org", "author");
    app.admin.patch(&user_url(shut.id()), "*", &json!({ "disabled": true })).expect(200);
    let gone = app.account("gone@example.org", "author");
    app.admin.delete(&user_url(gone.id()), "*").expect(204);
    app.admin.post("/v1/editorial/users", &json!({ "email": "invited@example.org", "name": "I", "role": "author" })).expect(201);
    let shape = |answer: Answer| {
        let mut headers: Vec<_> = answer.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        headers.retain(|header| !header.starts_with("date") && !header.starts_with("x-request-id") && !header.starts_with("access-control-expose-headers"));
        headers.sort();
        let mut body = answer.json.clone();
        body["instance"].take();
        (answer.status, headers, body)
    };
    let wrong = shape(app.login("known@example.org", "not the password at all"));
    assert_eq!((wrong.0, &wrong.2["type"]), (401, &json!("/problems/invalid-credentials")));
    assert!(wrong.1.iter().any(|header| header.starts_with("www-authenticate: Bearer")));
    for email in ["unknown", "shut", "gone", "invited"] {
        assert_eq!(shape(app.login(&format!("{email}@example.org"), PASSWORD)), wrong, "{email}");
    }
}

#[test]
fn guessing_is_slowed_down_and_no_header_gets_around_it() {
    let app = TestApp::start_with(&["--login-limit", "3"]);
    app.account("ann@example.org", "author");
    app.account("bob@example.org", "author");
    for _ in 0..3 {
        app.login("ann@example.org", "not the password at all").expect(401);
    }
    let refused = app.login("ann@example.org", PASSWORD).expect(429);
    assert_eq!(refused.problem(), "too-many-requests");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=900).contains(&wait) && refused["retry_after"] == wait);
    for name in ["x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip"] {
        let try_again = app.anon.call("POST", "/v1/auth/login").header(name, "203.0.113.9").json(&json!({ "email": "ann@example.org", "password": PASSWORD }));
        try_again.send().expect(429);
    }
    app.login("bob@example.org", PASSWORD).expect(200);
}

#[test]
fn behind_a_trusted_proxy_each_address_has_its_own_allowance() {
    let app = TestApp::start_with(&["--login-limit", "2", "--login-account-limit", "5", "--trusted-proxies", "127.0.0.0/8"]);
    app.account("ann@example.org", "author");
    let from = |hops: &str, password: &str| {
        let body = json!({ "email": "ann@example.org", "password": password });
        app.anon.call("POST", "/v1/auth/login").header("x-forwarded-for", hops).json(&body).send()
    };
    for spoofed in 1..=2 {
        from(&format!("198.51.100.{spoofed}, 203.0.113.9"), "not the password at all").expect(401);
    }
    from("198.51.100.3, 203.0.113.9", PASSWORD).expect(429);
    from("203.0.113.10", PASSWORD).expect(200);
    for other in 0..3 {
        from(&format!("203.0.113.{other}"), "not the password at all").expect(401);
    }
    from("203.0.113.99", PASSWORD).expect(429);
}

#[test]
fn right_passwords_use_up_nothing() {
    let app = TestApp::start_with(&["--login-limit", "2", "--login-address-limit", "2", "--login-account-limit", "2"]);
    app.account("ann@example.org", "author");
    for _ in 0..4 {
        app.login("ann@example.org", PASSWORD).expect(200);
    }
}

#[test]
fn what_is_no_sign_in_is_refused_before_anything_is_hashed() {
    let app = TestApp::start();
    let post = |body: Value| app.anon.post("/v1/auth/login", &body);
    assert_eq!(post(json!({ "email": "ann@example.org", "password": "x".repeat(10_000) })).expect(422).faults(), [("/password", "too_long")]);
    for size in [100_000, 1_000_000] {
        assert_eq!(post(json!({ "email": "ann@example.org", "password": "x".repeat(size) })).expect(413).problem(), "payload-too-large");
    }
    assert_eq!(post(json!({ "email": "admin", "password": "admin" })).expect(422).faults(), [("/email", "malformed")]);
    post(json!({ "email": "admin@example.com", "password": "password" })).expect(401);
    assert_eq!(post(json!({ "email": "ann@example.org" })).expect(422).faults(), [("/password", "required")]);
    assert_eq!(post(json!({ "email": "ann@example.org", "password": "x", "remember": true })).expect(400).faults(), [("/remember", "unknown_member")]);
    app.anon.call("POST", "/v1/auth/login").bytes("application/x-www-form-urlencoded", "email=a&password=b").send().expect(415);
}

#[test]
fn tokens_that_are_not_ours_or_not_for_this_are_refused() {
    let app = TestApp::start();
    app.account("ann@example.org", "admin");
    let grant = app.login("ann@example.org", PASSWORD).expect(200);
    let token = grant.str("access_token");
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let reset = app.admin.call("POST", &format!("{}/password-reset", user_url(&app.author.user_id()))).send().expect(201);
    let unsigned = |alg: &str| URL_SAFE_NO_PAD.encode(json!({ "alg": alg, "typ": "at+jwt" }).to_string());
    let mut bad: Vec<String> =
        ["none", "None", "nOnE", ""].iter().flat_map(|alg| [format!("{}.{claims}.", unsigned(alg)), format!("{}.{claims}.{signature}", unsigned(alg))]).collect();
    let flipped = claims.replacen(&claims[10..11], if &claims[10..11] == "A" { "B" } else { "A" }, 1);
    bad.extend([format!("{header}.{flipped}.{signature}"), format!("{header}.{claims}."), format!("{header}.{claims}"), ".....".into(), "x".repeat(5_000)]);
    bad.extend([grant.str("refresh_token").to_owned(), reset.str("token").to_owned(), "mhk_nonsense".into()]);
    for token in bad {
        let refused = app.with_token(&token).get("/v1/auth/me").expect(401);
        assert_eq!(refused.problem(), "unauthenticated");
        assert!(refused.header("www-authenticate").contains("error=\"invalid_token\""), "{token}");
    }
    app.refresh(token).expect(401);
    app.refresh("").expect(401);
    app.with_token(token).get("/v1/auth/me").expect(200);
}

#[test]
fn a_token_is_taken_from_one_header_alone_and_only_while_it_is_good() {
    let app = TestApp::start_with(&["--access-ttl", "5"]);
    let session = app.author.token().to_owned();
    let me = |token: &str| app.anon.call("GET", "/v1/auth/me").header("authorization", token).send();
    me(&format!("Bearer {session}")).expect(200);
    me(&format!("bearer {session}")).expect(200);
    me(&format!("Basic {session}")).expect(401);
    me("Bearer ").expect(401);
    me("Bearer").expect(401);
    let twice = app.anon.call("GET", "/v1/auth/me").header("authorization", &format!("Bearer {session}")).header("authorization", &format!("Bearer {session}"));
    twice.send().expect(401);
    for parameter in ["access_token", "token"] {
        app.anon.get(&format!("/v1/auth/me?{parameter}={session}")).expect(401);
    }
    let (user, sid) = (app.author.user_id().parse::<Uuid>().unwrap(), session_of(&session));
    let made = |age: i64| app.parts.keys.sign(user, Role::Author, sid, now().plus(Duration::milliseconds(-age))).unwrap();
    me(&format!("Bearer {}", made(3_000))).expect(200);
    me(&format!("Bearer {}", made(5_000))).expect(401);
    // A credential that is no good is never read as none.
    for public in ["/v1/articles", "/v1/articles/some-story"] {
        app.with_token(&made(5_000)).get(public).expect(401);
    }
    assert_eq!(app.anon.get("/v1/auth/me").expect(401).header("www-authenticate"), "Bearer realm=\"masthead\"");
}

fn session_of(token: &str) -> Uuid {
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap();
    claims["sid"].as_str().unwrap().parse().unwrap()
}
