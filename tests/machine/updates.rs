//! Updates from afar over the whole way: an operator signs, the till fetches, hands over and says that it is well, and the
//! service of the package installs, or goes back. It must not know how any of them works.

use serde_json::{Value, json};
use tests::listener::Listener;
use tests::machine::shop::MachineShop;
use tests::machine::whole::LUGGAGE;
use tests::machine::{PATIENCE, wait_for};
use tests::shop::TERMINAL;
use till_wire::CommandId;
use till_wire::fleet::Command;

use crate::install::block;

/// One that the program of every package says it is; and one that none does, so that it is never well.
const WELL: &str = concat!(env!("CARGO_PKG_VERSION"), "+next2");
const SICK: &str = "99.0.0";

/// Has the service wait so long for a terminal to be well, and not five minutes.
const SOONER: &str = "set -e
mkdir -p /run/systemd/system/tilld-update.service.d
printf '[Service]\\nExecStart=\\nExecStart=/usr/libexec/tilld-update --patience SECONDS\\n' >/run/systemd/system/tilld-update.service.d/sooner.conf
systemctl daemon-reload";

/// Serves what is in a folder, on the terminal itself.
const SERVE: &str = r#"cat >/run/serve.pl <<'END'
use IO::Socket::INET;
my $door = IO::Socket::INET->new(LocalAddr => "127.0.0.1:8480", Listen => 5, ReuseAddr => 1) or die $!;
while (my $line = $door->accept) {
    my $name;
    while (<$line>) { $name = $1 if m{^GET /([a-z0-9.+_-]+) }; last if /^\r\n$/ }
    open my $file, "<:raw", "$ARGV[0]/$name";
    print $line "HTTP/1.1 200 OK\r\nContent-Length: " . (-s $file) . "\r\nConnection: close\r\n\r\n";
    while (read $file, my $piece, 65536) { print $line $piece or last }
    close $line;
}
END
(setsid perl /run/serve.pl FOLDER) </dev/null >/dev/null 2>&1 &"#;

/// P2, P12: the package that the operator wants is installed, and sells; one that is not well is taken back, and the terminal
/// sells with the one from before.
#[track_caller]
pub(crate) fn updates_from_afar(shop: &mut MachineShop) {
    shop.shell().succeed(&format!("cd {LUGGAGE}/next\n{}", block("docs/upgrade.md", "updates.rs", "the way back")));
    shop.shell().succeed(&SOONER.replace("SECONDS", "120"));
    serve(shop, LUGGAGE);
    let operator = Listener::connect(&shop.broker);
    operator.wait_subscribed();

    reads_the_systems_journal(shop, &operator);
    let told = update(shop, &operator, "u-well", WELL);
    assert_eq!(told["status"], "succeeded", "{told}");
    assert_eq!(told["result"]["version"], WELL, "{told}");
    assert_installed(shop, WELL);

    shop.shell().succeed(&SOONER.replace("SECONDS", "30"));
    let told = update(shop, &operator, "u-sick", SICK);
    assert_eq!(told["status"], "failed", "{told}");
    assert!(told["reason"].as_str().is_some_and(|why| why.contains(&format!("{WELL} is back"))), "{told}");
    assert_installed(shop, WELL);
    shop.shell()
        .succeed("pkill -f /run/serve.pl; rm -r /run/systemd/system/tilld-update.service.d; systemctl daemon-reload");
}

/// Makes the package of another version, orders it, and returns what the terminal says came of it.
#[track_caller]
fn update(shop: &mut MachineShop, operator: &Listener, id: &str, version: &str) -> Value {
    // The same programs under another version, as `renumbered` makes them here.
    shop.shell().succeed(&format!(
        "set -e\ncd {LUGGAGE}\nrm -rf again\ndpkg-deb -R next/tilld_*.deb again\n\
         sed -i 's/^Version: .*/Version: {version}/' again/DEBIAN/control\n\
         dpkg-deb --root-owner-group -Zgzip -z1 --build again {id}.deb >/dev/null\nrm -r again"
    ));
    order(shop, operator, id, &format!("{LUGGAGE}/{id}.deb"), version);
    end_of(operator, id)
}

/// Serves what is in a folder of the terminal, on the terminal itself, until it is started again.
#[track_caller]
pub(crate) fn serve(shop: &mut MachineShop, folder: &str) {
    shop.shell().succeed(&SERVE.replace("FOLDER", folder));
}

/// Orders a file that the terminal serves to itself.
#[track_caller]
pub(crate) fn order(shop: &mut MachineShop, operator: &Listener, id: &str, file: &str, version: &str) {
    let told = shop.shell().succeed(&format!("date +%s\nstat -c %s {file}\nsha256sum {file} | cut -d ' ' -f 1"));
    let words: Vec<_> = told.lines().collect();
    let [now, size, sum] = words.as_slice() else { panic!("time, size and SHA-256: {told}") };
    let name = file.rsplit('/').next().unwrap_or_default();
    let url = format!("http://127.0.0.1:8480/{name}");
    let args = json!({"url": url, "size": size.parse::<u64>().expect("a size"), "sha256": sum, "version": version});
    command(shop, operator, id, "update", &args, now);
}

/// Gives a command, by the terminal's clock, which an emulator slows down.
#[track_caller]
fn command(shop: &MachineShop, operator: &Listener, id: &str, cmd: &str, args: &Value, now: &str) {
    let now: i64 = now.parse().expect("a time");
    let command = Command {
        jti: CommandId::new(id).expect("an id"),
        aud: format!("{TERMINAL:07}").parse().expect("an audience"),
        iat: now,
        nbf: None,
        exp: now + 3600,
        cmd: cmd.to_owned(),
        args: args.as_object().cloned().expect("an object"),
    };
    let document = command.sign(&shop.fleet).expect("signed");
    operator.publish(&format!("till/v1/{TERMINAL:07}/down/command/{id}"), document);
}

/// The service may read what the system's journal has of it, and what it sends is that.
#[track_caller]
fn reads_the_systems_journal(shop: &mut MachineShop, operator: &Listener) {
    let now = shop.shell().succeed("date +%s");
    command(shop, operator, "c-logs", "collect-logs", &json!({"minutes": 60}), &now);
    let told = end_of(operator, "c-logs");
    assert_eq!(told["status"], "succeeded", "{told}");
    let pieces = operator.seen_on("up/log/c-logs/");
    let text: String = pieces.iter().map(|piece| String::from_utf8_lossy(&piece.body).into_owned()).collect();
    assert!(text.contains("tilld listens"), "{told}: {text}");
}

/// Waits for what the terminal says came of an order.
#[track_caller]
pub(crate) fn end_of(operator: &Listener, id: &str) -> Value {
    wait_for(&format!("the end of {id}"), PATIENCE * 4, || {
        let said =
            operator.seen_on(&format!("up/command/{id}")).pop().map(|message| message.json()).unwrap_or_default();
        let is_over = ["succeeded", "failed", "rejected", "expired"].iter().any(|end| said["status"] == *end);
        if is_over { Ok(said) } else { Err(said.to_string()) }
    })
}

/// Fails unless this version is installed, sells, and nothing of an update is left.
#[track_caller]
fn assert_installed(shop: &mut MachineShop, version: &str) {
    assert_eq!(
        shop.shell().succeed("dpkg-query --show --showformat='${db:Status-Status} ${Version}' tilld"),
        format!("installed {version}")
    );
    shop.wait_until_it_sells();
    shop.shell()
        .succeed("test ! -e /var/lib/tilld-update/installing.json && test ! -e /var/lib/tilld-update/private/new");
    wait_for("the service has ended", PATIENCE, || {
        let state = shop.shell().run("systemctl is-active tilld-update.service tilld-update.path").printed;
        if state == "inactive\nactive\n" { Ok(()) } else { Err(state) }
    });
}
