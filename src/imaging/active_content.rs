//! Files of two faces: pictures and recordings that are markup, a script or an archive as well.
//! Looks for what browsers, PHP hosts and archive readers would find; a clean file here is still served with `nosniff`.

use super::{Kind, Refused, container};

/// Tags that have no business in a picture, looked for with the character that ends their name: five letters alone would
/// turn up by chance in compressed data.
const TAGS: [&[u8]; 6] = [b"script", b"html", b"iframe", b"!doctype", b"?php", b"body"];

/// Starts of other files, which nothing that writes pictures puts directly behind one. JPEG and MP4 are not among them:
/// cameras append previews and moving pictures.
const STRANGERS: [&[u8]; 9] = [b"PK\x03\x04", b"%PDF-", b"\x7fELF", b"Rar!\x1a", b"7z\xbc\xaf", b"\xca\xfe\xba\xbe", b"<?xml", b"<svg", b"*/"];

/// Refuses a file that holds something that could run.
pub(super) fn refuse(kind: Kind, bytes: &[u8]) -> Result<(), Refused> {
    if kind == Kind::Pdf {
        // Names in compressed streams stay hidden; documents are served as attachments for that reason.
        return if [&b"/JavaScript"[..], b"/Launch"].iter().any(|name| memchr::memmem::find(bytes, name).is_some()) {
            Err(Refused::active_content("Save the PDF without scripts and launch actions, for example by printing it to a file."))
        } else {
            Ok(())
        };
    }
    let polyglot = || Refused::active_content("Export the file again from the program that made it: it holds code or another file.");
    let head = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    if has_archive(bytes) || memchr::memmem::find(head, b"%PDF-").is_some() {
        return Err(polyglot());
    }
    if kind.is_raster() && (has_markup(bytes) || opens_comment(kind, bytes) || has_stranger_behind(kind, bytes)) {
        return Err(polyglot());
    }
    Ok(())
}

fn has_markup(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'<', bytes).filter_map(|at| bytes.get(at + 1..)).any(|rest| {
        TAGS.iter().any(|tag| {
            rest.get(..tag.len()).is_some_and(|name| name.eq_ignore_ascii_case(tag))
                && rest.get(tag.len()).is_none_or(|end| matches!(end, b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n' | 0x0c))
        })
    })
}

/// The signatures of these kinds are legal names in JavaScript; the bytes behind them then open a comment or assign.
fn opens_comment(kind: Kind, bytes: &[u8]) -> bool {
    match kind {
        Kind::Gif => matches!(bytes.get(6..8), Some(b"/*" | b"//" | b"=1" | b"='" | b"=\"")),
        Kind::Jpeg => matches!(bytes.get(3..6), Some([_, b'/', b'*'])),
        Kind::Webp => matches!(bytes.get(4..6), Some(b"/*" | b"//" | b"='" | b"=\"")),
        _ => false,
    }
}

/// An archive is read from its end: the record there must point to a directory in front of it (ZIP, 4.3.16).
fn has_archive(bytes: &[u8]) -> bool {
    let tail_start = bytes.len().saturating_sub(22 + 65_535);
    let Some(tail) = bytes.get(tail_start..) else {
        return false;
    };
    memchr::memmem::find_iter(tail, b"PK\x05\x06").any(|at| {
        let end = tail_start + at;
        let size = bytes.get(end + 12..end + 16).and_then(|size| size.first_chunk()).map(|size| u32::from_le_bytes(*size));
        let directory = size.and_then(|size| end.checked_sub(usize::try_from(size).ok()?));
        directory.is_some_and(|start| bytes.get(start..).is_some_and(|d| d.starts_with(b"PK\x01\x02") || start == end))
    })
}

fn has_stranger_behind(kind: Kind, bytes: &[u8]) -> bool {
    let Ok(outline) = container::outline(kind, bytes) else {
        // What has no end has nothing behind it; whoever decodes it will call it corrupt.
        return false;
    };
    let behind = bytes.get(outline.end..).unwrap_or_default().trim_ascii_start();
    STRANGERS.iter().any(|start| behind.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::specimens;

    fn code(bytes: &[u8]) -> &'static str {
        Kind::sniff(bytes).map_or_else(|refused| refused.code, |_| "taken")
    }

    fn zip() -> Vec<u8> {
        let directory = [&b"PK\x01\x02"[..], &[0; 42], b"A.class"].concat();
        let mut zip = [&b"PK\x03\x04"[..], &[0; 26], &directory].concat();
        zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
        zip.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
        zip.extend([0; 6]);
        zip
    }

    #[test]
    fn markup_and_archives_behind_a_picture_are_refused() {
        for picture in [specimens::jpeg(8, 8), specimens::png(8, 8), specimens::gif(8, 8, 2), specimens::webp(8, 8)] {
            assert_eq!(code(&picture), "taken");
            for tail in [
                &b"<script>alert(1)</script>"[..],
                b"\n<HTML>",
                b"<!DOCTYPE html>",
                b"<?php system(1); ?>",
                b"*/=1;alert(1)//",
                b"%PDF-1.4",
                b"<svg/onload=alert(1)>",
                &zip(),
                &[&[0; 500][..], &zip()].concat(),
            ] {
                assert_eq!(code(&[&picture[..], tail].concat()), "active_content", "{tail:?}");
            }
        }
    }

    #[test]
    fn what_cameras_append_is_taken() {
        let photo = specimens::jpeg(8, 8);
        let preview = specimens::jpeg(4, 4);
        let moving = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42";
        for tail in [&preview[..], moving, &[0; 64], b"\n", b"SEFT trailer"] {
            assert_eq!(code(&[&photo[..], tail].concat()), "taken", "{tail:?}");
        }
    }

    #[test]
    fn markup_within_a_picture_is_refused() {
        let photo = specimens::jpeg_with_segments(8, 8, &[(0xfe, b"<!--<script src=x>".to_vec())]);
        assert_eq!(code(&photo), "active_content");
        let described = specimens::jpeg_with_segments(8, 8, &[(0xfe, b"a < b, <x:xmpmeta>, <bodywork>".to_vec())]);
        assert_eq!(code(&described), "taken");
    }

    #[test]
    fn scripts_that_start_like_pictures_are_refused() {
        let mut gif = specimens::gif(8, 8, 1);
        gif[6..8].copy_from_slice(b"/*");
        assert_eq!(code(&gif), "active_content");
        assert_eq!(code(b"\xff\xd8\xff\xe0/*\0\x10JFIF"), "active_content");
        assert_eq!(code(b"GIF89a=1;alert(1)"), "active_content");
    }

    #[test]
    fn documents_with_scripts_are_refused() {
        assert_eq!(code(b"%PDF-1.7\n1 0 obj << /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>"), "active_content");
        assert_eq!(code(b"%PDF-1.7\n1 0 obj << /S /URI /URI (https://example.org) >>"), "taken");
    }
}
