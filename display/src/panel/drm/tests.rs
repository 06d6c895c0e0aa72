//! The graphics card's panel on a card that keeps to the kernel's rules, unplugged, taken and deaf at will.

mod kernel;

use std::ops::Range;

use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Point, Size as Extent};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::primitives::Rectangle;
use proptest::prelude::*;

use super::output::Plug;
use super::*;
use kernel::{CONSOLE, FOREIGN_BUFFERS, Kernel, Memory};

pub(in crate::panel::drm) use kernel::{connector, mode};

const ALL: [Rotation; 4] = [Rotation::Deg0, Rotation::Deg90, Rotation::Deg180, Rotation::Deg270];

fn plain(size: Size, [red, green, blue]: [u8; 3]) -> Frame {
    let mut frame = Frame::new(size);
    let Ok(()) = frame.clear(Rgb888::new(red, green, blue));
    frame
}

fn fill(frame: &mut Frame, (x, y): (i32, i32), (width, height): (u32, u32), colour: Rgb888) {
    let Ok(()) = frame.fill_solid(&Rectangle::new(Point::new(x, y), Extent::new(width, height)), colour);
}

/// A panel that shows a frame of one colour, its size and the card behind it.
fn showing(rotation: Rotation) -> (DrmPanel, Kernel, Frame) {
    let kernel = Kernel::new(&[(320, 240), (640, 480)]);
    let mut panel = kernel.panel(rotation);
    let frame = plain(panel.size().expect("a display is there"), [1, 2, 3]);
    panel.show(&frame).expect("the card shows it");
    (panel, kernel, frame)
}

#[track_caller]
fn assert_seen(kernel: &Kernel, frame: &Frame, rotation: Rotation) {
    assert!(kernel.picture().as_deref() == Some(frame.turned(rotation).bytes()), "the frame is not what is to be seen");
}

#[test]
fn what_is_drawn_is_to_be_seen_when_show_returns() {
    for rotation in ALL {
        let (mut panel, kernel, mut frame) = showing(rotation);
        assert_seen(&kernel, &frame, rotation);
        for (step, colour) in [Rgb888::RED, Rgb888::GREEN, Rgb888::BLUE, Rgb888::WHITE].into_iter().enumerate() {
            fill(&mut frame, (10 + step as i32 * 40, 20), (30, 50), colour);
            panel.show(&frame).expect("the card shows it");
            assert_seen(&kernel, &frame, rotation);
        }
        assert_eq!(kernel.counts(), (1, 4, 1));
    }
}

#[test]
fn a_display_that_is_drawn_on_tells_its_millimetres_as_it_is_mounted() {
    for rotation in ALL {
        let mut panel = Kernel::new(&[(320, 240)]).panel(rotation);
        assert_eq!(panel.millimetres(), None, "nothing is open yet");
        panel.size().expect("a display is there");
        let want = if [Rotation::Deg90, Rotation::Deg270].contains(&rotation) { (86, 154) } else { (154, 86) };
        assert_eq!(panel.millimetres(), Some(want), "{rotation:?}");
    }
}

#[test]
fn only_rows_that_differ_from_what_the_buffer_holds_are_drawn() {
    let (mut panel, kernel, mut frame) = showing(Rotation::Deg0);
    let mut drawn = |panel: &mut DrmPanel, rows: Range<i32>, colour: Rgb888| {
        fill(&mut frame, (0, rows.start), (10, (rows.end - rows.start) as u32), colour);
        panel.show(&frame).expect("the card shows it");
        kernel.state().written.clone()
    };
    assert_eq!(drawn(&mut panel, 0..1, Rgb888::RED), Vec::from_iter(0..240), "the second buffer holds nothing yet");
    assert_eq!(drawn(&mut panel, 100..102, Rgb888::RED), [0, 100, 101], "the first has not seen row 0 either");
    assert_eq!(drawn(&mut panel, 7..8, Rgb888::RED), [7, 100, 101]);
    assert_eq!(drawn(&mut panel, 9..10, Rgb888::RED), [7, 9]);
}

#[test]
fn a_frame_that_changes_nothing_is_not_sent() {
    let (mut panel, kernel, frame) = showing(Rotation::Deg0);
    for _ in 0..3 {
        panel.show(&frame).expect("it is to be seen");
    }
    assert_eq!(kernel.counts(), (1, 0, 1));
}

#[test]
fn an_unplugged_display_is_noticed_dark_and_drawn_again_in_its_own_size_when_another_comes() {
    let (mut panel, kernel, frame) = showing(Rotation::Deg90);
    panel.check().expect("it is plugged in");
    kernel.plug(Plug::Disconnected);
    let error = panel.check().expect_err("it is unplugged");
    assert_eq!(error.to_string(), "no display is connected to HDMI-A-1 of `/dev/dri/card0`");
    assert!(matches!(error, PanelError::Unplugged { .. }));
    assert_eq!(kernel.state().shown, None, "the next display must not show an old picture");
    for _ in 0..3 {
        assert!(matches!(panel.size(), Err(PanelError::Unplugged { .. })));
        assert!(matches!(panel.show(&frame), Err(PanelError::Unplugged { .. })));
        panel.check().expect("it has been said");
    }
    kernel.state().connectors[0].modes = vec![mode(1280, 800)];
    kernel.plug(Plug::Connected);
    let size = panel.size().expect("another display");
    assert_eq!(size.to_string(), "800x1280");
    assert!(matches!(panel.show(&frame), Err(PanelError::WrongSize { .. })));
    let frame = plain(size, [9, 8, 7]);
    panel.show(&frame).expect("the card shows it");
    assert_seen(&kernel, &frame, Rotation::Deg90);
    panel.check().expect("it is plugged in");
    let state = kernel.state();
    assert_eq!((state.opened, state.buffers.len()), (1, 3), "the card stays open, its old buffers do not stay");
}

#[test]
fn while_another_program_has_the_card_it_is_tried_again_and_then_regained() {
    let (mut panel, kernel, mut frame) = showing(Rotation::Deg0);
    kernel.state().is_master = false;
    fill(&mut frame, (0, 0), (10, 10), Rgb888::RED);
    let said = |error: PanelError| match error {
        PanelError::Card { source: CardError::NotMaster { request, .. }, .. } => request,
        PanelError::Card { .. }
        | PanelError::Unplugged { .. }
        | PanelError::WrongSize { .. }
        | PanelError::Encode { .. }
        | PanelError::Write { .. }
        | PanelError::Replace { .. }
        | PanelError::Open { .. }
        | PanelError::NoFramebuffer { .. }
        | PanelError::Ask { .. }
        | PanelError::Geometry { .. }
        | PanelError::Connect { .. }
        | PanelError::NotA { .. }
        | PanelError::Untaken { .. }
        | PanelError::Changed { .. } => "something else",
    };
    assert_eq!(said(panel.show(&frame).expect_err("not the master")), "DRM_IOCTL_MODE_PAGE_FLIP");
    for _ in 0..2 {
        assert!(!kernel.state().is_open, "only who opens it anew can become the master");
        assert_eq!(panel.size().expect("a display is there"), frame.dimensions());
        assert_eq!(said(panel.show(&frame).expect_err("not the master")), "DRM_IOCTL_MODE_SETCRTC");
    }
    kernel.state().is_master = true;
    panel.show(&frame).expect("the other program has gone");
    assert_seen(&kernel, &frame, Rotation::Deg0);
}

#[test]
fn another_programs_picture_is_noticed_without_a_new_frame() {
    let (mut panel, kernel, frame) = showing(Rotation::Deg0);
    let foreign = Memory { size: (1, 1), bytes: vec![0; 68] };
    kernel.state().buffers.insert(FOREIGN_BUFFERS, foreign);
    kernel.state().shown = Some(FOREIGN_BUFFERS);
    let error = panel.check().expect_err("another picture is shown");
    assert!(matches!(error, PanelError::Card { source: CardError::Taken { .. }, .. }), "{error}");
    panel.show(&frame).expect("the card shows it");
    assert_seen(&kernel, &frame, Rotation::Deg0);
    assert_eq!(kernel.state().opened, 2);
}

#[test]
fn a_picture_that_is_never_said_to_be_shown_is_an_error_and_the_card_opened_anew() {
    let (mut panel, kernel, mut frame) = showing(Rotation::Deg0);
    kernel.state().loses_events = true;
    fill(&mut frame, (0, 0), (10, 10), Rgb888::RED);
    let error = panel.show(&frame).expect_err("no event comes");
    assert!(matches!(error, PanelError::Card { source: CardError::Late, .. }), "{error}");
    assert!(!kernel.state().is_open);
    kernel.state().loses_events = false;
    panel.show(&frame).expect("the card shows it");
    assert_seen(&kernel, &frame, Rotation::Deg0);
    fill(&mut frame, (5, 5), (10, 10), Rgb888::BLUE);
    panel.show(&frame).expect("the card shows it");
    assert_seen(&kernel, &frame, Rotation::Deg0);
}

#[test]
fn a_frame_of_another_size_is_refused_and_what_is_shown_stays() {
    let (mut panel, kernel, frame) = showing(Rotation::Deg90);
    let error = panel.show(&Frame::new(Size::new(320, 240).expect("a size"))).expect_err("the size is wrong");
    assert_eq!(error.to_string(), "a frame of 320x240 does not fit a panel of 240x320");
    assert_seen(&kernel, &frame, Rotation::Deg90);
}

#[test]
fn the_console_is_to_be_seen_again_in_the_end() {
    let (panel, kernel, _) = showing(Rotation::Deg0);
    assert_ne!(kernel.state().shown, Some(CONSOLE));
    drop(panel);
    let state = kernel.state();
    assert_eq!((state.shown, state.is_open, state.buffers.len()), (Some(CONSOLE), false, 1));
    assert_eq!(state.given_back, 1);
}

#[test]
fn p11_what_is_no_graphics_card_is_not_opened() {
    for path in ["/dev/null", "/dev", "/proc/self/exe"] {
        let mut panel = DrmPanel::new(path, None, None, Rotation::Deg0);
        let error = panel.size().expect_err("this is no card");
        assert!(matches!(error, PanelError::Card { source: CardError::NoCard, .. }), "{error}");
        panel.check().expect("nothing is shown, so nothing is missing");
    }
    let error = DrmPanel::new("/dev/dri/till-absent", None, None, Rotation::Deg0).size().expect_err("no such card");
    assert!(error.to_string().contains("`/dev/dri/till-absent`"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    /// Whatever is drawn in whatever order, with faults between: what is to be seen is the frame that was shown last.
    #[test]
    fn the_frame_that_was_taken_last_is_to_be_seen(
        rotation in prop::sample::select(ALL.to_vec()),
        steps in prop::collection::vec((0..300i32, 0..300i32, 1..200u32, 1..200u32, any::<u8>(), 0..12u8), 1..12),
    ) {
        let (mut panel, kernel, mut frame) = showing(rotation);
        for (x, y, width, height, strength, fault) in steps {
            fill(&mut frame, (x, y), (width, height), Rgb888::new(strength, 255 - strength, fault));
            match fault {
                0 => kernel.state().is_master = false,
                1 => kernel.state().loses_events = true,
                2 => {
                    kernel.plug(Plug::Disconnected);
                    // A panel that shows nothing does not look.
                    let _ = panel.check();
                }
                _ => {}
            }
            let taken = panel.show(&frame).is_ok();
            prop_assert!(!taken || kernel.picture().as_deref() == Some(frame.turned(rotation).bytes()));
            prop_assert!(taken || fault < 3);
            kernel.state().is_master = true;
            kernel.state().loses_events = false;
            kernel.plug(Plug::Connected);
        }
    }
}
