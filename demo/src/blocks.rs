//! Draws a code in a terminal with block characters, two modules a letter. It must not know what the code says.

/// Light modules around a code, without which phones do not find it.
const QUIET: usize = 4;

/// Returns the code as lines of text for a terminal with light letters on a dark ground: light modules are the blocks.
///
/// `modules` are rows from top to bottom; `true` is dark.
pub fn draw(modules: &[Vec<bool>]) -> String {
    let size = modules.len() + 2 * QUIET;
    let light = |x: usize, y: usize| {
        let row = y.checked_sub(QUIET).and_then(|y| modules.get(y));
        let dark = row.zip(x.checked_sub(QUIET)).and_then(|(row, x)| row.get(x)).copied().unwrap_or(false);
        // Below the last row there is nothing, neither light nor dark.
        y < size && !dark
    };
    let line = |y: usize| -> String { (0..size).map(|x| block(light(x, y), light(x, y + 1))).chain(['\n']).collect() };
    (0..size).step_by(2).map(line).collect()
}

fn block(upper_light: bool, lower_light: bool) -> char {
    match (upper_light, lower_light) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::draw;

    #[test]
    fn a_code_is_drawn_with_its_quiet_zone() {
        let code = [vec![true, false], vec![true, true]];
        let want = "\
██████████
██████████
████ ▀████
██████████
██████████
";
        assert_eq!(draw(&code), want);
        let odd = [vec![true]];
        let want = "\
█████████
█████████
████▄████
█████████
▀▀▀▀▀▀▀▀▀
";
        assert_eq!(draw(&odd), want);
    }
}
