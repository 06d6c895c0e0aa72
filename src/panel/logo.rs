//! The shop's picture from its file: bounded before it is read. It must not know where it is drawn.

use std::path::Path;

use till_display::{Logo, LogoError};

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum LogoFault {
    /// The file cannot be read, is longer than 1 MiB, or is no regular file.
    #[error("cannot read it")]
    Read(#[source] std::io::Error),
    /// The file is no picture that can be used.
    #[error("cannot use it")]
    Use(#[source] LogoError),
}

/// Reads the shop's picture: a PNG of at most 1 MiB and 2048 pixels a side.
///
/// # Errors
/// When the file cannot be read or is no such picture; the display can do without.
pub fn read_logo(file: &Path) -> Result<Logo, LogoFault> {
    // A constant of this program, far below u64::MAX.
    let bytes = till_settings::read_bounded(file, Logo::MAX_BYTES as u64).map_err(LogoFault::Read)?;
    Logo::decode(&bytes).map_err(LogoFault::Use)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_picture_is_read_and_what_is_none_is_refused_with_the_reason() {
        let folder = std::env::temp_dir().join(format!("tilld-logo-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder of this test's own");
        let file = |name: &str, bytes: &[u8]| {
            let file = folder.join(name);
            fs::write(&file, bytes).expect("the folder is ours");
            file
        };
        let said = |file: &Path| read_logo(file).map(drop).map_err(|fault| till_settings::tls::whole_chain(&fault));
        let frame = till_display::Frame::new(till_display::Size::SMALLEST);
        let picture = till_display::encode(&frame, till_display::Rotation::Deg0, till_display::Effort::Fast);
        let picture = picture.expect("a picture");
        assert_eq!(said(&file("good.png", &picture)), Ok(()));
        let faults = [
            (file("cut.png", &picture[..picture.len() / 2]), "cannot use it: it is not a whole PNG picture"),
            (file("text.png", b"GIF89a"), "cannot use it: it is not a whole PNG picture"),
            (file("long.png", &vec![0; (1 << 20) + 1]), "cannot read it: larger than 1048576 bytes"),
            (folder.join("none.png"), "cannot read it: No such file"),
            (folder.clone(), "cannot read it: not a regular file"),
        ];
        for (file, reason) in faults {
            let found = said(&file).expect_err("no picture");
            assert!(found.starts_with(reason), "{}: {found}", file.display());
        }
        // Harmless where it stays behind.
        let _ = fs::remove_dir_all(&folder);
    }
}
