//! `[display]`: what customers look at. It must not open the device or draw.

mod spi;

use std::path::PathBuf;

use till_settings::{Kind, Table, one_of, parsed, path, whole};
use till_wire::{Account, ChannelId};

use super::account;
use super::names::{ChannelNames, ProviderName};
pub use spi::Spi;

/// The display and how it is drawn on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Display {
    /// What it is.
    pub driver: Driver,
    /// How it is mounted.
    pub rotation: Rotation,
    /// Its colours.
    pub theme: Theme,
    /// The code of the idle display that takes any amount, if there is one.
    pub static_qr: Option<StaticQr>,
}

/// What a display is, with what its driver needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Driver {
    /// A framebuffer.
    Fbdev {
        /// Its device, by default `/dev/fb0`.
        device: PathBuf,
    },
    /// A graphics card.
    Drm {
        /// Its device, by default `/dev/dri/card0`.
        device: PathBuf,
    },
    /// A panel on the SPI bus, by default `/dev/spidev0.0`.
    Spi(Spi),
    /// A picture file, replaced at every change.
    Png {
        /// The file.
        file: PathBuf,
        /// Its pixels, before rotation.
        size: Size,
    },
    /// No display.
    None,
}

/// A size in pixels, each side from 240 to 4096.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

/// How far a display is turned clockwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Not at all.
    Deg0,
    /// A quarter.
    Deg90,
    /// Upside down.
    Deg180,
    /// Three quarters.
    Deg270,
}

/// The colours; a QR code is black on white in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// Where the code that takes any amount comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaticQr {
    /// Finan is asked for the code of the channel's bank account.
    Channel(ChannelId),
    /// It is made here for this account.
    Account(Account),
}

#[derive(Clone, Copy)]
enum Word {
    Fbdev,
    Drm,
    Spi,
    Png,
    None,
}

impl Display {
    pub(super) fn take(table: &Table, names: &ChannelNames) -> Option<Self> {
        let driver = take_driver(table);
        let rotation = whole(0..=270).then(Rotation::new).expecting("0 | 90 | 180 | 270");
        let rotation = table.or("rotate", Rotation::Deg0, rotation);
        let themes = [("light", Theme::Light), ("dark", Theme::Dark)];
        let theme = table.or("theme", Theme::Light, one_of(themes));
        let static_qr = table.optional_table("static_qr").and_then(|inner| StaticQr::take(table, &inner, names));
        Some(Self { driver: driver?, rotation, theme, static_qr })
    }
}

fn take_driver(table: &Table) -> Option<Driver> {
    let words =
        [("fbdev", Word::Fbdev), ("drm", Word::Drm), ("spi", Word::Spi), ("png", Word::Png), ("none", Word::None)];
    let word = table.required("driver", one_of(words));
    let default = Size { width: 800, height: 480 };
    let size = table.optional("size", Size::kind());
    let device = table.optional("device", path());
    let or = |default: &str| device.clone().unwrap_or_else(|| PathBuf::from(default));
    // Read whichever the driver is, so that its keys are known and right.
    let is_spi = matches!(word, Some(Word::Spi)) || table.has("spi");
    let spi = is_spi.then(|| Spi::take(&table.table("spi"), or("/dev/spidev0.0"))).flatten();
    Some(match word? {
        Word::Fbdev => Driver::Fbdev { device: or("/dev/fb0") },
        Word::Drm => Driver::Drm { device: or("/dev/dri/card0") },
        Word::Spi => Driver::Spi(spi?.with_size(table, size)?),
        Word::Png => {
            if !table.has("device") {
                table.fault("device", "the file that the png driver writes");
            }
            Driver::Png { file: device?, size: size.unwrap_or(default) }
        }
        Word::None => Driver::None,
    })
}

impl Size {
    /// The smallest side. A payment code has 41 modules and more, 49 with its quiet zone, of at least 3 px each, which
    /// is 147 px; the amount and a line of text go beside it.
    pub const SMALLEST: u32 = 240;

    /// The largest side: a picture is kept in memory, four bytes a pixel.
    pub const LARGEST: u32 = 4096;

    fn kind() -> Kind<Self> {
        let (smallest, largest) = (Self::SMALLEST, Self::LARGEST);
        let expected = format!("WIDTHxHEIGHT, each {smallest} to {largest} pixels");
        parsed(expected, Self::parse)
    }

    fn parse(text: &str) -> Option<Self> {
        let side = |digits: &str| {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            let side: u32 = digits.parse().ok().filter(|_| plain)?;
            (Self::SMALLEST..=Self::LARGEST).contains(&side).then_some(side)
        };
        let (width, height) = text.split_once('x')?;
        Some(Self { width: side(width)?, height: side(height)? })
    }
}

impl Rotation {
    fn new(degrees: u64) -> Option<Self> {
        match degrees {
            0 => Some(Self::Deg0),
            90 => Some(Self::Deg90),
            180 => Some(Self::Deg180),
            270 => Some(Self::Deg270),
            _ => None,
        }
    }
}

impl StaticQr {
    fn take(display: &Table, table: &Table, names: &ChannelNames) -> Option<Self> {
        if table.has("channel") == table.has("account") {
            // Both are asked for, so that neither is called unknown as well.
            table.optional_table("account").as_ref().and_then(account::take);
            table.optional("channel", parsed("", |_| Some(())));
            let expected = "either { channel = \"id\" } or { account = { bin = …, number = … } }";
            display.fault("static_qr", expected);
            return None;
        }
        if let Some(account) = table.optional_table("account") {
            return account::take(&account).map(Self::Account);
        }
        let channel = names.take(table, "channel")?;
        if names.is_other_than(&channel, ProviderName::Finan) {
            table.fault("channel", "a Finan channel, which can be asked for its account's code");
        }
        Some(Self::Channel(channel))
    }
}
