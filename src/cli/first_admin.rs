//! The first administrator: made when there is none, from the settings, or with the embedded database by itself.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

/// How the operator signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// As the administrator of the settings.
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
            Self::Kept { email, file } => write!(out, "{email} with the password in {}", file.display()),
            Self::WithAccount => out.write_str("with your account"),
            Self::Nobody => out.write_str("nobody can yet: masthead user add EMAIL --role admin"),
        }
    }
}
