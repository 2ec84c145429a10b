//! A nameless file below the data directory: it is gone with its last handle, so that nothing can be left behind, however
//! an upload ends. Knows no HTTP.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::media_files::io_refusal;

/// Bytes gathered before they are written: what an upload holds in memory.
const BATCH: usize = 256 << 10;

/// A file that is being written.
pub struct Spool {
    state: Option<(File, Sha256)>,
    batch: Vec<u8>,
    len: u64,
}

/// A file that is complete.
pub struct Spooled {
    file: File,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// How many they are.
    pub len: u64,
}

impl Spool {
    /// Makes the file and takes its name away at once.
    ///
    /// # Errors
    /// 507 when there is no room.
    pub fn new(data_dir: &Path) -> Result<Self> {
        let folder = data_dir.join("uploads");
        let made = std::fs::create_dir_all(&folder).and_then(|()| {
            let name = folder.join(Uuid::now_v7().to_string());
            let file = OpenOptions::new().read(true).write(true).create_new(true).open(&name)?;
            std::fs::remove_file(&name)?;
            Ok(file)
        });
        Ok(Self { state: Some((made.map_err(|error| io_refusal(&error))?, Sha256::new())), batch: Vec::new(), len: 0 })
    }

    /// How many bytes it has so far.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// 507 when there is no room.
    pub async fn write(&mut self, chunk: &[u8]) -> Result<()> {
        self.len += chunk.len() as u64;
        self.batch.extend_from_slice(chunk);
        if self.batch.len() < BATCH { Ok(()) } else { self.flush().await }
    }

    async fn flush(&mut self) -> Result<()> {
        let lost = || Error::internal("a spool was used after it failed");
        let (mut file, mut digest) = self.state.take().ok_or_else(lost)?;
        let batch = std::mem::take(&mut self.batch);
        #[expect(clippy::disallowed_methods, reason = "disks block; each upload has one batch on its way at the most")]
        let written = tokio::task::spawn_blocking(move || {
            digest.update(&batch);
            file.write_all(&batch).map(|()| (file, digest))
        });
        self.state = Some(written.await.map_err(Error::internal)?.map_err(|error| io_refusal(&error))?);
        Ok(())
    }

    /// The file, complete.
    ///
    /// # Errors
    /// 507 when there is no room.
    pub async fn finish(mut self) -> Result<Spooled> {
        self.flush().await?;
        let (file, digest) = self.state.take().ok_or_else(|| Error::internal("a spool without a file"))?;
        Ok(Spooled { file, sha256: digest.finalize().into(), len: self.len })
    }
}

impl Spooled {
    /// All of it. Blocks.
    ///
    /// # Errors
    /// Only ours.
    pub fn into_bytes(mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.len).unwrap_or_default());
        self.file.rewind().and_then(|()| self.file.read_to_end(&mut bytes)).map_err(|error| io_refusal(&error))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn what_is_spooled_comes_back_and_leaves_no_name() {
        let folder = std::env::temp_dir().join(format!("masthead-spool-{}", Uuid::now_v7()));
        let mut spool = Spool::new(&folder).unwrap();
        let bytes: Vec<u8> = (0..BATCH * 2 + 7).map(|n| u8::try_from(n % 251).unwrap()).collect();
        for chunk in bytes.chunks(10_000) {
            spool.write(chunk).await.unwrap();
        }
        let spooled = spool.finish().await.unwrap();
        assert_eq!(std::fs::read_dir(folder.join("uploads")).unwrap().count(), 0);
        assert_eq!(spooled.sha256.to_vec(), Sha256::digest(&bytes).to_vec());
        assert_eq!(spooled.into_bytes().unwrap(), bytes);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
