//! The demo newsroom: what a first run shows.

use masthead::app::App;
use masthead::demo::newsroom::{self, Report};

use crate::support::TestApp;

fn load(app: &TestApp) -> Report {
    let parts: &App = &app.parts;
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(newsroom::load(parts)).unwrap()
}

/// The slugs of every live story, walking the feed to its end.
fn feed(app: &TestApp) -> Vec<String> {
    let (mut slugs, mut path) = (Vec::new(), "/v1/articles?limit=25&fields=slug".to_owned());
    loop {
        let page = app.anon.get(&path).expect(200);
        slugs.extend(page["data"].as_array().unwrap().iter().map(|item| item["slug"].as_str().unwrap().to_owned()));
        match page["page"]["next"].as_str() {
            Some(next) => path = format!("/v1/articles?limit=25&fields=slug&cursor={next}"),
            None => return slugs,
        }
    }
}

#[test]
fn the_newsroom_is_loaded_once_and_every_story_of_it_reads() {
    let app = TestApp::start();
    let report = load(&app);
    assert_eq!((report.articles, report.live, report.pictures), (68, 62, 40));
    let slugs = feed(&app);
    assert_eq!(slugs.len(), report.live);
    let stories: Vec<_> = slugs.iter().map(|slug| app.anon.get(&format!("/v1/articles/{slug}")).expect(200)).collect();
    let withheld: Vec<_> = stories.iter().filter(|story| story.json.to_string().contains("\"withheld\":true")).map(|story| story["slug"].as_str().unwrap()).collect();
    assert_eq!(withheld, ["council-backs-pier-repair"], "only the picture whose licence ran out is withheld");
    assert!(stories.iter().all(|story| !story.json.to_string().contains("desk-second-read")));
    assert_eq!(stories.iter().filter(|story| !story["corrections"].as_array().unwrap().is_empty()).count(), 2);
    assert!(stories.iter().all(|story| !story["body"]["value"].as_str().unwrap().contains("media:")));

    assert_eq!(load(&app), Report::default());
    assert_eq!(feed(&app), slugs);
}

#[test]
fn the_newsroom_shows_every_state_and_both_languages() {
    let app = TestApp::start();
    load(&app);
    for (status, count) in [("draft", 3), ("in_review", 1), ("scheduled", 1), ("published", 62), ("archived", 1)] {
        let page = app.editor.get(&format!("/v1/editorial/articles?status={status}&limit=1&count=exact")).expect(200);
        assert_eq!(page["page"]["total"], count, "{status}");
    }
    app.anon.get("/v1/articles/tunnel-tram-second-thoughts").expect(404);
    let original = app.anon.get("/v1/articles/two-grids-one-heartbeat").expect(200);
    assert_eq!(original["translations"][0]["slug"], "dvi-merezhi-odne-sertse");
    let translation = app.anon.get("/v1/articles/dvi-merezhi-odne-sertse").expect(200);
    assert_eq!(translation["translations"][0]["slug"], "two-grids-one-heartbeat");
}
