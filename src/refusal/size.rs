//! How large a refusal is as it travels. gRPC has all of it in headers, the message twice: percent-encoded in `grpc-message`, and within
//! a `google.rpc.Status` in Base64 in `grpc-status-details-bin`. Common clients take 8 KiB of headers in all (observed of gRPC for
//! Python and Java), and give the call another error where there are more.

use prost::Message;
use prost_types::Any;

use super::Refusal;
use crate::contract::excerpt::shortened;
use crate::contract::proto::google::rpc::Status;

/// The most bytes that the headers of one refusal may have together, with their names.
const LARGEST: usize = 6 * 1024;

/// The most that `RequestInfo` takes of them, with the longest id that a request may have.
const REQUEST_INFO: usize = 256;

/// The most bytes that all else of a refusal may have: it gets the id of its request last, and that is never cut.
pub const ROOM: usize = LARGEST - REQUEST_INFO;

/// The most bytes that a message keeps where the refusal is too large with all of it: little enough that a message alone always fits.
const CUT_MESSAGE: usize = 1024;

const NAMES: usize = "grpc-message".len() + "grpc-status-details-bin".len();

impl Refusal {
    /// The same, made to fit by force: the message is cut, and then details are left out. What wordings repeat of requests is cut
    /// by them, in better places, so this finds nothing to do but where a wording forgot to.
    pub(super) fn fitted(mut self) -> Self {
        if self.size() > ROOM {
            self.message = shortened(&self.message, CUT_MESSAGE).into_owned();
        }
        while self.size() > ROOM && self.details.pop().is_some() {}
        self
    }

    fn size(&self) -> usize {
        of(&self.message, &self.details)
    }
}

/// The bytes of a message and details in headers, at most.
pub fn of(message: &str, details: &[Any]) -> usize {
    let status = Status { code: i32::MAX, message: message.to_owned(), details: details.to_vec() };
    NAMES + percent_encoded(message) + base64(status.encoded_len())
}

/// What a line more in the message, and bytes more in the details, add at most.
pub fn of_more(line: &str, detail: usize) -> usize {
    percent_encoded(line) + base64(line.len() + detail)
}

/// Which signs are encoded is up to who writes the header; letters and digits never are.
fn percent_encoded(text: &str) -> usize {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { 1 } else { 3 }).sum()
}

fn base64(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}
