//! Shows pictures to the eye.

use qrcode::{Color, EcLevel, QrCode};

use super::{EyeError, look};

const TEXT: &str = "00020101021238530010A0000007270123000697042301091234567890208QRIBFTTA53037045405500005802VN62130809test note630412A3";

/// A white picture with a code of `scale` pixels a module in its middle, if there is a text.
fn picture(text: Option<&str>, scale: usize, colours: png::ColorType) -> (Vec<u8>, Vec<Vec<bool>>) {
    const SIZE: usize = 400;
    let mut pixels = vec![255; SIZE * SIZE * colours.samples()];
    let mut modules = Vec::new();
    if let Some(text) = text {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("the text fits a code");
        let dark: Vec<bool> = code.to_colors().into_iter().map(|colour| colour == Color::Dark).collect();
        modules = dark.chunks(code.width()).map(<[bool]>::to_vec).collect();
        let edge = (SIZE - code.width() * scale) / 2;
        for y in 0..code.width() * scale {
            for x in (0..code.width() * scale).filter(|x| modules[y / scale][x / scale]) {
                let at = ((y + edge) * SIZE + x + edge) * colours.samples();
                pixels[at..at + colours.samples().min(3)].fill(0);
            }
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 400, 400);
    encoder.set_color(colours);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("the head fits into memory");
    writer.write_image_data(&pixels).expect("the pixels fit the head");
    writer.finish().expect("the end fits into memory");
    (bytes, modules)
}

#[test]
fn a_code_is_read_in_grey_and_in_colours() {
    for colours in [png::ColorType::Grayscale, png::ColorType::Rgb, png::ColorType::Rgba] {
        let (bytes, modules) = picture(Some(TEXT), 5, colours);
        let sight = look(&bytes).expect("the picture is a PNG");
        assert_eq!((sight.width, sight.height, sight.unreadable), (400, 400, 0), "{colours:?}");
        assert_eq!(sight.texts(), [TEXT], "{colours:?}");
        assert_eq!(sight.codes[0].modules, modules, "{colours:?}");
    }
}

#[test]
fn an_empty_picture_is_without_code() {
    let (bytes, _) = picture(None, 1, png::ColorType::Grayscale);
    assert!(look(&bytes).expect("the picture is a PNG").is_without_code());
}

#[test]
fn half_a_picture_and_no_picture_are_refused() {
    let (bytes, _) = picture(Some(TEXT), 5, png::ColorType::Rgb);
    assert!(matches!(look(&bytes[..bytes.len() / 2]), Err(EyeError::Decode(_))));
    assert!(matches!(look(b"GIF89a"), Err(EyeError::Decode(_))));
}
