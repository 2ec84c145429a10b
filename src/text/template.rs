//! Templates with places in braces, filled in one pass. Pure.

/// The template with every `{name}` that is given replaced. What is filled in is never taken for a place, and a place
/// that nothing is given for stays as it stands.
#[must_use]
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len() + values.iter().map(|(_, value)| value.len()).sum::<usize>());
    let mut rest = template;
    while let Some((before, inside)) = rest.split_once('{') {
        filled.push_str(before);
        let place = inside.split_once('}').and_then(|(name, after)| Some((values.iter().find(|(known, _)| *known == name)?.1, after)));
        match place {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = inside;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn places_are_filled_once() {
        let values = [("name", "{line}"), ("line", "a {name}")];
        assert_eq!(fill("({name}, {line})", &values), "({line}, a {name})");
        assert_eq!(fill("{ {other} {{name}} {name", &values), "{ {other} {{line}} {name");
        assert_eq!(fill("", &values), "");
    }
}
