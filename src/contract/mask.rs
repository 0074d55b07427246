//! Update masks: a request is merged into the present state, path by path, by reflection on the request's own type.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};

use super::{ContractMessage, descriptors};

/// How many different paths a mask may have (our choice: the largest message has some hundred fields that can be updated).
pub const MOST_PATHS: usize = 1000;

/// The field of an update request that holds the mask. Like the field that names what is updated, it is no part of that.
const MASK: &str = "update_mask";

/// What came of a merge.
#[derive(Debug)]
pub struct Merged<T> {
    /// The state as it shall be, with the address and the mask of the sent one.
    pub message: T,
    /// Paths that begin with a known field but lead nowhere; some official clients send such.
    pub ignored: Vec<String>,
}

/// Why a mask cannot be followed.
#[derive(Debug, PartialEq, Eq)]
pub enum MaskError {
    /// The first part of a path is no field that can be updated.
    UnknownField(String),
    /// There are more than [`MOST_PATHS`] different paths.
    TooManyPaths(usize),
    /// The message's type is not in the descriptor pool, or its bytes are not what the pool expects.
    Unreadable,
}

/// Takes from `sent` what the mask names, and the rest from `current`.
///
/// `address` are the fields that name what is updated. A path that is named but unset in `sent` is unset. Without a mask everything is taken from `sent`. Either way, `kept`
/// names the fields that have no default: where one ends up unset, it keeps its present value.
///
/// Clients of SPQR put a surplus segment `config` into paths: it is left out where no such field exists.
///
/// The time that this takes is that of reading the mask once and the messages once: each field is looked at once, however many
/// paths lead to it, and what is taken is moved rather than copied.
///
/// # Errors
///
/// [`MaskError::UnknownField`] for a path whose first segment is no field, and [`MaskError::TooManyPaths`].
pub fn merge<T: ContractMessage>(
    current: &T,
    sent: &T,
    mask: Option<&prost_types::FieldMask>,
    address: &[&str],
    kept: &[&str],
) -> Result<Merged<T>, MaskError> {
    let descriptor = descriptors::pool().get_message_by_name(&T::full_name()).ok_or(MaskError::Unreadable)?;
    let Named { fields, ignored } = named(&descriptor, mask, address)?;
    let mut present = dynamic(&descriptor, current)?;
    let mut sent = dynamic(&descriptor, sent)?;
    let apart = address.iter().chain([&MASK]).map(|name| (*name, descriptor.get_field_by_name(name)));
    let apart: Vec<(&str, Option<Value>)> =
        apart.map(|(name, field)| (name, field.and_then(|field| sent.take_field(&field)))).collect();
    let mut merged = match fields {
        None => sent,
        Some(fields) => {
            let mut merged = present.clone();
            take(&mut merged, Some(&mut sent), fields);
            merged
        }
    };
    for way in kept.iter().filter_map(|path| way(&descriptor, path)) {
        if !is_set(&merged, &way) && is_set(&present, &way) {
            let mut fields = Fields::default();
            fields.name(way);
            take(&mut merged, Some(&mut present), fields);
        }
    }
    for (name, value) in apart {
        match value {
            Some(value) => merged.set_field_by_name(name, value),
            None => merged.clear_field_by_name(name),
        }
    }
    let message = T::decode(prost_reflect::prost::Message::encode_to_vec(&merged).as_slice())
        .map_err(|_| MaskError::Unreadable)?;
    Ok(Merged { message, ignored })
}

fn dynamic<T: ContractMessage>(descriptor: &MessageDescriptor, message: &T) -> Result<DynamicMessage, MaskError> {
    DynamicMessage::decode(descriptor.clone(), message.encode_to_vec().as_slice()).map_err(|_| MaskError::Unreadable)
}

/// The fields that a mask names.
struct Named {
    /// None where there is no mask: then it is all of them.
    fields: Option<Fields>,
    /// The paths that lead nowhere.
    ignored: Vec<String>,
}

/// Fields of a message, by their numbers, each as a whole or in parts. A path under another path is a part of it, so it adds nothing.
#[derive(Default)]
struct Fields(BTreeMap<u32, (FieldDescriptor, Extent)>);

enum Extent {
    Whole,
    Parts(Fields),
}

impl Fields {
    /// Adds the field at the end of a way.
    fn name(&mut self, way: Vec<FieldDescriptor>) {
        let mut fields = self;
        let last = way.len().saturating_sub(1);
        for (depth, field) in way.into_iter().enumerate() {
            let new = (field.clone(), Extent::Parts(Self::default()));
            let (_, extent) = fields.0.entry(field.number()).or_insert(new);
            if depth == last {
                *extent = Extent::Whole;
            }
            match extent {
                Extent::Whole => return,
                Extent::Parts(parts) => fields = parts,
            }
        }
    }
}

fn named(
    descriptor: &MessageDescriptor,
    mask: Option<&prost_types::FieldMask>,
    address: &[&str],
) -> Result<Named, MaskError> {
    let paths = mask.map_or(&[][..], |mask| &mask.paths);
    if paths.is_empty() {
        return Ok(Named { fields: None, ignored: Vec::new() });
    }
    let mut distinct: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
    if distinct.len() > MOST_PATHS {
        return Err(MaskError::TooManyPaths(distinct.len()));
    }
    let (mut fields, mut ignored) = (Fields::default(), Vec::new());
    for path in paths.iter().filter(|path| distinct.remove(path.as_str())) {
        let first = path.split('.').next().unwrap_or_default();
        if first == MASK || address.contains(&first) || descriptor.get_field_by_name(first).is_none() {
            return Err(MaskError::UnknownField(path.clone()));
        }
        match way(descriptor, path) {
            Some(way) => fields.name(way),
            None => ignored.push(path.clone()),
        }
    }
    Ok(Named { fields: Some(fields), ignored })
}

/// The fields that a path leads through, if it leads to one.
fn way(message: &MessageDescriptor, path: &str) -> Option<Vec<FieldDescriptor>> {
    let mut way: Vec<FieldDescriptor> = Vec::new();
    let mut segments = path.split('.');
    while let Some(segment) = segments.next() {
        let inside = match way.last() {
            None => message.clone(),
            Some(outer) => inside(outer)?,
        };
        let field = inside.get_field_by_name(segment);
        let surplus = || (segment == "config").then(|| inside.get_field_by_name(segments.next()?)).flatten();
        way.push(field.or_else(surplus)?);
    }
    Some(way)
}

/// The message whose fields a path may go on with.
fn inside(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    match field.kind() {
        Kind::Message(inside) if !field.is_list() && !field.is_map() => Some(inside),
        _ => None,
    }
}

/// Makes the fields of `target` what they are in `source`, which is left without them.
fn take(target: &mut DynamicMessage, mut source: Option<&mut DynamicMessage>, fields: Fields) {
    for (field, extent) in fields.0.into_values() {
        let given = source.as_deref_mut().filter(|source| source.has_field(&field));
        match (extent, given) {
            (Extent::Whole, given) => match given.and_then(|source| source.take_field(&field)) {
                Some(value) => target.set_field(&field, value),
                None => target.clear_field(&field),
            },
            // No part is set in a message that is not there.
            (Extent::Parts(_), None) if !target.has_field(&field) => {}
            (Extent::Parts(parts), given) => {
                let given = given.and_then(|source| source.get_field_mut(&field).as_message_mut());
                if let Some(target) = target.get_field_mut(&field).as_message_mut() {
                    take(target, given, parts);
                }
            }
        }
    }
}

/// Whether the field at the end of a way is set.
fn is_set(message: &DynamicMessage, way: &[FieldDescriptor]) -> bool {
    let Some((field, rest)) = way.split_first() else { return true };
    message.has_field(field)
        && (rest.is_empty() || message.get_field(field).as_message().is_some_and(|inner| is_set(inner, rest)))
}
