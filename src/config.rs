//! Every setting: flag, environment variable, default, one sentence. The only place that reads the environment.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people, with colours on a terminal.
    Text,
    /// One JSON object a line.
    Json,
}

/// Where the project builds its reader.
const BUILT_READER: &str = "examples/reader/dist";

/// A switch in the environment's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// Yes.
    On,
    /// No.
    Off,
}

impl Switch {
    /// Whether it is on.
    #[must_use]
    pub fn is_on(self) -> bool {
        self == Self::On
    }
}

/// A secret setting: never printed, not even by `Debug`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

/// Settings of the service. Each has a flag and an environment variable.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Address and port to listen on.
    #[arg(long, global = true, env = "MASTHEAD_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Folder for the embedded database, media files and the signing key.
    #[arg(long, global = true, env = "MASTHEAD_DATA_DIR", default_value = ".masthead")]
    pub data_dir: PathBuf,
    /// Where media files are kept instead of the data directory: s3://bucket/prefix. Keys, region and endpoint come from the usual AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL, AWS_ALLOW_HTTP.
    #[arg(long, global = true, env = "MASTHEAD_STORAGE_URL")]
    pub storage_url: Option<url::Url>,
    /// PostgreSQL server to use (postgres://…); without it a private one is started under the data directory.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true, value_parser = secret)]
    pub database_url: Option<Secret>,
    /// Standby of that server (postgres://…) that answers readers while it lags behind nothing this process knows of.
    #[arg(long, global = true, env = "DATABASE_READ_URL", hide_env_values = true, value_parser = secret)]
    pub database_read_url: Option<Secret>,
    /// Folder with PostgreSQL's own programs, where they are not found by themselves.
    #[arg(long, global = true, env = "MASTHEAD_PG_BIN_DIR")]
    pub pg_bin_dir: Option<PathBuf>,
    /// TCP port on which the embedded PostgreSQL also listens on 127.0.0.1, for psql and the like.
    #[arg(long, global = true, env = "MASTHEAD_PG_PORT")]
    pub pg_port: Option<u16>,
    /// Address under which the world reaches this service; media and paging links begin with it. Default: http:// and the listen address.
    #[arg(long, global = true, env = "MASTHEAD_PUBLIC_URL")]
    pub public_url: Option<url::Url>,
    /// Load the demo newsroom once. Default: on with the embedded database, off otherwise.
    #[arg(long, global = true, env = "MASTHEAD_DEMO")]
    pub demo: Option<Switch>,
    /// Folder of a built front end to serve at `/`. Default with the demo: examples/reader/dist, where it is there.
    #[arg(long, global = true, env = "MASTHEAD_READER_DIR")]
    pub reader_dir: Option<PathBuf>,
    /// Key that signs access tokens and cursors, 32 bytes or more; several, separated by commas, rotate: the first signs. Default with the embedded database: made once and kept in the data directory.
    #[arg(long, global = true, env = "MASTHEAD_SIGNING_KEY", hide_env_values = true, value_parser = secret)]
    pub signing_key: Option<Secret>,
    /// E-mail address of the first administrator, made when there is none.
    #[arg(long, global = true, env = "MASTHEAD_ADMIN_EMAIL")]
    pub admin_email: Option<String>,
    /// Password of the first administrator.
    #[arg(long, global = true, env = "MASTHEAD_ADMIN_PASSWORD", hide_env_values = true, value_parser = secret)]
    pub admin_password: Option<Secret>,

    /// Worker threads for HTTP. Default: one a core.
    #[arg(long, global = true, env = "MASTHEAD_WORKERS", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: Option<u16>,
    /// Database connections for readers.
    #[arg(long, global = true, env = "MASTHEAD_POOL_SIZE", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub pool_size: u32,
    /// Database connections kept for the desk, so that readers cannot starve editors.
    #[arg(long, global = true, env = "MASTHEAD_DESK_POOL_SIZE", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub desk_pool_size: u32,
    /// Milliseconds a request waits for a database connection before it is answered 503.
    #[arg(long, global = true, env = "MASTHEAD_POOL_TIMEOUT_MS", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    pub pool_timeout_ms: u64,
    /// Milliseconds after which the database gives up on one statement.
    #[arg(long, global = true, env = "MASTHEAD_STATEMENT_TIMEOUT_MS", default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    pub statement_timeout_ms: u64,
    /// `off` where a connection pooler shares sessions between clients (PgBouncer in transaction mode).
    #[arg(long, global = true, env = "DATABASE_STATEMENT_CACHE", default_value = "on")]
    pub statement_cache: Switch,

    /// Token that `GET /metrics` asks for (`Authorization: Bearer …`), 16 characters or more; without one there are no metrics.
    #[arg(long, global = true, env = "MASTHEAD_METRICS_TOKEN", hide_env_values = true, value_parser = long_secret)]
    pub metrics_token: Option<Secret>,

    /// Address of a cache in front that is told which surrogate keys to forget when the world changes.
    #[arg(long, global = true, env = "MASTHEAD_PURGE_URL")]
    pub purge_url: Option<url::Url>,
    /// Method of those requests; the keys are in their `Surrogate-Key` header.
    #[arg(long, global = true, env = "MASTHEAD_PURGE_METHOD", default_value = "PURGE")]
    pub purge_method: String,
    /// One more header of those requests, such as "Fastly-Key: …".
    #[arg(long, global = true, env = "MASTHEAD_PURGE_HEADER", hide_env_values = true, value_parser = secret)]
    pub purge_header: Option<Secret>,
    /// Memory for ready answers to readers, in bytes; 0 keeps none.
    #[arg(long, global = true, env = "MASTHEAD_CACHE_BYTES", default_value_t = 64 * 1024 * 1024)]
    pub cache_bytes: u64,
    /// Largest JSON body, in bytes.
    #[arg(long, global = true, env = "MASTHEAD_BODY_LIMIT", default_value_t = 2 * 1024 * 1024)]
    pub body_limit: usize,
    /// Largest uploaded file, in bytes.
    #[arg(long, global = true, env = "MASTHEAD_UPLOAD_LIMIT", default_value_t = 64 * 1024 * 1024)]
    pub upload_limit: usize,
    /// Most pixels of an uploaded picture.
    #[arg(long, global = true, env = "MASTHEAD_PIXEL_LIMIT", default_value_t = 64_000_000)]
    pub pixel_limit: u64,
    /// Seconds for a client to send the head of a request.
    #[arg(long, global = true, env = "MASTHEAD_HEAD_TIMEOUT", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub head_timeout: u64,
    /// Seconds for a client to send the whole body of a request.
    #[arg(long, global = true, env = "MASTHEAD_BODY_TIMEOUT", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub body_timeout: u64,

    /// Seconds an access token is good for.
    #[arg(long, global = true, env = "MASTHEAD_ACCESS_TTL", default_value_t = 900, value_parser = clap::value_parser!(i64).range(1..=86_400))]
    pub access_ttl: i64,
    /// Seconds of clock difference forgiven when an access token is checked.
    #[arg(long, global = true, env = "MASTHEAD_TOKEN_LEEWAY", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=60))]
    pub token_leeway: u64,
    /// Seconds after its last use that a session ends by itself.
    #[arg(long, global = true, env = "MASTHEAD_REFRESH_TTL", default_value_t = 30 * 86_400, value_parser = clap::value_parser!(i64).range(1..=31_536_000))]
    pub refresh_ttl: i64,
    /// Seconds after signing in that a session ends, however much it is used.
    #[arg(long, global = true, env = "MASTHEAD_SESSION_TTL", default_value_t = 90 * 86_400, value_parser = clap::value_parser!(i64).range(1..=31_536_000))]
    pub session_ttl: i64,
    /// Wrong passwords in a quarter of an hour, for one account from one address, before 429.
    #[arg(long, global = true, env = "MASTHEAD_LOGIN_LIMIT", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub login_limit: u32,
    /// Wrong passwords in a quarter of an hour from one address, for whatever account, before 429.
    #[arg(long, global = true, env = "MASTHEAD_LOGIN_ADDRESS_LIMIT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub login_address_limit: u32,
    /// Wrong passwords in a quarter of an hour for one account, from wherever, before 429.
    #[arg(long, global = true, env = "MASTHEAD_LOGIN_ACCOUNT_LIMIT", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub login_account_limit: u32,

    /// Whether `serve` also does the background jobs; `off` leaves them to `masthead worker`.
    #[arg(long, global = true, env = "MASTHEAD_JOBS", default_value = "on")]
    pub jobs: Switch,
    /// Days for which audit events are kept; 0 for ever.
    #[arg(long, global = true, env = "MASTHEAD_AUDIT_DAYS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=36_500))]
    pub audit_days: u32,

    /// Origins whose pages may call the desk and sign in, separated by commas.
    #[arg(long, global = true, env = "MASTHEAD_CORS_ORIGINS", value_delimiter = ',', value_parser = origin)]
    pub cors_origins: Vec<String>,
    /// Proxies whose X-Forwarded-For is believed: addresses or networks such as 10.0.0.0/8, separated by commas.
    #[arg(long, global = true, env = "MASTHEAD_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<Network>,
    /// How log lines are written.
    #[arg(long, global = true, env = "MASTHEAD_LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// What is logged: error, warn, info, debug, or a filter such as masthead=debug.
    #[arg(long, global = true, env = "MASTHEAD_LOG", default_value = "info")]
    pub log: String,
    /// Seconds that requests under way have to finish at a stop.
    #[arg(long, global = true, env = "MASTHEAD_SHUTDOWN_GRACE", default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=600))]
    pub shutdown_grace: u64,
    /// Seconds between /readyz turning 503 and the listener closing at a stop, for balancers to notice.
    #[arg(long, global = true, env = "MASTHEAD_PRE_STOP_DELAY", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=120))]
    pub pre_stop_delay: u64,
}

impl Config {
    /// The settings with nothing set: what the defaults alone give.
    ///
    /// # Errors
    /// Never with the defaults written in this file; clap's error otherwise.
    pub fn from_flags(flags: &[&str]) -> Result<Self, clap::Error> {
        #[derive(clap::Parser)]
        struct Flags {
            #[command(flatten)]
            config: Config,
        }
        <Flags as clap::Parser>::try_parse_from(std::iter::once(&"masthead").chain(flags)).map(|f| f.config)
    }

    /// The address of this service as the world sees it, without a slash at its end.
    #[must_use]
    pub fn public_base(&self) -> String {
        self.public_url.as_ref().map_or_else(
            || {
                let host = if self.listen.ip().is_unspecified() { "localhost".to_owned() } else { host_of(self.listen.ip()) };
                format!("http://{host}:{}", self.listen.port())
            },
            |url| url.as_str().trim_end_matches('/').to_owned(),
        )
    }

    /// Whether the demo newsroom is to be there.
    #[must_use]
    pub fn wants_demo(&self) -> bool {
        self.demo.map_or(self.database_url.is_none(), Switch::is_on)
    }

    /// The folder of the front end that is served at `/`, if any is.
    #[must_use]
    pub fn reader_folder(&self) -> Option<PathBuf> {
        let built = || Some(PathBuf::from(BUILT_READER)).filter(|folder| self.wants_demo() && folder.join("index.html").is_file());
        self.reader_dir.clone().or_else(built)
    }

    /// The signing keys, the one that signs first.
    #[must_use]
    pub fn signing_keys(&self) -> Vec<String> {
        self.signing_key.as_ref().map_or_else(Vec::new, |keys| keys.expose().split(',').map(str::trim).filter(|key| !key.is_empty()).map(ToOwned::to_owned).collect())
    }
}

fn host_of(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "clap's value parsers return a Result")]
fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret(text.to_owned()))
}

/// One that nobody guesses.
fn long_secret(text: &str) -> Result<Secret, String> {
    if text.len() < 16 { Err("it needs 16 characters or more".to_owned()) } else { Ok(Secret(text.to_owned())) }
}

/// An origin as browsers send it (RFC 6454): no path, no slash at the end.
fn origin(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_origin = url::Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text);
    if is_origin { Ok(text.to_owned()) } else { Err("an origin looks like https://desk.example.org, without a path or a slash at its end".to_owned()) }
}

/// An address or a network in CIDR notation (RFC 4632).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether `ip` lies in this network; an IPv4 address written as IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.address, ip.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(ip)) => shared_bits(u128::from(net.to_bits()) << 96, u128::from(ip.to_bits()) << 96) >= u32::from(self.prefix),
            (IpAddr::V6(net), IpAddr::V6(ip)) => shared_bits(net.to_bits(), ip.to_bits()) >= u32::from(self.prefix),
            _ => false,
        }
    }
}

fn shared_bits(a: u128, b: u128) -> u32 {
    (a ^ b).leading_zeros()
}

impl std::str::FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || format!("'{text}' is neither an address nor a network such as 10.0.0.0/8");
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.trim().parse().ok().ok_or_else(bad)?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Some(widest), |p| p.parse().ok()).filter(|p| *p <= widest).ok_or_else(bad)?;
        Ok(Self { address, prefix })
    }
}

/// The folders that programs are looked for in.
#[must_use]
pub fn search_path() -> Option<std::ffi::OsString> {
    std::env::var_os("PATH")
}

/// The folder for short-lived files, where the environment names one.
#[must_use]
pub fn temp_dir() -> Option<PathBuf> {
    std::env::var_os("TMPDIR").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses_and_no_others() {
        let net: Network = "10.1.0.0/16".parse().unwrap();
        assert!(net.contains("10.1.200.3".parse().unwrap()));
        assert!(net.contains("::ffff:10.1.0.1".parse().unwrap()));
        assert!(!net.contains("10.2.0.1".parse().unwrap()));
        let one: Network = "127.0.0.2".parse().unwrap();
        assert!(one.contains("127.0.0.2".parse().unwrap()) && !one.contains("127.0.0.1".parse().unwrap()));
        assert!("10.0.0.0/33".parse::<Network>().is_err() && "nonsense".parse::<Network>().is_err());
    }

    #[test]
    fn an_origin_has_no_path() {
        assert!(origin("https://desk.example.org").is_ok() && origin("http://localhost:3000").is_ok());
        assert!(["https://desk.example.org/", "desk.example.org", "*", "null", ""].iter().all(|text| origin(text).is_err()));
    }

    #[test]
    fn the_defaults_parse_and_name_a_local_address() {
        let config = Config::from_flags(&["--listen", "[::1]:99"]).unwrap();
        assert_eq!(config.public_base(), "http://[::1]:99");
    }
}
