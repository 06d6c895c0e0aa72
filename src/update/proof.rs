//! Whether a file is the one that was asked for. It must not know where it came from.

use std::fs::File;
use std::io::{self, Read};

use sha2::{Digest, Sha256};
use till_wire::fleet::Checksum;

/// Reads a file to its end, and returns how long it is and its SHA-256.
pub(crate) fn checksum(mut file: &File) -> io::Result<(u64, Checksum)> {
    let (mut digest, mut length) = (Sha256::new(), 0_u64);
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok((length, Checksum::of(&digest.finalize().into())));
        }
        digest.update(piece.get(..read).unwrap_or_default());
        length = length.saturating_add(u64::try_from(read).unwrap_or(0));
    }
}
