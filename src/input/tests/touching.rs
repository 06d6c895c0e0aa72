//! Touch screens: which devices are ones, what their events mean, and fingers from the kernel's bytes on.

use evdev::AbsoluteAxisCode;
use tokio::time::timeout;

use super::{Duration, EV_KEY, EV_SYN, Folder, NEVER, Opened, Path, Plugged, Record, SOON, SYN_DROPPED, Seats, Use};
use super::{OpenError, event, mpsc, open, port, write};
use crate::input::finger::{Axes, Axis, Finger, Touched};

const EV_ABS: u16 = 3;
const BTN_TOUCH: u16 = 0x14a;
const X: u16 = 0;
const Y: u16 = 1;
const SLOT: u16 = 0x2f;
const MT_X: u16 = 0x35;
const MT_Y: u16 = 0x36;
const TRACKING: u16 = 0x39;
const REPORT: Record = event(EV_SYN, 0, 0);

fn axis(least: i32, most: i32) -> Axis {
    Axis::new(least, most, 0).expect("it has a length")
}

fn abs(code: u16, value: i32) -> Record {
    event(EV_ABS, code, value)
}

/// 0 to 99 across and 0 to 9 down, in slots.
fn slots() -> Axes {
    Axes::Slots { across: axis(0, 99), down: axis(0, 9), slot: 0 }
}

fn one() -> Axes {
    Axes::One { across: axis(0, 99), down: axis(0, 9) }
}

#[track_caller]
fn check(axes: Axes, events: &[Record], want: &[Touched]) {
    let mut finger = Finger::new(axes);
    let told: Vec<Touched> = events.iter().filter_map(|event| finger.feels(*event)).collect();
    assert_eq!(told, want);
}

#[test]
fn a_place_is_its_share_of_the_axes_whatever_they_count() {
    for ((least, most), value, want) in [
        ((0, 99), 0, 0.005),
        ((0, 99), 99, 0.995),
        ((0, 99), 50, 0.505),
        ((0, 99), -5, 0.005),
        ((0, 99), i32::MAX, 0.995),
        ((0, 4095), 1024, 0.250_122_07),
        ((-100, 99), 0, 0.5025),
        ((200, 3900), 2050, 0.5),
        ((i32::MIN, i32::MAX), 0, 0.5),
    ] {
        let axes = Axes::Slots { across: axis(least, most), down: axis(least, most), slot: 0 };
        let events = [abs(TRACKING, 1), abs(MT_X, value), abs(MT_Y, value), REPORT];
        check(axes, &events, &[Touched::Down(want, want)]);
    }
}

#[test]
fn a_touch_screen_is_known_by_its_axes() {
    type Code = AbsoluteAxisCode;
    let (mt_x, mt_y) = (Code::ABS_MT_POSITION_X, Code::ABS_MT_POSITION_Y);
    let slotted = Axes::Slots { across: axis(0, 9), down: axis(0, 9), slot: 0 };
    let single = Axes::One { across: axis(0, 9), down: axis(0, 9) };
    for (codes, has_touch, want) in [
        (vec![mt_x, mt_y, Code::ABS_MT_SLOT], false, Some(slotted)),
        (vec![mt_x, mt_y, Code::ABS_MT_SLOT, Code::ABS_X, Code::ABS_Y], true, Some(slotted)),
        (vec![Code::ABS_X, Code::ABS_Y], true, Some(single)),
        // A tablet of an emulator, a joystick, half a device.
        (vec![Code::ABS_X, Code::ABS_Y], false, None),
        (vec![Code::ABS_X], true, None),
        (vec![mt_x, mt_y], true, None),
        (vec![], true, None),
    ] {
        let known = |code| codes.contains(&code).then(|| axis(0, 9));
        assert_eq!(Axes::of(known, has_touch), want, "{codes:?}");
    }
    assert_eq!([Axis::new(5, 5, 0), Axis::new(5, 4, 0)], [None, None], "an axis without length");
}

#[test]
fn a_finger_comes_down_moves_and_is_lifted() {
    let (down, moved) = (Touched::Down(0.105, 0.25), Touched::Moved(0.205, 0.25));
    let in_slots = [
        abs(TRACKING, 7),
        abs(MT_X, 10),
        abs(MT_Y, 2),
        event(EV_KEY, BTN_TOUCH, 1),
        abs(X, 10),
        REPORT,
        abs(MT_X, 20),
        REPORT,
        abs(TRACKING, -1),
        event(EV_KEY, BTN_TOUCH, 0),
        REPORT,
        // At the same place, which is not said again.
        abs(TRACKING, 8),
        REPORT,
    ];
    check(slots(), &in_slots, &[down, moved, Touched::Lifted, Touched::Down(0.205, 0.25)]);
    let alone = [
        event(EV_KEY, BTN_TOUCH, 1),
        abs(X, 10),
        abs(Y, 2),
        REPORT,
        abs(X, 20),
        REPORT,
        REPORT,
        event(EV_KEY, BTN_TOUCH, 0),
        REPORT,
        event(EV_KEY, BTN_TOUCH, 1),
        REPORT,
    ];
    check(one(), &alone, &[down, moved, Touched::Lifted, Touched::Down(0.205, 0.25)]);
}

#[test]
fn only_the_first_finger_counts_until_it_is_lifted() {
    let first = [abs(TRACKING, 1), abs(MT_X, 10), abs(MT_Y, 2), REPORT];
    let second = [abs(SLOT, 1), abs(TRACKING, 2), abs(MT_X, 90), abs(MT_Y, 9), REPORT, abs(MT_X, 80), REPORT];
    let lifts = [abs(SLOT, 0), abs(TRACKING, -1), REPORT, abs(SLOT, 1), abs(MT_X, 70), REPORT];
    let again = [abs(TRACKING, -1), REPORT, abs(TRACKING, 3), REPORT];
    let down = Touched::Down(0.105, 0.25);
    check(
        slots(),
        &[&first[..], &second, &lifts, &again].concat(),
        &[down, Touched::Lifted, Touched::Down(0.705, 0.95)],
    );
    // Another finger in its slot, without a word of the first.
    let other = [abs(TRACKING, 5), abs(MT_X, 50), REPORT];
    check(slots(), &[&first[..], &other].concat(), &[down, Touched::Down(0.505, 0.25)]);
}

#[test]
fn p11_nonsense_and_torn_events_press_nothing() {
    let down = [abs(TRACKING, 1), abs(MT_X, 10), abs(MT_Y, 2), REPORT];
    for slot in [-1, 16, i32::MAX, i32::MIN] {
        check(slots(), &[&[abs(SLOT, slot)], &down[..]].concat(), &[]);
    }
    check(slots(), &[abs(MT_X, 10), abs(MT_Y, 2), REPORT, abs(TRACKING, -1), REPORT], &[]);
    check(slots(), &[abs(TRACKING, 1), abs(MT_X, 10), REPORT], &[]);
    // What came before and after the loss is not put together.
    let torn = [event(EV_SYN, SYN_DROPPED, 0), abs(MT_X, 50), REPORT, abs(MT_X, 60), REPORT, abs(TRACKING, -1), REPORT];
    let whole = [&down[..], &torn, &down].concat();
    check(slots(), &whole, &[Touched::Down(0.105, 0.25), Touched::Lost, Touched::Down(0.105, 0.25)]);
    check(slots(), &[&[event(EV_SYN, SYN_DROPPED, 0)], &down[..]].concat(), &[]);
}

fn open_touch(path: &Path) -> Result<Opened, OpenError> {
    open(path).map(|opened| Opened { axes: Some(slots()), ..opened })
}

/// What is told of fingers.
fn feeling(seats: Seats, retry: Duration) -> mpsc::Receiver<Touched> {
    let (touched, touches) = mpsc::channel(4);
    tokio::spawn(seats.listen(Use::Fingers(touched), port().0, open_touch, retry));
    touches
}

async fn told(touches: &mut mpsc::Receiver<Touched>) -> Touched {
    timeout(SOON, touches.recv()).await.expect("a word within the time").expect("somebody listens")
}

#[tokio::test]
async fn a_touch_screen_is_felt_as_long_as_it_is_there_and_again_when_it_is_back() {
    let folder = Folder::new();
    let mut touches = feeling(Seats::every(folder.0.clone(), Vec::new()), NEVER);
    for _ in 0..2 {
        let screen = Plugged::new(folder.path("event1")).permitted();
        let mut hand = screen.taken().await;
        assert_eq!(told(&mut touches).await, Touched::Found);
        write(&mut hand, &[abs(TRACKING, 1), abs(MT_X, 10), abs(MT_Y, 2), REPORT]);
        assert_eq!(told(&mut touches).await, Touched::Down(0.105, 0.25));
        screen.pull_out(hand);
        // Nobody knows which of both is noticed first.
        let mut last = [told(&mut touches).await, Touched::Gone];
        if last[0] == Touched::Lost {
            last[1] = told(&mut touches).await;
        }
        assert_eq!(last[usize::from(last[0] == Touched::Lost)], Touched::Gone);
    }
}

#[tokio::test]
async fn a_keypad_is_no_touch_screen_and_a_second_screen_is_no_news() {
    let folder = Folder::new();
    let first = Plugged::new(folder.path("event0")).permitted();
    let second = Plugged::new(folder.path("event1")).permitted();
    std::fs::write(folder.path("event2"), "a keypad").expect("the folder is ours");
    let mut touches = feeling(Seats::every(folder.0.clone(), Vec::new()), NEVER);
    let (hand, mut other) = (first.taken().await, second.taken().await);
    assert_eq!(told(&mut touches).await, Touched::Found);
    first.pull_out(hand);
    write(&mut other, &[abs(TRACKING, 1), abs(MT_X, 10), abs(MT_Y, 2), REPORT, abs(TRACKING, -1), REPORT]);
    let mut heard = Vec::new();
    while heard.last() != Some(&Touched::Lifted) {
        heard.push(told(&mut touches).await);
    }
    heard.retain(|touched| *touched != Touched::Lost);
    assert_eq!(heard, [Touched::Down(0.105, 0.25), Touched::Lifted]);
}
