//! Texts of a request that are repeated to who sent it. They are cut where they are long: a refusal travels in headers, and those
//! are short.

use std::borrow::Cow;

/// The most bytes of one text that are repeated: more than any id, name or path of an honest request has.
pub const LONGEST: usize = 256;

/// The text; of a long one its beginning, with an ellipsis.
pub fn excerpt(text: &str) -> Cow<'_, str> {
    shortened(text, LONGEST)
}

/// The text; of one with more than so many bytes its beginning, which with the ellipsis has no more than these. No character is
/// cut in two.
pub fn shortened(text: &str, longest: usize) -> Cow<'_, str> {
    const ELLIPSIS: &str = "…";
    if text.len() <= longest {
        return text.into();
    }
    let end = text.floor_char_boundary(longest.saturating_sub(ELLIPSIS.len()));
    Cow::Owned([&text[..end], ELLIPSIS].concat())
}
