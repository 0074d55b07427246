//! How much the server accepts, and how long it waits. Honest clients stay far below these limits, and a hostile one cannot use up
//! the server's memory or connections.

use std::time::Duration;

/// The longest message of a request, in bytes: what servers of gRPC take unless they are told otherwise.
pub const LONGEST_MESSAGE: usize = 4 * 1024 * 1024;

/// The largest metadata of a call, in bytes, as HTTP/2 counts them: 32 besides each name and value.
pub const LARGEST_METADATA: usize = 64 * 1024;

/// The largest head of a request that is read, in bytes. It is larger than the metadata may be, so that a call with too much metadata
/// can be told so.
pub const LARGEST_HEAD: u32 = 256 * 1024;

/// How many calls a connection of HTTP/2 may have in flight.
pub const MOST_CALLS: u32 = 200;

/// How much a connection may owe its client before further calls wait, in bytes. It is more than the windows of most clients, so a
/// client that reads its replies does not notice.
pub const MOST_OWED: usize = 1024 * 1024;

/// How many connections may be open, unless the process may open fewer files.
pub const MOST_CONNECTIONS: u32 = 16_384;

/// How long the first bytes may take, after them the TLS handshake, and after that the first bytes of HTTP.
pub const BEGINNING: Duration = Duration::from_secs(10);

/// How long the head of a request of HTTP/1.1 may take, and how long a connection may be idle between two.
pub const HEAD: Duration = Duration::from_secs(30);

/// How long the message of a request may take.
pub const MESSAGE: Duration = Duration::from_mins(1);

/// How long a call waits for operations in flight that conflict with it, where calls shall wait.
pub const CONFLICT: Duration = Duration::from_secs(30);

/// How long a client may leave replies untaken.
pub const STALL: Duration = Duration::from_mins(1);

/// How long a client may go on sending once the server is done with the connection, and how much, in bytes.
pub const FAREWELL: Duration = Duration::from_secs(5);
pub const LONGEST_FAREWELL: usize = 64 * 1024 * 1024;

/// How many bytes are read of the rest of an HTTP/1.1 request that is answered already, and how long that may take. Beyond that, the
/// connection ends with the answer.
pub const LONGEST_UNREAD: u64 = 256 * 1024;
pub const UNREAD: Duration = Duration::from_secs(2);

/// After how much silence a client of HTTP/2 is sent a ping.
pub const PING: Duration = Duration::from_mins(1);

/// How long the answer to a ping may take.
pub const PONG: Duration = Duration::from_secs(20);
