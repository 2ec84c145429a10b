//! Compares what is stored with what rows need, for `masthead doctor --media`, and removes what no row needs where the
//! operator asks for it.

use diesel::pg::PgConnection;
use futures_util::TryStreamExt;
use object_store::ObjectStore;
use object_store::path::Path;

use super::store;
use crate::error::{Error, Result};
use crate::media_files;

/// Rows read at a time.
const BATCH: i64 = 1_000;

/// What does not fit together, as names of stored objects.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Orphans {
    /// Stored, but no row needs them: left by a process that was killed in between. They can go.
    pub objects_without_row: Vec<String>,
    /// Needed by a row, but not stored: lost, or not restored from a backup.
    pub rows_without_object: Vec<String>,
}

/// Looks through all originals and all rows, in the order of their names.
///
/// # Errors
/// What the database or the store says.
pub async fn orphans(conn: &mut PgConnection, store: &dyn ObjectStore) -> Result<Orphans> {
    let mut stored: Vec<String> =
        store.list(Some(&Path::from(media_files::ORIGINALS))).map_ok(|object| object.location.to_string()).try_collect().await.map_err(Error::internal)?;
    stored.sort_unstable();
    let mut needed = Vec::new();
    let mut last = Vec::new();
    loop {
        let batch = store::files_after(conn, &last, BATCH)?;
        let Some(end) = batch.last().cloned() else { break };
        needed.extend(batch.iter().map(|sha256| media_files::original(sha256).to_string()));
        last = end;
    }
    needed.sort_unstable();
    let lacking = |of: &[String], other: &[String]| of.iter().filter(|name| other.binary_search(name).is_err()).cloned().collect();
    Ok(Orphans { objects_without_row: lacking(&stored, &needed), rows_without_object: lacking(&needed, &stored) })
}

/// Removes stored files that no row needs, unless one has come to need it meanwhile. Says how many went. Uploads that are
/// under way wait, or are told to try again.
///
/// # Errors
/// What the database or the store says.
pub async fn sweep(conn: &mut PgConnection, store: &dyn ObjectStore, names: &[String]) -> Result<usize> {
    let mut swept = 0;
    for sha256 in names.iter().filter_map(|name| media_files::sha256_of(name)) {
        store::hold_file(conn, &sha256)?;
        let outcome = match store::is_needed(conn, &sha256) {
            Ok(false) => media_files::take_away(store, &sha256).await.map(|()| 1),
            Ok(true) => Ok(0),
            Err(error) => Err(error),
        };
        store::let_go_of_file(conn, &sha256)?;
        swept += outcome?;
    }
    Ok(swept)
}
