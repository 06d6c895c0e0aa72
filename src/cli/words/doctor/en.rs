//! What `till doctor` says in English.

use super::{Check, Counter, Disk, DoctorWords, Net, Setup, Told, Updates, Verdict};

pub(in crate::cli::words) const DOCTOR: DoctorWords = DoctorWords {
    check: Check::as_str,
    verdict: Verdict::as_str,
    setup,
    net,
    counter,
    disk,
    updates,
    summary: |faults| match faults {
        0 => "Nothing is wrong that can be seen from here.".into(),
        1 => "1 fault.".into(),
        faults => format!("{faults} faults."),
    },
};

fn setup(said: &Setup) -> Told {
    let root = "run `till doctor` as root";
    match said {
        Setup::InOrder { file } => (format!("{} is in order", file.display()), ""),
        Setup::Broken { line } => (line.clone(), "mend that line, then `tilld --check`, then restart tilld"),
        Setup::NoFile { line } => (line.clone(), "put a configuration there, or name another with `--config`"),
        Setup::Denied { line } => (line.clone(), root),
        Setup::Unread { line } => (line.clone(), "run it as root while the service runs"),
        Setup::NotEnrolled => {
            ("the terminal belongs to no fleet yet".into(), "`tilld enrol CLAIM`, or scan the claim at the counter")
        }
        Setup::Answers { place } => (format!("tilld answers at {place}"), ""),
        Setup::Silent { why } => (why.clone(), "`systemctl status tilld` and `journalctl -u tilld -n 50` say why"),
        Setup::Unasked => ("the configuration does not say where tilld listens".into(), ""),
        Setup::SameVersion { version } => (format!("till and tilld are {version}"), ""),
        Setup::OtherVersion { till, tilld } => {
            (format!("till is {till}, and the tilld that runs is {tilld}"), "`systemctl restart tilld`")
        }
        Setup::OneVersion { till } => (format!("till is {till}; tilld cannot be asked"), ""),
    }
}

fn net(said: &Net) -> Told {
    match said {
        Net::ClockNotSet { shows } => (
            format!("the clock is not set: it shows {shows}"),
            "let the terminal reach a time server (`timedatectl`); a spent battery loses the time at every cut",
        ),
        Net::ClockOff { secs, whose } => {
            (format!("the clock is {secs} s off that of {whose}"), "`timedatectl set-ntp true`, and open UDP 123")
        }
        Net::ClockAgrees { whose } => (format!("it agrees with that of {whose}"), ""),
        Net::ClockKept => ("it is kept by the network".into(), ""),
        Net::ClockUncompared => ("it may be right; nobody could be asked for the time".into(), ""),
        Net::Address { address } => (format!("there is a way out, from {address}"), ""),
        Net::NoRoute { why } => (
            format!("there is no way out ({why})"),
            "check cable, WLAN and router; `ip address` and `ip route` show more",
        ),
        Net::AllHere => ("whatever the configuration names is on this machine".into(), ""),
        Net::NobodyNamed => ("the configuration names nobody who could be looked for".into(), ""),
        Net::Found { host, address } => (format!("{host} is {address}"), ""),
        Net::NotFound { host, why } => {
            (format!("{host} cannot be found: {why}"), "check the name, and the name server (`resolvectl status`)")
        }
        Net::Trusted { place, until } => (format!("{place} is trusted; its certificate lasts until {until}"), ""),
        Net::EndsSoon { place, until } => {
            (format!("the certificate of {place} ends soon, {until}"), "tell whoever runs that server to renew it")
        }
        Net::Reached { place } => (format!("{place} answers; it has no TLS"), ""),
        Net::NotReached { place, why } => (
            format!("{place} cannot be reached: {why}"),
            "check the address, firewalls on the way, and whether it runs",
        ),
        Net::NotTrusted { place, why } => (
            format!("{place} cannot be trusted: {why}"),
            "check `ca`, the clock, and whether something on the way puts its own certificate in",
        ),
        Net::WeAreRefused { place, why } => (
            format!("{place} refuses this terminal: {why}"),
            "check `cert` and `key`: is the certificate over, revoked, or of another authority? Enrol again if so",
        ),
        Net::OursUnread { place } => (
            format!("{place} wants our certificate, whose key cannot be read from here"),
            "run it as root while the service runs",
        ),
        Net::NoClock { place } => (format!("{place}: no certificate can be judged before the clock is set"), ""),
        Net::NotKnown { place } => (format!("{place}: the configuration has to be mended first"), ""),
    }
}

fn counter(said: &Counter) -> Told {
    match said {
        Counter::DisplayWorks { driver, size } => (format!("pictures reach it ({driver}{size})"), ""),
        Counter::DisplayBroken { driver, why } => (
            format!("pictures do not reach it ({driver}): {why}"),
            "check its cable, `display.driver` and `display.device`; `journalctl -u tilld` has more",
        ),
        Counter::NoDisplay => ("`display.driver` is \"none\"".into(), ""),
        Counter::Device { path } => (format!("{} is there", path.display()), ""),
        Counter::Missing { path } => {
            (format!("{} is not there", path.display()), "plug it in, load its driver (`dmesg`), or correct the path")
        }
        Counter::Closed { path, mode } => (
            format!("only root may use {} (its mode is {mode:04o})", path.display()),
            "give it to the group video, input, audio or dialout by a udev rule",
        ),
        Counter::NotOurs { path } => {
            (format!("{} is there; this user may not use it, tilld may", path.display()), "run `till doctor` as root")
        }
        Counter::NoKeypad => ("`input` names none".into(), ""),
        Counter::NoneFound => ("none is plugged in; one that comes is used at once".into(), ""),
        Counter::SoundWorks => ("it plays".into(), ""),
        Counter::SoundBroken { why } => {
            (format!("it does not play: {why}"), "`tilld --sound` plays a try and says more")
        }
        Counter::Silent => ("`sound.driver` is \"none\"".into(), ""),
        Counter::NoProgram { name } => {
            (format!("the program {name} is missing"), "install alsa-utils, and espeak-ng for the voice")
        }
        Counter::NoCard => {
            ("there is no sound card that plays".into(), "plug it in, or load its driver (`aplay -l`, `dmesg`)")
        }
        Counter::NotKnown => ("the configuration has to be mended first".into(), ""),
    }
}

fn disk(said: &Disk) -> Told {
    match said {
        Disk::Room { path, free_mb } => (format!("{} can be written, {free_mb} MB are free", path.display()), ""),
        Disk::LittleRoom { path, free_mb, least_mb } => (
            format!("only {free_mb} MB are free at {}, and it should be {least_mb}", path.display()),
            "make room (`journalctl --vacuum-size=50M`, `apt clean`): on a full disk nothing can be sold",
        ),
        Disk::ReadOnly { path } => (
            format!("the file system of {} is read-only", path.display()),
            "`dmesg` says whether the disk is failing; replace it, or mount it to be written",
        ),
        Disk::Closed { path } => {
            (format!("{} cannot be written by its owner", path.display()), "`chmod u+rwx` it; tilld must own it")
        }
        Disk::NotOurs { path } => (
            format!("{} is not this user's to write, so it was not tried", path.display()),
            "run `till doctor` as root",
        ),
        Disk::Unread { path, why } => (format!("{}: {why}", path.display()), "run `till doctor` as root"),
        Disk::StoreBroken => (
            "tilld says that its store does not work".into(),
            "`journalctl -u tilld` says why; a full disk is the usual reason",
        ),
        Disk::NotKnown => ("the configuration does not say where the store is".into(), ""),
        Disk::Worn { device, percent } => (format!("{device} has had at most {percent} % of its life"), ""),
        Disk::WornOut { device, percent } => (
            format!("{device} has had {percent} % of its life"),
            "replace it before it fails; sales not delivered are on it alone",
        ),
        Disk::WearUnknown => ("the disk does not tell how worn it is".into(), ""),
        Disk::Private { count } => (format!("{count} secrets and folders are closed to others"), ""),
        Disk::OpenToOthers { path, mode } => (
            format!("others can use {} (its mode is {mode:04o})", path.display()),
            "`chmod o=` it; whoever read a secret has it: change it",
        ),
        Disk::NoCertificate => ("the terminal has none".into(), ""),
        Disk::Valid { until } => (format!("it lasts until {until}"), ""),
        Disk::RenewedFrom { until, from } => (format!("it lasts until {until} and is renewed from {from}"), ""),
        Disk::Ended { since } => (
            format!("it ended {since}: the broker lets nobody in with it"),
            "make a new claim (`till fleet claim`) and enrol again, or put a new one in its place",
        ),
        Disk::EndsSoon { until } => (format!("it ends soon, {until}"), "put a new one in its place and restart tilld"),
        Disk::RenewalOverdue { since, until } => (
            format!("it should have been renewed from {since} and was not; it lasts until {until}"),
            "check that the enrolment server can be reached; `journalctl -u tilld` says why it is not renewed",
        ),
        Disk::BrokenCertificate { path, why } => {
            (format!("{} cannot be used: {why}", path.display()), "put the right one there, or enrol again")
        }
    }
}

fn updates(said: Updates) -> Told {
    match said {
        Updates::Nobody => ("no key is trusted here (fleet.trusted_keys), so none can be ordered".into(), ""),
        Updates::NoInstaller => ("nothing here installs them; the package tilld brings what does".into(), ""),
        Updates::NotWatched => {
            ("nobody looks for one (tilld-update.path)".into(), "`systemctl enable --now tilld-update.path`")
        }
        Updates::NoWayBack => (
            "the first would be refused: there is no package to go back to".into(),
            "`apt install dpkg-repack`, or put it there (docs/upgrade.md)",
        ),
        Updates::Unread => ("whether there is a way back cannot be seen from here".into(), "run `till doctor` as root"),
        Updates::Package => ("a package can be installed, and taken back".into(), ""),
        Updates::Slots => ("a bundle goes to the other slot (RAUC)".into(), ""),
    }
}
