//! Opens a journal that another process left behind, however it ended: finds every whole record,
//! cuts torn tails, tells and counts damage, and knows what is still undelivered. Writes no entry.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{FlockOperation, flock};
use tracing::{error, info, warn};

use super::log::Log;
use super::marks::read_marks;
use super::record::{self, Piece};
use super::shared::{MARK_BYTES, MARKS_EXTENSION, Place, SEGMENT_EXTENSION, Segment, SegmentId, Shared};
use super::{EntryNumber, Heading, Limits, OpenError};

impl Log {
    /// Opens the journal, or makes it. Reads every segment once, one at a time.
    pub(super) fn open(limits: Limits) -> Result<Self, OpenError> {
        let directory = limits.directory.clone();
        make_directory(&directory).map_err(OpenError::file("make the folder", &directory))?;
        let lock = lock(&directory)?;
        let shared = Arc::new(Shared::new(directory.clone(), limits.max_bytes));

        let listed = list(&directory).map_err(OpenError::file("list the folder", &directory))?;
        let mut last = EntryNumber::ZERO;
        for id in listed {
            last = last.max(recover_segment(&shared, id)?);
        }
        let status = shared.status();
        info!(entries = status.entries, undelivered = status.undelivered, damaged = status.damaged, "journal opened");
        Ok(Self { limits, shared, next: last.next(), frames: Vec::new(), open: None, _lock: lock })
    }
}

fn make_directory(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        // The service manager has made it, perhaps below one that we may not even read.
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let parent = directory.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

fn lock(directory: &Path) -> Result<File, OpenError> {
    let path = directory.join("lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(OpenError::file("open", &path))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(OpenError::InUse { path: directory.into() }),
        Err(source) => Err(OpenError::file("lock", &path)(source.into())),
    }
}

/// Lists the segments, oldest first, and removes marks whose segment is gone.
fn list(directory: &Path) -> io::Result<Vec<SegmentId>> {
    let mut found: BTreeMap<SegmentId, Vec<String>> = BTreeMap::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let Some((stem, extension)) = name.to_str().and_then(|name| name.split_once('.')) else {
            continue;
        };
        if let Ok(number) = stem.parse() {
            let id = SegmentId(EntryNumber::new(number));
            found.entry(id).or_default().push(extension.to_owned());
        }
    }
    let mut segments = Vec::new();
    for (id, extensions) in found {
        if extensions.iter().any(|extension| extension == SEGMENT_EXTENSION) {
            segments.push(id);
        } else if extensions.iter().any(|extension| extension == MARKS_EXTENSION) {
            fs::remove_file(id.marks_file(directory))?;
        }
    }
    Ok(segments)
}

/// Takes one segment into the shared state; returns the highest number that it may have used.
fn recover_segment(shared: &Shared, id: SegmentId) -> Result<EntryNumber, OpenError> {
    let path = id.file(&shared.directory);
    let bytes = fs::read(&path).map_err(OpenError::file("read", &path))?;
    let marks_path = id.marks_file(&shared.directory);
    let marks = match fs::read(&marks_path) {
        Ok(marks) => marks,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(OpenError::file("read", marks_path)(error)),
    };
    let scan = scan(id, &bytes);
    if scan.damaged > 0 {
        error!(
            path = %path.display(),
            stretches = scan.damaged,
            bytes = scan.damaged_bytes,
            records_behind = scan.records_behind_damage,
            "the journal is damaged; what can be read is kept"
        );
    }
    if let Some(end) = scan.torn_at {
        warn!(path = %path.display(), end, bytes = bytes.len(), "cutting a torn tail");
        cut(&path, end).map_err(OpenError::file("cut", &path))?;
    }
    let last = scan.records.iter().map(|(heading, _)| heading.number).max().unwrap_or(id.0).max(id.0);
    shared.state().damaged += scan.damaged;
    if scan.records.is_empty() && scan.damaged == 0 {
        fs::remove_file(&path).map_err(OpenError::file("remove", &path))?;
        return Ok(last);
    }
    let length = scan.torn_at.unwrap_or(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    admit(shared, id, &scan, length, &marks, last);
    Ok(last)
}

fn admit(shared: &Shared, id: SegmentId, scan: &Scan, bytes: u64, marks: &[u8], last: EntryNumber) {
    let delivered: HashSet<EntryNumber> = read_marks(marks).collect();
    let times = || scan.records.iter().map(|(heading, _)| heading.received_at);
    let epoch = till_wire::UnixTime::from_ms(0);
    let marks_bytes = u64::try_from(marks.len()).unwrap_or(u64::MAX);
    let segment = Segment {
        bytes,
        // A torn mark is written over by the next one.
        marks_bytes: marks_bytes - marks_bytes % MARK_BYTES,
        entries: u64::try_from(scan.records.len()).unwrap_or(u64::MAX),
        last,
        oldest: times().min().unwrap_or(epoch),
        newest: times().max().unwrap_or(epoch),
    };
    let mut state = shared.state();
    state.segments.insert(id, segment);
    let undelivered = scan.records.iter().filter(|(heading, _)| !delivered.contains(&heading.number));
    state.undelivered.extend(undelivered.map(|(heading, place)| (heading.number, *place)));
}

fn cut(path: &Path, end: u64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_len(end)?;
    file.sync_all()
}

/// What one segment holds.
#[derive(Default)]
struct Scan {
    records: Vec<(Heading, Place)>,
    /// Where damage begins that reaches to the end of the file: a write that power cut short.
    torn_at: Option<u64>,
    /// Damage elsewhere: stretches, their bytes, and how many whole records lie behind them.
    damaged: u64,
    damaged_bytes: usize,
    records_behind_damage: u64,
}

fn scan(id: SegmentId, bytes: &[u8]) -> Scan {
    let mut scan = Scan::default();
    for piece in record::pieces(bytes, 0) {
        match piece {
            Piece::Frame { at, bytes, payload } => match record::heading(payload) {
                Some(heading) => {
                    let at = u64::try_from(at).unwrap_or(u64::MAX);
                    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
                    scan.records.push((heading, Place { segment: id, at, length }));
                    scan.records_behind_damage += u64::from(scan.damaged > 0);
                }
                // Whole, but of a version that this program does not read: kept, told, not sent.
                None => {
                    scan.damaged += 1;
                    scan.damaged_bytes += bytes.len();
                }
            },
            Piece::Damage { at, length } if at + length == bytes.len() => {
                scan.torn_at = u64::try_from(at).ok();
            }
            Piece::Damage { length, .. } => {
                scan.damaged += 1;
                scan.damaged_bytes += length;
            }
        }
    }
    scan
}
