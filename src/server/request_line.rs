//! The first line of a connection of HTTP/1.1, as people type it.
//!
//! `curl 'http://…?filter=name="orders"'` sends the quotes as they are. The grammar of HTTP has them escaped, and hyper refuses the
//! line without a word of why; so they are escaped on their way. Only the first line of a connection can be told from what
//! else is sent without reading all of HTTP, and who sends more than one request escapes them.

/// What may not stand in a request line as it is, though its meaning is plain.
fn is_bare(byte: u8) -> bool {
    matches!(byte, b'"' | b'<' | b'>' | b'`') || !byte.is_ascii()
}

/// The bytes that come next, if they had to be changed. `ended` is set once the line has ended with them.
pub fn escaped(bytes: &[u8], ended: &mut bool) -> Option<Vec<u8>> {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    *ended = end.is_some();
    let (line, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
    if !line.iter().copied().any(is_bare) {
        return None;
    }
    let mut escaped = Vec::with_capacity(bytes.len() + 32);
    for byte in line {
        if is_bare(*byte) {
            escaped.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            escaped.push(*byte);
        }
    }
    escaped.extend_from_slice(rest);
    Some(escaped)
}
