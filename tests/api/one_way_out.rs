//! One way out: every delivery operation in every format, over pictures of all kinds. Wherever the address of a picture
//! stands, its credit stands with it; and the address of one that may not be shown stands nowhere.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Answer, TestApp, contract};

/// What a test knows of a picture: the credit that must stand by it, or that it must not be seen.
struct Shown {
    credit: Option<String>,
    found: usize,
}

struct Corpus {
    pictures: BTreeMap<String, Shown>,
    /// Values for the parts of paths, by the resource before them.
    ids: BTreeMap<&'static str, Vec<String>>,
}

fn limit(app: &TestApp, picture: &Answer, change: &Value) {
    app.editor.patch(&format!("/v1/editorial/media/{}", picture.id()), "*", change).expect(200);
}

/// Stories with pictures of all kinds in all places: lead, body, gallery, portrait, logo.
fn corpus(app: &TestApp) -> Corpus {
    let mut pictures = BTreeMap::new();
    let mut credits = Vec::new();
    let mut picture = |name: &str, is_shown: bool| {
        let credit = app.credit(&format!("Lens {name}"));
        let picture = app.picture(&credit, &format!("Seen {name}"));
        pictures.insert(picture.id().to_owned(), Shown { credit: is_shown.then(|| format!("Lens {name}")), found: 0 });
        credits.extend([credit.id().to_owned(), credit.str("slug").to_owned()]);
        (picture, credit)
    };
    let (lead, _) = picture("Lead", true);
    let (body, _) = picture("Body", true);
    let (wall, _) = picture("Wall", true);
    let (face, _) = picture("Face", true);
    let (logo, _) = picture("Logo", true);
    let (generated, made_by) = picture("Generated", true);
    let (expired, _) = picture("Expired", false);
    let (future, _) = picture("Future", false);
    let (withdrawn, _) = picture("Withdrawn", false);
    let (gone, gone_credit) = picture("Taken", false);
    let (draft, _) = picture("Draft", false);
    app.editor.patch(&format!("/v1/editorial/media-credits/{}", made_by.id()), "*", &json!({ "kind": "generated" })).expect(200);
    let writer = app.writer("Portrait Bearer");
    app.editor.patch(&format!("/v1/editorial/authors/{}", writer.id()), "*", &json!({ "avatar_media_id": face.id() })).expect(200);
    app.admin.patch("/v1/editorial/site", "*", &json!({ "logo_media_id": logo.id() })).expect(200);
    let tag = app.tag("Pictured");
    let mut ids = BTreeMap::from([("media-credits", credits), ("media", pictures_ids(&[&lead, &face, &logo, &expired, &gone, &draft]))]);
    ids.insert("tags", vec![tag.id().to_owned(), tag.str("slug").to_owned()]);
    ids.insert("authors", vec![writer.id().to_owned(), writer.str("slug").to_owned()]);
    let blocks = |ids: &[&Answer]| {
        let image = |picture: &&Answer| json!({ "_type": "image", "_key": picture.id()[30..], "media": { "_type": "reference", "_ref": picture.id() } });
        json!({ "blocks": [
            { "_type": "block", "_key": "t", "style": "normal", "markDefs": [], "children": [{ "_type": "span", "_key": "s", "text": "The harbour.", "marks": [] }] },
            image(&ids[0]), { "_type": "gallery", "_key": "g", "images": ids[1..].iter().map(image).collect::<Vec<_>>() },
        ] })
    };
    let members = |headline: &str, lead: &Answer, body: Value| {
        json!({ "headline": headline, "standfirst": "Harbour pictures.", "tags": [tag.id()], "authors": [{ "author_id": writer.id(), "role": "author" }],
            "lead_media": { "media_id": lead.id(), "caption": "A caption of its own" }, "body": body })
    };
    let one = app.published(&members("Harbour seen", &lead, blocks(&[&body, &wall, &generated])));
    let two = app.published(&members("Harbour unseen", &expired, blocks(&[&future, &withdrawn, &gone])));
    app.draft(&members("Harbour draft", &draft, json!({ "markdown": "Not yet." })));
    limit(app, &expired, &json!({ "rights": { "valid_until": "2020-01-01T00:00:00Z" } }));
    limit(app, &future, &json!({ "rights": { "valid_from": "2999-01-01T00:00:00Z" } }));
    limit(app, &withdrawn, &json!({ "status": "withdrawn" }));
    app.editor.post("/v1/editorial/takedowns", &json!({ "selector": { "credit_id": gone_credit.id() }, "reason": "Gone." })).expect(201);
    let front = json!({ "name": "Front", "slug": "front", "slots": [{ "article_id": one.id() }, { "article_id": two.id() }], "size": 10 });
    let front = app.editor.post("/v1/editorial/collections", &front).expect(201);
    app.editor.act(&format!("/v1/editorial/collections/{}/publish", front.id()), "*").expect(200);
    ids.insert("articles", [&one, &two].iter().flat_map(|story| [story.id().to_owned(), story.str("slug").to_owned()]).collect());
    ids.insert("collections", vec!["front".to_owned()]);
    Corpus { pictures, ids }
}

fn pictures_ids(pictures: &[&Answer]) -> Vec<String> {
    pictures.iter().map(|picture| picture.id().to_owned()).collect()
}

/// Every delivery address: each bare, and with each value of each parameter that has a list of values.
fn doors(corpus: &Corpus) -> Vec<String> {
    let mut doors = Vec::new();
    for (path, item) in contract::document()["paths"].as_object().unwrap() {
        let Some(operation) = item.get("get").filter(|get| get["tags"][0] == "delivery") else { continue };
        // The bytes of a picture name no address; that its copies bear the credit is tried where they are made.
        if path.ends_with("/file") {
            continue;
        }
        let parts: Vec<_> = path.split('/').collect();
        let at = parts.iter().position(|part| part.starts_with('{'));
        let mut whole = match at.map(|at| (at, corpus.ids.get(parts[at - 1]))) {
            None => vec![path.clone()],
            Some((at, Some(ids))) => ids.iter().map(|id| path.replace(parts[at], id)).collect(),
            Some((_, None)) => continue,
        };
        for parameter in operation["parameters"].as_array().into_iter().flatten().map(contract::resolve).filter(|p| p["in"] == "query") {
            let name = parameter["name"].as_str().unwrap();
            let values: Vec<_> = match name {
                "q" => vec!["harbour"],
                "fields" => vec!["lead_media", "body", "authors"],
                _ => contract::resolve(&parameter["schema"])["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
            };
            let bare = whole.clone();
            whole.extend(bare.iter().filter(|door| !door.contains(&format!("{name}="))).flat_map(|door| {
                let joint = if door.contains('?') { '&' } else { '?' };
                values.iter().map(move |value| format!("{door}{joint}{name}={value}"))
            }));
        }
        doors.extend(whole);
    }
    doors
}

/// The pictures whose addresses stand in this text.
fn named<'a>(corpus: &'a Corpus, text: &'a str) -> impl Iterator<Item = String> + 'a {
    corpus.pictures.keys().filter(move |id| text.contains(&format!("/v1/media/{id}/file"))).cloned()
}

/// Walks JSON down to the strings that hold an address; the credit stands in the string itself where that is a text, or
/// in the object around it, or in the one around that.
fn check_json(corpus: &mut Corpus, door: &str, value: &Value, around: &[&Value]) {
    match value {
        Value::String(text) => {
            for id in named(corpus, text).collect::<Vec<_>>() {
                let shown = corpus.pictures.get_mut(&id).unwrap();
                let credit = shown.credit.as_ref().unwrap_or_else(|| panic!("{door} shows what may not be shown: {text}"));
                let is_by_it = |value: &&Value| value.to_string().contains(credit.as_str());
                let by_it = if text.contains('<') { text.contains(credit.as_str()) } else { around.iter().rev().take(3).any(is_by_it) };
                assert!(by_it, "{door}: {id} without {credit} in {text} within {:?}", around.last());
                shown.found += 1;
            }
        }
        Value::Array(items) => items.iter().for_each(|item| check_json(corpus, door, item, around)),
        Value::Object(members) => members.values().for_each(|member| check_json(corpus, door, member, &[around, &[value]].concat())),
        _ => {}
    }
}

/// Cuts XML into what belongs together: an item, an entry, a page of a sitemap.
fn check_text(corpus: &mut Corpus, door: &str, text: &str) {
    for part in text.split("<item>").flat_map(|part| part.split("<entry>")).flat_map(|part| part.split("<url>")) {
        for id in named(corpus, part).collect::<Vec<_>>() {
            let shown = corpus.pictures.get_mut(&id).unwrap();
            let credit = shown.credit.as_ref().unwrap_or_else(|| panic!("{door} shows what may not be shown: {part}"));
            assert!(part.contains(credit.as_str()), "{door}: {id} without {credit} in {part}");
            shown.found += 1;
        }
    }
}

#[test]
fn wherever_a_picture_stands_its_credit_stands_with_it() {
    let app = TestApp::start();
    let mut corpus = corpus(&app);
    let (doors, mut answered) = (doors(&corpus), 0);
    for door in &doors {
        let answer = app.anon.get(door);
        if answer.status != 200 {
            assert!(matches!(answer.status, 400 | 404 | 410 | 406), "{door}: {}", answer.status);
            continue;
        }
        answered += 1;
        match &answer.json {
            Value::Null => check_text(&mut corpus, door, &answer.text()),
            json => check_json(&mut corpus, door, &json.clone(), &[]),
        }
    }
    assert!(answered > 150 && doors.len() > 200, "{answered} of {} doors", doors.len());
    for (id, shown) in corpus.pictures.iter().filter(|(_, shown)| shown.credit.is_some()) {
        assert!(shown.found > 5, "{id} by {:?} was seen {} times only: the walk is not what it says", shown.credit, shown.found);
    }
}
