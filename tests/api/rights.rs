//! Rights that end: told beforehand with what they take along, and nothing is published or planned past them.

use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

fn in_days(days: i64) -> String {
    masthead::app::now().plus(chrono::Duration::days(days)).to_string()
}

fn limit(app: &TestApp, picture: &Answer, days: i64) {
    app.editor.patch(&format!("/v1/editorial/media/{}", picture.id()), "*", &json!({ "rights": { "valid_until": in_days(days) } })).expect(200);
}

fn plan(app: &TestApp, article: &Answer, days: i64) -> Answer {
    app.editor.call("POST", &format!("/v1/editorial/articles/{}/schedule", article.id())).if_match("*").json(&json!({ "publish_at": in_days(days) })).send()
}

#[test]
fn what_ends_soon_is_told_with_where_it_is_used() {
    let app = TestApp::start();
    let (agency, other) = (app.credit("Agency"), app.credit("Other"));
    let (soon, later, of_credit) = (app.picture(&agency, "A pier"), app.picture(&agency, "A crane"), app.picture(&other, "A ship"));
    let gone = app.picture(&agency, "A wreck");
    for (picture, days) in [(&soon, 5), (&later, 40), (&gone, 6)] {
        limit(&app, picture, days);
    }
    app.editor.patch(&format!("/v1/editorial/media/{}", gone.id()), "*", &json!({ "status": "withdrawn" })).expect(200);
    app.editor.patch(&format!("/v1/editorial/media-credits/{}", other.id()), "*", &json!({ "valid_until": in_days(10) })).expect(200);
    let live = app.published(&json!({ "headline": "Pier opens", "lead_media": { "media_id": soon.id() } }));
    let planned = app.draft(&json!({ "headline": "Pier shuts", "lead_media": { "media_id": soon.id() } }));
    plan(&app, &planned, 3).expect(200);
    app.draft(&json!({ "headline": "A draft", "lead_media": { "media_id": soon.id() } }));
    app.published(&json!({ "headline": "Ship leaves", "body": { "markdown": format!("![](media:{})", of_credit.id()) } }));

    let report = app.author.get("/v1/editorial/rights/expiring?within=30d").expect(200);
    let told: Vec<_> = report["data"].as_array().unwrap().iter().map(|item| (item["kind"].as_str().unwrap(), item["id"].as_str().unwrap())).collect();
    assert_eq!(told, [("media", soon.id()), ("credit", other.id())]);
    let first = &report["data"][0];
    assert_eq!((&first["live_articles"], &first["planned_articles"], &first["pictures"]), (&json!(1), &json!(1), &json!(1)));
    let stories: Vec<_> = first["articles"].as_array().unwrap().iter().map(|story| (story["id"].clone(), story["status"].clone())).collect();
    assert_eq!(stories, [(live["id"].clone(), json!("published")), (planned["id"].clone(), json!("scheduled"))]);
    assert_eq!(report["data"][1]["live_articles"], json!(1));

    let ids = |path: &str| app.editor.get(path).expect(200)["data"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids("/v1/editorial/rights/expiring?within=60d").len(), 3);
    assert_eq!(ids("/v1/editorial/rights/expiring?within=24h"), Vec::<Value>::new());
    let page = app.editor.get("/v1/editorial/rights/expiring?within=60d&limit=2").expect(200);
    assert_eq!(ids(&format!("/v1/editorial/rights/expiring?within=60d&limit=2&cursor={}", page["page"]["next"].as_str().unwrap())), [later["id"].clone()]);
    app.editor.get("/v1/editorial/rights/expiring?within=1y").expect(400);
    app.contributor.get("/v1/editorial/rights/expiring").expect(403);
}

#[test]
fn nothing_is_published_or_planned_past_an_end() {
    let app = TestApp::start();
    let (own, of_credit) = (app.picture(&app.credit("Agency"), "A pier"), app.credit("Other"));
    let second = app.picture(&of_credit, "A ship");
    limit(&app, &own, 5);
    app.editor.patch(&format!("/v1/editorial/media-credits/{}", of_credit.id()), "*", &json!({ "valid_until": in_days(5) })).expect(200);
    let body = format!("The harbour.\n\n![](media:{})", second.id());
    let article = app.draft(&json!({ "lead_media": { "media_id": own.id() }, "body": { "markdown": body } }));
    assert_eq!(plan(&app, &article, 6).expect(422).faults(), [("/lead_media", "rights_expired"), ("/body/blocks/1", "rights_expired")]);
    plan(&app, &article, 4).expect(200);
    // The end comes before the planned time after all.
    app.connect().batch_execute("UPDATE media SET valid_until = now() - interval '1 s'; UPDATE generations SET value = value + 1").unwrap();
    let publish = format!("/v1/editorial/articles/{}/publish", article.id());
    let rehearsal = app.editor.act(&format!("{publish}?dry_run=true"), "*").expect(200);
    assert!(rehearsal.text().contains("rights_expired") && rehearsal.text().contains("/lead_media"), "{}", rehearsal.text());
    assert!(app.editor.act(&publish, "*").expect(422).faults().contains(&("/lead_media", "rights_expired")));
}
