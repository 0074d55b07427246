//! Ranges of addresses.

use ipnet::Ipv4Net;

use crate::refusal::{self, Refusal};

/// The ranges that subnets may be in (documented).
const PRIVATE: [&str; 3] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
/// The shortest and the longest prefix of a subnet's range (documented).
const PREFIXES: std::ops::RangeInclusive<u8> = 16..=28;

/// A range of addresses, as a request writes it.
///
/// # Errors
///
/// INVALID_ARGUMENT with the service's own wording if the text is no range.
pub fn parse(text: &str) -> Result<Ipv4Net, Refusal> {
    text.parse().map_err(|_| refusal::neighbour::bad_cidr(text))
}

/// A range of addresses that a subnet may have, in a field of a request.
///
/// # Errors
///
/// INVALID_ARGUMENT by the rule that is broken.
pub fn of_subnet(field: &str, text: &str) -> Result<Ipv4Net, Refusal> {
    let range = parse(text)?;
    let rule = if range != range.trunc() {
        format!("has bits set behind its prefix: the range that holds it is {}", range.trunc())
    } else if !PREFIXES.contains(&range.prefix_len()) {
        format!("must have a prefix from /{} to /{}, but is {range}", PREFIXES.start(), PREFIXES.end())
    } else if !PRIVATE.iter().filter_map(|text| text.parse::<Ipv4Net>().ok()).any(|private| private.contains(&range)) {
        format!("must be in {}, but is {range}", PRIVATE.join(", "))
    } else {
        return Ok(range);
    };
    Err(refusal::request::field(field, rule))
}

/// The addresses of a range that hosts can have. The first two behind the range's own are the gateway and the DNS server (documented).
pub fn for_hosts(range: Ipv4Net) -> std::ops::RangeInclusive<u32> {
    u32::from(range.network()) + 3..=u32::from(range.broadcast()) - 1
}

/// A range that overlaps with another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The position of one of the own ranges.
    pub own: usize,
    /// The position of the other, among the own ranges or among those of others.
    pub with: Overlapped,
}

/// What a range overlaps with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlapped {
    /// Another one of the own ranges.
    Own(usize),
    /// One of the ranges of others.
    Other(usize),
}

/// Where own ranges overlap with one another, or with ranges of others. Whether those overlap among themselves does not matter.
pub fn overlap(own: &[Ipv4Net], others: &[Ipv4Net]) -> Option<Overlap> {
    // Ranges contain one another or are apart, so in this order one that overlaps another comes right behind it, or behind what it
    // contains.
    let mut order: Vec<usize> = (0..own.len()).collect();
    order.sort_by_key(|index| (own[*index].network(), own[*index].prefix_len()));
    if let Some(pair) = order.windows(2).find(|pair| own[pair[0]].contains(&own[pair[1]])) {
        return Some(Overlap { own: pair[0].min(pair[1]), with: Overlapped::Own(pair[0].max(pair[1])) });
    }
    others.iter().enumerate().find_map(|(number, other)| {
        // Those that begin behind the other's beginning follow in the order; the one before them may contain the other.
        let behind = order.partition_point(|index| own[*index].network() <= other.network());
        let before =
            order[..behind].last().filter(|index| own[**index].contains(other) || other.contains(&own[**index]));
        let found = before.or_else(|| order[behind..].first().filter(|index| other.contains(&own[**index])))?;
        Some(Overlap { own: *found, with: Overlapped::Other(number) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(texts: &[&str]) -> Vec<Ipv4Net> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn overlaps_are_found_in_any_order() {
        let own = |texts: &[&str]| overlap(&ranges(texts), &[]).map(|overlap| (overlap.own, overlap.with));
        assert_eq!(own(&["10.0.1.0/24", "10.0.2.0/24", "10.1.0.0/16"]), None);
        assert_eq!(own(&["10.0.1.0/24", "10.2.0.0/24", "10.0.0.0/16"]), Some((0, Overlapped::Own(2))));
        assert_eq!(own(&["10.0.0.0/16", "10.0.255.0/28"]), Some((0, Overlapped::Own(1))));
        assert_eq!(own(&["10.0.1.0/24", "10.0.1.0/24"]), Some((0, Overlapped::Own(1))));
    }

    #[test]
    fn overlaps_with_others_are_found_whichever_is_larger() {
        let own = ranges(&["10.5.0.0/24", "10.1.0.0/16", "10.3.7.0/24"]);
        let with = |texts: &[&str]| overlap(&own, &ranges(texts)).map(|overlap| (overlap.own, overlap.with));
        // Others may overlap among themselves: an old range, and the one that takes its place.
        assert_eq!(with(&["10.9.0.0/16", "10.9.0.0/24", "10.2.0.0/16", "10.4.0.0/16"]), None);
        assert_eq!(with(&["10.9.0.0/16", "10.1.2.0/24"]), Some((1, Overlapped::Other(1))));
        assert_eq!(with(&["10.3.0.0/16"]), Some((2, Overlapped::Other(0))));
        assert_eq!(with(&["10.5.0.0/24"]), Some((0, Overlapped::Other(0))));
        assert_eq!(with(&["10.0.0.0/8"]).map(|(_, with)| with), Some(Overlapped::Other(0)));
    }

    #[test]
    fn a_subnet_has_a_private_range_of_a_documented_size() {
        assert!(of_subnet("f", "172.31.0.0/16").is_ok());
        for refused in ["10.0.0.0/15", "10.0.0.0/29", "10.0.0.1/24", "11.0.0.0/24", "172.32.0.0/16", "10.0.0.0", "x"] {
            assert!(of_subnet("f", refused).is_err(), "{refused}");
        }
    }
}
