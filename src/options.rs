//! What a server is started with, from the command line or in a Rust program.

use std::sync::Arc;

use crate::demo;
use crate::identity::ControlToken;
use crate::server::{AllowedOrigin, Server, ServerError, TlsOptions};
use crate::universe::{Access, Auth, Clock, Instant, OperationTime, Seed, ServiceAccountKey, Universe};
use crate::worlds::{Conflicts, MachineClock, Universes};

/// What a server is started with. The defaults are those of the command line, but for the port: any free one. Each default
/// has a control token of its own.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen, as `HOST:PORT`.
    pub listen: String,
    /// Whether the default universe begins with the demonstration's folder.
    pub demo: bool,
    /// The seed of the default universe.
    pub seed: Seed,
    /// Where the default universe's clock is frozen; it follows the machine's if unset.
    pub clock: Option<Instant>,
    /// How long operations take.
    pub operation_time: OperationTime,
    /// What becomes of a call that would change what an operation in flight is changing.
    pub conflicts: Conflicts,
    /// Whether the networks, subnets, security groups, keys, accounts and folders that requests refer to must exist. If not, an id that
    /// nobody made is taken as given.
    pub strict: bool,
    /// How TLS is spoken.
    pub tls: TlsOptions,
    /// Whose pages may call the server from a browser, besides those of its own origin.
    pub allowed_origins: Vec<AllowedOrigin>,
    /// Whether calls need a token.
    pub auth: Auth,
    /// The token that calls of the control API need where calls need a token.
    pub control_token: ControlToken,
    /// The keys of service accounts. If there are any, only what they sign is traded for a token.
    pub service_account_keys: Vec<ServiceAccountKey>,
    /// What tells the machine's time of day. A test may give it a clock that it moves by hand.
    pub machine: MachineClock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:0".into(),
            demo: false,
            seed: Seed(0),
            clock: None,
            operation_time: OperationTime::None,
            conflicts: Conflicts::Refuse,
            strict: false,
            tls: TlsOptions::default(),
            allowed_origins: Vec::new(),
            auth: Auth::Off,
            control_token: ControlToken::random(),
            service_account_keys: Vec::new(),
            machine: MachineClock::of_the_machine(),
        }
    }
}

impl Options {
    /// The universes that these options ask for: one.
    pub fn universes(&self) -> Universes {
        let (clock, now) = self.clock.map_or_else(|| (Clock::MACHINE, self.machine.now()), |at| (Clock::Frozen, at));
        let mut universe = if self.demo {
            demo::universe(clock, now)
        } else {
            Universe::new(self.seed, clock, now, OperationTime::None)
        };
        universe.set_seed(self.seed);
        universe.set_operation_time(self.operation_time);
        universe.set_strict(self.strict);
        universe.set_access(Access::new(self.auth, &self.service_account_keys));
        Universes::new(universe, self.machine.clone()).with_conflicts(self.conflicts)
    }

    /// A server of universes that listens as these options say.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on, or TLS cannot be spoken.
    pub async fn server(&self, universes: Arc<Universes>) -> Result<Server, ServerError> {
        let server =
            Server::listen(&self.listen, &self.tls, universes).await?.with_allowed_origins(&self.allowed_origins);
        Ok(match self.auth {
            Auth::Off => server,
            Auth::Token => server.with_control_token(self.control_token.clone()),
        })
    }
}
