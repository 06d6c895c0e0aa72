//! The second small file: the open sales and the last numbers, beside sled's folder, for the day on which sled's files
//! have to be set aside. It must not know how the rows are stored.
//!
//! A file begins with a block that holds everything, and each commit adds a block with what it changed: a few hundred
//! bytes, not all sales again, for flash wears out. When the file is full, the other of the two begins anew, so that a
//! write that is cut in two damages the newest block alone. Their room is taken once: a full disk cannot refuse them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use till_wire::SaleId;

use super::frame::{self, checksum};
use super::meta::Meta;
use crate::record::SaleOnDisk;
use crate::till::Sale;

const NAMES: [&str; 2] = ["alive.0", "alive.1"];
/// Of the sales that are alive, a first block has the newest, up to so many bytes: about a hundred. Older ones are past
/// their time mostly.
const MAX_SALES: usize = 128 * 1024;
/// What each file takes on the disk: the first block, with a last sale that crosses its limit, and a hundred others.
const FILE: u64 = 320 * 1024;
/// After a loss of the last blocks so many numbers are left out, of each kind: more than the blocks of two files drew.
const MARGIN: u32 = 4_096;

/// What stands before the sales of a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    /// The number of this block. The next one's is one larger, or it is no next one.
    count: u64,
    sequence: Option<u32>,
    number: u64,
    starts: u64,
    /// How many bytes of sales follow, and their checksum.
    bytes: usize,
    checksum: u32,
    /// Whether the block holds everything. Older programs knew no others.
    #[serde(default = "always")]
    whole: bool,
    /// The sales that are no longer alive.
    #[serde(default)]
    gone: Vec<SaleId>,
    /// Whether the fleet's operator has shut the terminal: damage must not open it again.
    #[serde(default)]
    disabled: bool,
}

fn always() -> bool {
    true
}

/// What a commit changed, or everything.
#[derive(Default)]
pub(super) struct Sales {
    /// Records of sales that are alive, framed as they are in the rows.
    pub(super) alive: Vec<u8>,
    /// Sales that are no longer.
    pub(super) gone: Vec<SaleId>,
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
    /// Whether the fleet's operator had shut the terminal.
    pub(super) disabled: bool,
}

/// The two files, open for writing.
pub(super) struct Mirror {
    folder: PathBuf,
    files: [Option<File>; 2],
    /// The file that has the newest block.
    turn: usize,
    /// The number of that block.
    count: u64,
    /// Where the next block goes in that file; nothing when a first one must come, in the other.
    end: Option<u64>,
}

impl Mirror {
    /// Finds the files in a folder. They are made at the first write.
    pub(super) fn new(folder: &Path) -> Self {
        let found = NAMES.iter().enumerate().filter_map(|(turn, name)| Some((read(&folder.join(name)).ok()?, turn)));
        let newest = found.map(|(content, turn)| (content.head.count, turn)).max();
        let (count, turn) = newest.unwrap_or_default();
        Self { folder: folder.to_owned(), files: [None, None], turn, count, end: None }
    }

    /// Adds a block with what has changed and makes it durable. Returns whether it could: if not, everything is to be
    /// written anew.
    pub(super) fn add(&mut self, meta: &Meta, changed: Sales) -> io::Result<bool> {
        let Some(at) = self.end else { return Ok(false) };
        let block = block(meta, self.count.saturating_add(1), false, changed)?;
        if at.saturating_add(block.len() as u64) > FILE {
            return Ok(false);
        }
        self.put(self.turn, at, &block)?;
        Ok(true)
    }

    /// Writes everything over the beginning of the other file: of the sales, newest first and framed, as many as fit.
    pub(super) fn write(&mut self, meta: &Meta, sales: impl Iterator<Item = io::Result<Vec<u8>>>) -> io::Result<()> {
        let mut all = Sales::default();
        for sale in sales {
            all.alive.extend(sale?);
            if all.alive.len() >= MAX_SALES {
                break;
            }
        }
        let block = block(meta, self.count.saturating_add(1), true, all)?;
        self.put(1 - self.turn, 0, &block)
    }

    /// Puts the next block in its place. When that fails, nobody knows what is there, and the next one is a first one.
    fn put(&mut self, turn: usize, at: u64, block: &[u8]) -> io::Result<()> {
        self.end = None;
        let file = self.file(turn)?;
        file.write_all_at(block, at).and_then(|()| file.sync_data())?;
        (self.turn, self.count) = (turn, self.count.saturating_add(1));
        self.end = Some(at.saturating_add(block.len() as u64));
        Ok(())
    }

    /// Returns a file; a new one's room is taken and its name made durable.
    fn file(&mut self, turn: usize) -> io::Result<&File> {
        let (Some(name), Some(place)) = (NAMES.get(turn), self.files.get_mut(turn)) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        if place.is_none() {
            let mut file = File::options().write(true).create(true).truncate(false).open(self.folder.join(name))?;
            let length = file.seek(SeekFrom::End(0))?;
            if length < FILE {
                io::copy(&mut io::repeat(0).take(FILE - length), &mut file)?;
                file.sync_all()?;
                File::open(&self.folder)?.sync_all()?;
            }
            *place = Some(file);
        }
        place.as_ref().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

fn block(meta: &Meta, count: u64, whole: bool, sales: Sales) -> io::Result<Vec<u8>> {
    let head = Head {
        count,
        sequence: meta.sequence,
        number: meta.number,
        starts: meta.starts,
        bytes: sales.alive.len(),
        checksum: checksum(0, &sales.alive),
        whole,
        gone: sales.gone,
        disabled: meta.disabled,
    };
    let mut bytes = frame::encode(&head, || "head".to_owned()).map_err(io::Error::other)?;
    bytes.extend(sales.alive);
    Ok(bytes)
}

/// What a file holds: its last head, and the sales that are alive by all its blocks.
struct Content {
    head: Head,
    sales: BTreeMap<SaleId, Sale>,
}

/// Tells whether this is the name of one of the two files.
pub(super) fn is_named(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Returns what the newer of two files holds, or nothing. Files that cannot be read are told in the log.
pub(super) fn kept(folder: &Path) -> Option<Kept> {
    let found = NAMES.iter().filter_map(|name| try_read(&folder.join(name)));
    let Content { head, sales } = found.max_by_key(|content| content.head.count)?;
    Some(Kept {
        sequence: head.sequence.map(|last| last.saturating_add(MARGIN)),
        number: head.number.saturating_add(u64::from(MARGIN)),
        starts: head.starts.saturating_add(u64::from(MARGIN)),
        sales: sales.into_values().rev().collect(),
        disabled: head.disabled,
    })
}

fn try_read(path: &Path) -> Option<Content> {
    match read(path) {
        Ok(found) => Some(found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a second file of the open sales cannot be used");
            None
        }
    }
}

fn read(path: &Path) -> io::Result<Content> {
    let file = File::open(path)?;
    if file.metadata()?.len() > FILE {
        return Err(broken("it is too large"));
    }
    let Block { head, body, mut end } = block_at(&file, 0)?;
    if !head.whole || !head.fits(&body) {
        return Err(broken("its first block is damaged"));
    }
    let mut content = Content { head, sales: BTreeMap::new() };
    content.take_in(&body)?;
    // What was cut in two, or was there before, ends it.
    while let Ok(next) = block_at(&file, end) {
        let Block { head, body, end: after } = next;
        if head.whole || head.count != content.head.count.saturating_add(1) {
            break;
        }
        // Damage in the middle costs the sales of one block.
        if head.fits(&body) {
            head.gone.iter().for_each(|id| drop(content.sales.remove(id)));
            content.take_in(&body)?;
        }
        (content.head, end) = (head, after);
    }
    Ok(content)
}

impl Head {
    fn fits(&self, body: &[u8]) -> bool {
        checksum(0, body) == self.checksum
    }
}

impl Content {
    fn take_in(&mut self, mut body: &[u8]) -> io::Result<()> {
        while !body.is_empty() {
            let (record, rest) = first(body).ok_or_else(|| broken("a record is cut short"))?;
            // One that could not be read in the store either is passed over.
            if let Ok(sale) = frame::decode::<SaleOnDisk>(record).map(Sale::from) {
                self.sales.insert(sale.id, sale);
            }
            body = rest;
        }
        Ok(())
    }
}

/// A block as it stands in a file.
struct Block {
    head: Head,
    body: Vec<u8>,
    /// Where the next one would begin.
    end: u64,
}

/// Reads the block that begins here. Most of a file is empty, so it is not read as a whole.
fn block_at(file: &File, at: u64) -> io::Result<Block> {
    let mut bytes = vec![0; frame::BEFORE];
    file.read_exact_at(&mut bytes, at)?;
    let length = frame::length(&bytes).filter(|length| *length <= frame::BEFORE + frame::MAX_PAYLOAD);
    bytes.resize(length.ok_or_else(|| broken("it has no head"))?, 0);
    file.read_exact_at(&mut bytes, at)?;
    let head: Head = frame::decode(&bytes).map_err(|fault| broken(&format!("{fault:?}")))?;
    let start = at.saturating_add(bytes.len() as u64);
    let end = start.saturating_add(head.bytes as u64);
    if end > FILE {
        return Err(broken("it is cut short"));
    }
    let mut body = vec![0; head.bytes];
    file.read_exact_at(&mut body, start)?;
    Ok(Block { head, body, end })
}

/// Returns the first frame and what follows it.
fn first(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = frame::length(bytes)?;
    bytes.split_at_checked(length)
}

fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
