//! Owns the settings the server is started with and how they follow from the machine. Starts nothing.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use nix::sys::statvfs::statvfs;

use super::Options;
use super::postmaster::DEFAULT_PORT;

const MIB: u64 = 1 << 20;

/// Where the system keeps shared memory as files; may be very small in containers.
pub(super) const SHARED_MEMORY: &str = "/dev/shm";

/// What the settings depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Machine {
    /// Bytes this process may use, `None` when the system does not tell.
    memory: Option<u64>,
    /// Whether parallel queries find room in shared memory.
    roomy_shared_memory: bool,
}

impl Machine {
    pub(super) fn look() -> Self {
        let memory = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total_memory(&text));
        // A container's limit; "max" when there is none.
        let limit = fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
        Self { memory: memory.into_iter().chain(limit).min(), roomy_shared_memory: free_bytes(Path::new(SHARED_MEMORY)).is_none_or(|free| free >= 256 * MIB) }
    }

    /// An eighth of the memory, between 32 MiB and 1 GiB.
    fn shared_buffers_mib(self) -> u64 {
        self.memory.map_or(256, |memory| (memory / 8 / MIB).clamp(32, 1024))
    }
}

/// Free space for an ordinary user, `None` when there is no such folder.
pub(super) fn free_bytes(folder: &Path) -> Option<u64> {
    let found = statvfs(folder).ok()?;
    Some(product(found.blocks_available(), found.fragment_size()))
}

/// Systems disagree about how wide these numbers are.
fn product(count: impl Into<u64>, size: impl Into<u64>) -> u64 {
    count.into().saturating_mul(size.into())
}

fn total_memory(meminfo: &str) -> Option<u64> {
    let kib = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?.trim().strip_suffix("kB")?;
    kib.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The arguments after `-D folder`. A database for tests forgets everything in a power cut, and is faster for it.
pub(super) fn arguments(options: &Options, socket_dir: &Path, machine: Machine, statements: bool) -> Vec<OsString> {
    let mut settings: Vec<(&str, OsString)> = vec![
        ("cluster_name", "masthead".into()),
        ("port", options.pg_port.unwrap_or(DEFAULT_PORT).to_string().into()),
        ("listen_addresses", if options.pg_port.is_some() { "localhost".into() } else { "".into() }),
        ("unix_socket_directories", quoted(socket_dir)),
        ("unix_socket_permissions", "0700".into()),
        ("timezone", "UTC".into()),
        ("log_timezone", "UTC".into()),
        ("lc_messages", "C".into()),
        ("jit", "off".into()),
        ("random_page_cost", "1.1".into()),
        ("wal_compression", "lz4".into()),
    ];
    if options.throw_away {
        settings.extend([
            ("fsync", "off".into()),
            ("synchronous_commit", "off".into()),
            ("full_page_writes", "off".into()),
            ("shared_buffers", "128MB".into()),
            ("max_wal_size", "128MB".into()),
            // Every test brings its own pool.
            ("max_connections", "300".into()),
        ]);
    } else {
        settings.extend([("shared_buffers", format!("{}MB", machine.shared_buffers_mib()).into()), ("max_wal_size", "4GB".into()), ("max_connections", "100".into())]);
    }
    if statements {
        settings.push(("shared_preload_libraries", "pg_stat_statements".into()));
    }
    // As files in the database's folder it cannot run out, and goes away with a test database.
    if options.throw_away || !machine.roomy_shared_memory {
        settings.push(("dynamic_shared_memory_type", "mmap".into()));
    }
    settings
        .into_iter()
        .flat_map(|(name, value)| {
            let mut setting = OsString::from(name);
            setting.push("=");
            setting.push(value);
            ["-c".into(), setting]
        })
        .collect()
}

/// The setting is a list: quotes keep commas and spaces inside one name.
fn quoted(folder: &Path) -> OsString {
    let mut bytes = vec![b'"'];
    for byte in folder.as_os_str().as_encoded_bytes() {
        if *byte == b'"' {
            bytes.push(b'"');
        }
        bytes.push(*byte);
    }
    bytes.push(b'"');
    OsString::from_vec(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(options: &Options, machine: Machine) -> Vec<String> {
        arguments(options, Path::new("/a \"b\",c"), machine, true).into_iter().map(|word| word.into_string().unwrap()).filter(|word| word != "-c").collect()
    }

    const ROOMY: Machine = Machine { memory: Some(4096 * MIB), roomy_shared_memory: true };

    #[test]
    fn the_default_keeps_data_safe_and_off_the_network() {
        let settings = settings(&Options::default(), ROOMY);
        assert!(settings.contains(&"listen_addresses=".to_owned()));
        assert!(settings.contains(&"shared_buffers=512MB".to_owned()));
        assert!(settings.contains(&"unix_socket_directories=\"/a \"\"b\"\",c\"".to_owned()));
        assert!(settings.contains(&"shared_preload_libraries=pg_stat_statements".to_owned()));
        for unsafe_setting in ["fsync=", "synchronous_commit=", "full_page_writes="] {
            assert!(!settings.iter().any(|setting| setting.starts_with(unsafe_setting)));
        }
    }

    #[test]
    fn a_port_opens_it_to_this_machine_only() {
        let options = Options { pg_port: Some(5444), ..Options::default() };
        let settings = settings(&options, ROOMY);
        assert!(settings.contains(&"port=5444".to_owned()));
        assert!(settings.contains(&"listen_addresses=localhost".to_owned()));
    }

    #[test]
    fn tests_trade_safety_for_speed() {
        let options = Options { throw_away: true, ..Options::default() };
        assert!(settings(&options, ROOMY).contains(&"fsync=off".to_owned()));
    }

    #[test]
    fn memory_is_shared_within_bounds() {
        for (mib, buffers) in [(100, 32), (2048, 256), (64 * 1024, 1024)] {
            let machine = Machine { memory: Some(mib * MIB), ..ROOMY };
            assert_eq!(machine.shared_buffers_mib(), buffers);
        }
        assert_eq!(total_memory("MemFree: 1 kB\nMemTotal:       16 kB\n"), Some(16 * 1024));
        assert_eq!(total_memory("MemTotal: many"), None);
    }

    #[test]
    fn a_small_shared_memory_is_not_used_for_parallel_queries() {
        let machine = Machine { roomy_shared_memory: false, ..ROOMY };
        let settings = settings(&Options::default(), machine);
        assert!(settings.contains(&"dynamic_shared_memory_type=mmap".to_owned()));
    }
}
