//! Pictures, logs and bundles that this console has asked for, put together of their pieces. What nobody asked for is not
//! kept. It must not know how they are shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};
use till_wire::fleet::{CommandState, CommandStatus};
use till_wire::{CommandId, MAX_MESSAGE, TerminalNumber};

use super::Refused;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Bundles {
    all: BTreeMap<CommandId, Bundle>,
    next: u64,
}

#[derive(Debug)]
struct Bundle {
    terminal: TerminalNumber,
    /// The order in which they were asked for.
    number: u64,
    pieces: BTreeMap<u32, Vec<u8>>,
    told: Option<Told>,
    whole: Option<Whole>,
}

/// What the command's result says of it.
#[derive(Debug)]
struct Told {
    kind: Kind,
    pieces: u32,
    bytes: u64,
    sha256: String,
}

/// What may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Picture,
    Text,
    Json,
}

/// One that is whole, and is what the terminal said it would be.
#[derive(Clone, Debug)]
pub(crate) struct Whole {
    pub(crate) kind: Kind,
    pub(crate) bytes: Arc<[u8]>,
}

/// How many are kept: the oldest makes place.
const MAX_BUNDLES: usize = 24;
/// As the terminal sends them.
const MAX_PIECES: u32 = 64;
const PNG: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];

impl Bundles {
    /// Waits for what a terminal will send for a command.
    pub(crate) fn expect(&mut self, terminal: TerminalNumber, id: CommandId) {
        while self.all.len() >= MAX_BUNDLES {
            let oldest = self.all.iter().min_by_key(|(_, bundle)| bundle.number).map(|(id, _)| *id);
            let Some(oldest) = oldest else { return };
            self.all.remove(&oldest);
        }
        let bundle = Bundle { terminal, number: self.next, pieces: BTreeMap::new(), told: None, whole: None };
        self.next += 1;
        self.all.insert(id, bundle);
    }

    pub(super) fn piece(
        &mut self,
        terminal: TerminalNumber,
        id: CommandId,
        piece: u32,
        body: &[u8],
    ) -> Result<(), Refused> {
        let bundle = self.all.get_mut(&id).filter(|bundle| bundle.terminal == terminal).ok_or(Refused)?;
        // They may be numbered from 0 or from 1; the digest says which.
        if piece > MAX_PIECES || body.len() > MAX_MESSAGE || bundle.whole.is_some() {
            return Err(Refused);
        }
        bundle.pieces.insert(piece, body.to_vec());
        bundle.join();
        Ok(())
    }

    pub(super) fn told(&mut self, terminal: TerminalNumber, id: CommandId, status: &CommandStatus) {
        let Some(bundle) = self.all.get_mut(&id).filter(|bundle| bundle.terminal == terminal) else { return };
        if status.status == CommandState::Succeeded && bundle.whole.is_none() {
            bundle.told = status.result.as_ref().and_then(Told::read);
            bundle.join();
        }
    }

    /// Returns what came for a command, once it is whole.
    pub(crate) fn whole(&self, id: &CommandId) -> Option<(TerminalNumber, &Whole)> {
        let bundle = self.all.get(id)?;
        Some((bundle.terminal, bundle.whole.as_ref()?))
    }

    /// Tells whether something is still to come for a command.
    pub(crate) fn is_awaited(&self, id: &CommandId) -> bool {
        self.all.get(id).is_some_and(|bundle| bundle.whole.is_none())
    }

    /// The newest picture of a terminal's screen.
    pub(crate) fn newest_picture(&self, terminal: TerminalNumber) -> Option<CommandId> {
        let pictures = self.all.iter().filter(|(_, bundle)| {
            let is_picture = bundle.whole.as_ref().is_some_and(|whole| whole.kind == Kind::Picture);
            bundle.terminal == terminal && is_picture
        });
        pictures.max_by_key(|(_, bundle)| bundle.number).map(|(id, _)| *id)
    }
}

impl Bundle {
    fn join(&mut self) {
        let Some(told) = &self.told else { return };
        if u32::try_from(self.pieces.len()) != Ok(told.pieces) {
            return;
        }
        let bytes: Vec<u8> = self.pieces.values().flatten().copied().collect();
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        let named: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let is_it = named == told.sha256 && u64::try_from(bytes.len()) == Ok(told.bytes);
        let is_kind = told.kind != Kind::Picture || bytes.starts_with(&PNG);
        if is_it && is_kind {
            self.whole = Some(Whole { kind: told.kind, bytes: bytes.into() });
            self.pieces.clear();
        }
    }
}

impl Told {
    fn read(result: &Value) -> Option<Self> {
        let kind = match result.get("type")?.as_str()?.split(';').next()?.trim() {
            "image/png" => Kind::Picture,
            "text/plain" => Kind::Text,
            "application/json" => Kind::Json,
            _ => return None,
        };
        let pieces = u32::try_from(result.get("pieces")?.as_u64()?).ok().filter(|count| *count <= MAX_PIECES)?;
        let sha256 = result.get("sha256")?.as_str().filter(|digest| digest.len() == 64)?.to_owned();
        Some(Self { kind, pieces, bytes: result.get("bytes")?.as_u64()?, sha256 })
    }
}
