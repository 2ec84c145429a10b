//! What the blocks of a body point to by id: other stories, in links and as pointers of their own. Finds them, and says in their
//! place where they are and what they are called; knows no SQL.

use serde_json::{Map, Value};
use uuid::Uuid;

/// The story that this object points to.
fn target(object: &Map<String, Value>) -> Option<Uuid> {
    let points = object.get("_type").is_some_and(|tag| tag == "relatedArticle" || tag == "internalLink");
    let id = object.get("ref").filter(|_| points)?.get("_ref")?.as_str()?;
    Uuid::try_parse(id).ok()
}

/// Every story that is pointed to. A body is as deep as its readers let it be: a handful of levels.
pub fn targets(value: &Value, found: &mut Vec<Uuid>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| targets(item, found)),
        Value::Object(object) => {
            found.extend(target(object));
            object.values().for_each(|member| targets(member, found));
        }
        _ => {}
    }
}

/// Gives every link its address and every pointer its `article`, which is null where `story` knows none.
pub fn name(value: &mut Value, story: &mut impl FnMut(Uuid) -> Option<Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| name(item, story)),
        Value::Object(object) => {
            if let Some(id) = target(object) {
                let known = story(id);
                if object.get("_type").is_some_and(|tag| tag == "relatedArticle") {
                    object.insert("article".to_owned(), known.unwrap_or_default());
                } else if let Some(url) = known.as_ref().and_then(|known| known.get("url")) {
                    object.insert("href".to_owned(), url.clone());
                }
            }
            object.values_mut().for_each(|member| name(member, story));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn links_get_addresses_and_pointers_get_stories() {
        let (known, unknown) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let at = |tag: &str, id: Uuid| json!({ "_type": tag, "ref": { "_type": "reference", "_ref": id } });
        let mut body = json!([{ "_type": "factbox", "content": [{ "markDefs": [at("internalLink", known), at("internalLink", unknown)] }] }, at("relatedArticle", known), at("relatedArticle", unknown)]);
        let mut found = Vec::new();
        targets(&body, &mut found);
        assert_eq!(found, [known, unknown, known, unknown]);
        name(&mut body, &mut |id| (id == known).then(|| json!({ "url": "https://a.example/b", "headline": "B" })));
        assert_eq!(body[0]["content"][0]["markDefs"][0]["href"], "https://a.example/b");
        assert!(body[0]["content"][0]["markDefs"][1].get("href").is_none());
        assert_eq!((&body[1]["article"]["headline"], &body[2]["article"]), (&json!("B"), &Value::Null));
    }
}
