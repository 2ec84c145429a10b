//! `masthead user`: accounts, for the operator. Passwords come from a prompt or from standard input, never from the
//! command line, which every process of the machine can read.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::{Subcommand, ValueEnum};
use diesel::pg::PgConnection;
use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};

use super::database::Database;
use crate::config::Config;
use crate::db::{self, migrate};
use crate::identity::passwords::hash_here;
use crate::identity::role::Role;
use crate::identity::users::model::{NewUser, User};
use crate::identity::users::store;
use crate::text::{Email, Line, Password};

/// Bytes of standard input that are read for a password.
const LONGEST: u64 = 4_096;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make an account; its password is asked for, or read from standard input.
    Add {
        /// The address it signs in with.
        email: String,
        /// What it may do.
        #[arg(long, value_enum)]
        role: RoleWord,
        /// The person's name. Default: the part of the address before the @.
        #[arg(long)]
        name: Option<String>,
    },
    /// List all accounts.
    List,
    /// Give an account a new password, asked for or read from standard input, and end its sessions.
    SetPassword {
        /// The account's address.
        email: String,
    },
    /// Shut an account and end its sessions.
    Disable {
        /// The account's address.
        email: String,
    },
}

/// The roles as words of the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RoleWord {
    /// Writes drafts of their own and submits them.
    Contributor,
    /// Also publishes what is theirs.
    Author,
    /// Also changes and publishes what others wrote.
    Editor,
    /// Also manages accounts, keys and settings.
    Admin,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Contributor => Self::Contributor,
            RoleWord::Author => Self::Author,
            RoleWord::Editor => Self::Editor,
            RoleWord::Admin => Self::Admin,
        }
    }
}

/// Does what the command says.
///
/// # Errors
/// A sentence.
pub fn run(config: &Config, command: Command) -> Result<(), String> {
    match command {
        Command::Add { email, role, name } => {
            let email = parse_email(&email)?;
            let name = name.unwrap_or_else(|| email.local_part().to_owned());
            let name = Line::parse(&name).map_err(|invalid| format!("The name cannot be used: {}", invalid.detail))?;
            let hash = ask_password(&email)?;
            let new = NewUser { email, name, role: role.into(), password: None, author_id: None };
            let user = in_database(config, |conn| db::transaction(conn, &|tx| store::add(tx, &new, Some(&hash))).map_err(|error| error.to_string()))?;
            println!("{} can sign in as {}.", user.row.email, user.row.role.as_str());
        }
        Command::List => {
            let users = in_database(config, |conn| store::list_all(conn).map_err(|error| error.to_string()))?;
            for User { row, status } in &users {
                println!("{}\t{}\t{}\t{}", row.email, row.role.as_str(), status.as_str(), row.name);
            }
            if users.is_empty() {
                println!("There are no accounts. Make one with `masthead user add EMAIL --role admin`.");
            }
        }
        Command::SetPassword { email } => {
            let email = parse_email(&email)?;
            let hash = ask_password(&email)?;
            in_database(config, |conn| change(conn, &email, |tx, user| store::set_password(tx, user.row.id, &hash)))?;
            println!("{email} has a new password, and every session has ended.");
        }
        Command::Disable { email } => {
            let email = parse_email(&email)?;
            in_database(config, |conn| change(conn, &email, |tx, user| store::disable(tx, user.row.id)))?;
            println!("{email} cannot sign in any more, and every session has ended.");
        }
    }
    Ok(())
}

fn in_database<T>(config: &Config, work: impl FnOnce(&mut PgConnection) -> Result<T, String>) -> Result<T, String> {
    let database = Database::open(config)?;
    let mut conn = database.connect()?;
    migrate::run(&mut conn)?;
    work(&mut conn)
}

fn change(conn: &mut PgConnection, email: &Email, work: impl Fn(&mut PgConnection, &User) -> crate::error::Result<()>) -> Result<(), String> {
    let user = store::find_by_email(conn, email).map_err(|error| error.to_string())?;
    let user = user.ok_or_else(|| format!("There is no account with the address {email}"))?;
    db::transaction(conn, &|tx| work(tx, &user)).map_err(|error| error.to_string())
}

fn parse_email(text: &str) -> Result<Email, String> {
    Email::parse(text).map_err(|invalid| format!("The e-mail address cannot be used: {}", invalid.detail))
}

/// Asks for a new password and gives its hash.
fn ask_password(owner: &Email) -> Result<String, String> {
    let text = if io::stdin().is_terminal() {
        let first = prompt(&format!("New password for {owner}, {} characters or more: ", Password::MIN))?;
        if first != prompt("The same again: ")? {
            return Err("The two passwords differ".into());
        }
        first
    } else {
        first_line(io::stdin().lock())?
    };
    let password = Password::parse(&text).and_then(|password| password.differs_from(owner).map(|()| password));
    let password = password.map_err(|invalid| format!("The password cannot be used: {}", invalid.detail))?;
    hash_here(&password).map_err(|error| error.to_string())
}

/// Reads a line from the terminal without showing it.
fn prompt(question: &str) -> Result<String, String> {
    let refused = |error: io::Error| format!("The password could not be read: {error}");
    eprint!("{question}");
    io::stderr().flush().map_err(refused)?;
    let terminal = io::stdin();
    let shown = tcgetattr(&terminal).map_err(|error| refused(error.into()))?;
    let mut hidden = shown.clone();
    hidden.local_flags.remove(LocalFlags::ECHO);
    tcsetattr(&terminal, SetArg::TCSAFLUSH, &hidden).map_err(|error| refused(error.into()))?;
    let line = first_line(terminal.lock());
    tcsetattr(&terminal, SetArg::TCSAFLUSH, &shown).map_err(|error| refused(error.into()))?;
    eprintln!();
    line
}

fn first_line(input: impl BufRead) -> Result<String, String> {
    let mut line = String::new();
    input.take(LONGEST).read_line(&mut line).map_err(|error| format!("The password could not be read: {error}"))?;
    let line = line.trim_end_matches('\n').trim_end_matches('\r');
    if line.is_empty() { Err("No password was given: type one, or send it to standard input".into()) } else { Ok(line.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_a_line_as_it_stands() {
        assert_eq!(first_line("  two words \r\nmore".as_bytes()).unwrap(), "  two words ");
        assert!(first_line("\n".as_bytes()).is_err());
    }
}
