//! Counts the instructions of a frame of 800×480 with valgrind's callgrind, for every sample screen: drawing it, bringing
//! all of it to a framebuffer, and a tick, which is a frame of which little has changed. It draws in another process,
//! and the difference between numbers of repetitions is what one takes.
//! `cargo run --release -p till-display --example frames` prints a table; `-- --quick` does one screen only.

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

use samples::{Language, brand, screens, with_logo};
use till_display::{
    Countdown, FbdevPanel, Frame, Logo, MOTION_STEPS, Panel, Rotation, Screen, Size, Theme, Type, draw,
};

type Fault = Box<dyn Error>;

/// A frame's time on one slow core: 33 ms of a Cortex-A7 at 900 MHz that does 0.7 instructions a cycle.
const BUDGET: f64 = 0.033 * 900.0 * 0.7;

/// Copies memory by vectors, as other machines do: callgrind would count an instruction a byte for `rep movsb`.
const WITHOUT_REP: &str = "glibc.cpu.x86_rep_movsb_threshold=0x7fffffff:glibc.cpu.x86_rep_stosb_threshold=0x7fffffff";

/// What is counted.
const WORK: [&str; 4] = ["first", "draw", "full", "tick"];

fn main() -> Result<(), Fault> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => report(&screens_with_logo(true)?),
        ["--quick"] => report(&screens_with_logo(false)?.split_off(7)[..1]),
        ["work", name, rotation, what, times] => work(name, rotation.parse()?, what, times.parse()?),
        _ => Err("usage: frames [--quick]".into()),
    }
}

/// Returns every screen. The picture of a shop is only made where it is shown, because that takes far longer than what is
/// counted.
fn screens_with_logo(needs_logo: bool) -> Result<Vec<(&'static str, Screen)>, Fault> {
    if !needs_logo {
        return Ok(screens(Language::Vietnamese));
    }
    let logo = Logo::decode(&brand::png())?;
    let [plain, code] = with_logo(Language::Vietnamese, &logo);
    let mut all = screens(Language::Vietnamese);
    all.extend([("idle-logo", plain), ("idle-code-logo", code)]);
    Ok(all)
}

fn report(screens: &[(&str, Screen)]) -> Result<(), Fault> {
    println!("millions of instructions at 800×480; the budget of a frame is {BUDGET:.1}\n");
    println!("| screen | first drawing | drawing | all of it to the panel | new screen | a tick | bytes of a tick |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    let mut over = Vec::new();
    for (name, _) in screens {
        let worst = row(name, Rotation::Deg0)?;
        if worst > BUDGET {
            over.push(*name);
        }
    }
    for (name, _) in screens.iter().filter(|(name, _)| ["start-up", "code", "paid"].contains(name)) {
        if row(name, Rotation::Deg90)? > BUDGET {
            over.push(name);
        }
    }
    println!("\nover the budget: {}", if over.is_empty() { "none".to_owned() } else { over.join(", ") });
    Ok(())
}

/// Prints the line of a screen and returns the most that one frame of it takes.
fn row(name: &str, rotation: Rotation) -> Result<f64, Fault> {
    let count = |what: &str, times: u32| count(name, rotation, what, times);
    let first = count("first", 1)?.0 - count("first", 0)?.0;
    let each = |what: &str| -> Result<f64, Fault> { Ok((count(what, 5)?.0 - count(what, 1)?.0) / 4.0) };
    let (drawn, full, tick) = (each("draw")?, each("full")?, each("tick")?);
    let bytes = (count("tick", 5)?.1 - count("tick", 1)?.1) / 4;
    let turned = if rotation == Rotation::Deg0 { "" } else { ", turned by 90°" };
    let new = first + full;
    println!("| {name}{turned} | {first:.1} | {drawn:.1} | {full:.1} | {new:.1} | {tick:.1} | {bytes} |");
    Ok(new.max(tick))
}

/// Returns the millions of instructions of a process that does something so many times, and the bytes that it wrote.
fn count(name: &str, rotation: Rotation, what: &str, times: u32) -> Result<(f64, u64), Fault> {
    let mut command = Command::new("valgrind");
    command.env("GLIBC_TUNABLES", WITHOUT_REP);
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(std::env::current_exe()?);
    command.args(["work", name, &rotation.degrees().to_string(), what, &times.to_string()]);
    let output = command.output().map_err(|error| format!("cannot run valgrind, which counts: {error}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    let count = told.lines().find_map(|line| line.split("Collected :").nth(1));
    match count.and_then(|count| count.trim().parse::<f64>().ok()) {
        Some(count) if output.status.success() => {
            Ok((count / 1e6, String::from_utf8_lossy(&output.stdout).trim().parse()?))
        }
        Some(_) | None => Err(format!("valgrind counts nothing: {told}").into()),
    }
}

/// Does something so many times and prints how many bytes went to the panel meanwhile.
fn work(name: &str, degrees: u32, what: &str, times: u32) -> Result<(), Fault> {
    let found = screens_with_logo(name.ends_with("logo"))?.into_iter().find(|(known, _)| *known == name);
    let screen = found.ok_or_else(|| format!("there is no screen `{name}`"))?.1;
    let rotation = Rotation::from_degrees(degrees)?;
    let mut stage = Stage::new(rotation)?;
    if what != "first" {
        stage.draw(&screen)?;
    }
    if what == "tick" {
        stage.bring()?;
    }
    let mut white = Frame::new(stage.frame.dimensions());
    let before = written()?;
    for round in 0..times {
        match what {
            "first" | "draw" => stage.draw(&screen)?,
            "full" => {
                // Every row differs from the one before.
                std::mem::swap(&mut stage.frame, &mut white);
                stage.bring()?;
            }
            "tick" => {
                stage.draw(&later(&screen, round + 1))?;
                stage.bring()?;
            }
            _ => return Err(format!("`{what}` is none of {WORK:?}").into()),
        }
    }
    println!("{}", written()? - before);
    Ok(())
}

/// Returns how many bytes this process has given to files.
fn written() -> Result<u64, Fault> {
    let told = std::fs::read_to_string("/proc/self/io")?;
    let bytes = told.lines().find_map(|line| line.strip_prefix("wchar: "));
    Ok(bytes.ok_or("the kernel does not tell what was written")?.parse()?)
}

/// What a daemon has to bring a picture to its panel.
struct Stage {
    panel: FbdevPanel,
    file: PathBuf,
    frame: Frame,
    letters: Type,
    /// The picture that is to be seen, as it is kept for those who look from afar.
    seen: Frame,
}

impl Stage {
    fn new(rotation: Rotation) -> Result<Self, Fault> {
        let device = Size::new(800, 480)?.turned(rotation);
        let file = std::env::temp_dir().join(format!("till-frames-{}", std::process::id()));
        let panel = FbdevPanel::on_file(&file, device, rotation)?;
        let frame = Frame::new(device.turned(rotation));
        let seen = frame.clone();
        Ok(Self { panel, file, frame, letters: Type::new(), seen })
    }

    fn draw(&mut self, screen: &Screen) -> Result<(), Fault> {
        Ok(draw(screen, Theme::Light, &mut self.frame, &mut self.letters)?)
    }

    fn bring(&mut self) -> Result<(), Fault> {
        self.panel.show(&self.frame)?;
        if self.seen != self.frame {
            self.seen = self.frame.clone();
        }
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Harmless where it stays behind.
        let _ = std::fs::remove_file(&self.file);
    }
}

/// Returns the screen as it is so many ticks later: what moves has moved, a clock and a countdown have gone on.
fn later(screen: &Screen, ticks: u32) -> Screen {
    let mut screen = screen.clone();
    match &mut screen {
        Screen::StartUp { motion, .. } | Screen::Waiting { motion, .. } | Screen::Checking { motion, .. } => {
            *motion = (*motion + ticks) % MOTION_STEPS;
        }
        Screen::Paid { motion, clock, .. } => {
            *motion = (*motion + ticks) % MOTION_STEPS;
            *clock = format!("14:05:{:02}", 32 + ticks % 28);
        }
        Screen::Code { countdown, .. } | Screen::Short { countdown, .. } => {
            let left_ms = countdown.left_ms.saturating_sub(u64::from(ticks) * 1000);
            let text = format!("Còn {}:{:02}", left_ms / 60_000, left_ms / 1000 % 60);
            *countdown = Countdown { left_ms, total_ms: countdown.total_ms, text };
        }
        Screen::Idle { clock, .. } => *clock = format!("14:{:02}", 5 + ticks % 50),
        Screen::Typing { amount, .. } => *amount = format!("{ticks}{amount}"),
        Screen::Ended { .. } | Screen::Receipt { .. } | Screen::Notice { .. } => {}
    }
    screen
}
