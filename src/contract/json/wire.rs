//! Protobuf's wire format: keys, numbers and lengths.

/// What a field has on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(&'a [u8]),
}

/// Bytes that are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

const VARINT: u64 = 0;
const FIXED_64: u64 = 1;
const BYTES: u64 = 2;
const FIXED_32: u64 = 5;

/// What a message's bytes hold, one after another.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    /// The next field's number and value, or nothing at the end.
    #[inline]
    pub fn record(&mut self) -> Result<Option<(u32, Value<'a>)>, Malformed> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let number = u32::try_from(key >> 3).map_err(|_| Malformed)?;
        let value = match key & 7 {
            VARINT => Value::Varint(self.varint()?),
            FIXED_64 => Value::Fixed64(self.fixed_64()?),
            BYTES => {
                let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
                Value::Bytes(self.take(length)?)
            }
            FIXED_32 => Value::Fixed32(self.fixed_32()?),
            _ => return Err(Malformed),
        };
        Ok(Some((number, value)))
    }

    #[inline]
    pub fn varint(&mut self) -> Result<u64, Malformed> {
        // Most are of one byte.
        if let [byte @ ..0x80, rest @ ..] = self.0 {
            self.0 = rest;
            return Ok(u64::from(*byte));
        }
        self.long_varint()
    }

    fn long_varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for (position, byte) in self.0.iter().enumerate().take(10) {
            value |= u64::from(byte & 0x7f) << (7 * position);
            if byte & 0x80 == 0 {
                self.0 = &self.0[position + 1..];
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    pub fn fixed_64(&mut self) -> Result<u64, Malformed> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*bytes))
    }

    pub fn fixed_32(&mut self) -> Result<u32, Malformed> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(u32::from_le_bytes(*bytes))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(bytes)
    }
}

/// Appends a field.
pub fn put(out: &mut Vec<u8>, number: u32, value: Value<'_>) {
    match value {
        Value::Varint(value) => {
            put_key(out, number, VARINT);
            put_varint(out, value);
        }
        Value::Fixed64(value) => {
            put_key(out, number, FIXED_64);
            out.extend_from_slice(&value.to_le_bytes());
        }
        Value::Fixed32(value) => {
            put_key(out, number, FIXED_32);
            out.extend_from_slice(&value.to_le_bytes());
        }
        Value::Bytes(bytes) => {
            put_key(out, number, BYTES);
            put_varint(out, bytes.len() as u64);
            out.extend_from_slice(bytes);
        }
    }
}

/// Appends a field whose bytes are written by `content`.
pub fn put_nested<T, E>(
    out: &mut Vec<u8>,
    number: u32,
    content: impl FnOnce(&mut Vec<u8>) -> Result<T, E>,
) -> Result<T, E> {
    let start = open(out, number);
    let outcome = content(out)?;
    close(out, start);
    Ok(outcome)
}

/// Begins a field whose bytes come next; [`close`] ends it.
pub fn open(out: &mut Vec<u8>, number: u32) -> usize {
    put_key(out, number, BYTES);
    out.len()
}

/// Ends a field that was begun at `start`: its length is known now.
pub fn close(out: &mut Vec<u8>, start: usize) {
    let length = out.len() - start;
    put_varint(out, length as u64);
    // Mostly one byte, and never many: what was written moves by as much.
    let prefix = out.len() - start - length;
    out[start..].rotate_right(prefix);
}

fn put_key(out: &mut Vec<u8>, number: u32, wire_type: u64) {
    put_varint(out, u64::from(number) << 3 | wire_type);
}

#[allow(clippy::cast_possible_truncation)] // Seven bits at a time.
fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
