//! The display's thread against a panel of the test's own, and the words of every view.

mod failing;
mod hanging;
mod touching;
mod wording;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::tz::TimeZone;
use till_display::{Frame, Panel, PanelError, Rotation, Size, Surface, Theme, Type};
use till_wire::sale::QrKind;
use till_wire::{Account, Amount, OrderRef, SaleId, TerminalNumber, VietQr};
use tokio::sync::{mpsc, watch};

use crate::clock;
use crate::config::{Backlight, Dimming, Locale};
use crate::till::{Code, Generation, Link, Payee, Scene, Told, View};

use super::backlight::tests::Lights;
use super::pace::BURST;
use super::{Counter, Heard, Keypad, Light, Pace, Screen, TouchScreen, present};

/// A panel that counts its frames, and is away or refuses them when told to.
struct Paper {
    size: Size,
    absences: u32,
    refusals: Arc<Mutex<u32>>,
    /// Every frame that it was given.
    frames: Arc<Mutex<Vec<Frame>>>,
    /// Its device's file.
    path: Option<PathBuf>,
    /// Whether it has been unplugged since the last frame that it took.
    unplugged: Arc<AtomicBool>,
}

impl Panel for Paper {
    fn size(&mut self) -> Result<Size, PanelError> {
        if self.absences == 0 {
            return Ok(self.size);
        }
        self.absences -= 1;
        Err(PanelError::NoFramebuffer { path: "/dev/absent".into() })
    }

    fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    fn show(&mut self, frame: &Frame) -> Result<(), PanelError> {
        self.frames.lock().expect("no test panics with the lock held").push(frame.clone());
        let mut refusals = self.refusals.lock().expect("no test panics with the lock held");
        if *refusals == 0 {
            return Ok(());
        }
        *refusals -= 1;
        Err(PanelError::WrongSize { expected: self.size, found: self.size })
    }

    fn check(&mut self) -> Result<(), PanelError> {
        match self.unplugged.swap(false, Ordering::Relaxed) {
            true => Err(PanelError::Unplugged { path: "/dev/card".into(), output: "HDMI-A-1".to_owned() }),
            false => Ok(()),
        }
    }
}

fn counter(locale: Locale) -> Counter {
    Counter {
        label: "Quầy 1".to_owned(),
        locale,
        timezone: TimeZone::get("Asia/Ho_Chi_Minh").expect("a bundled zone"),
        keypad: Keypad::Possible,
        keypad_on_display: false,
        open_code: None,
        logo: None,
        shift: true,
    }
}

/// A light that nobody has.
fn no_light() -> Light {
    Light::through(Lights::new(&[]).backlight(&Backlight::None), dimming(300), TimeZone::UTC)
}

/// A touch screen that nobody hears of.
fn untouched() -> TouchScreen {
    let surface = Surface { rotation: Rotation::Deg0, matrix: Surface::PLAIN };
    TouchScreen { surface, pressed: mpsc::channel(1).0 }
}

fn dimming(after_s: u64) -> Dimming {
    Dimming { after: Duration::from_secs(after_s), percent: 30, night: None }
}

fn sale() -> SaleId {
    let terminal = TerminalNumber::new(1017).expect("a terminal's number");
    SaleId::new(OrderRef::new(terminal, 29_727_122).expect("a sequence number"))
}

fn code(text: String) -> View {
    let payee =
        Payee { bin: Some("970422".into()), account: Some("113366668888".into()), name: Some("QUAN CA PHE".into()) };
    View::Code {
        sale: sale(),
        amount: Amount::vnd(50_000),
        paid: Amount::vnd(0),
        code: Code { text, kind: QrKind::Vietqr, payee },
        expires: None,
        total: Duration::from_secs(300),
        told: Told::AtOnce,
    }
}

fn viet_qr() -> String {
    let account = Account { bin: "970422".into(), number: "113366668888".into(), name: None };
    VietQr::build(&account, Some(Amount::vnd(50_000)), "029727122").expect("a code of plain parts")
}

fn start(refusals: u32, size: (u32, u32)) -> (Screen, mpsc::Receiver<Heard>) {
    start_paced(refusals, size, Pace::default())
}

fn start_paced(refusals: u32, size: (u32, u32), pace: Pace) -> (Screen, mpsc::Receiver<Heard>) {
    let size = Size::new(size.0, size.1).expect("a panel's size");
    start_on(Paper { refusals: Arc::new(Mutex::new(refusals)), ..paper(size) }, pace)
}

/// A panel that is there and takes everything.
fn paper(size: Size) -> Paper {
    Paper { size, absences: 0, refusals: Arc::default(), frames: Arc::default(), path: None, unplugged: Arc::default() }
}

fn start_on(panel: Paper, pace: Pace) -> (Screen, mpsc::Receiver<Heard>) {
    let (say, heard) = mpsc::channel(8);
    let (pictures, _) = watch::channel(0);
    let looks = (counter(Locale::Vietnamese), no_light(), untouched());
    let screen = Screen::start_paced(Box::new(panel), Theme::Light, looks, say, pictures, pace);
    let screen = screen.expect("a thread");
    (screen, heard)
}

async fn next(heard: &mut mpsc::Receiver<Heard>) -> Heard {
    let heard = tokio::time::timeout(Duration::from_secs(20), heard.recv()).await;
    heard.expect("a word of the display within 20 s").expect("the display's thread lives")
}

#[tokio::test]
async fn p6_each_new_generation_is_confirmed_once_after_it_is_to_be_seen() {
    let (screen, mut heard) = start(0, (320, 240));
    screen.show(Scene { generation: Generation(1), view: View::Idle { link: Link::Up, barrier: None } });
    assert_eq!(next(&mut heard).await, Heard::Shown { generation: Generation(1) });
    screen.show(Scene { generation: Generation(1), view: View::Idle { link: Link::Down, barrier: None } });
    screen.show(Scene { generation: Generation(2), view: code(viet_qr()) });
    assert_eq!(next(&mut heard).await, Heard::Shown { generation: Generation(2) });
    let png = screen.picture()().expect("a picture of what is to be seen");
    assert!(png.png.starts_with(b"\x89PNG"));
}

#[tokio::test]
async fn a_new_scene_is_shown_without_waiting_for_the_pause_after_the_frame_before() {
    let hour = Duration::from_secs(3600);
    let (screen, mut heard) = start_paced(0, (320, 240), Pace { repeat: hour, retry: hour, ..Pace::default() });
    for generation in (1..=5).map(Generation) {
        screen.show(Scene { generation, view: code(viet_qr()) });
        assert_eq!(next(&mut heard).await, Heard::Shown { generation });
    }
}

/// Waits until the thread has taken the expected scene to draw it; only then it looks for what is wanted.
async fn taken(screen: &Screen) {
    let look = async {
        while screen.slot.is_expecting() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), look).await.expect("the thread draws what is expected");
}

#[tokio::test]
async fn p6_what_is_expected_is_not_seen_before_it_is_wanted() {
    let size = Size::new(320, 240).expect("a panel's size");
    let frames: Arc<Mutex<Vec<Frame>>> = Arc::default();
    let panel = Paper { frames: Arc::clone(&frames), ..paper(size) };
    let hour = Duration::from_secs(3600);
    let (screen, mut heard) = start_on(panel, Pace { repeat: hour, ..Pace::default() });
    let idle =
        |generation| Scene { generation: Generation(generation), view: View::Idle { link: Link::Up, barrier: None } };
    let with_code = |generation| Scene { generation: Generation(generation), view: code(viet_qr()) };
    let seen = || frames.lock().expect("no test panics with the lock held").clone();
    // Drawn and then not wanted, as when the disk refuses.
    screen.expect(with_code(1));
    taken(&screen).await;
    screen.show(idle(2));
    assert_eq!(next(&mut heard).await, Heard::Shown { generation: Generation(2) });
    screen.expect(with_code(3));
    taken(&screen).await;
    screen.show(idle(4));
    assert_eq!(next(&mut heard).await, Heard::Shown { generation: Generation(4) });
    let before = seen();
    screen.expect(with_code(5));
    taken(&screen).await;
    screen.show(with_code(5));
    assert_eq!(next(&mut heard).await, Heard::Shown { generation: Generation(5) });
    let shown = seen().pop().expect("a frame was shown");
    assert!(!before.contains(&shown), "the code was to be seen before it was wanted");
    let mut drawn = Frame::new(size);
    let picture = present::screen(&code(viet_qr()), &counter(Locale::Vietnamese), clock::now(), 0);
    till_display::draw(&picture, Theme::Light, &mut drawn, &mut Type::new()).expect("the code fits");
    assert!(shown == drawn, "what is shown in the end is the scene that was wanted");
}

#[tokio::test]
async fn in_a_flood_the_newest_scene_is_shown_when_the_display_may_draw_again() {
    let hour = Duration::from_secs(3600);
    let pace = Pace { repeat: hour, window: Duration::from_millis(300), ..Pace::default() };
    let (screen, mut heard) = start_paced(0, (320, 240), pace);
    let last = Generation(3 * BURST as u64);
    for generation in 1..=last.0 {
        screen.show(Scene { generation: Generation(generation), view: View::Idle { link: Link::Up, barrier: None } });
    }
    while next(&mut heard).await != (Heard::Shown { generation: last }) {}
}

#[tokio::test]
async fn a_panel_that_cannot_be_written_is_told_once_and_confirmed_when_it_works_again() {
    let (screen, mut heard) = start(3, (320, 240));
    screen.show(Scene { generation: Generation(4), view: View::Idle { link: Link::Up, barrier: None } });
    assert!(matches!(next(&mut heard).await, Heard::Failed { .. }));
    assert_eq!(next(&mut heard).await, Heard::Shown { generation: Generation(4) });
}

#[tokio::test]
async fn a_panel_that_is_away_at_the_start_is_told_once_and_used_when_it_comes() {
    let size = Size::new(320, 240).expect("a panel's size");
    let panel = Paper { absences: 4, ..paper(size) };
    let (screen, mut heard) = start_on(panel, Pace { retry: Duration::from_millis(20), ..Pace::default() });
    assert_eq!(screen.size(), None);
    screen.show(Scene { generation: Generation(4), view: View::Idle { link: Link::Up, barrier: None } });
    let Heard::Failed { reason } = next(&mut heard).await else { panic!("the panel is away") };
    assert!(reason.contains("/dev/absent"), "{reason}");
    assert_eq!(next(&mut heard).await, Heard::Shown { generation: Generation(4) });
    assert_eq!(screen.size(), Some(size));
    let png = screen.picture()().expect("a picture of what is to be seen");
    // Source: PNG specification, 11.2.1: width and height stand first in the header.
    assert_eq!(png.png.get(16..24), Some(&[0, 0, 1, 64, 0, 0, 0, 240][..]));
}

#[tokio::test]
async fn a_display_that_is_unplugged_is_noticed_while_nothing_changes_and_drawn_on_again() {
    let size = Size::new(320, 240).expect("a panel's size");
    let unplugged: Arc<AtomicBool> = Arc::default();
    let panel = Paper { unplugged: Arc::clone(&unplugged), ..paper(size) };
    let (hour, soon) = (Duration::from_secs(3600), Duration::from_millis(20));
    let (screen, mut heard) = start_on(panel, Pace { repeat: hour, retry: soon, check: soon, ..Pace::default() });
    screen.show(Scene { generation: Generation(1), view: View::StoreFault });
    assert_eq!(next(&mut heard).await, Heard::Shown { generation: Generation(1) });
    for _ in 0..2 {
        unplugged.store(true, Ordering::Relaxed);
        let reason = "no display is connected to HDMI-A-1 of `/dev/card`".to_owned();
        assert_eq!(next(&mut heard).await, Heard::Failed { reason });
        assert_eq!(next(&mut heard).await, Heard::Shown { generation: Generation(1) });
    }
}

#[tokio::test]
async fn p6_a_code_that_is_too_dense_for_the_panel_is_reported_and_not_drawn() {
    let (screen, mut heard) = start(0, (240, 240));
    screen.show(Scene { generation: Generation(9), view: code("X".repeat(900)) });
    assert_eq!(next(&mut heard).await, Heard::TooDense { generation: Generation(9) });
}

/// P6: those who look from afar see what the panel took, not what it was to take.
#[tokio::test]
async fn p6_a_picture_is_numbered_anew_when_the_panel_has_taken_another_one_and_only_then() {
    let size = Size::new(320, 240).expect("a panel's size");
    let refusals = Arc::new(Mutex::new(0));
    let panel = Paper { refusals: Arc::clone(&refusals), ..paper(size) };
    let (say, mut heard) = mpsc::channel(8);
    let (pictures, mut numbers) = watch::channel(0);
    let counter = counter(Locale::English);
    let screen = Screen::start(Box::new(panel), Theme::Light, counter, no_light(), untouched(), say, pictures)
        .expect("a thread");
    screen.show(Scene { generation: Generation(1), view: View::Idle { link: Link::Up, barrier: None } });
    assert_eq!(next(&mut heard).await, Heard::Shown { generation: Generation(1) });
    let idle = screen.picture()().expect("a picture");
    assert_eq!(*numbers.borrow_and_update(), idle.number);
    let again = screen.picture()().expect("a picture");
    assert_eq!((again.number, &again.png), (idle.number, &idle.png));

    *refusals.lock().expect("no test panics with the lock held") = u32::MAX;
    screen.show(Scene { generation: Generation(2), view: code(viet_qr()) });
    assert!(matches!(next(&mut heard).await, Heard::Failed { .. }));
    let kept = screen.picture()().expect("a picture");
    assert_eq!((kept.number, &kept.png), (idle.number, &idle.png), "the panel has refused the code");
    assert!(!numbers.has_changed().expect("the display's thread lives"));

    *refusals.lock().expect("no test panics with the lock held") = 0;
    assert_eq!(next(&mut heard).await, Heard::Shown { generation: Generation(2) });
    let shown = screen.picture()().expect("a picture");
    assert!(shown.number > idle.number && shown.png != idle.png);
    assert!(*numbers.borrow_and_update() > idle.number);
}

/// Waits until a light is so bright.
async fn lit(lights: &Lights, want: u64) {
    let look = async {
        while lights.brightness("panel") != want {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(20), look).await;
    assert!(found.is_ok(), "the light is {} and should be {want}", lights.brightness("panel"));
}

#[tokio::test]
async fn the_light_follows_what_is_shown_and_whoever_presses_a_key() {
    let lights = Lights::new(&[("panel", 100)]);
    let light = Light::through(lights.backlight(&Backlight::Auto), dimming(0), TimeZone::UTC);
    let size = Size::new(320, 240).expect("a panel's size");
    let panel = paper(size);
    let (say, mut heard) = mpsc::channel(8);
    let (pictures, _) = watch::channel(0);
    let looks = (counter(Locale::Vietnamese), light, untouched());
    let hour = Duration::from_secs(3600);
    let pace = Pace { repeat: hour, retry: hour, ..Pace::default() };
    let screen = Screen::start_paced(Box::new(panel), Theme::Light, looks, say, pictures, pace).expect("a thread");
    lit(&lights, 100).await;
    let idle = |number| Scene { generation: Generation(number), view: View::Idle { link: Link::Up, barrier: None } };
    screen.show(idle(1));
    lit(&lights, 30).await;
    screen.wake();
    lit(&lights, 100).await;
    screen.show(idle(2));
    lit(&lights, 30).await;
    screen.show(Scene { generation: Generation(3), view: code(viet_qr()) });
    while next(&mut heard).await != (Heard::Shown { generation: Generation(3) }) {}
    // Light comes before the picture.
    assert_eq!(lights.brightness("panel"), 100);
    screen.show(idle(4));
    lit(&lights, 30).await;
    drop(screen);
    assert_eq!(lights.brightness("panel"), 100, "what comes after this program is to be seen");
}
