//! The JWT of a service account: what it must say, and who must have signed it.

use mdb_emulator::contract::proto::yandex::cloud::iam::v1::{
    CreateKeyRequest, CreateKeyResponse, DeleteKeyRequest, ServiceAccount,
};
use mdb_emulator::universe::ServiceAccountKey;
use mdb_emulator::worlds::MachineClock;
use serde_json::{Value, json};

use crate::common::neighbours::new_account;
use crate::signing::{KEY_FILE, Robot};
use crate::*;

/// A server that was given a robot's key.
fn knowing(robot: &Robot) -> Cloud {
    Cloud::start_with(|options| options.service_account_keys = vec![robot.key.clone()])
}

fn trade(cloud: &Cloud, jwt: String) -> Result<CreateIamTokenResponse, Status> {
    traded(cloud, Identity::Jwt(jwt))
}

/// The claims of a robot at an instant, with one of them changed; null takes it away.
fn claims_with(robot: &Robot, now: i64, claim: &str, value: Value) -> Value {
    let mut claims = robot.claims(now);
    match value {
        Value::Null => _ = claims.as_object_mut().unwrap().remove(claim),
        value => claims[claim] = value,
    }
    claims
}

#[test]
fn what_an_sdk_signs_is_accepted() {
    let robot = Robot::new();
    for cloud in [Cloud::start(), knowing(&robot)] {
        let now = cloud.now().seconds;
        let audience = "https://iam.127.0.0.1:7300/iam/v1/tokens";
        let spoken = [
            robot.claims(now),
            // Of a library that puts the one audience into a list, and of one whose times have fractions.
            claims_with(&robot, now, "aud", json!(["https://elsewhere.test/", audience])),
            claims_with(&robot, now, "aud", json!(audience)),
            claims_with(&robot, now, "iat", json!(f64::from(u32::try_from(now).unwrap()) + 0.25)),
            // Of a client whose clock is a little ahead, or somewhat behind.
            robot.claims(now + 30),
            robot.claims(now - 3599),
        ];
        for claims in spoken {
            trade(&cloud, robot.signed(&robot.header(), &claims)).unwrap_or_else(|status| panic!("{claims}: {status}"));
        }
    }
}

#[test]
fn clients_may_sign_by_the_machines_clock_whatever_the_universe_shows() {
    let robot = Robot::new();
    let machine = MachineClock::of_the_machine().now().nanos() / 1_000_000_000;
    let cloud = knowing(&robot);
    assert!(cloud.now().seconds < machine - DAY, "the universe is frozen long ago");
    trade(&cloud, robot.jwt(machine)).unwrap();
    let message = refused(trade(&cloud, robot.jwt(machine - 2 * HOUR))).message;
    assert!(message.ends_with("which is not now"), "{message}");
}

#[test]
fn a_jwt_grows_old_by_the_universes_clock() {
    let robot = Robot::new();
    let cloud = knowing(&robot);
    let jwt = robot.jwt(cloud.now().seconds);
    trade(&cloud, jwt.clone()).unwrap();
    cloud.advance(HOUR - 1);
    trade(&cloud, jwt.clone()).unwrap();
    cloud.advance(1);
    let refusal = refused(trade(&cloud, jwt));
    assert_eq!(refusal.code, Code::Unauthenticated);
    assert_eq!(
        refusal.message,
        "The JWT is not accepted: it is good from 2026-01-31T12:00:00Z to 2026-01-31T13:00:00Z, which is not now"
    );
}

#[test]
fn a_jwt_that_says_something_else_is_refused() {
    let robot = Robot::new();
    let now = Cloud::start().now().seconds;
    let signed = |claim: &str, value: Value| robot.signed(&robot.header(), &claims_with(&robot, now, claim, value));
    let headed = |header: Value| robot.signed(&header, &robot.claims(now));
    let jwt = robot.jwt(now);
    let (message, signature) = jwt.rsplit_once('.').unwrap();
    let (header, claims) = message.split_once('.').unwrap();
    let shape = "it must be a header, claims and a signature, each in base64url, with dots between them";
    let claims_shape = "its claims must be JSON with iss, aud, iat and exp";
    let (kid, audience) = ("kid must be the id of a key", "aud must be an address that ends with /iam/v1/tokens");
    let account = "iss must be the id of a service account, of at most 50 ASCII letters, digits, - and _";
    let (life, times) = ("exp must be after iat, by an hour at most", "iat and exp must be seconds since 1970");
    let rows = [
        (String::new(), shape),
        ("nonsense".into(), shape),
        (message.into(), shape),
        (format!("{message}.{signature}="), shape),
        (format!("{message}.{signature}.more"), claims_shape),
        (format!("{claims}.{header}.{signature}"), "its header must be JSON with alg and kid"),
        (format!("{header}.{header}.{signature}"), claims_shape),
        (headed(json!({"alg": "none", "kid": robot.key_id})), "alg must be PS256"),
        (headed(json!({"alg": "RS256", "kid": robot.key_id})), "alg must be PS256"),
        (headed(json!({"alg": "PS256"})), kid),
        (headed(json!({"alg": "PS256", "kid": ""})), kid),
        (signed("iss", Value::Null), claims_shape),
        (signed("aud", Value::Null), claims_shape),
        (signed("iat", Value::Null), claims_shape),
        (signed("exp", Value::Null), claims_shape),
        (signed("exp", json!("tomorrow")), claims_shape),
        (signed("iss", json!("")), account),
        (signed("iss", json!("a".repeat(51))), account),
        (signed("iss", json!("\u{43f}\n")), account),
        (signed("iss", json!("robot@cloud.test")), account),
        (signed("aud", json!("https://elsewhere.test/")), audience),
        (signed("aud", json!([])), audience),
        (signed("iat", json!(-1)), times),
        (signed("exp", json!(1e300)), times),
        (signed("exp", json!(now + 3601)), life),
        (signed("exp", json!(now)), life),
        (
            robot.signed(&robot.header(), &robot.claims(now + 3600)),
            "it is good from 2026-01-31T13:00:00Z to 2026-01-31T14:00:00Z, which is not now",
        ),
    ];
    for cloud in [Cloud::start(), knowing(&robot)] {
        let cloud = cloud.with_header("x-request-id", "of-this-call");
        for (jwt, problem) in &rows {
            let wanted = Refused {
                code: Code::Unauthenticated,
                message: format!("The JWT is not accepted: {problem}"),
                details: String::new(),
                about: Vec::new(),
            };
            assert_eq!(refused(trade(&cloud, jwt.clone())), wanted, "{jwt}");
        }
    }
}

#[test]
fn only_what_a_given_key_has_signed_is_accepted() {
    let (robot, other) = (Robot::new(), Robot::other());
    let cloud = knowing(&robot);
    let now = cloud.now().seconds;
    let (jwt, others_jwt) = (robot.jwt(now), other.jwt(now));
    let (message, _) = jwt.rsplit_once('.').unwrap();
    let (_, others_signature) = others_jwt.rsplit_once('.').unwrap();
    let claims_of_other = other.claims(now);
    // The claims of one message under the signature of another.
    let later = robot.jwt(now + 1);
    let (later, _) = later.rsplit_once('.').unwrap();
    let (_, signature) = jwt.rsplit_once('.').unwrap();
    let wrong = "its signature is wrong";
    let rows = [
        (others_jwt.clone(), "its key is none that the emulator was given or has made"),
        (robot.signed(&robot.header(), &claims_of_other), "its key is of another service account"),
        (other.signed(&robot.header(), &robot.claims(now)), wrong),
        (format!("{message}.{others_signature}"), wrong),
        (format!("{later}.{signature}"), wrong),
        (format!("{message}."), wrong),
    ];
    for (jwt, problem) in rows {
        let refusal = refused(trade(&cloud, jwt));
        assert_eq!(refusal.message, format!("The JWT is not accepted: {problem}"));
        assert_eq!(refusal.code, Code::Unauthenticated);
    }
    trade(&cloud, jwt).unwrap();

    let both = Cloud::start_with(|options| options.service_account_keys = vec![robot.key.clone(), other.key.clone()]);
    trade(&both, robot.jwt(now)).unwrap();
    trade(&both, other.jwt(now)).unwrap();
    trade(&Cloud::start(), others_jwt).expect("without a key there is nothing to check it by");
}

#[test]
fn an_oauth_token_must_be_one() {
    let cloud = Cloud::start();
    let refusal = refused(traded(&cloud, Identity::YandexPassportOauthToken(String::new())));
    assert_eq!((refusal.code, refusal.message.as_str()), (Code::Unauthenticated, "OAuth token is invalid or expired"));
    let refusal = refused(cloud.run(iam(&cloud).create(CreateIamTokenRequest::default())));
    assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["identity".to_owned()]));
}

#[test]
fn a_file_that_is_no_key_is_refused() {
    let file = std::fs::read(KEY_FILE).unwrap();
    let mut key: Value = serde_json::from_slice(&file).unwrap();
    let refusal = |json: &Value| ServiceAccountKey::from_json(json.to_string().as_bytes()).unwrap_err().to_string();
    for field in ["id", "service_account_id", "public_key"] {
        let mut key = key.clone();
        key.as_object_mut().unwrap().remove(field);
        assert!(refusal(&key).contains(&format!("missing field `{field}`")), "{}", refusal(&key));
    }
    let no_key = "its public_key must be the PEM of an RSA key";
    let elliptic = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
                    -----END PUBLIC KEY-----\n";
    for wrong in ["", "nonsense", elliptic, key["private_key"].clone().as_str().unwrap()] {
        key["public_key"] = json!(wrong);
        assert_eq!(refusal(&key), no_key, "{wrong}");
    }
    assert!(ServiceAccountKey::from_file("/nowhere/key.json").is_err());
}

/// A service account with a key that the emulator makes.
fn made(cloud: &Cloud) -> Robot {
    let request = new_account("b1gdefault0000000000", "robot");
    let account: ServiceAccount = cloud.make("iam.v1.ServiceAccountService/Create", &request);
    let request = CreateKeyRequest { service_account_id: account.id.clone(), ..Default::default() };
    let created: CreateKeyResponse = cloud.ask("iam.v1.KeyService/Create", &request).unwrap();
    let key = created.key.unwrap();
    Robot::from_json(&json!({
        "id": key.id,
        "service_account_id": account.id,
        "public_key": key.public_key,
        "private_key": created.private_key,
    }))
}

#[test]
fn what_a_key_has_signed_that_the_emulator_made_is_accepted_as_long_as_there_is_the_key() {
    for strict in [false, true] {
        let cloud = Cloud::start_with(|options| options.strict = strict);
        let robot = made(&cloud);
        let now = cloud.now().seconds;
        let jwt = robot.jwt(now);
        let token = trade(&cloud, jwt.clone()).unwrap();
        assert!(!token.iam_token.is_empty());
        let mut header = robot.header();
        header["kid"] = json!(robot.key_id);
        let forged = Robot::new().signed(&header, &robot.claims(now));
        let message = refused(trade(&cloud, forged)).message;
        assert!(message.ends_with("its signature is wrong"), "{message}");
        let others = robot.signed(&robot.header(), &claims_with(&robot, now, "iss", json!("aje00000000000000001")));
        let message = refused(trade(&cloud, others)).message;
        assert!(message.ends_with("its key is of another service account"), "{message}");
        // A key that nobody made is as good as any, unless the universe is strict.
        assert_eq!(trade(&cloud, Robot::new().jwt(now)).is_err(), strict);
        cloud.done(cloud.order("iam.v1.KeyService/Delete", &DeleteKeyRequest { key_id: robot.key_id.clone() }));
        assert_eq!(trade(&cloud, jwt).is_err(), strict);
    }
}
