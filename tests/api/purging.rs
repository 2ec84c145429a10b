//! Surrogate keys: each answer names what it is made of, each change names what it made stale, and a real Varnish in front
//! forgets exactly that. Without Varnish, and where it cannot be installed, that test says so and passes.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use diesel::RunQueryDsl;
use masthead::worker;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp, skipped};

/// Does what the worker does four times a second.
fn purge(app: &TestApp) -> masthead::error::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(worker::purge_caches(app.parts.clone()))
}

fn keys(answer: &Answer) -> BTreeSet<String> {
    answer.header("surrogate-key").split(' ').map(ToOwned::to_owned).collect()
}

fn key(kind: &str, id: &Value) -> String {
    format!("{kind}-{}", id.as_str().unwrap())
}

/// The surrogate keys of the last change.
fn last_change(app: &TestApp) -> BTreeSet<String> {
    let changes = app.anon.get("/v1/changes?limit=100").expect(200);
    let last = changes["data"].as_array().unwrap().last().unwrap().clone();
    last["surrogate_keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_change_names_what_it_made_stale() {
    let app = TestApp::start();
    let (old, new) = (app.tag("Old subject"), app.tag("New subject"));
    let picture = app.picture(&app.credit("Agency"), "A pier");
    let story = app.published(&json!({ "tags": [old.id()], "lead_media": { "media_id": picture.id() } }));
    let author = key("author", &story["authors"][0]["author_id"]);
    let named = |more: &[String]| -> BTreeSet<String> {
        let always = [key("article", &story["id"]), author.clone(), "changes".into(), "corrections".into(), "feed".into()];
        always.into_iter().chain(more.iter().cloned()).collect()
    };
    let (old, new, media) = (key("tag", &old["id"]), key("tag", &new["id"]), key("media", &picture["id"]));
    assert_eq!(last_change(&app), named(&[old.clone(), media.clone()]));
    let url = format!("/v1/editorial/articles/{}", story.id());
    let moved = app.editor.patch(&url, "*", &json!({ "tags": [new.strip_prefix("tag-").unwrap()], "lead_media": null })).expect(200);
    assert_eq!(last_change(&app), named(&[old.clone(), media.clone()]), "a draft changes nothing");
    app.publish(&moved);
    assert_eq!(last_change(&app), named(&[old.clone(), new.clone(), media.clone()]), "what it left, and what it came to");
    app.editor.call("POST", &format!("{url}/corrections")).if_match("*").json(&json!({ "kind": "correction", "text": "No." })).send().expect(201);
    assert_eq!(last_change(&app), named(std::slice::from_ref(&new)));
    app.editor.act(&format!("{url}/unpublish"), "*").expect(200);
    assert_eq!(last_change(&app), named(&[new]));
}

/// An endpoint that takes purges and tells of them; it answers with these statuses, then with 200.
fn endpoint(statuses: &'static [u16]) -> (String, Receiver<(String, BTreeSet<String>, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/purge", listener.local_addr().unwrap());
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let statuses = statuses.iter().copied().chain(std::iter::repeat(200));
        for (stream, status) in listener.incoming().zip(statuses) {
            let mut stream = stream.unwrap();
            let lines: Vec<String> = BufReader::new(stream.try_clone().unwrap()).lines().map(|line| line.unwrap()).take_while(|line| !line.is_empty()).collect();
            let header = |name: &str| lines.iter().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
            let keys = header("surrogate-key: ").split(' ').map(ToOwned::to_owned).collect();
            stream.write_all(format!("HTTP/1.1 {status} -\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
            if tell.send((lines[0].clone(), keys, header("x-key: "))).is_err() {
                return;
            }
        }
    });
    (address, told)
}

#[test]
fn purges_are_sent_twice_and_again_until_they_are_taken() {
    let (address, told) = endpoint(&[503]);
    let app = TestApp::start_with(&["--purge-url", &address, "--purge-method", "POST", "--purge-header", "X-Key: secret"]);
    let story = app.published(&json!({}));
    assert!(purge(&app).is_err());
    told.recv().unwrap();
    // It is somebody's for ten seconds, then anybody's.
    purge(&app).unwrap();
    assert!(told.try_recv().is_err());
    let due = |app: &TestApp| diesel::sql_query("UPDATE purges SET due_at = now()").execute(&mut app.connect()).unwrap();
    for _ in 0..2 {
        assert!(due(&app) > 0);
        purge(&app).unwrap();
        let (request, keys, secret) = told.recv().unwrap();
        assert_eq!((request.as_str(), secret.as_str()), ("POST /purge HTTP/1.1", "secret"));
        for wanted in [format!("article-{}", story.id()), "feed".into(), "overfull".into(), key("tag", &story["tags"][0]["id"])] {
            assert!(keys.contains(&wanted), "{wanted} is missing in {keys:?}");
        }
    }
    assert_eq!(due(&app), 0, "done");
}

#[test]
fn what_stories_refer_to_is_purged_too() {
    let (address, told) = endpoint(&[]);
    let app = TestApp::start_with(&["--purge-url", &address]);
    let credit = app.credit("Agency");
    let picture = app.picture(&credit, "A pier");
    let story = app.published(&json!({ "lead_media": { "media_id": picture.id() } }));
    let shown = keys(&app.anon.get(&format!("/v1/articles/{}", story.id())).expect(200));
    purge(&app).unwrap();
    told.recv().unwrap();
    let (author, tag) = (story["authors"][0]["author_id"].as_str().unwrap().to_owned(), story["tags"][0]["id"].as_str().unwrap().to_owned());
    let changes = [
        (&app.editor, format!("media-credits/{}", credit.id()), json!({ "credit_line": "Agency Pictures" }), format!("credit-{}", credit.id())),
        (&app.editor, format!("media/{}", picture.id()), json!({ "status": "withdrawn" }), format!("media-{}", picture.id())),
        (&app.editor, format!("authors/{author}"), json!({ "former": true }), format!("author-{author}")),
        (&app.editor, format!("tags/{tag}"), json!({ "name": "Ports" }), format!("tag-{tag}")),
        (&app.admin, "site".to_owned(), json!({ "article_url_template": "https://news.example/{id}" }), "site".to_owned()),
    ];
    for (client, path, patch, key) in changes {
        client.patch(&format!("/v1/editorial/{path}"), "*", &patch).expect(200);
        purge(&app).unwrap();
        let (request, keys, _) = told.recv().unwrap();
        assert!(request.starts_with("PURGE ") && keys.contains(&key), "{path}: {keys:?}");
        assert!(shown.contains(&key), "{key} is missing in {shown:?}");
    }
}

#[test]
fn every_answer_of_delivery_names_its_keys() {
    let app = TestApp::start();
    let story = app.published(&json!({ "slug": "story" }));
    let tag = app.editor.get(&format!("/v1/editorial/tags/{}", story["tags"][0]["id"].as_str().unwrap())).expect(200);
    let month = &app.anon.get("/v1/articles/story").expect(200)["first_published_at"].as_str().unwrap()[..7].to_owned();
    for path in [
        "/v1/articles".to_owned(),
        "/v1/articles/story".into(),
        "/v1/articles/story/jsonld".into(),
        "/v1/articles/story/ninjs".into(),
        "/v1/tags".into(),
        format!("/v1/tags/{}", tag.str("slug")),
        "/v1/authors".into(),
        "/v1/media-credits".into(),
        "/v1/changes".into(),
        "/v1/corrections".into(),
        "/v1/site".into(),
        "/feeds/rss.xml".into(),
        format!("/feeds/tags/{}/atom.xml", tag.str("slug")),
        "/sitemaps/index.xml".into(),
        format!("/sitemaps/{month}.xml"),
        "/sitemaps/news.xml".into(),
    ] {
        assert!(!app.anon.get(&path).expect(200).header("surrogate-key").is_empty(), "{path}");
    }
}

/// A Varnish with our configuration, in front of a service. Ended when dropped.
struct Varnish {
    child: Child,
    base: String,
}

impl Drop for Varnish {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Whether the program is here, now or after installing it where that is possible without asking anybody.
fn has_varnish() -> bool {
    let here = || Command::new("varnishd").arg("-V").stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    let install =
        "command -v apt-get >/dev/null && [ \"$(id -u)\" = 0 ] && apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends varnish";
    here() || Command::new("sh").args(["-c", install]).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success()) && here()
}

impl Varnish {
    fn before(backend: &str, folder: &std::path::Path) -> Self {
        let (host, port) = backend.strip_prefix("http://").unwrap().split_once(':').unwrap();
        let vcl = include_str!("../../deploy/varnish.vcl").replace("\"masthead\"", &format!("\"{host}\"")).replace("\"8080\"", &format!("\"{port}\""));
        let file = folder.join("varnish.vcl");
        std::fs::write(&file, vcl).unwrap();
        // A port that was free a moment ago; Varnish says when somebody was faster.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let own = folder.join("varnish");
        let mut program = Command::new("varnishd");
        program.arg("-F").arg("-n").arg(&own).args(["-a", &format!("127.0.0.1:{port}"), "-s", "malloc,16m", "-j", "none", "-f"]).arg(&file);
        let child = program.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        Self { child, base: format!("http://127.0.0.1:{port}") }
    }

    fn answers(&mut self) -> bool {
        if let Some(status) = self.child.try_wait().unwrap() {
            let mut said = String::new();
            self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("varnishd ended with {status}: {said}");
        }
        TcpStream::connect(self.base.strip_prefix("http://").unwrap()).is_ok()
    }
}

#[test]
fn a_varnish_in_front_forgets_what_has_changed_and_nothing_else() {
    if !has_varnish() {
        skipped("Varnish is not here and cannot be installed: purging was not tried against a real cache");
        return;
    }
    // The cache has to know the service and the service the cache, so a second process is the one that tells.
    let app = TestApp::start();
    let mut varnish = Varnish::before(&app.base, app.folder());
    app.until("Varnish answers", || varnish.answers());
    let sender = app.replica(&["--purge-url", &format!("{}/", varnish.base)]);
    let readers = Client::new(&varnish.base, None, None);
    let one = app.published(&json!({ "slug": "one", "headline": "One" }));
    let other_tag = app.tag("Elsewhere");
    let other_author = app.writer("Somebody Else");
    app.published(&json!({ "slug": "two", "headline": "Two", "tags": [other_tag.id()], "authors": [{ "author_id": other_author.id(), "role": "author" }] }));
    purge(&sender).unwrap();

    let hit = |path: &str| {
        let answer = readers.get(path).expect(200);
        (answer.header("x-cache") == "HIT", answer.text())
    };
    let all = ["/v1/articles/one", "/v1/articles/two", "/v1/articles", "/feeds/rss.xml"];
    for path in all {
        assert!(!hit(path).0, "{path}");
        assert!(hit(path).0, "{path} is kept");
    }
    let compressed = readers.call("GET", "/v1/articles").header("accept-encoding", "gzip, br").send().expect(200);
    assert_eq!((compressed.header("x-cache"), compressed.header("content-encoding")), ("HIT", "gzip"));

    let changed = app.editor.patch(&format!("/v1/editorial/articles/{}", one.id()), "*", &json!({ "headline": "One, corrected" })).expect(200);
    app.publish(&changed);
    assert!(hit("/v1/articles/one").0, "until it is told");
    purge(&sender).unwrap();
    for path in ["/v1/articles/one", "/v1/articles", "/feeds/rss.xml"] {
        let (was_kept, text) = hit(path);
        assert!(!was_kept && text.contains("One, corrected"), "{path}");
    }
    assert!(hit("/v1/articles/two").0, "what has nothing to do with it stays");

    app.editor.patch(&format!("/v1/editorial/authors/{}", other_author.id()), "*", &json!({ "former": true })).expect(200);
    purge(&sender).unwrap();
    assert!(!hit("/v1/articles/two").0 && hit("/v1/articles/one").0);

    app.editor.act(&format!("/v1/editorial/articles/{}/unpublish", one.id()), "*").expect(200);
    purge(&sender).unwrap();
    readers.get("/v1/articles/one").expect(404);
    assert!(!readers.get("/v1/articles").expect(200).text().contains("One, corrected"));

    // The desk is nobody's to keep, and no purge is an expression of somebody's.
    let staff = Client::new(&varnish.base, Some(app.editor.token().to_owned()), None);
    for _ in 0..2 {
        assert_eq!(staff.get("/v1/editorial/articles").expect(200).header("x-cache"), "MISS");
    }
    let purger = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
    for (keys, status) in [(".*", 400), ("feed|site", 400), ("feed", 200)] {
        let purge = purger.request(reqwest::Method::from_bytes(b"PURGE").unwrap(), &varnish.base).header("surrogate-key", keys);
        assert_eq!(purge.send().unwrap().status().as_u16(), status, "{keys}");
    }
}
