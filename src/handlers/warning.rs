//! What callers are warned of though their call succeeds: it goes into a header, so it is short and ASCII.

/// The most bytes of a warning.
const LONGEST: usize = 1024;

/// The most bytes of one path in it.
const LONGEST_PATH: usize = 256;

/// How a warning of as many paths as there may be ends, at its longest.
const LONGEST_END: usize = " and 18446744073709551615 more lead to no field and were ignored".len();

/// Paths of an update mask that lead nowhere. They are ignored, since official clients send such, but one may be a typing error.
pub fn ignored_paths(paths: &[String]) -> String {
    let mut told = Vec::new();
    let mut room = LONGEST - "update_mask: ".len() - LONGEST_END;
    for path in paths {
        let path = ascii(path);
        let Some(left) = room.checked_sub(path.len() + ", ".len()) else { break };
        room = left;
        told.push(path);
    }
    let more = match paths.len() - told.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let end = if paths.len() == 1 { "leads to no field and was ignored" } else { "lead to no field and were ignored" };
    format!("update_mask: {}{more} {end}", told.join(", "))
}

/// A path with everything but ASCII escaped; a long one is cut.
fn ascii(path: &str) -> String {
    const DOTS: &str = "...";
    let escaped: String = path.chars().flat_map(char::escape_default).take(LONGEST_PATH + 1).collect();
    if escaped.len() <= LONGEST_PATH { escaped } else { escaped[..LONGEST_PATH - DOTS.len()].to_owned() + DOTS }
}
