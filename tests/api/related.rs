//! Related stories, and what has come since.

use serde_json::json;

use crate::support::{Answer, TestApp};

#[test]
fn related_stories_share_the_most_and_are_never_itself() {
    let app = TestApp::start();
    let (rail, sport, other) = (app.tag("Rail"), app.tag("Sport"), app.tag("Other"));
    let (olena, ivan) = (app.writer("Olena Koval"), app.writer("Ivan Sad"));
    let add = |headline: &str, tags: &[&Answer], writer: &Answer| {
        let tags: Vec<_> = tags.iter().map(|tag| tag.id()).collect();
        app.published(&json!({ "headline": headline, "tags": tags, "authors": [{ "author_id": writer.id(), "role": "author" }] }))
    };
    add("both tags", &[&sport, &rail], &ivan);
    add("author only", &[&other], &olena);
    add("tag only", &[&rail], &ivan);
    let story = add("itself", &[&rail, &sport], &olena);
    add("tag and author", &[&sport], &olena);
    add("nothing", &[&other], &ivan);
    app.draft(&json!({ "headline": "draft", "tags": [rail.id()] }));
    let related = app.anon.get(&format!("/v1/articles/{}/related", story.id())).expect(200);
    assert_eq!(related.each("headline"), ["tag and author", "both tags", "tag only", "author only"]);
    assert_eq!(related["page"], json!({ "limit": 5, "next": null, "previous": null, "total": null }));
    let few = app.anon.get("/v1/articles/itself/related?limit=1&fields=headline").expect(200);
    assert_eq!(few["data"], json!([{ "id": few["data"][0]["id"], "headline": "tag and author" }]));
    assert!(few.header("surrogate-key").contains(story.id()));
    for limit in ["0", "21"] {
        app.anon.get(&format!("/v1/articles/itself/related?limit={limit}")).expect(400);
    }
    app.anon.get("/v1/articles/nowhere/related").expect(404);
    let translated = app.draft(&json!({ "headline": "itself in German", "language": "de", "tags": [rail.id(), sport.id()], "translation_of": story.id() }));
    app.publish(&translated);
    assert_eq!(app.anon.get("/v1/articles/itself/related").expect(200).each("headline").len(), 4);
    let saved = app.editor.patch(&format!("/v1/editorial/articles/{}", story.id()), "*", &json!({ "slug": "renamed" })).expect(200);
    app.publish(&saved);
    let moved = app.anon.get("/v1/articles/itself/related").expect(308);
    assert!(moved.header("location").ends_with("/v1/articles/renamed/related"));
}

#[test]
fn a_reader_learns_what_has_come_since() {
    let app = TestApp::start();
    let tag = app.tag("Rail");
    let add = |headline: &str, tags: &[&str]| app.published(&json!({ "headline": headline, "tags": tags, "body": { "markdown": "The harbour." } }));
    add("a", &[tag.id()]);
    add("b", &[tag.id()]);
    for query in ["/v1/articles?limit=2", "/v1/articles?limit=2&tag=rail", "/v1/articles?limit=2&q=harbour", "/v1/articles?limit=2&sort=-updated_at"] {
        let page = app.anon.get(query).expect(200);
        let top = page["page"]["top"].as_str().unwrap().to_owned();
        let since = |more: &str| app.anon.get(&format!("{query}&newer_than={top}{more}")).expect(200);
        let none = since("");
        assert_eq!((none.each("id").len(), &none["page"]["top"]), (0, &json!(top)), "{query}");
        for headline in ["c", "d", "e"] {
            add(headline, &[tag.id()]);
        }
        let new = since("");
        assert_eq!(new.each("headline"), ["e", "d"], "{query}");
        assert!(!new["page"]["next"].is_null());
        if !query.contains("q=") {
            assert_eq!(since("&count=exact")["page"]["total"], 3, "{query}");
        }
        let newest = new["page"]["top"].as_str().unwrap();
        assert_eq!(app.anon.get(&format!("{query}&newer_than={newest}")).expect(200).each("id").len(), 0);
        app.anon.get(&format!("{query}&newer_than={top}&cursor={top}")).expect(400);
        assert_eq!(app.anon.get(&format!("{query}&kind=news&newer_than={top}")).expect(400).problem(), "invalid-cursor");
    }
    app.anon.get("/v1/articles?sort=published_at&newer_than=x").expect(400);
    assert!(app.anon.get("/v1/articles?sort=published_at").expect(200)["page"].get("top").is_none());
}
