//! The list of revoked certificates as the operator keeps it: text, one line each. It must not know files or signatures.

use till_wire::UnixTime;

use super::super::text::plain;
use super::args::Serial;

/// The most certificates of a list; a line has some hundred bytes.
pub(super) const MOST: usize = 100_000;

/// The largest list that is read, in bytes.
pub(super) const LARGEST: u64 = 32 << 20;

/// Whose list a certificate goes on: that of the authority which has signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signer {
    Root,
    Issuer,
}

/// A certificate that is no longer good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) serial: Serial,
    pub(super) at: UnixTime,
    pub(super) signer: Signer,
    /// The certificate's name, for people.
    pub(super) name: String,
}

/// Every certificate that is no longer good, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Revoked {
    /// The number of the newest signed list; it grows with each.
    pub(super) number: u64,
    pub(super) entries: Vec<Entry>,
}

const HEAD: &str = "\
# The certificates that are no longer good: serial number, since when, who signed it, whose it is.
# Written by `till fleet revoke`, which signs crl.pem from it.
";

impl Revoked {
    /// Reads the text; the error is the number of the line that is broken.
    pub(super) fn parse(text: &str) -> Result<Self, usize> {
        let mut revoked = Self::default();
        let mut number = None;
        for (line, at) in text.lines().zip(1..) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line.strip_prefix("number ") {
                Some(digits) if number.is_none() => number = Some(digits.parse().map_err(|_| at)?),
                Some(_) => return Err(at),
                None => revoked.entries.push(Entry::parse(line).ok_or(at)?),
            }
        }
        // Without it, a list could be signed that looks older than one before; what is missing is at the end.
        revoked.number = number.ok_or(text.lines().count().saturating_add(1))?;
        Ok(revoked)
    }

    /// Tells whether a serial number is among a signer's.
    pub(super) fn has(&self, serial: &Serial, signer: Signer) -> bool {
        self.entries.iter().any(|entry| entry.serial == *serial && entry.signer == signer)
    }

    /// Returns what a signer's list has.
    pub(super) fn of(&self, signer: Signer) -> Vec<(Vec<u8>, UnixTime)> {
        let own = self.entries.iter().filter(|entry| entry.signer == signer);
        own.map(|entry| (entry.serial.0.clone(), entry.at)).collect()
    }
}

impl std::fmt::Display for Revoked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{HEAD}number {}", self.number)?;
        self.entries.iter().try_for_each(|entry| {
            let Entry { serial, at, signer, name } = entry;
            let signer = signer.word();
            writeln!(f, "{serial} {at} {signer} {}", plain(name))
        })
    }
}

impl Signer {
    fn word(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Issuer => "issuer",
        }
    }
}

impl Entry {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.splitn(4, ' ');
        let serial = Serial::parse(words.next()?)?;
        let at = words.next()?.parse().ok()?;
        let signer = words.next()?;
        let signer = [Signer::Root, Signer::Issuer].into_iter().find(|one| one.word() == signer)?;
        Some(Self { serial, at, signer, name: words.next()?.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(serial: &[u8], signer: Signer, name: &str) -> Entry {
        Entry { serial: Serial(serial.to_vec()), at: UnixTime::from_secs(1_795_000_000), signer, name: name.into() }
    }

    #[test]
    fn a_list_reads_back_and_a_name_is_one_line() {
        let entries = vec![entry(&[0x0a, 0xff], Signer::Issuer, "0001017"), entry(&[7], Signer::Root, "a b\nnumber 9")];
        let text = Revoked { number: 3, entries }.to_string();
        assert!(
            text.ends_with(
                "number 3\n0aff 2026-11-18T11:06:40Z issuer 0001017\n07 2026-11-18T11:06:40Z root a b number 9\n"
            ),
            "{text}"
        );
        let read = Revoked::parse(&text).expect("our own text");
        assert_eq!((read.number, read.entries.len(), read.to_string()), (3, 2, text));
        assert!(read.has(&Serial(vec![7]), Signer::Root) && !read.has(&Serial(vec![7]), Signer::Issuer));
        assert_eq!(read.of(Signer::Issuer), [(vec![0x0a, 0xff], UnixTime::from_secs(1_795_000_000))]);
    }

    #[test]
    fn p11_a_broken_list_is_refused_with_its_line() {
        let good = "07 2026-11-18T11:06:40Z root x";
        for (text, line) in [
            (String::new(), 1),
            (good.to_owned(), 2),
            ("number x".into(), 1),
            ("number 1\nnumber 2".into(), 2),
            ("number 1\n\n# c\n07".into(), 4),
            ("number 1\n00 2026-11-18T11:06:40Z root x".into(), 2),
            ("number 1\n07 yesterday root x".into(), 2),
            ("number 1\n07 2026-11-18T11:06:40Z nobody x".into(), 2),
            (format!("number 1\n{}{good}", "00".repeat(20)), 2),
        ] {
            assert_eq!(Revoked::parse(&text), Err(line), "{text}");
        }
    }
}
