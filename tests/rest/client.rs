//! A client of HTTP/1.1 that sends what it is told to, however wrong it is.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use serde_json::{Value, json};

use crate::common::Cloud;

/// What a request was answered with.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The reply of a call that has succeeded.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// Code and message of a refusal, whose status is the one of its code unless HTTP has its own. The last of its details must name the
    /// request, as the headers do.
    #[track_caller]
    pub fn refused(&self, status: u16) -> (i64, String) {
        let body = self.json();
        assert_eq!(self.status, status, "{body}");
        let keys: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["code", "details", "message"]);
        let named = body["details"].as_array().unwrap().last().expect("every refusal has details");
        let request_id = self.header("x-request-id").expect("every answer has an id");
        assert_eq!(*named, json!({"@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": request_id}));
        (body["code"].as_i64().unwrap(), body["message"].as_str().unwrap().to_owned())
    }

    /// The field and rule of the one violation that a request was refused for.
    #[track_caller]
    pub fn violation(&self) -> (String, String) {
        let (code, message) = self.refused(400);
        assert_eq!(code, 3, "{message}");
        let details = self.json()["details"].clone();
        assert_eq!(details[0]["@type"], "type.googleapis.com/google.rpc.BadRequest", "{message}");
        let [violation] = details[0]["fieldViolations"].as_array().unwrap().as_slice() else { panic!("{details}") };
        let (field, rule) = (violation["field"].as_str().unwrap(), violation["description"].as_str().unwrap());
        assert_eq!(message, format!("Request validation error:\n- {field}: {rule}"));
        (field.to_owned(), rule.to_owned())
    }
}

/// Sends requests to one server, all with the same headers.
#[derive(Clone)]
pub struct Http {
    address: String,
    headers: String,
}

impl Http {
    pub fn new(cloud: &Cloud) -> Self {
        Self { address: cloud.emulator().address().to_string(), headers: String::new() }
    }

    /// The same client, which sends one header more.
    pub fn with(&self, name: &str, value: &str) -> Self {
        Self { headers: format!("{}{name}: {value}\r\n", self.headers), ..self.clone() }
    }

    pub fn get(&self, target: &str) -> Answer {
        self.send("GET", target, b"")
    }

    pub fn post(&self, target: &str, body: &Value) -> Answer {
        self.send("POST", target, body.to_string().as_bytes())
    }

    pub fn patch(&self, target: &str, body: &Value) -> Answer {
        self.send("PATCH", target, body.to_string().as_bytes())
    }

    pub fn delete(&self, target: &str) -> Answer {
        self.send("DELETE", target, b"")
    }

    /// Sends a request on a connection of its own, and reads the answer to its end.
    pub fn send(&self, verb: &str, target: &str, body: &[u8]) -> Answer {
        let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        let head = format!(
            "{verb} {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{}{length}\r\n",
            self.address, self.headers
        );
        self.send_bytes(&[head.as_bytes(), body].concat())
    }

    /// Sends bytes as they are.
    pub fn send_bytes(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        // The server may have answered and closed before it has read all.
        _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        _ = stream.read_to_end(&mut answer);
        parsed(&answer)
    }
}

impl Http {
    /// The same, byte by byte, each in a packet of its own.
    pub fn send_in_pieces(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        for byte in bytes {
            stream.write_all(&[*byte]).unwrap();
        }
        let mut answer = Vec::new();
        _ = stream.read_to_end(&mut answer);
        parsed(&answer)
    }

    /// The same, and says that nothing more comes.
    pub fn send_to_the_end(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(bytes).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        _ = stream.read_to_end(&mut answer);
        parsed(&answer)
    }
}

fn parsed(answer: &[u8]) -> Answer {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("an answer has a head");
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap();
    let headers =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.into(), value.into())).collect();
    Answer { status, headers, body: answer[end + 4..].to_vec() }
}

/// A part of a path or query with everything escaped that could mean something else.
pub fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
