//! The packages over the life of a terminal: a newer version in the middle of a sale, and the end. It must not know how the
//! till works.

use tests::machine::shop::MachineShop;
use tests::machine::whole::LUGGAGE;
use tests::machine::{PATIENCE, wait_for};
use tests::till::id_of;

use crate::install::block;
use crate::sells::{settle, type_in};

/// What is on the disk, but for what other programs write as they go, one path a line.
const EVERYTHING: &str = "find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /srv \
    -o -path /var/log -o -path /var/cache -o -path /var/tmp -o -path /var/lib/apt -o -path /var/lib/systemd/linger -o -path /var/lib/dpkg -o -path /etc/begun \\) -prune \
    -o -print | sort";

/// What an installer made himself, which is his to remove; and the key by which systemd encrypts.
const OF_THE_INSTALLER: [&str; 3] =
    ["/etc/credstore.encrypted", "/etc/systemd/system/tilld.service.d", "/var/lib/systemd/credential.secret"];

/// Notes what is on the disk before anything is installed, once the system has started: its shell obeys before that, while
/// first starts still write what every later one finds, like the kernel's random seed.
#[track_caller]
pub(crate) fn note_everything(shop: &mut MachineShop) {
    wait_for("the system has started", PATIENCE, || {
        let state = shop.shell().run("systemctl is-system-running").printed;
        if ["running\n", "degraded\n"].contains(&state.as_str()) { Ok(()) } else { Err(state) }
    });
    shop.shell().succeed(&format!("{EVERYTHING} >{LUGGAGE}/before"));
}

/// A terminal gets a newer version while a code is on its display, as docs/upgrade.md says, with a copy of its store: the sale
/// goes on.
#[track_caller]
pub(crate) fn upgrades_in_the_middle_of_a_sale(shop: &mut MachineShop) {
    let sale = type_in(shop, &["esc", "7", "0", "0", "0", "ret"], 7_000);
    let before = shop.shell().succeed("systemctl show --value -p MainPID tilld");
    shop.shell().succeed("sed -i 's/^label = .*/label = \"Quầy sửa\"/' /etc/tilld/tilld.toml");
    shop.shell().succeed(&format!("cd {LUGGAGE}/next\n{}", block("docs/upgrade.md", "leaves.rs", "the newer version")));
    assert!(shop.shell().succeed("dpkg-query --show tilld").ends_with("+next"));
    assert_ne!(shop.shell().succeed("systemctl show --value -p MainPID tilld"), before);
    let kept = shop.shell().succeed("grep '^label' /etc/tilld/tilld.toml");
    assert_eq!(kept, "label = \"Quầy sửa\"", "what the operator has changed stays");
    shop.wait_until_it_sells();
    assert_eq!(sale["qr"], shop.wait_for_code().as_str(), "the same sale shows the same code");
    assert_eq!(shop.till.sale(id_of(&sale))["state"], "showing");
    settle(shop, &sale, 7_000);
    shop.shell().succeed("rm -r /var/lib/private/tilld.before");
}

/// P2 at the end of a terminal: what is removed leaves configuration and store, what is purged the store, and only the
/// operator's word removes that too; then nothing is left.
#[track_caller]
pub(crate) fn leaves_nothing_but_the_record_of_money(shop: &mut MachineShop) {
    let store = "test -n \"$(ls /var/lib/private/tilld/store)\"";
    shop.shell().succeed("apt-get remove -y tilld 2>&1");
    shop.shell().succeed(&format!("{store} && test -e /etc/tilld/tilld.toml && test ! -e /usr/bin/tilld"));
    assert_eq!(shop.shell().run("systemctl is-active tilld.service tilld.socket").printed, "inactive\ninactive\n");
    let said = shop.shell().succeed("apt-get purge -y tilld 2>&1");
    assert!(said.contains("/var/lib/private/tilld is kept"), "{said}");
    shop.shell().succeed(&format!("{store} && test ! -e /etc/tilld"));
    assert_left(shop, &["/var/lib/private/tilld", "/var/lib/tilld"]);

    // It was purged already: a second time needs the package to be there.
    shop.shell().succeed(&format!("apt-get install -y {LUGGAGE}/tilld_*.deb 2>&1"));
    shop.shell().succeed("TILLD_PURGE=store apt-get purge -y tilld 2>&1");
    assert_left(shop, &[]);
}

/// Fails when more is on the disk than before the package came, beside what the installer made and these folders.
#[track_caller]
fn assert_left(shop: &mut MachineShop, folders: &[&str]) {
    let told =
        shop.shell().succeed(&format!("{EVERYTHING} >{LUGGAGE}/after\ncomm -13 {LUGGAGE}/before {LUGGAGE}/after"));
    let is_below = |path: &str, folder: &&str| path == *folder || path.starts_with(&format!("{folder}/"));
    let left: Vec<_> = told
        .lines()
        .filter(|path| !OF_THE_INSTALLER.iter().chain(folders).any(|folder| is_below(path, folder)))
        .collect();
    assert!(left.is_empty(), "the package leaves {left:#?}");
    let wanted = shop.shell().run(&format!("ls -d {}", folders.join(" ")));
    assert!(folders.is_empty() || wanted.status == 0, "{wanted:?}");
}
