//! XMP: the packet of RDF/XML in which today's programs write captions, credits and licences.
//! Reads named properties of the picture itself; expands no entity, follows no reference, stops at sane sizes.

use super::embedded_metadata::{MAX_LINE, MAX_LIST, MAX_NAME, MAX_TEXT, Reading, line, prose, term, web_address};
use super::exif::plausible;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;

/// The list of ways in which pictures come to be (IPTC NewsCodes).
pub(super) const SOURCE_TYPES: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/";
/// The list of what machines may do (PLUS Coalition).
const DATA_MINING: &str = "http://ns.useplus.org/ldf/vocab/";

/// The namespaces that are read; every other one is skipped.
const NAMESPACES: [(&str, &str); 9] = [
    ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf"),
    ("http://purl.org/dc/elements/1.1/", "dc"),
    ("http://ns.adobe.com/photoshop/1.0/", "photoshop"),
    ("http://ns.adobe.com/xap/1.0/rights/", "xmpRights"),
    ("http://ns.adobe.com/exif/1.0/", "exif"),
    ("http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/", "Iptc4xmpCore"),
    ("http://iptc.org/std/Iptc4xmpExt/2008-02-29/", "Iptc4xmpExt"),
    ("http://ns.useplus.org/ldf/xmp/1.0/", "plus"),
    ("http://www.w3.org/XML/1998/namespace", "xml"),
];

/// Elements inside one another; a packet needs about ten.
const MOST_DEPTH: usize = 32;
/// Of one value, in bytes, before it is cleaned.
const MOST_VALUE: usize = 32 << 10;
/// Of one element; Lightroom writes some two hundred settings as attributes.
const MOST_ATTRIBUTES: usize = 2_000;
/// Of one property: languages of a text, items of a list.
const MOST_VALUES: usize = 100;

/// Reads a packet, and the part of it that did not fit into one segment.
pub(super) fn read(packet: &[u8], extended: &[u8]) -> Reading {
    let mut properties = Properties::default();
    properties.gather(packet);
    if !extended.is_empty() {
        properties.gather(extended);
    }
    properties.reading()
}

/// The values of a property with the languages they are in, by the usual name of the property: `dc:creator`.
#[derive(Default)]
struct Properties(HashMap<String, Vec<Value>>);

#[derive(Default)]
struct Value {
    language: Option<String>,
    text: String,
}

/// Where the reader stands.
#[derive(Default)]
struct Place {
    /// Usual names of the open elements, empty for those of other namespaces.
    path: Vec<String>,
    /// The usual prefixes of the prefixes in this packet.
    prefixes: HashMap<Vec<u8>, &'static str>,
    /// The value that is being read.
    value: Value,
}

impl Properties {
    fn gather(&mut self, packet: &[u8]) {
        let packet = packet.strip_prefix(b"\xef\xbb\xbf").unwrap_or(packet);
        let mut reader = Reader::from_reader(packet);
        let mut place = Place::default();
        loop {
            match reader.read_event() {
                Ok(Event::Start(element)) => {
                    if !self.open(&mut place, &element) {
                        return;
                    }
                }
                Ok(Event::Empty(element)) => {
                    if !self.open(&mut place, &element) {
                        return;
                    }
                    self.close(&mut place);
                }
                Ok(Event::End(_)) => self.close(&mut place),
                Ok(Event::Text(text)) => place.add(&String::from_utf8_lossy(&text)),
                Ok(Event::CData(text)) => place.add(&String::from_utf8_lossy(&text)),
                Ok(Event::GeneralRef(name)) => {
                    let known = name.resolve_char_ref().ok().flatten().or(match &*name {
                        b"lt" => Some('<'),
                        b"gt" => Some('>'),
                        b"amp" => Some('&'),
                        b"quot" => Some('"'),
                        b"apos" => Some('\''),
                        _ => None,
                    });
                    place.add(known.unwrap_or(' ').encode_utf8(&mut [0; 4]));
                }
                // A packet declares no entities; one that does is an attack.
                Ok(Event::DocType(_) | Event::Eof) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    /// `false` when the packet is deeper than any sound one.
    fn open(&mut self, place: &mut Place, element: &BytesStart<'_>) -> bool {
        place.learn_prefixes(element);
        place.path.push(place.usual(element.name().as_ref()));
        place.value = Value::default();
        for attribute in element.attributes().with_checks(false).take(MOST_ATTRIBUTES).flatten() {
            let raw = attribute.value.get(..MOST_VALUE).unwrap_or(&attribute.value);
            let text = String::from_utf8_lossy(raw);
            let text = quick_xml::escape::unescape(&text).unwrap_or_else(|_unknown| text.clone());
            match place.usual(attribute.key.as_ref()).as_str() {
                "xml:lang" => place.value.language = Some(text.into_owned()),
                "rdf:resource" => place.value.text = text.into_owned(),
                "" => {}
                // A property written as an attribute of a description or of a structure.
                name => {
                    let name = name.to_owned();
                    place.path.push(name);
                    self.take(place, Value { language: None, text: text.into_owned() });
                    place.path.pop();
                }
            }
        }
        place.path.len() <= MOST_DEPTH
    }

    fn close(&mut self, place: &mut Place) {
        let value = std::mem::take(&mut place.value);
        if !value.text.trim().is_empty() {
            self.take(place, value);
        }
        place.path.pop();
    }

    fn take(&mut self, place: &Place, value: Value) {
        let Some(name) = place.property() else {
            return;
        };
        let values = self.0.entry(name.to_owned()).or_default();
        if values.len() < MOST_VALUES {
            values.push(value);
        }
    }

    /// The text in the default language, or else the first.
    fn text(&self, name: &str) -> Option<&str> {
        let values = self.0.get(name)?;
        let default = values.iter().find(|value| value.language.as_deref() == Some("x-default"));
        default.or(values.first()).map(|value| value.text.as_str())
    }

    fn list(&self, name: &str) -> Vec<String> {
        let values = self.0.get(name).map(Vec::as_slice).unwrap_or_default();
        values.iter().filter_map(|value| line(&value.text, MAX_NAME)).take(MAX_LIST).collect()
    }

    fn reading(&self) -> Reading {
        let one = |name| self.text(name).and_then(|text| line(text, MAX_LINE));
        let many = |name| self.text(name).and_then(|text| prose(text, MAX_TEXT));
        Reading {
            creators: self.list("dc:creator"),
            credit_line: one("photoshop:Credit"),
            copyright_notice: one("dc:rights"),
            source: one("photoshop:Source"),
            caption: many("dc:description"),
            headline: one("photoshop:Headline").or_else(|| one("dc:title")),
            alt: many("Iptc4xmpCore:AltTextAccessibility"),
            taken_at: self.text("photoshop:DateCreated").or(self.text("exif:DateTimeOriginal")).and_then(instant),
            web_statement_of_rights: self.text("xmpRights:WebStatement").and_then(web_address),
            usage_terms: many("xmpRights:UsageTerms"),
            licensor_name: one("plus:LicensorName"),
            licensor_url: self.text("plus:LicensorURL").and_then(web_address),
            digital_source_type: self.text("Iptc4xmpExt:DigitalSourceType").and_then(|text| term(text, SOURCE_TYPES)),
            data_mining: self.text("plus:DataMining").and_then(|text| term(text, DATA_MINING)),
            keywords: self.list("dc:subject"),
        }
    }
}

impl Place {
    fn add(&mut self, text: &str) {
        if self.value.text.len() + text.len() <= MOST_VALUE {
            self.value.text.push_str(text);
        }
    }

    /// Declarations are remembered for the whole packet: writers do not give one prefix two meanings.
    fn learn_prefixes(&mut self, element: &BytesStart<'_>) {
        for attribute in element.attributes().with_checks(false).take(MOST_ATTRIBUTES).flatten() {
            let Some(prefix) = attribute.key.as_ref().strip_prefix(b"xmlns:") else { continue };
            let known = NAMESPACES.iter().find(|(uri, _)| uri.as_bytes() == attribute.value.as_ref());
            if let Some((_, usual)) = known.filter(|_| self.prefixes.len() < 64) {
                self.prefixes.insert(prefix.to_vec(), usual);
            }
        }
    }

    /// The name with the usual prefix of its namespace; empty for names of no namespace that is read.
    fn usual(&self, name: &[u8]) -> String {
        let mut parts = name.splitn(2, |byte| *byte == b':');
        let (Some(prefix), Some(local)) = (parts.next(), parts.next()) else {
            return String::new();
        };
        let usual = if prefix == b"xml" { Some(&"xml") } else { self.prefixes.get(prefix) };
        usual.map(|usual| format!("{usual}:{}", String::from_utf8_lossy(local))).unwrap_or_default()
    }

    /// The property that a value found here belongs to: one of the picture itself, so directly inside a description
    /// directly inside the RDF; or a member of its licensor. Those of ingredients and versions lie deeper.
    fn property(&self) -> Option<&str> {
        let rdf = self.path.iter().position(|name| name == "rdf:RDF")?;
        let inside = self.path.get(rdf + 1..)?;
        let (description, inside) = inside.split_first()?;
        let (property, inside) = inside.split_first()?;
        let is_list = |name: &String| matches!(name.as_str(), "rdf:Seq" | "rdf:Bag" | "rdf:Alt" | "rdf:li");
        if description != "rdf:Description" || property.is_empty() {
            return None;
        }
        if property == "plus:Licensor" {
            let (member, around) = inside.split_last()?;
            let is_member = member == "plus:LicensorName" || member == "plus:LicensorURL";
            let is_direct = around.iter().all(|name| is_list(name) || name == "rdf:Description");
            return (is_member && is_direct).then_some(member.as_str());
        }
        inside.iter().all(is_list).then_some(property.as_str())
    }
}

/// A date of ISO 8601 as XMP writes it: to the day, the minute, the second or finer, with or without an offset. A year or
/// a month alone says nothing about an instant.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = line(text, 40)?;
    let with_offset = ["%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M%:z"];
    let without = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    let zulu = text.strip_suffix('Z').map_or(text.clone(), |local| format!("{local}+00:00"));
    let parsed = with_offset.iter().find_map(|form| DateTime::parse_from_str(&zulu, form).ok()).map(|at| at.to_utc());
    let local = || without.iter().find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok());
    let day = || NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().and_then(|day| day.and_hms_opt(0, 0, 0));
    parsed.or_else(|| local().or_else(day).map(|local| local.and_utc())).and_then(plausible)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::specimens;

    fn reading(properties: &str) -> Reading {
        read(specimens::xmp(properties).as_bytes(), b"")
    }

    #[test]
    fn every_form_of_a_property_is_read() {
        for form in [
            "<photoshop:Credit>Maxar &amp; Co &#8212; Café</photoshop:Credit>",
            "<photoshop:Credit><![CDATA[Maxar & Co — Café]]></photoshop:Credit>",
            "</rdf:Description><rdf:Description photoshop:Credit='Maxar &amp; Co &#x2014; Café'>",
            "</rdf:Description><rdf:Description photoshop:Credit='Maxar &amp; Co — Café'/><rdf:Description>",
        ] {
            assert_eq!(reading(form).credit_line.as_deref(), Some("Maxar & Co — Café"), "{form}");
        }
    }

    #[test]
    fn lists_languages_and_structures_are_read() {
        let reading = reading(
            r#"<dc:creator><rdf:Seq><rdf:li>Zoë Ångström</rdf:li><rdf:li>Ann Lee</rdf:li></rdf:Seq></dc:creator>
            <dc:rights><rdf:Alt><rdf:li xml:lang="de">Deutsch</rdf:li><rdf:li xml:lang="x-default">© Default</rdf:li></rdf:Alt></dc:rights>
            <dc:description><rdf:Alt><rdf:li xml:lang="fr">Un bateau</rdf:li></rdf:Alt></dc:description>
            <dc:subject><rdf:Bag><rdf:li>harbour</rdf:li><rdf:li> </rdf:li><rdf:li>storm</rdf:li></rdf:Bag></dc:subject>
            <Iptc4xmpCore:AltTextAccessibility><rdf:Alt><rdf:li xml:lang="x-default">A boat.</rdf:li></rdf:Alt></Iptc4xmpCore:AltTextAccessibility>
            <plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource"><plus:LicensorName>Desk</plus:LicensorName>
            <plus:LicensorURL>https://example.org/licence</plus:LicensorURL></rdf:li></rdf:Seq></plus:Licensor>
            <Iptc4xmpExt:DigitalSourceType rdf:resource="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"/>
            <plus:DataMining>http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED</plus:DataMining>
            <xmpRights:WebStatement>https://example.org/rights</xmpRights:WebStatement>
            <photoshop:DateCreated>2024-05-03T10:11:12+02:00</photoshop:DateCreated>"#,
        );
        assert_eq!(reading.creators, ["Zoë Ångström", "Ann Lee"]);
        assert_eq!(reading.copyright_notice.as_deref(), Some("© Default"));
        assert_eq!(reading.caption.as_deref(), Some("Un bateau"));
        assert_eq!(reading.keywords, ["harbour", "storm"]);
        assert_eq!(reading.alt.as_deref(), Some("A boat."));
        assert_eq!(reading.licensor_name.as_deref(), Some("Desk"));
        assert_eq!(reading.licensor_url.as_deref(), Some("https://example.org/licence"));
        assert_eq!(reading.digital_source_type.unwrap(), format!("{SOURCE_TYPES}digitalCapture"));
        assert_eq!(reading.data_mining.unwrap(), format!("{DATA_MINING}DMI-PROHIBITED"));
        assert_eq!(reading.web_statement_of_rights.as_deref(), Some("https://example.org/rights"));
        assert_eq!(reading.taken_at.unwrap().to_rfc3339(), "2024-05-03T08:11:12+00:00");
    }

    #[test]
    fn credits_of_ingredients_are_not_those_of_the_picture() {
        let reading = reading(
            r#"<xmpMM:Pantry xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"><rdf:Bag><rdf:li><rdf:Description photoshop:Credit="Other">
            <dc:creator><rdf:Seq><rdf:li>Somebody else</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:li></rdf:Bag></xmpMM:Pantry>
            <Iptc4xmpExt:ArtworkOrObject><rdf:Bag><rdf:li><rdf:Description><dc:creator>Painter</dc:creator></rdf:Description></rdf:li></rdf:Bag></Iptc4xmpExt:ArtworkOrObject>"#,
        );
        assert!(reading.creators.is_empty());
        assert_eq!(reading.credit_line, None);
    }

    #[test]
    fn other_prefixes_for_the_same_namespaces_are_understood() {
        let packet = r#"<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description xmlns:p="http://ns.adobe.com/photoshop/1.0/"
            p:Credit="Agency"/></r:RDF>"#;
        assert_eq!(read(packet.as_bytes(), b"").credit_line.as_deref(), Some("Agency"));
        let stranger = specimens::xmp("<photoshop:Credit>x</photoshop:Credit>").replace("http://ns.adobe.com/photoshop/1.0/", "http://evil.example/");
        assert_eq!(read(stranger.as_bytes(), b"").credit_line, None);
    }

    #[test]
    fn the_extended_part_fills_in_and_does_not_overrule() {
        let main = specimens::xmp("<photoshop:Credit>Main</photoshop:Credit>");
        let more = specimens::xmp("<photoshop:Credit>More</photoshop:Credit><photoshop:Source>Source</photoshop:Source>");
        let reading = read(main.as_bytes(), more.as_bytes());
        assert_eq!((reading.credit_line.as_deref(), reading.source.as_deref()), (Some("Main"), Some("Source")));
    }

    #[test]
    fn entities_are_not_expanded() {
        let bomb = format!("<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>{}", specimens::xmp("<photoshop:Credit>&b;</photoshop:Credit>"));
        assert_eq!(read(bomb.as_bytes(), b"").credit_line, None);
        assert_eq!(reading("<photoshop:Credit>A&unknown;B</photoshop:Credit>").credit_line.as_deref(), Some("A B"));
    }

    #[test]
    fn hostile_packets_are_bounded() {
        let deep = specimens::xmp(&"<dc:creator>".repeat(100_000));
        let wide = specimens::xmp(&"<dc:subject><rdf:Bag><rdf:li>x</rdf:li></rdf:Bag></dc:subject>".repeat(10_000));
        let long = specimens::xmp(&format!("<photoshop:Credit>{}</photoshop:Credit>", "long ".repeat(100_000)));
        let declared: String = (0..5_000).map(|n| format!(" xmlns:n{n}=\"http://purl.org/dc/elements/1.1/\"")).collect();
        let many = specimens::xmp(&format!("<dc:title{declared}/>"));
        let start = std::time::Instant::now();
        assert!(read(deep.as_bytes(), b"").creators.is_empty());
        assert_eq!(read(wide.as_bytes(), b"").keywords.len(), MAX_LIST);
        assert!(read(long.as_bytes(), b"").credit_line.is_none_or(|line| line.chars().count() <= MAX_LINE));
        assert_eq!(read(many.as_bytes(), b"").headline, None);
        assert!(start.elapsed() < std::time::Duration::from_secs(2));
    }

    #[test]
    fn dates_of_every_precision_are_read() {
        for (text, instant) in [
            ("2024-05-03T10:11:12.345Z", "2024-05-03T10:11:12.345+00:00"),
            ("2024-05-03T10:11-05:00", "2024-05-03T15:11:00+00:00"),
            ("2024-05-03T10:11:12", "2024-05-03T10:11:12+00:00"),
            ("2024-05-03", "2024-05-03T00:00:00+00:00"),
        ] {
            assert_eq!(super::instant(text).unwrap().to_rfc3339(), instant, "{text}");
        }
        for text in ["2024", "2024-05", "0000-00-00", "yesterday", "2024-13-45T99:99", "9999-01-01"] {
            assert_eq!(super::instant(text), None, "{text}");
        }
    }

    #[test]
    fn broken_packets_keep_what_stood_before_the_break() {
        let packet = specimens::xmp("<photoshop:Credit>Agency</photoshop:Credit><photoshop:Source>cut");
        let cut = packet.split("</rdf:Description>").next().unwrap();
        assert_eq!(read(cut.as_bytes(), b"").credit_line.as_deref(), Some("Agency"));
        assert_eq!(read(b"<\xff\xfe", b"").credit_line, None);
    }
}
