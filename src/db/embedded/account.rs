//! Owns the question as whom the server runs: PostgreSQL refuses root, so root lends it an account. Starts nothing.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::unistd::{Uid, User, geteuid};

use super::error::{EmbeddedError, While};

/// Accounts that may run a database for root, the best first; every system has one of them.
const CANDIDATES: [&str; 4] = ["postgres", "_postgres", "nobody", "daemon"];

/// The unprivileged account that root runs the server as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Account {
    /// The account for a database in `cluster`; `None` when this process is not root and simply runs it itself.
    ///
    /// An existing database keeps its owner, because PostgreSQL serves no other.
    pub(super) fn choose(cluster: &Path) -> Result<Option<Self>, EmbeddedError> {
        let existing = fs::metadata(cluster).ok();
        if !geteuid().is_root() {
            return match existing {
                Some(folder) if folder.uid() != geteuid().as_raw() => Err(EmbeddedError::WrongOwner { cluster: cluster.to_owned(), owner: folder.uid() }),
                _ => Ok(None),
            };
        }
        if let Some(folder) = existing.filter(|folder| folder.uid() != 0) {
            return Ok(Some(Self::owner(folder.uid(), folder.gid())));
        }
        CANDIDATES
            .iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .filter(|user| !user.uid.is_root())
            .map(|user| Some(Self::from(user)))
            .ok_or(EmbeddedError::NoAccount)
    }

    /// An owner need not be listed in the account database (a mounted volume): its numbers are enough.
    fn owner(uid: u32, gid: u32) -> Self {
        User::from_uid(Uid::from_raw(uid)).ok().flatten().map_or_else(|| Self { name: format!("with user id {uid}"), uid, gid }, Self::from)
    }

    /// Whether the account may enter `folder`: the execute bit on it and on everything above it.
    pub(super) fn reaches(&self, folder: &Path) -> bool {
        folder.ancestors().all(|step| step.as_os_str().is_empty() || fs::metadata(step).is_ok_and(|found| may_enter(found.mode(), found.uid(), found.gid(), self.uid, self.gid)))
    }
}

impl From<User> for Account {
    fn from(user: User) -> Self {
        Self { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw() }
    }
}

/// The first class that applies decides, as in the kernel: an owner without the bit is refused even if others have it.
fn may_enter(mode: u32, owner: u32, group: u32, uid: u32, gid: u32) -> bool {
    let bit = if owner == uid {
        0o100
    } else if group == gid {
        0o010
    } else {
        0o001
    };
    mode & bit != 0
}

/// Makes `command` run as the account; without one it runs as this process does.
pub(super) fn run_as<'a>(command: &'a mut Command, account: Option<&Account>) -> &'a mut Command {
    match account {
        Some(account) => command.uid(account.uid).gid(account.gid),
        None => command,
    }
}

/// Gives `path` to the account; without one it stays ours.
pub(super) fn give(path: &Path, account: Option<&Account>) -> Result<(), EmbeddedError> {
    account.map_or(Ok(()), |account| std::os::unix::fs::lchown(path, Some(account.uid), Some(account.gid)).while_doing("hand over", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_matching_class_decides() {
        assert!(may_enter(0o700, 5, 5, 5, 9));
        assert!(!may_enter(0o700, 5, 5, 6, 9));
        assert!(may_enter(0o750, 5, 9, 6, 9));
        assert!(!may_enter(0o701, 5, 9, 6, 9), "the group's missing bit is not made up for by others");
        assert!(may_enter(0o711, 0, 0, 6, 9));
    }

    #[test]
    fn a_folder_below_a_private_one_is_out_of_reach() {
        let nobody = Account { name: "nobody".into(), uid: 65_534, gid: 65_534 };
        let private = std::env::temp_dir().join(format!("masthead-account-{}", std::process::id()));
        let below = private.join("below");
        fs::create_dir_all(&below).unwrap();
        fs::set_permissions(&private, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let reached = nobody.reaches(&below);
        fs::remove_dir_all(&private).unwrap();
        assert!(!reached);
        assert!(nobody.reaches(Path::new("/")));
    }
}
