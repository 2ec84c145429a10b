//! XML 1.0 as text: escapes everything, and drops the characters that XML cannot hold in any form.

use std::borrow::Cow;

use quick_xml::escape::escape;

/// A document that is being written.
#[derive(Debug)]
pub struct Xml {
    out: String,
}

/// An attribute: its name and its value, which is escaped.
pub type Attribute<'a> = (&'static str, &'a str);

impl Default for Xml {
    fn default() -> Self {
        Self { out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned() }
    }
}

impl Xml {
    /// Begins an element.
    pub fn open(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.tag(name, attributes);
        self.out.push('>');
    }

    /// Ends an element.
    pub fn close(&mut self, name: &'static str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push_str(">\n");
    }

    /// An element with text in it.
    pub fn leaf(&mut self, name: &'static str, attributes: &[Attribute<'_>], text: &str) {
        self.open(name, attributes);
        self.out.push_str(&escape(possible(text).as_ref()));
        self.close(name);
    }

    /// An element with text in it, where there is text.
    pub fn maybe(&mut self, name: &'static str, attributes: &[Attribute<'_>], text: Option<&str>) {
        if let Some(text) = text {
            self.leaf(name, attributes, text);
        }
    }

    /// An element without content.
    pub fn empty(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.tag(name, attributes);
        self.out.push_str("/>\n");
    }

    /// An element whose text stands as it is. A section ends at the first `]]>`, so one in the text is parted.
    pub fn cdata(&mut self, name: &'static str, attributes: &[Attribute<'_>], text: &str) {
        self.open(name, attributes);
        self.out.push_str("<![CDATA[");
        self.out.push_str(&possible(text).replace("]]>", "]]]]><![CDATA[>"));
        self.out.push_str("]]>");
        self.close(name);
    }

    /// The document.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    fn tag(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            // A parser takes a bare line break or tab in an attribute for a space.
            let value = escape(possible(value).as_ref()).replace('\n', "&#10;").replace('\t', "&#9;");
            self.out.push_str(&value);
            self.out.push('"');
        }
    }
}

/// The text without the characters that XML 1.0 excludes (section 2.2), and without the carriage return, which a parser
/// does not hand on.
fn possible(text: &str) -> Cow<'_, str> {
    let allowed = |c: char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{d}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.chars().all(allowed) { Cow::Borrowed(text) } else { Cow::Owned(text.chars().filter(|c| allowed(*c)).collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use quick_xml::Reader;
    use quick_xml::events::Event;

    fn written(attribute: &str, text: &str, section: &str) -> String {
        let mut xml = Xml::default();
        xml.open("a", &[("b", attribute)]);
        xml.leaf("t", &[], text);
        xml.cdata("c", &[], section);
        xml.close("a");
        String::from_utf8(xml.finish()).unwrap()
    }

    /// The attribute, the text and the section, as a parser reads them.
    fn read(document: &str) -> (String, String, String) {
        let (mut reader, mut found, mut at) = (Reader::from_str(document), <[String; 3]>::default(), String::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) => {
                    at = String::from_utf8(tag.name().as_ref().to_vec()).unwrap();
                    if at == "a" {
                        let value = tag.attributes().next().unwrap().unwrap();
                        found[0] = quick_xml::escape::unescape(std::str::from_utf8(&value.value).unwrap()).unwrap().into_owned();
                    }
                }
                Event::End(_) => at.clear(),
                Event::Text(text) if at == "t" => found[1].push_str(std::str::from_utf8(&text).unwrap()),
                Event::GeneralRef(name) if at == "t" => {
                    found[1].push_str(&quick_xml::escape::unescape(&format!("&{};", std::str::from_utf8(&name).unwrap())).unwrap());
                }
                Event::CData(section) if at == "c" => found[2].push_str(std::str::from_utf8(&section).unwrap()),
                Event::Eof => return found.into(),
                _ => {}
            }
        }
    }

    #[test]
    fn a_section_may_hold_its_own_end() {
        assert_eq!(read(&written("", "", "a]]>b]]]>c")).2, "a]]>b]]]>c");
    }

    proptest! {
        #[test]
        fn what_can_be_held_comes_back_and_what_cannot_is_gone(attribute in any::<String>(), text in any::<String>(), section in any::<String>()) {
            let document = written(&attribute, &text, &section);
            prop_assert!(document.chars().all(|c| c >= ' ' || matches!(c, '\n' | '\t')));
            let wanted = [&attribute, &text, &section].map(|text| possible(text).into_owned());
            prop_assert_eq!(read(&document), wanted.into());
        }
    }
}
