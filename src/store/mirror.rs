//! The second small file: the open sales and the last numbers, beside sled's folder, for the day on which sled's files
//! have to be set aside. It must not know how the rows are stored.
//!
//! Two files take turns, so that a write that is cut in two damages the older one alone. Each holds a framed head and
//! the framed records of the newest sales that are alive. Overwriting takes no room on a full disk.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::frame::{self, checksum};
use super::meta::Meta;
use crate::record::SaleOnDisk;
use crate::till::Sale;

const NAMES: [&str; 2] = ["alive.0", "alive.1"];
/// The newest sales that are alive are kept up to so many bytes: about a hundred. Older ones are past their time mostly.
const MAX_SALES: usize = 128 * 1024;
/// The largest file: the head, the sales, and a last one that crosses the limit.
const MAX_FILE: u64 = 512 * 1024;
/// After a loss of the newest file the older one is a few commits behind: so many numbers are left out then, of each kind.
const MARGIN: u32 = 64;

/// What stands before the sales.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    /// The number of this writing: the larger one is the newer.
    count: u64,
    sequence: Option<u32>,
    number: u64,
    starts: u64,
    /// How many bytes of sales follow, and their checksum.
    bytes: usize,
    checksum: u32,
}

/// What was found of an older store.
#[derive(Debug)]
pub(super) struct Kept {
    /// At least the last number that was drawn, if one was.
    pub(super) sequence: Option<u32>,
    /// At least the last number that was given to a change.
    pub(super) number: u64,
    /// At least as many starts as there were.
    pub(super) starts: u64,
    /// The newest sales that were alive, newest first.
    pub(super) sales: Vec<Sale>,
}

/// The two files, open for writing.
pub(super) struct Mirror {
    folder: PathBuf,
    files: [Option<File>; 2],
    count: u64,
}

impl Mirror {
    /// Finds the files in a folder. They are made at the first write.
    pub(super) fn new(folder: &Path) -> Self {
        let heads = NAMES.iter().filter_map(|name| read(&folder.join(name)).ok());
        let count = heads.map(|(head, _)| head.count).max().unwrap_or(0);
        Self { folder: folder.to_owned(), files: [None, None], count }
    }

    /// Writes the sales, newest first, framed as they are in the rows, over the older file, and makes them durable.
    pub(super) fn write(&mut self, meta: &Meta, sales: impl Iterator<Item = io::Result<Vec<u8>>>) -> io::Result<()> {
        let mut body = Vec::new();
        for sale in sales {
            body.extend(sale?);
            if body.len() >= MAX_SALES {
                break;
            }
        }
        let count = self.count.saturating_add(1);
        let head = Head {
            count,
            sequence: meta.sequence,
            number: meta.number,
            starts: meta.starts,
            bytes: body.len(),
            checksum: checksum(0, &body),
        };
        let mut bytes = frame::encode(&head, || "head".to_owned()).map_err(io::Error::other)?;
        bytes.extend(body);
        let file = self.file(count)?;
        file.write_all_at(&bytes, 0).and_then(|()| file.sync_data())?;
        self.count = count;
        Ok(())
    }

    /// Returns the file for a writing; a new one's name is made durable.
    fn file(&mut self, count: u64) -> io::Result<&File> {
        let turn = usize::from(count % 2 == 1);
        let (name, place) = if turn == 0 { (NAMES[0], &mut self.files[0]) } else { (NAMES[1], &mut self.files[1]) };
        if place.is_none() {
            let path = self.folder.join(name);
            let is_new = !path.exists();
            *place = Some(File::options().write(true).create(true).truncate(false).open(path)?);
            if is_new {
                File::open(&self.folder)?.sync_all()?;
            }
        }
        place.as_ref().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// Returns what the newer of two whole files holds, or nothing. Files that cannot be read are told in the log.
pub(super) fn kept(folder: &Path) -> Option<Kept> {
    let mut found: Vec<_> = NAMES.iter().filter_map(|name| try_read(&folder.join(name))).collect();
    found.sort_by_key(|(head, _)| head.count);
    let (head, sales) = found.pop()?;
    Some(Kept {
        sequence: head.sequence.map(|last| last.saturating_add(MARGIN)),
        number: head.number.saturating_add(u64::from(MARGIN)),
        starts: head.starts.saturating_add(u64::from(MARGIN)),
        sales,
    })
}

fn try_read(path: &Path) -> Option<(Head, Vec<Sale>)> {
    match read(path) {
        Ok(found) => Some(found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a second file of the open sales cannot be used");
            None
        }
    }
}

fn read(path: &Path) -> io::Result<(Head, Vec<Sale>)> {
    if std::fs::metadata(path)?.len() > MAX_FILE {
        return Err(broken("it is too large"));
    }
    let bytes = std::fs::read(path)?;
    let (head, rest) = first(&bytes).ok_or_else(|| broken("it has no head"))?;
    let head: Head = frame::decode(head).map_err(|fault| broken(&format!("{fault:?}")))?;
    let body = rest.get(..head.bytes).filter(|body| checksum(0, body) == head.checksum);
    let mut body = body.ok_or_else(|| broken("its checksum is wrong"))?;
    let mut sales = Vec::new();
    while !body.is_empty() {
        let (sale, rest) = first(body).ok_or_else(|| broken("a record is cut short"))?;
        // One that could not be read in the store either is passed over.
        sales.extend(frame::decode::<SaleOnDisk>(sale).map(Sale::from));
        body = rest;
    }
    Ok((head, sales))
}

/// Returns the first frame and what follows it.
fn first(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = frame::length(bytes)?;
    bytes.split_at_checked(length)
}

fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
