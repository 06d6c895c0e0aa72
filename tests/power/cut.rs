//! One power cut: the disk as it is at one moment, mounted again, and what a till says that has nothing but this disk.
//! It must not know what was sold.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use tests::books;
use tests::counter::{Seen, Telling};
use tests::disk::{Disk, succeed};
use tests::folder::Folder;
use tests::till::{Till, TillPlan};

/// The size of a disk. ext4's own journal takes 4 MiB of it.
const DISK_KIB: u64 = 48 * 1024;
/// What a drive writes at once.
const BLOCK: usize = 4096;
/// So many writes a second a slow disk takes: a commit, which needs several, then lasts long enough to be cut in two.
const SLOW: u32 = 25;

/// Takes one till's disk.
pub(crate) struct Cutter {
    disk: Disk,
    place: PathBuf,
    /// A till with the same number that reaches nobody.
    alone: TillPlan,
    alone_at: Folder,
    pub(crate) tally: Tally,
}

/// What was cut.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    cuts: u32,
    /// While a slow disk was in the middle of something, perhaps.
    slow: u32,
    torn: u32,
}

impl Cutter {
    /// Makes a disk and puts the store of this plan on it.
    pub(crate) fn new(folder: &Folder, plan: &mut TillPlan) -> Self {
        let disk = Disk::make(folder.path(), &format!("disk-{}", plan.number), DISK_KIB);
        plan.store = Some(disk.path().join("store"));
        let mut alone = plan.clone();
        "mqtt://127.0.0.1:1".clone_into(&mut alone.broker_url);
        "http://127.0.0.1:1".clone_into(&mut alone.payos_url);
        Self { disk, place: folder.path().to_owned(), alone, alone_at: Folder::make(), tally: Tally::default() }
    }

    /// Cuts the power: the till is gone, and its store is what the disk had at that moment. Everything that anybody was
    /// told before is on it.
    pub(crate) fn cut(&mut self, till: &mut Till, telling: &Telling, random: &mut Rng) {
        self.tally.cuts += 1;
        if random.bool() {
            self.tally.slow += 1;
            self.disk.limit_writes(SLOW);
            thread::sleep(Duration::from_millis(random.u64(0..300)));
        }
        let (mut seen, mut image) = self.take(till, telling, "cut");
        self.disk.limit_writes(0);
        if random.bool() {
            till.thaw();
            thread::sleep(Duration::from_millis(random.u64(0..60)));
            let later = self.take(till, telling, "later");
            self.check_torn(&image, &later.1, &seen, random);
            (seen, image) = later;
        }
        till.kill();
        self.disk.become_image(&image);
        self.check(&self.disk, &seen);
    }

    /// Returns what the outside has been told, and the disk as it is after that.
    fn take(&self, till: &Till, telling: &Telling, name: &str) -> (Seen, PathBuf) {
        till.freeze();
        let seen = telling.so_far();
        let image = self.place.join(format!("{name}-{}.img", till.number));
        self.disk.copy_now(&image);
        (seen, image)
    }

    /// Starts a till that has nothing but this disk.
    fn check(&self, disk: &Disk, seen: &Seen) {
        let mut plan = self.alone.clone();
        plan.store = Some(disk.path().join("store"));
        let mut till = plan.start(&self.alone_at);
        books::has_all(&till, seen);
        // A till that was cut before it had made its store has none yet, and begins one.
        let names = fs::read_dir(&till.store).unwrap_or_else(|error| panic!("cannot list the store: {error}"));
        let names: Vec<_> = names.filter_map(|entry| Some(entry.ok()?.file_name())).collect();
        let aside = names.iter().any(|name| name.to_string_lossy().contains("corrupt"));
        assert!(!aside, "the store was set aside: {names:?}\n{}", till.printed());
        till.kill();
    }

    /// The cut comes while a block of sled's file is written, and half of it stays as it was. What was told before that
    /// write began is there; what the write was about may be there or not.
    fn check_torn(&mut self, before: &Path, after: &Path, seen: &Seen, random: &mut Rng) {
        let copy = |image: &Path, name: &str| {
            let to = image.with_extension("torn");
            succeed(Command::new("cp").arg("--sparse=always").arg(image).arg(&to));
            Disk::of_image(to, &self.place.join(format!("{name}-{}", self.alone.number)), "commit=300")
        };
        let (old, torn) = (copy(before, "old"), copy(after, "torn"));
        if tear(&old.path().join("store/sled"), &torn.path().join("store/sled"), random) {
            self.tally.torn += 1;
            self.check(&torn, seen);
        }
    }
}

/// Makes one block of the newer `db`, out of those that differ, half old and half new. Returns whether any differs.
fn tear(old: &Path, new: &Path, random: &mut Rng) -> bool {
    let read = |folder: &Path| fs::read(folder.join("db")).unwrap_or_default();
    let (before, after) = (read(old), read(new));
    let block = |bytes: &[u8], at: usize| {
        let mut block = vec![0; BLOCK];
        let part = bytes.get(at * BLOCK..bytes.len().min((at + 1) * BLOCK)).unwrap_or_default();
        block.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
        block
    };
    let blocks = after.len().div_ceil(BLOCK);
    let differ: Vec<_> = (0..blocks).filter(|at| block(&before, *at) != block(&after, *at)).collect();
    let last = differ.last().copied().filter(|_| random.bool());
    let Some(at) = last.or_else(|| random.choice(&differ).copied()) else { return false };
    let (mut half, mut other) = (block(&before, at), block(&after, at));
    if random.bool() {
        std::mem::swap(&mut half, &mut other);
    }
    half.truncate(BLOCK / 2);
    half.extend(other.drain(BLOCK / 2..));
    let file = File::options().write(true).open(new.join("db"));
    let torn = file.and_then(|file| file.write_all_at(&half, (at * BLOCK) as u64));
    torn.unwrap_or_else(|error| panic!("cannot tear a block: {error}"));
    // The note that the commit is durable is written only after it is.
    if let Ok(mark) = fs::read(old.join("mark")) {
        fs::write(new.join("mark"), mark).unwrap_or_else(|error| panic!("cannot write the mark: {error}"));
    }
    true
}
