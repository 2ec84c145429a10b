//! Feeds as readers that are not ours see them: RSS by the crate `rss` and its validation, all three by `feed-rs`.

use feed_rs::model::{Entry, Feed};
use masthead::demo::newsroom;
use rss::validation::Validate;
use serde_json::{Value, json};

use crate::support::specimens::jpeg;
use crate::support::{Answer, TestApp};

const FILES: [(&str, &str); 3] = [("rss.xml", "application/rss+xml"), ("atom.xml", "application/atom+xml"), ("feed.json", "application/feed+json")];

/// What a stranger makes of a feed; RSS also has to pass its validation.
#[track_caller]
fn read(answer: &Answer) -> Feed {
    if answer.request.contains("rss.xml") {
        rss::Channel::read_from(answer.bytes.as_slice()).unwrap().validate().unwrap_or_else(|fault| panic!("{}: {fault}\n{}", answer.request, answer.text()));
    }
    feed_rs::parser::parse(answer.bytes.as_slice()).unwrap_or_else(|fault| panic!("{}: {fault}\n{}", answer.request, answer.text()))
}

fn html(entry: &Entry) -> &str {
    entry.content.as_ref().and_then(|content| content.body.as_deref()).unwrap_or_default()
}

/// Each feed of all stories.
fn feeds(app: &TestApp) -> [Answer; 3] {
    FILES.map(|(file, kind)| {
        let answer = app.anon.get(&format!("/feeds/{file}")).expect(200);
        assert_eq!(answer.header("content-type"), format!("{kind}; charset=utf-8"));
        answer
    })
}

fn upload(app: &TestApp, credit: &Answer) -> Answer {
    let path = format!("/v1/editorial/media?credit_id={}&alt=Two%20halves&filename=bridge.jpg", credit.id());
    app.editor.call("POST", &path).bytes("image/jpeg", jpeg(400, 300)).send().expect(201)
}

#[test]
fn the_demo_newsroom_reads_well_in_every_feed() {
    let app = TestApp::start();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(newsroom::load(&app.parts)).unwrap();
    for about in ["", "tags/ukraine/", "authors/olena-marchenko/"] {
        for (file, kind) in FILES {
            let path = format!("/feeds/{about}{file}");
            let answer = app.anon.get(&path).expect(200);
            assert_eq!(answer.header("content-type"), format!("{kind}; charset=utf-8"));
            let feed = read(&answer);
            let wanted = match about {
                "" => app.anon.get("/v1/articles?limit=50").expect(200),
                "tags/ukraine/" => app.anon.get("/v1/articles?limit=50&tag=ukraine").expect(200),
                _ => app.anon.get("/v1/articles?limit=50&author=olena-marchenko").expect(200),
            };
            let wanted = wanted["data"].as_array().unwrap();
            assert_eq!(feed.entries.len(), wanted.len(), "{path}");
            assert!(feed.title.as_ref().unwrap().content.contains("The Meridian Post"), "{path}");
            for picture in answer.text().split("<media:content ").skip(1) {
                let picture = picture.split("</media:content>").next().unwrap();
                let credit = picture.split("<media:credit>").nth(1).unwrap_or_else(|| panic!("{path}: a picture without its credit: {picture}"));
                assert!(!credit.starts_with('<'), "{path}: {picture}");
            }
            for (entry, story) in feed.entries.iter().zip(wanted) {
                same(entry, story, &path);
            }
            app.anon.call("GET", &path).header("if-none-match", answer.etag()).send().expect(304);
            let head = app.anon.call("HEAD", &path).send().expect(200);
            assert_eq!((head.bytes.len(), head.etag(), head.header("content-length")), (0, answer.etag(), answer.header("content-length")));
            assert_eq!(answer.header("last-modified"), "");
            assert!(answer.header("surrogate-key").split(' ').any(|key| key == "feed"), "{path}");
            assert_eq!(app.anon.get(&format!("{path}?limit=5")).expect(400).faults(), [("limit", "unknown_parameter")]);
        }
    }
}

/// An entry says what the story says.
#[track_caller]
fn same(entry: &Entry, story: &Value, path: &str) {
    let text = |name: &str| story[name].as_str().unwrap_or_default();
    assert_eq!(entry.id, format!("urn:uuid:{}", text("id")), "{path}");
    assert_eq!(entry.title.as_ref().unwrap().content, text("headline"), "{path}");
    let seconds = |time: Option<chrono::DateTime<chrono::Utc>>| time.map(|time| time.timestamp());
    let told = |name: &str| Some(chrono::DateTime::parse_from_rfc3339(text(name)).unwrap().timestamp());
    assert_eq!(seconds(entry.published), told("published_at"), "{path}");
    // An enclosing page may not know where links lead.
    assert!(!html(entry).contains("href=\"/") && !html(entry).contains("href=\"#"), "{path}: {}", html(entry));
    for image in html(entry).split("<img").skip(1) {
        let figure = image.split("</figure>").next().unwrap();
        assert!(figure.contains("<span class=\"credit\">"), "{path}: a picture without its credit: {figure}");
    }
    let writers: Vec<_> = story["authors"].as_array().unwrap().iter().filter(|a| a["role"] == "author").map(|a| a["name"].as_str().unwrap()).collect();
    assert_eq!(entry.authors.iter().map(|a| a.name.as_deref().unwrap_or_default()).collect::<Vec<_>>(), writers, "{path}");
    for correction in story["corrections"].as_array().unwrap() {
        let first = correction["text"].as_str().unwrap().split(['\'', '"', '&']).next().unwrap();
        assert!(html(entry).contains(first), "{path}: {first}");
    }
    if let Some(url) = story["lead_media"]["url"].as_str().filter(|_| !path.ends_with("json")) {
        let lead = entry.media.first().unwrap_or_else(|| panic!("{path}: no picture in {}", text("slug")));
        assert_eq!(lead.content[0].url.as_ref().unwrap().as_str(), url, "{path}");
        assert_eq!(lead.credits[0].entity, story["lead_media"]["credit"]["display"].as_str().unwrap(), "{path}");
    }
}

#[test]
fn hostile_text_stays_text() {
    let app = TestApp::start();
    let headline = "A ]]> <b>\"B\"</b> & &amp; 'C' \u{fffe}\u{202e}🦀";
    let kept = headline.replace('\u{fffe}', "");
    let tag = app.editor.post("/v1/editorial/tags", &json!({ "name": "R&D \"<x>\"", "slug": "rd", "kind": "topic" })).expect(201);
    let writer = app.writer("Ann <O'Neill> & \"Bo\"");
    let credit = app.credit("A & B \"<i>\" ]]>");
    let picture = upload(&app, &credit);
    app.published(&json!({
        "headline": headline, "standfirst": headline, "tags": [tag.id()], "authors": [{ "author_id": writer.id(), "role": "author" }],
        "lead_media": { "media_id": picture.id(), "alt": headline, "caption": headline },
        "body": { "markdown": "Text `]]>` and `<script>alert(1)</script>` \u{fffe} [on site](/about) and [below](#below)." },
    }));
    // What today's editorial side refuses may lie in a database that others have written to.
    let card = "replace(card, '🦀', '🦀\\u0008\\u0000')";
    use diesel::RunQueryDsl;
    diesel::sql_query(format!("UPDATE live_articles SET card = {card}, html = replace(html, 'Text', 'T\\u0001ext')")).execute(&mut app.connect()).unwrap();
    for answer in feeds(&app).iter().chain(&[app.anon.get("/feeds/tags/rd/rss.xml"), app.anon.get(&format!("/feeds/authors/{}/atom.xml", writer.str("slug")))]) {
        let xml = !answer.request.ends_with("json");
        let feed = read(answer);
        let entry = &feed.entries[0];
        let wanted = if xml { kept.clone() } else { format!("{headline}\u{8}\0") };
        assert_eq!(entry.title.as_ref().unwrap().content, wanted, "{}", answer.request);
        assert_eq!(entry.summary.as_ref().unwrap().content, wanted, "{}", answer.request);
        assert_eq!(entry.authors[0].name.as_deref().unwrap(), "Ann <O'Neill> & \"Bo\"");
        assert!(entry.categories.iter().any(|c| c.label.as_deref().unwrap_or(&c.term) == "R&D \"<x>\""), "{:?}", entry.categories);
        let html = html(entry);
        assert!(html.contains("<code>]]&gt;</code>") && html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{html}");
        assert!(!html.contains("<script") && !html.contains("<b>"), "{html}");
        let story = entry.links.iter().find(|link| link.href.contains("/a-")).unwrap_or_else(|| panic!("{:?}", entry.links));
        assert!(html.contains(&format!("href=\"{}#below\"", story.href)) && html.contains("href=\"https://news.example/about\""), "{html}");
        if xml {
            assert_eq!(entry.media[0].credits[0].entity, "(A & B \"<i>\" ]]>)");
        }
    }
}

#[test]
fn a_picture_that_is_withheld_is_in_no_feed() {
    let app = TestApp::start();
    let credit = app.credit("Agency");
    let (lead, inside) = (upload(&app, &credit), app.picture(&app.credit("Other"), "A pier"));
    let body = format!("Before.\n\n![A pier](media:{} \"The pier\")\n\nAfter.", inside.id());
    app.published(&json!({ "lead_media": { "media_id": lead.id() }, "body": { "markdown": body } }));
    let traces = |answer: &Answer, id: &str| answer.text().matches(id).count();
    for answer in feeds(&app) {
        assert!(traces(&answer, lead.id()) > 0 && traces(&answer, inside.id()) > 0, "{}", answer.text());
        assert!(answer.text().contains("(Agency)") && answer.text().contains("(Other)"));
    }
    let json = app.anon.get("/feeds/feed.json").expect(200);
    assert_eq!(json["items"][0]["_media_credit"]["display"], "(Agency)");
    app.editor.patch(&format!("/v1/editorial/media/{}", lead.id()), "*", &json!({ "rights": { "valid_until": "2020-01-01T00:00:00Z" } })).expect(200);
    for answer in feeds(&app) {
        assert!(traces(&answer, lead.id()) == 0 && traces(&answer, inside.id()) > 0, "{}", answer.text());
    }
    app.editor.patch(&format!("/v1/editorial/media/{}", inside.id()), "*", &json!({ "status": "withdrawn" })).expect(200);
    for answer in feeds(&app) {
        assert!(traces(&answer, lead.id()) == 0 && traces(&answer, inside.id()) == 0 && !answer.text().contains("figure"), "{}", answer.text());
        assert!(answer.text().contains("Before.") && answer.text().contains("After."));
        read(&answer);
    }
    assert_eq!(app.anon.get("/feeds/feed.json").expect(200)["items"][0].get("image"), None);
}

#[test]
fn feeds_follow_the_newsroom_at_once() {
    let app = TestApp::start_with(&["--cache-bytes", "10000000"]);
    app.until("the listener is up", || app.parts.generation.current().is_some());
    let tags = [app.tag("Old name"), app.tag("Kept back")];
    let story = app.published(&json!({ "headline": "Gone tomorrow", "tags": [tags[0].id()] }));
    app.draft(&json!({ "headline": "Nobody knows", "tags": [tags[1].id()] }));
    let everywhere = |about: &str| FILES.map(|(file, _)| app.anon.get(&format!("/feeds/{about}{file}")));
    for answer in everywhere("").into_iter().chain(everywhere("tags/old-name/")) {
        assert_eq!(read(&answer.expect(200)).entries.len(), 1);
    }
    for answer in everywhere("").into_iter().chain(everywhere("tags/old-name/")) {
        answer.expect(200);
    }
    assert_eq!(app.parts.responses.hits.load(std::sync::atomic::Ordering::Relaxed), 6, "each is kept ready");
    // A tag that only a draft has is not there.
    for answer in everywhere("tags/kept-back/").into_iter().chain(everywhere("authors/nobody/")) {
        assert_eq!(answer.expect(404).problem(), "not-found");
    }
    app.editor.patch(&format!("/v1/editorial/tags/{}", tags[0].id()), "*", &json!({ "slug": "new-name", "name": "New name" })).expect(200);
    app.editor.patch(&format!("/v1/editorial/authors/{}", story["authors"][0]["author_id"].as_str().unwrap()), "*", &json!({ "slug": "somebody" })).expect(200);
    for (file, _) in FILES {
        assert_eq!(app.anon.get(&format!("/feeds/tags/old-name/{file}")).expect(308).header("location"), format!("/feeds/tags/new-name/{file}"));
        assert_eq!(app.anon.get(&format!("/feeds/authors/maria-bondar/{file}")).expect(308).header("location"), format!("/feeds/authors/somebody/{file}"));
    }
    for answer in everywhere("tags/new-name/") {
        let answer = answer.expect(200);
        assert!(answer.text().contains("New name") && answer.text().contains(&format!("{}/feeds/tags/new-name/", app.base)));
        assert!(answer.header("surrogate-key").split(' ').any(|key| key == format!("tag-{}", tags[0].id())));
    }
    let correction = json!({ "kind": "correction", "text": "It was <Tuesday>." });
    app.editor.call("POST", &format!("/v1/editorial/articles/{}/corrections", story.id())).if_match("*").json(&correction).send().expect(201);
    for answer in everywhere("") {
        let feed = read(&answer.expect(200));
        assert!(html(&feed.entries[0]).contains("It was &lt;Tuesday&gt;."), "{}", html(&feed.entries[0]));
    }
    app.editor.act(&format!("/v1/editorial/articles/{}/unpublish", story.id()), "*").expect(200);
    for answer in everywhere("") {
        assert!(!answer.clone().expect(200).text().contains("tomorrow"));
        assert_eq!(read(&answer).entries.len(), 0, "an empty feed is a feed");
    }
    for answer in everywhere("tags/new-name/").into_iter().chain(everywhere("authors/somebody/")) {
        answer.expect(404);
    }
}

#[test]
fn a_link_to_another_story_is_its_address_on_the_site() {
    let app = TestApp::start();
    app.admin.patch("/v1/editorial/site", "*", &json!({ "article_url_template": "https://meridian.example/{language}/{slug}" })).expect(200);
    let other = app.published(&json!({ "headline": "The other story" }));
    let story = app.published(&json!({ "body": { "blocks": [{ "_type": "relatedArticle", "_key": "a1", "ref": { "_type": "reference", "_ref": other.id() } }] } }));
    let link = format!("<a href=\"https://meridian.example/en/{}\">The other story</a>", other.str("slug"));
    let read = app.anon.get(&format!("/v1/articles/{}", story.id())).expect(200);
    assert!(read["body"]["value"].as_str().unwrap().contains(&link), "{}", read["body"]["value"]);
    assert!(app.anon.get("/feeds/rss.xml").expect(200).text().contains(&link));
    app.editor.act(&format!("/v1/editorial/articles/{}/unpublish", other.id()), "*").expect(200);
    assert!(!app.anon.get("/feeds/rss.xml").expect(200).text().contains("The other story"));
}
