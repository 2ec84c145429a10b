//! The built program in processes of their own, which can be killed without warning and started again.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::service::{SIGNING_KEY, TestApp};

/// How long anything may take before it counts as never.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// The administrator that the program makes at its first start on an empty database.
pub const CHIEF: (&str, &str) = ("chief@newsroom.example", "a long enough password for a test");

/// The built program on this database, with this folder, on a port that it chooses.
pub fn program(database_url: &str, folder: &Path, command: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_masthead"));
    program
        .arg(command)
        .env_clear()
        .env("DATABASE_URL", database_url)
        .env("MASTHEAD_SIGNING_KEY", SIGNING_KEY)
        .env("MASTHEAD_ADMIN_EMAIL", CHIEF.0)
        .env("MASTHEAD_ADMIN_PASSWORD", CHIEF.1)
        .env("MASTHEAD_DATA_DIR", folder)
        .env("MASTHEAD_LISTEN", "127.0.0.1:0")
        .env("MASTHEAD_DEMO", "off")
        .stderr(Stdio::null());
    program
}

/// Asks until the answer is as wanted.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "never came: {what}");
        std::thread::yield_now();
    }
}

fn stop(child: &mut Child) -> Option<i32> {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    child.wait().unwrap().code()
}

/// A replica of the service. Killed when dropped.
pub struct Replica {
    child: Child,
    /// Its address, without a slash at the end.
    pub base: String,
}

impl Replica {
    /// Starts one on the test's database; it is ready when this returns.
    pub fn start(app: &TestApp) -> Self {
        Self::run(&mut program(&app.database_url(), app.folder(), "serve"))
    }

    /// Runs this command; it is ready when this returns.
    pub fn run(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let base = address(child.stdout.take().unwrap());
        Self { child, base }
    }

    /// As a power cut would: it finishes nothing.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks for an orderly stop, and says how it ended.
    pub fn stop(&mut self) -> Option<i32> {
        stop(&mut self.child)
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The address that the service prints once it is ready.
fn address(out: ChildStdout) -> String {
    let (told, wait) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if let Some(base) = line.trim().strip_prefix("API").and_then(|url| url.trim().strip_suffix("/v1/articles")) {
                // The test may have given up by then.
                drop(told.send(base.to_owned()));
            }
        }
    });
    wait.recv_timeout(PATIENCE).expect("the service did not become ready")
}

/// Jobs without HTTP. Killed when dropped, if they have not ended.
pub struct Worker(Child);

impl Worker {
    /// Starts one on the test's database; it works when this returns.
    pub fn start(app: &TestApp) -> Self {
        Self::run(&mut program(&app.database_url(), app.folder(), "worker"))
    }

    /// Runs this command; it works when this returns.
    pub fn run(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.ends_with("working")), "the worker did not begin");
        // Read to its end, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self(child)
    }

    /// As a power cut would: it finishes nothing.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Asks for an orderly stop, and says how it ended.
    pub fn stop(&mut self) -> Option<i32> {
        stop(&mut self.0)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.0.try_wait().unwrap().is_none() {
            self.kill();
        }
    }
}
