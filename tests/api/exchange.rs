//! Single stories as others exchange them: schema.org JSON-LD and IPTC ninjs. With `NINJS_SCHEMAS` naming a folder that holds
//! IPTC's `ninjs-schema_3.1.json` and `GeoJSON-schema.json`, every ninjs is held against them.

use std::sync::OnceLock;

use jsonschema::{Registry, Validator};
use masthead::demo::newsroom;
use serde_json::{Value, json};

use crate::support::specimens::jpeg;
use crate::support::{Answer, TestApp, skipped};

/// IPTC's own schema, where it is at hand.
#[expect(clippy::disallowed_methods, reason = "the tests have no settings; this names a folder of theirs")]
fn schema() -> Option<&'static Validator> {
    static SCHEMA: OnceLock<Option<Validator>> = OnceLock::new();
    let load = || {
        let Ok(folder) = std::env::var("NINJS_SCHEMAS") else {
            skipped("ninjs is not held against IPTC's schema: NINJS_SCHEMAS names no folder");
            return None;
        };
        let read = |file: &str| serde_json::from_str::<Value>(&std::fs::read_to_string(format!("{folder}/{file}")).unwrap()).unwrap();
        let geo = Registry::new().add("https://geojson.org/schema/GeoJSON.json", read("GeoJSON-schema.json")).unwrap().prepare().unwrap();
        Some(jsonschema::options().should_validate_formats(true).with_registry(&geo).build(&read("ninjs-schema_3.1.json")).unwrap())
    };
    SCHEMA.get_or_init(load).as_ref()
}

#[track_caller]
fn ninjs(app: &TestApp, story: &str) -> Answer {
    let answer = app.anon.get(&format!("/v1/articles/{story}/ninjs")).expect(200);
    if let Some(schema) = schema() {
        let faults: Vec<_> = schema.iter_errors(&answer.json).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{story}: {faults:#?}\n{:#}", answer.json);
    }
    for picture in answer["associations"].as_array().unwrap() {
        assert!(picture["infoSources"].as_array().unwrap().iter().any(|s| s["role"] == "creditLine" && s["name"].as_str().is_some_and(|n| !n.is_empty())), "{picture:#}");
    }
    answer
}

#[track_caller]
fn jsonld(app: &TestApp, story: &str) -> Answer {
    let answer = app.anon.get(&format!("/v1/articles/{story}/jsonld")).expect(200);
    assert_eq!(answer.header("content-type"), "application/ld+json; charset=utf-8");
    assert!(!answer.text().contains('<'));
    assert_eq!((&answer["@context"], &answer["@type"]), (&json!("https://schema.org"), &json!("NewsArticle")));
    let pictures = answer["image"].as_array().into_iter().flatten().chain(answer["publisher"].get("logo"));
    for picture in pictures {
        assert!(picture["creditText"].as_str().is_some_and(|credit| !credit.is_empty()) && !picture["creator"].as_array().unwrap().is_empty(), "{picture:#}");
    }
    answer
}

fn upload(app: &TestApp, credit: &Answer) -> Answer {
    let path = format!("/v1/editorial/media?credit_id={}&alt=Two%20halves&filename=bridge.jpg", credit.id());
    app.editor.call("POST", &path).bytes("image/jpeg", jpeg(400, 300)).send().expect(201)
}

#[test]
fn every_story_of_the_demo_newsroom_can_be_exchanged() {
    let app = TestApp::start();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(newsroom::load(&app.parts)).unwrap();
    let stories = app.anon.get("/v1/articles?limit=100").expect(200);
    assert!(stories["data"].as_array().unwrap().len() > 50);
    let (mut pictures, mut corrections) = (0, 0);
    for story in stories["data"].as_array().unwrap() {
        let slug = story["slug"].as_str().unwrap();
        let (ld, ninjs) = (jsonld(&app, slug), ninjs(&app, slug));
        assert_eq!((&ld["headline"], &ninjs["headlines"][0]["value"]), (&story["headline"], &story["headline"]));
        assert_eq!((&ld["url"], &ninjs["altIds"][1]["value"]), (&story["url"], &story["url"]));
        assert_eq!((&ld["datePublished"], &ld["dateModified"]), (&story["first_published_at"], &story["updated_at"]));
        assert_eq!(ld["correction"].as_array().map_or(0, Vec::len), story["corrections"].as_array().unwrap().len());
        corrections += ld["correction"].as_array().map_or(0, Vec::len);
        let (lead, shown) = (&story["lead_media"], ld["image"][0].clone());
        if let Some(url) = lead["url"].as_str() {
            pictures += 1;
            assert_eq!((shown["contentUrl"].as_str(), &shown["creditText"]), (Some(url), &lead["credit_line"]));
            assert_eq!(shown.get("license").unwrap_or(&Value::Null), &lead["credit"]["licence"]["url"]);
            assert_eq!(ninjs["associations"][0]["rel"], "featureImage");
            assert_eq!(ninjs["associations"][0]["infoSources"][0]["name"], lead["credit"]["display"]);
        }
        assert_eq!(ld["image"].as_array().map_or(0, Vec::len), ninjs["associations"].as_array().unwrap().len());
        assert!(ninjs["bodies"].as_array().unwrap().iter().all(|body| !body["value"].as_str().unwrap().is_empty()), "{slug}");
        let authors = story["authors"].as_array().unwrap().iter().filter(|author| author["role"] == "author").count();
        assert_eq!(ld["author"].as_array().unwrap().len(), authors);
    }
    assert!(pictures > 20 && corrections > 0, "{pictures} {corrections}");
    let logo = &jsonld(&app, stories["data"][0]["slug"].as_str().unwrap())["publisher"]["logo"];
    assert!(logo["contentUrl"].as_str().unwrap().starts_with(&app.base), "{logo}");
}

#[test]
fn hostile_text_ends_no_script_and_stays_text() {
    let app = TestApp::start();
    let headline = "</script><script>alert(1)</script><!-- \"q\" ]]> \u{fffe}";
    let credit = app.credit("</script>A & B");
    let picture = upload(&app, &credit);
    let writer = app.writer("Ann </script>");
    let story = app.published(&json!({
        "headline": headline, "slug": "hostile", "standfirst": headline, "dateline": "<Kyiv>",
        "authors": [{ "author_id": writer.id(), "role": "author" }], "source": { "name": "A <b>", "url": "https://a.example/x" },
        "lead_media": { "media_id": picture.id(), "alt": headline, "caption": "</script>" },
        "body": { "markdown": format!("`</script>`\n\n![x](media:{} \"again\")", picture.id()) },
    }));
    let (ld, ninjs) = (jsonld(&app, "hostile"), ninjs(&app, "hostile"));
    assert_eq!((&ld["headline"], &ninjs["title"]), (&story["headline"], &story["headline"]));
    assert_eq!((ld["author"][0]["name"].as_str(), ninjs["infoSources"][0]["name"].as_str()), (Some("Ann </script>"), Some("Ann </script>")));
    assert_eq!((&ld["image"][0]["creditText"], &ninjs["associations"][0]["infoSources"][0]["name"]), (&json!("</script>A & B"), &json!("(</script>A & B)")));
    // The lead picture stands in the text as well, and is there once.
    assert_eq!((ld["image"].as_array().unwrap().len(), ninjs["associations"].as_array().unwrap().len()), (1, 1));
    assert!(ninjs["bodies"][1]["value"].as_str().unwrap().contains("</script>"));
    assert!(!ninjs["bodies"][0]["value"].as_str().unwrap().contains("</script>"));
}

#[test]
fn a_picture_that_is_withheld_is_not_exchanged() {
    let app = TestApp::start();
    let licensed = json!({ "name": "Agency", "kind": "agency", "copyright_notice": "© Agency", "usage_terms": "Once.", "acquire_licence_url": "https://agency.example/buy",
        "licence": { "code": "CC-BY-4.0", "name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/" } });
    let credit = app.editor.post("/v1/editorial/media-credits", &licensed).expect(201);
    let picture = upload(&app, &credit);
    app.editor
        .patch(
            &format!("/v1/editorial/media/{}", picture.id()),
            "*",
            &json!({ "creators": ["Ann", "Bo"], "digital_source_type": "trainedAlgorithmicMedia", "focal_point": { "x": 0.25, "y": 0.5 } }),
        )
        .expect(200);
    let body = format!("![A pier](media:{} \"The pier\")\n\nText.", picture.id());
    let story = app.published(&json!({ "lead_media": { "media_id": picture.id() }, "body": { "markdown": body } }));
    let (ld, item) = (jsonld(&app, story.id()), ninjs(&app, story.id()));
    let image = &ld["image"][0];
    assert_eq!(
        (&image["license"], &image["acquireLicensePage"], &image["copyrightNotice"]),
        (&licensed["licence"]["url"], &licensed["acquire_licence_url"], &licensed["copyright_notice"])
    );
    assert_eq!((&image["creator"][1]["name"], &image["digitalSourceType"]), (&json!("Bo"), &json!("https://schema.org/TrainedAlgorithmicMediaDigitalSource")));
    let association = &item["associations"][0];
    assert_eq!((&association["by"], &association["usageTerms"], &association["rightsInfo"]["linkedRights"]), (&json!("Ann, Bo"), &json!("Once."), &licensed["licence"]["url"]));
    let original = association["renditions"].as_array().unwrap().last().unwrap();
    assert_eq!((&original["name"], &original["poi"], &original["contentType"]), (&json!("original"), &json!({ "x": 100, "y": 150 }), &json!("image/jpeg")));
    for rendition in association["renditions"].as_array().unwrap() {
        let file = app.anon.get(rendition["href"].as_str().unwrap().strip_prefix(&app.base).unwrap()).expect(200);
        assert_eq!(file.header("content-type"), rendition["contentType"].as_str().unwrap());
    }
    for change in [json!({ "rights": { "valid_until": "2020-01-01T00:00:00Z" } }), json!({ "rights": null, "status": "withdrawn" })] {
        app.editor.patch(&format!("/v1/editorial/media/{}", picture.id()), "*", &change).expect(200);
        for answer in [jsonld(&app, story.id()), ninjs(&app, story.id())] {
            assert!(!answer.text().contains(picture.id()) && !answer.text().contains("Agency"), "{}", answer.text());
        }
    }
}

#[test]
fn they_follow_the_story() {
    let app = TestApp::start();
    let story = app.published(&json!({ "headline": "First", "slug": "first" }));
    let draft = app.draft(&json!({ "slug": "draft" }));
    let url = format!("/v1/editorial/articles/{}", story.id());
    for shape in ["jsonld", "ninjs"] {
        for name in [draft.id(), "draft", "nothing"] {
            assert_eq!(app.anon.get(&format!("/v1/articles/{name}/{shape}")).expect(404).problem(), "not-found");
        }
        let path = format!("/v1/articles/first/{shape}");
        let read = app.anon.get(&path).expect(200);
        app.anon.call("GET", &path).header("if-none-match", read.etag()).send().expect(304);
        let head = app.anon.call("HEAD", &path).send().expect(200);
        assert_eq!((head.bytes.len(), head.etag(), head.header("content-type")), (0, read.etag(), read.header("content-type")));
        assert!(read.header("surrogate-key").contains(&format!("article-{}", story.id())));
        assert_eq!(app.anon.get(&format!("{path}?fields=id")).expect(400).faults(), [("fields", "unknown_parameter")]);
    }
    let changed = app.editor.patch(&url, "*", &json!({ "headline": "Second", "slug": "second" })).expect(200);
    app.publish(&changed);
    let correction = json!({ "kind": "correction", "text": "It was Tuesday." });
    app.editor.call("POST", &format!("{url}/corrections")).if_match("*").json(&correction).send().expect(201);
    for shape in ["jsonld", "ninjs"] {
        assert_eq!(app.anon.get(&format!("/v1/articles/first/{shape}")).expect(308).header("location"), format!("/v1/articles/second/{shape}"));
    }
    let (ld, item) = (jsonld(&app, "second"), ninjs(&app, "second"));
    assert_eq!((&ld["correction"][0]["text"], &item["version"]), (&correction["text"], &json!("2")));
    assert!(item["edNote"].as_str().unwrap().ends_with("It was Tuesday."));
    app.editor.act(&format!("{url}/unpublish"), "*").expect(200);
    for shape in ["jsonld", "ninjs"] {
        app.anon.get(&format!("/v1/articles/second/{shape}")).expect(404);
    }
}
