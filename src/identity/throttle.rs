//! Slows down guessing of passwords: per account and address, per address, per account.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::Config;
use crate::error::{Code, Error, Result};

/// The time over which wrong tries are counted.
const WINDOW: Duration = Duration::from_secs(15 * 60);

/// Counters of wrong passwords, in this process's memory.
pub struct Throttle {
    pair: DefaultKeyedRateLimiter<(String, String)>,
    address: DefaultKeyedRateLimiter<String>,
    account: DefaultKeyedRateLimiter<String>,
}

fn limiter<K: std::hash::Hash + Eq + Clone>(tries: u32) -> DefaultKeyedRateLimiter<K> {
    let burst = NonZeroU32::new(tries).unwrap_or(NonZeroU32::MIN);
    let quota = Quota::with_period(WINDOW / burst.get()).map(|q| q.allow_burst(burst));
    RateLimiter::keyed(quota.unwrap_or_else(|| Quota::per_minute(burst)))
}

impl Throttle {
    /// Limits as configured.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self { pair: limiter(config.login_limit), address: limiter(config.login_address_limit), account: limiter(config.login_account_limit) }
    }

    /// Takes one try from every allowance, before the password is looked at, so that parallel guesses count too.
    ///
    /// # Errors
    /// 429 with `Retry-After`.
    pub fn admit(&self, account: &str, address: &str) -> Result<()> {
        let clock = DefaultClock::default();
        let pair = self.pair.check_key(&(account.to_owned(), address.to_owned()));
        let refused = pair.and_then(|()| self.address.check_key(&address.to_owned())).and_then(|()| self.account.check_key(&account.to_owned()));
        refused.map_err(|until| {
            let seconds = until.wait_time_from(clock.now()).as_secs() + 1;
            Error::new(Code::TooManyRequests, format!("Too many wrong tries. Wait {seconds} seconds.")).header("retry-after", seconds.to_string()).with("retry_after", seconds)
        })
    }

    /// Forgets counters that have run full again, so that memory does not grow with every address ever seen.
    pub fn sweep(&self) {
        self.pair.retain_recent();
        self.address.retain_recent();
        self.account.retain_recent();
    }
}
