//! What `till fleet` says in English.

use super::tools::en::TOOLS;
use super::{FleetAttempt, FleetWords, Lacking};

pub(in crate::cli::words) const FLEET: FleetWords = FleetWords {
    is_well: |file| format!("{}: the fleet's configuration is in order", file.display()),
    no_verb: "a verb is missing; `till fleet --help` lists them",
    attempt,
    exists: |file| {
        format!("`{}` is there already, and keys are never written over; move it away first", file.display())
    },
    busy: "another `till fleet` is at work there; try again when it is done",
    clock: "the clock of this machine is not set; certificates and claims need the right time",
    no_random: "the system has no random numbers",
    open_to_others: |mode| {
        format!(
            "everybody on this machine can read it (its mode is {mode:04o}): `chmod 600` it, and mind who has seen it"
        )
    },
    lacking,

    key_made: |kid, key, public| {
        format!(
            "The fleet's key {kid} is made.\n  {}\n      the secret half: it signs claims and commands. Keep it here, and a copy in \
             a safe place.\n  {}\n      the public half, for `trusted_keys` of terminals and for the enrolment server.",
            key.display(),
            public.display()
        )
    },
    authority_made: |folder, root, issuer| {
        format!(
            "The fleet's authority is made, in {}\n  ca.pem        the root's certificate, until {root}: to the broker, \
             the bridges and the enrolment server\n  ca.key        the root's key: keep it offline, and a copy elsewhere; \
             only `ca client`, `ca server` and revoking\n                what those made need it\n  issuer.pem, issuer.key\n                \
             signs terminals, until {issuer}: to the enrolment server\n  crl.pem       what is revoked, nothing so far: to the \
             broker and the enrolment server\n  ca-crl.pem, revoked.txt\n                what crl.pem is made from: keep them here",
            folder.display()
        )
    },
    certificate_made: |certificate, key, until| {
        format!("The certificate is in {}, its key in {}; valid until {until}.", certificate.display(), key.display())
    },
    name_taken: |name| format!("`{name}` is the name of files of the fleet itself; choose another"),
    ends_sooner: "it ends with the authority that signs it, sooner than was asked for",

    use_claim: |until| {
        format!(
            "Valid until {until}, for one terminal. On the terminal: `tilld enrol CLAIM`, or scan it at the counter. Whoever \
             has it can take the terminal's place until then."
        )
    },
    claim_too_long: |bytes, most| {
        format!(
            "it has {bytes} bytes and a code takes {most}; shorten the label or the addresses, or leave out a [[channel]] or \
             one of enrol.more_trusted_keys"
        )
    },
    claim_too_wide: |has, needs| {
        format!("the terminal is {has} columns wide and the code needs {needs}; widen it, or take `--png FILE`")
    },
    authority_ended: |until| format!("the fleet's root in ca.pem is not valid after {until}"),
    picture_made: |file| format!("The code is in {}.", file.display()),

    a_number_is_no_certificate: "a number names no certificate: give the certificate's file (the enrolment server keeps \
                                 what it has signed), or `--serial HEX`",
    an_authority: "it is an authority's own certificate, and no list takes that back: make a new authority",
    foreign: "it was not signed by this fleet's root or issuer",
    revoked: |name, serial| format!("Revoked: {name}, serial number {serial}."),
    revoked_before: |name, serial| format!("Revoked before: {name}, serial number {serial}."),
    broken_line: |line| format!("line {line} is broken; put the file back from a copy"),
    list_full: |most| format!("the list takes {most} certificates"),
    list_signed: |list, certificates, until| {
        format!(
            "The list of revoked certificates ({certificates}) is signed: {}, until {until}. Before that day sign it anew \
             (`till fleet revoke --renew`): with a list that is over, a broker refuses everybody.\nInstall it\n  mosquitto    \
             copy it to the file that `crlfile` names, then `systemctl reload mosquitto`\n  till-bridge  copy it to the file \
             that `authority.crl` of enrol.toml names; it is noticed\n  NATS         reads no such list: take the name out of \
             users.conf (config/nats/users), then `systemctl reload nats-server`\nWith mosquitto, a connection that stands is \
             not ended by it; `systemctl restart mosquitto` does that.",
            list.display()
        )
    },
    root_not_signed: "ca.key is not here, so ca-crl.pem stays as it is",
    tools: TOOLS,
};

fn attempt(attempt: FleetAttempt<'_>) -> String {
    match attempt {
        FleetAttempt::Begin(folder) => format!("work in the folder of keys `{}`", folder.display()),
        FleetAttempt::Write(file) => format!("write `{}`", file.display()),
        FleetAttempt::Read(file) => format!("read `{}`", file.display()),
        FleetAttempt::MakeKey(file) => format!("make the key `{}`", file.display()),
        FleetAttempt::MakeCertificate(file) => format!("make the certificate `{}`", file.display()),
        FleetAttempt::MakeClaim => "make a claim".into(),
        FleetAttempt::DrawClaim => "draw the claim's code".into(),
        FleetAttempt::Revoke(what) => format!("revoke `{what}`"),
        FleetAttempt::SignList => "sign the list of revoked certificates".into(),
        FleetAttempt::Reach(address) => format!("speak with the broker at {address}"),
        FleetAttempt::ReadFiles(folder) => format!("read the fleet's files in `{}`", folder.display()),
        FleetAttempt::Command(cmd) => format!("have `{cmd}` carried out"),
        FleetAttempt::Configure => "configure terminals".into(),
        FleetAttempt::Show(number) => format!("show terminal {number}"),
    }
}

fn lacking(lacking: Lacking) -> &'static str {
    match lacking {
        Lacking::FleetKey => "the fleet has no key yet: `till fleet keygen` makes it",
        Lacking::Authority => "the fleet has no authority yet: `till fleet ca init` makes it",
        Lacking::RootKey => "the root's key is not there: bring it back for this, from where it is kept",
        Lacking::IssuerKey => "the issuer's key is not there: bring it back for this, from where it is kept",
    }
}
