//! The filters of lists: `name="x"`, and where a list documents it `name!="x"`, `name IN ('x', 'y')` and `name NOT IN 'x,y'`.
//!
//! Documented are the operators of each list, and the samples `name="x"` and `name NOT IN 'test,beta'`. That quotes may be of either
//! kind, operators in any case, and lists in parentheses, is our choice.

use std::collections::BTreeSet;

/// How a filter compares a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// With one that it shall be.
    Equal,
    /// With one that it shall not be.
    Unequal,
    /// With several of which it shall be one.
    In,
    /// With several of which it shall be none.
    NotIn,
}

/// The operator that every list has.
pub const EQUAL: &[Operator] = &[Operator::Equal];

/// All of them.
pub const ANY: &[Operator] = &[Operator::Equal, Operator::Unequal, Operator::In, Operator::NotIn];

/// The names that a filter lets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter<'a> {
    /// These.
    Only(BTreeSet<&'a str>),
    /// All but these.
    AllBut(BTreeSet<&'a str>),
}

/// What is wrong with a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is not by name.
    Field,
    /// It has no operator that any list has.
    NoOperator,
    /// The list does not have its operator.
    Operator(Operator),
    /// Its value does not begin with a quote, or does not end with the same.
    Quotes,
    /// Its value has a quote or a backslash within.
    Sign,
    /// One of the names in its list is empty.
    EmptyName,
    /// Its list does not end with a parenthesis.
    Parenthesis,
    /// There is something behind its value.
    Surplus,
}

impl Operator {
    /// How it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::In => "IN",
            Self::NotIn => "NOT IN",
        }
    }

    /// The operator that a text begins with, and what comes behind it.
    fn first_of(text: &str) -> Option<(Self, &str)> {
        let equal = || Some((Self::Equal, text.strip_prefix('=')?));
        let unequal = || Some((Self::Unequal, text.strip_prefix("!=")?));
        let any_of = || Some((Self::In, behind_word(text, "IN")?));
        let none_of = || Some((Self::NotIn, behind_word(behind_word(text, "NOT")?.trim_start(), "IN")?));
        equal().or_else(unequal).or_else(any_of).or_else(none_of)
    }
}

impl<'a> Filter<'a> {
    /// Reads a filter of a list that has these operators. One of spaces alone is none, and lets all through.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn read(text: &'a str, operators: &[Operator]) -> Result<Self, Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::AllBut(BTreeSet::new()));
        }
        let (field, rest) = text.split_at(text.find(|sign| !is_of_word(sign)).unwrap_or(text.len()));
        if field != "name" {
            return Err(Problem::Field);
        }
        let (operator, value) = Operator::first_of(rest.trim_start()).ok_or(Problem::NoOperator)?;
        if !operators.contains(&operator) {
            return Err(Problem::Operator(operator));
        }
        let value = value.trim_start();
        Ok(match operator {
            Operator::Equal => Self::Only(one_name(value)?),
            Operator::Unequal => Self::AllBut(one_name(value)?),
            Operator::In => Self::Only(names(value)?),
            Operator::NotIn => Self::AllBut(names(value)?),
        })
    }

    /// Whether it lets a name through.
    pub fn takes(&self, name: &str) -> bool {
        match self {
            Self::Only(names) => names.contains(name),
            Self::AllBut(names) => !names.contains(name),
        }
    }
}

/// What comes behind a word, in any case, that a text begins with.
fn behind_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (beginning, rest) = text.split_at_checked(word.len())?;
    (beginning.eq_ignore_ascii_case(word) && !rest.starts_with(is_of_word)).then_some(rest)
}

fn is_of_word(sign: char) -> bool {
    sign.is_alphanumeric() || "_-.".contains(sign)
}

/// The one name of a value.
fn one_name(value: &str) -> Result<BTreeSet<&str>, Problem> {
    let (name, rest) = quoted(value)?;
    ends(rest)?;
    Ok(BTreeSet::from([name]))
}

/// The names of a value, with commas between them: in one pair of quotes, or each in its own within parentheses.
fn names(value: &str) -> Result<BTreeSet<&str>, Problem> {
    let (mut names, rest) = (BTreeSet::new(), value.strip_prefix('('));
    let is_parenthesized = rest.is_some();
    let mut rest = rest.unwrap_or(value).trim_start();
    loop {
        let (text, behind) = quoted(rest)?;
        names.extend(text.split(',').map(str::trim));
        rest = behind.trim_start();
        match rest.strip_prefix(',').filter(|_| is_parenthesized) {
            Some(further) => rest = further.trim_start(),
            None => break,
        }
    }
    if is_parenthesized {
        rest = rest.strip_prefix(')').ok_or(Problem::Parenthesis)?;
    }
    ends(rest)?;
    if names.contains("") { Err(Problem::EmptyName) } else { Ok(names) }
}

/// The text in the quotes that a value begins with, and what comes behind them.
fn quoted(value: &str) -> Result<(&str, &str), Problem> {
    let quote = value.chars().next().filter(|sign| "'\"".contains(*sign)).ok_or(Problem::Quotes)?;
    let (text, rest) = value[1..].split_once(quote).ok_or(Problem::Quotes)?;
    if text.contains(['"', '\'', '\\']) { Err(Problem::Sign) } else { Ok((text, rest)) }
}

fn ends(rest: &str) -> Result<(), Problem> {
    if rest.trim().is_empty() { Ok(()) } else { Err(Problem::Surplus) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only<'a>(names: &[&'a str]) -> Filter<'a> {
        Filter::Only(names.iter().copied().collect())
    }

    fn all_but<'a>(names: &[&'a str]) -> Filter<'a> {
        Filter::AllBut(names.iter().copied().collect())
    }

    #[test]
    fn a_name_is_compared_with_one() {
        for operators in [EQUAL, ANY] {
            for none in ["", " \t"] {
                assert_eq!(Filter::read(none, operators), Ok(all_but(&[])));
            }
            for one in ["name=\"a-b_1\"", " name = \"a-b_1\" ", "name='a-b_1'", "name\t=\n'a-b_1'"] {
                assert_eq!(Filter::read(one, operators), Ok(only(&["a-b_1"])), "{one}");
            }
            assert_eq!(Filter::read("name=\"\"", operators), Ok(only(&[""])));
            assert_eq!(Filter::read("name='a,b'", operators), Ok(only(&["a,b"])), "it is one name");
        }
        for other in ["name!=\"a\"", " name != 'a' "] {
            assert_eq!(Filter::read(other, ANY), Ok(all_but(&["a"])), "{other}");
        }
    }

    #[test]
    fn a_name_is_compared_with_several() {
        for several in [
            "name IN 'a,b'",
            "name in \"a, b\"",
            "name In('a','b')",
            "name IN ( \"b\" , 'a' )",
            "name IN ('a,b')",
            "name IN 'b,a,b'",
        ] {
            assert_eq!(Filter::read(several, ANY), Ok(only(&["a", "b"])), "{several}");
        }
        for several in ["name NOT IN 'a,b'", "name not  in\t('a', \"b\")", "name Not In'a,b'"] {
            assert_eq!(Filter::read(several, ANY), Ok(all_but(&["a", "b"])), "{several}");
        }
        assert_eq!(
            Filter::read("name NOT IN 'test,beta'", ANY),
            Ok(all_but(&["test", "beta"])),
            "the documented sample"
        );
        assert_eq!(Filter::read("name IN 'a'", ANY), Ok(only(&["a"])));
    }

    #[test]
    fn all_else_is_refused_for_what_is_wrong() {
        for (filter, problem) in [
            ("id=\"a\"", Problem::Field),
            ("NAME=\"a\"", Problem::Field),
            ("nameIN 'a'", Problem::Field),
            ("=\"a\"", Problem::Field),
            ("name", Problem::NoOperator),
            ("name<\"a\"", Problem::NoOperator),
            ("name INSIDE 'a'", Problem::NoOperator),
            ("name NOT 'a'", Problem::NoOperator),
            ("name NOTIN 'a'", Problem::NoOperator),
            ("name ыы 'a'", Problem::NoOperator),
            ("name=", Problem::Quotes),
            ("name=a", Problem::Quotes),
            ("name==\"a\"", Problem::Quotes),
            ("name=\"a", Problem::Quotes),
            ("name=\"a'", Problem::Quotes),
            ("name=('a')", Problem::Quotes),
            ("name IN", Problem::Quotes),
            ("name IN ()", Problem::Quotes),
            ("name IN ('a',)", Problem::Quotes),
            ("name=\"a\\\"\"", Problem::Sign),
            ("name=\"it's\"", Problem::Sign),
            ("name IN ''", Problem::EmptyName),
            ("name IN 'a,,b'", Problem::EmptyName),
            ("name NOT IN ('a', '')", Problem::EmptyName),
            ("name IN ('a'", Problem::Parenthesis),
            ("name IN ('a' 'b')", Problem::Parenthesis),
            ("name='a')", Problem::Surplus),
            ("name IN 'a', 'b'", Problem::Surplus),
            ("name=\"a\" OR name=\"b\"", Problem::Surplus),
        ] {
            assert_eq!(Filter::read(filter, ANY), Err(problem), "{filter}");
        }
        for operator in [Operator::Unequal, Operator::In, Operator::NotIn] {
            let filter = format!("name {} 'a'", operator.sign());
            assert_eq!(Filter::read(&filter, EQUAL), Err(Problem::Operator(operator)));
        }
    }

    #[test]
    fn what_is_let_through_is_what_was_asked_for() {
        let takes = |filter: &str| ["a", "b", "c"].map(|name| Filter::read(filter, ANY).unwrap().takes(name));
        assert_eq!(takes(""), [true, true, true]);
        assert_eq!(takes("name='b'"), [false, true, false]);
        assert_eq!(takes("name!='b'"), [true, false, true]);
        assert_eq!(takes("name IN 'a,b,x'"), [true, true, false]);
        assert_eq!(takes("name NOT IN 'a,b,x'"), [false, false, true]);
    }
}
