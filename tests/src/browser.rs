//! A real browser without a window: Chromium, driven by WebDriver. It must not know the pages.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::http::send;
use crate::process::{Process, system_program};
use crate::wait::{SOON, wait_for};

/// No window, no sandbox for root, and no talk with anybody but our own servers.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// A browser with one page. Dropping it closes everything.
pub struct Browser {
    driver: Process,
    address: SocketAddr,
    /// The path of the session.
    session: String,
    _folder: Folder,
}

impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Browser").field("driver", &self.driver).finish_non_exhaustive()
    }
}

impl Browser {
    /// Starts a browser whose user speaks this language, e.g. `en-US`.
    ///
    /// # Panics
    /// When Chromium or its driver is not installed or does not start.
    #[track_caller]
    pub fn start(language: &str) -> Self {
        let chromium = system_program("chromium", "chromium");
        let program = system_program("chromedriver", "chromium-driver");
        let folder = Folder::make();
        let mut command = Command::new(program);
        // The profile and whatever else they write goes with this folder.
        command.arg("--port=0").env("TMPDIR", folder.path()).env("HOME", folder.path());
        let driver = Process::start("chromedriver", &mut command, &folder.file("chromedriver.log"));
        let port = wait_for("chromedriver tells its port", SOON, || {
            let printed = driver.printed();
            let told = printed.split("started successfully on port ").nth(1);
            let port = told.and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u16>().ok());
            port.ok_or(printed)
        });
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut browser = Self { driver, address, session: String::new(), _folder: folder };
        browser.session = browser.new_session(&chromium, language);
        browser
    }

    #[track_caller]
    fn new_session(&self, chromium: &Path, language: &str) -> String {
        let mut arguments: Vec<_> = ARGUMENTS.iter().map(ToString::to_string).collect();
        arguments.push(format!("--user-data-dir={}", self._folder.file("profile").display()));
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "binary": chromium,
                "args": arguments,
                "prefs": { "intl.accept_languages": language },
            },
        } } });
        let session = self.call("POST", "/session", &wanted);
        let id = session["sessionId"].as_str().unwrap_or_else(|| panic!("a session has an id: {session}"));
        format!("/session/{id}")
    }

    /// Opens an address and waits until its page is loaded.
    #[track_caller]
    pub fn open(&self, url: &str) {
        self.ask("POST", "/url", &json!({ "url": url }));
    }

    /// Gives the page a view of so many pixels.
    #[track_caller]
    pub fn resize(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.ask("POST", "/goog/cdp/execute", &json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": size }));
    }

    /// Runs a script in the page; what it returns is the value.
    #[track_caller]
    pub fn run(&self, script: &str) -> Value {
        self.ask("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Evaluates an expression in the page until it is true, or something like it, and returns it. One that throws is not
    /// true yet: an element that it names comes with the next page.
    ///
    /// # Panics
    /// When that takes longer than `limit`.
    #[track_caller]
    pub fn wait(&self, what: &str, limit: Duration, expression: &str) -> Value {
        let script = format!(
            "try {{ return {{ value: {expression} }} }} catch (thrown) {{ return {{ thrown: `${{thrown}}` }} }}"
        );
        wait_for(what, limit, || {
            let found = self.run(&script);
            if let Some(thrown) = found["thrown"].as_str() {
                return Err(format!("`{expression}` throws {thrown}"));
            }
            let value = found["value"].clone();
            let holds = !matches!(&value, Value::Null | Value::Bool(false)) && value != 0 && value != "";
            if holds { Ok(value) } else { Err(format!("`{expression}` is {value}")) }
        })
    }

    /// Clicks as a mouse does: what is hidden or covered cannot be clicked.
    #[track_caller]
    pub fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.ask("POST", &format!("{element}/click"), &json!({}));
    }

    /// Moves the mouse into the page's corner, where nothing is under it.
    #[track_caller]
    pub fn rest_mouse(&self) {
        let moves = json!([{ "type": "pointerMove", "duration": 0, "x": 2, "y": 2 }]);
        let mouse = json!({ "type": "pointer", "id": "mouse", "actions": moves });
        self.ask("POST", "/actions", &json!({ "actions": [mouse] }));
    }

    /// Types into the page as a keyboard does.
    #[track_caller]
    pub fn press(&self, keys: &str) {
        self.press_in("body", keys);
    }

    /// Types into a field.
    #[track_caller]
    pub fn press_in(&self, selector: &str, keys: &str) {
        let element = self.element(selector);
        self.ask("POST", &format!("{element}/value"), &json!({ "text": keys }));
    }

    /// The text that is seen in an element.
    #[track_caller]
    pub fn text(&self, selector: &str) -> String {
        let element = self.element(selector);
        let text = self.ask("GET", &format!("{element}/text"), &Value::Null);
        text.as_str().unwrap_or_default().to_owned()
    }

    /// The path of the first element that a CSS selector finds.
    #[track_caller]
    fn element(&self, selector: &str) -> String {
        let found = self.ask("POST", "/element", &json!({ "using": "css selector", "value": selector }));
        let id = found.as_object().and_then(|fields| fields.values().next()).and_then(Value::as_str);
        format!("/element/{}", id.unwrap_or_else(|| panic!("there is no `{selector}` in the page")))
    }

    /// A picture of what the page's view shows, as PNG.
    ///
    /// # Panics
    /// When it is not what WebDriver promises.
    #[track_caller]
    pub fn screenshot(&self) -> Vec<u8> {
        let shot = self.ask("GET", "/screenshot", &Value::Null);
        shot.as_str().and_then(from_base64).unwrap_or_else(|| panic!("a screenshot is Base64"))
    }

    /// What the page has complained about since the last call: errors and warnings of its console.
    #[track_caller]
    pub fn complaints(&self) -> Vec<String> {
        let log = self.ask("POST", "/se/log", &json!({ "type": "browser" }));
        let entries = log.as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| format!("{}: {}", entry["level"], entry["message"])).collect()
    }

    /// How many pixels the page is wider than its view.
    #[track_caller]
    pub fn overhang(&self) -> i64 {
        let script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.run(script).as_i64().unwrap_or(i64::MAX)
    }

    #[track_caller]
    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.call(method, &format!("{}{path}", self.session), body)
    }

    #[track_caller]
    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let json = [("Content-Type", "application/json")];
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let answer = send(self.address, method, path, &json, body.as_bytes());
        let answer = answer.unwrap_or_else(|error| panic!("chromedriver does not answer {method} {path}: {error}"));
        assert_eq!(answer.status, 200, "chromedriver answers {method} {path} {body} with {}", answer.text());
        answer.json()["value"].clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // This ends Chromium and all its processes; the driver is killed after it.
        let _ = send(self.address, "DELETE", &self.session, &[], b"");
    }
}

/// Reads Base64 (RFC 4648 §4); nothing when it is none.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for four in text.trim_end_matches('=').as_bytes().chunks(4) {
        let mut bits: u32 = 0;
        for letter in four {
            bits = bits << 6 | u32::from(sextet(*letter)?);
        }
        bits <<= 6 * (4 - four.len());
        let [_, first, second, third] = bits.to_be_bytes();
        bytes.extend([first, second, third].iter().take(four.len() - 1));
    }
    Some(bytes)
}

fn sextet(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::from_base64;

    #[test]
    fn base64_is_read_or_refused() {
        for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmE=", "fooba")] {
            assert_eq!(from_base64(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        assert_eq!(from_base64("+/+/"), Some(vec![0xfb, 0xff, 0xbf]));
        assert_eq!(from_base64("Zg!="), None);
    }
}
