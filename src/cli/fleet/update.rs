//! `till fleet update`: has terminals fetch and install a package, of which the operator has the same file. It must not know
//! how it is installed, nor put it where terminals fetch it.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};
use till_wire::fleet::{Checksum, Instruction, MAX_UPDATE, PackageVersion, Update, UpdateKind};

use super::super::World;
use super::super::fault::Fault;
use super::super::words::{FleetAttempt, Words};
use super::cannot;
use super::command::{Waiting, send};
use super::desk::Desk;
use super::order::{Order, Whom};
use super::typed::UpdateArgs;

/// The most that is read of what `dpkg-deb` says.
const LONGEST_ANSWER: u64 = 256;

/// Has terminals update themselves.
pub(super) async fn update(args: &UpdateArgs, desk: &Desk, world: &mut World<'_>) -> Result<(), Fault> {
    let words = desk.words;
    let file = &args.file;
    let attempt = FleetAttempt::Read(file);
    let (size, sha256) = measure(file).map_err(|error| cannot(words, attempt, &(words.system)(&error)))?;
    if !(1..=MAX_UPDATE).contains(&size) {
        return Err(cannot(words, attempt, &(words.fleet.tools.update_size)(MAX_UPDATE)));
    }
    let kind = kind(file);
    let version = match &args.version {
        Some(version) => version.clone(),
        None => version_of(file, kind, words)?,
    };
    if !args.how.json {
        writeln!(world.err, "{}", (words.fleet.tools.updating)(version.as_str(), size, sha256.as_str()))?;
    }
    let update = Update { url: args.url.clone(), size, sha256, version, kind, downgrade: args.downgrade };
    let whom = match (&args.group, args.number) {
        (Some(group), _) => Whom::Group(group.clone()),
        (None, Some(number)) => Whom::One(number),
        (None, None) => Whom::All,
    };
    let order = Order::of(whom, &Instruction::Update(Box::new(update)), args.how.valid);
    send(&order, &args.how, Waiting::Always, desk, world).await
}

/// Returns how large a file is, and what it is; of one that is too large, only that it is.
fn measure(file: &Path) -> io::Result<(u64, Checksum)> {
    let mut read = File::open(file)?.take(MAX_UPDATE + 1);
    let (mut size, mut digest, mut piece) = (0_u64, Sha256::new(), vec![0; 65_536]);
    loop {
        let length = match read.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        digest.update(piece.get(..length).unwrap_or_default());
        size = size.saturating_add(length as u64);
    }
    Ok((size, Checksum::of(&digest.finalize().into())))
}

fn kind(file: &Path) -> UpdateKind {
    if file.extension().and_then(OsStr::to_str) == Some("raucb") { UpdateKind::Rauc } else { UpdateKind::Deb }
}

/// Asks Debian's own program, where it is installed.
fn version_of(file: &Path, kind: UpdateKind, words: &Words) -> Result<PackageVersion, Fault> {
    let fault = |why: &str| cannot(words, FleetAttempt::Read(file), &(words.fleet.tools.say_version)(why));
    match kind {
        UpdateKind::Rauc => return Err(fault("")),
        UpdateKind::Deb => {}
    }
    let asked = ask_dpkg(file).map_err(|error| fault(&format!("dpkg-deb: {}", (words.system)(&error))))?;
    let (is_package, said) = asked;
    let version = said.trim().parse().ok().filter(|_| is_package);
    version.ok_or_else(|| fault("dpkg-deb"))
}

/// Returns whether it succeeded, and what it said.
fn ask_dpkg(file: &Path) -> io::Result<(bool, String)> {
    let mut command = Command::new("dpkg-deb");
    // A name that begins with a dash is no option.
    command.args(["--field", "--"]).arg(std::path::absolute(file)?).arg("Version");
    let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut said = String::new();
    let read = match process.stdout.take() {
        Some(answer) => answer.take(LONGEST_ANSWER).read_to_string(&mut said).map(|_| ()),
        None => Ok(()),
    };
    // Waited for in any case, so that none is left behind.
    let ended = process.wait()?;
    read?;
    Ok((ended.success(), said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_measured() {
        let file = std::env::temp_dir().join(format!("till-update-{}-{:x}", std::process::id(), fastrand::u32(..)));
        std::fs::write(&file, b"abc").expect("a file");
        let measured = measure(&file);
        std::fs::remove_file(&file).expect("it is there");
        let (size, sum) = measured.expect("it can be read");
        // FIPS 180-2, appendix B.1.
        let want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((size, sum.as_str()), (3, want));
        assert!(measure(&file).is_err());
    }

    #[test]
    fn bundles_are_told_by_their_names() {
        assert_eq!(kind(Path::new("tilld_0.2.0_amd64.deb")), UpdateKind::Deb);
        assert_eq!(kind(Path::new("system-2.raucb")), UpdateKind::Rauc);
    }
}
