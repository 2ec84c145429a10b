//! EXIF: what the camera wrote, and how the picture is to be turned.
//! Reads the few fields that a newsroom needs; place and device are looked at by nobody.

use super::embedded_metadata::{MAX_LINE, MAX_LIST, MAX_NAME, MAX_TEXT, Reading, decoded, line, prose};
use ::exif::{Exif, In, Tag, Value};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDateTime, TimeZone, Utc};

/// What cameras write into the field for a description when nobody wrote one.
const NOT_CAPTIONS: [&str; 8] =
    ["OLYMPUS DIGITAL CAMERA", "SONY DSC", "MINOLTA DIGITAL CAMERA", "KONICA MINOLTA DIGITAL CAMERA", "SAMSUNG CAMERA PICTURES", "DIGITAL CAMERA", "Exif_JPEG_PICTURE", "default"];

/// The orientation, 1 to 8.
pub(super) fn orientation(block: &[u8]) -> Option<u8> {
    let exif = parsed(block)?;
    let value = exif.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0)?;
    u8::try_from(value).ok().filter(|value| (1..=8).contains(value))
}

/// Reads a TIFF block.
pub(super) fn read(block: &[u8]) -> Reading {
    let Some(exif) = parsed(block) else {
        return Reading::default();
    };
    let text = |tag| text(&exif, tag);
    let artists = text(Tag::Artist).unwrap_or_default();
    Reading {
        creators: artists.split(';').filter_map(|name| line(name, MAX_NAME)).take(MAX_LIST).collect(),
        copyright_notice: text(Tag::Copyright).and_then(|notice| line(&notice, MAX_LINE)),
        caption: text(Tag::ImageDescription).and_then(|caption| prose(&caption, MAX_TEXT)).filter(|caption| !NOT_CAPTIONS.contains(&caption.as_str())),
        taken_at: text(Tag::DateTimeOriginal).and_then(|local| instant(&local, text(Tag::OffsetTimeOriginal).as_deref())),
        ..Reading::default()
    }
}

fn parsed(block: &[u8]) -> Option<Exif> {
    let mut reader = ::exif::Reader::new();
    reader.continue_on_error(true);
    reader.read_raw(block.to_vec()).or_else(|error| error.distill_partial_result(|_ignored| {})).ok()
}

/// The parts of a text field, which NULs separate (the copyright of photographer and editor), joined by spaces.
fn text(exif: &Exif, tag: Tag) -> Option<String> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(parts) => Some(parts.iter().take(4).map(|part| decoded(part)).collect::<Vec<_>>().join(" ")),
        _ => None,
    }
}

/// `YYYY:MM:DD HH:MM:SS`, with an offset such as `+02:00` in a field of its own where the camera knew it.
fn instant(local: &str, offset: Option<&str>) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(local.trim_matches(['\0', ' ']), "%Y:%m:%d %H:%M:%S").ok()?;
    let offset = offset.and_then(|offset| offset.trim_matches(['\0', ' ']).parse::<FixedOffset>().ok());
    let instant = match offset {
        Some(offset) => offset.from_local_datetime(&local).single()?.with_timezone(&Utc),
        None => local.and_utc(),
    };
    plausible(instant)
}

/// From the year of the first photograph to the end of the century: what lies outside is an unset clock.
pub(super) fn plausible(instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (1826..2100).contains(&instant.year()).then_some(instant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::specimens::{self, Entry};

    fn reading(ifd0: &[(u16, Entry<'_>)], exif: &[(u16, Entry<'_>)]) -> Reading {
        read(&specimens::exif(ifd0, exif))
    }

    #[test]
    fn fields_are_read() {
        let reading = reading(
            &[(0x010e, Entry::Text("Boats in Čadca")), (0x013b, Entry::Text("Zoë Ångström; Ann Lee;")), (0x8298, Entry::Bytes(b"\xa9 Photographer\0Editor"))],
            &[(0x9003, Entry::Text("2024:05:03 10:11:12")), (0x9011, Entry::Text("+02:00"))],
        );
        assert_eq!(reading.caption.as_deref(), Some("Boats in Čadca"));
        assert_eq!(reading.creators, ["Zoë Ångström", "Ann Lee"]);
        assert_eq!(reading.copyright_notice.as_deref(), Some("© Photographer Editor"));
        assert_eq!(reading.taken_at.unwrap().to_rfc3339(), "2024-05-03T08:11:12+00:00");
    }

    #[test]
    fn a_time_without_offset_is_utc_and_an_unset_clock_is_nothing() {
        let taken = |text| reading(&[], &[(0x9003, Entry::Text(text))]).taken_at;
        assert_eq!(taken("2024:05:03 10:11:12").unwrap().to_rfc3339(), "2024-05-03T10:11:12+00:00");
        for text in ["0000:00:00 00:00:00", "    :  :     :  :  ", "2024-05-03", "", "0001:01:01 00:00:00"] {
            assert_eq!(taken(text), None, "{text}");
        }
    }

    #[test]
    fn what_cameras_write_is_no_caption() {
        assert_eq!(reading(&[(0x010e, Entry::Text("OLYMPUS DIGITAL CAMERA         "))], &[]).caption, None);
    }

    #[test]
    fn orientations_outside_the_standard_are_none() {
        let given = |value| orientation(&specimens::exif(&[(0x0112, Entry::Short(value))], &[]));
        assert_eq!((given(1), given(8), given(0), given(9), given(300)), (Some(1), Some(8), None, None, None));
    }

    #[test]
    fn broken_blocks_give_nothing_and_never_panic() {
        let whole = specimens::exif(&[(0x010e, Entry::Text("caption of it")), (0x0112, Entry::Short(6))], &[(0x9003, Entry::Text("2024:05:03 10:11:12"))]);
        for at in 0..whole.len() {
            let _cut = read(&whole[..at]);
            let mut bent = whole.clone();
            bent[at] ^= 0xff;
            let _bent = (read(&bent), orientation(&bent));
        }
        // An IFD that follows itself.
        assert_eq!(orientation(b"MM\0*\0\0\0\x08\0\0\0\0\0\x08"), None);
    }
}
