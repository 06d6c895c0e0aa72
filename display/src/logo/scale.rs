//! Makes pictures smaller: a weighted mean of all pixels that fall into one. Knows numbers, no colours.

/// Red, green, blue and opacity of each pixel, the colours multiplied by the opacity, rows from top to bottom.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Raster {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) pixels: Vec<u8>,
}

const PARTS: usize = 4;
/// Weights are counted in so many bits of a fraction.
const BITS: u32 = 14;

impl Raster {
    /// Returns the picture in a size that is at most its own.
    pub(super) fn shrunk(&self, width: u32, height: u32) -> Self {
        if (width, height) == (self.width, self.height) {
            return self.clone();
        }
        let mut shrunk = self.narrowed_and_turned(width).narrowed_and_turned(height);
        // The filter overshoots beside an edge; no colour can be brighter than it is opaque.
        for pixel in shrunk.pixels.chunks_exact_mut(PARTS) {
            let alpha = pixel[PARTS - 1];
            pixel.iter_mut().for_each(|part| *part = (*part).min(alpha));
        }
        shrunk
    }

    /// Returns the picture narrower, with rows and columns exchanged: done twice, it is smaller and upright.
    fn narrowed_and_turned(&self, width: u32) -> Self {
        let taps = taps(self.width, width);
        let (across, down) = (self.height as usize, width as usize);
        let mut pixels = vec![0; across * down * PARTS];
        for (y, row) in self.pixels.chunks_exact(self.width as usize * PARTS).enumerate() {
            for (x, tap) in taps.iter().enumerate() {
                let mut sums = [1 << (BITS - 1); PARTS];
                for (pixel, &weight) in row.chunks_exact(PARTS).skip(tap.first).zip(&tap.weights) {
                    for (sum, &part) in sums.iter_mut().zip(pixel) {
                        *sum += weight * i32::from(part);
                    }
                }
                let start = (x * across + y) * PARTS;
                for (place, sum) in pixels[start..start + PARTS].iter_mut().zip(sums) {
                    *place = (sum >> BITS).clamp(0, 255) as u8;
                }
            }
        }
        Self { width: self.height, height: width, pixels }
    }
}

/// What a pixel of the smaller picture is made of: this pixel of the larger one and the following, each so much.
struct Tap {
    first: usize,
    /// Together 1 << [`BITS`], so that a plain field stays what it is.
    weights: Vec<i32>,
}

fn taps(from: u32, to: u32) -> Vec<Tap> {
    let scale = f64::from(from) / f64::from(to.max(1));
    let tap = |place: u32| {
        let centre = (f64::from(place) + 0.5) * scale;
        let reach = 2.0 * scale;
        // Both are within the larger picture.
        let first = (centre - reach + 0.5).max(0.0) as u32;
        let end = ((centre + reach + 0.5) as u32).clamp(first + 1, from);
        let shares: Vec<f64> = (first..end).map(|x| kernel((f64::from(x) + 0.5 - centre) / scale)).collect();
        let whole: f64 = shares.iter().sum();
        let one = 1 << BITS;
        let mut weights: Vec<i32> =
            shares.iter().map(|share| (share / whole * f64::from(one)).round() as i32).collect();
        let rest = one - weights.iter().sum::<i32>();
        let middle = weights.len() / 2;
        weights[middle] += rest;
        Tap { first: first as usize, weights }
    };
    (0..to).map(tap).collect()
}

/// The cubic of Catmull and Rom, which keeps edges sharp with little overshoot. Source: Mitchell and Netravali,
/// "Reconstruction Filters in Computer Graphics", 1988, with B = 0 and C = 1/2.
fn kernel(x: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((2.5 - 0.5 * x) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}
