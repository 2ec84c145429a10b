//! What is not live does not leak: not a word, not a count, not an ETag, by whatever door the world may ask.

use masthead::identity::role::Role;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, contract};

/// A word that stands nowhere else, for everything that must stay inside.
const CANARY: &str = "xanthoquill";

/// Members that hold the canary wherever text goes, with things that bear it in their names.
fn secret(app: &TestApp, state: &str) -> Value {
    let word = format!("{CANARY}{state}");
    let credit = app.editor.post("/v1/editorial/media-credits", &json!({ "name": format!("{word} Pictures"), "kind": "agency", "usage_terms": word })).expect(201);
    let picture = app.picture(&credit, &format!("{word} seen from above"));
    let writer = app
        .editor
        .post("/v1/editorial/authors", &json!({ "name": format!("Ann {word}"), "kind": "freelance", "email": format!("{word}@example.org"), "bio": word, "job_title": word }))
        .expect(201);
    let tag = app.editor.post("/v1/editorial/tags", &json!({ "name": format!("{word} affair"), "kind": "topic", "description": word, "names": { "de": word } })).expect(201);
    json!({
        "headline": format!("{word} headline"), "kicker": word, "standfirst": word, "dateline": word, "byline": word, "notes": word,
        "seo": { "title": word, "description": word, "canonical_url": format!("https://example.org/{word}") },
        "source": { "name": word, "url": format!("https://example.org/{word}") },
        "authors": [{ "author_id": writer.id(), "role": "author" }], "tags": [tag.id()],
        "lead_media": { "media_id": picture.id(), "alt": word, "caption": word },
        "body": { "markdown": format!("The {word} text.\n\n![{word}](media:{} \"{word}\")", picture.id()) },
    })
}

/// An article in each state that is not live, and one whose next revision is not.
fn hidden(app: &TestApp) -> Vec<Answer> {
    let desk = |article: &Answer| format!("/v1/editorial/articles/{}", article.id());
    let move_on = |article: &Answer, to: &str| app.editor.act(&format!("{}/{to}", desk(article)), article.etag()).expect(200);
    let draft = |state: &str| app.draft(&secret(app, state));
    let scheduled = draft("scheduled");
    let later = json!({ "publish_at": masthead::app::now().plus(chrono::Duration::hours(1)) });
    let scheduled = app.editor.call("POST", &format!("{}/schedule", desk(&scheduled))).if_match(scheduled.etag()).json(&later).send().expect(200);
    // The address of what was live the world has known, and mirrors are told to forget it by name.
    let was_live = |state: &str| {
        let mut members = secret(app, state);
        members["slug"] = json!(format!("was-live-and-{state}"));
        app.published(&members)
    };
    let unpublished = was_live("unpublished");
    let archived = move_on(&draft("archived"), "archive");
    let withdrawn = move_on(&move_on(&was_live("withdrawn"), "unpublish"), "archive");
    let mut embargoed = secret(app, "embargoed");
    embargoed["embargo_until"] = json!("2999-01-01T00:00:00Z");
    let live = app.published(&json!({ "headline": "Live", "slug": "live" }));
    app.editor.patch(&desk(&live), live.etag(), &secret(app, "revision")).expect(200);
    vec![draft("draft"), move_on(&draft("submitted"), "submit"), scheduled, move_on(&unpublished, "unpublish"), archived, withdrawn, app.draft(&embargoed)]
}

/// Values worth trying for a parameter: those that could find something hidden, and those that are always taken.
fn values(app: &TestApp, hidden: &[Answer], parameter: &Value) -> Vec<String> {
    let schema = &parameter["schema"];
    let words: Vec<_> = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect();
    match parameter["name"].as_str().unwrap() {
        "cursor" | "newer_than" => Vec::new(),
        "limit" => vec!["100".to_owned()],
        "fields" => vec!["id".to_owned(), "authors,tags,body,seo,notes".to_owned()],
        "id" => {
            let of = |article: &Answer| vec![article.id().to_owned(), article.str("slug").to_owned()];
            let around = hidden.iter().flat_map(|article| {
                let tag = &article["tags"][0];
                let writer = &article["authors"][0];
                [&tag["id"], &tag["slug"], &writer["author_id"], &writer["slug"], &article["lead_media"]["media_id"]]
                    .into_iter()
                    .filter_map(Value::as_str)
                    .map(ToOwned::to_owned)
                    .collect::<Vec<_>>()
            });
            let credits = app.editor.get(&format!("/v1/editorial/media-credits?q={CANARY}&limit=100")).expect(200);
            let credits: Vec<_> = credits.each("id").into_iter().chain(credits.each("slug")).map(ToOwned::to_owned).collect();
            hidden.iter().flat_map(of).chain(around).chain(credits).chain(["live".to_owned()]).collect()
        }
        _ if !words.is_empty() => words,
        _ => {
            let slugs =
                |list: &str| app.editor.get(&format!("/v1/editorial/{list}?q={CANARY}&limit=100")).expect(200).each("slug").iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
            let mut all = vec![CANARY.to_owned(), format!("{CANARY}draft"), "live".to_owned()];
            all.extend(slugs("tags"));
            all.extend(slugs("authors"));
            all
        }
    }
}

/// Every address that nobody needs a credential for: each with none of its parameters, and with each of them alone.
fn doors(app: &TestApp, hidden: &[Answer]) -> Vec<String> {
    let paths = contract::document()["paths"].as_object().unwrap();
    let mut doors = Vec::new();
    for (path, item) in paths {
        let Some(operation) = item.get("get") else { continue };
        let parameters: Vec<_> = operation["parameters"].as_array().into_iter().flatten().map(contract::resolve).collect();
        let named: Vec<_> = path.split('/').filter(|part| part.starts_with('{')).collect();
        let whole = match named.as_slice() {
            [] => vec![path.clone()],
            [one] => {
                let parameter = parameters.iter().find(|p| p["in"] == "path").unwrap();
                let mut ids = values(app, hidden, parameter);
                if *one != "{id}" {
                    ids.extend(values(app, hidden, &json!({ "name": "id", "schema": {} })));
                }
                ids.into_iter().map(|id| path.replace(one, &id)).collect()
            }
            _ => continue,
        };
        for door in whole {
            doors.push(door.clone());
            // What is hidden is not there, however it is asked for.
            if !named.is_empty() && !door.contains("live") {
                continue;
            }
            for parameter in parameters.iter().filter(|p| p["in"] == "query") {
                doors.extend(values(app, hidden, parameter).into_iter().map(|value| format!("{door}?{}={value}", parameter["name"].as_str().unwrap())));
            }
        }
    }
    doors
}

/// What anybody gets at a door, but for what a refusal repeats of the question and the id of the request.
fn look(app: &TestApp, door: &str) -> Answer {
    let mut answer = app.anon.get(door);
    answer.headers.remove("x-request-id");
    answer.headers.remove("date");
    answer
}

#[test]
fn no_word_of_what_is_not_live_gets_out() {
    let app = TestApp::start();
    let hidden = hidden(&app);
    let doors = doors(&app, &hidden);
    assert!(doors.len() > 300, "{} doors", doors.len());
    let mut leaks = Vec::new();
    for door in &doors {
        let answer = look(&app, door);
        // An answer may say again what it was asked: in its links, and in what it refuses.
        let asked = door.split(['/', '?', '=', ',']).filter(|part| part.contains(CANARY)).collect::<Vec<_>>();
        let quiet = |text: &str| asked.iter().fold(text.to_lowercase(), |text, part| text.replace(part, ""));
        let headers: String = answer.headers.iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap_or_default())).collect();
        if quiet(&answer.text()).contains(CANARY) || quiet(&headers).contains(CANARY) {
            leaks.push(format!("{door}: {} {}", answer.status, answer.text()));
        }
        if answer.status >= 500 && !door.starts_with("/readyz") {
            leaks.push(format!("{door}: {}", answer.status));
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
    // The doors do open where something is behind them.
    assert_eq!(app.anon.get("/v1/articles/live").expect(200)["headline"], "Live");
}

#[test]
fn what_is_hidden_looks_like_what_was_never_there() {
    let app = TestApp::start();
    let hidden = hidden(&app);
    let nothing = ("01890000-0000-7000-8000-000000000000", "never-there");
    let form = |path: &str| {
        let answer = app.anon.get(path);
        (answer.status, answer.json["type"].clone(), answer.json["detail"].clone())
    };
    for article in &hidden {
        assert_eq!(form(&format!("/v1/articles/{}", article.id())), form(&format!("/v1/articles/{}", nothing.0)), "{}", article.str("status"));
        assert_eq!(form(&format!("/v1/articles/{}", article.str("slug"))), form(&format!("/v1/articles/{}", nothing.1)));
        assert_eq!(form(&format!("/v1/tags/{}", article["tags"][0]["slug"].as_str().unwrap())), form(&format!("/v1/tags/{}", nothing.1)));
        assert_eq!(form(&format!("/v1/authors/{}", article["authors"][0]["slug"].as_str().unwrap())), form(&format!("/v1/authors/{}", nothing.1)));
        let media = article["lead_media"]["media_id"].as_str().unwrap();
        assert_eq!(form(&format!("/v1/media/{media}")), form(&format!("/v1/media/{}", nothing.0)));
        assert_eq!(form(&format!("/v1/media/{media}/file")), form(&format!("/v1/media/{}/file", nothing.0)));
        // Colleagues who may not read it get no more than the world.
        let stranger = app.person(Role::Contributor, &format!("Stranger {}", article.str("slug")));
        for below in ["", "/revisions", "/revisions/1", "/revisions/1/diff?against=1", "/corrections"] {
            stranger.get(&format!("/v1/editorial/articles/{}{below}", article.id())).expect(404);
        }
    }
}

#[test]
fn counts_and_etags_stand_still_while_drafts_come_and_go() {
    let app = TestApp::start();
    let (tag, writer) = (app.tag("Shared"), app.writer("Shared Writer"));
    let members = |headline: &str| json!({ "headline": headline, "tags": [tag.id()], "authors": [{ "author_id": writer.id(), "role": "author" }] });
    for headline in ["One", "Two", "Three"] {
        app.published(&members(headline));
    }
    let doors = [
        "/v1/articles?count=exact",
        "/v1/articles?tag=shared&count=exact",
        "/v1/articles?author=shared-writer&count=exact",
        "/v1/tags",
        "/v1/tags/shared",
        "/v1/authors",
        "/v1/authors/shared-writer",
        "/v1/changes",
        "/v1/corrections",
        "/v1/media-credits",
        "/v1/site",
        "/feeds/rss.xml",
        "/feeds/tags/shared/feed.json",
        "/feeds/authors/shared-writer/atom.xml",
        "/sitemaps/index.xml",
        "/sitemaps/news.xml",
    ];
    let state = || {
        doors.map(|door| {
            let answer = app.anon.get(door).expect(200);
            (door, answer.etag().to_owned(), answer.text())
        })
    };
    let before = state();
    for n in 0..5 {
        let draft = app.draft(&members(&format!("Draft {n}")));
        let url = format!("/v1/editorial/articles/{}", draft.id());
        let saved = app.editor.patch(&url, draft.etag(), &json!({ "kicker": "Changed" })).expect(200);
        if n % 2 == 0 {
            app.editor.delete(&url, saved.etag()).expect(204);
        }
    }
    let live = app.editor.get("/v1/editorial/articles?status=published&limit=1").expect(200);
    let live = live["data"][0]["id"].as_str().unwrap().to_owned();
    app.editor.patch(&format!("/v1/editorial/articles/{live}"), "*", &json!({ "headline": "Not yet" })).expect(200);
    assert_eq!(state(), before);
}
