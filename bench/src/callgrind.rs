//! Counts the instructions of drawing with valgrind's callgrind: this program draws a screen in another process, and
//! the difference between numbers of drawings is what one takes. It must not know how screens are drawn.

use std::process::Command;

use tests::process::system_program;

use crate::Fault;
use crate::figure::{Figure, Unit};

/// Counts for each screen the first drawing, when no letter has been drawn yet, a further one, and one PNG.
pub(crate) fn measure(names: &[&str]) -> Result<Vec<Figure>, Fault> {
    let mut figures = Vec::new();
    for name in names {
        let (none, once, thrice) = (count(name, 0, &[])?, count(name, 1, &[])?, count(name, 3, &[])?);
        let with_png = count(name, 1, &["--png"])?;
        let figure = |what: &str, amount| Figure::new(format!("{what} `{name}`"), Unit::Minstr).with(amount);
        figures.push(figure("first drawing of", once - none));
        figures.push(figure("further drawing of", (thrice - once) / 2.0));
        figures.push(figure("PNG of", with_png - once));
    }
    Ok(figures)
}

/// Returns the millions of instructions of one process that draws a screen `times` times.
fn count(name: &str, times: u32, more: &[&str]) -> Result<f64, Fault> {
    let mut command = Command::new(system_program("valgrind", "valgrind"));
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(std::env::current_exe()?);
    command.args(["draw", name, &times.to_string()]).args(more);
    let output = tests::process::run(&mut command);
    let told = String::from_utf8_lossy(&output.stderr);
    let count = told.lines().find_map(|line| line.split("Collected :").nth(1));
    match count.and_then(|count| count.trim().parse::<f64>().ok()) {
        Some(count) if output.status.success() => Ok(count / 1e6),
        Some(_) | None => Err(format!("valgrind counts nothing: {told}").into()),
    }
}
