//! The address that the peer must have.

use std::net::IpAddr;

use super::{
    Topic,
    name::{MATCH, cn_only},
};
use crate::{
    dn::Name,
    ext,
    plan::{HOST, Plan},
};

pub(super) fn addresses(t: &mut Topic) {
    const NO: &str = "64@0";
    let ask = |p: &mut Plan, ip: &str| {
        p.question.host = None;
        p.question.ip = Some(ip.parse::<IpAddr>().expect("an address"));
    };
    t.case("ip-san", MATCH, move |p| {
        p.leaf().names(&[ext::ip("192.0.2.7")]);
        ask(p, "192.0.2.7");
    });
    t.case("ip-san-other", NO, move |p| {
        p.leaf().names(&[ext::ip("192.0.2.8")]);
        ask(p, "192.0.2.7");
    });
    t.case("ip-san-v6", MATCH, move |p| {
        p.leaf().names(&[ext::ip("2001:db8::7")]);
        ask(p, "2001:db8::7");
    });
    t.case("ip-san-v6-other", NO, move |p| {
        p.leaf().names(&[ext::ip("2001:db8::8")]);
        ask(p, "2001:db8::7");
    });
    t.case("ip-san-mapped", NO, move |p| {
        p.leaf().names(&[ext::ip("::ffff:192.0.2.7")]);
        ask(p, "192.0.2.7");
    });
    t.case("ip-second-of-two", MATCH, move |p| {
        p.leaf()
            .names(&[ext::dns(HOST), ext::ip("192.0.2.8"), ext::ip("192.0.2.7")]);
        ask(p, "192.0.2.7");
    });
    t.case("ip-of-bad-length", NO, move |p| {
        p.leaf().names(&[ext::ip_bytes(&[192, 0, 2, 7, 0])]);
        ask(p, "192.0.2.7");
    });
    t.case("ip-in-cn", NO, move |p| {
        cn_only(p, Name::cn("192.0.2.7"));
        ask(p, "192.0.2.7");
    });
    t.case("ip-in-dns-san", NO, move |p| {
        p.leaf().names(&[ext::dns("192.0.2.7")]);
        ask(p, "192.0.2.7");
    });
    t.case("ip-wildcard-dns-san", NO, move |p| {
        p.leaf().names(&[ext::dns("*.0.2.7")]);
        ask(p, "192.0.2.7");
    });
    t.case("ip-no-names-at-all", NO, move |p| {
        p.leaf().names(&[]);
        ask(p, "192.0.2.7");
    });
}
