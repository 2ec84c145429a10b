//! What `masthead doctor` says of stored files.

use diesel::pg::PgConnection;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

use super::{Fail, Finding, Fine, Warn, runtime};
use crate::config::Config;
use crate::editorial::media::upkeep::{self, Orphans};
use crate::media_files;

/// Names that are told of each kind.
const MOST: usize = 20;

/// Writes, reads and removes a small object; says whether what came back is what was written.
pub(super) async fn try_store(store: &dyn ObjectStore) -> Result<bool, String> {
    let said = |error: object_store::Error| error.to_string();
    let at = Path::from(format!("doctor/{}", std::process::id()));
    store.put(&at, PutPayload::from_static(b"well")).await.map_err(said)?;
    let read = store.get(&at).await.map_err(said)?.bytes().await.map_err(said)?;
    store.delete(&at).await.map_err(said)?;
    Ok(&read[..] == b"well")
}

/// Compares what is stored with what is needed, and sweeps where that is asked for.
pub(super) fn look(config: &Config, conn: &mut PgConnection, sweep: bool) -> Vec<Finding> {
    let found = runtime().and_then(|runtime| {
        let store = media_files::store(config)?;
        let found = runtime.block_on(upkeep::orphans(conn, &*store)).map_err(|error| error.to_string())?;
        let swept = if sweep { runtime.block_on(upkeep::sweep(conn, &*store, &found.objects_without_row)).map_err(|error| error.to_string())? } else { 0 };
        Ok((found, swept))
    });
    match found {
        Ok((found, swept)) => told(&found, sweep.then_some(swept)),
        Err(error) => vec![Fail(format!("stored files cannot be compared: {}", error.trim_end_matches('.')))],
    }
}

fn told(Orphans { objects_without_row, rows_without_object }: &Orphans, swept: Option<usize>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !rows_without_object.is_empty() {
        findings.push(Fail(format!("{} files are missing: restore them from a backup: {}", rows_without_object.len(), names(rows_without_object))));
    }
    match (objects_without_row.len(), swept) {
        (0, _) => {}
        (_, Some(swept)) => findings.push(Fine(format!("{swept} files that nothing needed were removed"))),
        (some, None) => findings.push(Warn(format!("{some} files are needed by nothing: --sweep removes them: {}", names(objects_without_row)))),
    }
    if findings.is_empty() {
        findings.push(Fine("every file is needed, and everything that is needed is there".into()));
    }
    findings
}

fn names(all: &[String]) -> String {
    let more = all.len().saturating_sub(MOST);
    let list = all.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    if more == 0 { list } else { format!("{list} and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_fails_and_what_is_left_over_is_worth_a_word() {
        let orphans = |left: usize, lost: usize| Orphans { objects_without_row: vec!["left".into(); left], rows_without_object: vec!["lost".into(); lost] };
        assert!(matches!(told(&orphans(0, 0), None).as_slice(), [Fine(_)]));
        assert!(matches!(told(&orphans(2, 1), None).as_slice(), [Fail(lost), Warn(left)] if lost.contains("lost") && left.contains("--sweep")));
        assert!(matches!(told(&orphans(25, 0), None).as_slice(), [Warn(left)] if left.ends_with("and 5 more")));
        assert!(matches!(told(&orphans(2, 0), Some(2)).as_slice(), [Fine(text)] if text.starts_with("2 files")));
    }
}
