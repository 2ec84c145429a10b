//! The database server of a test run: a throw-away one, with a template that every test's database is a copy of.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use masthead::config::Config;
use masthead::db::embedded::{Embedded, Options};
use masthead::db::{Db, migrate};
use masthead::editorial::site::store as site;
use masthead::identity::role::Role;
use masthead::schema::{sessions, users};
use uuid::Uuid;

/// The accounts that are there from the start, one a role.
pub const STAFF: [(Role, &str); 4] = [(Role::Contributor, "Cora Contributor"), (Role::Author, "Arthur Author"), (Role::Editor, "Edith Editor"), (Role::Admin, "Ada Admin")];

/// The server and what all tests of a run share.
pub struct Cluster {
    server: Embedded,
    /// Account and session of each of [`STAFF`].
    pub staff: [(Uuid, Uuid); 4],
}

/// The one of this run, started when first asked for.
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start)
}

impl Cluster {
    /// Starts one.
    pub fn start() -> Self {
        let config = Config::from_flags(&[]).unwrap();
        let options = Options { pg_bin_dir: config.pg_bin_dir, path: std::env::var_os("PATH"), temp_dir: Some(std::env::temp_dir()), ..Options::default() };
        let server = Embedded::throw_away(&options).unwrap_or_else(|error| panic!("the tests need PostgreSQL: {error}"));
        connect(&server, "postgres").batch_execute("CREATE DATABASE model").unwrap();
        let mut model = connect(&server, "model");
        let ran = migrate::run(&mut model).unwrap();
        assert_are_those_on_disk(&ran);
        // As a start of the service leaves it.
        site::ensure(&mut model, &site::Defaults::at("https://news.example")).unwrap();
        let staff = STAFF.map(|(role, name)| insert_person(&mut model, role, name));
        // A template that somebody is connected to cannot be copied.
        drop(model);
        connect(&server, "postgres").batch_execute("ALTER DATABASE model IS_TEMPLATE true ALLOW_CONNECTIONS false").unwrap();
        Self { server, staff }
    }

    /// A new database with the schema and the staff.
    pub fn create_database(&self) -> String {
        let name = format!("test_{}", Uuid::now_v7().simple());
        connect(&self.server, "postgres").batch_execute(&format!("CREATE DATABASE {name} TEMPLATE model STRATEGY FILE_COPY")).unwrap();
        name
    }

    /// An empty database, for tests of the migrations themselves.
    pub fn create_empty_database(&self) -> String {
        let name = format!("empty_{}", Uuid::now_v7().simple());
        connect(&self.server, "postgres").batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).unwrap();
        name
    }

    /// Removes a database, whoever is still connected to it.
    pub fn drop_database(&self, name: &str) {
        connect(&self.server, "postgres").batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).unwrap();
    }

    /// The server itself.
    pub fn server(&self) -> &Embedded {
        &self.server
    }

    /// Ends the server, as a crash would.
    pub fn stop(&self) {
        let pid = nix::unistd::Pid::from_raw(self.server.pid().try_into().unwrap());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGQUIT).unwrap();
        while self.server.cluster_dir().join("postmaster.pid").exists() {
            std::thread::yield_now();
        }
    }

    /// Starts the server again, as it was started at first.
    pub fn start_again(&self) {
        let folder = self.server.cluster_dir();
        let made = std::fs::metadata(folder).unwrap();
        let line = std::fs::read_to_string(folder.join("postmaster.opts")).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{} &", line.trim())]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
        if nix::unistd::geteuid().is_root() {
            command.uid(made.uid()).gid(made.gid());
        }
        assert!(command.status().unwrap().success());
        while Db::connect(&self.url("postgres")).is_err() {
            std::thread::yield_now();
        }
    }

    /// Where a database is.
    pub fn url(&self, database: &str) -> String {
        self.server.url(database)
    }
}

fn connect(server: &Embedded, database: &str) -> PgConnection {
    Db::connect(&server.url(database)).unwrap()
}

/// Writes an account with a session, as a sign-in would have left them: hashing passwords is too slow for every test.
pub fn insert_person(conn: &mut PgConnection, role: Role, name: &str) -> (Uuid, Uuid) {
    let (user, session, now) = (Uuid::now_v7(), Uuid::now_v7(), masthead::app::now());
    let email = format!("{}@newsroom.example", name.to_lowercase().replace(' ', "."));
    diesel::insert_into(users::table)
        .values((
            users::id.eq(user),
            users::email.eq(&email),
            users::email_key.eq(&email),
            users::name.eq(name),
            users::role.eq(role),
            users::created_at.eq(now),
            users::updated_at.eq(now),
        ))
        .execute(conn)
        .unwrap();
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(session),
            sessions::user_id.eq(user),
            sessions::created_at.eq(now),
            sessions::last_used_at.eq(now),
            sessions::expires_at.eq(now.plus(chrono::Duration::days(1))),
        ))
        .execute(conn)
        .unwrap();
    (user, session)
}

/// Migrations are compiled in, and the compiler does not always notice a new folder.
fn assert_are_those_on_disk(ran: &[String]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let version = |name: &str| name.split('_').next().unwrap_or_default().replace('-', "");
    let on_disk: BTreeSet<_> = std::fs::read_dir(folder).unwrap().map(|entry| version(&entry.unwrap().file_name().to_string_lossy())).collect();
    let compiled: BTreeSet<_> = ran.iter().map(|name| version(name)).collect();
    assert_eq!(compiled, on_disk, "the migrations compiled in are not those in migrations/: touch src/db/migrate.rs and build again");
}
