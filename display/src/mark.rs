//! Marks that say a state without colour and without letters: tick, cross, hourglass and so on, made of smooth shapes.
//! Knows shapes, not where or why a mark stands.

use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

use crate::shape::{Ink, Shape, Spot};

/// A mark that is drawn into a square.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It has arrived.
    Tick,
    /// It was taken back.
    Cross,
    /// It takes time, or its time is over.
    Hourglass,
    /// Someone should look.
    Exclamation,
    /// Something came in.
    Plus,
    /// A part of the whole.
    Half,
    /// Its time was over.
    Clock,
    /// Somebody looks closely.
    Lens,
    /// It is being switched on.
    Power,
    /// Something is to be known.
    Info,
    /// It reaches the world.
    Bars,
    /// The person at the counter.
    Person,
    /// Something is being typed.
    Keypad,
    /// The last key is taken back.
    Back,
}

/// A square in which marks are measured out: a thousandth of its side is the unit.
#[derive(Clone, Copy)]
struct Square {
    left: i32,
    top: i32,
    side: i32,
}

impl Square {
    fn of(area: Rectangle) -> Self {
        let side = area.size.width.min(area.size.height) as i32;
        let spare = (area.size.width as i32 - side, area.size.height as i32 - side);
        Self {
            left: area.top_left.x * Spot::UNIT + spare.0 * Spot::UNIT / 2,
            top: area.top_left.y * Spot::UNIT + spare.1 * Spot::UNIT / 2,
            side: side * Spot::UNIT,
        }
    }

    fn length(self, thousandths: i32) -> i32 {
        (self.side * thousandths + 500) / 1000
    }

    fn spot(self, x: i32, y: i32) -> Spot {
        Spot::new(self.left + self.length(x), self.top + self.length(y))
    }

    fn stroke(self, from: (i32, i32), to: (i32, i32), radius: i32) -> Shape {
        Shape::Stroke { from: self.spot(from.0, from.1), to: self.spot(to.0, to.1), radius: self.length(radius) }
    }

    fn disc(self, (x, y): (i32, i32), radius: i32) -> Shape {
        Shape::Disc { centre: self.spot(x, y), radius: self.length(radius) }
    }

    fn arc(self, (x, y): (i32, i32), (outer, inner): (i32, i32), (from, to): ((i32, i32), (i32, i32))) -> Shape {
        Shape::Arc {
            centre: self.spot(x, y),
            outer: self.length(outer),
            inner: self.length(inner),
            from: Spot::new(from.0, from.1),
            to: Spot::new(to.0, to.1),
        }
    }

    fn triangle(self, corners: [(i32, i32); 3]) -> Shape {
        Shape::Triangle { corners: corners.map(|(x, y)| self.spot(x, y)) }
    }
}

impl Mark {
    /// Draws the mark alone; it fills about half of the square, so that it can stand on a disc.
    pub fn draw<D>(self, target: &mut D, area: Rectangle, ink: Ink) -> Result<(), D::Error>
    where
        D: DrawTarget<Color = Rgb888>,
    {
        Shape::draw_all(&self.shapes(Square::of(area)), target, ink)
    }

    /// Draws the mark in the ground's colour on a disc that fills the square.
    pub fn draw_on_disc<D>(self, target: &mut D, area: Rectangle, ink: Ink) -> Result<(), D::Error>
    where
        D: DrawTarget<Color = Rgb888>,
    {
        let square = Square::of(area);
        let disc = Shape::Disc { centre: square.spot(500, 500), radius: square.length(500) };
        disc.draw(target, ink)?;
        self.draw(target, area, Ink { colour: ink.ground, ground: ink.colour })
    }

    /// Draws the mark within a ring that fills the square.
    pub fn draw_in_ring<D>(self, target: &mut D, area: Rectangle, ink: Ink) -> Result<(), D::Error>
    where
        D: DrawTarget<Color = Rgb888>,
    {
        let square = Square::of(area);
        let ring = Shape::Ring { centre: square.spot(500, 500), outer: square.length(500), inner: square.length(430) };
        ring.draw(target, ink)?;
        self.draw(target, area, ink)
    }

    fn shapes(self, square: Square) -> Vec<Shape> {
        match self {
            Self::Tick => vec![square.stroke((262, 520), (432, 690), 62), square.stroke((432, 690), (742, 350), 62)],
            Self::Cross => vec![square.stroke((335, 335), (665, 665), 52), square.stroke((665, 335), (335, 665), 52)],
            Self::Hourglass => vec![
                square.stroke((330, 265), (670, 265), 38),
                square.stroke((330, 735), (670, 735), 38),
                square.triangle([(355, 300), (645, 300), (500, 535)]),
                square.triangle([(355, 700), (645, 700), (500, 465)]),
            ],
            Self::Exclamation => {
                vec![square.stroke((500, 270), (500, 550), 55), square.disc((500, 720), 62)]
            }
            Self::Plus => vec![square.stroke((285, 500), (715, 500), 55), square.stroke((500, 285), (500, 715), 55)],
            Self::Half => vec![square.arc((500, 500), (340, 0), ((0, 1), (0, -1)))],
            Self::Clock => vec![square.stroke((500, 500), (500, 270), 48), square.stroke((500, 500), (655, 595), 48)],
            Self::Lens => vec![
                Shape::Ring { centre: square.spot(450, 450), outer: square.length(215), inner: square.length(140) },
                square.stroke((620, 620), (725, 725), 52),
            ],
            Self::Power => vec![
                square.stroke((500, 260), (500, 470), 45),
                square.arc((500, 520), (270, 185), ((574, -819), (0, 1))),
                square.arc((500, 520), (270, 185), ((0, 1), (-574, -819))),
            ],
            Self::Info => vec![square.disc((500, 290), 65), square.stroke((500, 460), (500, 725), 55)],
            Self::Bars => vec![
                square.stroke((305, 675), (305, 620), 62),
                square.stroke((500, 675), (500, 480), 62),
                square.stroke((695, 675), (695, 340), 62),
            ],
            Self::Person => vec![square.disc((500, 360), 140), square.arc((500, 790), (260, 0), ((-1, 0), (1, 0)))],
            Self::Keypad => {
                let places = [290, 500, 710];
                places.iter().flat_map(|&y| places.iter().map(move |&x| square.disc((x, y), 72))).collect()
            }
            Self::Back => vec![
                square.stroke((270, 500), (755, 500), 45),
                square.stroke((270, 500), (445, 325), 45),
                square.stroke((270, 500), (445, 675), 45),
            ],
        }
    }
}
