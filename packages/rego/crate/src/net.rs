//! The builtins of `net.*` that need no network. Where OPA reports an error for an argument, the answer is undefined,
//! as it is in OPA when errors in builtins are not strict.

use std::collections::BTreeSet;
use std::net::IpAddr;

use anyhow::Result;
use ipnet::{IpNet, Ipv4Net};
use regorus::Value;

/// As many addresses as `net.cidr_expand` gives at most.
const MOST_ADDRESSES: u32 = 1 << 16;

/// A network, or an address as the network of it alone.
fn network(value: &Value) -> Option<IpNet> {
    let text = value.as_string().ok()?;
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(address).map(mapped)
}

/// What is in the part of IPv6 that stands for IPv4 is IPv4, as it is in Go.
fn mapped(network: IpNet) -> IpNet {
    let IpNet::V6(wide) = network else { return network };
    let address = wide.network().to_ipv4_mapped();
    let narrow = address.zip(wide.prefix_len().checked_sub(96)).and_then(|(address, length)| Ipv4Net::new(address, length).ok());
    narrow.map_or(network, IpNet::from)
}

fn cidr(value: &Value) -> Option<IpNet> {
    value.as_string().ok()?.parse().ok().map(mapped)
}

fn over_two(arguments: &[Value], judge: impl Fn(IpNet, IpNet) -> bool) -> Value {
    let [first, second] = arguments else {
        return Value::Undefined;
    };
    match (cidr(first), network(second)) {
        (Some(first), Some(second)) => Value::from(judge(first, second)),
        _ => Value::Undefined,
    }
}

/// `net.cidr_contains(cidr, cidr_or_ip)`
pub fn cidr_contains(arguments: Vec<Value>) -> Result<Value> {
    Ok(over_two(&arguments, |outer, inner| outer.contains(&inner)))
}

/// `net.cidr_intersects(cidr1, cidr2)`
pub fn cidr_intersects(arguments: Vec<Value>) -> Result<Value> {
    Ok(over_two(&arguments, |one, other| one.contains(&other) || other.contains(&one)))
}

/// `net.cidr_is_valid(cidr)`
pub fn cidr_is_valid(arguments: Vec<Value>) -> Result<Value> {
    Ok(Value::from(arguments.first().and_then(cidr).is_some()))
}

/// `net.cidr_expand(cidr)`
pub fn cidr_expand(arguments: Vec<Value>) -> Result<Value> {
    let Some(expanded) = arguments.first().and_then(cidr) else {
        return Ok(Value::Undefined);
    };
    let host_bits = expanded.max_prefix_len() - expanded.prefix_len();
    if 1u128.checked_shl(host_bits.into()).is_none_or(|count| count > MOST_ADDRESSES.into()) {
        return Ok(Value::Undefined);
    }
    let subnets = expanded.subnets(expanded.max_prefix_len())?;
    let addresses = subnets.map(|subnet| Value::from(subnet.addr().to_string()));
    Ok(Value::from(addresses.collect::<BTreeSet<_>>()))
}
