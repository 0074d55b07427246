//! Which pages in a browser may call, by which names the server is called, and what pages of allowed origins may read.

use std::net::SocketAddr;
use std::path::Path;

use http_body_util::Full;
use hyper::Request;
use mdb_emulator::contract::proto::mdb::emulator::v1::{GetClockRequest, ResetUniverseRequest};
use mdb_emulator::server::{TlsMode, TlsOptions};
use mdb_emulator::{Emulator, Options};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use crate::client::{Answer, Tls, http2, plain, to_the_end};
use crate::grpc_web::framed;
use crate::process::Process;
use crate::trust::own_certificate;

const RESET: &str = "/mdb-emulator/v1/universes/default:reset";
const RESET_OF_GRPC: &str = "/mdb.emulator.v1.UniverseService/Reset";
const CLUSTERS: &str = "/managed-redis/v1/clusters?folderId=b1gdemo0000000000000";
const EVIL: &str = "http://evil.example";

/// An answer of HTTP/1.1, as it came.
#[derive(Debug)]
struct Raw {
    status: u16,
    head: String,
    body: String,
}

impl Raw {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn grants(&self) -> bool {
        self.head.to_ascii_lowercase().contains("access-control-")
    }

    /// The message of a refusal with PERMISSION_DENIED.
    #[track_caller]
    fn denied(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert_eq!((self.status, body["code"].as_i64()), (403, Some(7)), "{self:?}");
        body["message"].as_str().unwrap().to_owned()
    }
}

async fn send<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, line: &str, headers: &str, body: &[u8]) -> Raw {
    let head = format!("{line} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    stream.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
    let answer = String::from_utf8_lossy(&to_the_end(stream).await).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Raw { status, head: head.to_owned(), body: body.to_owned() }
}

async fn over_plaintext(address: SocketAddr, line: &str, headers: &str) -> Raw {
    send(plain(address).await, line, headers, b"").await
}

fn demonstration(change: impl FnOnce(&mut Options)) -> Emulator {
    let mut options = Options { demo: true, ..Options::default() };
    change(&mut options);
    Emulator::start_with(&options).unwrap()
}

fn allowing(origins: &[&str]) -> Emulator {
    let allowed = origins.iter().map(|origin| origin.parse().unwrap()).collect();
    demonstration(|options| options.allowed_origins = allowed)
}

/// How many Redis clusters the demonstration has: one, unless somebody has reset it.
async fn clusters(address: SocketAddr) -> usize {
    let answer = over_plaintext(address, &format!("GET {CLUSTERS}"), "host: localhost\r\n").await;
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    body["clusters"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn a_page_of_another_origin_is_refused_over_every_door_that_it_can_reach() {
    let emulator = demonstration(|_| ());
    let address = emulator.address();
    let hidden = "Pages of other origins may not call this server, and this one's browser does not name its origin: start the \
         server with --allow-origin and the origin, and let the page call by fetch in the mode cors";
    let foreign = |origin: &str| {
        format!(
            "Pages of the origin {origin} may not call this server: start it with --allow-origin {origin} if they shall"
        )
    };
    let localhost = format!("http://localhost:{}", address.port());
    let tls = format!("https://{address}");
    for (headers, message) in [
        (format!("origin: {EVIL}\r\n"), foreign(EVIL)),
        (format!("origin: {EVIL}\r\nsec-fetch-site: cross-site\r\n"), foreign(EVIL)),
        // What the browser says of the page does not make up for the origin that it names.
        (format!("origin: {EVIL}\r\nsec-fetch-site: same-origin\r\n"), foreign(EVIL)),
        (format!("origin: http://{address}\r\norigin: {EVIL}\r\n"), foreign(EVIL)),
        // Another port, another scheme, another name.
        ("origin: http://127.0.0.1:1\r\nsec-fetch-site: same-site\r\n".into(), foreign("http://127.0.0.1:1")),
        ("origin: http://127.0.0.1\r\n".into(), foreign("http://127.0.0.1")),
        (format!("origin: {localhost}\r\n"), foreign(&localhost)),
        (format!("origin: {tls}\r\n"), foreign(&tls)),
        ("origin: null\r\n".into(), hidden.into()),
        ("origin:\r\n".into(), hidden.into()),
        ("origin: file://\r\n".into(), hidden.into()),
        ("sec-fetch-site: cross-site\r\n".into(), hidden.into()),
        ("sec-fetch-site: same-site\r\n".into(), hidden.into()),
        (format!("origin: http://{}\r\n", "a".repeat(1000)), "Pages of other origins may not call this server".into()),
    ] {
        let headers = format!("host: {address}\r\n{headers}");
        for line in [format!("POST {RESET}"), format!("GET {CLUSTERS}"), "OPTIONS /endpoints".into(), "GET /".into()] {
            let answer = over_plaintext(address, &line, &headers).await;
            assert_eq!(answer.denied(), message, "{line}, {headers}");
            assert!(answer.header("x-request-id").is_some() && !answer.grants(), "{answer:?}");
        }
        let reset = framed(&ResetUniverseRequest { universe_id: "default".into(), ..Default::default() });
        for (content_type, answered) in [
            ("application/grpc-web+proto", "application/grpc-web+proto"),
            ("application/grpc-web-text", "application/grpc-web-text+proto"),
            ("application/grpc", "application/grpc"),
        ] {
            for path in [RESET_OF_GRPC, "/grpc.health.v1.Health/Check"] {
                let headers = format!("{headers}content-type: {content_type}\r\n");
                let answer = send(plain(address).await, &format!("POST {path}"), &headers, &reset).await;
                let seen = (answer.status, answer.header("content-type"), answer.header("grpc-status"));
                assert_eq!(seen, (200, Some(answered), Some("7")), "{headers}");
                assert!(answer.header("x-request-id").is_some() && !answer.grants(), "{answer:?}");
            }
        }
    }
    assert_eq!(clusters(address).await, 1, "nothing has been reset");
}

#[tokio::test]
async fn pages_of_the_servers_own_origin_and_programs_may_call() {
    let emulator = demonstration(|_| ());
    let address = emulator.address();
    let port = address.port();
    for headers in [
        format!("host: {address}\r\norigin: http://{address}\r\nsec-fetch-site: same-origin\r\n"),
        format!("host: LocalHost:{port}\r\norigin: http://localhost:{port}\r\n"),
        "host: localhost\r\norigin: http://localhost\r\n".into(),
        "host: localhost\r\norigin: http://localhost:80\r\n".into(),
        "host: localhost:80\r\norigin: http://localhost\r\n".into(),
        "host: [::1]:7300\r\norigin: http://[::1]:7300\r\n".into(),
        "host: localhost\r\n".into(),
        "host: localhost\r\nsec-fetch-site: none\r\nsec-fetch-mode: navigate\r\n".into(),
        "host: localhost\r\nsec-fetch-site: same-origin\r\n".into(),
    ] {
        let answer = over_plaintext(address, &format!("GET {CLUSTERS}"), &headers).await;
        assert_eq!(answer.status, 200, "{headers}: {answer:?}");
        assert!(!answer.grants(), "{answer:?}");
    }
    for (origin, status) in [("https://localhost", 200), ("https://localhost:443", 200), ("http://localhost", 403)] {
        let tls = Tls::trusting(emulator.ca_certificate().unwrap()).with_protocols(&["http/1.1"]);
        let headers = format!("host: localhost\r\norigin: {origin}\r\n");
        let answer = send(tls.connect(address).await.unwrap(), &format!("GET {CLUSTERS}"), &headers, b"").await;
        assert_eq!(answer.status, status, "{origin}: {answer:?}");
    }
}

/// Whether a server answers to a host, over REST and gRPC-Web alike.
async fn goes_by(address: SocketAddr, host: &str) -> bool {
    let answer = over_plaintext(address, &format!("GET {CLUSTERS}"), &format!("host: {host}\r\n")).await;
    let headers = format!("host: {host}\r\ncontent-type: application/grpc-web+proto\r\n");
    let get = framed(&GetClockRequest::default());
    let over_web = send(plain(address).await, "POST /mdb.emulator.v1.ClockService/Get", &headers, &get).await;
    let is_denied = over_web.header("grpc-status") == Some("7");
    if answer.status == 200 {
        assert!(!is_denied, "{over_web:?}");
        return true;
    }
    let name = host.split(':').next().unwrap();
    let shown = format!(
        "This server does not go by the name {name}: start it with --tls-name {name} if it shall, or call it by localhost or \
         its address"
    );
    let wanted = if name.len() > 300 {
        "This server does not go by such a name: call it by localhost or its address"
    } else {
        shown.as_str()
    };
    assert_eq!(answer.denied(), wanted);
    assert!(is_denied, "{over_web:?}");
    false
}

#[tokio::test]
async fn a_name_that_somebody_else_may_own_is_refused() {
    let emulator = demonstration(|options| {
        options.tls.names = vec!["db.example".into(), "*.Wild.example".into()];
    });
    for host in [
        "localhost",
        "LOCALHOST:7300",
        "localhost.",
        "team-a.localhost",
        "a.b.localhost:80",
        "127.0.0.1:1",
        "10.1.2.3",
        "[::1]:7300",
        "[fe80::1]",
        "mdb-emulator:7300",
        "my_service",
        "host.docker.internal:7300",
        "db.example",
        "DB.example.:7300",
        "a.wild.example",
    ] {
        assert!(goes_by(emulator.address(), host).await, "{host}");
    }
    let long = "a.".repeat(500) + "example";
    for host in [
        "evil.example",
        "evil.example:7300",
        "evil.example.",
        "mdb-emulator.",
        "a.db.example",
        "wild.example",
        "a.b.wild.example",
        "localhost.evil.example",
        "evillocalhost.example",
        "x-localhost.",
        "127.0.0.1.evil.example",
        "10.1.2.3.",
        "docker.internal",
        &long,
    ] {
        assert!(!goes_by(emulator.address(), host).await, "{host}");
    }
    // A page that has let its own name lead here is of one origin with the server.
    let headers = "host: evil.example\r\norigin: http://evil.example\r\nsec-fetch-site: same-origin\r\n";
    let answer = over_plaintext(emulator.address(), &format!("POST {RESET}"), headers).await;
    assert!(answer.denied().contains("--tls-name evil.example"), "{answer:?}");
    assert_eq!(clusters(emulator.address()).await, 1);
}

#[tokio::test]
async fn names_are_given_without_tls_and_by_a_certificate_of_the_users_too() {
    let names = vec!["db.example".to_owned()];
    let off = demonstration(|options| {
        options.tls = TlsOptions { mode: TlsMode::Off, names: names.clone(), ..TlsOptions::default() };
    });
    assert!(goes_by(off.address(), "db.example").await);
    assert!(goes_by(off.address(), "host.docker.internal").await);
    assert!(!goes_by(off.address(), "own.example").await);

    let folder = tempfile::tempdir().unwrap();
    let (own, _) = own_certificate(folder.path());
    let own = demonstration(|options| options.tls = TlsOptions { own: Some(own), names, ..TlsOptions::default() });
    assert!(goes_by(own.address(), "own.example").await, "its certificate is for that");
    assert!(goes_by(own.address(), "db.example").await);
    assert!(!goes_by(own.address(), "other.example").await);
}

/// A browser cannot send it, but a proxy in front of a page may, with the page's origin.
#[tokio::test]
async fn grpc_over_http_2_is_not_asked_where_it_comes_from() {
    let emulator = demonstration(|_| ());
    let request = |content_type: &str| {
        let body = Full::from(framed(&GetClockRequest::default()));
        let request = Request::post("/mdb.emulator.v1.ClockService/Get").header("content-type", content_type);
        request.header("te", "trailers").header("origin", EVIL).body(body).unwrap()
    };
    let requests = vec![request("application/grpc"), request("application/grpc-web+proto")];
    let answers: Vec<Answer> = http2(plain(emulator.address()).await, requests).await.unwrap();
    let trailers = answers[0].trailers.as_ref().unwrap();
    assert_eq!(trailers["grpc-status"], "0", "{:?}", answers[0]);
    assert_eq!(answers[1].header("grpc-status"), Some("7"), "{:?}", answers[1]);
}

const PREFLIGHT: &str = "access-control-request-method: PATCH\r\n\
     access-control-request-headers: authorization,content-type,x-mdb-universe\r\n";

#[tokio::test]
async fn pages_of_an_allowed_origin_may_ask_and_read() {
    let emulator = allowing(&["http://localhost:5173", "https://Console.Example:443", "chrome-extension://abcdef"]);
    let address = emulator.address();
    for origin in ["http://localhost:5173", "https://console.example", "chrome-extension://abcdef"] {
        let headers = format!("host: {address}\r\norigin: {origin}\r\nsec-fetch-site: cross-site\r\n");
        for path in [RESET, "/nothing/is/here", "/mdb.emulator.v1.ClockService/Get"] {
            let asked = format!("{headers}{PREFLIGHT}");
            let answer = over_plaintext(address, &format!("OPTIONS {path}"), &asked).await;
            assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{answer:?}");
            assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
            assert_eq!(answer.header("access-control-allow-methods"), Some("PATCH"));
            let allowed = answer.header("access-control-allow-headers");
            assert_eq!(allowed, Some("authorization,content-type,x-mdb-universe"));
            assert_eq!(answer.header("access-control-max-age"), Some("7200"));
            assert_eq!(answer.header("access-control-allow-private-network"), None, "it was not asked for");
            assert_eq!(answer.header("access-control-allow-credentials"), None);
            assert!(answer.header("vary").unwrap().contains("origin"), "{answer:?}");
            let asked = format!("{asked}access-control-request-private-network: true\r\n");
            let answer = over_plaintext(address, &format!("OPTIONS {path}"), &asked).await;
            assert_eq!(answer.header("access-control-allow-private-network"), Some("true"));
        }
        // Refusals are for it to read too, also of the name by which it calls.
        let elsewhere = headers.replace(&address.to_string(), "evil.example");
        for (line, headers, status) in [
            (format!("GET {CLUSTERS}"), &headers, 200),
            ("GET /managed-redis/v1/clusters/none".into(), &headers, 404),
            (format!("GET {CLUSTERS}"), &elsewhere, 403),
        ] {
            let answer = over_plaintext(address, &line, headers).await;
            assert_eq!(answer.status, status, "{answer:?}");
            assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
            assert!(answer.header("vary").unwrap().contains("origin"), "{answer:?}");
            let exposed: Vec<&str> = answer.header("access-control-expose-headers").unwrap().split(',').collect();
            assert_eq!(exposed, EXPOSED);
        }
        let headers = format!("{headers}content-type: application/grpc-web+proto\r\n");
        let get = framed(&GetClockRequest::default());
        let answer = send(plain(address).await, "POST /mdb.emulator.v1.ClockService/Get", &headers, &get).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some(origin)));
    }
    // All others are kept out as ever, and a question for the verbs of a path is answered.
    for origin in [EVIL, "http://localhost:5174", "https://localhost:5173", "http://console.example", "null"] {
        let headers = format!("host: {address}\r\norigin: {origin}\r\n");
        for (line, more) in [(format!("POST {RESET}"), ""), (format!("OPTIONS {RESET}"), PREFLIGHT)] {
            let answer = over_plaintext(address, &line, &format!("{headers}{more}")).await;
            answer.denied();
            assert!(!answer.head.to_ascii_lowercase().contains("access-control-allow-origin"), "{answer:?}");
        }
    }
    let answer = over_plaintext(address, "OPTIONS /endpoints", "host: localhost\r\n").await;
    assert_eq!((answer.status, answer.header("allow")), (204, Some("GET, HEAD, OPTIONS")), "{answer:?}");
    // Who keeps answers for others must know that they differ.
    let answer = over_plaintext(address, "GET /endpoints", "host: localhost\r\n").await;
    assert!(answer.header("vary").unwrap().contains("origin"), "{answer:?}");
    assert_eq!(clusters(address).await, 1);
}

const EXPOSED: [&str; 7] = [
    "grpc-status",
    "grpc-message",
    "grpc-status-details-bin",
    "x-request-id",
    "x-server-trace-id",
    "x-operation-poll-interval",
    "x-mdb-warning",
];

#[tokio::test]
async fn all_origins_can_be_allowed() {
    let emulator = allowing(&["*"]);
    for (origin, shown) in [(EVIL, Some(EVIL)), ("null", Some("null"))] {
        let headers = format!("host: localhost\r\norigin: {origin}\r\nsec-fetch-site: cross-site\r\n");
        let answer = over_plaintext(emulator.address(), &format!("GET {CLUSTERS}"), &headers).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, shown), "{answer:?}");
    }
    let answer =
        over_plaintext(emulator.address(), "GET /endpoints", "host: localhost\r\nsec-fetch-site: cross-site\r\n").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    // The name is another matter.
    let headers = "host: evil.example\r\norigin: http://evil.example\r\n";
    over_plaintext(emulator.address(), &format!("POST {RESET}"), headers).await.denied();
}

#[tokio::test]
async fn the_environment_can_allow_several_origins() {
    let origins = Path::new("http://one.example,https://two.example:8443");
    let server = Process::with_environment(&[("MDB_EMULATOR_ALLOW_ORIGIN", origins)]).await;
    for (origin, status) in [("http://one.example", 200), ("https://two.example:8443", 200), (EVIL, 403)] {
        let headers = format!("host: localhost\r\norigin: {origin}\r\n");
        let answer = over_plaintext(server.address, "GET /endpoints", &headers).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
}
