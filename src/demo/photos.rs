//! The photographs and drawings of the demo, compiled into the binary so that it can load them by itself.
//! Owns the list; where each comes from and on what terms is in `demo/LICENCES.md`.

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

macro_rules! photos {
    ($($name:literal,)*) => {
        /// Every file: its path below `demo/`, and its bytes.
        pub const PHOTOS: &[(&str, &[u8])] = &[$((concat!("photos/", $name), include_bytes!(concat!("../../demo/photos/", $name))),)*];
    };
}

photos! {
    "ancient-coins.jpg",
    "astronaut-eileen-collins.jpg",
    "brick-wall.jpg",
    "camera-operator.jpg",
    "cell-in-saline.jpg",
    "chelsea-cat.jpg",
    "coffee-cup.jpg",
    "flood-map.png",
    "football-ground.png",
    "grain-chart.png",
    "grass-blades.jpg",
    "gravel-stones.jpg",
    "harbour-cranes.png",
    "hubble-deep-field-detail.jpg",
    "hubble-extreme-deep-field.jpg",
    "library-hall.png",
    "meridian-post-emblem.png",
    "night-train.png",
    "old-pier-licence-expired.png",
    "portrait-amara-reyes.png",
    "portrait-ingrid-solheim.png",
    "portrait-kenji-arakawa.png",
    "portrait-maksym-tkalenko.png",
    "portrait-olena-marchenko.png",
    "portrait-solomiia-hrynevych.png",
    "portrait-tomas-wren.png",
    "portrait-yusuf-adeyemi.png",
    "power-grid-map.png",
    "rail-bridge-drawing.png",
    "rail-gauge-diagram.png",
    "retina-fundus.jpg",
    "river-gauge-chart.png",
    "rocket-launch-pad.jpg",
    "rocket-night-launch.jpg",
    "satellite-rail-bridge.webp",
    "skyline-dusk.png",
    "tram-street.png",
    "wall-clock.jpg",
    "wheat-field.png",
    "wind-farm.png",
}

/// The bytes of a file named by its path below `demo/`.
///
/// # Errors
/// Ours, when it is not in the list.
pub fn bytes(file: &str) -> Result<&'static [u8]> {
    let found = PHOTOS.iter().find(|(name, _)| *name == file).map(|(_, bytes)| *bytes);
    found.ok_or_else(|| Error::internal(format!("the demo's picture {file} is not in the binary")))
}

/// Puts a file where media files are: under its digest, so that the same bytes twice are one file.
///
/// # Errors
/// What the store says.
pub async fn store(files: &dyn ObjectStore, bytes: &'static [u8]) -> Result<()> {
    let hex = Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let key = Path::from(format!("originals/{}/{hex}", hex.get(..2).unwrap_or_default()));
    files.put(&key, PutPayload::from_static(bytes)).await.map_err(Error::internal)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_in_the_folder_is_compiled_in() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/photos");
        let files = std::fs::read_dir(folder).unwrap().count();
        assert_eq!(files, PHOTOS.len());
    }
}
