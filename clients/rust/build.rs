//! Makes messages and clients of `proto/`.

use std::error::Error;

/// The engines, and what they have beside the services of every engine.
const ENGINES: [(&str, &[&str]); 4] = [
    ("redis", &["versions"]),
    ("mysql", &["database", "versions"]),
    ("sqlserver", &["database"]),
    ("spqr", &["database"]),
];
const OF_EVERY_ENGINE: [&str; 3] = ["cluster", "resource_preset", "user"];
const SERVICES: [&str; 3] =
    ["endpoint/api_endpoint_service", "iam/v1/iam_token_service", "operation/operation_service"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../../proto");
    let engines = ENGINES.iter().flat_map(|(engine, services)| {
        OF_EVERY_ENGINE.iter().chain(*services).map(move |service| format!("mdb/{engine}/v1/{service}_service"))
    });
    let services = SERVICES.iter().map(|&service| service.to_owned());
    let files = engines.chain(services).map(|file| format!("yandex/cloud/{file}.proto"));
    let mut config = prost_build::Config::new();
    config.enable_type_names().include_file("proto.rs");
    let contract = protox::compile(files, ["../../proto"])?;
    tonic_prost_build::configure().build_server(false).compile_fds_with_config(contract, config)?;
    Ok(())
}
