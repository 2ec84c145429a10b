//! Pictures and files on the desk: what is taken in, what is refused, and who may do what with it.

use image::ImageFormat;
use masthead::editorial::media::upkeep::{Orphans, orphans};
use masthead::identity::role::Role;
use reqwest::blocking::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::support::program::program;
use crate::support::specimens::{gif, jpeg, jpeg_saying, picture, png, png_bomb};
use crate::support::{Answer, Client, TestApp};

const MEDIA: &str = "/v1/editorial/media";

fn upload(client: &Client, name: &str, bytes: Vec<u8>, metadata: &Value) -> Answer {
    let form = Form::new().part("metadata", Part::text(metadata.to_string()).mime_str("application/json").unwrap()).part("file", Part::bytes(bytes).file_name(name.to_owned()));
    client.call("POST", MEDIA).form(form).send()
}

/// What is stored, compared with what rows need.
fn stray(app: &TestApp) -> Orphans {
    let mut conn = app.connect();
    actix_web::rt::System::new().block_on(orphans(&mut conn, &*app.parts.media)).unwrap()
}

fn stored(app: &TestApp) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![app.parts.config.data_dir.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found
}

#[test]
fn every_kind_of_picture_is_taken_and_told_by_its_bytes() {
    let app = TestApp::start();
    let credit = app.credit("Agency");
    for (format, mime) in [(ImageFormat::Jpeg, "image/jpeg"), (ImageFormat::Png, "image/png"), (ImageFormat::WebP, "image/webp"), (ImageFormat::Gif, "image/gif")] {
        let bytes = picture(40, 30, format);
        let form = Form::new()
            .part("file", Part::bytes(bytes.clone()).file_name("page.html").mime_str("text/html").unwrap())
            .part("metadata", Part::text(json!({ "credit_id": credit.id(), "alt": "Two halves", "focal_point": { "x": 0.25, "y": 0.5 } }).to_string()));
        let made = app.contributor.call("POST", MEDIA).form(form).send().expect(201);
        assert_eq!((made.str("mime"), &made["kind"], &made["width"], &made["height"]), (mime, &json!("image"), &json!(40), &json!(30)));
        assert_eq!((&made["bytes"], &made["focal_point"]), (&json!(bytes.len()), &json!({ "x": 0.25, "y": 0.5 })));
        assert_eq!((made.str("alt"), &made["credit"]["display"], made["blurhash"].as_str().map(str::len)), ("Two halves", &json!("(Agency)"), Some(28)));
        assert_eq!(made["created_by"], app.contributor.user_id());
        let read = app.editor.get(made.header("location")).expect(200);
        assert_eq!((&read.json, read.etag()), (&made.json, made.etag()));
        assert_eq!(app.editor.get(&format!("{}/file", made.header("location"))).expect(200).bytes, bytes);
    }
}

#[test]
fn a_body_may_be_the_bytes_alone() {
    let app = TestApp::start();
    let credit = app.credit("Agency");
    let path = format!("{MEDIA}?credit_id={}&alt=Two%20halves&caption=Seen%20from%20above&filename=bridge.jpg", credit.id());
    let made = app.author.call("POST", &path).bytes("image/jpeg", jpeg(20, 10)).send().expect(201);
    assert_eq!((made.str("filename"), made.str("alt"), made.str("caption")), ("bridge.jpg", "Two halves", "Seen from above"));
    let typo = app.author.call("POST", &format!("{MEDIA}?credit={}", credit.id())).bytes("image/jpeg", jpeg(20, 10)).send().expect(400);
    assert_eq!(typo.faults(), [("credit", "unknown_parameter")]);
}

#[test]
fn sound_film_and_documents_are_kept_as_files() {
    let app = TestApp::start();
    let credit = app.credit("Agency");
    for (bytes, kind, mime) in [
        (&b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"[..], "document", "application/pdf"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "video", "video/mp4"),
        (b"ID3\x04\0\0\0\0\0\x10", "audio", "audio/mpeg"),
    ] {
        let made = upload(&app.author, "file", bytes.to_vec(), &json!({ "credit_id": credit.id() })).expect(201);
        assert_eq!((made.str("kind"), made.str("mime"), &made["width"], &made["blurhash"]), (kind, mime, &json!(null), &json!(null)));
        let file = app.author.get(&format!("{MEDIA}/{}/file", made.id())).expect(200);
        assert!(file.header("content-disposition").starts_with("attachment; "), "{}", file.header("content-disposition"));
        assert_eq!(file.header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(app.author.get(&format!("{MEDIA}/{}/file?w=640", made.id())).expect(400).faults(), [("w", "not_a_picture")]);
    }
}

#[test]
fn what_the_file_says_fills_in_what_was_left_out() {
    let app = TestApp::start();
    let credit = app.credit("Maxar Technologies");
    let file = jpeg_saying(
        20,
        10,
        "<photoshop:Credit>(Maxar Technologies/AFP)</photoshop:Credit>\
         <dc:creator><rdf:Seq><rdf:li>Ann Lee</rdf:li></rdf:Seq></dc:creator>\
         <dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">A bridge.</rdf:li></rdf:Alt></dc:description>\
         <xmpRights:UsageTerms><rdf:Alt><rdf:li xml:lang=\"x-default\">Editorial use only</rdf:li></rdf:Alt></xmpRights:UsageTerms>\
         <Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture</Iptc4xmpExt:DigitalSourceType>\
         <photoshop:DateCreated>2026-03-01T07:00:00Z</photoshop:DateCreated>",
    );
    let made = upload(&app.author, "bridge.jpg", file.clone(), &json!({ "credit_id": credit.id(), "caption": "Mine" })).expect(201);
    assert_eq!((made.str("caption"), &made["creators"], made.str("taken_at")), ("Mine", &json!(["Ann Lee"]), "2026-03-01T07:00:00.000Z"));
    assert_eq!((made.str("credit_line"), &made["credit"]["display"]), ("Maxar Technologies/AFP", &json!("(Maxar Technologies/AFP)")));
    assert_eq!((&made["rights"]["usage_terms"], made.str("digital_source_type")), (&json!("Editorial use only"), "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"));
    assert_eq!(made["extracted"]["caption"], json!({ "value": "A bridge.", "from": "xmp" }));
    let other = app.credit("Somebody else");
    assert_eq!(upload(&app.author, "bridge.jpg", file, &json!({ "credit_id": other.id() })).expect(201)["credit_line"], json!(null));
}

#[test]
fn without_a_credit_nothing_is_kept_and_one_that_fits_is_proposed() {
    let app = TestApp::start();
    let credit = app.credit("Maxar Technologies");
    let file = jpeg_saying(20, 10, "<photoshop:Credit>(MAXAR Technologies)</photoshop:Credit>");
    let refusal = upload(&app.author, "bridge.jpg", file.clone(), &json!({ "alt": "A bridge" })).expect(422);
    assert_eq!((refusal.problem(), refusal.faults()), ("invalid", vec![("/credit_id", "required")]));
    assert_eq!((&refusal["proposed_credits"][0]["id"], &refusal["extracted"]["credit_line"]["value"]), (&credit["id"], &json!("(MAXAR Technologies)")));
    assert_eq!(app.author.call("POST", MEDIA).bytes("image/jpeg", file.clone()).send().expect(422).faults(), [("/credit_id", "required")]);
    let nobody = json!({ "credit_id": "0198c5e2-5f0e-7cc1-b0a1-1d3a3e9c2b11" });
    assert_eq!(upload(&app.author, "bridge.jpg", file, &nobody).expect(422).faults(), [("/credit_id", "unknown_reference")]);
    assert_eq!(stored(&app), Vec::<std::path::PathBuf>::new());
}

#[test]
fn files_that_could_run_lie_or_break_are_refused_and_leave_nothing() {
    let app = TestApp::start();
    let credit = app.credit("Agency");
    let said = json!({ "credit_id": credit.id() });
    let polyglot = [&jpeg(20, 10)[..], b"<script>alert(1)</script>"].concat();
    let truncated = jpeg(60, 60)[..500].to_vec();
    for (name, bytes, status, code) in [
        ("x.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec(), 415, "unsupported_media_type"),
        ("x.png", b"<!DOCTYPE html><script>alert(1)</script>".to_vec(), 415, "unsupported_media_type"),
        ("x.js", b"alert(1)".to_vec(), 415, "unsupported_media_type"),
        ("x.avif", b"\0\0\0\x1cftypavif\0\0\0\0mif1miafMA1B".to_vec(), 415, "unsupported_media_type"),
        ("x.pdf", b"%PDF-1.7\n1 0 obj << /OpenAction << /S /JavaScript >> >>".to_vec(), 415, "active_content"),
        ("x.jpg", polyglot, 415, "active_content"),
        ("x.png", png_bomb(50_000, 50_000), 413, "too_many_pixels"),
        ("x.png", png_bomb(0x7fff_ffff, 0x7fff_ffff), 413, "too_many_pixels"),
        ("x.gif", gif(300), 413, "too_many_frames"),
        ("x.jpg", truncated, 422, "corrupt"),
        ("x.jpg", Vec::new(), 422, "empty"),
    ] {
        let refusal = upload(&app.author, name, bytes.clone(), &said).expect(status);
        assert_eq!(refusal.faults(), [("/file", code)], "{name}");
        let declared = app.author.call("POST", &format!("{MEDIA}?credit_id={}", credit.id())).bytes("image/png", bytes).send();
        assert_eq!((declared.status, declared.faults()), (status, vec![("/file", code)]), "{name} by itself");
    }
    assert_eq!(app.editor.get(&format!("{MEDIA}?count=exact")).expect(200)["page"]["total"], 0);
    assert_eq!(stored(&app), Vec::<std::path::PathBuf>::new());
}

#[test]
fn bodies_of_another_form_are_refused() {
    let app = TestApp::start();
    let credit = app.credit("Agency");
    let said = || Part::text(json!({ "credit_id": credit.id() }).to_string());
    let file = || Part::bytes(png(8, 8)).file_name("x.png");
    let send = |form| app.author.call("POST", MEDIA).form(form).send();
    assert_eq!(send(Form::new().part("metadata", said())).expect(422).faults(), [("/file", "required")]);
    assert_eq!(send(Form::new().part("file", file()).part("file", file())).expect(400).problem(), "malformed-request");
    assert_eq!(send(Form::new().part("file", file()).part("notes", said())).expect(400).problem(), "malformed-request");
    assert_eq!(send(Form::new().part("file", file()).part("metadata", Part::text("{"))).expect(400).problem(), "malformed-request");
    assert_eq!(send(Form::new().part("file", file()).part("metadata", Part::text(r#"{"altt":"x"}"#))).expect(400).faults(), [("/altt", "unknown_member")]);
    assert_eq!(send(Form::new().part("file", file()).part("metadata", Part::text("x".repeat(70_000)))).expect(413).problem(), "payload-too-large");
    let many = (0..1_000).fold(Form::new(), |form, n| form.text(format!("f{n}"), "x"));
    assert_eq!(send(many).expect(400).problem(), "malformed-request");
    let broken = app.author.call("POST", MEDIA).bytes("multipart/form-data; boundary=x", "--x\r\nno end").send();
    assert_eq!(broken.expect(400).problem(), "malformed-request");
    let metadata = json!({ "credit_id": credit.id(), "focal_point": { "x": 2, "y": 0 } });
    assert_eq!(upload(&app.author, "x.png", png(8, 8), &metadata).expect(422).faults(), [("/focal_point/x", "out_of_range")]);
    let metadata = json!({ "credit_id": credit.id(), "rights": { "valid_from": "2026-02-01T00:00:00Z", "valid_until": "2026-01-01T00:00:00Z" } });
    assert_eq!(upload(&app.author, "x.png", png(8, 8), &metadata).expect(422).faults(), [("/rights/valid_until", "out_of_order")]);
    assert_eq!(app.anon.call("POST", MEDIA).bytes("image/png", png(8, 8)).send().expect(401).problem(), "unauthenticated");
}

#[test]
fn a_file_beyond_the_limit_is_refused() {
    let app = TestApp::start_with(&["--upload-limit", "10000", "--pixel-limit", "10000"]);
    let credit = app.credit("Agency");
    let path = format!("{MEDIA}?credit_id={}", credit.id());
    let send = |bytes: Vec<u8>| app.author.call("POST", &path).bytes("image/png", bytes).send();
    send(png(100, 100)).expect(201);
    assert_eq!(send(png(101, 100)).expect(413).faults(), [("/file", "too_many_pixels")]);
    assert_eq!(send(vec![0x89; 10_001]).expect(413).problem(), "payload-too-large");
    // Without a length the stream is cut at the limit.
    let endless = reqwest::blocking::Body::new(std::io::Read::take(std::io::repeat(0x89), 10_001));
    assert_eq!(app.author.call("POST", &path).bytes("image/png", endless).send().expect(413).problem(), "payload-too-large");
    assert_eq!(upload(&app.author, "x.png", vec![0x89; 10_001], &json!({ "credit_id": credit.id() })).expect(413).problem(), "payload-too-large");
    assert_eq!(stored(&app).len(), 1);
}

#[test]
fn names_of_files_are_only_names() {
    let app = TestApp::start();
    let credit = app.credit("Agency");
    for (given, kept) in [
        ("../../etc/x.png", "x.png"),
        ("..\\x.png", "x.png"),
        ("/etc/x", "x"),
        (".htaccess", "htaccess"),
        ("-rf", "-rf"),
        ("con.png", "con.png"),
        ("photo\u{202e}gnp.exe", "photognp.exe"),
        ("🌊.png", "🌊.png"),
    ] {
        let made = upload(&app.author, given, png(8, 8), &json!({ "credit_id": credit.id() })).expect(201);
        assert_eq!(made.str("filename"), kept, "{given:?}");
        let file = app.author.get(&format!("{MEDIA}/{}/file", made.id())).expect(200);
        assert_eq!(file.headers.get_all("content-disposition").iter().count(), 1);
        assert!(file.header("content-disposition").starts_with("inline; filename=\""), "{}", file.header("content-disposition"));
    }
    let long = upload(&app.author, &format!("{}.png", "x".repeat(300)), png(8, 8), &json!({ "credit_id": credit.id() })).expect(201);
    assert_eq!(long.str("filename").len(), 200);
    let lines = json!({ "credit_id": credit.id(), "filename": "a\r\nX: y.png" });
    assert_eq!(upload(&app.author, "x.png", png(8, 8), &lines).expect(422).faults(), [("/filename", "control_characters")]);
    let media = app.parts.config.data_dir.join("media/originals");
    assert!(stored(&app).iter().all(|file| file.starts_with(&media)), "{:?}", stored(&app));
    for path in ["..%2f..%2fetc%2fpasswd", "%2e%2e/file", "%c0%ae%c0%ae", "....//file"] {
        let answer = app.editor.get(&format!("{MEDIA}/{path}"));
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
    }
}

#[test]
fn the_same_bytes_twice_are_one_file_which_goes_with_its_last_row() {
    let app = TestApp::start();
    let credit = app.credit("Agency");
    let [one, two] = [0, 1].map(|_| upload(&app.author, "x.png", png(8, 8), &json!({ "credit_id": credit.id() })).expect(201));
    assert_ne!(one.id(), two.id());
    assert_eq!((one.str("sha256"), stored(&app).len()), (two.str("sha256"), 1));
    app.author.delete(&format!("{MEDIA}/{}", one.id()), one.etag()).expect(204);
    assert_eq!(app.author.get(&format!("{MEDIA}/{}/file", two.id())).expect(200).bytes, png(8, 8));
    app.author.get(&format!("{MEDIA}/{}/file?w=160", two.id())).expect(200);
    assert_eq!((stored(&app).len(), stray(&app)), (2, Orphans::default()));
    app.author.delete(&format!("{MEDIA}/{}", two.id()), two.etag()).expect(204);
    assert_eq!(stored(&app), Vec::<std::path::PathBuf>::new());
}

#[test]
fn an_upload_is_retried_under_its_key_without_a_second_row() {
    let app = TestApp::start();
    let credit = app.credit("Agency");
    let path = format!("{MEDIA}?credit_id={}", credit.id());
    let send = |bytes| app.author.call("POST", &path).key("one").bytes("image/png", bytes).send();
    let first = send(png(8, 8)).expect(201);
    let again = send(png(8, 8)).expect(201);
    assert_eq!((again.id(), again.header("idempotency-replayed")), (first.id(), "true"));
    assert_eq!(send(png(9, 9)).expect(422).problem(), "idempotency-key-reused");
    assert_eq!(app.author.get(&format!("{MEDIA}?count=exact")).expect(200)["page"]["total"], 1);
    // Neither the refused file nor one whose row has gone stays behind.
    app.author.delete(&format!("{MEDIA}/{}", first.id()), "*").expect(204);
    send(png(8, 8)).expect(201);
    assert_eq!(stored(&app), Vec::<std::path::PathBuf>::new());
}

#[test]
fn uploads_are_changed_and_deleted_by_their_makers_and_by_editors() {
    let app = TestApp::start();
    let credit = app.credit("Agency");
    let made = upload(&app.contributor, "x.png", png(8, 8), &json!({ "credit_id": credit.id() })).expect(201);
    let url = format!("{MEDIA}/{}", made.id());
    let stranger = app.person(Role::Contributor, "Somebody else");
    stranger.get(&url).expect(404);
    stranger.patch(&url, "*", &json!({ "alt": "Mine" })).expect(404);
    assert_eq!(stranger.get(MEDIA).expect(200).each("id"), Vec::<&str>::new());
    assert_eq!(app.author.patch(&url, "*", &json!({ "alt": "Mine" })).expect(403).problem(), "forbidden");
    assert_eq!(app.author.delete(&url, "*").expect(403).problem(), "forbidden");
    assert_eq!(app.contributor.patch(&url, "\"v9\"", &json!({ "alt": "Old" })).expect(412).problem(), "precondition-failed");
    let patch = json!({ "alt": "Halves", "creators": ["Ann Lee"], "focal_point": { "x": 1, "y": 0 }, "rights": { "valid_until": "2030-01-01T00:00:00Z" } });
    let changed = app.contributor.patch(&url, made.etag(), &patch).expect(200);
    assert_eq!((changed.str("alt"), &changed["creators"], &changed["version"]), ("Halves", &json!(["Ann Lee"]), &json!(2)));
    let cleared = json!({ "alt": null, "focal_point": null, "rights": { "usage_terms": "Once" }, "status": "withdrawn" });
    let changed = app.editor.patch(&url, changed.etag(), &cleared).expect(200);
    assert_eq!((&changed["alt"], &changed["focal_point"], changed.str("status")), (&json!(null), &json!(null), "withdrawn"));
    assert_eq!((&changed["rights"]["valid_until"], &changed["rights"]["usage_terms"]), (&json!("2030-01-01T00:00:00.000Z"), &json!("Once")));
    assert_eq!(app.editor.patch(&url, "*", &json!({ "credit_id": null })).expect(422).faults(), [("/credit_id", "invalid")]);
    let early = json!({ "rights": { "valid_from": "2031-01-01T00:00:00Z" } });
    assert_eq!(app.editor.patch(&url, "*", &early).expect(422).faults(), [("/rights/valid_until", "out_of_order")]);
    app.contributor.delete(&url, changed.etag()).expect(204);
    app.contributor.get(&url).expect(404);
}

#[test]
fn what_is_in_use_stays() {
    let app = TestApp::start();
    let credit = app.credit("Agency");
    let made = upload(&app.author, "x.png", png(8, 8), &json!({ "credit_id": credit.id(), "alt": "Halves" })).expect(201);
    let url = format!("{MEDIA}/{}", made.id());
    let story = app.draft(&json!({ "headline": "Bridge rebuilt", "lead_media": { "media_id": made.id() } }));
    let refusal = app.editor.delete(&url, "*").expect(409);
    assert_eq!((refusal.problem(), &refusal["used_by"]), ("in-use", &json!([{ "resource": "article", "id": story.id(), "name": "Bridge rebuilt" }])));
}

#[test]
fn a_list_is_searched_filtered_sorted_and_walked() {
    let app = TestApp::start();
    let (agency, other) = (app.credit("Agency"), app.credit("Other"));
    let said = |credit: &Answer, alt: &str| json!({ "credit_id": credit.id(), "alt": alt });
    let bridge = upload(&app.author, "a.png", png(8, 8), &said(&agency, "A rail BRIDGE")).expect(201);
    let tram = upload(&app.editor, "bridge_2.png", png(9, 8), &said(&other, "A tram")).expect(201);
    let sound = upload(&app.editor, "c.mp3", b"ID3\x04\0\0\0\0\0\x10".to_vec(), &said(&other, "A bell")).expect(201);
    let list = |query: &str| app.author.get(&format!("{MEDIA}?{query}")).expect(200).each("id").iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(list(""), [sound.id(), tram.id(), bridge.id()]);
    assert_eq!(list("q=Bridge"), [tram.id(), bridge.id()]);
    assert_eq!(list("q=e_2"), [tram.id()]);
    assert_eq!(list("kind=audio"), [sound.id()]);
    assert_eq!(list(&format!("credit_id={}", agency.id())), [bridge.id()]);
    assert_eq!(list(&format!("created_by={}", app.author.user_id())), [bridge.id()]);
    app.editor.patch(&format!("{MEDIA}/{}", bridge.id()), "*", &json!({ "status": "withdrawn" })).expect(200);
    assert_eq!(list("sort=-updated_at"), [bridge.id(), sound.id(), tram.id()]);
    assert_eq!(list("status=withdrawn"), [bridge.id()]);
    let first = app.author.get(&format!("{MEDIA}?limit=2&count=exact")).expect(200);
    assert_eq!((&first["page"]["total"], first.each("id")), (&json!(3), vec![sound.id(), tram.id()]));
    let next = first["page"]["next"].as_str().unwrap();
    let second = app.author.get(&format!("{MEDIA}?limit=2&cursor={next}")).expect(200);
    assert_eq!(second.each("id"), [bridge.id()]);
    let back = second["page"]["previous"].as_str().unwrap();
    assert_eq!(list(&format!("limit=2&cursor={back}")), [sound.id(), tram.id()]);
    assert_eq!(app.author.get(&format!("{MEDIA}?kind=audio&cursor={next}")).expect(400).problem(), "invalid-cursor");
}

#[test]
fn what_was_lost_and_what_was_left_is_found() {
    let app = TestApp::start();
    let credit = app.credit("Agency");
    let made = upload(&app.author, "x.png", png(8, 8), &json!({ "credit_id": credit.id() })).expect(201);
    let name = |sha: &str| format!("originals/{}/{sha}", &sha[..2]);
    let (lost, left) = (name(made.str("sha256")), name(&"ab".repeat(32)));
    let media = app.parts.config.data_dir.join("media");
    std::fs::remove_file(media.join(&lost)).unwrap();
    std::fs::create_dir_all(media.join("originals/ab")).unwrap();
    std::fs::write(media.join(&left), b"left").unwrap();
    assert_eq!(stray(&app), Orphans { objects_without_row: vec![left.clone()], rows_without_object: vec![lost.clone()] });
    let doctor = |flags: &[&str]| String::from_utf8(program(&app.database_url(), app.folder(), "doctor").args(flags).output().unwrap().stdout).unwrap();
    let told = doctor(&["--media"]);
    assert!(told.contains(&left) && told.contains(&lost) && told.contains("1 files are missing"), "{told}");
    assert!(doctor(&["--media", "--sweep"]).contains("1 files that nothing needed were removed"));
    assert_eq!(stray(&app), Orphans { objects_without_row: vec![], rows_without_object: vec![lost] });
    assert_eq!(app.author.get(&format!("{MEDIA}/{}/file", made.id())).expect(500).problem(), "internal");
}
