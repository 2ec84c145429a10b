//! Where a request comes from: the peer, or, behind trusted proxies only, what they say of it.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use crate::app::App;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::http::envelope::RequestId;

/// Characters kept of a User-Agent.
const LONGEST_AGENT: usize = 300;

/// Where a request comes from, for the audit trail and for lists of sessions.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The address, as far as trusted proxies tell.
    pub address: String,
    /// The request's id.
    pub request_id: String,
    /// What the client calls itself.
    pub user_agent: Option<String>,
}

impl Origin {
    /// Reads it off a request.
    #[must_use]
    pub fn of(request: &HttpRequest, config: &Config) -> Self {
        let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
        let agent = request.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok());
        let user_agent = agent.map(|text| text.chars().filter(|c| !c.is_control()).take(LONGEST_AGENT).collect::<String>()).filter(|text| !text.is_empty());
        Self { address: address_of(request, config), request_id, user_agent }
    }
}

impl FromRequest for Origin {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().ok_or_else(|| Error::internal("no app"));
        ready(app.map(|app| Self::of(request, &app.config)))
    }
}

/// The peer, or, behind trusted proxies, the right-most hop that is not one of them.
fn address_of(request: &HttpRequest, config: &Config) -> String {
    let Some(peer) = request.peer_addr().map(|a| a.ip()) else { return "unknown".to_owned() };
    let trusted = |ip: IpAddr| config.trusted_proxies.iter().any(|net| net.contains(ip));
    if !trusted(peer) {
        return peer.to_canonical().to_string();
    }
    let hops = request.headers().get_all("x-forwarded-for").filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    let hops: Vec<_> = hops.map(|hop| hop.trim().parse::<IpAddr>().ok()).collect();
    let mut nearest = peer;
    for hop in hops.into_iter().rev() {
        let Some(hop) = hop else { break };
        nearest = hop;
        if !trusted(hop) {
            break;
        }
    }
    nearest.to_canonical().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn address(flags: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let config = Config::from_flags(flags).unwrap();
        let mut request = TestRequest::default().peer_addr(format!("{peer}:4711").parse().unwrap());
        for value in forwarded {
            request = request.append_header(("x-forwarded-for", *value));
        }
        for name in ["x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip"] {
            request = request.append_header((name, "198.51.100.99"));
        }
        address_of(&request.to_http_request(), &config)
    }

    #[test]
    fn headers_say_nothing_unless_a_trusted_proxy_sends_them() {
        assert_eq!(address(&[], "192.0.2.1", &["203.0.113.7"]), "192.0.2.1");
        assert_eq!(address(&["--trusted-proxies", "10.0.0.0/8"], "192.0.2.1", &["203.0.113.7"]), "192.0.2.1");
    }

    #[test]
    fn behind_proxies_the_right_most_untrusted_hop_counts() {
        let proxies: &[&str] = &["--trusted-proxies", "10.0.0.0/8"];
        assert_eq!(address(proxies, "10.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(address(proxies, "10.0.0.1", &["1.1.1.1, 203.0.113.7, 10.0.0.2"]), "203.0.113.7");
        assert_eq!(address(proxies, "10.0.0.1", &["1.1.1.1", "203.0.113.7"]), "203.0.113.7");
        assert_eq!(address(proxies, "10.0.0.1", &["203.0.113.7, nonsense"]), "10.0.0.1");
        assert_eq!(address(proxies, "10.0.0.1", &[]), "10.0.0.1");
    }
}
