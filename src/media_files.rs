//! Where the bytes of media are: the names of stored objects, and putting, reading and removing them. An object is named
//! by its content, never by what somebody called it. Knows no row: who needs an object is decided elsewhere.

use std::error::Error as _;
use std::io::ErrorKind;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{GetOptions, GetRange, GetResult, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};

use crate::config::Config;
use crate::error::{Code, Error, Result};

/// Under which originals are kept.
pub const ORIGINALS: &str = "originals";

/// The store that the settings name: a folder in the data directory, or a bucket.
///
/// # Errors
/// A sentence for the operator.
pub fn store(config: &Config) -> Result<Arc<dyn ObjectStore>, String> {
    let Some(url) = &config.storage_url else {
        let folder = config.data_dir.join("media");
        std::fs::create_dir_all(&folder).map_err(|e| format!("The media folder {} cannot be made: {e}.", folder.display()))?;
        let store = LocalFileSystem::new_with_prefix(&folder).map_err(|e| format!("The media folder {} cannot be used: {e}.", folder.display()))?;
        return Ok(Arc::new(store));
    };
    let bucket = url.host_str().filter(|_| url.scheme() == "s3").ok_or("The storage URL has the form s3://bucket/prefix.")?;
    // What is there already is not written over: the store has to know `If-None-Match`, as S3 and its kin do.
    let builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_conditional_put(S3ConditionalPut::ETagMatch);
    let store = builder.build().map_err(|e| format!("The bucket {bucket} cannot be used: {e}."))?;
    let prefix = url.path().trim_matches('/');
    if prefix.is_empty() { Ok(Arc::new(store)) } else { Ok(Arc::new(PrefixStore::new(store, prefix))) }
}

/// Bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The SHA-256 in the name of an original.
#[must_use]
pub fn sha256_of(name: &str) -> Option<Vec<u8>> {
    let digits = name.rsplit('/').next().filter(|digits| digits.len() == 64 && digits.is_ascii())?;
    (0..32).map(|at| u8::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok()).collect()
}

/// The object of a file with this SHA-256.
#[must_use]
pub fn original(sha256: &[u8]) -> Path {
    let name = hex(sha256);
    Path::from_iter([ORIGINALS, name.get(..2).unwrap_or_default(), &name])
}

/// The object of a rendition of the file with this SHA-256.
#[must_use]
pub fn rendition(sha256: &[u8], name: &str) -> Path {
    Path::from_iter(["renditions", &hex(sha256), name])
}

/// Stores bytes whole or not at all, unless the object is there already. Says whether it is new.
///
/// # Errors
/// 507 when there is no room.
pub async fn keep(store: &dyn ObjectStore, at: &Path, bytes: Bytes) -> Result<bool> {
    match store.put_opts(at, PutPayload::from_bytes(bytes), PutOptions::from(PutMode::Create)).await {
        Ok(_) => Ok(true),
        Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
        Err(error) => Err(refusal(&error)),
    }
}

/// Opens an object, or a part of it; `None` where there is no such object.
///
/// # Errors
/// What the store says.
pub async fn open(store: &dyn ObjectStore, at: &Path, range: Option<std::ops::Range<u64>>) -> Result<Option<GetResult>> {
    let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
    match store.get_opts(at, options).await {
        Ok(found) => Ok(Some(found)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(refusal(&error)),
    }
}

/// How long an object is; `None` where there is no such object.
///
/// # Errors
/// What the store says.
pub async fn size(store: &dyn ObjectStore, at: &Path) -> Result<Option<u64>> {
    match store.head(at).await {
        Ok(found) => Ok(Some(found.size)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(refusal(&error)),
    }
}

/// Whether there is such an object. For code that may block, such as a transaction.
///
/// # Errors
/// What the store says.
pub fn exists(store: &dyn ObjectStore, at: &Path) -> Result<bool> {
    Ok(blocking(size(store, at))?.is_some())
}

/// Removes an original and what was made of it. For code that may block, such as a transaction.
///
/// # Errors
/// What the store says.
pub fn remove(store: &dyn ObjectStore, sha256: &[u8]) -> Result<()> {
    blocking(take_away(store, sha256))
}

/// Removes an original and what was made of it.
///
/// # Errors
/// What the store says.
pub async fn take_away(store: &dyn ObjectStore, sha256: &[u8]) -> Result<()> {
    let renditions = store.list(Some(&rendition(sha256, ""))).map_ok(|object| object.location).try_collect::<Vec<_>>().await;
    for at in renditions.map_err(|error| refusal(&error))?.iter().chain([&original(sha256)]) {
        match store.delete(at).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(refusal(&error)),
        }
    }
    Ok(())
}

/// Database work runs on threads that may block; the store is asynchronous.
fn blocking<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Handle::current().block_on(work)
}

/// What a failure of the store means for the caller.
fn refusal(error: &object_store::Error) -> Error {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(error) = cause.downcast_ref::<std::io::Error>() {
            return io_refusal(error);
        }
        source = cause.source();
    }
    Error::internal(error)
}

/// What a failure of the disk means for the caller.
#[must_use]
pub fn io_refusal(error: &std::io::Error) -> Error {
    if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
        return Error { cause: Some(format!("no space for media: {error}")), ..Error::new(Code::InsufficientStorage, "There is no room for this file. Nothing was kept of it.") };
    }
    Error::internal(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_named_by_their_content() {
        let sha = [0xab; 32];
        assert_eq!(original(&sha).as_ref(), format!("originals/ab/{}", "ab".repeat(32)));
        assert_eq!(rendition(&sha, "640-webp").as_ref(), format!("renditions/{}/640-webp", "ab".repeat(32)));
    }

    #[test]
    fn a_full_disk_is_told_from_other_failures() {
        let full = std::io::Error::from_raw_os_error(28);
        assert_eq!(io_refusal(&full).code, Code::InsufficientStorage);
        assert_eq!(io_refusal(&std::io::Error::other("x")).code, Code::Internal);
        let wrapped = object_store::Error::Generic { store: "x", source: Box::new(std::io::Error::from_raw_os_error(28)) };
        assert_eq!(refusal(&wrapped).code, Code::InsufficientStorage);
    }
}
