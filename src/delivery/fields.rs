//! Sparse fields: `fields=headline,slug` leaves only those members, and always the id.

use serde_json::value::RawValue;

use crate::error::{Error, Result};

/// Reads `fields` against the members that there are.
///
/// # Errors
/// 400 naming the field that there is not.
pub fn parse(fields: Option<&str>, known: &[&'static str]) -> Result<Option<Vec<&'static str>>> {
    let Some(fields) = fields else { return Ok(None) };
    let mut chosen = vec!["id"];
    for name in fields.split(',').map(str::trim) {
        let found = known.iter().find(|k| **k == name);
        let found = found.ok_or_else(|| Error::parameter("fields", "unknown_field", format!("There is no such field. There are: {}.", known.join(", "))))?;
        if !chosen.contains(found) {
            chosen.push(found);
        }
    }
    Ok(Some(chosen))
}

/// The object with only these members, in its own order.
///
/// # Errors
/// Only ours.
pub fn pick(object: &str, fields: &[&str]) -> Result<String> {
    let members: std::collections::BTreeMap<String, &RawValue> = serde_json::from_str(object).map_err(Error::internal)?;
    let mut out = crate::card::Writer::default();
    for name in fields {
        if let Some(value) = members.get(*name) {
            out.raw(name, value.get());
        }
    }
    Ok(out.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_chosen_members_stay() {
        let fields = parse(Some("slug"), &["id", "slug", "name"]).unwrap().unwrap();
        assert_eq!(pick(r#"{"id":1,"name":"x","slug":{"a":[1, 2]}}"#, &fields).unwrap(), r#"{"id":1,"slug":{"a":[1, 2]}}"#);
        assert!(parse(Some("email"), &["id"]).is_err());
        assert_eq!(parse(None, &["id"]).unwrap(), None);
    }
}
