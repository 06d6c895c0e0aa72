//! A controller that is none: it judges what comes over its lines by the data sheet, and paints its memory as the stream
//! says. Knows no panel.

use crate::sheet::{CASET, NORON};
use crate::sheet::{
    COLMOD, DISPOFF, DISPON, INVOFF, INVON, LONG_NS, MADCTL, MV, MX, MY, RAMWR, RASET, RESET_PULSE_NS, SHORT_NS, SLPIN,
    SLPOUT, SWRESET, Sheet,
};

/// What stands in the memory before anything is written, and after a reset: nothing that a picture has.
const GARBAGE: [u8; 3] = [21, 42, 11];

/// A controller, seen from its lines.
pub(crate) struct Chip {
    pub(crate) sheet: &'static Sheet,
    /// Time since power came, in ns; only waits take any.
    pub(crate) now: u64,
    /// Low for commands.
    data: bool,
    reset_low_since: Option<u64>,
    pub(crate) is_lit: bool,
    pub(crate) is_on: bool,
    pub(crate) is_asleep: bool,
    pub(crate) is_inverted: bool,
    pub(crate) madctl: u8,
    colmod: Option<u8>,
    columns: (u16, u16),
    rows: (u16, u16),
    /// The command that is being sent, with what has come of its parameters.
    pending: Option<(u8, Vec<u8>)>,
    /// No command before this time.
    ready: u64,
    /// No Sleep In or Sleep Out before this time.
    slept: u64,
    awake: Option<u64>,
    memory: Vec<[u8; 3]>,
    /// Places of the memory that were written since the last reset.
    written: Vec<bool>,
    /// A transfer has failed, so what came of the last command is not to be judged.
    excused: bool,
    /// What the data sheet does not allow.
    pub(crate) objections: Vec<String>,
    /// All commands, in order.
    pub(crate) commands: Vec<u8>,
    /// All bytes that came.
    pub(crate) bytes: usize,
    /// How often the light was switched on while a part of the memory that is seen was unwritten.
    pub(crate) seen: Vec<usize>,
    pub(crate) lit_too_early: bool,
}

impl Chip {
    /// Returns a controller that has just got power, with all of its lines low but reset.
    pub(crate) fn new(sheet: &'static Sheet) -> Self {
        let places = usize::from(sheet.columns) * usize::from(sheet.rows);
        let mut chip = Self {
            sheet,
            now: 0,
            data: false,
            reset_low_since: None,
            is_lit: false,
            is_on: false,
            is_asleep: true,
            is_inverted: false,
            madctl: 0,
            colmod: None,
            columns: (0, 0),
            rows: (0, 0),
            pending: None,
            ready: 0,
            slept: 0,
            awake: None,
            memory: vec![GARBAGE; places],
            written: vec![false; places],
            excused: false,
            objections: Vec::new(),
            commands: Vec::new(),
            bytes: 0,
            seen: Vec::new(),
            lit_too_early: false,
        };
        chip.begin_again();
        chip
    }

    fn begin_again(&mut self) {
        (self.is_on, self.is_asleep, self.is_inverted, self.madctl) = (false, true, false, 0);
        (self.colmod, self.awake, self.pending, self.excused) = (None, None, None, false);
        self.columns = (0, self.sheet.columns - 1);
        self.rows = (0, self.sheet.rows - 1);
        self.memory.fill(GARBAGE);
        self.written.fill(false);
        self.ready = self.now + SHORT_NS;
        self.slept = self.now + LONG_NS;
    }

    fn object(&mut self, what: String) {
        self.objections.push(format!("{}: {what}", self.sheet.name));
    }

    pub(crate) fn data_line(&mut self, high: bool) {
        self.data = high;
    }

    pub(crate) fn reset_line(&mut self, high: bool) {
        match (high, self.reset_low_since) {
            (false, None) => self.reset_low_since = Some(self.now),
            (true, Some(since)) => {
                if self.now - since < RESET_PULSE_NS {
                    self.object(format!("a reset of {} ns", self.now - since));
                }
                self.settle();
                self.reset_low_since = None;
                self.begin_again();
            }
            (false, Some(_)) | (true, None) => {}
        }
    }

    pub(crate) fn light_line(&mut self, high: bool) {
        self.is_lit = high;
        if high {
            // Pixels are in the memory as soon as they have come.
            self.settle();
            self.lit_too_early |= self.seen.iter().any(|place| !self.written[*place]) || !self.is_on;
        }
    }

    /// A transfer broke off: its command is incomplete.
    pub(crate) fn excuse(&mut self) {
        self.excused = true;
    }

    /// Bytes come over the bus.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        if self.reset_low_since.is_some() {
            self.object("bytes during a reset".to_owned());
        }
        if self.data {
            match &mut self.pending {
                Some((_, parameters)) => parameters.extend_from_slice(bytes),
                None if self.excused => {}
                None => self.object("data before any command".to_owned()),
            }
            self.obey_early();
            return;
        }
        for byte in bytes {
            self.settle();
            self.begin(*byte);
        }
    }

    fn begin(&mut self, command: u8) {
        self.commands.push(command);
        if self.now < self.ready {
            self.object(format!("command {command:02X}h comes {} µs too early", (self.ready - self.now) / 1000));
        }
        if command != RAMWR && self.sheet.parameters(command).is_none() {
            self.object(format!("there is no command {command:02X}h"));
        }
        self.pending = Some((command, Vec::new()));
        self.obey_early();
    }

    /// Obeys a command as soon as it is whole, but for pixels, of which more may come.
    fn obey_early(&mut self) {
        let whole = |(command, parameters): &(u8, Vec<u8>)| self.sheet.parameters(*command) == Some(parameters.len());
        if self.pending.as_ref().is_some_and(|pending| pending.0 != RAMWR && whole(pending)) {
            let (command, parameters) = self.pending.clone().unwrap_or_default();
            self.obey(command, &parameters);
        }
    }

    /// Judges the last command, which ends where the next begins.
    pub(crate) fn settle(&mut self) {
        let Some((command, parameters)) = self.pending.take() else { return };
        let excused = std::mem::take(&mut self.excused);
        if command == RAMWR {
            self.paint(&parameters, excused);
        } else if self.sheet.parameters(command).is_some_and(|want| want != parameters.len()) && !excused {
            self.object(format!("command {command:02X}h with {} parameters", parameters.len()));
        }
    }

    fn obey(&mut self, command: u8, parameters: &[u8]) {
        match (command, parameters) {
            (SWRESET, _) => self.begin_again(),
            (SLPIN | SLPOUT, _) => self.change_sleep(command == SLPIN),
            (DISPON, _) => {
                let due = self.awake.map(|since| since + LONG_NS);
                if due.is_none_or(|due| self.now < due) {
                    self.object("the display is switched on before it is awake".to_owned());
                }
                self.is_on = true;
            }
            (DISPOFF, _) => self.is_on = false,
            (INVON | INVOFF, _) => self.is_inverted = command == INVON,
            (MADCTL, [bits]) => {
                self.madctl = *bits;
                if bits & 3 != 0 {
                    self.object(format!("MADCTL {bits:02X}h has a bit that is none"));
                }
            }
            (COLMOD, [bits]) => {
                self.colmod = Some(*bits);
                if bits & 0x88 != 0 || bits & 7 != self.sheet.pixel.colmod() {
                    self.object(format!("COLMOD {bits:02X}h is not the format of this interface"));
                }
            }
            (CASET | RASET, [a, b, c, d]) => {
                self.window(command, u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]))
            }
            (0xb6, [_, _, rows]) if (u16::from(*rows) + 1) * 8 != self.sheet.rows => {
                self.object(format!("{} rows are driven", (u16::from(*rows) + 1) * 8));
            }
            (NORON, _) => {}
            (_, _) => {}
        }
    }

    fn change_sleep(&mut self, asleep: bool) {
        if self.now < self.slept {
            self.object(format!("sleep changes {} µs too early", (self.slept - self.now) / 1000));
        }
        self.is_asleep = asleep;
        self.awake = (!asleep).then_some(self.now);
        self.ready = self.now + SHORT_NS;
        self.slept = self.now + LONG_NS;
    }

    fn window(&mut self, command: u8, first: u16, last: u16) {
        let columns = (command == CASET) != (self.madctl & MV != 0);
        let most = if columns { self.sheet.columns } else { self.sheet.rows };
        if first > last || last >= most {
            self.object(format!("a window from {first} to {last} of {most}"));
            return;
        }
        *(if command == CASET { &mut self.columns } else { &mut self.rows }) = (first, last);
    }

    fn paint(&mut self, bytes: &[u8], excused: bool) {
        let (width, height) = (self.columns.1 - self.columns.0 + 1, self.rows.1 - self.rows.0 + 1);
        let (pixels, size) = (usize::from(width) * usize::from(height), self.sheet.pixel.bytes());
        if bytes.len() != pixels * size && !excused {
            self.object(format!("{} bytes for a window of {width}x{height}", bytes.len()));
        }
        if self.colmod.is_none() {
            self.object("pixels before their format".to_owned());
        }
        for (count, pixel) in bytes.chunks_exact(size).take(pixels).enumerate() {
            let column = usize::from(self.columns.0) + count % usize::from(width);
            let row = usize::from(self.rows.0) + count / usize::from(width);
            let (mut x, mut y) = if self.madctl & MV == 0 { (column, row) } else { (row, column) };
            if self.madctl & MX != 0 {
                x = usize::from(self.sheet.columns) - 1 - x;
            }
            if self.madctl & MY != 0 {
                y = usize::from(self.sheet.rows) - 1 - y;
            }
            let place = self.place(x, y);
            self.memory[place] = self.sheet.pixel.read(pixel);
            self.written[place] = true;
        }
    }

    /// Returns where a place of the glass stands in the memory.
    pub(crate) fn place(&self, x: usize, y: usize) -> usize {
        y * usize::from(self.sheet.columns) + x
    }

    pub(crate) fn stored(&self, place: usize) -> [u8; 3] {
        self.memory[place]
    }
}
