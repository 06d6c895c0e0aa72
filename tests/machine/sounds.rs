//! What is heard at a booted counter: nothing for nothing, and a chime and then words for money. It must not know how
//! either is made.

use tests::machine::PATIENCE;
use tests::machine::shop::MachineShop;
use tests::wait::wait_for;
use tilld::sound::chime::{MONEY, PAID, SHORT, UNPAID};

/// An amount is spoken longer than this, in seconds.
const SOME_WORDS: f64 = 1.0;

/// Fails when the counter has made a sound since it was switched on.
#[track_caller]
pub(crate) fn assert_silent(shop: &MachineShop) {
    let seconds = shop.heard().audible_s();
    assert!(seconds == 0.0, "the counter makes a sound of {seconds} s before there is a reason");
}

/// Waits until the chime of a paid sale was heard, no other, and somebody spoke after it.
#[track_caller]
pub(crate) fn wait_for_chime_and_words(shop: &MachineShop) {
    wait_for("the chime of a paid sale is heard, one tone after the other", PATIENCE, || {
        let heard = shop.heard();
        // Whoever looks for tones all the time takes the processor from the machine that makes them.
        if heard.length_s() < SOME_WORDS {
            return Err(trouble(shop));
        }
        let tones = heard.tones(&all_tones());
        if tones == PAID { Ok(()) } else { Err(format!("tones {tones:?}; {}", trouble(shop))) }
    });
    wait_for_words(shop, SOME_WORDS);
}

/// Presses the key that has the announcement said again: there are more words then, and no chime.
#[track_caller]
pub(crate) fn have_it_repeated(shop: &mut MachineShop) {
    let before = shop.heard().spoken_after_s(&PAID);
    shop.press(&["f3"]);
    wait_for_words(shop, before + SOME_WORDS);
}

#[track_caller]
fn wait_for_words(shop: &MachineShop, seconds: f64) {
    wait_for(&format!("{seconds:.1} s of words are heard"), PATIENCE, || {
        let heard = shop.heard();
        if heard.length_s() < seconds {
            return Err(trouble(shop));
        }
        let spoken = heard.spoken_after_s(&PAID);
        if spoken > seconds { Ok(()) } else { Err(format!("{spoken:.1} s; {}", trouble(shop))) }
    });
    assert_eq!(shop.heard().tones(&all_tones()), PAID, "there is another chime");
}

/// The tones of all chimes, in hertz.
fn all_tones() -> Vec<u32> {
    [&PAID[..], &MONEY, &SHORT, &UNPAID].concat()
}

/// What the till itself says about its sound.
fn trouble(shop: &MachineShop) -> String {
    format!("{:.1} s are recorded, and the till says {}", shop.heard().length_s(), shop.till.status()["sound"])
}
