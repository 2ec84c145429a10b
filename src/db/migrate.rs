//! Migrations, compiled in, run under an advisory lock, because replicas start together and diesel takes none.

use std::sync::OnceLock;

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::pg::PgConnection;
use diesel::{QueryableByName, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();
/// "masthead" as a number: the lock that every replica takes before it looks at the schema.
const LOCK: i64 = 0x6d61_7374_6865_6164;

/// Brings the schema up to date; returns the names of the migrations that ran.
///
/// # Errors
/// The database's words. What ran before the failure stays; each migration is a transaction.
pub fn run(conn: &mut PgConnection) -> Result<Vec<String>, String> {
    locked(conn, |conn| {
        let ran = conn.run_pending_migrations(MIGRATIONS).map_err(|e| e.to_string())?;
        Ok(ran.iter().map(ToString::to_string).collect())
    })
}

/// Takes every migration back, the last first.
///
/// # Errors
/// The database's words.
pub fn revert_all(conn: &mut PgConnection) -> Result<Vec<String>, String> {
    locked(conn, |conn| {
        let back = conn.revert_all_migrations(MIGRATIONS).map_err(|e| e.to_string())?;
        Ok(back.iter().map(ToString::to_string).collect())
    })
}

/// The names of migrations that have not run yet.
///
/// # Errors
/// The database's words.
pub fn pending(conn: &mut PgConnection) -> Result<Vec<String>, String> {
    let pending = conn.pending_migrations(MIGRATIONS).map_err(|e| e.to_string())?;
    Ok(pending.iter().map(|m| m.name().to_string()).collect())
}

/// Whether every migration of this program has run. Only reads: fit for a question that is asked often.
///
/// # Errors
/// What the database says; a database that was never migrated has no such table.
pub fn is_current(conn: &mut PgConnection) -> diesel::QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Missing {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        none: bool,
    }
    static VERSIONS: OnceLock<Vec<String>> = OnceLock::new();
    let versions = VERSIONS.get_or_init(|| {
        let all = MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS).unwrap_or_default();
        all.iter().map(|migration| migration.name().version().to_string()).collect()
    });
    diesel::sql_query("SELECT NOT EXISTS (SELECT FROM unnest($1) AS ours (version) WHERE version NOT IN (SELECT version FROM __diesel_schema_migrations)) AS none")
        .bind::<diesel::sql_types::Array<diesel::sql_types::Text>, _>(versions)
        .get_result::<Missing>(conn)
        .map(|missing| missing.none)
}

fn locked<T>(conn: &mut PgConnection, work: impl FnOnce(&mut PgConnection) -> Result<T, String>) -> Result<T, String> {
    conn.batch_execute(&format!("SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock({LOCK}); SET lock_timeout = '10s'")).map_err(|e| e.to_string())?;
    let outcome = work(conn);
    conn.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})")).map_err(|e| e.to_string())?;
    outcome
}
