//! Owns databases for tests: where they lie, and that nothing of them stays behind however the process that uses them
//! ends. Never touches a database that somebody keeps.

use std::fs::{self, DirBuilder, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;
use nix::unistd::geteuid;

use super::account::Account;
use super::error::{EmbeddedError, While};
use super::place;
use super::settings::{SHARED_MEMORY, free_bytes};
use super::{Options, postmaster};

const PREFIX: &str = "masthead-test-";

/// What a test run needs at most; Docker gives containers 64 MiB unless told otherwise.
const ROOM: u64 = 512 << 20;

/// Ends the server and removes its folder when our end of its standard input is closed, which the system does for us
/// in whatever way we end. A line on its input tells it that there is nothing left to do.
///
/// The number in postmaster.pid may have passed on to another process: where the system tells, its folder must agree.
const WATCH: &str = r#"
trap '' HUP INT TERM
if read -r _; then exit 0; fi
pid=
if [ -e "$2/postmaster.pid" ]; then read -r pid <"$2/postmaster.pid"; fi
case $(readlink "/proc/${pid:-none}/cwd" 2>/dev/null) in ''|"$2") ;; *) pid= ;; esac
if [ -n "$pid" ] && kill -INT "$pid" 2>/dev/null; then
    tries=0
    while [ -e "$2/postmaster.pid" ] && kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do
        tries=$((tries + 1))
        sleep 0.1 2>/dev/null || sleep 1
    done
    [ ! -e "$2/postmaster.pid" ] || kill -QUIT "$pid" 2>/dev/null
fi
rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
"#;

/// The folder of a database for tests, gone when this is dropped.
#[derive(Debug)]
pub(super) struct ThrowAway {
    pub(super) folder: PathBuf,
    watcher: Child,
}

impl ThrowAway {
    /// Makes a folder, in memory if there is room, and sets a watcher on it.
    pub(super) fn make(options: &Options) -> Result<Self, EmbeddedError> {
        let memory = Path::new(SHARED_MEMORY);
        let in_memory = free_bytes(memory).is_some_and(|free| free >= ROOM).then_some(memory);
        let temp = options.temp_dir.as_deref();
        let account = Account::choose(Path::new(PREFIX))?;
        let mut failure = EmbeddedError::NoRoom;
        for base in in_memory.into_iter().chain(temp).chain([Path::new("/tmp"), Path::new("/var/tmp")]).filter(|base| account.as_ref().is_none_or(|account| account.reaches(base)))
        {
            match make_folder(base) {
                Ok(folder) => {
                    sweep(base);
                    return match watch(&folder) {
                        Ok(watcher) => Ok(Self { folder, watcher }),
                        Err(error) => {
                            let _first_error_counts = fs::remove_dir_all(&folder);
                            Err(error)
                        }
                    };
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }
}

impl Drop for ThrowAway {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            // Closing its input without the line makes the watcher try.
            tracing::warn!(folder = %self.folder.display(), %error, "a test database was left behind");
        } else if let Some(input) = &mut self.watcher.stdin
            && writeln!(input, "done").is_err()
        {
            tracing::debug!("the watcher of a test database had ended before it was told to");
        }
        drop(self.watcher.stdin.take());
        if let Err(error) = self.watcher.wait() {
            tracing::debug!(%error, "the watcher of a test database could not be waited for");
        }
    }
}

/// Root's folder lets the database's account pass through to its own one inside.
fn make_folder(base: &Path) -> Result<PathBuf, EmbeddedError> {
    let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
    let base = fs::canonicalize(base).while_doing("find", base)?;
    for attempt in 0.. {
        let folder = base.join(format!("{PREFIX}{}-{attempt}", std::process::id()));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => {
                fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).while_doing("set the permissions of", &folder)?;
                return Ok(folder);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).while_doing("create", &folder),
        }
    }
    Ok(base)
}

fn watch(folder: &Path) -> Result<Child, EmbeddedError> {
    let shell = Path::new("/bin/sh");
    Command::new(shell)
        .args(["-c", WATCH, "masthead-test-watcher"])
        .arg(folder)
        .arg(folder.join("postgres"))
        .stdin(Stdio::piped())
        // Not ours: whoever reads our output would wait for the watcher too.
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .current_dir("/")
        .process_group(0)
        .spawn()
        .while_doing("run", shell)
}

/// Clears away what runs before us left whose watcher was killed too. Best effort: it is nobody's data.
fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && entry.metadata().is_ok_and(|folder| {
                folder.is_dir()
                    && folder.uid() == geteuid().as_raw()
                    // A run that has just begun has made its folder, but not yet its lease.
                    && folder.modified().is_ok_and(|made| {
                        made.elapsed().is_ok_and(|age| age > Duration::from_mins(10))
                    })
            });
        if ours && is_abandoned(&entry.path()) {
            let cluster = entry.path().join("postgres");
            if let Ok(Some(running)) = postmaster::find(&cluster) {
                let _best_effort = postmaster::send(Signal::SIGQUIT, running.pid, &cluster);
            }
            let _best_effort = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_abandoned(folder: &Path) -> bool {
    match File::open(place::lease_file(folder)) {
        Ok(lease) => lease.try_lock().is_ok(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}
