//! The two themes and the colours of each. Knows colours and what they are for, not where they are used.

use std::str::FromStr;

use embedded_graphics::pixelcolor::Rgb888;

/// Light or dark surroundings; a code is black on white in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Theme {
    /// Dark text on a light ground.
    #[default]
    Light,
    /// Light text on a dark ground.
    Dark,
}

impl FromStr for Theme {
    type Err = ThemeError;

    fn from_str(text: &str) -> Result<Self, ThemeError> {
        match text {
            "light" => Ok(Self::Light),
            "dark" => Ok(Self::Dark),
            _ => Err(ThemeError { text: text.chars().take(40).collect() }),
        }
    }
}

/// A name that is no theme.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a theme, expected `light` or `dark`")]
pub struct ThemeError {
    /// The name, at most 40 characters of it.
    pub text: String,
}

/// The colours of a theme, named after what they are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Palette {
    /// Behind everything.
    pub(crate) ground: Rgb888,
    /// Behind the cashier's words.
    pub(crate) strip: Rgb888,
    /// Text that is read first.
    pub(crate) ink: Rgb888,
    /// Text that explains.
    pub(crate) muted: Rgb888,
    /// Rules and empty tracks.
    pub(crate) rule: Rgb888,
    /// What moves or is under way.
    pub(crate) accent: Rgb888,
    /// Good news.
    pub(crate) good: Rgb888,
    /// Someone should look.
    pub(crate) warn: Rgb888,
    /// It did not work.
    pub(crate) bad: Rgb888,
}

/// The colours of the field that says that money has arrived; the same in both themes so that it is learnt once.
pub(crate) const FIELD: Rgb888 = Rgb888::new(0x06, 0x70, 0x3A);
/// The quieter tone on that field: tracks and explaining text.
pub(crate) const FIELD_SOFT: Rgb888 = Rgb888::new(0x3A, 0x92, 0x66);
/// Explaining text on that field.
pub(crate) const FIELD_TEXT: Rgb888 = Rgb888::new(0xD6, 0xF2, 0xE3);
/// The ground of a code, and what is written on the field.
pub(crate) const WHITE: Rgb888 = Rgb888::new(0xFF, 0xFF, 0xFF);
/// The modules of a code.
pub(crate) const BLACK: Rgb888 = Rgb888::new(0, 0, 0);

impl Theme {
    /// Returns the colours; every text colour has a contrast of at least 4.5 : 1 on `ground`.
    pub(crate) fn palette(self) -> Palette {
        match self {
            Self::Light => Palette {
                ground: Rgb888::new(0xF1, 0xF4, 0xF8),
                strip: Rgb888::new(0xE2, 0xE8, 0xF0),
                ink: Rgb888::new(0x10, 0x18, 0x24),
                muted: Rgb888::new(0x54, 0x60, 0x70),
                rule: Rgb888::new(0xD3, 0xDA, 0xE3),
                accent: Rgb888::new(0x0B, 0x57, 0xD0),
                good: Rgb888::new(0x06, 0x70, 0x3A),
                warn: Rgb888::new(0x9A, 0x52, 0x00),
                bad: Rgb888::new(0xB4, 0x23, 0x18),
            },
            Self::Dark => Palette {
                ground: Rgb888::new(0x10, 0x15, 0x1C),
                strip: Rgb888::new(0x1C, 0x25, 0x30),
                ink: Rgb888::new(0xF4, 0xF6, 0xF9),
                muted: Rgb888::new(0xA6, 0xB1, 0xC0),
                rule: Rgb888::new(0x2E, 0x38, 0x45),
                accent: Rgb888::new(0x7C, 0xB3, 0xFF),
                good: Rgb888::new(0x4C, 0xD6, 0x8B),
                warn: Rgb888::new(0xFF, 0xBA, 0x5C),
                bad: Rgb888::new(0xFF, 0x8A, 0x80),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use embedded_graphics::pixelcolor::RgbColor;

    use super::*;

    /// WCAG relative luminance.
    fn luminance(colour: Rgb888) -> f64 {
        let part = |value: u8| {
            let share = f64::from(value) / 255.0;
            if share <= 0.03928 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(colour.r()) + 0.7152 * part(colour.g()) + 0.0722 * part(colour.b())
    }

    fn contrast(one: Rgb888, other: Rgb888) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_text_colour_stands_out_from_its_ground() {
        for theme in [Theme::Light, Theme::Dark] {
            let colours = theme.palette();
            for text in [colours.ink, colours.muted, colours.accent, colours.good, colours.warn, colours.bad] {
                let found = contrast(text, colours.ground);
                assert!(found >= 4.5, "{theme:?} {text:?}: {found}");
                let found = contrast(text, colours.strip);
                assert!(found >= 4.5, "{theme:?} {text:?} on the strip: {found}");
            }
        }
        assert!(contrast(WHITE, FIELD) >= 4.5 && contrast(FIELD_TEXT, FIELD) >= 4.5);
    }

    #[test]
    fn a_theme_is_read_from_its_name() {
        assert_eq!("light".parse(), Ok(Theme::Light));
        assert_eq!("dark".parse(), Ok(Theme::Dark));
        assert_eq!("Dark".parse::<Theme>(), Err(ThemeError { text: "Dark".into() }));
    }
}
