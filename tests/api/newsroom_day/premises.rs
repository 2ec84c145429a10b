//! Where the day is played: a database server, a service and a worker of its own, each of which can fail and come back.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl};
use masthead::config::Config;
use masthead::db::Db;
use masthead::db::embedded::{Embedded, Options};

use crate::support::program::{Replica, Worker, program};

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    setting: String,
}

/// The house. Gone when it is dropped.
pub struct Premises {
    service: Replica,
    worker: Worker,
    /// The service's address: the same after every start.
    pub base: String,
    folder: PathBuf,
    pg_ctl: PathBuf,
    server: Embedded,
}

impl Premises {
    /// Opens an empty newsroom.
    pub fn open() -> Self {
        let config = Config::from_flags(&[]).unwrap();
        let options = Options { pg_bin_dir: config.pg_bin_dir, path: std::env::var_os("PATH"), temp_dir: Some(std::env::temp_dir()), ..Options::default() };
        let server = Embedded::throw_away(&options).unwrap_or_else(|error| panic!("the tests need PostgreSQL: {error}"));
        let conn = &mut Db::connect(&server.url("postgres")).unwrap();
        // Other tests may lose what was committed last when the server crashes; here that is what is tried.
        for statement in ["CREATE DATABASE newsroom", "ALTER DATABASE newsroom SET synchronous_commit = on"] {
            conn.batch_execute(statement).unwrap();
        }
        let programs: Setting = diesel::sql_query("SELECT setting FROM pg_config WHERE name = 'BINDIR'").get_result(conn).unwrap();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("newsroom-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let url = server.url("newsroom");
        let service = Replica::run(program(&url, &folder, "serve").env("MASTHEAD_JOBS", "off"));
        let worker = Worker::run(&mut program(&url, &folder, "worker"));
        let base = service.base.clone();
        Self { service, worker, base, folder, pg_ctl: PathBuf::from(programs.setting).join("pg_ctl"), server }
    }

    fn start_service(&mut self) {
        let address = self.base.trim_start_matches("http://");
        self.service = Replica::run(program(&self.server.url("newsroom"), &self.folder, "serve").env("MASTHEAD_JOBS", "off").env("MASTHEAD_LISTEN", address));
    }

    /// The service dies in the middle of whatever it does, and is started again.
    pub fn kill_service(&mut self) {
        self.service.kill();
        self.start_service();
    }

    /// The service is stopped and started in an orderly way.
    pub fn stop_service(&mut self) {
        assert_eq!(self.service.stop(), Some(0));
        self.start_service();
    }

    /// The worker dies, and is started again.
    pub fn kill_worker(&mut self) {
        self.worker.kill();
        self.worker = Worker::run(&mut program(&self.server.url("newsroom"), &self.folder, "worker"));
    }

    /// The database server is restarted: `fast` breaks its sessions off, `immediate` is as if it had crashed.
    pub fn restart_database(&self, mode: &str) {
        let cluster = self.server.cluster_dir();
        let owner = std::fs::metadata(cluster).unwrap();
        let mut restart = Command::new(&self.pg_ctl);
        restart.args(["restart", "-w", "-s", "-m", mode, "-D"]).arg(cluster).arg("-l").arg("/dev/null").current_dir("/");
        restart.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if nix::unistd::geteuid().is_root() {
            restart.uid(owner.uid()).gid(owner.gid());
        }
        assert!(restart.status().unwrap().success(), "pg_ctl restart -m {mode}");
    }

    /// Both at once: the service dies while its database does.
    pub fn lose_everything(&mut self) {
        self.service.kill();
        self.restart_database("immediate");
        self.start_service();
    }

    /// A connection to the newsroom's database, for what no client sees.
    pub fn connect(&self) -> PgConnection {
        Db::connect(&self.server.url("newsroom")).unwrap()
    }
}

impl Drop for Premises {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}
