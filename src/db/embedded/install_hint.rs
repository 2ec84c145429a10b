//! Owns the sentence that tells a person how to install PostgreSQL on this system. Installs nothing.

use std::fs;

/// The command for this machine, as a clause: "install it with `…`".
pub(super) fn for_this_system() -> String {
    if cfg!(target_os = "macos") {
        return clause("brew install postgresql@17");
    }
    let release = fs::read_to_string("/etc/os-release").or_else(|_| fs::read_to_string("/usr/lib/os-release")).unwrap_or_default();
    command(&release).map_or_else(|| "install its server with this system's package manager".to_owned(), clause)
}

fn clause(command: &str) -> String {
    format!("install it with `{command}`")
}

/// The command for the system that an os-release(5) text describes; derived systems name their parent in `ID_LIKE`.
fn command(release: &str) -> Option<&'static str> {
    let value = |key: &str| release.lines().filter_map(|line| line.trim().split_once('=')).find(|(name, _)| *name == key).map_or("", |(_, value)| value.trim_matches(['"', '\'']));
    value("ID").split_whitespace().chain(value("ID_LIKE").split_whitespace()).find_map(|id| match id {
        "debian" | "ubuntu" => Some("apt-get install postgresql"),
        "amzn" => Some("dnf install postgresql15-server postgresql15-contrib"),
        "fedora" | "rhel" | "centos" => Some("dnf install postgresql-server postgresql-contrib"),
        "alpine" => Some("apk add postgresql postgresql-contrib"),
        "arch" => Some("pacman -S postgresql"),
        "suse" | "opensuse" | "opensuse-leap" | "opensuse-tumbleweed" | "sles" => Some("zypper install postgresql-server postgresql-contrib"),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_has_its_own_command() {
        for (release, starts_with) in [
            ("NAME=\"Debian GNU/Linux\"\nID=debian\n", "apt-get"),
            ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "apt-get"),
            ("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "dnf"),
            ("ID=alpine\n", "apk"),
            ("ID=manjaro\nID_LIKE=arch\n", "pacman"),
            ("ID='opensuse-leap'\nID_LIKE='suse opensuse'\n", "zypper"),
        ] {
            assert!(command(release).unwrap().starts_with(starts_with), "{release}");
        }
        assert_eq!(command("ID=plan9"), None);
        assert_eq!(command(""), None);
    }
}
