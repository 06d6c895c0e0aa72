//! What is heard at a booted counter: nothing for nothing, and a chime and then words for money. It must not know how
//! either is made.

use tests::folder::Folder;
use tests::machine::shop::MachineShop;
use tests::machine::voice::say;
use tests::machine::{PATIENCE, wait_for};
use tilld::sound::chime::{MONEY, PAID, SHORT, UNPAID};

/// An amount is spoken longer than this, in seconds.
const SOME_WORDS: f64 = 1.0;

/// What is said for some amounts, those that are sold here and others.
const WORDS: [(u64, &str); 5] = [
    (50_000, "đã nhận năm mươi nghìn đồng"),
    (25_000, "đã nhận hai mươi lăm nghìn đồng"),
    (40_000, "đã nhận bốn mươi nghìn đồng"),
    (55_000, "đã nhận năm mươi lăm nghìn đồng"),
    (150_000, "đã nhận một trăm năm mươi nghìn đồng"),
];

/// Fails when the counter has made a sound since it was switched on.
#[track_caller]
pub(crate) fn assert_silent(shop: &MachineShop) {
    let seconds = shop.heard().audible_s();
    assert!(seconds == 0.0, "the counter makes a sound of {seconds} s before there is a reason");
}

/// Waits until the chime of a paid sale was heard, no other, and somebody said this amount after it.
#[track_caller]
pub(crate) fn wait_for_chime_and_words(shop: &MachineShop, amount: u64) {
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
    wait_for_amount(shop, 0.0, amount);
}

/// Waits until all is said, which since a second of the recording is more like this amount's words, as this machine's
/// voice says them, than like any other's.
#[track_caller]
fn wait_for_amount(shop: &MachineShop, since_s: f64, amount: u64) {
    let folder = Folder::make();
    let said = WORDS.map(|(amount, words)| (amount, say(&folder, words)));
    let mut length = 0.0;
    wait_for(&format!("{amount} is what is said"), PATIENCE, || {
        let heard = shop.heard();
        if std::mem::replace(&mut length, heard.length_s()) != length {
            return Err("something is still said".to_owned());
        }
        let heard = heard.since_s(since_s).after(&PAID);
        let mut likeness: Vec<_> = said.iter().map(|(amount, words)| (heard.likeness(words), amount)).collect();
        likeness.sort_by(|one, other| other.0.total_cmp(&one.0));
        println!("what is said is like {likeness:.2?}");
        match likeness.as_slice() {
            [(best, most), (next, _), ..] if **most == amount && *best > 0.7 && next + 0.03 < *best => Ok(()),
            _ => Err(format!("it is like {likeness:.2?}")),
        }
    });
}

/// Waits until something is heard that is as long as a chime and an amount.
#[track_caller]
pub(crate) fn wait_for_sound(shop: &MachineShop) {
    wait_for("the counter is heard", PATIENCE, || {
        let heard = shop.heard();
        if heard.audible_s() > SOME_WORDS { Ok(()) } else { Err(trouble(shop)) }
    });
}

/// Presses the key that has the announcement said again: the same amount is said once more, without a chime.
#[track_caller]
pub(crate) fn have_it_repeated(shop: &mut MachineShop, amount: u64) {
    let before = shop.heard();
    shop.press(&["f3"]);
    wait_for_words(shop, before.spoken_after_s(&PAID) + SOME_WORDS);
    wait_for_amount(shop, before.length_s(), amount);
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
