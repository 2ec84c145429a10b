//! Media in an S3-compatible store: the built program against a real server of that kind, which the test starts. Where it
//! is not here and cannot be installed, that is said and passed over.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::support::program::{Replica, program, until};
use crate::support::specimens::jpeg;
use crate::support::{Client, TestApp, skipped};

const BUCKET: &str = "newsroom";

/// A server that speaks S3, with an empty bucket.
struct Store {
    child: Child,
    base: String,
}

impl Drop for Store {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn runs(program: &Path) -> bool {
    Command::new(program).arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// moto (PyPI): on the path, or in an environment of its own that is made where that is possible.
fn moto() -> Option<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moto");
    let own = folder.join("bin/moto_server");
    let install = || Command::new("sh").arg("-c").arg("python3 -m venv \"$0\" && \"$0/bin/pip\" install -q 'moto[server]'").arg(&folder).stderr(Stdio::null()).status().is_ok();
    let known = [Path::new("moto_server").to_owned(), own.clone()].into_iter().find(|program| runs(program));
    known.or_else(|| (install() && runs(&own)).then_some(own))
}

impl Store {
    fn start() -> Option<Self> {
        let program = moto()?;
        // A port that was free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let child = Command::new(program).args(["-H", "127.0.0.1", "-p", &port]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let store = Self { child, base: format!("http://127.0.0.1:{port}") };
        until("the S3 server answers", || TcpStream::connect(format!("127.0.0.1:{port}")).is_ok());
        let made = reqwest::blocking::Client::new().put(format!("{}/{BUCKET}", store.base)).send().unwrap();
        assert!(made.status().is_success(), "{}", made.status());
        Some(store)
    }

    /// Names of everything in it.
    fn names(&self) -> Vec<String> {
        let list = reqwest::blocking::get(format!("{}/{BUCKET}?list-type=2", self.base)).unwrap().text().unwrap();
        list.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next()).map(ToOwned::to_owned).collect()
    }

    fn put(&self, name: &str) {
        assert!(reqwest::blocking::Client::new().put(format!("{}/{BUCKET}/{name}", self.base)).body("left").send().unwrap().status().is_success());
    }

    /// The program with its media here.
    fn with<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("MASTHEAD_STORAGE_URL", format!("s3://{BUCKET}/media"))
            .env("AWS_ENDPOINT_URL", &self.base)
            .env("AWS_ALLOW_HTTP", "true")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "any")
            .env("AWS_SECRET_ACCESS_KEY", "any")
    }
}

#[test]
fn media_live_in_a_bucket() {
    let Some(store) = Store::start() else { return skipped("media in an S3-compatible store: moto_server is not here and could not be installed") };
    let app = TestApp::start();
    let service = Replica::run(store.with(&mut program(&app.database_url(), app.folder(), "serve")));
    let (editor, anon) = (Client::new(&service.base, Some(app.editor.token().to_owned()), None), Client::new(&service.base, None, None));
    let credit = app.credit("Agency");
    let whole = jpeg(1_500, 1_000);
    let path = |name: &str| format!("/v1/editorial/media?credit_id={}&alt=Halves&filename={name}", credit.id());
    let first = editor.call("POST", &path("one.jpg")).bytes("image/jpeg", whole.clone()).send().expect(201);
    let second = editor.call("POST", &path("two.jpg")).bytes("image/jpeg", whole.clone()).send().expect(201);
    let sha = first.str("sha256").to_owned();
    let original = format!("media/originals/{}/{sha}", &sha[..2]);
    assert_eq!(store.names(), [original.as_str()], "the same bytes twice are one object");
    assert_eq!(editor.get(&format!("/v1/editorial/media/{}/file", first.id())).expect(200).bytes, whole);

    app.published(&json!({ "lead_media": { "media_id": first.id() } }));
    let file = format!("/v1/media/{}/file", first.id());
    let small = anon.get(&format!("{file}?w=320")).expect(200);
    assert_eq!(image::load_from_memory(&small.bytes).unwrap().width(), 320);
    assert_eq!(anon.get(&format!("{file}?w=320")).expect(200).bytes, small.bytes, "made once, kept there");
    let public = anon.get(&file).expect(200).bytes;
    let part = anon.call("GET", &file).header("range", "bytes=100-199").send().expect(206);
    assert_eq!(part.bytes, public[100..200]);
    assert_eq!(store.names().iter().filter(|name| name.starts_with(&format!("media/renditions/{sha}/"))).count(), 2);

    // What nothing needs is found and swept; what is needed stays.
    let left = format!("media/originals/ab/{}", "ab".repeat(32));
    store.put(&left);
    let doctor = |flags: &[&str]| {
        let mut command = program(&app.database_url(), app.folder(), "doctor");
        let output = store.with(command.args(flags)).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let told = doctor(&["--media"]);
    assert!(told.contains("ok    storage") && told.contains("1 files are needed by nothing") && told.contains(&"ab".repeat(32)), "{told}");
    assert!(doctor(&["--media", "--sweep"]).contains("1 files that nothing needed were removed"));
    assert!(!store.names().contains(&left) && store.names().contains(&original));

    // The bytes go with the last of their rows.
    editor.delete(&format!("/v1/editorial/media/{}", second.id()), "*").expect(204);
    assert!(store.names().contains(&original));
}
