//! An installer at a fresh terminal, who does what docs/install.md says, line by line, and nothing else but to write the
//! counter's configuration. It must not know how the till works.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tests::machine::shop::MachineShop;
use tests::machine::whole::LUGGAGE;
use tests::machine::{PATIENCE, wait_for};

use crate::sells::{code_of, settle};

/// Secrets that the guide leaves to docs/brokers.md and docs/cash-register.md.
const OTHER_SECRETS: [&str; 2] = ["api-token", "till-key"];

/// Returns the block of commands below the mark that says which file here runs it, and what it is.
#[track_caller]
pub(crate) fn block(document: &str, file: &str, what: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(document);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {path:?}: {error}"));
    let mark = format!("<!-- run by: tests/machine/{file} {what} -->\n```sh\n");
    let (_, rest) = text.split_once(&mark).unwrap_or_else(|| panic!("{document} has no block `{what}`"));
    let (commands, _) = rest.split_once("```").unwrap_or_else(|| panic!("the block `{what}` of {document} has no end"));
    commands.to_owned()
}

/// From a fresh Debian to the first sale, as docs/install.md says.
#[track_caller]
pub(crate) fn follow_the_guide(shop: &mut MachineShop) {
    let install = |what: &str| block("docs/install.md", "install.rs", what);
    shop.shell().succeed(&format!("cd {LUGGAGE}\n{}", install("the package")));
    stays_down_until_it_is_set_up(shop);

    for command in install("the secrets").lines() {
        let name = command.split_once("--name=").and_then(|(_, rest)| rest.split(' ').next());
        let name = name.unwrap_or_else(|| panic!("`{command}` names no secret"));
        shop.shell().succeed(&format!("{command} <{LUGGAGE}/secrets/{name} && rm {LUGGAGE}/secrets/{name}"));
    }
    shop.shell().succeed(&install("their names"));
    let left = shop.shell().succeed(&format!("ls {LUGGAGE}/secrets"));
    assert_eq!(left.lines().collect::<BTreeSet<_>>(), OTHER_SECRETS.into(), "the guide names payOS's secrets");
    for name in OTHER_SECRETS {
        shop.shell().succeed(&format!(
            "systemd-creds encrypt --name={name} {LUGGAGE}/secrets/{name} /etc/credstore.encrypted/{name}\n\
             echo LoadCredentialEncrypted={name}:/etc/credstore.encrypted/{name} >>/etc/systemd/system/tilld.service.d/secrets.conf"
        ));
    }
    shop.shell().succeed(&format!("rm -r {LUGGAGE}/secrets"));

    shop.shell().succeed(&format!("cp {LUGGAGE}/tilld.toml /etc/tilld/tilld.toml"));
    shop.shell().succeed(&block("docs/hardware.md", "install.rs", "the text console"));
    let commands = install("check and start");
    let lines: Vec<_> = commands.lines().collect();
    assert_eq!(lines, ["tilld --check", "systemctl restart tilld", "till status", "till doctor"]);
    for command in lines.iter().take(3) {
        shop.shell().succeed(command);
    }
    shop.wait_until_it_sells();
    nothing_is_wrong(shop);
    first_sale(shop, &install("the first sale"));
}

/// A terminal that is not set up says what it lacks, and nobody starts it again and again.
#[track_caller]
fn stays_down_until_it_is_set_up(shop: &mut MachineShop) {
    wait_for("tilld has found out that it is not set up", PATIENCE, || {
        let told = shop
            .shell()
            .run("systemctl show --value -p NRestarts -p ExecMainStatus -p ActiveState tilld | xargs")
            .printed;
        if told == "0 64 failed\n" { Ok(()) } else { Err(told) }
    });
    assert_eq!(shop.shell().succeed("systemctl is-enabled tilld.service tilld.socket"), "enabled\nenabled");
    let said = shop.shell().succeed("journalctl -u tilld -o cat");
    assert!(said.contains("/etc/tilld/tilld.toml") && said.contains("payos"), "it says what is missing: {said}");
}

/// `till doctor` finds this counter well, but for its clock: an emulated machine's goes by its instructions, and so behind.
#[track_caller]
fn nothing_is_wrong(shop: &mut MachineShop) {
    let told = shop.run("till doctor").printed;
    let lines: Vec<_> = told.lines().collect();
    let of_the_machine = |line: &&&str| line.starts_with("fault    clock ") && line.contains(" off that of ");
    let faults: Vec<_> =
        lines.iter().filter(|line| line.starts_with("fault")).filter(|line| !of_the_machine(line)).collect();
    assert!(faults.is_empty() && lines.len() >= 12, "{told}");
}

/// The command waits until the customer has paid, and then the day has this sale.
#[track_caller]
fn first_sale(shop: &mut MachineShop, command: &str) {
    let ended = "/run/first-sale.ended";
    shop.shell()
        .succeed(&format!("({{ {command} }} >/run/first-sale 2>&1; echo $? >{ended}) </dev/null >/dev/null 2>&1 &"));
    let sale = code_of(shop, 1_000);
    shop.wait_for_exact_picture();
    settle(shop, &sale, 1_000);
    wait_for("the command that sold ends", PATIENCE, || {
        let told = shop.shell().run(&format!("cat {ended} && cat /run/first-sale"));
        if told.printed.starts_with("0\n") { Ok(()) } else { Err(format!("{told:?}")) }
    });
    let report = shop.shell().succeed("till report");
    assert!(report.contains("1.000"), "{report}");
}
