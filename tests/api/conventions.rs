//! What holds everywhere: how requests are refused, how answers are cached, compressed and named.

use std::io::Read;

use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

const ARTICLES: &str = "/v1/editorial/articles";
const TAGS: &str = "/v1/editorial/tags";

fn post_raw(client: &Client, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    client.call("POST", path).bytes("application/json", body.into()).send()
}

#[test]
fn parameters_that_are_unknown_or_repeated_are_refused_by_name() {
    let app = TestApp::start();
    for path in ["/v1/articles", ARTICLES, TAGS] {
        let unknown = app.editor.get(&format!("{path}?limit=5&taggs=x")).expect(400);
        assert_eq!((unknown.problem(), unknown.faults()), ("invalid-parameter", vec![("taggs", "unknown_parameter")]));
        let twice = app.editor.get(&format!("{path}?limit=5&limit=6")).expect(400);
        assert_eq!((twice.problem(), twice.faults()), ("invalid-parameter", vec![("limit", "repeated")]));
        for hostile in ["limit=%00", "%00=1", "limit=5&q=%ff%fe", "q=%ed%a0%80"] {
            assert_eq!(app.editor.get(&format!("{path}?{hostile}")).expect(400).problem(), "malformed-request", "{hostile}");
        }
    }
    // Nobody asks for another state of publication.
    for query in [
        "status=draft",
        "status=all",
        "state=scheduled",
        "preview=1",
        "published=false",
        "include=revisions",
        "fields=notes",
        "sort=author.email",
        "tag.created_by=x",
        "published_at[lte]=2999",
    ] {
        let (forbidden, nonsense) = (app.anon.get(&format!("/v1/articles?{query}")).expect(400), query.split('=').next().unwrap());
        assert_eq!((forbidden.problem(), forbidden.faults()[0].0), ("invalid-parameter", nonsense), "{query}");
    }
}

#[test]
fn members_that_are_unknown_or_repeated_are_refused_by_name() {
    let app = TestApp::start();
    let unknown = app.editor.post(ARTICLES, &json!({ "headline": "x", "standfrist": "y" })).expect(400);
    assert_eq!((unknown.problem(), unknown.faults()), ("malformed-request", vec![("/standfrist", "unknown_member")]));
    let deep = app.editor.post(ARTICLES, &json!({ "headline": "x", "seo": { "titel": "y" } })).expect(400);
    assert_eq!(deep.faults(), [("/seo/titel", "unknown_member")]);
    // What the server owns cannot be assigned.
    for owned in ["id", "status", "version", "revision", "created_by", "published_at", "first_published_at", "live_revision", "translation_group"] {
        let refusal = app.editor.post(ARTICLES, &json!({ "headline": "x", owned: null })).expect(400);
        assert_eq!(refusal.faults(), [(format!("/{owned}").as_str(), "unknown_member")]);
    }
    let twice = post_raw(&app.editor, ARTICLES, r#"{"headline":"a","headline":"b"}"#).expect(400);
    assert_eq!(twice.problem(), "malformed-request");
    assert!(twice.str("detail").contains("headline"));
    post_raw(&app.editor, ARTICLES, r#"{"headline":"a","seo":{"title":"a","title":"b"}}"#).expect(400);
    assert_eq!(app.editor.get(ARTICLES).expect(200)["data"], json!([]), "nothing of this was kept");
}

#[test]
fn bodies_that_are_not_json_are_refused_and_never_kept() {
    let app = TestApp::start();
    let bodies: [(&str, Vec<u8>); 20] = [
        ("empty", Vec::new()),
        ("truncated", br#"{"headline":"a"#.to_vec()),
        ("trailing", br#"{"headline":"a"} x"#.to_vec()),
        ("two documents", br#"{"headline":"a"}{"headline":"b"}"#.to_vec()),
        ("an array", b"[]".to_vec()),
        ("a string", b"\"headline\"".to_vec()),
        ("null", b"null".to_vec()),
        ("NaN", br#"{"headline":NaN}"#.to_vec()),
        ("a number too large", br#"{"headline":1e400}"#.to_vec()),
        ("an integer too large", br#"{"headline":9223372036854775808}"#.to_vec()),
        ("a comment", br#"{"headline":"a"/*b*/}"#.to_vec()),
        ("single quotes", b"{'headline':'a'}".to_vec()),
        ("BOM", b"\xef\xbb\xbf{\"headline\":\"a\"}".to_vec()),
        ("UTF-16", b"{\0\"\0h\0\"\0:\x001\0}\0".to_vec()),
        ("bad UTF-8", b"{\"headline\":\"a\xff\"}".to_vec()),
        ("overlong UTF-8", b"{\"headline\":\"a\xc0\xaf\"}".to_vec()),
        ("lone surrogate", br#"{"headline":"\ud800"}"#.to_vec()),
        ("NUL", br#"{"headline":"a\u0000b"}"#.to_vec()),
        ("NUL in a name", br#"{"headline":"a","\u0000":1}"#.to_vec()),
        ("depth", [b"{\"headline\":".as_slice(), &b"[".repeat(5_000), &b"]".repeat(5_000), b"}"].concat()),
    ];
    for (what, body) in bodies {
        let refusal = post_raw(&app.editor, ARTICLES, body);
        assert!(matches!(refusal.status, 400 | 422), "{what}: {} {}", refusal.status, refusal.text());
        refusal.problem();
    }
    let many = Value::Object((0..100_000).map(|n| (format!("m{n}"), json!(n))).collect());
    app.editor.post(ARTICLES, &many).expect(400);
    assert_eq!(app.editor.get(ARTICLES).expect(200)["data"], json!([]), "nothing of this was kept");
}

#[test]
fn text_is_kept_as_it_was_written_but_for_its_normal_form() {
    let app = TestApp::start();
    for text in [
        "Ünïcödé – „quotes“ … 中文 עברית 🚂👩‍🚒",
        "<script>alert(1)</script> & ' \" \\ / %",
        "1'; DROP TABLE articles; --",
        "{{7*7}} ${7*7} \u{200B}zero",
        "\u{1F468}\u{200D}\u{1F33E}",
    ] {
        let made = app.editor.post(ARTICLES, &json!({ "headline": text })).expect(201);
        assert_eq!(made["headline"], text);
        assert_eq!(app.editor.get(made.header("location")).expect(200)["headline"], text);
    }
    let decomposed = app.editor.post(ARTICLES, &json!({ "headline": "Cafe\u{301}" })).expect(201);
    assert_eq!(decomposed["headline"], "Caf\u{e9}");
}

#[test]
fn bodies_of_other_kinds_are_415_and_large_ones_413() {
    let app = TestApp::start_with(&["--body-limit", "10000"]);
    for kind in ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/merge-patch+json", "application/jsonx"] {
        let refusal = app.editor.call("POST", ARTICLES).bytes(kind, r#"{"headline":"a"}"#).send().expect(415);
        assert_eq!((refusal.problem(), refusal.header("accept-post")), ("unsupported-media-type", "application/json"));
    }
    app.editor.call("POST", ARTICLES).bytes("application/json; charset=utf-8", r#"{"headline":"a"}"#).send().expect(201);
    let patch = app.editor.call("PATCH", &format!("{ARTICLES}/a")).if_match("*").bytes("text/plain", "{}").send();
    assert!(matches!(patch.status, 404 | 415), "{}", patch.text());
    let packed = app.editor.call("POST", ARTICLES).header("content-encoding", "gzip").bytes("application/json", "{}").send().expect(415);
    assert_eq!(packed.problem(), "unsupported-media-type");
    let headline = |length: usize| format!("{{\"headline\":\"a\",\"notes\":\"{}\"}}", "x".repeat(length));
    assert_eq!(post_raw(&app.editor, ARTICLES, headline(10_000)).expect(413).problem(), "payload-too-large");
    post_raw(&app.editor, ARTICLES, headline(9_000)).expect(201);
    // Also when nobody said how large it would be.
    let chunked = reqwest::blocking::Body::new(std::io::repeat(b' ').take(50_000));
    assert_eq!(app.editor.call("POST", ARTICLES).bytes("application/json", chunked).send().expect(413).problem(), "payload-too-large");
}

#[test]
fn wrong_methods_are_405_with_those_allowed_and_head_is_get_without_a_body() {
    let app = TestApp::start();
    let live = app.published(&json!({ "slug": "story", "body": { "markdown": "word ".repeat(500) } }));
    let one = format!("{ARTICLES}/{}", live.id());
    for (path, allowed) in
        [("/v1/articles", "GET, HEAD, OPTIONS"), ("/v1/articles/story", "GET, HEAD, OPTIONS"), (TAGS, "GET, HEAD, OPTIONS, POST"), (&one, "DELETE, GET, HEAD, OPTIONS, PATCH")]
    {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
            if allowed.contains(method) {
                continue;
            }
            let refusal = app.editor.call(method, path).send().expect(405);
            assert_eq!((refusal.problem(), refusal.header("allow")), ("method-not-allowed", allowed), "{method} {path}");
        }
        let options = app.anon.call("OPTIONS", path).send().expect(204);
        assert_eq!(options.header("allow"), allowed);
    }
    for path in ["/v1/articles", "/v1/articles/story", "/v1/articles?limit=1&include=body"] {
        let (get, head) = (app.anon.get(path).expect(200), app.anon.call("HEAD", path).send().expect(200));
        assert!(head.bytes.is_empty());
        for name in ["etag", "content-type", "content-length", "cache-control", "vary", "surrogate-key"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
    }
    app.anon.call("HEAD", "/v1/articles/nothing").send().expect(404);
}

#[test]
fn what_is_not_there_is_404_in_one_form() {
    let app = TestApp::start();
    let detail = |path: &str| {
        let refusal = app.anon.get(path).expect(404);
        assert_eq!((refusal.problem(), refusal.header("cache-control")), ("not-found", "no-store"));
        refusal.str("detail").to_owned()
    };
    let missing = detail("/v1/articles/01890000-0000-7000-8000-000000000000");
    assert_eq!(detail("/v1/articles/no-such-story"), missing);
    let draft = app.draft(&json!({ "slug": "secret-draft" }));
    assert_eq!(detail(&format!("/v1/articles/{}", draft.id())), missing, "a draft looks like nothing at all");
    assert_eq!(detail("/v1/articles/secret-draft"), missing);
    for path in [
        "/v1",
        "/v2/articles",
        "/v1/articles/",
        "/v1//articles",
        "/v1/articles/a/b/c",
        "/admin",
        "/.env",
        "/v1/articles/%2e%2e%2fetc",
        "/v1/articles/..%2f",
        "/v1/articles/%00",
        "/v1/articles/a%20b",
    ] {
        assert!(!detail(path).is_empty(), "{path}");
    }
    // One thing has one address: other spellings of an id are none.
    let live = app.published(&json!({}));
    for other in [live.id().to_uppercase(), live.id().replace('-', ""), format!("{{{}}}", live.id()), format!("urn:uuid:{}", live.id())] {
        app.anon.get(&format!("/v1/articles/{other}")).expect(404);
    }
}

#[test]
fn every_problem_has_a_page_that_explains_it() {
    let app = TestApp::start();
    for code in masthead::error::Code::ALL {
        let page = app.anon.get(&format!("/problems/{}", code.slug())).expect(200);
        assert_eq!((page.str("type"), &page["status"]), (format!("/problems/{}", code.slug()).as_str(), &json!(code.status())));
    }
    app.anon.get("/problems/no-such-problem").expect(404);
    let problem = app.anon.get("/v1/articles/nothing").expect(404);
    assert_eq!(problem["status"], 404);
    assert_eq!(problem.str("instance"), problem.header("x-request-id"));
}

#[test]
fn requests_bear_an_id_theirs_if_it_is_well_formed() {
    let app = TestApp::start();
    let id_for = |sent: Option<&str>| {
        let call = app.anon.call("GET", "/v1/articles");
        sent.map_or(call, |sent| app.anon.call("GET", "/v1/articles").header("x-request-id", sent)).send().expect(200).header("x-request-id").to_owned()
    };
    assert_eq!(id_for(Some("front-end:42.a_b")), "front-end:42.a_b");
    let (one, other) = (id_for(None), id_for(None));
    assert!(one.len() == 36 && one != other);
    let long = "x".repeat(129);
    for bad in ["a b", "a\"b", "<script>", long.as_str()] {
        assert_eq!(id_for(Some(bad)).len(), 36, "{bad}");
    }
    let failed = app.anon.call("GET", "/v1/nowhere").header("x-request-id", "mine").send().expect(404);
    assert_eq!((failed.header("x-request-id"), failed.str("instance")), ("mine", "mine"));
}

#[test]
fn delivery_answers_are_conditional_and_cacheable_and_the_desk_is_not() {
    let app = TestApp::start();
    let live = app.published(&json!({ "slug": "story" }));
    for path in ["/v1/articles", "/v1/articles/story"] {
        let read = app.anon.get(path).expect(200);
        // Browsers heed `stale-while-revalidate` too, and nobody can purge them: it is for caches in front alone.
        assert_eq!(read.header("cache-control"), "public, max-age=0, s-maxage=30, stale-if-error=86400");
        assert_eq!(read.header("cdn-cache-control"), "public, max-age=30, stale-while-revalidate=60, stale-if-error=86400");
        assert!(read.header("vary").contains("accept-encoding"), "{}", read.header("vary"));
        let tag = read.etag().to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "a strong ETag: {tag}");
        for matching in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let same = app.anon.call("GET", path).header("if-none-match", &matching).send().expect(304);
            assert!(same.bytes.is_empty());
            assert_eq!((same.etag(), same.header("cache-control"), same.header("vary")), (read.etag(), read.header("cache-control"), read.header("vary")));
        }
        app.anon.call("GET", path).header("if-none-match", "\"other\"").send().expect(200);
        // With credentials the same answer, which no cache may keep.
        let staff = app.editor.get(path).expect(200);
        assert_eq!((staff.bytes == read.bytes, staff.header("cache-control").contains("no-store")), (true, true));
        let keys: Vec<_> = read.header("surrogate-key").split(' ').collect();
        let tag_key = format!("tag-{}", live["tags"][0]["id"].as_str().unwrap());
        let author_key = format!("author-{}", live["authors"][0]["author_id"].as_str().unwrap());
        for key in [format!("article-{}", live.id()), tag_key, author_key] {
            assert!(keys.contains(&key.as_str()), "{key} is missing in {keys:?}");
        }
        assert_eq!(keys.contains(&"feed"), path == "/v1/articles");
        assert_eq!(read.header("cache-groups").split(", ").count(), keys.len());
    }
    for path in [ARTICLES.to_owned(), format!("{ARTICLES}/{}", live.id()), TAGS.to_owned()] {
        assert_eq!(app.editor.get(&path).expect(200).header("cache-control"), "no-store");
    }
    for refused in [app.anon.get("/v1/articles?limit=0"), app.anon.get(ARTICLES), app.anon.get("/v1/articles/nothing")] {
        assert_eq!(refused.header("cache-control"), "no-store");
    }
}

#[test]
fn every_answer_has_the_headers_that_keep_browsers_honest() {
    let app = TestApp::start();
    app.published(&json!({}));
    for answer in [app.anon.get("/v1/articles"), app.anon.get("/nowhere"), app.editor.get(ARTICLES), app.anon.get(ARTICLES), app.anon.get("/openapi.json")] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{}", answer.request);
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{}", answer.request);
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{}", answer.request);
        assert!(!answer.header("x-request-id").is_empty());
        for chatty in ["server", "x-powered-by", "set-cookie"] {
            assert_eq!(answer.header(chatty), "", "{}", answer.request);
        }
    }
}

#[test]
fn no_cache_outlives_the_rights_to_a_picture() {
    use diesel::prelude::*;
    use masthead::publishing::generation;
    use masthead::schema::media;
    let app = TestApp::start();
    let picture = app.picture(&app.credit("Reuters"), "A pier");
    app.published(&json!({ "slug": "pier", "lead_media": { "media_id": picture.id() } }));
    let valid_for = |seconds: i64| {
        let conn = &mut app.connect();
        let until = masthead::app::now().plus(chrono::Duration::seconds(seconds));
        diesel::update(media::table).set(media::valid_until.eq(until)).execute(conn).unwrap();
        generation::references_changed(conn).unwrap();
    };
    valid_for(12);
    for path in ["/v1/articles", "/v1/articles/pier"] {
        let answer = app.anon.get(path).expect(200);
        let control = format!("{}, {}", answer.header("cache-control"), answer.header("cdn-cache-control"));
        let seconds = |name: &str| control.split(&format!("{name}=")).nth(1).unwrap().split(',').next().unwrap().parse::<i64>().unwrap();
        assert!(seconds("s-maxage") <= 12, "{control}");
        assert!(seconds("s-maxage") + seconds("stale-while-revalidate") <= 12 && seconds("s-maxage") + seconds("stale-if-error") <= 12, "{control}");
    }
    valid_for(-1);
    // Another reader's question: what a cache was told to keep is the cache's.
    let feed = app.anon.get("/v1/articles?limit=3").expect(200);
    assert_eq!(feed["data"][0]["lead_media"], json!({ "withheld": true, "reason": "rights_expired" }));
}

#[test]
fn answers_are_compressed_as_the_client_likes_and_say_so() {
    let app = TestApp::start();
    app.published(&json!({ "slug": "long", "body": { "markdown": "The harbour reopened. ".repeat(300) } }));
    let path = "/v1/articles/long";
    let plain = app.anon.get(path).expect(200);
    assert_eq!((plain.header("content-encoding"), plain.header("vary").contains("accept-encoding")), ("", true));
    let mut tags = vec![plain.etag().to_owned()];
    for (accept, coding) in [("br", "br"), ("gzip", "gzip"), ("zstd", "zstd"), ("gzip, deflate, br, zstd", "br"), ("gzip;q=1, br;q=0.1", "gzip"), ("identity", ""), ("br;q=0", "")]
    {
        let packed = app.anon.call("GET", path).header("accept-encoding", accept).send().expect(200);
        assert_eq!(packed.header("content-encoding"), coding, "{accept}");
        assert_eq!(unpack(coding, &packed.bytes), plain.bytes, "{accept}");
        assert!(packed.header("vary").contains("accept-encoding"));
        let same = app.anon.call("GET", path).header("accept-encoding", accept).header("if-none-match", packed.etag()).send().expect(304);
        assert_eq!(same.etag(), packed.etag());
        if !coding.is_empty() && !accept.contains(',') {
            assert!(packed.bytes.len() < plain.bytes.len() / 3, "{coding}");
            tags.push(packed.etag().to_owned());
        }
    }
    let count = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), count, "a strong ETag names bytes: each coding has its own");
}

fn unpack(coding: &str, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match coding {
        "br" => brotli::BrotliDecompress(&mut &*bytes, &mut out).unwrap(),
        "gzip" => drop(flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap()),
        "zstd" => out = zstd::bulk::decompress(bytes, 1 << 20).unwrap(),
        _ => out = bytes.to_vec(),
    }
    out
}

#[test]
fn a_post_is_done_once_a_key() {
    let app = TestApp::start();
    let send = |client: &Client, key: &str, headline: &str| client.call("POST", ARTICLES).key(key).json(&json!({ "headline": headline })).send();
    let first = send(&app.author, "key-1", "Once").expect(201);
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = send(&app.author, "key-1", "Once").expect(201);
    assert_eq!(
        (again.bytes, again.headers["etag"].clone(), again.headers["location"].clone()),
        (first.bytes.clone(), first.headers["etag"].clone(), first.headers["location"].clone())
    );
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(send(&app.author, "key-1", "Twice").expect(422).problem(), "idempotency-key-reused");
    // Keys are each caller's own, and each operation's.
    assert_ne!(send(&app.editor, "key-1", "Once").expect(201)["id"], first["id"]);
    app.author.call("POST", TAGS).key("key-1").json(&json!({ "name": "Once", "kind": "topic" })).send().expect(201);
    // What was refused is not kept.
    send(&app.author, "key-2", "").expect(422);
    send(&app.author, "key-2", "Better").expect(201);
    for bad in ["", "a b", "é", "\"\"", &"x".repeat(256)] {
        let refusal = send(&app.author, bad, "Once").expect(400);
        assert_eq!(refusal.faults(), [("Idempotency-Key", "invalid")], "{bad}");
    }
    send(&app.author, &"x".repeat(255), "Long key").expect(201);
    assert_eq!(app.author.get(&format!("{ARTICLES}?count=exact&mine=true")).expect(200)["page"]["total"], 3);
}

#[test]
fn ten_retries_at_once_make_one_thing() {
    let app = TestApp::start();
    let answers: Vec<_> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..10).map(|_| scope.spawn(|| app.author.call("POST", ARTICLES).key("same").json(&json!({ "headline": "Once" })).send().expect(201))).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| answer.bytes == answers[0].bytes));
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotency-replayed").is_empty()).count(), 1);
    assert_eq!(app.author.get(&format!("{ARTICLES}?count=exact")).expect(200)["page"]["total"], 1);
}

#[test]
fn a_publish_may_be_repeated_under_its_key() {
    let app = TestApp::start();
    let draft = app.draft(&json!({}));
    let publish = || app.editor.call("POST", &format!("{ARTICLES}/{}/publish", draft.id())).if_match(draft.etag()).key("go").send();
    let first = publish().expect(200);
    // Without the key the second would be 412, because the first has moved the version.
    assert_eq!(publish().expect(200).bytes, first.bytes);
}

#[test]
fn bad_credentials_are_never_taken_for_none() {
    let app = TestApp::start();
    let good = app.editor.token().to_owned();
    // One token in sixteen ends in A by itself.
    let changed = format!("{}{}", &good[..good.len() - 1], if good.ends_with('A') { 'E' } else { 'A' });
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", good.split('.').nth(1).unwrap());
    for token in ["nonsense", "", "mhk_0123456789", changed.as_str(), unsigned.as_str()] {
        for path in ["/v1/articles", ARTICLES] {
            let refusal = app.with_token(token).get(path);
            assert_eq!((refusal.status, refusal.problem()), (401, "unauthenticated"), "{token} {path}");
            assert!(refusal.header("www-authenticate").starts_with("Bearer realm=\"masthead\""));
        }
    }
    app.anon.call("GET", "/v1/articles").header("authorization", "Basic YTpi").send().expect(401);
    assert_eq!(app.anon.get(ARTICLES).expect(401).header("www-authenticate"), "Bearer realm=\"masthead\"");
    app.anon.call("GET", ARTICLES).header("authorization", &format!("bearer {good}")).send().expect(200);
}
