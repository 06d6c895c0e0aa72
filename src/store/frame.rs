//! The frame around every record on disk: version, length, checksum, JSON. It must not know what a record says.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;

/// The version that this program writes, and the newest one that it reads.
pub(super) const VERSION: u8 = 1;
/// The largest payload. Larger values would come near those that sled keeps in files that it never fsyncs.
pub(super) const MAX_PAYLOAD: usize = 65_536;
/// How many bytes stand before the payload.
pub(super) const BEFORE: usize = 9;

/// Why a record cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A newer program wrote it.
    Newer(u8),
    /// It is damaged.
    Broken(String),
}

/// Returns the framed bytes of a record; `key` names it in the error.
pub(super) fn encode<R: Serialize>(record: &R, key: impl FnOnce() -> String) -> Result<Vec<u8>, StoreError> {
    let payload = serde_json::to_vec(record).map_err(|source| StoreError::Encode { source })?;
    let length = u32::try_from(payload.len())
        .ok()
        .filter(|_| payload.len() <= MAX_PAYLOAD)
        .ok_or_else(|| StoreError::TooLarge { key: key(), bytes: payload.len(), limit: MAX_PAYLOAD })?;
    let mut bytes = Vec::with_capacity(BEFORE + payload.len());
    bytes.push(VERSION);
    bytes.extend(length.to_le_bytes());
    bytes.extend(checksum(VERSION, &payload).to_le_bytes());
    bytes.extend(payload);
    Ok(bytes)
}

/// Returns how long the frame at the beginning of these bytes is, its own bytes counted.
pub(super) fn length(bytes: &[u8]) -> Option<usize> {
    let (&[_, l0, l1, l2, l3, ..], _) = bytes.split_first_chunk::<BEFORE>()?;
    usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).ok()?.checked_add(BEFORE)
}

/// Returns the record inside the frame.
pub(super) fn decode<R: DeserializeOwned>(bytes: &[u8]) -> Result<R, Fault> {
    let payload = check(bytes)?;
    serde_json::from_slice(payload).map_err(|source| Fault::Broken(source.to_string()))
}

/// Returns the payload of a frame whose checksum is right and whose version is known.
pub(super) fn check(bytes: &[u8]) -> Result<&[u8], Fault> {
    let broken = |what: &str| Fault::Broken(what.to_owned());
    let Some((&[version, ref numbers @ ..], payload)) = bytes.split_first_chunk::<BEFORE>() else {
        return Err(broken("it is shorter than its frame"));
    };
    let [l0, l1, l2, l3, c0, c1, c2, c3] = *numbers;
    if usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])) != Ok(payload.len()) {
        return Err(broken("its length is not the one written in it"));
    }
    if u32::from_le_bytes([c0, c1, c2, c3]) != checksum(version, payload) {
        return Err(broken("its checksum is wrong"));
    }
    // The checksum covers the version, so that a damaged version does not pass for a newer program's record.
    if version > VERSION {
        return Err(Fault::Newer(version));
    }
    Ok(payload)
}

/// Returns the checksum of a payload and its version.
pub(super) fn checksum(version: u8, payload: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&[version]);
    crc.update(payload);
    crc.finalize()
}
