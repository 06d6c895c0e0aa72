//! The demo's page as its visitor uses it. It must not know what is expected of it.

use std::net::SocketAddr;
use std::process::Command;
use std::thread;
use std::time::Duration;

use demo::eye::{self, Sight};
use serde_json::Value;
use tests::browser::Browser;
use tests::folder::Folder;
use tests::http::get;
use tests::process::{Process, program};
use tests::wait::{SOON, wait_for};

/// Time for what the till does by its own clock: a question to payOS every 3 s, a delay of 4 s, and a busy machine.
pub(crate) const LATER: Duration = Duration::from_secs(40);

/// The running demo, and a browser that shows its page.
pub(crate) struct Page {
    pub(crate) browser: Browser,
    demo: Process,
    address: SocketAddr,
    _folder: Folder,
}

impl Page {
    /// Starts the demo and opens its page on a screen of 1280 × 800.
    #[track_caller]
    pub(crate) fn open(arguments: &[&str], language: &str) -> Self {
        let folder = Folder::make();
        let demo = start_demo(&folder, arguments);
        let printed = demo.printed();
        let told = printed.split("open http://").nth(1).and_then(|rest| rest.split('/').next());
        let address = told.and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| panic!("the demo has an address: {printed}"));
        let browser = Browser::start(language);
        browser.resize(1280, 800);
        let page = Self { browser, demo, address, _folder: folder };
        page.visit();
        page
    }

    /// Opens the page (again) and waits for the display's picture on it.
    #[track_caller]
    pub(crate) fn visit(&self) {
        self.browser.open(&format!("http://{}/", self.address));
        self.wait("the page shows the display", "document.body.dataset.screen > 0");
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    #[track_caller]
    pub(crate) fn wait(&self, what: &str, expression: &str) -> Value {
        self.browser.wait(what, LATER, expression)
    }

    /// Presses keys of the keypad with the mouse.
    #[track_caller]
    pub(crate) fn press(&self, keys: &[&str]) {
        for key in keys {
            self.browser.click(&format!("#keypad [data-key=\"{key}\"]"));
        }
    }

    /// Types an amount and waits until its code is on the display; returns the sale's id.
    #[track_caller]
    pub(crate) fn sell(&self, keys: &[&str]) -> String {
        let before = self.sale();
        self.press(keys);
        self.wait_for_code(&before)
    }

    /// Waits until another sale than that one is showing, on the page and in the picture.
    #[track_caller]
    pub(crate) fn wait_for_code(&self, before: &str) -> String {
        self.wait(
            "a new sale is showing",
            &format!("{} && document.body.dataset.sale != '{before}'", state_is("showing")),
        );
        wait_for("the display shows a code", SOON, || match self.look() {
            sight if sight.codes.len() == 1 => Ok(()),
            sight => Err(format!("{} codes", sight.codes.len())),
        });
        self.sale()
    }

    /// The newest sale's id.
    pub(crate) fn sale(&self) -> String {
        self.browser.run("return document.body.dataset.sale").as_str().unwrap_or_default().to_owned()
    }

    /// Scans with the phone and waits for the bill.
    #[track_caller]
    pub(crate) fn scan(&self) {
        self.browser.click("#scan");
        self.wait_phone("bill");
    }

    /// Presses a button of the phone and waits until it says what came of it.
    #[track_caller]
    pub(crate) fn pay_by(&self, button: &str) -> String {
        self.browser.click(button);
        self.wait_phone("done");
        self.browser.text("#done-said")
    }

    /// Pays what is missing after too little, and waits until the phone says so.
    #[track_caller]
    pub(crate) fn pay_by_rest(&self) -> String {
        let before = self.browser.text("#done-said");
        self.browser.click("#pay-rest");
        let said = "document.querySelector('#done-said').textContent.replace(/\\s/g, ' ')";
        self.wait("the rest is paid", &format!("{said} != '{before}'"));
        self.browser.text("#done-said")
    }

    /// Lets the till sell over another provider, and waits until it has started again.
    #[track_caller]
    pub(crate) fn choose(&self, provider: &str) {
        self.browser.click(&format!("[data-provider={provider}]"));
        let done = format!("document.body.dataset.provider == '{provider}' && document.body.dataset.power == 'true'");
        self.wait(&format!("the till sells over {provider}"), &done);
        self.wait("the page is done", "document.querySelector('#note').textContent == ''");
    }

    /// Waits until the phone shows this.
    #[track_caller]
    pub(crate) fn wait_phone(&self, view: &str) {
        self.wait(&format!("the phone shows {view}"), &phone_shows(view));
    }

    /// Back to the camera.
    #[track_caller]
    pub(crate) fn put_phone_back(&self) {
        self.browser.click("#again");
        self.wait_phone("camera");
    }

    #[track_caller]
    pub(crate) fn wait_state(&self, state: &str) {
        self.wait(&format!("the sale is {state}"), &state_is(state));
    }

    /// Waits until the picture of the display holds no code.
    #[track_caller]
    pub(crate) fn wait_without_code(&self) {
        wait_for("the display shows no code", SOON, || match self.look() {
            sight if sight.is_without_code() => Ok(()),
            sight => Err(format!("{:?}", sight.texts())),
        });
    }

    /// What an independent decoder sees in the picture that the page shows.
    #[track_caller]
    pub(crate) fn look(&self) -> Sight {
        let picture = self.look_at_pixels();
        eye::look(&picture).unwrap_or_else(|error| panic!("the display is a picture: {error}"))
    }

    /// The picture that the page shows, as PNG.
    #[track_caller]
    pub(crate) fn look_at_pixels(&self) -> Vec<u8> {
        get(self.address, "/screen.png").unwrap_or_else(|error| panic!("the demo answers: {error}")).body
    }

    /// Waits until the display shows something else.
    #[track_caller]
    pub(crate) fn wait_for_other_picture(&self, known: &[u8]) {
        wait_for("the display shows something else", SOON, || {
            if self.look_at_pixels() == known { Err("it shows the same".to_owned()) } else { Ok(()) }
        });
    }

    /// Moves a switch and waits until the page says that it is done.
    #[track_caller]
    pub(crate) fn switch(&self, fault: &str, on: bool) {
        self.browser.click(&format!("[data-fault=\"{fault}\"]"));
        let done = format!("document.body.dataset.faults.split(' ').includes('{fault}') === {on}");
        self.wait(&format!("the switch {fault} is {on}"), &done);
    }

    /// Waits until the log has a line of this kind.
    #[track_caller]
    pub(crate) fn wait_for_line(&self, from: &str, to: &str, what: &str) {
        let selector = format!("#log [data-from={from}][data-to={to}][data-what={what}]");
        self.wait(&format!("{from} tells {to}: {what}"), &format!("document.querySelector('{selector}') !== null"));
    }

    /// Waits until the page has drawn the newest picture.
    #[track_caller]
    pub(crate) fn wait_drawn(&self) {
        self.wait("the newest picture is drawn", "document.body.dataset.screen == document.body.dataset.news");
    }

    /// The page has not complained, and its log has no sum or word that is none.
    #[track_caller]
    pub(crate) fn assert_content(&self) {
        let texts =
            self.browser.run("return [...document.querySelectorAll('#log .text')].map((text) => text.textContent)");
        let texts: Vec<_> = texts.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let strange =
            |text: &&&str| ["undefined", "NaN", "null", "-", " 0\u{a0}₫"].iter().any(|part| text.contains(part));
        assert_eq!(texts.iter().filter(strange).collect::<Vec<_>>(), Vec::<&&str>::new());
        assert!(texts.len() > 20, "{texts:?}");
        assert_eq!(self.browser.complaints(), Vec::<String>::new(), "the page's console");
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // A test that has failed leaves the files; the process is killed in any case.
        if !thread::panicking() {
            let ended = self.demo.terminate();
            assert!(ended.success(), "the demo ends well: {ended}");
        }
    }
}

/// Starts the demo and waits until it tells the page's address.
#[track_caller]
pub(crate) fn start_demo(folder: &Folder, arguments: &[&str]) -> Process {
    let mut command = Command::new(program("till-demo"));
    // What a killed demo leaves goes with this folder.
    command.args(["--port", "0"]).args(arguments).env("TMPDIR", folder.path());
    let demo = Process::start("till-demo", &mut command, &folder.file("till-demo.log"));
    wait_for("the demo tells its address", SOON, || {
        let printed = demo.printed();
        if printed.contains("Ctrl-C stops everything") { Ok(()) } else { Err(printed) }
    });
    demo
}

pub(crate) fn state_is(state: &str) -> String {
    format!("document.body.dataset.state == '{state}'")
}

fn phone_shows(view: &str) -> String {
    format!("document.querySelector('#phone').dataset.view == '{view}'")
}
