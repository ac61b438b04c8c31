//! Checks who may read our private key.
//!
//! OpenSSL reads a key whoever can read it. A key that others can read is not secret, and one that others can write
//! lets them choose the key of our endpoint. SSH refuses such files; here it is a warning, because the configuration
//! works. The permissions of folders above the file are not looked at.

use super::inspector::Inspector;

/// Looks at the permissions of the file that the private key stands in.
#[cfg(unix)]
pub(super) fn inspect(inspector: &mut Inspector<'_>) {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::finding::Severity::Warning;

    let Some(origin) = &inspector.inspection.own.found.key_origin else {
        return;
    };
    let Some(path) = origin.path() else { return };
    let Ok(metadata) = fs::metadata(path) else {
        return;
    };
    let mode = metadata.permissions().mode();
    let what = match (mode & WRITABLE != 0, mode & READABLE != 0) {
        _ if !metadata.is_file() => return,
        (true, _) => "written",
        (false, true) => "read",
        (false, false) => return,
    };
    let option = match inspector.options.certificate_key() {
        Some(_) => "certificate-key",
        None => "certificate",
    };
    let text = format!(
        "the private key in {} can be {what} by its group or by others (mode {:04o})",
        path.display(),
        mode & 0o7777
    );
    let cure = format!("`chmod 600 {}`", path.display());
    let kind = (Warning, "key-permissions");
    inspector.note(kind, (option, Some(origin)), text, cure);
}

/// Windows keeps permissions in another form, which is not looked at.
#[cfg(not(unix))]
pub(super) fn inspect(_inspector: &mut Inspector<'_>) {}

/// The permission bits of group and others.
///
/// Only the bits for group and others count: the owner has to be able to read the key.
#[cfg(unix)]
const READABLE: u32 = 0o044;
#[cfg(unix)]
const WRITABLE: u32 = 0o022;
