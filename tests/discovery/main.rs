//! What clients look for before they call a database: endpoints, tokens, folders and networks.

// A test may panic, and the contract has deprecated parts.
#![allow(clippy::unwrap_used, deprecated)]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

mod authentication;
#[path = "../rest/client.rs"]
#[allow(dead_code)]
mod client;
mod endpoints;
mod folders;
mod jwts;
mod networks;
mod rest;
mod signing;
mod subjects;
mod tokens;

use common::*;
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::create_iam_token_request::Identity;
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::iam_token_service_client::IamTokenServiceClient;
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::{CreateIamTokenRequest, CreateIamTokenResponse};
use mdb_emulator::universe::Auth;
use tonic::Response;
use tonic::transport::Channel;

/// An OAuth token. No answer and no log may ever have it.
const OAUTH: &str = "y0_not-for-your-eyes";

fn iam(cloud: &Cloud) -> IamTokenServiceClient<Channel> {
    IamTokenServiceClient::new(cloud.channel())
}

fn traded(cloud: &Cloud, identity: Identity) -> Result<CreateIamTokenResponse, Status> {
    let request = cloud.request(CreateIamTokenRequest { identity: Some(identity) });
    cloud.run(iam(cloud).create(request)).map(Response::into_inner)
}

/// A token of a user.
#[track_caller]
fn user_token(cloud: &Cloud) -> String {
    traded(cloud, Identity::YandexPassportOauthToken(OAUTH.into())).unwrap().iam_token
}

/// The same server, by calls that carry a token.
fn bearing(cloud: &Cloud, token: &str) -> Cloud {
    cloud.with_header("authorization", &format!("Bearer {token}"))
}

/// A server that wants a token.
fn guarded() -> Cloud {
    Cloud::start_with(|options| options.auth = Auth::Token)
}
