//! Brings fingers from touch screens to the display, which knows what they touch, and its keys to the till, by the same port as
//! a keypad's.

use till_display::Surface;
use tokio::sync::mpsc;

use crate::config::Settings;
use crate::input::Touched;
use crate::panel::{Finger, Fingers};
use crate::port::Port;
use crate::till::Key;

/// Returns how touch surfaces lie over the panel.
pub(super) fn surface(settings: &Settings) -> Surface {
    Surface { rotation: super::start::rotation(settings), matrix: settings.touch.matrix }
}

/// Connects the display with its fingers on one side and the till on the other; returns where fingers are told of.
pub(super) fn connect(fingers: Fingers, keys: mpsc::Receiver<Key>, port: &Port) -> mpsc::Sender<Touched> {
    let (touched, touches) = mpsc::channel(super::start::WAITING);
    tokio::spawn(feel(touches, fingers));
    tokio::spawn(press(keys, port.clone()));
    touched
}

/// Tells the display of fingers for as long as anybody feels them.
async fn feel(mut touched: mpsc::Receiver<Touched>, fingers: Fingers) {
    while let Some(touched) = touched.recv().await {
        match touched {
            Touched::Found => fingers.appear(),
            Touched::Gone => fingers.vanish(),
            Touched::Down(across, down) => fingers.does(Finger::Down((across, down))),
            Touched::Moved(across, down) => fingers.does(Finger::Moved((across, down))),
            Touched::Lifted => fingers.does(Finger::Lifted),
            Touched::Lost => fingers.does(Finger::Lost),
        }
    }
}

/// Presses the display's keys, one after the other, until the display is gone.
async fn press(mut keys: mpsc::Receiver<Key>, port: Port) {
    while let Some(key) = keys.recv().await {
        if let Err(error) = port.press(vec![key]).await {
            tracing::warn!(%error, "a key on the display was not taken");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use till_display::{PngPanel, Size, Theme};
    use till_settings::{Document, Mode};
    use tokio::sync::watch;

    use super::*;
    use crate::panel::{Heard, Light, Screen, TouchScreen};
    use crate::port::{DriverEnd, Request, port};
    use crate::till::{Answer, Generation, Link, Scene, View};

    /// What a terminal needs at least, with a panel that hangs upside down.
    const SETTINGS: &str = "[terminal]\nnumber = 1017\n[store]\npath = \"/var/lib/tilld\"\n\
        [display]\ndriver = \"png\"\ndevice = \"/nonexistent\"\nrotate = 180\n[input]\nkeypad = \"none\"\n\
        [mqtt]\nurl = \"mqtt://localhost\"\n[sale]\nchannel = \"payos\"\n\
        [[channel]]\nid = \"payos\"\nprovider = \"payos\"\nclient_id = { credential = \"a\" }\n\
        api_key = { credential = \"b\" }\nchecksum_key = { credential = \"c\" }\n\
        return_url = \"https://shop.example/ok\"\ncancel_url = \"https://shop.example/no\"\n";

    fn settings() -> Settings {
        let document = Document::parse(Path::new("f"), SETTINGS, Mode::Check).expect("it is TOML");
        Settings::from_document(document).expect("it is right").0
    }

    /// A display of 800x480 that writes its pictures to a file, which is removed in the end.
    fn screen(file: &Path, pressed: mpsc::Sender<Key>) -> (Screen, mpsc::Receiver<Heard>) {
        let settings = settings();
        let counter = super::super::counter::of(&settings).expect("it has no code");
        let light = Light::new(&super::super::counter::looks(&settings), settings.terminal.timezone.clone());
        let rotation = super::super::start::rotation(&settings);
        let panel = PngPanel::new(file, Size::new(800, 480).expect("within bounds"), rotation);
        let glass = TouchScreen { surface: surface(&settings), pressed };
        let (say, heard) = mpsc::channel(8);
        let screen = Screen::start(Box::new(panel), Theme::Light, counter, light, glass, say, watch::channel(0).0);
        (screen.expect("a thread"), heard)
    }

    #[tokio::test]
    async fn a_finger_on_a_panel_that_hangs_upside_down_presses_the_key_that_it_sees_there() {
        let file = std::env::temp_dir().join(format!("tilld-touch-{}.png", std::process::id()));
        let (pressed, keys_end) = mpsc::channel(8);
        let (screen, mut heard) = screen(&file, pressed);
        let (asking, DriverEnd { mut requests, .. }) = port();
        let touched = connect(screen.fingers(), keys_end, &asking);
        let view = View::Idle { link: Link::Up, barrier: None };
        screen.show(Scene { generation: Generation(1), view });
        let shown = tokio::time::timeout(Duration::from_secs(20), heard.recv()).await;
        assert_eq!(shown.expect("a picture within 20 s"), Some(Heard::Shown { generation: Generation(1) }));
        touched.send(Touched::Found).await.expect("somebody listens");
        // The 5 is in the middle of the second column of four, right of where the screen is.
        let (across, down) = (1.0 - 575.0 / 800.0, 0.5);
        let touching = async {
            loop {
                for touch in [Touched::Down(across, down), Touched::Moved(across, down), Touched::Lifted] {
                    touched.send(touch).await.expect("somebody listens");
                }
                // Until the keypad is drawn there is nothing to be touched.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let request = tokio::select! {
            request = tokio::time::timeout(Duration::from_secs(20), requests.recv()) => request,
            () = touching => unreachable!("it goes on for ever"),
        };
        let Some(Request::Keys { keys, reply }) = request.expect("a key within 20 s") else {
            unreachable!("a touch asks for nothing else")
        };
        assert_eq!(keys, [Key::Digit(5)]);
        drop(reply.send(Ok(Answer::Keyed { entry: None, sale: None })));
        drop(screen);
        // What is left behind harms nobody.
        let _ = std::fs::remove_file(file);
    }
}
