//! The till as the service of a whole system, on which its package is installed, and which starts it, watches it, and starts it
//! again. It must not know how the till works.

use tests::machine::emulator::Card;
use tests::machine::shop::{Counter, MachineShop, System};
use tests::machine::{PATIENCE, wait_for};
use tests::till::id_of;

use crate::install::follow_the_guide;
use crate::sells::{settle, type_in};
use crate::sounds::wait_for_sound;
use crate::{leaves, my_turn, updates};

/// A sound card comes up a while after the system, and is mute until somebody says how loud it is to be.
const UNMUTE: &str = "for n in $(seq 90); do [ -e /dev/snd/controlC0 ] && break; sleep 1; done
amixer -q set Master 100% unmute";

/// Has systemd take a till for hung after 10 s.
pub(crate) const SOONER: &str = "set -e
mkdir -p /run/systemd/system/tilld.service.d
printf '[Service]\nWatchdogSec=10\n' >/run/systemd/system/tilld.service.d/sooner.conf
systemctl daemon-reload";

/// P1, P2, P6 as Debian's systemd runs the till, which an installer has set up by docs/install.md: with the rights, devices and
/// secrets that the package gives it and no others. It loses its power, is killed, hangs and gets a newer version while a code
/// shows; each time it is started again and sells on. At the end it is removed.
#[test]
#[ignore = "minutes in an emulator: tests/run has it beside the others, tests/machine/run alone"]
fn a_terminal_lives_from_its_installation_to_its_end() {
    let _turn = my_turn();
    let counter = Counter {
        driver: "fbdev",
        card: Card::Bochs,
        pixels: (800, 480),
        system: System::Whole,
        has_loudspeaker: true,
        has_finger: false,
    };
    let mut shop = MachineShop::open(&counter);
    leaves::note_everything(&mut shop);
    follow_the_guide(&mut shop);
    assert_eq!(shop.shell().succeed("systemd-analyze verify /lib/systemd/system/tilld.service 2>&1"), "");
    assert_eq!(shop.shell().succeed("stat -c '%U %G %a' /run/tilld/api.sock"), "root till 660");
    let display = shop.till.status()["display"].clone();
    assert_eq!((&display["driver"], &display["ok"]), (&"fbdev".into(), &true.into()), "{display}");
    shop.wait_for_exact_picture();
    only_what_a_counter_needs(&mut shop);

    let first = type_in(&mut shop, &["esc", "kp_5", "kp_0", "kp_0", "kp_0", "kp_0", "kp_enter"], 50_000);
    // The guide's last words.
    shop.shell().succeed("sync");
    shop.cut();
    shop.switch_on();
    assert_eq!(first["qr"], shop.wait_for_code().as_str(), "the same sale shows the same code");
    shop.wait_for_exact_picture();
    shop.shell().succeed(UNMUTE);
    settle(&mut shop, &first, 50_000);
    // With the rights of the service: its programs find their card, and may play what it gives them.
    wait_for_sound(&shop);

    let second = type_in(&mut shop, &["esc", "2", "5", "0", "0", "0", "ret"], 25_000);
    // From the next start on a till that hangs is noticed sooner than the unit says, for the test's sake.
    shop.shell().succeed(SOONER);
    assert_eq!(calls_while_it_is_away(&mut shop), "HTTP/1.1 200 OK");
    let code = shop.wait_for_code();
    assert_eq!(second["qr"], code.as_str(), "the same sale shows the same code");
    assert_eq!(shop.till.sale(id_of(&second))["state"], "showing");
    shop.wait_for_exact_picture();

    ends_and_starts_again(&mut shop, "STOP");
    shop.wait_for_exact_picture();
    assert_eq!(shop.till.sale(id_of(&second))["state"], "showing", "what hung has lost nothing");
    settle(&mut shop, &second, 25_000);
    sleeps_and_wakes(&mut shop);
    leaves::upgrades_in_the_middle_of_a_sale(&mut shop);
    updates::updates_from_afar(&mut shop);
    assert_eq!(shop.payos.orders().len(), 4, "payOS heard of four orders");
    leaves::leaves_nothing_but_the_record_of_money(&mut shop);
}

/// `systemd/tilld-sleep.service`: before the machine sleeps the till leaves its broker, and comes back to it after; that no machine is put to sleep here is all
/// that is missing.
#[track_caller]
fn sleeps_and_wakes(shop: &mut MachineShop) {
    assert_eq!(shop.shell().succeed("systemctl is-enabled tilld-sleep.service"), "enabled");
    let broker = |shop: &MachineShop| shop.till.status()["links"]["broker"].clone();
    shop.shell().succeed("systemctl start tilld-sleep.service");
    wait_for("the till has left its broker", PATIENCE, || {
        let broker = broker(shop);
        let why = broker["reason"].as_str().unwrap_or_default();
        if why.contains("about to sleep") { Ok(()) } else { Err(broker.to_string()) }
    });
    shop.shell().succeed("systemctl stop tilld-sleep.service");
    wait_for("the till is back", PATIENCE, || {
        let broker = broker(shop);
        if broker["up"] == true { Ok(()) } else { Err(broker.to_string()) }
    });
}

/// Kills the till and calls it on its unix socket before systemd has started it again; returns how it answers then.
#[track_caller]
fn calls_while_it_is_away(shop: &mut MachineShop) -> String {
    let call = "perl -MIO::Socket::UNIX -e 'my $line = IO::Socket::UNIX->new(Peer => \"/run/tilld/api.sock\") or die $!; \
        print $line \"GET /v1/queue HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n\"; print scalar <$line>'";
    let before = shop.shell().succeed("systemctl show --value -p MainPID tilld");
    let answer = shop.shell().succeed(&format!(
        "systemctl kill --kill-whom=main -s KILL tilld\n\
         while [ -e /proc/{before} ]; do sleep 0.1; done\n\
         systemctl is-active tilld && exit 1\n{call}"
    ));
    let words: Vec<_> = answer.lines().collect();
    let [state, head] = words.as_slice() else { panic!("no answer: {answer}") };
    assert_ne!(*state, "active", "the till is away while it is called");
    shop.wait_for_broker();
    head.trim_end().to_owned()
}

/// Sends the till a signal of which it knows nothing, and waits until systemd has started it again.
#[track_caller]
pub(crate) fn ends_and_starts_again(shop: &mut MachineShop, signal: &str) {
    let show = "systemctl show --value -p MainPID -p NRestarts -p ActiveState tilld | xargs";
    let before = shop.shell().succeed(show);
    shop.shell().succeed(&format!("systemctl kill --kill-whom=main -s {signal} tilld"));
    let numbers = |told: &str| {
        let words: Vec<_> = told.split(' ').map(str::to_owned).collect();
        <[String; 3]>::try_from(words).unwrap_or_else(|words| panic!("three values of the service: {words:?}"))
    };
    let [process, restarts, _] = numbers(&before);
    wait_for(&format!("the till is started again after {signal}"), PATIENCE, || {
        let told = shop.shell().succeed(show);
        let [now, again, state] = numbers(&told);
        let started = now != process && again != restarts && state == "active";
        if started { Ok(()) } else { Err(format!("{before}, then {told}")) }
    });
    shop.wait_for_broker();
}

/// Devices by their numbers (Linux, Documentation/admin-guide/devices.txt), and whether the service may use them: those of
/// a counter, also when what drives them is loaded after the service has started, as for a line that is plugged in.
const DEVICES: [(&str, &str, bool); 11] = [
    ("framebuffer", "c 29 0", true),
    ("graphics card", "c 226 0", true),
    ("keypad", "c 13 64", true),
    ("sound", "c 116 0", true),
    ("serial line", "c 4 64", true),
    ("serial line of ARM boards", "c 204 64", true),
    ("serial line by USB", "c 188 0", true),
    ("modem line by USB", "c 166 0", true),
    ("SPI bus", "c 153 0", true),
    ("disk", "b 254 0", false),
    ("memory", "c 1 1", false),
];

/// What the service may open: a device that is allowed and is not there is another fault than one that is not allowed.
#[track_caller]
fn only_what_a_counter_needs(shop: &mut MachineShop) {
    let mut wrong = Vec::new();
    for (name, numbers, allowed) in DEVICES {
        // A process of root's in the service's control group has the service's devices, and no file's rights in its way.
        let told = shop.run(&format!(
            "rm -f /dev/tried && mknod /dev/tried {numbers} && echo $$ >/sys/fs/cgroup/system.slice/tilld.service/cgroup.procs \
             && timeout 2 head -c 0 /dev/tried; echo $$ >/sys/fs/cgroup/cgroup.procs; rm -f /dev/tried"
        ));
        assert!(told.complained.is_empty() || told.complained.contains("/dev/tried"), "{name}: {told:?}");
        let refused = told.complained.contains("Operation not permitted");
        if refused == allowed {
            wrong.push(format!("{name}, allowed: {allowed}: {told:?}"));
        }
    }
    assert!(wrong.is_empty(), "what the service may use is wrong: {wrong:#?}");
}
