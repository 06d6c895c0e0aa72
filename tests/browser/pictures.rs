//! Keeps pictures of the page for people to look at: those of the README, and one of every moment. It must not know what
//! is in them.

use std::fs;
use std::path::{Path, PathBuf};

use tests::browser::Browser;

use crate::page::Page;

/// No picture of the README is larger, in bytes.
const LARGEST: usize = 300 * 1000;

/// With `SCREENSHOTS=folder` every moment is kept there.
pub(crate) fn keep(page: &Page, name: &str) {
    if std::env::var_os("SCREENSHOTS").is_some() {
        page.wait_drawn();
        keep_shot(&page.browser, name);
    }
}

/// With `SCREENSHOTS=folder` what a browser shows now is kept there.
pub(crate) fn keep_shot(browser: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os("SCREENSHOTS").map(PathBuf::from) {
        write(&folder.join(format!("{name}.png")), &browser.screenshot());
    }
}

/// With `UPDATE_SCREENSHOTS=1` the README's picture is made anew.
pub(crate) fn publish(page: &Page, name: &str) {
    keep(page, name);
    if std::env::var_os("UPDATE_SCREENSHOTS").is_some_and(|value| value == "1") {
        page.browser.rest_mouse();
        page.wait_drawn();
        publish_shot(&page.browser, name);
    }
}

/// With `UPDATE_SCREENSHOTS=1` a document's picture is made anew of what a browser shows now.
pub(crate) fn publish_shot(browser: &Browser, name: &str) {
    if std::env::var_os("UPDATE_SCREENSHOTS").is_some_and(|value| value == "1") {
        let picture = browser.screenshot();
        assert!(picture.len() < LARGEST, "{name} has {} bytes", picture.len());
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package stands in the workspace's folder");
        write(&top.join("docs").join(format!("{name}.png")), &picture);
    }
}

fn write(file: &Path, bytes: &[u8]) {
    fs::write(file, bytes).unwrap_or_else(|error| panic!("cannot write {file:?}: {error}"));
}
