//! A panel that does not take pictures, and when it is tried again.

use till_display::PanelError;

use super::super::absence::Absence;
use super::*;
use crate::till::Link;

fn idle(generation: u64) -> Scene {
    Scene { generation: Generation(generation), view: View::Idle { link: Link::Up, barrier: None } }
}

/// A pace at which nothing is tried again by itself.
fn never() -> Pace {
    let hour = Duration::from_secs(3600);
    Pace { repeat: hour, retry: hour, look: hour, ..Pace::default() }
}

/// A display whose panel has refused the start-up screen and one scene, and would take the next.
async fn refused(pace: Pace, path: Option<PathBuf>) -> (Screen, mpsc::Receiver<Heard>) {
    let refusals = Arc::new(Mutex::new(u32::MAX));
    let size = Size::new(320, 240).expect("a panel's size");
    let (screen, mut heard) = start_on(Paper { refusals: Arc::clone(&refusals), path, ..paper(size) }, pace);
    assert!(matches!(next(&mut heard).await, Heard::Failed { .. }));
    screen.show(idle(1));
    let tried = async {
        while *refusals.lock().expect("no test panics with the lock held") > u32::MAX - 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), tried).await.expect("a new scene is tried at once");
    *refusals.lock().expect("no test panics with the lock held") = 0;
    (screen, heard)
}

#[tokio::test]
async fn a_new_scene_is_tried_at_once_however_long_the_panel_has_failed() {
    let (screen, mut heard) = refused(never(), None).await;
    screen.show(idle(2));
    assert_eq!(next(&mut heard).await, Heard::Shown { generation: Generation(2) });
}

#[tokio::test]
async fn whoever_presses_a_key_has_the_panel_tried_at_once() {
    let (screen, mut heard) = refused(never(), None).await;
    screen.wake();
    assert_eq!(next(&mut heard).await, Heard::Shown { generation: Generation(1) });
}

#[tokio::test]
async fn a_device_that_comes_is_tried_at_once() {
    let folder = std::env::temp_dir().join(format!("till-panel-{}-{:08x}", std::process::id(), fastrand::u32(..)));
    std::fs::create_dir(&folder).expect("a folder of this test's own");
    let path = folder.join("fb0");
    let pace = Pace { look: Duration::from_millis(20), check: Duration::from_millis(20), ..never() };
    let (_screen, mut heard) = refused(pace, Some(path.clone())).await;
    let early = tokio::time::timeout(Duration::from_millis(100), heard.recv()).await;
    assert!(early.is_err(), "nothing has come yet: {early:?}");
    std::fs::write(&path, "").expect("the folder is ours");
    assert_eq!(next(&mut heard).await, Heard::Shown { generation: Generation(1) });
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
}

#[test]
fn tries_are_counted_for_the_same_picture_and_not_where_only_the_display_is_missing() {
    let mut absence = Absence::default();
    let fault = PanelError::NoFramebuffer { path: "/dev/fb0".into() };
    let unplugged = PanelError::Unplugged { path: "/dev/card".into(), output: "HDMI-A-1".to_owned() };
    let wanted = [None, None, Some(1), Some(1), Some(1), Some(2)].map(|number| number.map(Generation));
    let tries = wanted.map(|wanted| {
        absence.goes_on(wanted, &fault, None);
        absence.tries()
    });
    assert_eq!(tries, [1, 2, 1, 2, 3, 1]);
    for _ in 0..3 {
        absence.goes_on(Some(Generation(2)), &unplugged, None);
        assert_eq!(absence.tries(), 1);
    }
}
