//! The first administrator: made when there is none, from the settings, or with the embedded database by itself. There is
//! no default password and no page that makes one.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use diesel::pg::PgConnection;

use super::secrets;
use crate::config::Config;
use crate::db;
use crate::error::Error;
use crate::identity::passwords::hash_here;
use crate::identity::users::store as users;
use crate::text::{Email, Line, Password};

/// The address of the administrator that is made unasked.
const UNASKED: &str = "admin@masthead.local";
const NAME: &str = "Administrator";

/// How the operator signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// As the administrator of the settings, made just now.
    AsSet {
        /// Their address.
        email: String,
    },
    /// With a password that was made just now and is shown this once.
    Made {
        /// The administrator's address.
        email: String,
        /// The password.
        password: String,
        /// Where it is kept.
        file: PathBuf,
    },
    /// With a password made at an earlier start.
    Kept {
        /// The administrator's address.
        email: String,
        /// Where the password is.
        file: PathBuf,
    },
    /// As whoever has an account.
    WithAccount,
    /// There is nobody yet.
    Nobody,
}

impl Display for SignIn {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsSet { email } => write!(out, "{email} with the password that you have set"),
            Self::Made { email, password, file } => write!(out, "{email} with password {password} (kept in {})", file.display()),
            Self::Kept { email, file } => write!(out, "{email} with the password in {}, unless it has been changed since", file.display()),
            Self::WithAccount => out.write_str("with your account"),
            Self::Nobody => out.write_str("nobody can yet: masthead user add EMAIL --role admin"),
        }
    }
}

/// The administrator whom the settings ask for.
pub struct Wanted {
    email: Email,
    password: Password,
}

/// Reads the settings, so that a bad one is told before anything else is done.
///
/// # Errors
/// A sentence that says what is wrong with them.
pub fn wanted(config: &Config) -> Result<Option<Wanted>, String> {
    let (email, password) = match (&config.admin_email, &config.admin_password) {
        (None, None) => return Ok(None),
        (Some(email), Some(password)) => (email, password),
        (Some(_), None) => return Err("MASTHEAD_ADMIN_EMAIL is set without MASTHEAD_ADMIN_PASSWORD: set both or neither".into()),
        (None, Some(_)) => return Err("MASTHEAD_ADMIN_PASSWORD is set without MASTHEAD_ADMIN_EMAIL: set both or neither".into()),
    };
    let email = Email::parse(email).map_err(|invalid| format!("MASTHEAD_ADMIN_EMAIL cannot be used: {}", invalid.detail))?;
    let password = Password::parse(password.expose()).and_then(|password| password.differs_from(&email).map(|()| password));
    let password = password.map_err(|invalid| format!("MASTHEAD_ADMIN_PASSWORD cannot be used: {}", invalid.detail))?;
    Ok(Some(Wanted { email, password }))
}

/// Makes the first administrator if there is none.
///
/// # Errors
/// What the database says; a file that cannot be written.
pub fn ensure(conn: &mut PgConnection, config: &Config, wanted: Option<&Wanted>) -> Result<SignIn, Error> {
    if let Some(Wanted { email, password }) = wanted {
        let is_new = make(conn, email, password)?;
        return Ok(if is_new { SignIn::AsSet { email: email.to_string() } } else { SignIn::WithAccount });
    }
    let has_admin = users::has_admin(conn)?;
    if config.database_url.is_some() {
        return Ok(if has_admin { SignIn::WithAccount } else { SignIn::Nobody });
    }
    let email = Email::parse(UNASKED).map_err(|invalid| Error::internal(invalid.detail))?;
    let file = secrets::admin_password_file(config);
    if has_admin {
        let is_ours = file.exists() && users::find_by_email(conn, &email)?.is_some();
        return Ok(if is_ours { SignIn::Kept { email: UNASKED.to_owned(), file } } else { SignIn::WithAccount });
    }
    // Kept before it is used: a crash in between must not make an account that nobody can use.
    let password = secrets::kept(&file, &secrets::random_password()).map_err(Error::internal)?;
    let parsed = Password::parse(&password).map_err(|invalid| Error::internal(format!("{} holds no good password: {}", file.display(), invalid.detail)))?;
    let is_new = make(conn, &email, &parsed)?;
    Ok(if is_new { SignIn::Made { email: UNASKED.to_owned(), password, file } } else { SignIn::WithAccount })
}

fn make(conn: &mut PgConnection, email: &Email, password: &Password) -> Result<bool, Error> {
    if users::has_admin(conn)? {
        return Ok(false);
    }
    let hash = hash_here(password)?;
    let name = Line::parse(NAME).map_err(|invalid| Error::internal(invalid.detail))?;
    let made = db::transaction(conn, &|tx| users::insert_first_admin(tx, email, &name, &hash))?;
    Ok(made.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(flags: &[&str]) -> String {
        wanted(&Config::from_flags(flags).unwrap()).err().unwrap()
    }

    #[test]
    fn half_an_administrator_and_a_guessable_one_are_refused() {
        assert!(refusal(&["--admin-email", "ann@example.org"]).contains("MASTHEAD_ADMIN_PASSWORD"));
        assert!(refusal(&["--admin-email", "admin", "--admin-password", "the seven drying umbrellas"]).contains("MASTHEAD_ADMIN_EMAIL"));
        assert!(refusal(&["--admin-email", "ann@example.org", "--admin-password", "password"]).contains("MASTHEAD_ADMIN_PASSWORD"));
        let good = Config::from_flags(&["--admin-email", "ann@example.org", "--admin-password", "the seven drying umbrellas"]).unwrap();
        assert!(wanted(&good).unwrap().is_some());
    }

    #[test]
    fn the_password_that_is_made_is_a_good_one() {
        assert!(Password::parse(&secrets::random_password()).is_ok());
    }
}
