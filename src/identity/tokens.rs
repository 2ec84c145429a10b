//! Access tokens (JWT, RFC 7519, by the rules of RFC 8725): the algorithm is ours, never the token's; every claim is required.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::role::Role;
use crate::error::{Error, Result};
use crate::timestamp::Timestamp;

const ISSUER: &str = "masthead";
const AUDIENCE: &str = "masthead";
/// RFC 9068's type, so that no other JWT of ours can pass for an access token.
const TYPE: &str = "at+jwt";
/// Bytes a signing key must have (RFC 7518 section 3.2).
const SHORTEST_KEY: usize = 32;

/// What an access token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// Who made it.
    pub iss: String,
    /// For whom.
    pub aud: String,
    /// The account.
    pub sub: Uuid,
    /// Its role when the token was made; what counts is the role it has now.
    pub role: Role,
    /// Seconds since 1970: made, valid from, valid until.
    pub iat: i64,
    /// Valid from.
    pub nbf: i64,
    /// Valid until.
    pub exp: i64,
    /// The token's own id.
    pub jti: Uuid,
    /// The session.
    pub sid: Uuid,
}

/// The keys: the first signs, all verify.
pub struct Keys {
    signing: EncodingKey,
    first: String,
    verifying: Vec<(String, DecodingKey)>,
    validation: Validation,
    /// Seconds a token is good for.
    pub ttl: i64,
    leeway: i64,
}

impl Keys {
    /// Takes the keys, the one that signs first.
    ///
    /// # Errors
    /// A sentence for the operator when there is none, or one is too short.
    pub fn new(keys: &[String], ttl: i64, leeway: u64) -> Result<Self, String> {
        let first = keys.first().ok_or("A signing key of 32 bytes or more is needed: set MASTHEAD_SIGNING_KEY, for example to the output of `openssl rand -hex 32`.")?;
        if keys.iter().any(|key| key.len() < SHORTEST_KEY) {
            return Err(format!("The signing key is too short: MASTHEAD_SIGNING_KEY needs {SHORTEST_KEY} bytes or more, for example the output of `openssl rand -hex 32`."));
        }
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = leeway;
        Ok(Self {
            signing: EncodingKey::from_secret(first.as_bytes()),
            first: key_id(first),
            verifying: keys.iter().map(|key| (key_id(key), DecodingKey::from_secret(key.as_bytes()))).collect(),
            validation,
            ttl,
            leeway: i64::try_from(leeway).unwrap_or(0),
        })
    }

    /// Makes an access token for a session.
    ///
    /// # Errors
    /// Only ours.
    pub fn sign(&self, user: Uuid, role: Role, session: Uuid, now: Timestamp) -> Result<String> {
        let seconds = now.millis().div_euclid(1_000);
        // Whole seconds are what every client can read; the token's id, a UUIDv7, holds the millisecond.
        let exp = (now.millis() + 999).div_euclid(1_000) + self.ttl;
        let claims = Claims { iss: ISSUER.into(), aud: AUDIENCE.into(), sub: user, role, iat: seconds, nbf: seconds, exp, jti: made_at(now), sid: session };
        let header = Header { typ: Some(TYPE.into()), kid: Some(self.first.clone()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims, &self.signing).map_err(Error::internal)
    }

    /// The claims of a token that is ours and valid now.
    #[must_use]
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.alg != Algorithm::HS256 || !header.typ.is_some_and(|typ| typ.eq_ignore_ascii_case(TYPE)) {
            return None;
        }
        let kid = header.kid?;
        let (_, key) = self.verifying.iter().find(|(id, _)| *id == kid)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation).ok()?.claims;
        let (seconds, nanos) = claims.jti.get_timestamp()?.to_unix();
        let made = i64::try_from(seconds).ok()?.checked_mul(1_000)?.checked_add(i64::from(nanos / 1_000_000))?;
        let (age, leeway) = (now.millis() - made, self.leeway * 1_000);
        (age >= -(leeway + 1_000) && age < self.ttl * 1_000 + leeway).then_some(claims)
    }
}

/// A token's id, which holds when it was made.
fn made_at(now: Timestamp) -> Uuid {
    let millis = now.millis().unsigned_abs();
    let nanos = u32::try_from(millis % 1_000).unwrap_or(0) * 1_000_000;
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, millis / 1_000, nanos))
}

/// A key's name: tells keys apart, tells nothing about them.
fn key_id(key: &str) -> String {
    let digest = Sha256::new().chain_update(b"masthead kid\0").chain_update(key).finalize();
    digest.iter().take(6).fold(String::new(), |id, byte| id + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::new(&["a".repeat(32), "b".repeat(32)], 900, 0).unwrap()
    }

    #[test]
    fn a_token_is_read_back_and_a_changed_one_is_not() {
        let (keys, now) = (keys(), crate::app::now());
        let (user, session) = (Uuid::now_v7(), Uuid::now_v7());
        let token = keys.sign(user, Role::Editor, session, now).unwrap();
        let claims = keys.verify(&token, now).unwrap();
        assert_eq!((claims.sub, claims.sid), (user, session));
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            // The last characters of base64 may hold bits that mean nothing; they must still not verify as something else.
            assert!(keys.verify(&changed, now).is_none_or(|c| c.sub == user && c.sid == session));
        }
    }

    #[test]
    fn a_token_lives_to_the_millisecond_and_no_longer() {
        let (keys, now) = (keys(), crate::app::now());
        let token = keys.sign(Uuid::now_v7(), Role::Editor, Uuid::now_v7(), now.plus(chrono::Duration::seconds(-890))).unwrap();
        assert!(keys.verify(&token, now.plus(chrono::Duration::milliseconds(9_999))).is_some());
        assert!(keys.verify(&token, now.plus(chrono::Duration::milliseconds(10_000))).is_none());
    }

    #[test]
    fn tokens_of_another_kind_algorithm_or_key_are_refused() {
        let (keys, now) = (keys(), crate::app::now());
        let seconds = now.millis() / 1_000;
        let claims = |exp| Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: Uuid::now_v7(),
            role: Role::Admin,
            iat: seconds,
            nbf: seconds,
            exp,
            jti: Uuid::now_v7(),
            sid: Uuid::now_v7(),
        };
        let make = |header: Header, exp, secret: &str| jsonwebtoken::encode(&header, &claims(exp), &EncodingKey::from_secret(secret.as_bytes())).unwrap();
        let header = |alg, typ: &str| Header { typ: Some(typ.into()), kid: Some(key_id(&"a".repeat(32))), ..Header::new(alg) };
        let secret = "a".repeat(32);
        assert!(keys.verify(&make(header(Algorithm::HS256, TYPE), seconds + 60, &secret), now).is_some());
        assert!(keys.verify(&make(header(Algorithm::HS384, TYPE), seconds + 60, &secret), now).is_none());
        assert!(keys.verify(&make(header(Algorithm::HS256, "JWT"), seconds + 60, &secret), now).is_none());
        assert!(keys.verify(&make(header(Algorithm::HS256, TYPE), seconds - 5, &secret), now).is_none());
        assert!(keys.verify(&make(header(Algorithm::HS256, TYPE), seconds + 60, &"c".repeat(32)), now).is_none());
        assert!(Keys::new(&["short".into()], 900, 0).is_err());
    }
}
