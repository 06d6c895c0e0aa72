//! The recording of the newest events, as it is.

use std::sync::Arc;

use super::{Counter, listen, nobody};
use crate::api::fake::{Terminal, rules};
use crate::cli::Language;

#[tokio::test]
async fn the_recording_is_printed_as_it_is() {
    let terminal = Terminal::start(rules(), None).await;
    let lines: [&[u8]; 2] = [b"{\"flight\":1}\n", b"{\"event\":{}}\n"];
    terminal.memory().flight = lines.iter().map(|line| Arc::from(*line)).collect();
    let counter = Counter::at("flight", &terminal);
    let came = counter.till(&["flight"]).await;
    assert_eq!((came.code, came.out.as_str(), came.err.as_str()), (0, "{\"flight\":1}\n{\"event\":{}}\n", ""));
}

#[tokio::test]
async fn p13_without_a_terminal_it_says_so_in_both_languages() {
    for (language, said) in
        [(Language::English, "cannot print the newest events"), (Language::Vietnamese, "in các sự kiện mới nhất")]
    {
        let counter = Counter::new("flight-nobody", &listen(nobody().await)).speaking(language);
        let came = counter.till(&["flight"]).await;
        assert!(came.code == 4 && came.err.contains(said), "{}", came.err);
    }
}
