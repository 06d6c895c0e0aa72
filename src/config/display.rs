//! `[display]`: what customers look at. It must not open the device or draw.

use std::path::{Path, PathBuf};

use till_settings::{Kind, Table, one_of, parsed, path, text, whole};
use till_wire::{Account, ChannelId};

use super::account;
use super::names::{ChannelNames, ProviderName};

/// The display and how it is drawn on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Display {
    /// What it is.
    pub driver: Driver,
    /// How it is mounted.
    pub rotation: Rotation,
    /// Its colours.
    pub theme: Theme,
    /// Which text console is kept off it, where a console could be seen on it.
    pub console: Console,
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
        /// The name of the output, such as `HDMI-A-1`; without it the first on which there is a display.
        connector: Option<String>,
        /// The size of the mode; without it the mode that the display prefers.
        mode: Option<Size>,
    },
    /// A panel on the SPI bus.
    Spi {
        /// Its device, by default `/dev/spidev0.0`.
        device: PathBuf,
        /// Its pixels, before rotation.
        size: Size,
    },
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

/// Which text console is kept off the display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Console {
    /// The terminal that the daemon was started on, if that is one.
    Own,
    /// This one.
    Device(PathBuf),
    /// None.
    None,
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
        let console = table.or("console", Console::Own, Console::kind());
        Some(Self { driver: driver?, rotation, theme, console, static_qr })
    }
}

fn take_driver(table: &Table) -> Option<Driver> {
    let words =
        [("fbdev", Word::Fbdev), ("drm", Word::Drm), ("spi", Word::Spi), ("png", Word::Png), ("none", Word::None)];
    let word = table.required("driver", one_of(words));
    let default = Size { width: 800, height: 480 };
    let size = table.or("size", default, Size::kind());
    let device = table.optional("device", path());
    let connector = table.optional("connector", text(1..=32));
    let mode = table.optional("mode", Size::kind());
    let or = |default: &str| device.clone().unwrap_or_else(|| PathBuf::from(default));
    Some(match word? {
        Word::Fbdev => Driver::Fbdev { device: or("/dev/fb0") },
        Word::Drm => Driver::Drm { device: or("/dev/dri/card0"), connector, mode },
        Word::Spi => Driver::Spi { device: or("/dev/spidev0.0"), size },
        Word::Png => {
            if !table.has("device") {
                table.fault("device", "the file that the png driver writes");
            }
            Driver::Png { file: device?, size }
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

impl Console {
    fn kind() -> Kind<Self> {
        parsed("auto, none or a device such as /dev/tty1", |text| match text {
            "auto" => Some(Self::Own),
            "none" => Some(Self::None),
            path if path.starts_with('/') && path.len() <= Self::LONGEST => Some(Self::Device(path.into())),
            _ => None,
        })
    }

    /// The longest path of a device, in bytes.
    const LONGEST: usize = 100;

    /// Returns the device of a console that could be seen on a display of this driver.
    pub fn device(&self, driver: &Driver) -> Option<&Path> {
        match (driver, self) {
            (Driver::Fbdev { .. } | Driver::Drm { .. }, Self::Own) => Some(Path::new("/dev/tty")),
            (Driver::Fbdev { .. } | Driver::Drm { .. }, Self::Device(device)) => Some(device),
            (Driver::Fbdev { .. } | Driver::Drm { .. }, Self::None)
            | (Driver::Spi { .. } | Driver::Png { .. } | Driver::None, _) => None,
        }
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
