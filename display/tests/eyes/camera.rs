//! A picture as a phone's camera takes it: out of focus, at another scale, turned, lit unevenly, and noisy.

use super::Grey;

/// How a picture is taken. Lengths are in modules of the code, because they are what a decoder has to tell apart.
pub(crate) struct Photo {
    /// How far light is spread: its deviation, in modules.
    pub(crate) blur: f64,
    /// How many pixels of the photo a module gets.
    pub(crate) pixels: f64,
    /// How far the phone is turned, in degrees.
    pub(crate) degrees: f64,
    /// Whether the light falls from one side, with a bright spot and a dark corner.
    pub(crate) uneven: bool,
    /// The deviation of the sensor's noise, of 255.
    pub(crate) noise: f64,
}

impl Photo {
    /// Takes a picture in which a module has `module` pixels.
    pub(crate) fn take(&self, picture: &Grey, module: usize) -> Grey {
        // More than 6 pixels a module tell a camera nothing: its own are larger.
        let step = (module / 6).max(1);
        let picture = &shrunk(picture, step);
        let module = module as f64 / step as f64;
        // Two boxes are nearly what a lens does; a box's deviation is its width divided by the root of twelve.
        let box_width = self.blur * module * 6.0_f64.sqrt();
        let soft = boxed(&boxed(picture, box_width), box_width);
        let scale = self.pixels / module;
        let (sin, cos) = self.degrees.to_radians().sin_cos();
        let (from_width, from_height) = (soft.width as f64, soft.height as f64);
        let width = ((from_width * cos + from_height * sin.abs()) * scale).ceil() as usize;
        let height = ((from_width * sin.abs() + from_height * cos) * scale).ceil() as usize;
        let mut noise = Noise(0x2545_f491_4f6c_dd1d);
        let mut pixels = Vec::with_capacity(width * height);
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            let across = (x as f64 - width as f64 / 2.0) / scale;
            let down = (y as f64 - height as f64 / 2.0) / scale;
            let from_x = across * cos + down * sin + from_width / 2.0 - 0.5;
            let from_y = down * cos - across * sin + from_height / 2.0 - 0.5;
            let light = if self.uneven { light(x as f64 / width as f64, y as f64 / height as f64) } else { 1.0 };
            let grain = self.noise * noise.next();
            pixels.push((between(&soft, from_x, from_y) * light + grain).round().clamp(0.0, 255.0) as u8);
        }
        Grey { width, height, pixels }
    }
}

/// Returns the picture with squares of `step` pixels made one.
fn shrunk(picture: &Grey, step: usize) -> Grey {
    let (width, height) = (picture.width / step, picture.height / step);
    let mean = |x: usize, y: usize| {
        let rows = (y * step..(y + 1) * step).map(|y| &picture.pixels[y * picture.width + x * step..][..step]);
        (rows.flatten().map(|pixel| usize::from(*pixel)).sum::<usize>() / (step * step)) as u8
    };
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    Grey { width, height, pixels: pixels.map(|(x, y)| mean(x, y)).collect() }
}

/// Returns how much light falls on a place; both coordinates run from 0 to 1.
fn light(x: f64, y: f64) -> f64 {
    let slope = 0.55 + 0.45 * (0.7 * x + 0.3 * y);
    let spot = 0.25 * (-((x - 0.7).powi(2) + (y - 0.3).powi(2)) / 0.02).exp();
    let corner = 0.2 * (-(x.powi(2) + (1.0 - y).powi(2)) / 0.08).exp();
    slope + spot - corner
}

/// Returns the brightness between pixels; around the display is a counter of middling grey.
fn between(picture: &Grey, x: f64, y: f64) -> f64 {
    let at = |x: f64, y: f64| {
        let inside = x >= 0.0 && y >= 0.0 && x < picture.width as f64 && y < picture.height as f64;
        if inside { f64::from(picture.pixels[y as usize * picture.width + x as usize]) } else { 110.0 }
    };
    let (left, top) = (x.floor(), y.floor());
    let (right, down) = (x - left, y - top);
    let upper = at(left, top) * (1.0 - right) + at(left + 1.0, top) * right;
    let lower = at(left, top + 1.0) * (1.0 - right) + at(left + 1.0, top + 1.0) * right;
    upper * (1.0 - down) + lower * down
}

/// Returns the picture with each pixel the mean of a square of this width around it.
fn boxed(picture: &Grey, width: f64) -> Grey {
    let once = flipped(&rows_boxed(picture, width));
    flipped(&rows_boxed(&once, width))
}

fn rows_boxed(picture: &Grey, box_width: f64) -> Grey {
    let width = picture.width;
    let mut pixels = Vec::with_capacity(picture.pixels.len());
    let mut sums = vec![0.0; width + 2];
    for row in picture.pixels.chunks(width) {
        for (at, pixel) in row.iter().enumerate() {
            sums[at + 1] = sums[at] + f64::from(*pixel);
        }
        sums[width + 1] = sums[width];
        // All light left of a place, which may lie within a pixel.
        let light_until = |place: f64| {
            let at = place as usize;
            sums[at] + (sums[at + 1] - sums[at]) * (place - at as f64)
        };
        pixels.extend((0..width).map(|x| {
            let middle = x as f64 + 0.5;
            let (from, to) = ((middle - box_width / 2.0).max(0.0), (middle + box_width / 2.0).min(width as f64));
            ((light_until(to) - light_until(from)) / (to - from)).round() as u8
        }));
    }
    Grey { pixels, ..*picture }
}

/// Returns the picture with rows for columns.
fn flipped(picture: &Grey) -> Grey {
    let Grey { width, height, pixels } = picture;
    let turned = (0..*width).flat_map(|x| (0..*height).map(move |y| pixels[y * width + x]));
    Grey { width: *height, height: *width, pixels: turned.collect() }
}

/// The same grain in every run.
struct Noise(u64);

impl Noise {
    /// Returns a number around 0 with a deviation of 1: the sum of twelve even ones.
    fn next(&mut self) -> f64 {
        let mut sum = -6.0;
        for _ in 0..12 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            sum += (self.0 >> 40) as f64 / f64::from(1 << 24);
        }
        sum
    }
}
