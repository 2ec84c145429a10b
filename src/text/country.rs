//! Codes of countries.
//! Owns the list of ISO 3166-1; the names of countries belong to the tags.

use super::{Invalid, string_schema, text_value};
use utoipa::openapi::{RefOr, Schema};

/// Every officially assigned two-letter code of ISO 3166-1, in order.
#[rustfmt::skip]
const ASSIGNED: [&str; 249] = [
    "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ", "BA", "BB",
    "BD", "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS", "BT", "BV", "BW", "BY",
    "BZ", "CA", "CC", "CD", "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CW", "CX",
    "CY", "CZ", "DE", "DJ", "DK", "DM", "DO", "DZ", "EC", "EE", "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK",
    "FM", "FO", "FR", "GA", "GB", "GD", "GE", "GF", "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS",
    "GT", "GU", "GW", "GY", "HK", "HM", "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR",
    "IS", "IT", "JE", "JM", "JO", "JP", "KE", "KG", "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA",
    "LB", "LC", "LI", "LK", "LR", "LS", "LT", "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK",
    "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS", "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA", "NC", "NE",
    "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ", "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM",
    "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS", "RU", "RW", "SA", "SB", "SC", "SD", "SE", "SG",
    "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST", "SV", "SX", "SY", "SZ", "TC", "TD", "TF",
    "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO", "TR", "TT", "TV", "TW", "TZ", "UA", "UG", "UM", "US", "UY",
    "UZ", "VA", "VC", "VE", "VG", "VI", "VN", "VU", "WF", "WS", "YE", "YT", "ZA", "ZM", "ZW",
];

/// Kosovo, which has no code of its own: `XK` lies in the range that ISO 3166-1 leaves to its users, and is what
/// Unicode's locale data and most newsrooms write.
const KOSOVO: &str = "XK";

/// A country or territory: a two-letter code of ISO 3166-1 in upper case, or `XK` for Kosovo.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode(String);

impl CountryCode {
    /// Parses a code, in upper or lower case.
    ///
    /// # Errors
    /// `required`, or `unknown_code`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::required("Give a two-letter country code such as \"UA\"."));
        }
        let unknown = || Invalid::new("unknown_code", "Give a two-letter country code of ISO 3166-1, such as \"UA\".");
        if text.len() != 2 {
            return Err(unknown());
        }
        let code = text.to_ascii_uppercase();
        if code == KOSOVO || ASSIGNED.binary_search(&code.as_str()).is_ok() { Ok(Self(code)) } else { Err(unknown()) }
    }
}

text_value!(CountryCode);

impl utoipa::PartialSchema for CountryCode {
    fn schema() -> RefOr<Schema> {
        string_schema(2, "UA").min_length(Some(2)).pattern(Some("^[A-Za-z]{2}$")).description(Some("A country by its two-letter code (ISO 3166-1; XK for Kosovo).")).into()
    }
}

impl utoipa::ToSchema for CountryCode {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_without_doubles() {
        assert!(ASSIGNED.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn is_written_in_upper_case() {
        assert_eq!(CountryCode::parse("ua").unwrap().as_str(), "UA");
        assert_eq!(CountryCode::parse(" ZW ").unwrap().as_str(), "ZW");
        assert_eq!(CountryCode::parse("xk").unwrap().as_str(), "XK");
    }

    #[test]
    fn refuses_what_iso_does_not_list() {
        for text in ["UK", "EU", "ZZ", "USA", "U", "XX", "ÜA", "42", "é"] {
            assert_eq!(CountryCode::parse(text).unwrap_err().code, "unknown_code", "{text}");
        }
        assert_eq!(CountryCode::parse("").unwrap_err().code, "required");
    }
}
