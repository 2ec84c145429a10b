//! Pictures as readers get them: never without a credit, never before or after their time, and their bytes in every form.

use masthead::imaging::extract;
use serde_json::{Value, json};

use crate::support::specimens::jpeg;
use crate::support::{Answer, TestApp};

const MEDIA: &str = "/v1/editorial/media";

fn upload(app: &TestApp, bytes: Vec<u8>, credit: &Answer) -> Answer {
    let path = format!("{MEDIA}?credit_id={}&alt=Two%20halves&filename=bridge.jpg", credit.id());
    app.editor.call("POST", &path).bytes("image/jpeg", bytes).send().expect(201)
}

fn leading(app: &TestApp, picture: &Answer) -> Answer {
    app.published(&json!({ "lead_media": { "media_id": picture.id() } }))
}

/// The path of an address that was given out.
fn path<'a>(app: &TestApp, url: &'a Value) -> &'a str {
    url.as_str().unwrap().strip_prefix(&app.base).unwrap()
}

#[test]
fn a_picture_is_there_while_something_live_uses_it() {
    let app = TestApp::start();
    let picture = upload(&app, jpeg(900, 600), &app.credit("Agency"));
    let (url, file) = (format!("/v1/media/{}", picture.id()), format!("/v1/media/{}/file", picture.id()));
    let draft = app.draft(&json!({ "lead_media": { "media_id": picture.id() } }));
    assert_eq!(app.anon.get(&url).expect(404).problem(), "not-found");
    assert_eq!(app.anon.get(&file).expect(404).problem(), "not-found");
    let live = app.publish(&draft);
    let shown = app.anon.get(&url).expect(200);
    assert_eq!((&shown["credit"]["display"], &shown["width"], shown.str("alt")), (&json!("(Agency)"), &json!(900), "Two halves"));
    assert!(shown.header("surrogate-key").contains(&format!("media-{}", picture.id())));
    let bytes = app.anon.get(path(&app, &shown["url"])).expect(200);
    assert_eq!((image::load_from_memory(&bytes.bytes).unwrap().width(), bytes.header("content-type")), (900, "image/jpeg"));
    assert_eq!(extract(&bytes.bytes).credit_line.unwrap().value, "Agency", "the whole file bears its credit too");
    app.anon.get(&format!("{url}?fields=url")).expect(400);
    app.editor.act(&format!("/v1/editorial/articles/{}/unpublish", live.id()), "*").expect(200);
    app.anon.get(&url).expect(404);
    app.anon.get(&file).expect(404);
}

#[test]
fn every_address_that_is_given_out_leads_to_a_picture_of_that_width() {
    let app = TestApp::start();
    let picture = upload(&app, jpeg(900, 600), &app.credit("Agency"));
    let story = leading(&app, &picture);
    let shown = app.anon.get(&format!("/v1/articles/{}", story.id())).expect(200)["lead_media"].clone();
    let srcset = shown["srcset"].as_array().unwrap();
    assert_eq!(srcset.iter().map(|s| s["width"].as_u64().unwrap()).collect::<Vec<_>>(), [160, 320, 480, 640, 800, 900]);
    for source in srcset {
        let file = app.anon.get(path(&app, &source["url"])).expect(200);
        let seen = image::load_from_memory(&file.bytes).unwrap();
        assert_eq!(u64::from(seen.width()), source["width"].as_u64().unwrap());
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(file.header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert!(file.header("content-disposition").starts_with("inline; "));
    }
}

#[test]
fn smaller_copies_are_cut_and_encoded_as_asked_and_carry_the_credit() {
    let app = TestApp::start();
    let credit = app.credit("Agency");
    let picture = upload(&app, jpeg(900, 600), &credit);
    leading(&app, &picture);
    let file = |query: &str| app.anon.get(&format!("/v1/media/{}/file?{query}", picture.id()));
    for (query, mime, size) in [
        ("w=320", "image/webp", (320, 213)),
        ("w=320&h=320&fit=cover", "image/webp", (320, 320)),
        ("w=320&h=320", "image/webp", (320, 320 * 600 / 900)),
        ("w=160&h=90&fit=cover&format=jpeg&q=60", "image/jpeg", (160, 90)),
        ("w=160&format=png", "image/png", (160, 107)),
        ("w=2400", "image/webp", (900, 600)),
        ("w=1600&h=900&fit=cover", "image/webp", (900, 506)),
    ] {
        let made = file(query).expect(200);
        let seen = image::load_from_memory(&made.bytes).unwrap();
        assert_eq!((made.header("content-type"), (seen.width(), seen.height())), (mime, size), "{query}");
        assert_eq!(extract(&made.bytes).credit_line.map(|found| found.value).as_deref(), Some("Agency"), "{query}");
        let again = file(query).expect(200);
        assert_eq!((again.etag(), &again.bytes), (made.etag(), &made.bytes));
    }
    for (query, fault) in
        [("w=333", ("w", "out_of_range")), ("w=320&h=17", ("h", "out_of_range")), ("w=320&q=81", ("q", "out_of_range")), ("h=320", ("w", "required")), ("v=xyz", ("v", "invalid"))]
    {
        assert_eq!(file(query).expect(400).faults(), [fault], "{query}");
    }
    assert_eq!(file("w=320&format=avif").expect(400).faults(), [("format", "invalid")]);
    assert_eq!(file("width=320").expect(400).faults(), [("width", "unknown_parameter")]);
}

#[test]
fn a_corrected_credit_gives_the_copies_new_addresses() {
    let app = TestApp::start();
    let credit = app.credit("Agencee");
    let picture = upload(&app, jpeg(400, 300), &credit);
    leading(&app, &picture);
    let shown = || app.anon.get(&format!("/v1/media/{}", picture.id())).expect(200);
    let before = shown();
    let fixed = json!({ "name": "Agency", "credit_line": "Agency" });
    app.editor.patch(&format!("/v1/editorial/media-credits/{}", credit.id()), "*", &fixed).expect(200);
    let after = shown();
    assert_ne!(before["url"], after["url"]);
    let made = app.anon.get(path(&app, &after["srcset"][0]["url"])).expect(200);
    assert_eq!(extract(&made.bytes).credit_line.unwrap().value, "Agency");
}

#[test]
fn what_was_withdrawn_or_has_run_out_is_gone_at_once() {
    let app = TestApp::start();
    let credit = app.credit("Agency");
    let picture = upload(&app, jpeg(400, 300), &credit);
    let story = leading(&app, &picture);
    let (desk, file) = (format!("{MEDIA}/{}", picture.id()), format!("/v1/media/{}/file?w=160", picture.id()));
    let shown = || {
        let lead = app.anon.get(&format!("/v1/articles/{}", story.id())).expect(200)["lead_media"].clone();
        assert_eq!(lead, app.anon.get(&format!("/v1/media/{}", picture.id())).expect(200).json.clone());
        lead
    };
    app.anon.get(&file).expect(200);
    let set = |patch: Value| app.editor.patch(&desk, "*", &patch).expect(200);

    set(json!({ "rights": { "valid_until": "2020-01-01T00:00:00Z" } }));
    let gone = app.anon.get(&file).expect(410);
    assert_eq!((gone.problem(), gone.str("reason"), gone.header("cache-control")), ("gone", "rights_expired", "no-store"));
    assert_eq!(shown(), json!({ "withheld": true, "reason": "rights_expired" }));
    app.editor.get(&format!("{desk}/file?w=160")).expect(200);

    set(json!({ "rights": { "valid_from": "2999-01-01T00:00:00Z", "valid_until": null } }));
    app.anon.get(&file).expect(404);

    set(json!({ "rights": null, "status": "withdrawn" }));
    assert_eq!(app.anon.get(&file).expect(410).str("reason"), "withdrawn");

    set(json!({ "status": "ready" }));
    app.anon.get(&file).expect(200);
    app.editor.patch(&format!("/v1/editorial/media-credits/{}", credit.id()), "*", &json!({ "status": "withdrawn" })).expect(200);
    assert_eq!(app.anon.get(&file).expect(410).str("reason"), "withdrawn");
    assert_eq!(shown(), json!({ "withheld": true, "reason": "withdrawn" }));
}

#[test]
fn no_cache_keeps_a_picture_beyond_its_rights() {
    let app = TestApp::start();
    let picture = upload(&app, jpeg(400, 300), &app.credit("Agency"));
    leading(&app, &picture);
    let soon = masthead::app::now().plus(chrono::Duration::seconds(600));
    app.editor.patch(&format!("{MEDIA}/{}", picture.id()), "*", &json!({ "rights": { "valid_until": soon } })).expect(200);
    let file = app.anon.get(&format!("/v1/media/{}/file?v=ab", picture.id())).expect(200);
    let seconds: u32 = file.header("cache-control").strip_prefix("public, max-age=").unwrap().parse().unwrap();
    assert!((500..=600).contains(&seconds), "{seconds}");
    assert_eq!(app.editor.get(&format!("/v1/media/{}/file", picture.id())).expect(200).header("cache-control"), "private, no-store");
}

#[test]
fn bytes_come_whole_in_part_or_not_again() {
    let app = TestApp::start();
    // Longer than what is read at one go.
    let picture = upload(&app, jpeg(3_000, 2_500), &app.credit("Agency"));
    leading(&app, &picture);
    let url = format!("/v1/media/{}/file", picture.id());
    let get = |headers: &[(&str, &str)]| headers.iter().fold(app.anon.call("GET", &url), |call, (name, value)| call.header(name, value)).send();
    let first = get(&[]).expect(200);
    let whole = first.bytes.clone();
    assert!(whole.len() > 200_000, "{}", whole.len());
    assert_eq!((&first.bytes, first.header("accept-ranges"), first.header("content-length")), (&whole, "bytes", whole.len().to_string().as_str()));
    let etag = first.etag();
    assert_eq!(get(&[("if-none-match", etag)]).expect(304).bytes.len(), 0);
    let head = app.anon.call("HEAD", &url).send().expect(200);
    assert_eq!((head.bytes.len(), head.header("content-length"), head.etag()), (0, first.header("content-length"), etag));

    let part = get(&[("range", "bytes=10-19")]).expect(206);
    assert_eq!((&part.bytes[..], part.header("content-range")), (&whole[10..20], format!("bytes 10-19/{}", whole.len()).as_str()));
    assert_eq!(get(&[("range", "bytes=1000-")]).expect(206).bytes, whole[1_000..]);
    assert_eq!(get(&[("range", "bytes=-7")]).expect(206).bytes, whole[whole.len() - 7..]);
    let outside = get(&[("range", "bytes=99999999-")]).expect(416);
    assert_eq!((outside.problem(), outside.header("content-range")), ("range-not-satisfiable", format!("bytes */{}", whole.len()).as_str()));
    get(&[("range", "bytes=0-1,5-6")]).expect(200);
    assert_eq!(get(&[("range", "bytes=0-9"), ("if-range", etag)]).expect(206).bytes.len(), 10);
    get(&[("range", "bytes=0-9"), ("if-range", "\"other\"")]).expect(200);
    get(&[("range", "bytes=0-9"), ("if-range", "Wed, 21 Oct 2026 07:28:00 GMT")]).expect(200);
}

#[test]
fn a_copy_asked_for_by_many_at_once_is_made_once() {
    let app = TestApp::start();
    let picture = upload(&app, jpeg(1_000, 800), &app.credit("Agency"));
    leading(&app, &picture);
    let url = format!("/v1/media/{}/file?w=640", picture.id());
    let answers: Vec<_> = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..8).map(|_| scope.spawn(|| app.anon.get(&url).expect(200).bytes)).collect();
        readers.into_iter().map(|reader| reader.join().unwrap()).collect()
    });
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    let made = app.parts.config.data_dir.join("media/renditions").join(picture.str("sha256"));
    assert_eq!(std::fs::read_dir(made).unwrap().count(), 1);
}

/// Every picture in every answer, however deep, has its credit.
#[test]
fn no_picture_leaves_without_its_credit() {
    fn check(value: &Value, found: &mut usize) {
        match value {
            Value::Object(members) => {
                if members.contains_key("media_id") && members.contains_key("url") {
                    assert!(members["credit"]["display"].as_str().is_some_and(|text| !text.is_empty()), "{value}");
                    assert!(members["credit_line"].as_str().is_some_and(|text| !text.is_empty()), "{value}");
                    *found += 1;
                }
                members.values().for_each(|member| check(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| check(item, found)),
            _ => {}
        }
    }
    let app = TestApp::start();
    let picture = upload(&app, jpeg(400, 300), &app.credit("Agency"));
    let markdown = format!("Before.\n\n![Seen](media:{})\n\nAfter.", picture.id());
    let story = app.published(&json!({ "lead_media": { "media_id": picture.id() }, "body": { "markdown": markdown } }));
    let mut found = 0;
    for path in [
        "/v1/articles",
        "/v1/articles?include=body&body=blocks",
        "/v1/articles?fields=lead_media",
        &format!("/v1/articles/{}?body=blocks", story.id()),
        &format!("/v1/media/{}", picture.id()),
    ] {
        let before = found;
        check(&app.anon.get(path).expect(200).json, &mut found);
        assert!(found > before, "{path} shows no picture");
    }
    // Markdown and text name a picture by its id: whoever wants its address asks for the Picture.
    for (format, shows) in [("html", true), ("markdown", false), ("text", false)] {
        let body = app.anon.get(&format!("/v1/articles/{}?body={format}", story.id())).expect(200);
        let text = body["body"]["value"].as_str().unwrap();
        assert_eq!((text.contains("/file"), text.contains("(Agency)")), (shows, shows), "{format}: {text}");
    }
}

#[test]
fn readers_get_nothing_of_place_and_device() {
    const SECRET: &str = "Serial 4711, 50.4501 N";
    let app = TestApp::start();
    let secrets = format!("<exif:GPSLatitude xmlns:exif=\"http://ns.adobe.com/exif/1.0/\">{SECRET}</exif:GPSLatitude><photoshop:Credit>Lens</photoshop:Credit>");
    let original = crate::support::specimens::jpeg_saying(600, 400, &secrets);
    let picture = upload(&app, original.clone(), &app.credit("Agency"));
    let story = leading(&app, &picture);
    let holds = |bytes: &[u8]| bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes());
    assert!(holds(&original));
    let shown = app.anon.get(&format!("/v1/articles/{}", story.id())).expect(200)["lead_media"].clone();
    for source in shown["srcset"].as_array().unwrap().iter().chain([&shown]) {
        let bytes = app.anon.get(path(&app, &source["url"])).expect(200).bytes;
        assert!(!holds(&bytes), "{source}");
        assert_eq!(extract(&bytes).credit_line.unwrap().value, "Agency");
    }
    // The desk keeps what was sent.
    assert_eq!(app.editor.get(&format!("{MEDIA}/{}/file", picture.id())).expect(200).bytes, original);
}

#[test]
fn a_preview_shows_its_own_pictures_and_no_others() {
    let app = TestApp::start();
    let credit = app.credit("Agency");
    let (inside, other) = (upload(&app, jpeg(400, 300), &credit), upload(&app, jpeg(420, 300), &credit));
    let body = format!("Seen.\n\n![](media:{})", inside.id());
    let draft = app.draft(&json!({ "lead_media": { "media_id": inside.id() }, "body": { "markdown": body } }));
    let made = app.editor.call("POST", &format!("/v1/editorial/articles/{}/preview", draft.id())).send().expect(201);
    let link = made.str("url").strip_prefix(&app.base).unwrap().to_owned();
    let shown = app.anon.get(&link).expect(200);
    let lead = &shown["lead_media"];
    assert_eq!((&lead["credit"]["name"], shown["body"]["value"].as_str().unwrap().contains(&format!("{link}/media/"))), (&json!("Agency"), true));
    for source in lead["srcset"].as_array().unwrap().iter().chain([lead]) {
        let file = app.anon.get(path(&app, &source["url"])).expect(200);
        assert_eq!(file.header("cache-control"), "private, no-store");
        assert!(image::load_from_memory(&file.bytes).is_ok());
    }
    app.anon.get(&format!("/v1/media/{}/file", inside.id())).expect(404);
    app.anon.get(&format!("{link}/media/{}/file", other.id())).expect(404);
    app.anon.get(&format!("/v1/preview/mhp_guess/media/{}/file", inside.id())).expect(404);
    app.editor.patch(&format!("{MEDIA}/{}", inside.id()), "*", &json!({ "status": "withdrawn" })).expect(200);
    app.anon.get(&format!("{link}/media/{}/file", inside.id())).expect(410);
    app.editor.call("DELETE", &format!("/v1/editorial/articles/{}/preview/{}", draft.id(), made.id())).send().expect(204);
    app.anon.get(&format!("{link}/media/{}/file", inside.id())).expect(404);
}
