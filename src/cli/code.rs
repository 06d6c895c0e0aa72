//! A sale's code on the terminal, to be scanned from there. It must not know how the sale came by it.

use till_display::{Ground, QrCode, QrError};

use super::style::Style;

/// Why a code is not drawn.
#[derive(Debug)]
pub(super) enum NotDrawn {
    /// The terminal has fewer columns than the code.
    TooNarrow { has: usize, needs: usize },
    /// It cannot be encoded.
    Code(QrError),
}

/// Returns the lines of a code. With colours it is black on white, whatever the terminal's are. Without, a terminal is
/// taken to write light on dark, and everything else (a file, a printer, a letter) to be read dark on light.
pub(super) fn lines(payload: &str, style: Style) -> Result<Vec<String>, NotDrawn> {
    drawn(&QrCode::encode(payload).map_err(NotDrawn::Code)?, style)
}

/// The same for a code that is there.
pub(super) fn drawn(code: &QrCode, style: Style) -> Result<Vec<String>, NotDrawn> {
    const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
    let needs = code.modules() as usize;
    if let Some(has) = style.columns.filter(|columns| *columns < needs) {
        return Err(NotDrawn::TooNarrow { has, needs });
    }
    Ok(match (style.colour, style.columns) {
        (true, _) => {
            let lines = code.half_blocks(Ground::Light).into_iter();
            lines.map(|line| format!("{BLACK_ON_WHITE}{line}\x1b[0m")).collect()
        }
        (false, Some(_)) => code.half_blocks(Ground::Dark),
        (false, None) => code.half_blocks(Ground::Light),
    })
}
