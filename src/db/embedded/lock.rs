//! Owns the files by which processes agree on one data directory: who serves from it, who is starting or stopping the
//! database, who is using it. The kernel lets go of them when a process ends in whatever way, so none is ever stale.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::unistd::geteuid;

use super::error::{EmbeddedError, While};

/// Held by the one server process of a data directory, until it is dropped.
#[derive(Debug)]
pub struct InstanceLock {
    _held: File,
}

impl InstanceLock {
    /// Makes this process the only one that serves from `data_dir`, which is created if need be.
    ///
    /// # Errors
    /// [`EmbeddedError::InstanceRunning`] when another process serves from it, [`EmbeddedError::Io`] when the folder
    /// cannot be used.
    pub fn acquire(data_dir: &Path) -> Result<Self, EmbeddedError> {
        let data_dir = make_data_dir(data_dir)?;
        let path = data_dir.join("instance.lock");
        let mut file = open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.take(32).read_to_string(&mut holder).ok();
                return Err(EmbeddedError::InstanceRunning { pid: holder.trim().parse().ok(), data_dir });
            }
            Err(TryLockError::Error(error)) => return Err(error).while_doing("lock", &path),
        }
        // The number only serves the message above: a file that cannot be written still locks.
        let _told = tell_pid(&mut file);
        Ok(Self { _held: file })
    }
}

fn tell_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

/// One process at a time starts or stops the database of a data directory; waits for its turn.
#[derive(Debug)]
pub(super) struct Turn {
    _held: File,
}

impl Turn {
    pub(super) fn wait(path: &Path) -> Result<Self, EmbeddedError> {
        let file = open(path)?;
        retrying(|| file.lock()).while_doing("lock", path)?;
        Ok(Self { _held: file })
    }
}

/// Says that this process uses the database. Taken and given back only by whoever has the [`Turn`].
#[derive(Debug)]
pub(super) struct Lease {
    file: File,
    path: PathBuf,
}

impl Lease {
    pub(super) fn take(path: &Path) -> Result<Self, EmbeddedError> {
        let file = open(path)?;
        retrying(|| file.lock_shared()).while_doing("lock", path)?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Gives the lease back and tells whether nobody else has one.
    pub(super) fn give_back(&self) -> Result<bool, EmbeddedError> {
        self.file.unlock().while_doing("unlock", &self.path)?;
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error).while_doing("lock", &self.path),
        }
    }

    /// Tells whether nobody else has a lease, and keeps this one.
    pub(super) fn is_the_only_one(&self) -> Result<bool, EmbeddedError> {
        let alone = self.give_back()?;
        self.file.unlock().while_doing("unlock", &self.path)?;
        retrying(|| self.file.lock_shared()).while_doing("lock", &self.path)?;
        Ok(alone)
    }
}

fn retrying(mut lock: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    loop {
        match lock() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

/// Creates the data directory if need be and gives its real path.
///
/// Ours alone, except that root must let the database's account pass through it.
pub(super) fn make_data_dir(data_dir: &Path) -> Result<PathBuf, EmbeddedError> {
    if !data_dir.exists() {
        fs::DirBuilder::new().recursive(true).mode(0o755).create(data_dir).while_doing("create", data_dir)?;
        let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
        fs::set_permissions(data_dir, fs::Permissions::from_mode(mode)).while_doing("set the permissions of", data_dir)?;
    }
    let real = fs::canonicalize(data_dir).while_doing("find", data_dir)?;
    if real.as_os_str().as_encoded_bytes().contains(&b'\n') {
        return Err(EmbeddedError::FolderName { folder: real });
    }
    Ok(real)
}

/// Opens a file of ours in the data directory, creating it if need be; never through a link that somebody left there.
///
/// What root creates belongs to the folder's owner, so that they can go on without root. A file of another owner can
/// still be locked, though not written.
fn open(path: &Path) -> Result<File, EmbeddedError> {
    let existed = path.symlink_metadata().is_ok();
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o644)
        .custom_flags(OFlag::O_NOFOLLOW.bits())
        .open(path)
        .or_else(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => File::open(path).or(Err(error)),
            _ => Err(error),
        })
        .while_doing("open", path)?;
    if !existed {
        share_with_owner(path)?;
    }
    Ok(file)
}

/// Opens the server's log to write at its end, setting a large one aside first.
pub(super) fn open_log(path: &Path) -> Result<File, EmbeddedError> {
    const LARGE: u64 = 16 << 20;
    if fs::metadata(path).is_ok_and(|log| log.len() > LARGE) {
        let older = path.with_extension("log.1");
        fs::rename(path, &older).while_doing("set aside", path)?;
    }
    let existed = path.symlink_metadata().is_ok();
    let file = OpenOptions::new().append(true).create(true).mode(0o600).custom_flags(OFlag::O_NOFOLLOW.bits()).open(path).while_doing("open", path)?;
    if !existed {
        share_with_owner(path)?;
    }
    Ok(file)
}

fn share_with_owner(path: &Path) -> Result<(), EmbeddedError> {
    let owner = path.parent().and_then(|folder| fs::metadata(folder).ok());
    match owner {
        Some(owner) if geteuid().is_root() && owner.uid() != 0 => std::os::unix::fs::lchown(path, Some(owner.uid()), Some(owner.gid())).while_doing("hand over", path),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("masthead-lock-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_second_instance_is_refused_until_the_first_is_gone() {
        let folder = scratch("instance").join("made for it");
        let first = InstanceLock::acquire(&folder).unwrap();
        let refused = InstanceLock::acquire(&folder).unwrap_err().to_string();
        let expected = format!("another masthead (pid {}) already serves from", std::process::id());
        assert!(refused.starts_with(&expected), "{refused}");
        drop(first);
        InstanceLock::acquire(&folder).unwrap();
        fs::remove_dir_all(scratch("instance")).unwrap();
    }

    #[test]
    fn only_the_last_lease_is_alone() {
        let folder = scratch("lease");
        let path = folder.join("postgres.lease");
        let first = Lease::take(&path).unwrap();
        assert!(first.is_the_only_one().unwrap());
        let second = Lease::take(&path).unwrap();
        assert!(!first.is_the_only_one().unwrap());
        assert!(!first.give_back().unwrap());
        assert!(second.give_back().unwrap());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_planted_link_is_not_followed() {
        let folder = scratch("link");
        let target = folder.join("precious");
        fs::write(&target, "kept").unwrap();
        std::os::unix::fs::symlink(&target, folder.join("instance.lock")).unwrap();
        assert!(InstanceLock::acquire(&folder).is_err());
        assert_eq!(fs::read_to_string(&target).unwrap(), "kept");
        fs::remove_dir_all(folder).unwrap();
    }
}
