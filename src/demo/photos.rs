//! The photographs and drawings of the demo, compiled into the binary so that it can load them by itself.
//! Owns the list; where each comes from and on what terms is in `demo/LICENCES.md`.

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
#[must_use]
pub fn bytes(file: &str) -> Option<&'static [u8]> {
    PHOTOS.iter().find(|(name, _)| *name == file).map(|(_, bytes)| *bytes)
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
