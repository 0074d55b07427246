//! The filter of lists: `name="x"`.

use crate::refusal::{self, Refusal};

const GRAMMAR: &str = "the filter is name=\"VALUE\", where VALUE is a whole name";

/// The name that a filter asks for, if there is a filter.
///
/// # Errors
///
/// INVALID_ARGUMENT for anything but `name="x"`, with the grammar in the message.
pub fn name(filter: &str) -> Result<Option<&str>, Refusal> {
    if filter.trim().is_empty() {
        return Ok(None);
    }
    parse(filter).map(Some).map_err(|problem| refusal::request::filter(GRAMMAR, problem))
}

fn parse(filter: &str) -> Result<&str, &'static str> {
    let (field, value) = filter.split_once('=').ok_or("does not compare by \"=\"")?;
    if field.trim() != "name" {
        return Err("can be by name only");
    }
    let value = value.trim();
    let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let value = quoted.ok_or("has no value in double quotes")?;
    if value.contains(['"', '\'', '\\']) {
        return Err("has a quote or backslash in its value");
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_quotes_is_the_only_filter() {
        assert_eq!(name("").unwrap(), None);
        assert_eq!(name("name=\"a\"").unwrap(), Some("a"));
        assert_eq!(name(" name = \"a-b_1\" ").unwrap(), Some("a-b_1"));
        for refused in [
            "name",
            "name=a",
            "name='a'",
            "name IN (\"a\")",
            "id=\"a\"",
            "name!=\"a\"",
            "name=\"a\" OR name=\"b\"",
            "name=\"a",
            "name=\"a\\\"\"",
        ] {
            assert!(name(refused).is_err(), "{refused}");
        }
    }
}
