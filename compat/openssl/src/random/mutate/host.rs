//! Names of hosts.

use crate::{
    dn::{self, Name},
    ext,
    plan::Plan,
    rng::Rng,
};

/// A pattern and a host made of few parts, so that they meet often.
pub(super) fn names(p: &mut Plan, rng: &mut Rng) {
    let count = rng.below(3);
    let presented: Vec<String> = (0..=count).map(|_| pattern(rng)).collect();
    // Half of the hosts are made from a name that is presented.
    let host = match rng.one_in(2) {
        true => pattern(rng).replace(['*', '\0'], ""),
        false => rng.pick(&presented).replace('*', "a").replace('\0', ""),
    };
    p.question.host = Some(if host.is_empty() { "a".into() } else { host });
    p.question.ip = None;
    match rng.below(4) {
        0 => {
            p.leaf().names(&[]);
            let tags = [dn::UTF8, dn::PRINTABLE, dn::IA5, dn::T61, dn::BMP];
            let subject = presented.iter().fold(Name::default(), |name, text| {
                let tag = rng.pick(&tags);
                let value = if tag == dn::BMP {
                    dn::ucs2(text)
                } else {
                    text.clone().into_bytes()
                };
                name.and(dn::CN, tag, &value)
            });
            p.leaf().subject = subject;
        }
        1 => {
            p.leaf().subject = Name::cn(&presented[0]);
            let others = [
                ext::email("a@example.com"),
                ext::ip("192.0.2.7"),
                ext::uri("sip:a.b"),
                ext::dns("a.b.c"),
            ];
            let names = rng.some(&others);
            p.leaf().names(&names);
        }
        _ => {
            let names: Vec<_> = presented.iter().map(|n| ext::dns(n)).collect();
            p.leaf().names(&names);
        }
    }
}

fn pattern(rng: &mut Rng) -> String {
    let labels = 1 + rng.below(4);
    let mut text = String::new();
    for n in 0..labels {
        if n > 0 {
            text.push('.');
        }
        for _ in 0..1 + rng.below(2) {
            text.push_str(rng.pick(&[
                "a", "b", "a", "b", "A", "*", "*", "-", "xn--a", "_", "1", "",
            ]));
        }
    }
    match rng.below(16) {
        0 => text.push('.'),
        1 => text.insert(0, '.'),
        2 => text.push('\0'),
        3 => text.push('ü'),
        _ => {}
    }
    text.replace('\0', if rng.one_in(2) { "\0" } else { "" })
}
