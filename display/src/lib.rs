//! Turns screens, which are values with plain text in them, into pixels, and brings pixels to panels. It knows
//! nothing of payments, clocks or languages: the caller chooses the words, this crate chooses place, size and colour.

mod blocks;
mod console;
mod frame;
mod lettering;
mod linux;
mod logo;
mod mark;
mod panel;
mod picture;
mod qr;
mod screen;
mod shape;
mod size;
mod sys;
mod theme;
mod touch;

pub use blocks::Ground;
pub use console::{Console, ConsoleError};
pub use frame::Frame;
pub use lettering::{Face, Fit, Leading, SCALE, Setting, Step, Style, Type};
pub use logo::{Logo, LogoError};
pub use mark::Mark;
pub use panel::{
    CardError, ColourOrder, Controller, DrmPanel, FbdevPanel, GeometryError, Glass, GlassError, Lines, Opened, Panel,
    PanelError, PngPanel, SpiPanel, Wiring,
};
pub use picture::{Effort, PictureError, encode};
pub use qr::{MIN_MODULE, QUIET_ZONE, QrCode, QrError};
pub use screen::{
    Audience, Countdown, DrawError, EndKind, Line, Link, LinkKind, MOTION_STEPS, OpenCode, Placed, Screen, draw,
    draw_placed, draw_touch, has_room_for_keypad, qr_fits,
};
pub use shape::{Ink, Shape, Spot};
pub use size::{Rotation, RotationError, Size, SizeError};
pub use theme::{Theme, ThemeError};
pub use touch::{Key, Keys, Surface, Touch};
