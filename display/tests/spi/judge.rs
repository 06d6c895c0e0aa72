//! The controller that is none objects to what the data sheets forbid, so that its silence means something.

use crate::chip::Chip;
use crate::sheet::{
    CASET, COLMOD, DISPON, ILI9341, ILI9488, LONG_NS, MADCTL, MV, MX, RAMWR, RASET, SHORT_NS, SLPIN, SLPOUT, ST7789,
    SWRESET, Sheet,
};

/// A step of a stream.
enum Step<'a> {
    Wait(u64),
    Send(u8, &'a [u8]),
    Reset(u64),
}

use Step::{Reset, Send, Wait};

fn judged(sheet: &'static Sheet, steps: &[Step<'_>]) -> (Chip, Vec<String>) {
    let mut chip = Chip::new(sheet);
    for step in steps {
        match step {
            Wait(ns) => chip.now += ns,
            Send(command, parameters) => {
                chip.data_line(false);
                chip.take(&[*command]);
                if !parameters.is_empty() {
                    chip.data_line(true);
                    chip.take(parameters);
                }
            }
            Reset(ns) => {
                chip.reset_line(false);
                chip.now += ns;
                chip.reset_line(true);
            }
        }
    }
    chip.settle();
    let name = format!("{}: ", sheet.name);
    let objections = chip.objections.iter().map(|line| line.replace(&name, "")).collect();
    (chip, objections)
}

#[track_caller]
fn check(sheet: &'static Sheet, steps: &[Step<'_>], want: &[&str]) {
    assert_eq!(judged(sheet, steps).1, want);
}

#[test]
fn commands_that_come_too_early_are_objected_to() {
    check(&ST7789, &[Send(SWRESET, &[])], &["command 01h comes 5000 µs too early"]);
    check(&ST7789, &[Reset(9_000)], &["a reset of 9000 ns"]);
    check(&ST7789, &[Reset(10_000), Wait(SHORT_NS), Send(MADCTL, &[0])], &[]);
    let woken = [Wait(SHORT_NS), Send(SLPOUT, &[])];
    check(&ILI9341, &woken, &["sleep changes 115000 µs too early"]);
    let hasty = [Wait(LONG_NS), Send(SLPOUT, &[]), Send(MADCTL, &[0])];
    check(&ILI9488, &hasty, &["command 36h comes 5000 µs too early"]);
    let lit = [Wait(LONG_NS), Send(SLPOUT, &[]), Wait(LONG_NS - 1), Send(DISPON, &[])];
    check(&ILI9488, &lit, &["the display is switched on before it is awake"]);
    let tired = [Wait(LONG_NS), Send(SLPOUT, &[]), Wait(SHORT_NS), Send(SLPIN, &[])];
    check(&ILI9488, &tired, &["sleep changes 115000 µs too early"]);
    check(&ST7789, &[Wait(LONG_NS), Send(DISPON, &[])], &["the display is switched on before it is awake"]);
}

#[test]
fn commands_that_are_none_and_wrong_parameters_are_objected_to() {
    let ready = || Wait(LONG_NS);
    check(&ST7789, &[ready(), Send(0xb6, &[2, 2, 0x3b])], &["there is no command B6h"]);
    check(&ILI9488, &[ready(), Send(0xb6, &[2, 2, 0x27])], &["320 rows are driven"]);
    check(&ST7789, &[ready(), Send(MADCTL, &[0, 0])], &["command 36h with 2 parameters"]);
    check(&ST7789, &[ready(), Send(MADCTL, &[1])], &["MADCTL 01h has a bit that is none"]);
    check(&ILI9341, &[ready(), Send(COLMOD, &[0x66])], &["COLMOD 66h is not the format of this interface"]);
    check(&ILI9488, &[ready(), Send(COLMOD, &[0x55])], &["COLMOD 55h is not the format of this interface"]);
    check(&ILI9341, &[ready(), Send(CASET, &[0, 0, 0, 240])], &["a window from 0 to 240 of 240"]);
    check(&ILI9341, &[ready(), Send(CASET, &[0, 9, 0, 8])], &["a window from 9 to 8 of 240"]);
    check(&ILI9341, &[ready(), Send(RASET, &[0, 0, 1, 63])], &[]);
    check(&ILI9341, &[ready(), Send(RASET, &[0, 0, 1, 64])], &["a window from 0 to 320 of 320"]);
    check(&ILI9341, &[ready(), Send(MADCTL, &[MV]), Send(CASET, &[0, 0, 1, 63])], &[]);
}

#[test]
fn pixels_are_as_many_as_their_window_has_and_go_where_the_data_sheet_says() {
    let window = |pixels| {
        let to = [Send(CASET, &[0, 1, 0, 2]), Send(RASET, &[0, 5, 0, 5]), Send(RAMWR, pixels)];
        [Wait(LONG_NS), Send(COLMOD, &[0x55]), Send(MADCTL, &[MX])].into_iter().chain(to).collect::<Vec<_>>()
    };
    check(&ST7789, &window(&[0; 3]), &["3 bytes for a window of 2x1"]);
    check(&ST7789, &window(&[0; 5]), &["5 bytes for a window of 2x1"]);
    check(
        &ST7789,
        &[Wait(LONG_NS), Send(RAMWR, &[])],
        &["0 bytes for a window of 240x320", "pixels before their format"],
    );
    let (chip, objections) = judged(&ST7789, &window(&[0xf8, 0x1f, 0x07, 0xe0]));
    assert_eq!(objections, [""; 0]);
    assert_eq!(chip.stored(chip.place(238, 5)), [31, 0, 31]);
    assert_eq!(chip.stored(chip.place(237, 5)), [0, 63, 0]);
}
