//! The news feed: order, paging, filters, sparse fields, counts.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

/// A story for each headline, the last one newest, a minute apart.
fn newsroom(app: &TestApp, headlines: &[&str]) -> Vec<Answer> {
    headlines.iter().enumerate().map(|(at, headline)| published_at(app, &json!({ "headline": headline }), &format!("2026-01-01T10:{at:02}:00Z"))).collect()
}

fn published_at(app: &TestApp, members: &Value, time: &str) -> Answer {
    let draft = app.draft(members);
    let publish = app.editor.call("POST", &format!("/v1/editorial/articles/{}/publish", draft.id())).if_match(draft.etag());
    publish.json(&json!({ "published_at": time })).send().expect(200)
}

fn headlines(app: &TestApp, query: &str) -> String {
    app.anon.get(&format!("/v1/articles?{query}")).expect(200).each("headline").join(" ")
}

fn next(page: &Answer) -> Option<&str> {
    page["page"]["next"].as_str()
}

#[test]
fn walking_to_the_end_yields_each_story_once_also_while_new_ones_go_live() {
    let app = TestApp::start();
    let names: Vec<_> = (0..23).map(|n| format!("story-{n}")).collect();
    newsroom(&app, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let mut seen = Vec::new();
    let mut page = app.anon.get("/v1/articles?limit=5").expect(200);
    loop {
        seen.extend(page.each("headline").into_iter().map(ToOwned::to_owned));
        let Some(cursor) = next(&page) else { break };
        app.published(&json!({ "headline": "breaking" }));
        page = app.anon.get(&format!("/v1/articles?limit=5&cursor={cursor}")).expect(200);
    }
    assert_eq!(seen, names.into_iter().rev().collect::<Vec<_>>());
}

#[test]
fn stories_of_the_same_moment_are_walked_once_each_too() {
    let app = TestApp::start();
    let mut made: Vec<_> = (0..7).map(|_| published_at(&app, &json!({}), "2026-01-01T10:00:00Z").id().to_owned()).collect();
    for (sort, reverse) in [("-published_at", true), ("published_at", false)] {
        let (mut seen, mut query) = (Vec::new(), format!("sort={sort}&limit=2"));
        loop {
            let page = app.anon.get(&format!("/v1/articles?{query}")).expect(200);
            seen.extend(page.each("id").into_iter().map(ToOwned::to_owned));
            let Some(cursor) = next(&page) else { break };
            query = format!("sort={sort}&limit=2&cursor={cursor}");
        }
        made.sort();
        if reverse {
            made.reverse();
        }
        assert_eq!(seen, made);
    }
}

#[test]
fn a_page_knows_its_neighbours_and_tells_them_in_the_link_header() {
    let app = TestApp::start();
    newsroom(&app, &["a", "b", "c", "d", "e"]);
    let first = app.anon.get("/v1/articles?limit=2").expect(200);
    assert_eq!((first.each("headline"), &first["page"]["previous"], &first["page"]["total"]), (vec!["e", "d"], &json!(null), &json!(null)));
    let cursor = next(&first).unwrap();
    assert_eq!(first.header("link"), format!("<{}/v1/articles?limit=2&cursor={cursor}>; rel=\"next\"", app.base));
    let second = app.anon.get(&format!("/v1/articles?limit=2&cursor={cursor}")).expect(200);
    assert_eq!(second.each("headline"), ["c", "b"]);
    assert!(second.header("link").contains("rel=\"next\"") && second.header("link").contains("rel=\"prev\""));
    let back = app.anon.get(&format!("/v1/articles?limit=2&cursor={}", second["page"]["previous"].as_str().unwrap())).expect(200);
    assert_eq!((back.each("headline"), &back["page"]["previous"]), (vec!["e", "d"], &json!(null)));
    let third = app.anon.get(&format!("/v1/articles?limit=2&cursor={}", next(&second).unwrap())).expect(200);
    assert_eq!((third.each("headline"), next(&third)), (vec!["a"], None));
    // A page may change its size on the way: the cursor is of the list, not of the page.
    assert_eq!(app.anon.get(&format!("/v1/articles?limit=100&cursor={cursor}")).expect(200).each("headline"), ["c", "b", "a"]);
}

#[test]
fn every_filter_alone_and_together() {
    let app = TestApp::start();
    let (ukraine, rail, sport) = (app.tag("Ukraine"), app.tag("Rail"), app.tag("Sport"));
    let (olena, ivan) = (app.writer("Olena Koval"), app.writer("Ivan Sad"));
    let by = |writers: &[&Answer]| writers.iter().map(|w| json!({ "author_id": w.id(), "role": "author" })).collect::<Vec<_>>();
    let story = |headline: &str, tags: &[&Answer], writers: &[&Answer], kind: &str, language: &str, time: &str| {
        let tags: Vec<_> = tags.iter().map(|tag| tag.id()).collect();
        published_at(&app, &json!({ "headline": headline, "tags": tags, "authors": by(writers), "kind": kind, "language": language }), time)
    };
    let a = story("a", &[&ukraine], &[&olena], "news", "en", "2026-01-01T00:00:00Z");
    story("b", &[&rail, &ukraine], &[&ivan], "analysis", "uk", "2026-01-02T00:00:00Z");
    story("c", &[&sport], &[&olena, &ivan], "brief", "en", "2026-01-03T00:00:00Z");
    let d = story("d", &[&ukraine, &sport, &rail], &[&ivan], "news", "de", "2026-01-04T00:00:00Z");
    let cases = [
        ("", "d c b a"),
        ("tag=ukraine", "d b a"),
        ("tag=rail,sport", "d c b"),
        ("tag=-sport", "b a"),
        ("tag=ukraine,-rail", "a"),
        ("tag=-ukraine,-sport", ""),
        ("tags_all=ukraine,rail", "d b"),
        ("tags_all=ukraine,rail&tag=sport", "d"),
        ("tags_all=ukraine,rail,sport", "d"),
        ("tag=nowhere", ""),
        ("tag=-nowhere", "d c b a"),
        ("tags_all=ukraine,nowhere", ""),
        ("author=olena-koval", "c a"),
        ("author=olena-koval,ivan-sad", "d c b a"),
        ("author=-olena-koval", "d b"),
        ("author=ivan-sad,-olena-koval", "d b"),
        ("primary_tag=ukraine", "d a"),
        ("primary_tag=ukraine,rail", "d b a"),
        ("primary_tag=-ukraine", "c b"),
        ("kind=news", "d a"),
        ("kind=news,brief", "d c a"),
        ("kind=-news", "c b"),
        ("language=en", "c a"),
        ("language=uk,de", "d b"),
        ("language=-en", "d b"),
        ("published_after=2026-01-02T00:00:00Z", "d c"),
        ("published_before=2026-01-02T00:00:00Z", "a"),
        ("published_after=2026-01-01T12:00:00Z&published_before=2026-01-03T12:00:00Z", "c b"),
        ("published_after=2026-01-02T02:30:00%2B03:00", "d c b"),
        ("updated_after=2999-01-01T00:00:00Z", ""),
        ("updated_after=2000-01-01T00:00:00Z&kind=news", "d a"),
        ("tag=ukraine&author=ivan-sad", "d b"),
        ("tag=ukraine&author=ivan-sad,olena-koval&kind=news", "d a"),
        ("tag=ukraine&primary_tag=-ukraine", "b"),
        ("tag=ukraine&language=en&published_before=2026-02-01T00:00:00Z", "a"),
        ("tag=sport&sort=published_at", "c d"),
        ("author=ivan-sad&sort=published_at", "b c d"),
        ("tag=ukraine,rail&sort=-updated_at", "d b a"),
    ];
    for (query, expected) in cases {
        assert_eq!(headlines(&app, query), expected, "{query}");
        let counted = app.anon.get(&format!("/v1/articles?{query}{}count=exact&limit=1", if query.is_empty() { "" } else { "&" })).expect(200);
        assert_eq!(counted["page"]["total"], expected.split_whitespace().count(), "the count of {query}");
    }
    assert_eq!(headlines(&app, &format!("exclude={}", a.id())), "d c b");
    assert_eq!(headlines(&app, &format!("tag=ukraine&exclude={},{}", a.id(), d.id())), "b");
}

#[test]
fn filtered_lists_walk_as_well_as_the_whole() {
    let app = TestApp::start();
    let (even, odd) = (app.tag("Even"), app.tag("Odd"));
    for n in 0..9 {
        let tags: Vec<_> = if n % 3 == 0 {
            vec![even.id(), odd.id()]
        } else if n % 2 == 0 {
            vec![even.id()]
        } else {
            vec![odd.id()]
        };
        published_at(&app, &json!({ "headline": n.to_string(), "tags": tags }), &format!("2026-01-0{}T00:00:00Z", n + 1));
    }
    for (filter, expected) in
        [("tag=even,odd", "8 7 6 5 4 3 2 1 0"), ("tag=even", "8 6 4 3 2 0"), ("tag=even,-odd", "8 4 2"), ("tags_all=even,odd", "6 3 0"), ("primary_tag=-even", "7 5 1")]
    {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = app.anon.get(&format!("/v1/articles?{filter}&limit=2{cursor}")).expect(200);
            seen.extend(page.each("headline").into_iter().map(ToOwned::to_owned));
            let Some(next) = next(&page) else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen.join(" "), expected, "{filter}");
    }
}

#[test]
fn the_last_changed_come_first_when_asked_for() {
    let app = TestApp::start();
    let stories = newsroom(&app, &["a", "b", "c"]);
    let first = &stories[0];
    let saved = app.editor.patch(&format!("/v1/editorial/articles/{}", first.id()), first.etag(), &json!({ "kicker": "Updated" })).expect(200);
    app.publish(&saved);
    assert_eq!(headlines(&app, "sort=-updated_at"), "a c b");
    assert_eq!(headlines(&app, ""), "c b a");
    assert_eq!(headlines(&app, "sort=published_at"), "a b c");
}

#[test]
fn sparse_fields_and_bodies() {
    let app = TestApp::start();
    app.published(&json!({ "headline": "Sparse", "body": { "markdown": "One *two* three." } }));
    let sparse = app.anon.get("/v1/articles?fields=headline,slug").expect(200);
    let members = |item: &Value| {
        let mut names: Vec<_> = item.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        names.join(" ")
    };
    assert_eq!(members(&sparse["data"][0]), "headline id slug");
    for (form, value) in [("text", "One two three."), ("markdown", "One _two_ three."), ("html", "<p>One <em>two</em> three.</p>")] {
        let full = app.anon.get(&format!("/v1/articles?include=body&body={form}")).expect(200);
        assert_eq!((&full["data"][0]["body"]["format"], full["data"][0]["body"]["value"].as_str().unwrap().trim()), (&json!(form), value));
    }
    assert_eq!(app.anon.get("/v1/articles?include=body").expect(200)["data"][0]["body"]["format"], "html");
    let unknown = app.anon.get("/v1/articles?fields=headline,version").expect(400);
    assert_eq!((unknown.problem(), unknown.faults()[0].0), ("invalid-parameter", "fields"));
    let one = app.anon.get("/v1/articles/sparse?fields=headline").expect(200);
    assert_eq!(members(&one.json), "headline id");
}

#[test]
fn cursors_that_are_forged_foreign_or_malformed_are_refused() {
    let app = TestApp::start();
    newsroom(&app, &["a", "b", "c"]);
    let page = app.anon.get("/v1/articles?tag=harbours&limit=1").expect(200);
    let cursor = next(&page).unwrap().to_owned();
    let flipped: String = cursor.chars().enumerate().map(|(at, c)| if at == 20 { if c == 'A' { 'B' } else { 'A' } } else { c }).collect();
    let elsewhere = TestApp::start();
    newsroom(&elsewhere, &["a", "b"]);
    for query in [
        format!("tag=harbours&cursor={flipped}"),
        format!("cursor={cursor}"),
        format!("tag=-harbours&cursor={cursor}"),
        format!("tag=harbours&sort=published_at&cursor={cursor}"),
        format!("tag=harbours&published_after=2020-01-01T00:00:00Z&cursor={cursor}"),
        "tag=harbours&cursor=".to_owned(),
        "tag=harbours&cursor=AAAA".to_owned(),
        "tag=harbours&cursor=%F0%9F%92%A9".to_owned(),
        format!("tag=harbours&cursor={}", "A".repeat(4_000)),
        format!("tag=harbours&cursor={}", &cursor[..cursor.len() - 2]),
    ] {
        let refusal = app.anon.get(&format!("/v1/articles?{query}")).expect(400);
        assert_eq!((refusal.problem(), refusal.faults()), ("invalid-cursor", vec![("cursor", "invalid_cursor")]), "{query}");
    }
    // Another list of the same service.
    app.editor.get(&format!("/v1/editorial/tags?cursor={cursor}")).expect(400);
    app.anon.get(&format!("/v1/articles?tag=harbours&cursor={cursor}")).expect(200);
}

#[test]
fn limits_hold() {
    let app = TestApp::start();
    newsroom(&app, &["a", "b"]);
    for bad in ["0", "-1", "101", "255", "256", "1000000000", "all", "NaN", "", "1.5", "0x10", "١"] {
        let refusal = app.anon.get(&format!("/v1/articles?limit={bad}")).expect(400);
        assert_eq!((refusal.problem(), refusal.faults()[0].0), ("invalid-parameter", "limit"), "{bad}");
    }
    app.anon.get("/v1/articles?limit=100").expect(200);
    let many = |name: &str, value: &str, times: usize| format!("/v1/articles?{name}={}", vec![value; times].join(","));
    app.anon.get(&many("tag", "x", 20)).expect(200);
    assert_eq!(app.anon.get(&many("tag", "x", 21)).expect(400).faults(), [("tag", "too_many")]);
    let id = "01890000-0000-7000-8000-000000000000";
    app.anon.get(&many("exclude", id, 100)).expect(200);
    assert_eq!(app.anon.get(&many("exclude", id, 101)).expect(400).faults(), [("exclude", "too_many")]);
    for (query, parameter) in [
        ("tag=", "tag"),
        ("tag=a,,b", "tag"),
        ("tag=a%20b", "tag"),
        ("tag=%27%3B--", "tag"),
        ("tags_all=-a", "tags_all"),
        ("exclude=a", "exclude"),
        ("exclude=01890000-0000-7000-8000-00000000000G", "exclude"),
        ("published_after=yesterday", "published_after"),
        ("published_after=2026-01-01T00:00:00", "published_after"),
        ("published_before=2026-13-01T00:00:00Z", "published_before"),
        ("sort=headline", "sort"),
        ("include=everything", "include"),
        ("body=pdf", "body"),
        ("count=yes", "count"),
    ] {
        let refusal = app.anon.get(&format!("/v1/articles?{query}")).expect(400);
        assert_eq!((refusal.problem(), refusal.faults()[0].0), ("invalid-parameter", parameter), "{query}");
    }
    let long = app.anon.get(&format!("/v1/articles?tag={}", "a".repeat(9_000))).expect(400);
    assert_eq!(long.problem(), "malformed-request");
}
