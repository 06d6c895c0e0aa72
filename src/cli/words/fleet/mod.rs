//! What `till fleet` says: which words there are. It must not know when they are said.

pub(super) mod en;
mod tools;
pub(super) mod vi;

use std::path::Path;

use till_wire::TerminalNumber;

pub(in crate::cli) use tools::ToolWords;

/// What is attempted: it completes "cannot …".
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) enum FleetAttempt<'a> {
    Begin(&'a Path),
    Write(&'a Path),
    Read(&'a Path),
    /// A key, by its file.
    MakeKey(&'a Path),
    /// An authority or a certificate, by its file.
    MakeCertificate(&'a Path),
    MakeClaim,
    DrawClaim,
    /// By its file or its serial number.
    Revoke(&'a str),
    SignList,
    /// The broker, by its address.
    Reach(&'a str),
    /// The fleet's files, by their folder.
    ReadFiles(&'a Path),
    /// A command, by what it does.
    Command(&'a str),
    Show(TerminalNumber),
    Configure,
}

/// Why something is missing that another command makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Lacking {
    /// `fleet.key`.
    FleetKey,
    /// The root's certificate, or the list of what is revoked.
    Authority,
    /// `ca.key`, which is kept elsewhere.
    RootKey,
    /// `issuer.key`.
    IssuerKey,
}

/// Everything that is said of a fleet in one language.
pub(in crate::cli) struct FleetWords {
    pub(in crate::cli) is_well: fn(&Path) -> String,
    pub(in crate::cli) no_verb: &'static str,
    pub(in crate::cli) attempt: fn(FleetAttempt<'_>) -> String,
    pub(in crate::cli) exists: fn(&Path) -> String,
    pub(in crate::cli) busy: &'static str,
    pub(in crate::cli) clock: &'static str,
    pub(in crate::cli) no_random: &'static str,
    pub(in crate::cli) open_to_others: fn(mode: u32) -> String,
    pub(in crate::cli) lacking: fn(Lacking) -> &'static str,

    pub(in crate::cli) key_made: fn(kid: &str, key: &Path, public: &Path) -> String,
    pub(in crate::cli) authority_made: fn(folder: &Path, root: &str, issuer: &str) -> String,
    pub(in crate::cli) certificate_made: fn(certificate: &Path, key: &Path, until: &str) -> String,
    pub(in crate::cli) name_taken: fn(&str) -> String,
    pub(in crate::cli) ends_sooner: &'static str,

    pub(in crate::cli) use_claim: fn(until: &str) -> String,
    pub(in crate::cli) claim_too_long: fn(bytes: usize, most: usize) -> String,
    pub(in crate::cli) claim_too_wide: fn(has: usize, needs: usize) -> String,
    pub(in crate::cli) authority_ended: fn(until: &str) -> String,
    pub(in crate::cli) picture_made: fn(&Path) -> String,

    pub(in crate::cli) a_number_is_no_certificate: &'static str,
    pub(in crate::cli) an_authority: &'static str,
    pub(in crate::cli) foreign: &'static str,
    pub(in crate::cli) revoked: fn(name: &str, serial: &str) -> String,
    pub(in crate::cli) revoked_before: fn(name: &str, serial: &str) -> String,
    pub(in crate::cli) broken_line: fn(line: usize) -> String,
    pub(in crate::cli) list_full: fn(most: usize) -> String,
    pub(in crate::cli) list_signed: fn(list: &Path, certificates: usize, until: &str) -> String,
    pub(in crate::cli) root_not_signed: &'static str,

    pub(in crate::cli) tools: ToolWords,
}
