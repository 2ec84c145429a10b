//! Owns the search for PostgreSQL's programs and the choice among versions. Starts no server and reads no environment.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Options;
use super::error::EmbeddedError;
use super::install_hint;

/// The oldest major version the product is written for.
const MINIMUM: u32 = 15;

/// Where systems put one folder per major version: parent, what stands before the number, what follows below it.
const VERSIONED: [(&str, &str, &str); 11] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr/lib64", "postgresql-", "bin"),
    ("/usr/lib", "postgresql", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ("/opt/local/lib", "postgresql", "bin"),
    ("/Library/PostgreSQL", "", "bin"),
];

/// A folder that holds `postgres` and `initdb` of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    pub(super) folder: PathBuf,
    pub(super) major: u32,
}

impl Programs {
    /// Looks where the operator said, or else in PATH, where `pg_config` points, and in the usual places.
    ///
    /// `made_by` is the major version of an existing database: no other can open it.
    pub(super) fn find(options: &Options, cluster: &Path, made_by: Option<u32>) -> Result<Self, EmbeddedError> {
        if let Some(folder) = &options.pg_bin_dir {
            let programs = Self::in_folder(folder).map_err(|why| EmbeddedError::BinDir { folder: folder.clone(), why })?;
            return choose(vec![programs], cluster, made_by);
        }
        let path = options.path.as_deref().unwrap_or_default();
        let mut found: Vec<Self> = Vec::new();
        for folder in in_path(path).chain(from_pg_config(path)).chain(usual_folders()) {
            if let Ok(programs) = Self::in_folder(&folder)
                && !found.contains(&programs)
            {
                found.push(programs);
            }
        }
        choose(found, cluster, made_by)
    }

    /// `initdb` is often a link into the folder where the server really lives.
    fn in_folder(folder: &Path) -> Result<Self, String> {
        let initdb = fs::canonicalize(folder.join("initdb")).map_err(|error| format!("initdb: {error}"))?;
        let real = initdb.parent().filter(|real| real.join("postgres").is_file()).ok_or("postgres is not beside initdb")?;
        let said = Command::new(real.join("postgres")).arg("--version").stdin(Stdio::null()).output().map_err(|error| format!("postgres: {error}"))?;
        let major = major_version(&String::from_utf8_lossy(&said.stdout)).ok_or("postgres does not tell its version")?;
        Ok(Self { folder: real.to_owned(), major })
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Whether the server can load `name` at its start; distributions disagree about where libraries live.
    pub(super) fn has_library(&self, name: &str) -> bool {
        let asked =
            Command::new(self.program("pg_config")).arg("--pkglibdir").stdin(Stdio::null()).output().ok().map(|said| PathBuf::from(String::from_utf8_lossy(&said.stdout).trim()));
        let above = self.folder.parent().unwrap_or(&self.folder);
        asked
            .into_iter()
            .chain(["lib", "lib/postgresql", "lib64", "lib64/pgsql"].map(|lib| above.join(lib)))
            .any(|lib| ["so", "dylib"].iter().any(|ending| lib.join(format!("{name}.{ending}")).is_file()))
    }
}

/// The first of the right version wins, so that PATH has the last word.
fn choose(found: Vec<Programs>, cluster: &Path, made_by: Option<u32>) -> Result<Programs, EmbeddedError> {
    let versions = found.iter().map(|programs| format!("PostgreSQL {}", programs.major)).collect::<Vec<_>>().join(", ");
    let none_at_all = found.is_empty();
    let fits = |programs: &Programs| match made_by {
        Some(made_by) => programs.major == made_by,
        None => programs.major >= MINIMUM,
    };
    if let Some(programs) = found.into_iter().find(fits) {
        return Ok(programs);
    }
    Err(match made_by {
        _ if none_at_all => EmbeddedError::NotInstalled { minimum: MINIMUM, install: install_hint::for_this_system() },
        Some(made_by) => EmbeddedError::WrongMajor { cluster: cluster.to_owned(), made_by, found: versions },
        None => EmbeddedError::TooOld { minimum: MINIMUM, found: versions, install: install_hint::for_this_system() },
    })
}

/// Reads "postgres (PostgreSQL) 15.14 (Debian …)", and likewise "18beta1".
fn major_version(said: &str) -> Option<u32> {
    let version = said.split_once("(PostgreSQL)")?.1.trim_start();
    let end = version.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(version.len());
    version.get(..end)?.parse().ok()
}

/// Relative entries are passed over: what they mean depends on where the program was started.
fn in_path(path: &OsStr) -> impl Iterator<Item = PathBuf> + '_ {
    std::env::split_paths(path).filter(|folder| folder.is_absolute())
}

fn from_pg_config(path: &OsStr) -> Option<PathBuf> {
    let pg_config = in_path(path).map(|folder| folder.join("pg_config")).find(|program| program.is_file())?;
    let said = Command::new(pg_config).arg("--bindir").stdin(Stdio::null()).output().ok()?;
    Some(PathBuf::from(String::from_utf8_lossy(&said.stdout).trim().to_owned()))
}

fn usual_folders() -> impl Iterator<Item = PathBuf> {
    let mut folders: Vec<(u32, PathBuf)> = VERSIONED
        .iter()
        .flat_map(|(parent, before, below)| {
            fs::read_dir(parent).into_iter().flatten().flatten().filter_map(move |entry| {
                let major = numbered(entry.file_name().to_str()?, before)?;
                Some((major, entry.path().join(below)))
            })
        })
        .collect();
    folders.sort_by(|(left, _), (right, _)| right.cmp(left));
    folders.into_iter().map(|(_, folder)| folder).chain([PathBuf::from("/usr/local/pgsql/bin")])
}

fn numbered(name: &str, before: &str) -> Option<u32> {
    name.strip_prefix(before)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(major: u32) -> Programs {
        Programs { folder: PathBuf::from(format!("/usr/lib/postgresql/{major}/bin")), major }
    }

    #[test]
    fn versions_are_read_as_the_server_prints_them() {
        for (said, major) in [
            ("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n", Some(15)),
            ("postgres (PostgreSQL) 18beta1\n", Some(18)),
            ("postgres (PostgreSQL) 17\n", Some(17)),
            ("postgres (PostgreSQL) devel\n", None),
            ("", None),
        ] {
            assert_eq!(major_version(said), major, "{said}");
        }
    }

    #[test]
    fn a_new_database_takes_the_first_that_is_new_enough() {
        let chosen = choose(vec![programs(13), programs(16), programs(18)], Path::new("/d"), None);
        assert_eq!(chosen.unwrap().major, 16);
    }

    #[test]
    fn an_existing_database_takes_its_own_version_only() {
        let chosen = choose(vec![programs(18), programs(15)], Path::new("/d"), Some(15));
        assert_eq!(chosen.unwrap().major, 15);
        let refused = choose(vec![programs(18)], Path::new("/d"), Some(15)).unwrap_err();
        assert!(refused.to_string().starts_with("the database in /d was made by PostgreSQL 15, but only PostgreSQL 18 was found"));
    }

    #[test]
    fn nothing_found_names_what_to_install() {
        let nothing = choose(Vec::new(), Path::new("/d"), None).unwrap_err().to_string();
        assert!(nothing.starts_with("PostgreSQL 15 or newer was not found: install it"), "{nothing}");
        let old = choose(vec![programs(13)], Path::new("/d"), None).unwrap_err().to_string();
        assert!(old.contains("but only PostgreSQL 13 was found: install"), "{old}");
    }

    #[test]
    fn folders_are_numbered_as_each_system_does() {
        assert_eq!(numbered("postgresql@17", "postgresql@"), Some(17));
        assert_eq!(numbered("pgsql-15", "pgsql-"), Some(15));
        assert_eq!(numbered("postgresql", "postgresql"), None);
        assert_eq!(numbered("16", ""), Some(16));
    }

    #[test]
    fn relative_path_entries_are_passed_over() {
        let folders: Vec<_> = in_path(OsStr::new(".:bin::/usr/bin")).collect();
        assert_eq!(folders, [PathBuf::from("/usr/bin")]);
    }
}
