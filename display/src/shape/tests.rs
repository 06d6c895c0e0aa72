//! Tests of shapes as text: a letter or sign a pixel, from ` ` for none to `#` for all of it.

use embedded_graphics::geometry::OriginDimensions;

use super::*;

/// A small target that counts coverage by its brightness.
struct Grid {
    rows: Vec<Vec<u8>>,
}

impl OriginDimensions for Grid {
    fn size(&self) -> Extent {
        Extent::new(self.rows[0].len() as u32, self.rows.len() as u32)
    }
}

impl DrawTarget for Grid {
    type Color = Rgb888;
    type Error = std::convert::Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Self::Error> {
        for Pixel(place, colour) in pixels {
            let row = usize::try_from(place.y).ok().and_then(|y| self.rows.get_mut(y));
            if let Some(cell) = row.and_then(|row| row.get_mut(usize::try_from(place.x).ok()?)) {
                *cell = colour.r();
            }
        }
        Ok(())
    }
}

#[track_caller]
fn check(shapes: &[Shape], want: &[&str]) {
    let mut grid = Grid { rows: vec![vec![0; want[0].chars().count()]; want.len()] };
    let Ok(()) = Shape::draw_all(shapes, &mut grid, Ink { colour: Rgb888::WHITE, ground: Rgb888::BLACK });
    let sign = |value: &u8| [' ', '.', '-', '+', '#'][usize::from(*value).div_ceil(64)];
    let found: Vec<String> = grid.rows.iter().map(|row| row.iter().map(sign).collect()).collect();
    assert_eq!(found, want, "\n{}", found.join("\n"));
}

fn spot(x: i32, y: i32) -> Spot {
    Spot::new(x * Spot::UNIT, y * Spot::UNIT)
}

#[test]
fn a_disc_has_smooth_edges() {
    check(
        &[Shape::Disc { centre: spot(4, 4), radius: 32 }],
        &[" .+##+. ", ".######.", "+######+", "########", "########", "+######+", ".######.", " .+##+. "],
    );
}

#[test]
fn a_quarter_of_a_ring_lies_between_its_two_directions() {
    let arc = Shape::Arc { centre: spot(0, 8), outer: 64, inner: 40, from: Spot::new(0, -1), to: Spot::new(1, 0) };
    check(&[arc], &["##+.    ", "####+   ", "#####+  ", " -+###+ ", "   +###.", "    +##+", "    -###", "    .###"]);
}

#[test]
fn a_stroke_has_round_ends_and_its_thickness() {
    check(
        &[Shape::Stroke { from: spot(2, 2), to: spot(10, 2), radius: 12 }],
        &[" -++++++++- ", "-##########-", "-##########-", " -++++++++- "],
    );
}

#[test]
fn an_edge_moves_by_eighths_of_a_pixel() {
    let brightness = |eighths: i32| {
        let mut grid = Grid { rows: vec![vec![0; 2]] };
        let shape = Shape::Box { from: Spot::new(0, 0), to: Spot::new(eighths, 8), radius: 0 };
        let Ok(()) = shape.draw(&mut grid, Ink { colour: Rgb888::WHITE, ground: Rgb888::BLACK });
        grid.rows[0].iter().map(|&value| u32::from(value)).sum::<u32>()
    };
    let steps: Vec<u32> = (0..=16).map(brightness).collect();
    assert!(steps.windows(2).all(|pair| pair[1] > pair[0]), "{steps:?}");
}

#[test]
fn a_slanting_stroke_is_as_thick_as_a_level_one() {
    check(
        &[Shape::Stroke { from: spot(1, 1), to: spot(7, 7), radius: 8 }],
        &["+#.     ", "###.    ", ".###.   ", " .###.  ", "  .###. ", "   .###.", "    .###", "     .#+"],
    );
}

#[test]
fn two_triangles_that_touch_have_no_seam() {
    let upper = Shape::Triangle { corners: [spot(0, 0), spot(8, 0), spot(0, 8)] };
    let lower = Shape::Triangle { corners: [spot(8, 0), spot(8, 8), spot(0, 8)] };
    check(&[upper, lower], &["########"; 8]);
}

#[test]
fn a_box_is_round_at_its_corners_only() {
    check(
        &[Shape::Box { from: spot(1, 1), to: spot(11, 7), radius: 16 }],
        &[
            "            ",
            " -########- ",
            " ########## ",
            " ########## ",
            " ########## ",
            " ########## ",
            " -########- ",
            "            ",
        ],
    );
}

#[test]
fn what_lies_outside_the_target_is_left_out() {
    check(&[Shape::Disc { centre: spot(-100, -100), radius: 32 }], &["    "; 2]);
    check(&[Shape::Box { from: spot(-5, -5), to: spot(2, 1), radius: 0 }], &["##  ", "    "]);
}
