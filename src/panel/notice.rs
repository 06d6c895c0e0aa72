//! What the display of a terminal says before it can sell: that it is to be enrolled, and how that goes. It must not know how
//! a terminal is enrolled.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use till_display::{Frame, Panel, Screen, Size, Theme, Type, draw};
use till_settings::tls::whole_chain;

use crate::config::Locale;
use crate::pulse::{Beat, Pulse};

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// How the terminal is enrolled.
    HowToEnrol,
    /// A claim was read, and the server is asked.
    Enrolling,
    /// It did not work. The log has more of the reason, for whoever installs the terminal.
    NotEnrolled(Obstacle),
    /// It is enrolled, as this terminal.
    Enrolled {
        /// Its seven digits.
        number: String,
        /// What it is called.
        label: String,
    },
}

/// Why a terminal could not be enrolled, as far as a person at the counter can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// What was scanned or typed is no claim, or not all of one.
    NoClaim,
    /// The claim is over.
    Expired,
    /// Another terminal has used the claim.
    Used,
    /// The claim is another fleet's, or another terminal's, or cannot be used.
    NotForUs,
    /// The server cannot be asked, or not now: the same claim works later.
    NotReached,
    /// The clock is not set.
    ClockNotSet,
    /// Something on this terminal or the server: whoever installs it must look.
    Installer,
}

/// How often a panel that failed is tried again, and one that works is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// The thread of a display that shows notices. It ends when this is dropped, and the display stays as it is.
#[derive(Debug)]
pub struct NoticeBoard {
    say: Option<Sender<Notice>>,
    pulse: Pulse,
    thread: Option<thread::JoinHandle<()>>,
}

impl NoticeBoard {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(panel: Box<dyn Panel>, theme: Theme, locale: Locale) -> io::Result<Self> {
        let (say, notices) = channel();
        let beat = Beat::new();
        let pulse = beat.pulse();
        let show = move || show_all(panel, theme, locale, &notices, &beat);
        let thread = thread::Builder::new().name("notices".into()).spawn(show)?;
        Ok(Self { say: Some(say), pulse, thread: Some(thread) })
    }

    /// Returns what tells whether the thread hangs.
    pub fn pulse(&self) -> Pulse {
        self.pulse.clone()
    }

    /// Says something; it takes the place of what was said before.
    pub fn show(&self, notice: Notice) {
        if let Some(say) = &self.say {
            // A thread that is gone shows nothing any more.
            let _ = say.send(notice);
        }
    }
}

impl Drop for NoticeBoard {
    fn drop(&mut self) {
        self.say = None;
        if let Some(thread) = self.thread.take() {
            // It ends at once; a panel that panicked has shown its last picture.
            let _ = thread.join();
        }
    }
}

fn show_all(mut panel: Box<dyn Panel>, theme: Theme, locale: Locale, notices: &Receiver<Notice>, beat: &Beat) {
    let mut letters = Type::new();
    let (mut notice, mut shown, mut told) = (None, false, None);
    loop {
        beat.busy();
        match notices.recv_timeout(LOOK) {
            Ok(newer) => (notice, shown) = (Some(newer), false),
            Err(RecvTimeoutError::Timeout) => shown = shown && panel.check().is_ok(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let Some(notice) = notice.as_ref().filter(|_| !shown) else { continue };
        let picture = screen(notice, locale);
        let result = panel.size().and_then(|size: Size| {
            let mut frame = Frame::new(size);
            if let Err(error) = draw(&picture, theme, &mut frame, &mut letters) {
                tracing::error!(error = %whole_chain(&error), "a notice cannot be drawn");
            }
            panel.show(&frame)
        });
        match result {
            Ok(()) => (shown, told) = (true, None),
            Err(error) => {
                let reason = whole_chain(&error);
                if told.as_ref() != Some(&reason) {
                    tracing::error!(reason, "the display cannot be written; it is tried again every second");
                    told = Some(reason);
                }
            }
        }
    }
}

impl Obstacle {
    /// Says what is in the way and what to do, in Vietnamese and in English.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NoClaim => ("Đây không phải cả mã đăng ký: hãy quét lại", "This is no whole claim: scan it again"),
            Self::Expired => ("Mã đã hết hạn: hãy xin mã mới", "The claim has expired: ask for a new one"),
            Self::Used => {
                ("Máy khác đã dùng mã này: hãy xin mã mới", "Another terminal has used this claim: ask for a new one")
            }
            Self::NotForUs => (
                "Mã này không dành cho máy này: hãy xin mã mới",
                "This claim is not for this terminal: ask for a new one",
            ),
            Self::NotReached => {
                ("Chưa hỏi được máy chủ: hãy quét lại sau", "The server cannot be asked: scan again later")
            }
            Self::ClockNotSet => {
                ("Đồng hồ của máy chưa đúng: hãy quét lại sau", "The clock is not set: scan again later")
            }
            Self::Installer => ("Hãy gọi người lắp đặt máy", "Call whoever installs this terminal"),
        }
    }
}

/// Finds the words for a notice.
fn screen(notice: &Notice, locale: Locale) -> Screen {
    let say = |vi: &str, en: &str| match locale {
        Locale::Vietnamese => vi.to_owned(),
        Locale::English => en.to_owned(),
    };
    let (title, text, staff) = match notice {
        Notice::HowToEnrol => (
            say("Máy chưa được đăng ký", "This terminal is not enrolled"),
            say("Quét mã đăng ký bằng máy quét của quầy", "Scan its claim with the counter's scanner"),
            say("Hoặc trên máy này: tilld enrol MÃ", "Or on this machine: tilld enrol CLAIM"),
        ),
        Notice::Enrolling => (
            say("Đang đăng ký…", "Enrolling…"),
            say("Đang hỏi máy chủ đăng ký", "Asking the enrolment server"),
            String::new(),
        ),
        Notice::NotEnrolled(obstacle) => {
            let (vi, en) = obstacle.words();
            let log = say("Lý do có trong nhật ký: journalctl -u tilld", "The log has the reason: journalctl -u tilld");
            (say("Chưa đăng ký được", "Not enrolled"), say(vi, en), log)
        }
        Notice::Enrolled { number, label } => (
            say("Đã đăng ký", "Enrolled"),
            label.clone(),
            say(&format!("Máy số {number}"), &format!("Terminal {number}")),
        ),
    };
    Screen::Notice { title, text, staff }
}

#[cfg(test)]
mod tests {
    use till_display::draw_placed;

    use super::*;

    fn notices() -> Vec<Notice> {
        let obstacles = [
            Obstacle::NoClaim,
            Obstacle::Expired,
            Obstacle::Used,
            Obstacle::NotForUs,
            Obstacle::NotReached,
            Obstacle::ClockNotSet,
            Obstacle::Installer,
        ];
        let not = obstacles.map(Notice::NotEnrolled);
        let enrolled = Notice::Enrolled { number: "0001017".into(), label: "Quầy cạnh cửa ra vào".into() };
        [Notice::HowToEnrol, Notice::Enrolling, enrolled].into_iter().chain(not).collect()
    }

    /// P13: what a person can do is told to him in his language, whole, also on the smallest displays.
    #[test]
    fn p13_each_notice_says_whole_what_can_be_done() {
        for (locale, (width, height)) in [Locale::Vietnamese, Locale::English]
            .into_iter()
            .flat_map(|locale| [(240, 320), (320, 240), (800, 480), (1280, 800)].map(|size| (locale, size)))
        {
            for notice in notices() {
                let Screen::Notice { title, text, staff } = screen(&notice, locale) else {
                    unreachable!("a notice is a notice")
                };
                let mut frame = Frame::new(Size::new(width, height).expect("a display's size"));
                let placed = draw_placed(&screen(&notice, locale), Theme::Light, &mut frame, &mut Type::new());
                let seen: Vec<String> = placed.expect("it is drawn").into_iter().map(|placed| placed.what).collect();
                let seen = seen.join(" ");
                for words in [&title, &text, &staff] {
                    assert!(seen.contains(words.as_str()), "{width}×{height} {notice:?}: {words:?} is not in {seen:?}");
                }
            }
        }
    }
}
