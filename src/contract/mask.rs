//! Update masks: a request is merged into the present state, path by path, by reflection on the request's own type.

use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, ReflectMessage, Value};

use super::{ContractMessage, descriptors};

/// The fields of an update request that are not part of what is updated.
const ADDRESS: &str = "cluster_id";
const MASK: &str = "update_mask";

/// What came of a merge.
#[derive(Debug)]
pub struct Merged<T> {
    /// The state as it shall be, addressed as the sent one.
    pub message: T,
    /// Paths that begin with a known field but lead nowhere; some official clients send such.
    pub ignored: Vec<String>,
}

/// Why a mask cannot be followed.
#[derive(Debug, PartialEq, Eq)]
pub enum MaskError {
    /// The first part of a path is no field that can be updated.
    UnknownField(String),
    /// The message's type is not in the descriptor pool, or its bytes are not what the pool expects.
    Unreadable,
}

/// Takes from `sent` what the mask names, and the rest from `current`.
///
/// A path that is named but unset in `sent` is unset. Without a mask everything is taken from `sent`. Either way, `kept`
/// names the fields that have no default: where one ends up unset, it keeps its present value.
///
/// Clients of SPQR put a surplus segment `config` into paths: it is left out where no such field exists.
///
/// # Errors
///
/// [`MaskError::UnknownField`] for a path whose first segment is no field.
pub fn merge<T: ContractMessage>(
    current: &T,
    sent: &T,
    mask: Option<&prost_types::FieldMask>,
    kept: &[&str],
) -> Result<Merged<T>, MaskError> {
    let descriptor = descriptors::pool().get_message_by_name(&T::full_name()).ok_or(MaskError::Unreadable)?;
    let current = dynamic(&descriptor, current)?;
    let sent = dynamic(&descriptor, sent)?;
    let mut merged;
    let mut ignored = Vec::new();
    match mask.filter(|mask| !mask.paths.is_empty()) {
        None => merged = sent.clone(),
        Some(mask) => {
            merged = current.clone();
            for path in &mask.paths {
                let first = path.split('.').next().unwrap_or_default();
                if [ADDRESS, MASK].contains(&first) || descriptor.get_field_by_name(first).is_none() {
                    return Err(MaskError::UnknownField(path.clone()));
                }
                let segments: Vec<&str> = path.split('.').collect();
                if !take(&mut merged, Some(&sent), &segments) {
                    ignored.push(path.clone());
                }
            }
        }
    }
    for path in kept {
        let segments: Vec<&str> = path.split('.').collect();
        if lookup(&merged, &segments).is_none() && lookup(&current, &segments).is_some() {
            take(&mut merged, Some(&current), &segments);
        }
    }
    merged.clear_field_by_name(MASK);
    take(&mut merged, Some(&sent), &[ADDRESS]);
    let message = T::decode(prost_reflect::prost::Message::encode_to_vec(&merged).as_slice())
        .map_err(|_| MaskError::Unreadable)?;
    Ok(Merged { message, ignored })
}

fn dynamic<T: ContractMessage>(descriptor: &MessageDescriptor, message: &T) -> Result<DynamicMessage, MaskError> {
    DynamicMessage::decode(descriptor.clone(), message.encode_to_vec().as_slice()).map_err(|_| MaskError::Unreadable)
}

/// Makes one place of `target` what it is in `source`; returns whether the path led to a place.
fn take(target: &mut DynamicMessage, source: Option<&DynamicMessage>, path: &[&str]) -> bool {
    let field = |path: &[&str]| target.descriptor().get_field_by_name(path.first()?);
    let (path, field) = match (field(path), path) {
        (Some(field), path) => (path, field),
        (None, ["config", surplus @ ..]) => match field(surplus) {
            Some(field) => (surplus, field),
            None => return false,
        },
        (None, _) => return false,
    };
    let rest = &path[1..];
    let given = source.filter(|source| source.has_field(&field)).map(|source| source.get_field(&field).into_owned());
    if rest.is_empty() {
        match given {
            Some(value) => target.set_field(&field, value),
            None => target.clear_field(&field),
        }
        return true;
    }
    let Kind::Message(inner) = field.kind() else { return false };
    if field.is_list() || field.is_map() {
        return false;
    }
    let mut value = if target.has_field(&field) {
        target.get_field(&field).into_owned()
    } else {
        Value::Message(DynamicMessage::new(inner))
    };
    let (Value::Message(place), given) = (&mut value, given.as_ref().and_then(Value::as_message)) else { return false };
    let known = take(place, given, rest);
    if known && (given.is_some() || target.has_field(&field)) {
        target.set_field(&field, value);
    }
    known
}

/// The value at a path, if it is set.
fn lookup(message: &DynamicMessage, path: &[&str]) -> Option<Value> {
    let (segment, rest) = path.split_first()?;
    let field = message.descriptor().get_field_by_name(segment).filter(|field| message.has_field(field))?;
    let value = message.get_field(&field).into_owned();
    if rest.is_empty() { Some(value) } else { lookup(value.as_message()?, rest) }
}
