//! IPTC-IIM: the older block of captions and credits, inside the image resources of Photoshop.
//! Reads records 1 and 2 (IIM 4.2); values may be cut off, and their encoding is often not stated.

use super::embedded_metadata::{MAX_LINE, MAX_LIST, MAX_NAME, MAX_TEXT, Reading, decoded, line, prose};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeZone, Utc};

/// The sizes of fields, in bytes.
pub(super) const MAX_CREATOR: usize = 32;
pub(super) const MAX_CREDIT: usize = 32;
pub(super) const MAX_COPYRIGHT: usize = 128;
pub(super) const MAX_CAPTION: usize = 2_000;

/// The image resource that holds IIM.
const IPTC: u16 = 0x0404;
/// No picture has more; a file that is nothing but data sets is not read to its end.
const MOST_DATA_SETS: usize = 1_000;

/// Reads the image resources of Photoshop.
pub(super) fn read(resources: &[u8]) -> Reading {
    let Some(iim) = resource(resources, IPTC) else {
        return Reading::default();
    };
    let mut reading = Reading::default();
    let (mut date, mut time) = (None, None);
    for (number, value) in DataSets(iim).take(MOST_DATA_SETS) {
        // The character set of record 1:90 is not asked: writers forget it, and well-formed UTF-8 is never anything else.
        let text = || decoded(value);
        match number {
            25 if reading.keywords.len() < MAX_LIST => reading.keywords.extend(line(&text(), MAX_NAME)),
            55 => date = Some(value),
            60 => time = Some(value),
            80 if reading.creators.len() < MAX_LIST => reading.creators.extend(line(&text(), MAX_NAME)),
            105 => keep(&mut reading.headline, line(&text(), MAX_LINE)),
            110 => keep(&mut reading.credit_line, line(&text(), MAX_LINE)),
            115 => keep(&mut reading.source, line(&text(), MAX_LINE)),
            116 => keep(&mut reading.copyright_notice, line(&text(), MAX_LINE)),
            120 => keep(&mut reading.caption, prose(&text(), MAX_TEXT)),
            _ => {}
        }
    }
    reading.taken_at = date.and_then(|date| instant(date, time));
    reading
}

/// The first of repeated values stands.
fn keep(field: &mut Option<String>, value: Option<String>) {
    if field.is_none() {
        *field = value;
    }
}

/// A resource is `8BIM`, its number, a name, its length and its data; name and data are padded to even lengths.
fn resource(resources: &[u8], wanted: u16) -> Option<&[u8]> {
    let mut rest = resources;
    loop {
        let after_signature = rest.strip_prefix(b"8BIM")?;
        let (number, after_number) = after_signature.split_first_chunk()?;
        let name = usize::from(*after_number.first()?) + 1;
        let (length, data) = after_number.get(name + name % 2..)?.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        if u16::from_be_bytes(*number) == wanted {
            return data.get(..length);
        }
        rest = data.get(length.checked_add(length % 2)?..)?;
    }
}

/// The data sets of record 2: number and value. Ends at the first that is not sound.
struct DataSets<'a>(&'a [u8]);

impl<'a> Iterator for DataSets<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (&[mark, record, number, high, low], rest) = self.0.split_first_chunk()?;
            let length = u16::from_be_bytes([high, low]);
            // The highest bit says that the length itself is longer: values of more than 32 KiB, which no text is.
            if mark != 0x1c || length & 0x8000 != 0 {
                return None;
            }
            let (value, rest) = rest.split_at_checked(usize::from(length))?;
            self.0 = rest;
            if record == 2 {
                return Some((number, value));
            }
        }
    }
}

/// `CCYYMMDD` and, where it is given, `HHMMSS±HHMM`.
fn instant(date: &[u8], time: Option<&[u8]>) -> Option<DateTime<Utc>> {
    let date = NaiveDate::parse_from_str(std::str::from_utf8(date).ok()?, "%Y%m%d").ok()?;
    let time = time.and_then(|time| std::str::from_utf8(time).ok()).unwrap_or_default();
    let (clock, offset) = time.split_at_checked(6).unwrap_or(("000000", ""));
    let clock = NaiveTime::parse_from_str(clock, "%H%M%S").ok()?;
    let offset = offset_seconds(offset).and_then(FixedOffset::east_opt).or(FixedOffset::east_opt(0))?;
    let local = offset.from_local_datetime(&date.and_time(clock)).single()?;
    super::exif::plausible(local.with_timezone(&Utc))
}

fn offset_seconds(text: &str) -> Option<i32> {
    let (sign, digits) = text.split_at_checked(1)?;
    let (hours, minutes) = digits.split_at_checked(2)?;
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    match sign {
        "+" => Some(seconds),
        "-" => Some(-seconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::specimens;

    fn reading(data_sets: &[(u8, u8, &[u8])]) -> Reading {
        let (_, payload) = specimens::iim_segment(data_sets);
        read(payload.strip_prefix(b"Photoshop 3.0\0").unwrap())
    }

    #[test]
    fn fields_are_read_and_lists_gathered() {
        let reading = reading(&[
            (1, 90, b"\x1b%G"),
            (2, 0, &[0, 4]),
            (2, 80, "Zoë Ångström".as_bytes()),
            (2, 80, b"Ann Lee"),
            (2, 110, b"Agency"),
            (2, 115, b"Source"),
            (2, 116, b"(c) Agency"),
            (2, 105, b"Title"),
            (2, 120, b"Line one\rline two"),
            (2, 25, b"harbour"),
            (2, 25, b"storm"),
            (2, 55, b"20240503"),
            (2, 60, b"101112+0200"),
            (2, 110, b"Second is ignored"),
        ]);
        assert_eq!(reading.creators, ["Zoë Ångström", "Ann Lee"]);
        assert_eq!(reading.credit_line.as_deref(), Some("Agency"));
        assert_eq!(reading.caption.as_deref(), Some("Line one\nline two"));
        assert_eq!(reading.keywords, ["harbour", "storm"]);
        assert_eq!(reading.taken_at.unwrap().to_rfc3339(), "2024-05-03T08:11:12+00:00");
    }

    #[test]
    fn text_in_an_older_encoding_is_read() {
        assert_eq!(reading(&[(2, 110, b"Fran\xe7ois \x96 Z\xfcrich")]).credit_line.as_deref(), Some("François – Zürich"));
    }

    #[test]
    fn dates_without_a_time_are_midnight_and_nonsense_is_nothing() {
        assert_eq!(reading(&[(2, 55, b"20240503")]).taken_at.unwrap().to_rfc3339(), "2024-05-03T00:00:00+00:00");
        for date in [&b"00000000"[..], b"20241340", b"tomorrow", b"", b"\xff\xff", b"99991231"] {
            assert_eq!(reading(&[(2, 55, date)]).taken_at, None, "{date:?}");
        }
    }

    #[test]
    fn broken_blocks_end_the_reading() {
        for resources in [&b""[..], b"8BIM", b"8BIM\x04\x04\0\0\xff\xff\xff\xff", b"8BIM\x04\x04\xff", b"8BIM\x04\x04\0\0\0\0\0\x05\x1c\x02\x50\xff\xff"] {
            let reading = read(resources);
            assert!(reading.creators.is_empty() && reading.credit_line.is_none());
        }
        let many: Vec<(u8, u8, &[u8])> = vec![(2, 80, b"x"); 3_000];
        assert_eq!(reading(&many).creators.len(), MAX_LIST);
    }
}
