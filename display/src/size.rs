//! The size of a picture and how a panel is mounted. Knows numbers only, no pixels.

use std::fmt;
use std::str::FromStr;

/// Width and height in pixels, each within [`Size::MIN`] ..= [`Size::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    width: u32,
    height: u32,
}

impl Size {
    /// The shortest side that every screen can be laid out on, in pixels.
    pub const MIN: u32 = 240;
    /// The longest side that is taken, in pixels; it bounds the memory of a frame.
    pub const MAX: u32 = 4096;
    /// The smallest size.
    pub const SMALLEST: Self = Self { width: Self::MIN, height: Self::MIN };

    /// Returns the size, or an error when a side is out of bounds.
    pub fn new(width: u32, height: u32) -> Result<Self, SizeError> {
        let bounds = Self::MIN..=Self::MAX;
        if bounds.contains(&width) && bounds.contains(&height) {
            Ok(Self { width, height })
        } else {
            Err(SizeError::OutOfBounds { width, height })
        }
    }

    /// Returns the width in pixels.
    pub fn width(self) -> u32 {
        self.width
    }

    /// Returns the height in pixels.
    pub fn height(self) -> u32 {
        self.height
    }

    /// Returns a size that is shorter by so many pixels on each side, though not below 1: part of a frame, which may be
    /// smaller than [`Size::MIN`].
    pub(crate) fn less(self, by: u32) -> Self {
        Self { width: self.width.saturating_sub(by).max(1), height: self.height.saturating_sub(by).max(1) }
    }

    /// Returns the size of a part of a frame, which may be smaller than [`Size::MIN`]; each side is at least 1.
    pub(crate) fn part(width: i32, height: i32) -> Self {
        Self { width: width.max(1).unsigned_abs(), height: height.max(1).unsigned_abs() }
    }

    /// Returns the size that a picture of this size has after it was turned.
    pub fn turned(self, rotation: Rotation) -> Self {
        match rotation {
            Rotation::Deg0 | Rotation::Deg180 => self,
            Rotation::Deg90 | Rotation::Deg270 => Self { width: self.height, height: self.width },
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

impl FromStr for Size {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        let unreadable = || SizeError::Unreadable { text: text.chars().take(40).collect() };
        let (width, height) = text.split_once('x').ok_or_else(unreadable)?;
        Self::new(side(width).ok_or_else(unreadable)?, side(height).ok_or_else(unreadable)?)
    }
}

/// Reads digits only: `u32::from_str` would also take a leading `+`.
fn side(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// Why a text or two numbers are no size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// The text is not two whole numbers with an `x` between them.
    #[error("`{text}` is not a size, expected WIDTHxHEIGHT such as `800x480`")]
    Unreadable {
        /// The text, at most 40 characters of it.
        text: String,
    },
    /// A side is shorter or longer than screens can be laid out on.
    #[error("{width}x{height} is out of bounds, expected sides of {} to {} pixels", Size::MIN, Size::MAX)]
    OutOfBounds {
        /// The width that was asked for, in pixels.
        width: u32,
        /// The height that was asked for, in pixels.
        height: u32,
    },
}

/// How far a picture is turned clockwise on its way to the panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rotation {
    /// As drawn.
    #[default]
    Deg0,
    /// A quarter turn clockwise.
    Deg90,
    /// Upside down.
    Deg180,
    /// A quarter turn anticlockwise.
    Deg270,
}

impl Rotation {
    /// Returns the rotation of 0, 90, 180 or 270 degrees clockwise.
    pub fn from_degrees(degrees: u32) -> Result<Self, RotationError> {
        match degrees {
            0 => Ok(Self::Deg0),
            90 => Ok(Self::Deg90),
            180 => Ok(Self::Deg180),
            270 => Ok(Self::Deg270),
            _ => Err(RotationError { degrees }),
        }
    }

    /// Returns the angle in degrees clockwise.
    pub fn degrees(self) -> u32 {
        match self {
            Self::Deg0 => 0,
            Self::Deg90 => 90,
            Self::Deg180 => 180,
            Self::Deg270 => 270,
        }
    }
}

/// An angle that is none of the four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{degrees} is not a rotation, expected 0, 90, 180 or 270")]
pub struct RotationError {
    /// The angle that was asked for.
    pub degrees: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_read_and_written_alike() {
        let size: Size = "800x480".parse().expect("a common size");
        assert_eq!((size.width(), size.height()), (800, 480));
        assert_eq!(size.to_string(), "800x480");
        assert_eq!(size.turned(Rotation::Deg90).to_string(), "480x800");
        assert_eq!(size.turned(Rotation::Deg180), size);
    }

    #[test]
    fn what_is_no_size_is_refused_with_the_reason() {
        for text in ["", "800", "800x", "x480", "+800x480", "800×480", "800x480x2", " 800x480", "99999999999x480"] {
            let want = SizeError::Unreadable { text: text.into() };
            assert_eq!(text.parse::<Size>(), Err(want));
        }
        for (width, height) in [(239, 480), (800, 239), (4097, 480), (0, 0)] {
            let want = SizeError::OutOfBounds { width, height };
            assert_eq!(format!("{width}x{height}").parse::<Size>(), Err(want));
        }
    }

    #[test]
    fn a_rotation_is_one_of_four_angles() {
        for degrees in [0, 90, 180, 270] {
            assert_eq!(Rotation::from_degrees(degrees).map(Rotation::degrees), Ok(degrees));
        }
        assert_eq!(Rotation::from_degrees(45), Err(RotationError { degrees: 45 }));
    }
}
