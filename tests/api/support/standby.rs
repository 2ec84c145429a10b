//! A streaming standby of a test's database server: a copy that follows, and can be held back, stopped and started.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use diesel::connection::SimpleConnection;
use masthead::db::Db;

use super::cluster::Cluster;

/// The copy. Stopped when dropped; its folder goes with the server's.
pub struct Standby {
    programs: PathBuf,
    folder: PathBuf,
    /// As whom the server runs.
    owner: (u32, u32),
}

impl Standby {
    /// Copies the server as it is, and follows it from there; none where PostgreSQL came without what makes copies.
    pub fn of(cluster: &Cluster) -> Option<Self> {
        let server = cluster.server();
        let made = std::fs::metadata(server.cluster_dir()).unwrap();
        let programs = std::fs::read_link(format!("/proc/{}/exe", server.pid())).unwrap().parent().unwrap().to_owned();
        let folder = server.cluster_dir().parent().unwrap().join("standby");
        if !programs.join("pg_basebackup").exists() {
            return None;
        }
        let standby = Self { programs, folder, owner: (made.uid(), made.gid()) };
        std::fs::create_dir(&standby.folder).unwrap();
        std::os::unix::fs::chown(&standby.folder, Some(made.uid()), Some(made.gid())).unwrap();
        let port = server.port().to_string();
        let from = ["-h", server.socket_dir().to_str().unwrap(), "-p", &port, "-U", "postgres"];
        standby.run("pg_basebackup", &[&["-D", standby.data().to_str().unwrap(), "-R", "-X", "stream", "-c", "fast"][..], &from].concat());
        standby.start();
        Some(standby)
    }

    /// Starts it, and waits until it answers.
    pub fn start(&self) {
        let folder = self.folder.to_str().unwrap();
        let settings = format!("-c port=5432 -c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=300 -c dynamic_shared_memory_type=mmap");
        self.run("pg_ctl", &["start", "-w", "-D", self.data().to_str().unwrap(), "-l", "/dev/null", "-o", &settings]);
    }

    /// Ends it, as a crash would.
    pub fn stop(&self) {
        self.run("pg_ctl", &["stop", "-m", "immediate", "-D", self.data().to_str().unwrap()]);
    }

    /// It takes in what it is sent, but shows nothing of it.
    pub fn hold(&self) {
        self.tell("SELECT pg_wal_replay_pause()");
    }

    /// It shows all that it has been sent.
    pub fn go_on(&self) {
        self.tell("SELECT pg_wal_replay_resume()");
    }

    /// Where a database is on it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&port=5432&user=postgres", self.folder.display())
    }

    fn tell(&self, what: &str) {
        Db::connect(&self.url("postgres")).unwrap().batch_execute(what).unwrap();
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir(Path::new("/"));
        if nix::unistd::geteuid().is_root() {
            command.uid(self.owner.0).gid(self.owner.1);
        }
        assert!(command.status().unwrap().success(), "{program} {arguments:?}");
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists() {
            self.stop();
        }
    }
}
