//! A whole service for one test: its own database and media folder, the real server on a port of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use diesel::pg::PgConnection;
use masthead::app::App;
use masthead::config::Config;
use masthead::db::Db;
use masthead::identity::role::Role;
use uuid::Uuid;

use super::answer::Answer;
use super::client::Client;
use super::cluster::{self, Cluster, STAFF, cluster};

/// What every service of the tests signs with: a token for one is good for another on the same database.
pub const SIGNING_KEY: &str = "the tests sign with this key and no other service knows it";

/// A running service with clients for each kind of user. Gone when it is dropped.
pub struct TestApp {
    /// Nobody: no credentials.
    pub anon: Client,
    /// May write drafts of its own.
    pub contributor: Client,
    /// May also publish what is its own.
    pub author: Client,
    /// May also change and publish what others wrote.
    pub editor: Client,
    /// May also manage accounts, keys and settings.
    pub admin: Client,
    /// Its address, without a slash at the end.
    pub base: String,
    /// The parts of the service, as the handlers have them.
    pub parts: Data<App>,
    /// An author and a tag for stories that need some, made when first asked for.
    pub(super) default_author: OnceLock<Answer>,
    pub(super) default_tag: OnceLock<Answer>,
    cluster: &'static Cluster,
    database: String,
    owns_database: bool,
    folder: PathBuf,
    server: Option<(ServerHandle, JoinHandle<()>)>,
}

impl TestApp {
    /// Starts one with the default settings.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with these flags of the command line besides.
    pub fn start_with(flags: &[&str]) -> Self {
        Self::on(cluster(), cluster().create_database(), true, flags)
    }

    /// Starts one on a database of this server.
    pub fn on(cluster: &'static Cluster, database: String, owns_database: bool, flags: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(if owns_database { database.clone() } else { format!("{database}-replica") });
        let data_dir = folder.to_str().unwrap();
        let own = ["--listen", &address, "--data-dir", data_dir, "--workers", "2", "--demo", "off"];
        // Tests write rows past the service, of which its cache cannot know; those of the cache itself switch it on.
        let uncached = if flags.contains(&"--cache-bytes") { &[][..] } else { &["--cache-bytes", "0"] };
        let config = Config::from_flags(&[&own, uncached, flags].concat()).unwrap();
        let parts = Data::new(App::build(config, cluster.url(&database), &[SIGNING_KEY.to_owned()]).unwrap());
        let server = serve(&parts, listener);
        let base = format!("http://{address}");
        let staff = STAFF.iter().zip(cluster.staff).map(|((role, _), (user, session))| client_for(&base, &parts, *role, user, session));
        let [contributor, author, editor, admin] = staff.collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("four roles"));
        Self {
            anon: Client::new(&base, None, None),
            contributor,
            author,
            editor,
            admin,
            base,
            parts,
            default_author: OnceLock::new(),
            default_tag: OnceLock::new(),
            cluster,
            database,
            owns_database,
            folder,
            server: Some(server),
        }
    }

    /// A second process, so to speak, on the same database.
    pub fn replica(&self, flags: &[&str]) -> Self {
        Self::on(self.cluster, self.database.clone(), false, flags)
    }

    /// Looks until it is so. What others do takes its time; a minute is not it.
    pub fn until(&self, what: &str, mut so: impl FnMut() -> bool) {
        let begun = std::time::Instant::now();
        while !so() {
            assert!(begun.elapsed().as_secs() < 60, "it did not come to this: {what}");
            std::thread::yield_now();
        }
    }

    /// Somebody more with this role.
    pub fn person(&self, role: Role, name: &str) -> Client {
        let (user, session) = cluster::insert_person(&mut self.connect(), role, name);
        client_for(&self.base, &self.parts, role, user, session)
    }

    /// A client with this credential, whatever it is worth.
    pub fn with_token(&self, token: &str) -> Client {
        Client::new(&self.base, Some(token.to_owned()), None)
    }

    /// A connection to this test's database, for rows that no API writes and none shows.
    pub fn connect(&self) -> PgConnection {
        Db::connect(&self.database_url()).unwrap()
    }

    /// A folder of this test's own, gone with it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where this test's database is.
    pub fn database_url(&self) -> String {
        self.cluster.url(&self.database)
    }
}

fn client_for(base: &str, parts: &App, role: Role, user: Uuid, session: Uuid) -> Client {
    let token = parts.keys.sign(user, role, session, masthead::app::now()).unwrap();
    Client::new(base, Some(token), Some(user))
}

fn serve(parts: &Data<App>, listener: TcpListener) -> (ServerHandle, JoinHandle<()>) {
    let parts = parts.clone();
    let (started, handle) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = masthead::server::listen(parts, listener).unwrap();
            started.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    (handle.recv().unwrap(), thread)
}

impl Drop for TestApp {
    /// Ends in the background: the next test need not wait.
    fn drop(&mut self) {
        let Some((handle, thread)) = self.server.take() else { return };
        let (cluster, database, folder) = (self.cluster, self.owns_database.then(|| self.database.clone()), self.folder.clone());
        // The stop is under way once the call is made; its end is the thread's.
        drop(handle.stop(false));
        std::thread::spawn(move || {
            let ended = thread.join();
            if let Some(database) = database {
                cluster.drop_database(&database);
            }
            let removed = std::fs::remove_dir_all(folder);
            if ended.is_err() || removed.is_err() {
                eprintln!("a test's service did not end cleanly: {ended:?} {removed:?}");
            }
        });
    }
}
