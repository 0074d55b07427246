//! The environment in which clients find the emulator, and trust it.

use std::env;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

use super::client::{Connection, Security, reasons};
use super::trust::{self, Trust};
use crate::demo;
use crate::identity::ControlToken;
use crate::universe::network::{CLOUD, DEFAULT_FOLDER};

/// The variable that names the file of the emulator's authority.
pub const CA: &str = "MDB_EMULATOR_CA";

/// The variable that holds the token of the control API.
const CONTROL_TOKEN: &str = "MDB_EMULATOR_CONTROL_TOKEN";

/// Hosts that no proxy is asked for.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// How long a server has to tell what it is asked.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// The OAuth token for which clients get their token.
const OAUTH: &str = "y0_mdb-emulator";

/// Variables and their values, in the order in which they are printed.
pub type Environment = Vec<(&'static str, String)>;

/// What the server tells.
#[derive(Debug)]
pub struct Told {
    token: String,
    folder: &'static str,
}

/// The variables for clients of a server that runs, beside those that this process has. Those that hold several values (what
/// no proxy is asked for, options of Java) keep the ones that they have.
///
/// # Errors
///
/// If a file's path cannot be written in a variable.
pub fn of(
    address: &str,
    told: &Told,
    trust: Option<&Trust>,
    control_token: Option<&ControlToken>,
) -> Result<Environment, String> {
    let mut variables = vec![("MDB_EMULATOR_ADDRESS", address.to_owned())];
    variables.extend(control_token.map(|token| (CONTROL_TOKEN, token.as_str().to_owned())));
    variables.extend(of_yandex(address, told));
    let unproxied = unproxied();
    variables.extend(["no_proxy", "NO_PROXY"].map(|name| (name, unproxied.clone())));
    if let Some(trust) = trust {
        variables.push((CA, text(&trust.authority)?.to_owned()));
        let bundle = text(&trust.bundle)?;
        variables.extend(trust::VARIABLES.map(|name| (name, bundle.to_owned())));
        variables.push(("JAVA_TOOL_OPTIONS", java_options(text(&trust.jvm)?)));
    }
    Ok(variables)
}

/// What the Terraform provider, the `yc` command and users of the SDKs go by.
fn of_yandex(address: &str, told: &Told) -> Environment {
    let own = |text: &str| text.to_owned();
    vec![
        ("YC_ENDPOINT", own(address)),
        ("YC_TOKEN", own(&told.token)),
        ("YC_IAM_TOKEN", own(&told.token)),
        ("YC_CLOUD_ID", own(CLOUD)),
        ("YC_FOLDER_ID", own(told.folder)),
        ("YC_ZONE", own("ru-central1-a")),
        // The Terraform provider asks a host of its own for newer versions otherwise.
        ("YC_TERRAFORM_INITIALIZATION_SILENCE", own("true")),
    ]
}

/// Asks the server for a token, and which folder there is to work in; over TLS if certificates that vouch for it are given, in PEM.
///
/// # Errors
///
/// If it does not tell, or a control token is given that is not the server's.
pub async fn ask(
    address: &str,
    certificates: Option<&[u8]>,
    control_token: Option<&ControlToken>,
) -> Result<Told, Box<dyn Error + Send + Sync>> {
    let security = certificates.map_or(Ok(Security::Plaintext), Security::trusting)?;
    let server = Connection::open(address, &security).await?;
    if let Some(token) = control_token {
        server.show_control_token(token).await?;
    }
    let token = server.token(OAUTH).await?;
    let demonstrates = server.folders(CLOUD, &token).await?.iter().any(|folder| folder == demo::FOLDER);
    Ok(Told { token, folder: if demonstrates { demo::FOLDER } else { DEFAULT_FOLDER } })
}

/// That it did not tell, and why.
pub fn untold(address: &str, error: &(dyn Error + 'static)) -> String {
    format!("cannot get a token from {address}: {}", reasons(error))
}

/// The hosts that no proxy is asked for so far, and this machine.
fn unproxied() -> String {
    let so_far = inherited("no_proxy").or_else(|| inherited("NO_PROXY")).unwrap_or_default();
    // All of them, in the words of those that read the variable.
    if so_far.trim() == "*" {
        return so_far;
    }
    let mut hosts: Vec<&str> = so_far.split(',').map(str::trim).filter(|host| !host.is_empty()).collect();
    hosts.extend(LOCAL.into_iter().filter(|host| !so_far.split(',').any(|other| other.trim() == *host)));
    hosts.join(",")
}

/// The options of Java so far, and our trust store. It needs no password, and its type is Java's default.
fn java_options(store: &str) -> String {
    let mut options = format!(" {} ", inherited("JAVA_TOOL_OPTIONS").unwrap_or_default());
    // In place of the one that was written with the authority's file that this process was given.
    if let Some(authority) = inherited(CA) {
        let earlier = java_option(&Trust::beside(authority.as_ref()).jvm.to_string_lossy());
        options = options.replace(&format!(" {earlier} "), " ");
    }
    format!("{} {}", options.trim(), java_option(store)).trim_start().to_owned()
}

fn java_option(store: &str) -> String {
    let quote = if store.contains(char::is_whitespace) { "\"" } else { "" };
    format!("-Djavax.net.ssl.trustStore={quote}{store}{quote}")
}

fn inherited(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn text(path: &Path) -> Result<&str, String> {
    path.to_str().ok_or_else(|| format!("{} is no text, so no variable can name it", path.display()))
}
