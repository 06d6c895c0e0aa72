//! Fingers on the display: what is drawn for them, which keys they press, and when they press none.

use till_display::{Key as Shown, Keys, Touch, draw_touch};

use super::*;
use crate::config::Night;
use crate::panel::light::Sight;
use crate::panel::{Finger, Fingers};
use crate::till::{self, Key, Tick, Typed};

const SIZE: (u32, u32) = (800, 480);

/// A display that is touched.
struct Touched {
    screen: Screen,
    fingers: Fingers,
    heard: mpsc::Receiver<Heard>,
    pressed: mpsc::Receiver<Key>,
    frames: Arc<Mutex<Vec<Frame>>>,
    generation: u64,
}

impl Touched {
    fn new(light: Light) -> Self {
        let (say, heard) = mpsc::channel(64);
        let (press, pressed) = mpsc::channel(64);
        let frames: Arc<Mutex<Vec<Frame>>> = Arc::default();
        let size = Size::new(SIZE.0, SIZE.1).expect("a panel's size");
        let panel = Paper { frames: Arc::clone(&frames), ..paper(size) };
        let looks = (counter(Locale::Vietnamese), light, TouchScreen { pressed: press, ..untouched() });
        // A picture is drawn again only for a reason.
        let pace = Pace { repeat: Duration::from_secs(3600), ..Pace::default() };
        let screen = Screen::start_paced(Box::new(panel), Theme::Light, looks, say, watch::channel(0).0, pace);
        let screen = screen.expect("a thread");
        let fingers = screen.fingers();
        fingers.appear();
        Self { screen, fingers, heard, pressed, frames, generation: 0 }
    }

    /// Shows a view as a new code's or a code's end is.
    async fn shows(&mut self, view: View) {
        self.generation += 1;
        let generation = Generation(self.generation);
        self.screen.show(Scene { generation, view });
        assert_eq!(next(&mut self.heard).await, Heard::Shown { generation });
    }

    /// Waits until the newest picture is this one.
    async fn is_seen(&self, want: &Frame) {
        let look = async {
            while self.frames.lock().expect("no test panics with the lock held").last() != Some(want) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), look).await.expect("the picture is seen");
    }

    /// Waits for a key.
    async fn presses(&mut self) -> Key {
        let key = tokio::time::timeout(Duration::from_secs(20), self.pressed.recv()).await;
        key.expect("a key within 20 s").expect("the display's thread lives")
    }

    fn down(&self, (x, y): (u32, u32)) {
        self.fingers.does(Finger::Down(share(x, y)));
    }

    fn moved(&self, (x, y): (u32, u32)) {
        self.fingers.does(Finger::Moved(share(x, y)));
    }

    fn lifted(&self) {
        self.fingers.does(Finger::Lifted);
    }

    /// Presses a key that is certainly there, to see that nothing was pressed before it.
    async fn then_presses_nothing_but(&mut self, at: (u32, u32), want: Key) {
        self.down(at);
        self.lifted();
        assert_eq!(self.presses().await, want);
    }
}

fn share(x: u32, y: u32) -> (f32, f32) {
    ((x as f32 + 0.5) / SIZE.0 as f32, (y as f32 + 0.5) / SIZE.1 as f32)
}

/// What is drawn for a view with a key held down, and its keys.
fn picture(view: &View, pressed: Option<Shown>) -> (Frame, Keys) {
    let counter = Counter { keypad_on_display: true, ..counter(Locale::Vietnamese) };
    let screen = present::screen(view, &counter, clock::now(), 0);
    let enter =
        if matches!(view, View::Code { told: Told::Later, .. }) { Some("Khách kế".to_owned()) } else { None };
    let touch =
        Touch { millimetres: None, pressed, enter: "Tạo mã".into(), next: enter, cancel: "Hủy đơn".into() };
    let mut frame = Frame::new(Size::new(SIZE.0, SIZE.1).expect("a panel's size"));
    let drawn = draw_touch(&screen, &touch, Theme::Light, &mut frame, &mut Type::new());
    (frame, drawn.expect("the code fits").1)
}

/// Returns a pixel of a key.
fn place(view: &View, key: Shown) -> (u32, u32) {
    let (_, keys) = picture(view, None);
    let all = (0..SIZE.1).step_by(4).flat_map(|y| (0..SIZE.0).step_by(4).map(move |x| (x, y)));
    let places: Vec<_> = all.filter(|at| keys.at(*at) == Some(key)).collect();
    places[places.len() / 2]
}

/// An entry.
fn typing(text: &str, sum: u64) -> View {
    let typed = Typed {
        text: text.to_owned(),
        sum: Some(Amount::vnd(sum)),
        shape: till::Shape::Plain,
        problem: None,
        reference: None,
    };
    View::Typing { typed }
}

fn ended() -> View {
    let (amount, paid) = (Amount::vnd(50_000), Amount::vnd(0));
    View::Ended { sale: sale(), amount, paid, ending: till::Ended::Cancelled }
}

/// A code that nobody waits for: it has a key for the next customer.
fn later() -> View {
    let View::Code { sale, amount, paid, code, expires, total, .. } = code(viet_qr()) else {
        unreachable!("it is one")
    };
    View::Code { sale, amount, paid, code, expires, total, told: Told::Later }
}

#[tokio::test]
async fn a_key_looks_pressed_while_a_finger_is_on_it_and_counts_when_it_is_lifted() {
    let mut touched = Touched::new(no_light());
    let five = typing("5", 5);
    touched.shows(five.clone()).await;
    touched.is_seen(&picture(&five, None).0).await;
    let at = place(&five, Shown::Digit(7));
    touched.down(at);
    touched.is_seen(&picture(&five, Some(Shown::Digit(7))).0).await;
    assert!(touched.pressed.try_recv().is_err(), "it does not count yet");
    touched.lifted();
    assert_eq!(touched.presses().await, Key::Digit(7));
    touched.is_seen(&picture(&five, None).0).await;
    for (shown, key) in [
        (Shown::Digit(0), Key::Digit(0)),
        (Shown::DoubleZero, Key::DoubleZero),
        (Shown::TripleZero, Key::TripleZero),
        (Shown::Plus, Key::Plus),
        (Shown::Times, Key::Times),
        (Shown::Back, Key::Back),
        (Shown::Escape, Key::Escape),
        (Shown::Enter, Key::Enter),
    ] {
        touched.then_presses_nothing_but(place(&five, shown), key).await;
    }
}

#[tokio::test]
async fn a_finger_that_slides_off_its_key_presses_none_unless_it_comes_back() {
    let mut touched = Touched::new(no_light());
    let five = typing("5", 5);
    touched.shows(five.clone()).await;
    touched.is_seen(&picture(&five, None).0).await;
    let [one, two, enter] = [Shown::Digit(1), Shown::Digit(2), Shown::Enter].map(|key| place(&five, key));
    touched.down(one);
    touched.moved(two);
    touched.is_seen(&picture(&five, None).0).await;
    touched.lifted();
    touched.then_presses_nothing_but(enter, Key::Enter).await;
    touched.down(one);
    touched.moved(two);
    touched.moved((one.0 + 2, one.1));
    touched.is_seen(&picture(&five, Some(Shown::Digit(1))).0).await;
    touched.lifted();
    assert_eq!(touched.presses().await, Key::Digit(1));
    // Beside all keys, lost, and lifted without having come down.
    touched.down((10, 10));
    touched.moved(one);
    touched.lifted();
    touched.down(one);
    touched.fingers.does(Finger::Lost);
    touched.lifted();
    touched.lifted();
    touched.then_presses_nothing_but(two, Key::Digit(2)).await;
}

#[tokio::test]
async fn a_key_is_held_while_an_amount_grows() {
    let mut touched = Touched::new(no_light());
    let (five, fifty) = (typing("5", 5), typing("50", 50));
    touched.shows(five.clone()).await;
    touched.is_seen(&picture(&five, None).0).await;
    touched.down(place(&five, Shown::DoubleZero));
    touched.shows(fifty.clone()).await;
    touched.is_seen(&picture(&fifty, Some(Shown::DoubleZero)).0).await;
    touched.lifted();
    assert_eq!(touched.presses().await, Key::DoubleZero);
}

#[tokio::test]
async fn p6_a_finger_on_cancel_clears_no_result_that_comes_under_it() {
    let mut touched = Touched::new(no_light());
    let (open, over) = (code(viet_qr()), ended());
    touched.shows(open.clone()).await;
    let cancel = place(&open, Shown::Escape);
    touched.down(cancel);
    touched.is_seen(&picture(&open, Some(Shown::Escape)).0).await;
    touched.shows(over.clone()).await;
    touched.lifted();
    // Whatever that had pressed would come before this key, which no result has.
    let later = later();
    touched.shows(later.clone()).await;
    touched.then_presses_nothing_but(place(&later, Shown::Enter), Key::Enter).await;
    // A new touch on the same place clears it.
    touched.shows(over).await;
    touched.then_presses_nothing_but(cancel, Key::Escape).await;
}

#[tokio::test]
async fn beside_a_code_that_nobody_waits_for_one_goes_on_with_a_touch() {
    let mut touched = Touched::new(no_light());
    let later = later();
    touched.shows(later.clone()).await;
    touched.is_seen(&picture(&later, None).0).await;
    touched.then_presses_nothing_but(place(&later, Shown::Enter), Key::Enter).await;
    touched.then_presses_nothing_but(place(&later, Shown::Escape), Key::Escape).await;
}

#[tokio::test]
async fn keys_are_drawn_only_as_long_as_something_feels_fingers() {
    let mut touched = Touched::new(no_light());
    let five = typing("5", 5);
    touched.shows(five.clone()).await;
    touched.is_seen(&picture(&five, None).0).await;
    let enter = place(&five, Shown::Enter);
    touched.fingers.vanish();
    let screen = present::screen(&five, &counter(Locale::Vietnamese), clock::now(), 0);
    let mut plain = Frame::new(Size::new(SIZE.0, SIZE.1).expect("a panel's size"));
    till_display::draw(&screen, Theme::Light, &mut plain, &mut Type::new()).expect("there is no code");
    touched.is_seen(&plain).await;
    touched.down(enter);
    touched.lifted();
    touched.fingers.appear();
    touched.is_seen(&picture(&five, None).0).await;
    touched.then_presses_nothing_but(place(&five, Shown::Digit(3)), Key::Digit(3)).await;
}

#[tokio::test]
async fn a_touch_on_a_dimmed_display_counts() {
    let lights = Lights::new(&[("panel", 100)]);
    let light = Light::through(lights.backlight(&Backlight::Auto), dimming(0), TimeZone::UTC);
    let mut touched = Touched::new(light);
    let idle = View::Idle { link: Link::Up, barrier: None };
    touched.shows(idle.clone()).await;
    lit(&lights, 30).await;
    touched.then_presses_nothing_but(place(&idle, Shown::Digit(5)), Key::Digit(5)).await;
}

#[tokio::test]
async fn a_touch_on_a_dark_display_only_lights_it() {
    let lights = Lights::new(&[("panel", 100)]);
    let now = clock::now();
    // The whole day is night, but for a minute in twelve hours.
    let minute = u16::try_from(now.wall.ms() / 60_000 % 1440).expect("below 1440");
    let day = (minute + 720) % 1440;
    let rules = Dimming { night: Some(Night { from: (day + 1) % 1440, until: day }), ..dimming(300) };
    let mut light = Light::through(lights.backlight(&Backlight::Auto), rules, TimeZone::UTC);
    // It has been quiet for a while.
    let before = Tick(now.tick.0.saturating_sub(120_000));
    light.follow(Sight::Idle, till::Now { tick: before, ..now });
    let mut touched = Touched::new(light);
    let idle = View::Idle { link: Link::Up, barrier: None };
    touched.shows(idle.clone()).await;
    lit(&lights, 0).await;
    let five = place(&idle, Shown::Digit(5));
    touched.down(five);
    touched.lifted();
    lit(&lights, 100).await;
    touched.then_presses_nothing_but(place(&idle, Shown::Digit(6)), Key::Digit(6)).await;
}
