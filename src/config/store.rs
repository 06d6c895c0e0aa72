//! `[store]`: where sales are kept, and how long. It must not open the store.

use std::path::PathBuf;
use std::time::Duration;

use till_settings::{Table, days, path};

/// Where and how long sales are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// The folder.
    pub path: PathBuf,
    /// How long an ended sale is kept: from 3 days, which is longer than payments are watched and their keys remembered
    /// (48 h), to ten years.
    pub keep: Duration,
}

impl Store {
    pub(super) fn take(table: &Table) -> Option<Self> {
        let path = table.required("path", path());
        let keep = table.or("keep_days", Duration::from_secs(400 * 86_400), days(3..=3650));
        Some(Self { path: path?, keep })
    }
}
