//! Generates from `proto/` all code that follows from the contract, so that nobody writes it by hand:
//!
//! - `contract.rs`: prost messages (and, with the feature `clients`, tonic clients);
//! - `engines.rs`: the traits that let one handler serve every engine (`build/engines.rs`);
//! - `kinds.rs`: the traits that let one handler serve every kind of plain resource (`build/kinds.rs`);
//! - `projections.rs`: copies between messages that share field names (`build/projections.rs`);
//! - `schema.rs`: the shapes of messages as tables (`build/schema.rs`);
//! - `validators.rs`: the annotated rules as code (`build/validators.rs`), and those of `build/rules.rs`, which the contract only
//!   describes;
//! - `methods.rs` and `services.rs`: a row for each RPC, and the tonic services that route to handlers
//!   (`build/services.rs`, and `build/methods.rs` for what the contract does not say);
//! - `reflection.binpb` and `pool.binpb`: the descriptors, with and without comments.

use std::path::{Path, PathBuf};
use std::{env, error::Error, fs};

#[path = "build/engines.rs"]
mod engines;
#[path = "build/kinds.rs"]
mod kinds;
#[path = "build/methods.rs"]
mod methods;
#[path = "build/names.rs"]
mod names;
#[path = "build/projections.rs"]
mod projections;
#[path = "build/rules.rs"]
mod rules;
#[path = "build/schema.rs"]
mod schema;
#[path = "build/services.rs"]
mod services;
#[path = "build/validators.rs"]
mod validators;
#[path = "build/waivers.rs"]
mod waivers;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let files = proto_files(Path::new("proto"))?;

    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    fs::write(out.join("reflection.binpb"), compiler.encode_file_descriptor_set())?;
    let commented = compiler.file_descriptor_set();
    let pool = compiler.descriptor_pool();

    let mut bare = protox::Compiler::new(["proto"])?;
    bare.include_imports(true).include_source_info(false).open_files(&files)?;
    fs::write(out.join("pool.binpb"), bare.encode_file_descriptor_set())?;

    let mut messages = prost_build::Config::new();
    messages
        .btree_map(["."])
        .enable_type_names()
        .type_name_domain(["."], "type.googleapis.com")
        .include_file("contract.rs");
    if env::var_os("CARGO_FEATURE_CLIENTS").is_some() {
        messages.service_generator(services::stubs());
    }
    messages.compile_fds(commented)?;

    let (methods, services) = services::generate(&pool)?;
    fs::write(out.join("methods.rs"), methods)?;
    fs::write(out.join("services.rs"), services)?;
    fs::write(out.join("engines.rs"), engines::generate(&pool)?)?;
    fs::write(out.join("kinds.rs"), kinds::generate(&pool)?)?;
    fs::write(out.join("projections.rs"), projections::generate(&pool)?)?;
    fs::write(out.join("schema.rs"), schema::generate(&pool)?)?;
    fs::write(out.join("validators.rs"), validators::generate(&pool)?)?;
    Ok(())
}

/// Every `.proto` file below `root`, sorted, by the path that imports use.
fn proto_files(root: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut folders = vec![root.to_path_buf()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "proto") {
                files.push(path.strip_prefix(root)?.to_path_buf());
            }
        }
    }
    files.sort();
    Ok(files)
}
