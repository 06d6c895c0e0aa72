//! Keypads that come, go and come back, that may not be opened yet, that send too much or nonsense.

use std::fs;

use super::{Duration, EV_KEY, Folder, Key, Plugged, Seats, Till, event, stroke, write};
use crate::clock;

const KP1: u16 = 79;
const KP5: u16 = 76;
const ESC: u16 = 1;

#[tokio::test]
async fn keys_of_a_keypad_that_is_there_are_pressed_in_order() {
    let folder = Folder::new();
    let keypad = Plugged::new(folder.path("event3")).permitted();
    fs::write(folder.path("event0"), "a mouse").expect("the folder is ours");
    let other = Plugged::new(folder.path("mouse0")).permitted();
    let mut till = Till::listening(Seats::every(folder.0.clone(), Vec::new()));
    let mut hand = keypad.taken().await;
    let mut took = Vec::new();
    for code in [KP5, 82, 82, 28] {
        let before = clock::micros();
        write(&mut hand, &stroke(code));
        took.push((till.hears(1).await, clock::micros() - before));
    }
    let (keys, micros): (Vec<_>, Vec<_>) = took.into_iter().unzip();
    println!("from the kernel to the till: {micros:?} µs");
    assert_eq!(keys.concat(), [Key::Digit(5), Key::Digit(0), Key::Digit(0), Key::Enter]);
    assert!(!other.is_taken(), "only event devices are looked at");
}

#[tokio::test]
async fn a_keypad_is_taken_when_udev_has_given_it_to_the_group() {
    let folder = Folder::new();
    let mut till = Till::listening(Seats::every(folder.0.clone(), Vec::new()));
    let first = Plugged::new(folder.path("event0")).permitted();
    let mut hand = first.taken().await;
    write(&mut hand, &stroke(KP1));
    till.hears(1).await;
    // The look at this one, which another one's coming brings about, finds it forbidden.
    let keypad = Plugged::new(folder.path("event7"));
    let next = Plugged::new(folder.path("event8")).permitted();
    let _other = next.taken().await;
    assert!(!keypad.is_taken());
    let keypad = keypad.permitted();
    write(&mut keypad.taken().await, &stroke(KP5));
    assert_eq!(till.hears(1).await, [Key::Digit(5)]);
}

#[tokio::test]
async fn a_keypad_that_is_pulled_out_and_put_back_is_listened_to_again() {
    let folder = Folder::new();
    let mut till = Till::listening(Seats::every(folder.0.clone(), Vec::new()));
    for _ in 0..3 {
        let keypad = Plugged::new(folder.path("event2")).permitted();
        let mut hand = keypad.taken().await;
        write(&mut hand, &stroke(KP5));
        assert_eq!(till.hears(1).await, [Key::Digit(5)]);
        keypad.pull_out(hand);
    }
}

#[tokio::test]
async fn only_the_named_devices_are_listened_to_and_one_may_come_later() {
    let folder = Folder::new();
    let other = Plugged::new(folder.path("event0")).permitted();
    let named = folder.path("by-id");
    let mut till = Till::looking_every(Duration::from_millis(20), Seats::named(vec![named.join("keypad")]));
    // At the first look neither the folder nor the device is there.
    tokio::task::yield_now().await;
    fs::create_dir(&named).expect("the folder is ours");
    let keypad = Plugged::new(named.join("keypad")).permitted();
    write(&mut keypad.taken().await, &stroke(KP5));
    assert_eq!(till.hears(1).await, [Key::Digit(5)]);
    assert!(!other.is_taken());
}

#[tokio::test]
async fn the_folder_itself_may_come_later() {
    let folder = Folder::new();
    let place = folder.path("input");
    let mut till = Till::looking_every(Duration::from_millis(20), Seats::every(place.clone(), Vec::new()));
    // The first look finds nothing.
    tokio::task::yield_now().await;
    fs::create_dir(&place).expect("the folder is ours");
    let keypad = Plugged::new(place.join("event0")).permitted();
    write(&mut keypad.taken().await, &stroke(KP5));
    assert_eq!(till.hears(1).await, [Key::Digit(5)]);
}

#[tokio::test]
async fn p9_no_more_than_eight_devices_are_listened_to_and_another_takes_a_free_place() {
    let folder = Folder::new();
    let keypads: Vec<Plugged> = (0..9).map(|at| Plugged::new(folder.path(&format!("event{at}"))).permitted()).collect();
    let mut till = Till::listening(Seats::every(folder.0.clone(), Vec::new()));
    let mut hands = Vec::new();
    for keypad in &keypads[..8] {
        hands.push(keypad.taken().await);
    }
    write(&mut hands[7], &stroke(KP5));
    till.hears(1).await;
    assert!(!keypads[8].is_taken());
    drop(hands.remove(0));
    fs::remove_file(folder.path("event0")).expect("it is there");
    write(&mut keypads[8].taken().await, &stroke(KP1));
    assert_eq!(till.hears(1).await, [Key::Digit(1)]);
}

#[tokio::test]
async fn p9_many_keys_at_once_come_in_bounded_batches_and_escape_begins_one() {
    let folder = Folder::new();
    let keypad = Plugged::new(folder.path("event0")).permitted();
    let mut till = Till::listening(Seats::every(folder.0.clone(), Vec::new()));
    let mut hand = keypad.taken().await;
    let presses: Vec<_> = (0..64).map(|at| event(EV_KEY, if at == 40 { ESC } else { KP5 }, 1)).collect();
    write(&mut hand, &presses);
    let mut sizes = Vec::new();
    while sizes.iter().sum::<usize>() < 64 {
        let batch = till.pressed.recv().await.expect("the till listens");
        assert!(batch.iter().skip(1).all(|key| *key != Key::Escape), "{batch:?}");
        sizes.push(batch.len());
    }
    assert_eq!(sizes, [32, 8, 24]);
}

#[tokio::test]
async fn p11_a_device_that_sends_nonsense_is_let_go() {
    use std::io::{Read, Write};
    let folder = Folder::new();
    let keypad = Plugged::new(folder.path("event0")).permitted();
    let mut till = Till::listening(Seats::every(folder.0.clone(), Vec::new()));
    let mut hand = keypad.taken().await;
    hand.write_all(b"7").expect("somebody listens");
    // It is opened anew, which is what a kernel's device would need.
    let mut again = keypad.taken().await;
    hand.set_nonblocking(true).expect("a socket can be made not to wait");
    assert_eq!(hand.read(&mut [0]).ok(), Some(0), "the other end is closed");
    write(&mut again, &stroke(KP5));
    assert_eq!(till.hears(1).await, [Key::Digit(5)]);
}
