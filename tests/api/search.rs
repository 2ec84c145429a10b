//! Search and suggestions: what is found, in which order, and what never is.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

fn story(app: &TestApp, headline: &str, members: &Value) -> Answer {
    let mut all = json!({ "headline": headline });
    for (name, value) in members.as_object().unwrap() {
        all[name] = value.clone();
    }
    app.published(&all)
}

fn dated(app: &TestApp, members: &Value, time: &str) -> Answer {
    let draft = app.draft(members);
    let publish = app.editor.call("POST", &format!("/v1/editorial/articles/{}/publish", draft.id())).if_match(draft.etag());
    publish.json(&json!({ "published_at": time })).send().expect(200)
}

fn encoded(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn found(app: &TestApp, q: &str, more: &str) -> Vec<String> {
    let answer = app.anon.get(&format!("/v1/search?q={}{more}", encoded(q))).expect(200);
    let mut headlines: Vec<_> = answer.each("headline").into_iter().map(ToOwned::to_owned).collect();
    headlines.sort();
    headlines
}

#[test]
fn words_are_found_in_the_forms_of_their_language() {
    let app = TestApp::start();
    let body = |text: &str| json!({ "markdown": text });
    story(&app, "Harbours reopening", &json!({ "language": "en", "body": body("Cranes were lifted.") }));
    story(&app, "Удар по Запоріжжю", &json!({ "language": "uk", "body": body("П'ять будинків пошкоджено.") }));
    story(&app, "Raketen über der Straße", &json!({ "language": "de", "body": body("Zwei Häuser brannten.") }));
    story(&app, "Élection à Orléans", &json!({ "language": "fr", "body": body("Le préfet s'est exprimé.") }));
    for (q, expected) in [
        ("harbour reopened", "Harbours reopening"),
        ("crane", "Harbours reopening"),
        ("lifting the cranes", "Harbours reopening"),
        ("crane reop", "Harbours reopening"),
        ("Запоріжжю", "Удар по Запоріжжю"),
        ("запоріж", "Удар по Запоріжжю"),
        ("УДАР", "Удар по Запоріжжю"),
        ("пʼять", "Удар по Запоріжжю"),
        ("пять будинків", "Удар по Запоріжжю"),
        ("rakete", "Raketen über der Straße"),
        ("uber strasse", "Raketen über der Straße"),
        ("hauser", "Raketen über der Straße"),
        ("elections orleans", "Élection à Orléans"),
        ("PREFET", "Élection à Orléans"),
    ] {
        assert_eq!(found(&app, q, ""), [expected], "{q}");
        assert_eq!(app.anon.get(&format!("/v1/articles?q={}", encoded(q))).expect(200).each("headline"), [expected], "{q} in the feed");
    }
    for q in ["absent", "harbour absent", "Запоріжжям", "\"reopening harbours\"", "!!!", "харків"] {
        assert_eq!(found(&app, q, ""), Vec::<String>::new(), "{q}");
    }
}

#[test]
fn phrases_exclusions_alternatives_and_begins() {
    let app = TestApp::start();
    for (headline, text) in [("one", "The rail bridge was rebuilt."), ("two", "A bridge for the rail."), ("three", "The storm broke the bridge."), ("four", "Nothing of it.")] {
        story(&app, headline, &json!({ "body": { "markdown": text } }));
    }
    for (q, expected) in [
        ("\"rail bridge\"", "one"),
        ("bridge rail", "one two"),
        ("bridge -rail", "three"),
        ("bridge -\"rail bridge\"", "three two"),
        ("storm or rail", "one three two"),
        ("sto* bridge", "three"),
        ("-bridge", "four"),
        ("\"the\"", "one three two"),
        ("harbours", "four one three two"),
        ("Bondar", "four one three two"),
    ] {
        assert_eq!(found(&app, q, "").join(" "), expected, "{q}");
    }
}

#[test]
fn filters_and_words_go_together() {
    let app = TestApp::start();
    let (rail, sport) = (app.tag("Rail"), app.tag("Sport"));
    let (olena, ivan) = (app.writer("Olena Koval"), app.writer("Ivan Sad"));
    let add = |headline: &str, tags: &[&Answer], writer: &Answer, kind: &str, language: &str, time: &str| {
        let tags: Vec<_> = tags.iter().map(|tag| tag.id()).collect();
        dated(
            &app,
            &json!({ "headline": format!("Harbour {headline}"), "tags": tags, "authors": [{ "author_id": writer.id(), "role": "author" }], "kind": kind, "language": language }),
            time,
        )
    };
    let a = add("a", &[&rail], &olena, "news", "en", "2020-01-01T00:00:00Z");
    add("b", &[&sport, &rail], &ivan, "analysis", "uk", "2022-01-02T00:00:00Z");
    add("c", &[&sport], &olena, "news", "de", "2024-01-03T00:00:00Z");
    for (filter, expected) in [
        ("", "a b c"),
        ("&tag=rail", "a b"),
        ("&tag=-rail", "c"),
        ("&tag=rail,sport&author=olena-koval", "a c"),
        ("&tags_all=rail,sport", "b"),
        ("&tag=nowhere", ""),
        ("&tag=-nowhere", "a b c"),
        ("&primary_tag=rail", "a"),
        ("&primary_tag=-rail", "b c"),
        ("&author=-ivan-sad", "a c"),
        ("&kind=news", "a c"),
        ("&kind=-news", "b"),
        ("&language=uk,de", "b c"),
        ("&language=-en", "b c"),
        ("&published_after=2021-01-01T00:00:00Z", "b c"),
        ("&published_before=2023-01-01T00:00:00Z&sort=-published_at", "a b"),
        ("&updated_after=2999-01-01T00:00:00Z", ""),
        (&format!("&exclude={}", a.id()), "b c"),
    ] {
        let names: Vec<_> = found(&app, "harbour", filter).iter().map(|headline| headline.trim_start_matches("Harbour ").to_owned()).collect();
        assert_eq!(names.join(" "), expected, "{filter}");
    }
    // A tag that is merged into another takes its stories along.
    app.editor.call("POST", &format!("/v1/editorial/tags/{}/merge", rail.id())).if_match("*").json(&json!({ "into": sport.id() })).send().expect(200);
    assert_eq!(found(&app, "harbour", "&tag=sport").len(), 3);
    assert_eq!(found(&app, "harbour", "&primary_tag=sport").len(), 3);
}

#[test]
fn what_is_not_live_is_never_found() {
    let app = TestApp::start();
    app.draft(&json!({ "headline": "Zebra draft" }));
    let live = story(&app, "Zebra live", &json!({}));
    assert_eq!(found(&app, "zebra", ""), ["Zebra live"]);
    let url = format!("/v1/editorial/articles/{}", live.id());
    let saved = app.editor.patch(&url, live.etag(), &json!({ "headline": "Okapi next" })).expect(200);
    assert_eq!((found(&app, "okapi", "").len(), found(&app, "zebra", "").len()), (0, 1));
    let again = app.publish(&saved);
    assert_eq!((found(&app, "okapi", "").len(), found(&app, "zebra", "").len()), (1, 0));
    app.editor.act(&format!("{url}/unpublish"), again.etag()).expect(200);
    assert_eq!(found(&app, "okapi", ""), Vec::<String>::new());
    assert_eq!(app.anon.get("/v1/suggest?q=okapi").expect(200)["articles"], json!([]));
}

#[test]
fn highlights_are_safe_html() {
    let app = TestApp::start();
    story(
        &app,
        "<script>alert(1)</script> & \"Harbour\" news",
        &json!({ "standfirst": "Ships <b>wait</b> outside", "body": { "markdown": "Storms closed the harbour & the <i>pier</i>." } }),
    );
    let answer = app.anon.get("/v1/search?q=harbours+piers&fields=highlight,rank").expect(200);
    let item = &answer["data"][0];
    assert_eq!(item["highlight"]["headline"], "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;<mark>Harbour</mark>&quot; news");
    assert_eq!(item["highlight"]["text"], "Storms closed the <mark>harbour</mark> &amp; the <mark>pier</mark>.");
    assert!(item["rank"].as_f64().unwrap() > 0.0 && item.get("headline").is_none());
    let other = app.anon.get("/v1/search?q=ship").expect(200);
    assert_eq!(other["data"][0]["highlight"]["text"], "<mark>Ships</mark> &lt;b&gt;wait&lt;/b&gt; outside");
}

#[test]
fn the_headline_counts_more_than_the_text_and_the_new_more_than_the_old() {
    let app = TestApp::start();
    dated(&app, &json!({ "headline": "Old harbour" }), "2015-01-01T00:00:00Z");
    dated(&app, &json!({ "headline": "Text", "tags": [app.tag("Piers").id()], "body": { "markdown": "The harbour." } }), "2026-01-02T00:00:00Z");
    dated(&app, &json!({ "headline": "New harbour" }), "2026-01-01T00:00:00Z");
    let order = app.anon.get("/v1/search?q=harbour").expect(200);
    assert_eq!(order.each("headline"), ["New harbour", "Old harbour", "Text"]);
    let ranks: Vec<_> = order["data"].as_array().unwrap().iter().map(|item| item["rank"].as_f64().unwrap()).collect();
    assert!(ranks[0] > ranks[1] && ranks[1] > ranks[2], "{ranks:?}");
}

fn walk(app: &TestApp, query: &str, mut between: impl FnMut()) -> (Vec<String>, String) {
    let (mut seen, mut cursor, mut back) = (Vec::new(), String::new(), String::new());
    loop {
        let page = app.anon.get(&format!("{query}{cursor}")).expect(200);
        seen.extend(page.each("headline").into_iter().map(ToOwned::to_owned));
        page["page"]["previous"].as_str().unwrap_or_default().clone_into(&mut back);
        let Some(next) = page["page"]["next"].as_str() else { return (seen, back) };
        cursor = format!("&cursor={next}");
        between();
    }
}

#[test]
fn pages_neither_repeat_nor_skip_in_any_order() {
    let app = TestApp::start();
    for n in 0..11 {
        // Years apart, so that every way of looking is gone.
        dated(&app, &json!({ "headline": format!("Harbour {n:02}") }), &format!("20{:02}-0{}-01T10:00:00Z", 10 + n, 1 + n % 9));
        dated(&app, &json!({ "headline": format!("Else {n}"), "body": { "markdown": "Nothing." }, "tags": [app.tag(&format!("Else {n}")).id()] }), "2020-01-01T00:00:00Z");
    }
    let newest: Vec<_> = (0..11).rev().map(|n| format!("Harbour {n:02}")).collect();
    let oldest: Vec<_> = newest.iter().rev().cloned().collect();
    let q = "/v1/search?limit=3&q=harbour+-nothing";
    for (sort, expected) in [("-published_at", &newest), ("published_at", &oldest), ("relevance", &newest)] {
        let (seen, back) = walk(&app, &format!("{q}&sort={sort}"), || drop(app.published(&json!({ "headline": "Harbour new" }))));
        if sort == "published_at" {
            assert!(seen.starts_with(expected), "{sort}: {seen:?}");
        } else {
            assert_eq!(seen.iter().filter(|h| *h != "Harbour new").cloned().collect::<Vec<_>>(), *expected, "{sort}");
        }
        let before = app.anon.get(&format!("{q}&sort={sort}&cursor={back}")).expect(200);
        assert_eq!(before.each("headline").len(), 3, "{sort}: the page before the last");
    }
    let cursor = app.anon.get(q).expect(200)["page"]["next"].as_str().unwrap().to_owned();
    assert_eq!(app.anon.get(&format!("/v1/search?limit=3&q=other&cursor={cursor}")).expect(400).problem(), "invalid-cursor");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let app = TestApp::start();
    for (query, parameter) in [
        ("articles?sort=relevance", "sort"),
        ("articles?q=x&sort=-updated_at", "sort"),
        ("search?q=x&sort=-updated_at", "sort"),
        ("articles?q=x&count=exact", "count"),
        ("articles?q=", "q"),
        ("search", "q"),
        (&format!("search?q={}", "a%20".repeat(17)), "q"),
        (&format!("search?q={}", "a".repeat(201)), "q"),
        ("search?q=x&fields=email", "fields"),
        ("suggest?q=x&limit=11", "limit"),
        ("suggest", "q"),
    ] {
        let refusal = app.anon.get(&format!("/v1/{query}")).expect(400);
        assert_eq!(refusal.faults().first().unwrap().0, parameter, "{query}");
    }
    for q in ["'", "\\", "a:*&|!b", "<->", "((", "\"", "-", "~sen", "a'b\\c", "%00x".trim_start_matches("%00"), "😀", "\u{301}"] {
        app.anon.get(&format!("/v1/search?q={}", encoded(q))).expect(200);
        app.anon.get(&format!("/v1/suggest?q={}", encoded(q))).expect(200);
    }
}

#[test]
fn what_is_being_typed_is_completed_from_what_is_live() {
    let app = TestApp::start();
    let (tag, hidden) = (app.tag("Église Nouvelle"), app.tag("Églantine"));
    let writer = app.writer("Žofia Égaré");
    app.draft(&json!({ "headline": "Egret draft", "tags": [hidden.id()] }));
    story(&app, "The great Egret returns", &json!({ "tags": [tag.id()], "authors": [{ "author_id": writer.id(), "role": "author" }] }));
    story(&app, "Harbour", &json!({ "body": { "markdown": "An egret in the text alone." } }));
    let names = |q: &str| {
        let answer = app.anon.get(&format!("/v1/suggest?q={}", encoded(q))).expect(200);
        ["tags", "authors", "articles"].map(|kind| {
            let name = if kind == "articles" { "headline" } else { "name" };
            answer[kind].as_array().unwrap().iter().map(|item| item[name].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(", ")
        })
    };
    assert_eq!(names("eg"), ["Église Nouvelle", "Žofia Égaré", ""]);
    assert_eq!(names("EGR"), ["", "", "The great Egret returns"]);
    assert_eq!(names("nouv"), ["Église Nouvelle", "", ""]);
    assert_eq!(names("zofia eg"), ["", "Žofia Égaré", ""]);
    assert_eq!(names("great egr"), ["", "", "The great Egret returns"]);
    assert_eq!(names("eglant"), ["", "", ""]);
    let answer = app.anon.get("/v1/suggest?q=eg").expect(200);
    assert!(answer.header("surrogate-key").contains(&format!("tag-{}", tag.id())) && !answer.etag().is_empty());
}

#[test]
fn stories_that_search_does_not_know_yet_are_made_known() {
    use diesel::connection::SimpleConnection;
    let app = TestApp::start();
    story(&app, "Harbour", &json!({}));
    let conn = &mut app.connect();
    conn.batch_execute("DELETE FROM live_search; UPDATE live_articles SET searchable = false").unwrap();
    assert_eq!(found(&app, "harbour", ""), Vec::<String>::new());
    assert_eq!(masthead::publishing::searching::write_missing(conn).unwrap(), 1);
    assert_eq!(masthead::publishing::searching::write_missing(conn).unwrap(), 0);
    assert_eq!(found(&app, "harbour", ""), ["Harbour"]);
}
