//! The bytes of a connection, in plaintext or in TLS, and how long one may wait for them.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Sleep, sleep, timeout};
use tokio_rustls::server::TlsStream;

use super::{limits, request_line, unparsed};

/// What a client of HTTP/2 begins with. Before so many bytes, it may not be known which version a client speaks; hyper's own
/// limits of time begin only then. (A request of HTTP/1.1 is longer.)
const PREFACE: usize = 24;

/// What the bytes travel on.
pub enum Wire {
    /// The socket itself.
    Plain(TcpStream),
    /// TLS on the socket. In a box, since it is large and most connections are not in it.
    Tls(Box<TlsStream<TcpStream>>),
}

/// The same of a socket and of TLS.
macro_rules! on_wire {
    ($stream:expr, $wire:ident => $work:expr) => {
        match &mut $stream.wire {
            Wire::Plain(socket) => {
                let $wire = Pin::new(socket);
                $work
            }
            Wire::Tls(tls) => {
                let $wire = Pin::new(tls.as_mut());
                $work
            }
        }
    };
}

/// A connection's bytes. Its first ones must come in time, and what is sent must be taken in time.
pub struct Stream {
    wire: Wire,
    /// Whether the first line is still to end.
    in_first_line: bool,
    /// What has been read of the wire, and not yet been asked for.
    ahead: Bytes,
    missing: usize,
    patience: Option<Pin<Box<Sleep>>>,
    stalled: Option<Pin<Box<Sleep>>>,
    /// What is still to be sent in place of what hyper sends.
    instead: Option<Bytes>,
    stopped: watch::Receiver<()>,
    farewell: Option<Farewell>,
}

/// What a client may still send after the server has sent its last answer: for some time, unless the server stops, and some bytes.
struct Farewell {
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
    left: usize,
}

impl Farewell {
    fn new(mut stopped: watch::Receiver<()>) -> Self {
        let end = Box::pin(async move { _ = timeout(limits::FAREWELL, stopped.changed()).await });
        Self { end, left: limits::LONGEST_FAREWELL }
    }
}

impl Stream {
    /// A stream that waits for its first bytes from now on, of a server that stops when the sender of `stopped` is gone.
    pub fn new(wire: Wire, stopped: watch::Receiver<()>) -> Self {
        let patience = Some(Box::pin(sleep(limits::BEGINNING)));
        Self {
            wire,
            in_first_line: true,
            ahead: Bytes::new(),
            missing: PREFACE,
            patience,
            stalled: None,
            instead: None,
            stopped,
            farewell: None,
        }
    }

    /// Takes the bytes after so many for those of a request line.
    fn read_line(&mut self, buffer: &mut ReadBuf<'_>, before: usize) {
        let mut ended = false;
        if let Some(escaped) = request_line::escaped(&buffer.filled()[before..], &mut ended) {
            buffer.set_filled(before);
            self.ahead = escaped.into();
            self.give_ahead(buffer);
        }
        self.in_first_line = !ended;
    }

    fn give_ahead(&mut self, buffer: &mut ReadBuf<'_>) {
        let length = self.ahead.len().min(buffer.remaining());
        buffer.put_slice(&self.ahead.split_to(length));
    }

    /// Turns the outcome of a write into an error if the client has taken nothing for too long.
    fn sent<T>(&mut self, context: &mut Context<'_>, outcome: Poll<Result<T>>) -> Poll<Result<T>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(limits::STALL)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "nothing is taken")))
    }

    /// Sends something in place of these bytes, if they are not to be sent as they are.
    fn poll_instead(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Option<Poll<Result<usize>>> {
        let mut instead = self.instead.take().or_else(|| unparsed::told(bytes).map(Bytes::from))?;
        while !instead.is_empty() {
            match on_wire!(self, wire => wire.poll_write(context, &instead)) {
                Poll::Ready(Ok(0)) => return Some(Poll::Ready(Err(ErrorKind::WriteZero.into()))),
                Poll::Ready(Ok(length)) => instead.advance(length),
                Poll::Ready(Err(error)) => return Some(Poll::Ready(Err(error))),
                Poll::Pending => {
                    self.instead = Some(instead);
                    return Some(Poll::Pending);
                }
            }
        }
        Some(Poll::Ready(Ok(bytes.len())))
    }

    /// Reads on until the client closes too, or its farewell ends. To close while it still sends would make the machine reset the
    /// connection: the client would see a broken pipe, and not what it was told, such as that what it sends is too long.
    fn poll_farewell(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let farewell = self.farewell.get_or_insert_with(|| Farewell::new(self.stopped.clone()));
        let mut unread = [0; 4096];
        while farewell.left > 0 {
            let mut buffer = ReadBuf::new(&mut unread);
            match on_wire!(self, wire => wire.poll_read(context, &mut buffer)) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    farewell.left = farewell.left.saturating_sub(buffer.filled().len());
                }
                Poll::Ready(_) => break,
                Poll::Pending => return farewell.end.as_mut().poll(context),
            }
        }
        Poll::Ready(())
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        if !self.ahead.is_empty() {
            self.give_ahead(buffer);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let outcome = on_wire!(self, wire => wire.poll_read(context, buffer));
        if self.in_first_line && outcome.is_ready() {
            self.read_line(buffer, before);
        }
        let Some(patience) = &mut self.patience else { return outcome };
        if outcome.is_pending() {
            ready!(patience.as_mut().poll(context));
            return Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "nothing is sent")));
        }
        self.missing = self.missing.saturating_sub(buffer.filled().len() - before);
        if self.missing == 0 {
            self.patience = None;
        }
        outcome
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let instead = self.poll_instead(context, bytes);
        let outcome = instead.unwrap_or_else(|| on_wire!(self, wire => wire.poll_write(context, bytes)));
        self.sent(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let first = slices.first().map_or(&[][..], |slice| slice);
        let instead = self.poll_instead(context, first);
        let outcome = instead.unwrap_or_else(|| on_wire!(self, wire => wire.poll_write_vectored(context, slices)));
        self.sent(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.wire {
            Wire::Plain(socket) => socket.is_write_vectored(),
            Wire::Tls(tls) => tls.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let outcome = on_wire!(self, wire => wire.poll_flush(context));
        self.sent(context, outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        if self.farewell.is_none() {
            let outcome = on_wire!(self, wire => wire.poll_shutdown(context));
            ready!(self.sent(context, outcome))?;
        }
        self.poll_farewell(context).map(Ok)
    }
}
