//! The cases as seeds for the fuzz targets of sip-tls.

use std::{fs, io, path::Path};

use crate::{build::Built, cases, der};

/// Writes a seed per case and target below `dir`.
///
/// # Errors
///
/// A file cannot be written.
pub fn write(dir: &Path) -> io::Result<usize> {
    let mut count = 0;
    for case in cases::all() {
        let built = case.plan().build();
        let name = case.name.replace(['/', '*'], "-");
        for (target, bytes) in seeds(&built) {
            let folder = dir.join(target);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(&name), bytes)?;
            count += 1;
        }
    }
    Ok(count)
}

fn seeds(case: &Built) -> Vec<(&'static str, Vec<u8>)> {
    let trusted: Vec<_> = case
        .trusted
        .iter()
        .filter_map(|pem| der::from_pem(pem))
        .collect();
    let mut seeds = Vec::new();
    if let Some(anchor) = trusted.last() {
        seeds.push(("chain", [case.chain.concat(), anchor.clone()].concat()));
    }
    if let Some(text) = &case.crls {
        let blocks = text.split_inclusive("-----END X509 CRL-----\n");
        let lists: Vec<u8> = blocks.filter_map(der::from_pem).flatten().collect();
        // The fuzz target trusts the issuer, whether it is a root or not: it tests the lists.
        let issuer = case
            .chain
            .get(1)
            .or_else(|| trusted.last())
            .cloned()
            .unwrap_or_default();
        seeds.push(("crl", [case.chain[0].clone(), issuer, lists].concat()));
        seeds.push(("crl_file", text.clone().into_bytes()));
        seeds.push((
            "crl_file",
            [case.trusted.concat(), text.clone()].concat().into_bytes(),
        ));
    }
    if let Some(host) = &case.question.host {
        seeds.push((
            "names",
            [&[0], host.as_bytes(), &[0], host.as_bytes()].concat(),
        ));
        seeds.push((
            "names",
            [&[1], host.as_bytes(), &[0], b"*.example.com"].concat(),
        ));
    }
    seeds
}
