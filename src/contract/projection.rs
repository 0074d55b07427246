//! Copies between messages that share field names, made by `build/projections.rs` for the pairs that it lists.

/// Copies each field that the target has under the same name, with the same meaning.
pub trait CopyInto<Target> {
    /// Sets the shared fields of `target`; the rest stay as they are.
    fn copy_into(&self, target: &mut Target);
}

/// A new message with the fields that the source shares with it.
pub fn projected<Source: CopyInto<Target>, Target: Default>(source: &Source) -> Target {
    let mut target = Target::default();
    source.copy_into(&mut target);
    target
}

/// Settings that a user's own are laid over.
pub trait Overlay {
    /// Takes each setting that `user` gives.
    fn overlay(&mut self, user: &Self);
}

/// Messages that carry passwords.
pub trait Secrets {
    /// Shows every password that is given, here and further in, with the path of its field, which begins with `at`: nothing, or the path
    /// of this message and a dot.
    fn show_secrets(&self, at: &str, see: &mut dyn FnMut(String, &str));

    /// Removes every password, here and further in.
    fn forget_secrets(&mut self);
}

pub use generated::SECRET_FIELDS;

#[allow(clippy::all, clippy::pedantic)]
mod generated {
    use super::{CopyInto, Overlay, Secrets, projected};

    include!(concat!(env!("OUT_DIR"), "/projections.rs"));
}
