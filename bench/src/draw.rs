//! Draws the sample screens at 800×480 in this process: how long a frame takes here. It must not know the samples' words.

#[path = "../../display/tests/samples/mod.rs"]
mod samples;

use std::hint::black_box;

use samples::{Language, screens};
use till_display::{Effort, Frame, Rotation, Screen, Size, Theme, Type, draw, encode};

use crate::Fault;
use crate::clock;
use crate::figure::{Figure, Unit};

/// The names of all sample screens.
pub(crate) fn names() -> Vec<&'static str> {
    screens(Language::Vietnamese).into_iter().map(|(name, _)| name).collect()
}

/// Draws a screen so many times, each time over the same frame.
pub(crate) fn repeat(name: &str, times: u32, png: bool) -> Result<(), Fault> {
    let screen = screen(name)?;
    let mut frame = frame()?;
    let mut letters = Type::new();
    for _ in 0..times {
        draw(&screen, Theme::Light, &mut frame, &mut letters)?;
    }
    for _ in 0..if png { times } else { 0 } {
        black_box(encode(&frame, Rotation::Deg0, Effort::Fast)?);
    }
    black_box(&frame);
    Ok(())
}

/// Times `count` drawings of each screen after one that fills the store of letters.
pub(crate) fn measure(names: &[&str], count: usize) -> Result<Vec<Figure>, Fault> {
    let mut figures = Vec::new();
    let mut encoding = Figure::new("PNG of a frame of 800×480, any screen", Unit::Ms);
    for name in names {
        let screen = screen(name)?;
        let (mut frame, mut letters) = (frame()?, Type::new());
        let mut figure = Figure::new(format!("draw `{name}`"), Unit::Ms).aim(3.3);
        for round in 0..=count {
            let start = clock::now();
            draw(&screen, Theme::Light, &mut frame, &mut letters)?;
            let drawn = clock::now();
            black_box(encode(&frame, Rotation::Deg0, Effort::Fast)?);
            if round > 0 {
                figure.add(drawn.ms_since(start));
                encoding.add(clock::now().ms_since(drawn));
            }
        }
        figures.push(figure);
    }
    figures.push(encoding);
    Ok(figures)
}

fn screen(name: &str) -> Result<Screen, Fault> {
    let found = screens(Language::Vietnamese).into_iter().find(|(known, _)| *known == name);
    Ok(found.ok_or_else(|| format!("`{name}` is none of {:?}", names()))?.1)
}

fn frame() -> Result<Frame, Fault> {
    Ok(Frame::new(Size::new(800, 480)?))
}
