//! A claim, by which one terminal joins the fleet: as a line, as a code here, as a picture of the code. It must not know what
//! a terminal does with it.

use std::path::Path;

use serde_json::json;
use till_display::{Effort, Frame, QrCode, QrError, Rotation, Size, encode};
use till_wire::UnixTime;
use till_wire::fleet::{Claim, ClaimId, FleetSigner};

use super::super::World;
use super::super::code::{self, NotDrawn};
use super::super::fault::Fault;
use super::super::verbs::print_lines;
use super::super::wording::moment;
use super::super::words::{FleetAttempt, Lacking, Words};
use super::args::ClaimArgs;
use super::ca::{self, ROOT};
use super::folder::{self, Folder, Readers};
use super::keygen::{random, signer};
use super::settings::FleetSettings;
use super::{cannot, now};

const MAKE: FleetAttempt<'_> = FleetAttempt::MakeClaim;
const DRAW: FleetAttempt<'_> = FleetAttempt::DrawClaim;

/// The most bytes that a code takes: version 40 at error correction L.
const MOST_BYTES: usize = 2_953;

/// The pixels of a module in a picture.
const MODULE: u32 = 8;

/// Prints a claim. Where its code was asked for and cannot be, there is no claim either.
pub(super) fn claim(args: ClaimArgs, settings: &FleetSettings, world: &mut World<'_>) -> Result<(), Fault> {
    let words = world.style.words();
    let folder = Folder::begin(&settings.keys, words)?;
    let now = now(MAKE, words)?;
    let signer = signer(&folder, words)?;
    let claim = write_out(&args, settings, &folder, &signer, (now, words))?;
    let document = claim.sign(&signer).map_err(|error| cannot(words, MAKE, &error.to_string()))?;
    let code = if args.qr || args.png.is_some() { Some(code_of(&document, words)?) } else { None };
    let lines = match code.as_ref().filter(|_| args.qr) {
        Some(code) => code::drawn(code, world.style).map_err(|not_drawn| not_drawn_here(&not_drawn, words))?,
        None => Vec::new(),
    };
    if let Some((code, file)) = code.as_ref().zip(args.png.as_deref()) {
        save(code, file, words)?;
        writeln!(world.err, "{}", (words.fleet.picture_made)(file))?;
    }
    if args.json {
        let (number, expires_at) = (claim.number, claim.expires_at());
        let told = json!({ "number": number, "label": claim.label, "expires_at": expires_at, "claim": document });
        writeln!(world.out, "{told}")?;
    } else {
        writeln!(world.out, "{document}")?;
        print_lines(&lines, world)?;
    }
    world.out.flush()?;
    Ok(writeln!(world.err, "{}", (words.fleet.use_claim)(&moment(claim.expires_at())))?)
}

/// Says everything that the terminal will believe.
fn write_out(
    args: &ClaimArgs,
    settings: &FleetSettings,
    folder: &Folder,
    signer: &FleetSigner,
    (now, words): (UnixTime, &'static Words),
) -> Result<Claim, Fault> {
    let root = ca::leaf(folder, ROOT, words)?;
    if root.not_after <= now {
        return Err(cannot(words, MAKE, &(words.fleet.authority_ended)(&moment(root.not_after))));
    }
    let root = folder.read(ROOT, Lacking::Authority)?;
    let mut trusted_keys = vec![signer.key()];
    for key in &settings.more_trusted_keys {
        if !trusted_keys.contains(key) {
            trusted_keys.push(*key);
        }
    }
    let valid = i64::try_from(args.valid.as_secs()).unwrap_or(i64::MAX);
    Ok(Claim {
        jti: ClaimId::new(random(MAKE, words)?),
        number: args.number,
        label: args.label.clone(),
        iat: now.secs(),
        exp: now.secs().saturating_add(valid),
        enrol_url: settings.enrol_url.clone(),
        ca: String::from_utf8_lossy(&root).into_owned(),
        broker: settings.broker.clone(),
        channels: settings.channels.clone(),
        trusted_keys,
    })
}

fn code_of(document: &str, words: &Words) -> Result<QrCode, Fault> {
    QrCode::encode_long(document).map_err(|error| match error {
        QrError::TooLong { bytes, .. } => cannot(words, DRAW, &(words.fleet.claim_too_long)(bytes, MOST_BYTES)),
        QrError::TooDense { .. } => cannot(words, DRAW, &error.to_string()),
    })
}

fn not_drawn_here(not_drawn: &NotDrawn, words: &Words) -> Fault {
    let why = match not_drawn {
        NotDrawn::TooNarrow { has, needs } => (words.fleet.claim_too_wide)(*has, *needs),
        NotDrawn::Code(error) => error.to_string(),
    };
    cannot(words, DRAW, &why)
}

/// Saves the code as a picture that only its owner can read: whoever has the claim can use it.
fn save(code: &QrCode, file: &Path, words: &Words) -> Result<(), Fault> {
    let fault = |why: &str| cannot(words, FleetAttempt::Write(file), why);
    let picture = picture(code).map_err(|error| fault(&error))?;
    folder::write(file, &picture, Readers::Owner).map_err(|error| fault(&(words.system)(&error)))
}

fn picture(code: &QrCode) -> Result<Vec<u8>, String> {
    let side = code.modules() * MODULE;
    let mut frame = Frame::new(Size::new(side, side).map_err(|error| error.to_string())?);
    let Ok(()) = code.draw(&mut frame, Default::default(), MODULE);
    encode(&frame, Rotation::Deg0, Effort::Small).map_err(|error| error.to_string())
}
