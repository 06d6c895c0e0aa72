//! An amount that is being typed: digits, sums and multiples, with correction. It must not know sales or displays.

use till_wire::Amount;

use super::time::Tick;

/// A key of the cashier's keypad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A digit, 0 to 9; a larger number is not taken.
    Digit(u8),
    /// `00`.
    DoubleZero,
    /// `000`.
    TripleZero,
    /// Takes the last digit or sign back.
    Back,
    /// Clears what is typed, cancels the sale that is open, or clears the result that is shown.
    Escape,
    /// Starts the sale.
    Enter,
    /// Begins the next item.
    Plus,
    /// Begins the quantity of the item.
    Times,
    /// Shows the last sale's result again.
    Last,
    /// Shows what the day comes to.
    Report,
    /// Says the last announcement again; it types nothing and disturbs no sale.
    Repeat,
}

/// The most keys that are taken at a time.
pub const MAX_KEYS: usize = 32;
/// The most numbers of one entry.
const MAX_NUMBERS: usize = 20;
/// One more than the largest number, and the largest sum, that has twelve digits.
const LIMIT: u64 = 1_000_000_000_000;

/// What is typed, as it is to be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// All of it, such as `25.000 × 3 + 8.000`.
    pub text: String,
    /// What it comes to; nothing when that has more than twelve digits, or nothing is typed yet.
    pub sum: Option<Amount>,
    /// Whether there is something to add up or to multiply.
    pub shape: Shape,
    /// What is wrong with it, if anything.
    pub problem: Option<Problem>,
    /// The order number that was scanned for it.
    pub reference: Option<String>,
}

/// Whether an entry is more than a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One number.
    Plain,
    /// A sum, a multiple, or both.
    Sum,
}

/// Why what is typed starts no sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is more than a sale may be.
    TooLarge,
    /// The last key would have made a number too long, or one number too many. It was not taken, and until it is taken
    /// back no other is: what follows it would stand behind the wrong number.
    TooLong,
    /// A quantity is missing.
    Unfinished,
    /// The channel needs to know the customer, which no key can tell: only a cash register can sell.
    NeedsCustomer,
    /// A new store needs a plausible clock for its first sale.
    ClockNotSet,
    /// This terminal has used up its order numbers.
    NumbersUsedUp,
    /// More is owed to the broker than the terminal keeps.
    QueueFull,
    /// The fleet's operator has shut the terminal.
    Disabled,
}

impl Problem {
    /// Returns its name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::TooLong => "too_long",
            Self::Unfinished => "unfinished",
            Self::NeedsCustomer => "needs_customer",
            Self::ClockNotSet => "clock_not_set",
            Self::NumbersUsedUp => "numbers_used_up",
            Self::QueueFull => "queue_full",
            Self::Disabled => "disabled",
        }
    }
}

/// An entry: at least one number, of which only the last may be zero, which means that it is not typed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The numbers and what stands before each.
    pub numbers: Vec<(Sign, u64)>,
    /// What was wrong with the last key.
    pub refused: Option<Problem>,
    /// When it is forgotten.
    pub until: Tick,
}

/// What stands before a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It is added.
    Plus,
    /// It multiplies the number before it.
    Times,
}

impl Entry {
    /// Begins with a key; nothing comes of one that types nothing.
    pub(super) fn begin(key: Key, until: Tick) -> Option<Self> {
        let nothing = Self { numbers: vec![(Sign::Plus, 0)], refused: None, until };
        nothing.press(key, until)
    }

    /// Takes a key that types; nothing is left when all has been taken back. `Enter`, `Escape` and
    /// `Repeat` type nothing.
    pub(super) fn press(mut self, key: Key, until: Tick) -> Option<Self> {
        self.until = until;
        if self.refused == Some(Problem::TooLong) {
            if key == Key::Back {
                self.refused = None;
            }
            return Some(self);
        }
        self.refused = None;
        match key {
            Key::Digit(digit) if digit < 10 => self.append(10, u64::from(digit)),
            Key::DoubleZero => self.append(100, 0),
            Key::TripleZero => self.append(1000, 0),
            Key::Plus => self.join(Sign::Plus),
            Key::Times => self.join(Sign::Times),
            Key::Back => self.take_back(),
            Key::Digit(_) | Key::Escape | Key::Enter | Key::Last | Key::Report | Key::Repeat => {}
        }
        (self.numbers != [(Sign::Plus, 0)] && !self.numbers.is_empty()).then_some(self)
    }

    /// Says what the last key brought to light.
    pub(super) fn refuse(&mut self, problem: Problem) {
        self.refused = Some(problem);
    }

    /// Returns the amount of the sale that is to be started.
    pub(super) fn amount(&self, most: Amount) -> Result<Amount, Problem> {
        match (self.refused, self.numbers.last()) {
            (Some(Problem::TooLong), _) => Err(Problem::TooLong),
            (_, Some((Sign::Times, 0))) => Err(Problem::Unfinished),
            (_, _) => self.sum().filter(|sum| *sum <= most && !sum.is_zero()).ok_or(Problem::TooLarge),
        }
    }

    pub(super) fn seen(&self, most: Amount) -> Typed {
        let sum = self.sum();
        let too_large = sum.is_none_or(|sum| sum > most).then_some(Problem::TooLarge);
        Typed {
            text: self.text(),
            sum,
            shape: if self.numbers.len() > 1 { Shape::Sum } else { Shape::Plain },
            problem: self.refused.or(too_large),
            reference: None,
        }
    }

    fn append(&mut self, factor: u64, digit: u64) {
        let Some((_, number)) = self.numbers.last_mut() else {
            return;
        };
        match number.saturating_mul(factor).saturating_add(digit) {
            longer if longer < LIMIT => *number = longer,
            _ => self.refused = Some(Problem::TooLong),
        }
    }

    /// Begins another number, or changes the sign of one that is not typed yet.
    fn join(&mut self, sign: Sign) {
        let count = self.numbers.len();
        match self.numbers.last_mut() {
            Some((_, 0)) if count == 1 => {}
            Some((before, 0)) => *before = sign,
            Some(_) if count >= MAX_NUMBERS => self.refused = Some(Problem::TooLong),
            Some(_) | None => self.numbers.push((sign, 0)),
        }
    }

    fn take_back(&mut self) {
        match self.numbers.last_mut() {
            Some((_, 0)) | None => drop(self.numbers.pop()),
            Some((_, number)) => *number /= 10,
        }
    }

    /// Adds up what is typed: multiples first, a number that is not typed yet left out.
    fn sum(&self) -> Option<Amount> {
        let (mut sum, mut product) = (0u64, 0u64);
        for (sign, number) in self.numbers.iter().filter(|(_, number)| *number > 0) {
            match sign {
                Sign::Plus => {
                    sum = sum.checked_add(product)?;
                    product = *number;
                }
                Sign::Times => product = product.checked_mul(*number)?,
            }
        }
        sum.checked_add(product).filter(|sum| *sum < LIMIT).map(Amount::vnd)
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (at, (sign, number)) in self.numbers.iter().enumerate() {
            if at > 0 {
                text += match sign {
                    Sign::Plus => " + ",
                    Sign::Times => " × ",
                };
            }
            if *number > 0 {
                text += &Amount::vnd(*number).digits();
            }
        }
        text.trim_end().to_owned()
    }
}
