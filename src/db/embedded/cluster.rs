//! Owns the life of the server process: making its database, starting it, waiting until it answers, stopping it. Whoever
//! calls has the turn; who else uses the database is not decided here.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::account::{self, run_as};
use super::error::{EmbeddedError, While};
use super::find::Programs;
use super::place::{self, Place};
use super::postmaster::{self, PidFile};
use super::settings::{self, Machine};
use super::{Options, Started, lock};

/// How long a server may take to come up; recovering after a power cut can take minutes.
const READY_WITHIN: Duration = Duration::from_mins(5);
/// How long the processes of a killed server may hold its memory before a new one gives up.
const MEMORY_FREE_WITHIN: Duration = Duration::from_secs(30);
/// How long a server may take to end its sessions when asked, and when told.
const STOPS_WITHIN: Duration = Duration::from_secs(20);
const QUITS_WITHIN: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(5);

/// Variables with which the caller's own database work would change our server.
const FOREIGN_VARIABLES: [&str; 8] = ["PGDATA", "PGPORT", "PGHOST", "PGUSER", "PGDATABASE", "PGOPTIONS", "PGTZ", "TZ"];

/// A server that answers.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) file: PidFile,
    pub(super) started: Started,
    /// Kept so that the process is taken note of when it ends; an adopted one is somebody else's child.
    child: Option<Child>,
}

impl Server {
    /// Finds the running server of `place`, or makes the database if there is none and starts one.
    pub(super) fn bring_up(place: &Place, options: &Options) -> Result<Self, EmbeddedError> {
        if let Some(running) = await_settled(place)? {
            return Ok(Self { file: running, started: Started::Adopted, child: None });
        }
        let made_by = place::made_by(&place.cluster);
        let programs = Programs::find(options, &place.cluster, made_by)?;
        if let Some(account) = &place.account
            && !account.reaches(&programs.folder)
        {
            return Err(EmbeddedError::ProgramsUnreachable { account: account.name.clone(), folder: programs.folder });
        }
        if made_by.is_none() {
            create(place, &programs, options)?;
        }
        let (child, file) = start(place, &programs, options)?;
        Ok(Self { file, started: if made_by.is_none() { Started::Created } else { Started::Started }, child: Some(child) })
    }

    /// Ends the server: sessions are broken off, everything committed is kept.
    pub(super) fn shut_down(&mut self, place: &Place) -> Result<(), EmbeddedError> {
        for (signal, patience) in [(Signal::SIGINT, STOPS_WITHIN), (Signal::SIGQUIT, QUITS_WITHIN)] {
            let Some(running) = postmaster::find(&place.cluster)? else {
                return Ok(());
            };
            postmaster::send(signal, running.pid, &place.cluster)?;
            let until = Instant::now() + patience;
            while Instant::now() < until {
                if self.is_gone(&place.cluster)? {
                    return Ok(());
                }
                thread::sleep(POLL);
            }
        }
        Err(EmbeddedError::Stop { pid: self.file.pid })
    }

    fn is_gone(&mut self, cluster: &Path) -> Result<bool, EmbeddedError> {
        // Asking also lets the system forget a child that has ended.
        let child_ended = self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(Some(_))));
        Ok(child_ended || postmaster::find(cluster)?.is_none())
    }
}

/// The running server once it is ready, `None` when there is none or it has gone while we looked.
fn await_settled(place: &Place) -> Result<Option<PidFile>, EmbeddedError> {
    let until = Instant::now() + READY_WITHIN;
    while let Some(file) = postmaster::find(&place.cluster)? {
        if file.ready {
            return Ok(Some(file));
        }
        if Instant::now() > until {
            return Err(not_ready(place));
        }
        thread::sleep(POLL);
    }
    Ok(None)
}

fn not_ready(place: &Place) -> EmbeddedError {
    EmbeddedError::NotReady { seconds: READY_WITHIN.as_secs(), log: place.log.clone() }
}

/// Makes a database aside and moves it into place, so that it is there whole or not at all.
fn create(place: &Place, programs: &Programs, options: &Options) -> Result<(), EmbeddedError> {
    // Not every system knows C.UTF-8. Plain C would not fold anything but ASCII.
    let mut output = String::new();
    for locale in ["C.UTF-8", "en_US.UTF-8"] {
        let unfinished = place.make_unfinished()?;
        let password = write_password(place)?;
        let mut initdb = Command::new(programs.program("initdb"));
        initdb.arg("-D").arg(&unfinished);
        initdb.args(["-U", "postgres", "-E", "UTF8", "--no-sync"]);
        // Only our account can reach the socket; a TCP port would be open to everybody on the machine.
        initdb.args(["--auth-local=trust", "--auth-host=scram-sha-256"]);
        initdb.arg("--pwfile").arg(&password);
        initdb.arg(format!("--locale={locale}"));
        if options.throw_away {
            initdb.arg("--wal-segsize=1");
        }
        let done = clean(&mut initdb, place).output().while_doing("run", &programs.program("initdb"))?;
        if done.status.success() {
            return fs::rename(&unfinished, &place.cluster).while_doing("move into place", &unfinished);
        }
        output = last_lines(&String::from_utf8_lossy(&done.stderr));
        fs::remove_dir_all(&unfinished).while_doing("remove the unfinished", &unfinished)?;
        if !output.contains("locale") {
            break;
        }
    }
    Err(EmbeddedError::Create { cluster: place.cluster.clone(), output })
}

/// A password nobody has to know, for tools that connect over TCP.
fn write_password(place: &Place) -> Result<PathBuf, EmbeddedError> {
    let path = place.password_file();
    let source = Path::new("/dev/urandom");
    let mut random = [0; 16];
    fs::File::open(source).and_then(|mut file| file.read_exact(&mut random)).while_doing("read", source)?;
    if path.symlink_metadata().is_ok() {
        fs::remove_file(&path).while_doing("replace", &path)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).while_doing("create", &path)?;
    std::io::Write::write_all(&mut file, format!("{:032x}\n", u128::from_ne_bytes(random)).as_bytes()).while_doing("write", &path)?;
    account::give(&path, place.account.as_ref())?;
    Ok(path)
}

/// The surroundings every program of the server gets, whoever calls us from wherever.
fn clean<'a>(command: &'a mut Command, place: &Place) -> &'a mut Command {
    for variable in FOREIGN_VARIABLES {
        command.env_remove(variable);
    }
    command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
    run_as(command, place.account.as_ref())
}

fn start(place: &Place, programs: &Programs, options: &Options) -> Result<(Child, PidFile), EmbeddedError> {
    // A copied or restored folder often comes with wider permissions than the server accepts.
    fs::set_permissions(&place.cluster, fs::Permissions::from_mode(0o700)).while_doing("set the permissions of", &place.cluster)?;
    let socket_dir = place.socket_dir(options.temp_dir())?;
    postmaster::clear_stale(&place.cluster, &socket_dir)?;
    let arguments = settings::arguments(options, &socket_dir, Machine::look(), programs.has_library("pg_stat_statements"));
    let give_up = Instant::now() + MEMORY_FREE_WITHIN;
    loop {
        let mut log = lock::open_log(&place.log)?;
        let begins = log.seek(SeekFrom::End(0)).while_doing("read", &place.log)?;
        let errors = log.try_clone().while_doing("open", &place.log)?;
        let mut server = Command::new(programs.program("postgres"));
        server.arg("-D").arg(&place.cluster).args(&arguments);
        let mut child = clean(&mut server, place)
            .stdout(log)
            .stderr(errors)
            // Ctrl-C in the terminal is for us; we stop the server when we are done with it.
            .process_group(0)
            .spawn()
            .while_doing("run", &programs.program("postgres"))?;
        if let Some(file) = await_ready(&mut child, place)? {
            return Ok((child, file));
        }
        let printed = printed_since(&place.log, begins);
        let still_held = printed.contains("pre-existing shared memory block");
        if !still_held || Instant::now() > give_up {
            return Err(EmbeddedError::Start { output: last_lines(&printed), log: place.log.clone() });
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// What our child wrote once it is ready, `None` when it ended instead.
fn await_ready(child: &mut Child, place: &Place) -> Result<Option<PidFile>, EmbeddedError> {
    let until = Instant::now() + READY_WITHIN;
    loop {
        if child.try_wait().while_doing("wait for the server of", &place.cluster)?.is_some() {
            return Ok(None);
        }
        if let Some(file) = PidFile::read(&place.cluster)
            && file.ready
            && file.pid == child.id()
        {
            return Ok(Some(file));
        }
        if Instant::now() > until {
            postmaster::send(Signal::SIGQUIT, child.id(), &place.cluster)?;
            return Err(not_ready(place));
        }
        thread::sleep(POLL);
    }
}

fn printed_since(log: &Path, begins: u64) -> String {
    const ENOUGH: u64 = 64 << 10;
    let mut printed = Vec::new();
    fs::File::open(log)
        .and_then(|mut file| {
            file.seek(SeekFrom::Start(begins))?;
            file.take(ENOUGH).read_to_end(&mut printed)
        })
        .ok();
    String::from_utf8_lossy(&printed).into_owned()
}

/// The lines worth showing in one sentence: what went wrong and what to do, else the last ones.
fn last_lines(printed: &str) -> String {
    let lines: Vec<&str> = printed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let telling: Vec<&str> = lines.iter().copied().filter(|line| ["FATAL:", "PANIC:", "HINT:", "error:"].iter().any(|mark| line.contains(mark))).collect();
    let chosen = if telling.is_empty() { lines } else { telling };
    let skipped = chosen.len().saturating_sub(3);
    let said = chosen.into_iter().skip(skipped).collect::<Vec<_>>().join("; ");
    if said.is_empty() { "it ended without a word".to_owned() } else { said }
}

impl Options {
    fn temp_dir(&self) -> &Path {
        self.temp_dir.as_deref().unwrap_or(Path::new("/tmp"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_telling_lines_are_shown() {
        let printed = "LOG: starting\n FATAL:  lock file exists\n HINT:  remove it\nLOG: bye\n";
        assert_eq!(last_lines(printed), "FATAL:  lock file exists; HINT:  remove it");
        assert_eq!(last_lines("a\nb\nc\nd\n"), "b; c; d");
        assert_eq!(last_lines("\n\n"), "it ended without a word");
    }
}
