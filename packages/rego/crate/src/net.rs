//! The builtins of `net.*` that need no network.

use std::collections::BTreeSet;
use std::net::IpAddr;

use anyhow::{anyhow, Error, Result};
use ipnet::{IpNet, Ipv4Net};
use regorus::Value;

use crate::stop;

/// As many addresses as `net.cidr_expand` gives at most.
const MOST_ADDRESSES: u32 = 1 << 16;

/// A network, or an address as the network of it alone.
fn network(value: &Value) -> Option<IpNet> {
    let address = || Some(IpNet::from(value.as_string().ok()?.parse::<IpAddr>().ok()?));
    cidr(value).or_else(|| address().map(mapped))
}

/// What is in the part of IPv6 that stands for IPv4 is IPv4, as it is in Go.
fn mapped(network: IpNet) -> IpNet {
    let IpNet::V6(wide) = network else { return network };
    let address = wide.network().to_ipv4_mapped();
    let narrow = address.zip(wide.prefix_len().checked_sub(96)).and_then(|(address, length)| Ipv4Net::new(address, length).ok());
    narrow.map_or(network, IpNet::from)
}

/// A network as Go reads it: its length can begin with zeros, the numbers of its address cannot.
fn cidr(value: &Value) -> Option<IpNet> {
    let (address, length) = value.as_string().ok()?.split_once('/')?;
    if !length.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    IpNet::new(address.parse().ok()?, length.parse().ok()?).ok().map(mapped)
}

fn judged(one: Option<IpNet>, other: Option<IpNet>, judge: impl Fn(IpNet, IpNet) -> bool) -> Result<Value> {
    let (one, other) = one.zip(other).ok_or_else(no_network)?;
    Ok(Value::from(judge(one, other)))
}

fn no_network() -> Error {
    anyhow!("an argument is no network in CIDR notation")
}

/// `net.cidr_contains(cidr, cidr_or_ip)`
pub fn cidr_contains(arguments: &[Value]) -> Result<Value> {
    let [outer, inner] = arguments else { return Ok(Value::Undefined) };
    judged(cidr(outer), network(inner), |outer, inner| outer.contains(&inner))
}

/// `net.cidr_intersects(cidr1, cidr2)`
pub fn cidr_intersects(arguments: &[Value]) -> Result<Value> {
    let [one, other] = arguments else { return Ok(Value::Undefined) };
    judged(cidr(one), cidr(other), |one, other| one.contains(&other) || other.contains(&one))
}

/// `net.cidr_is_valid(cidr)`
pub fn cidr_is_valid(arguments: &[Value]) -> Value {
    Value::from(arguments.first().and_then(cidr).is_some())
}

/// `net.cidr_expand(cidr)`
pub fn cidr_expand(arguments: &[Value]) -> Result<Value> {
    let expanded = arguments.first().and_then(cidr).ok_or_else(no_network)?;
    let host_bits = expanded.max_prefix_len() - expanded.prefix_len();
    if 1u128.checked_shl(host_bits.into()).is_none_or(|count| count > MOST_ADDRESSES.into()) {
        return Err(stop::unsupported(format!("net.cidr_expand of more than {MOST_ADDRESSES} addresses is not supported")));
    }
    let subnets = expanded.subnets(expanded.max_prefix_len())?;
    let addresses = subnets.map(|subnet| Value::from(subnet.addr().to_string()));
    Ok(Value::from(addresses.collect::<BTreeSet<_>>()))
}
