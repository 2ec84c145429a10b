//! Owns what can be learnt about a running server from outside: its postmaster.pid, whether that process lives and is
//! the one of our folder, and what it left behind when it does not. Knows no SQL.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::error::{EmbeddedError, While};

/// The port in the socket's name when nobody asked for another; nothing listens on TCP then.
pub(super) const DEFAULT_PORT: u16 = 5432;

/// What a server says of itself in the first eight lines of postmaster.pid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PidFile {
    pub(super) pid: u32,
    pub(super) port: u16,
    pub(super) socket_dir: PathBuf,
    pub(super) listens_on_tcp: bool,
    pub(super) ready: bool,
}

impl PidFile {
    pub(super) fn read(cluster: &Path) -> Option<Self> {
        Self::parse(&fs::read(cluster.join("postmaster.pid")).ok()?)
    }

    /// Later lines may be missing: the server adds them as it comes up.
    fn parse(text: &[u8]) -> Option<Self> {
        let mut lines = text.split(|byte| *byte == b'\n');
        // A single-user session writes its number negated.
        let pid = number::<i64>(lines.next()?)?.unsigned_abs();
        let mut rest = lines.skip(2);
        let port = rest.next().and_then(number).unwrap_or(DEFAULT_PORT);
        let socket_dir = rest.next().unwrap_or_default().to_vec();
        let listen = rest.next().unwrap_or_default();
        let status = rest.nth(1).unwrap_or_default();
        Some(Self {
            pid: u32::try_from(pid).ok()?,
            port,
            ready: status.trim_ascii() == b"ready" && !socket_dir.is_empty(),
            socket_dir: PathBuf::from(OsString::from_vec(socket_dir)),
            listens_on_tcp: !listen.trim_ascii().is_empty(),
        })
    }

    /// The path a client connects to.
    pub(super) fn socket(&self) -> PathBuf {
        self.socket_dir.join(format!(".s.PGSQL.{}", self.port))
    }
}

fn number<N: std::str::FromStr>(line: &[u8]) -> Option<N> {
    std::str::from_utf8(line).ok()?.trim().parse().ok()
}

/// What the system tells about a process id found in a file.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// It is the server of this folder.
    Ours,
    /// It is gone, a zombie, or somebody else who got the number later.
    NotOurs,
    /// It lives, but the system does not let us see what it is.
    Hidden,
}

/// The server that serves `cluster`, starting, ready or stopping; `None` when there is none.
pub(super) fn find(cluster: &Path) -> Result<Option<PidFile>, EmbeddedError> {
    let Some(file) = PidFile::read(cluster) else {
        return Ok(None);
    };
    let answers = || UnixStream::connect(file.socket()).is_ok();
    match judge(file.pid, cluster) {
        Verdict::Ours => Ok(Some(file)),
        Verdict::Hidden if !file.ready || answers() => Ok(Some(file)),
        Verdict::NotOurs if file.ready && answers() => Err(EmbeddedError::ServedElsewhere { cluster: cluster.to_owned() }),
        Verdict::NotOurs | Verdict::Hidden => Ok(None),
    }
}

fn judge(pid: u32, cluster: &Path) -> Verdict {
    if Path::new("/proc/self/stat").exists() { judge_by_proc(pid, cluster) } else { judge_by_ps(pid) }
}

fn judge_by_proc(pid: u32, cluster: &Path) -> Verdict {
    let process = PathBuf::from(format!("/proc/{pid}"));
    let Ok(stat) = fs::read(process.join("stat")) else {
        return if exists(pid) { Verdict::Hidden } else { Verdict::NotOurs };
    };
    if is_dead(&stat) {
        return Verdict::NotOurs;
    }
    let ours = match fs::metadata(process.join("cwd")) {
        Ok(works_in) => fs::metadata(cluster).is_ok_and(|cluster| (cluster.dev(), cluster.ino()) == (works_in.dev(), works_in.ino())),
        // A container's root may not look into another account's process, but its command line is open to all.
        Err(_) => match fs::read(process.join("cmdline")) {
            Ok(line) => serves(&line, cluster),
            Err(_) => return Verdict::Hidden,
        },
    };
    if ours { Verdict::Ours } else { Verdict::NotOurs }
}

/// The state follows the command's name, which stands in brackets and may contain brackets itself.
fn is_dead(stat: &[u8]) -> bool {
    stat.rsplit(|byte| *byte == b')').next().and_then(|rest| rest.trim_ascii_start().first()).is_none_or(|state| matches!(state, b'Z' | b'X' | b'x'))
}

fn serves(command_line: &[u8], cluster: &Path) -> bool {
    let mut words = command_line.split(|byte| *byte == 0);
    words.next().is_some_and(|program| program.ends_with(b"postgres")) && words.any(|word| word == cluster.as_os_str().as_encoded_bytes())
}

/// Systems without /proc: the name narrows it down, and the socket has the last word.
fn judge_by_ps(pid: u32) -> Verdict {
    let said =
        Command::new("ps").args(["-o", "stat=,comm=", "-p", &pid.to_string()]).output().map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    if said.starts_with('Z') || !said.ends_with("postgres") { Verdict::NotOurs } else { Verdict::Hidden }
}

/// Whether the kernel still counts the process, as PostgreSQL itself asks it: zombies and strangers included.
fn exists(pid: u32) -> bool {
    as_pid(pid).is_some_and(|pid| kill(pid, None) != Err(Errno::ESRCH))
}

/// Numbers below one would mean whole groups of processes.
fn as_pid(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().filter(|pid| *pid > 0).map(Pid::from_raw)
}

/// Sends `signal` to a server that [`find`] reported; one that has just ended is no error.
pub(super) fn send(signal: Signal, pid: u32, cluster: &Path) -> Result<(), EmbeddedError> {
    match as_pid(pid).map(|pid| kill(pid, signal)) {
        None | Some(Ok(()) | Err(Errno::ESRCH)) => Ok(()),
        Some(Err(errno)) => Err(errno).while_doing("signal the server of", cluster),
    }
}

/// Removes lock files that would make PostgreSQL refuse although [`find`] found no server.
///
/// That happens when the number in them is alive again as a zombie or another process. Where it is not, PostgreSQL
/// clears up better itself: the file tells it which shared memory to look at.
pub(super) fn clear_stale(cluster: &Path, socket_dir: &Path) -> Result<(), EmbeddedError> {
    let mut stale = vec![cluster.join("postmaster.pid")];
    for folder in [cluster, socket_dir] {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        stale.extend(entries.map(|entry| entry.path()).filter(|path| {
            path.file_name().is_some_and(|name| {
                let name = name.as_encoded_bytes();
                name.starts_with(b".s.PGSQL.") && name.ends_with(b".lock")
            })
        }));
    }
    for path in stale {
        if fs::read(&path).is_ok_and(|text| PidFile::parse(&text).is_none_or(|file| exists(file.pid))) {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(error).while_doing("remove", &path);
                }
                _ => tracing::info!(path = %path.display(), "removed a stale lock file"),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &[u8] = b"4711\n/srv/news/postgres\n1764000000\n5432\n/srv/news/postgres\n\n  1234 0\nready   \n";

    #[test]
    fn a_ready_server_is_read_whole() {
        let file = PidFile::parse(READY).unwrap();
        assert_eq!((file.pid, file.port), (4711, 5432));
        assert!(file.ready && !file.listens_on_tcp);
        assert_eq!(file.socket(), Path::new("/srv/news/postgres/.s.PGSQL.5432"));
    }

    #[test]
    fn half_written_files_are_not_ready() {
        for end in 5..READY.len() - 9 {
            let file = PidFile::parse(&READY[..end]).unwrap();
            assert!(!file.ready, "{end}");
        }
        assert_eq!(PidFile::parse(b""), None);
        assert_eq!(PidFile::parse(b"\n\n\n"), None);
        assert_eq!(PidFile::parse(b"99999999999\n"), None);
        assert_eq!(PidFile::parse(b"-17\n/srv\n").unwrap().pid, 17);
    }

    #[test]
    fn starting_stopping_and_listening_are_told_apart() {
        let starting = b"1\n/d\n1\n5433\n/tmp/s\nlocalhost\n  1 0\nstarting\n";
        let file = PidFile::parse(starting).unwrap();
        assert!(!file.ready && file.listens_on_tcp);
        assert_eq!(file.socket(), Path::new("/tmp/s/.s.PGSQL.5433"));
    }

    #[test]
    fn zombies_count_as_dead() {
        assert!(is_dead(b"12 (postgres) Z 1 12"));
        assert!(is_dead(b"12 (a) S (b) X 1 12"));
        assert!(!is_dead(b"12 (odd ) Z) S 1 12"));
        assert!(is_dead(b""));
    }

    #[test]
    fn the_command_line_names_the_folder() {
        let line = b"/usr/lib/postgresql/15/bin/postgres\0-D\0/srv/news/postgres\0-c\0jit=off\0";
        assert!(serves(line, Path::new("/srv/news/postgres")));
        assert!(!serves(line, Path::new("/srv/news")));
        assert!(!serves(b"/bin/less\0/srv/news/postgres\0", Path::new("/srv/news/postgres")));
    }

    #[test]
    fn this_very_process_is_not_our_server() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(judge(std::process::id(), Path::new("/proc")), Verdict::NotOurs);
        if Path::new("/proc/self").exists() {
            assert_eq!(judge(std::process::id(), &here), Verdict::Ours);
        }
        assert!(!exists(0) && !exists(u32::MAX));
    }
}
