//! Slows down guessing of passwords: wrong tries are counted for an account from an address, for an address, and for an
//! account, each in this process's memory. Nobody is locked out for longer than the time over which is counted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::config::Config;
use crate::error::{Code, Error};
use crate::timestamp::Timestamp;

/// Milliseconds, from the first wrong try, over which tries are counted.
const WINDOW: i64 = 15 * 60 * 1_000;
/// Counters kept before the first look for those that have run out.
const FIRST_SWEEP: usize = 1_024;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Pair(String, String),
    Address(String),
    Account(String),
}

#[derive(Debug, Clone, Copy)]
struct Counter {
    since: i64,
    tries: u32,
    /// Somebody has been refused on its account.
    refused: bool,
}

/// Counters of wrong passwords.
pub struct Throttle {
    counters: Mutex<Counters>,
    pair: u32,
    address: u32,
    account: u32,
}

struct Counters {
    map: HashMap<Key, Counter>,
    sweep_at: usize,
}

/// A try that is not admitted.
#[derive(Debug)]
pub struct Refusal {
    /// 429 with `Retry-After`.
    pub error: Error,
    /// The first since an allowance was used up: worth writing down, as those that follow are not.
    pub is_first: bool,
}

/// A try that has been counted before the password is looked at, so that parallel guesses count too.
#[derive(Debug)]
#[must_use = "say how it ended with `settle`; until then it counts as wrong"]
pub struct Try {
    keys: [Key; 3],
}

impl Throttle {
    /// Limits as configured.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let counters = Counters { map: HashMap::new(), sweep_at: FIRST_SWEEP };
        Self { counters: Mutex::new(counters), pair: config.login_limit, address: config.login_address_limit, account: config.login_account_limit }
    }

    /// Counts a try for `account` from `address`.
    ///
    /// # Errors
    /// 429 with `Retry-After` when one of the three allowances is used up, whatever the password.
    pub fn admit(&self, account: &str, address: &str, now: Timestamp) -> Result<Try, Refusal> {
        let (now, address) = (now.millis(), network_of(address));
        let keys = [Key::Pair(account.to_owned(), address.clone()), Key::Address(address), Key::Account(account.to_owned())];
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        counters.sweep(now);
        let refused_until = keys.iter().filter_map(|key| counters.full_until(key, self.limit(key), now)).max();
        if let Some(until) = refused_until {
            let seconds = (until - now).div_euclid(1_000) + 1;
            let refusal = Error::new(Code::TooManyRequests, format!("Too many wrong passwords. Wait {seconds} seconds."));
            let full: Vec<_> = keys.iter().filter(|key| counters.full_until(key, self.limit(key), now).is_some()).collect();
            let mut is_first = false;
            for key in full {
                is_first |= counters.note_refusal(key);
            }
            return Err(Refusal { error: refusal.header("retry-after", seconds.to_string()).with("retry_after", seconds), is_first });
        }
        for key in &keys {
            counters.count(key, now);
        }
        Ok(Try { keys })
    }

    /// Says how a try ended. A right password does not count and forgives earlier tries for this account from here; a
    /// wrong one stays counted; where it could not be found out (`None`), through no fault of the caller's, it does not.
    pub fn settle(&self, attempt: Try, right: Option<bool>) {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let Try { keys: [pair, address, account] } = attempt;
        match right {
            Some(false) => return,
            Some(true) => drop(counters.map.remove(&pair)),
            None => counters.take_back(&pair),
        }
        counters.take_back(&address);
        counters.take_back(&account);
    }

    fn limit(&self, key: &Key) -> u32 {
        match key {
            Key::Pair(..) => self.pair,
            Key::Address(_) => self.address,
            Key::Account(_) => self.account,
        }
    }
}

impl Counters {
    fn full_until(&self, key: &Key, limit: u32, now: i64) -> Option<i64> {
        let counter = self.map.get(key).filter(|counter| counter.is_counting(now) && counter.tries >= limit)?;
        Some(counter.since + WINDOW)
    }

    /// Says whether it is the first on this counter's account.
    fn note_refusal(&mut self, key: &Key) -> bool {
        self.map.get_mut(key).is_some_and(|counter| !std::mem::replace(&mut counter.refused, true))
    }

    fn count(&mut self, key: &Key, now: i64) {
        let begun = Counter { since: now, tries: 0, refused: false };
        let counter = self.map.entry(key.clone()).or_insert(begun);
        if !counter.is_counting(now) {
            *counter = begun;
        }
        counter.tries += 1;
    }

    fn take_back(&mut self, key: &Key) {
        if let Some(counter) = self.map.get_mut(key) {
            counter.tries = counter.tries.saturating_sub(1);
        }
    }

    /// Forgets counters that have run out. Looks at all only when there are twice as many as after the last look, so
    /// that a flood of addresses costs each of them a constant.
    fn sweep(&mut self, now: i64) {
        if self.map.len() >= self.sweep_at {
            self.map.retain(|_, counter| counter.is_counting(now));
            self.sweep_at = FIRST_SWEEP.max(self.map.len() * 2);
        }
    }
}

impl Counter {
    fn is_counting(self, now: i64) -> bool {
        now < self.since + WINDOW
    }
}

/// What counts as one address: an IPv6 customer has a whole /64 to choose from.
fn network_of(address: &str) -> String {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V6(ip)) => std::net::Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).to_string(),
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttle() -> Throttle {
        Throttle::new(&Config::from_flags(&["--login-limit", "3", "--login-address-limit", "5", "--login-account-limit", "8"]).unwrap())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000 + seconds * 1_000).unwrap()
    }

    fn wrong(throttle: &Throttle, account: &str, address: &str, seconds: i64) -> bool {
        throttle.admit(account, address, at(seconds)).map(|attempt| throttle.settle(attempt, Some(false))).is_ok()
    }

    #[test]
    fn the_fourth_wrong_try_waits_until_the_quarter_of_an_hour_is_over() {
        let throttle = throttle();
        for second in 0..3 {
            assert!(wrong(&throttle, "ann", "192.0.2.1", second));
        }
        let refused = throttle.admit("ann", "192.0.2.1", at(10)).unwrap_err();
        assert_eq!((refused.error.code, refused.error.headers, refused.is_first), (Code::TooManyRequests, vec![("retry-after", "891".to_owned())], true));
        assert!(!throttle.admit("ann", "192.0.2.1", at(11)).unwrap_err().is_first, "the first alone is told");
        assert!(wrong(&throttle, "ann", "192.0.2.2", 10), "the owner elsewhere goes on");
        assert!(wrong(&throttle, "bob", "192.0.2.1", 10), "and so does another account from here");
        assert!(!wrong(&throttle, "ann", "192.0.2.1", 899));
        assert!(wrong(&throttle, "ann", "192.0.2.1", 900));
    }

    #[test]
    fn an_address_and_an_account_have_limits_of_their_own() {
        let throttle = throttle();
        let tried = (0..9).filter(|n| wrong(&throttle, &format!("user{n}"), "192.0.2.1", 0)).count();
        assert_eq!(tried, 5);
        let tried = (0..20).filter(|n| wrong(&throttle, "ann", &format!("198.51.100.{n}"), 0)).count();
        assert_eq!(tried, 8);
        let tried = (0..20).filter(|n| wrong(&throttle, &format!("u{n}"), &format!("2001:db8::{n}"), 0)).count();
        assert_eq!(tried, 5, "one /64 is one address");
    }

    #[test]
    fn right_passwords_and_failures_of_ours_do_not_count() {
        let throttle = throttle();
        for _ in 0..50 {
            let attempt = throttle.admit("ann", "192.0.2.1", at(0)).unwrap();
            throttle.settle(attempt, Some(true));
            let attempt = throttle.admit("ann", "192.0.2.1", at(0)).unwrap();
            throttle.settle(attempt, None);
        }
        assert!(wrong(&throttle, "ann", "192.0.2.1", 0) && wrong(&throttle, "ann", "192.0.2.1", 0));
        throttle.settle(throttle.admit("ann", "192.0.2.1", at(0)).unwrap(), Some(true));
        assert!(wrong(&throttle, "ann", "192.0.2.1", 0), "a right one forgives those before it");
    }

    #[test]
    fn tries_under_way_count() {
        let throttle = throttle();
        let under_way: Vec<_> = (0..4).map_while(|_| throttle.admit("ann", "192.0.2.1", at(0)).ok()).collect();
        assert_eq!(under_way.len(), 3);
    }

    #[test]
    fn counters_that_have_run_out_are_forgotten() {
        let throttle = throttle();
        for n in 0..5_000_i64 {
            let _ = wrong(&throttle, &format!("u{n}"), &format!("10.0.{}.{}", n / 256, n % 256), n * 1_000);
        }
        assert!(throttle.counters.lock().unwrap().map.len() <= FIRST_SWEEP);
    }
}
