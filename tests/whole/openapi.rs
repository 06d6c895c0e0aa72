//! The document of the API, believed to the letter: a client that a small program makes from it uses a real till and
//! accepts nothing that the document does not tell. It must not know the calls; `tests/clients/` does.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;

use serde_json::json;
use tests::process::{run, system_program};
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::{SOON, wait_for};
use till_wire::SaleId;

fn python() -> PathBuf {
    system_program("python3", "python3")
}

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

/// Makes the client of a document.
fn generate(shop: &Shop, document: &str) -> Result<PathBuf, String> {
    let source = shop.folder.write("openapi.json", document);
    let module = shop.folder.file("till_client.py");
    let made = run(Command::new(python()).arg(clients().join("generate.py")).arg(&source).arg(&module));
    let said = String::from_utf8_lossy(&made.stderr).into_owned();
    if made.status.success() { Ok(module) } else { Err(said) }
}

/// Lets a client use the till, and pays for what it sells; returns what it complains of.
fn use_client(shop: &Shop, module: &Path) -> Result<(), String> {
    let path = std::env::join_paths([&clients(), module.parent().unwrap_or(module)]).expect("paths without colons");
    let mut client = Command::new(python())
        .arg("-B")
        .arg(clients().join("client_test.py"))
        .arg(shop.till.api().to_string())
        .env("PYTHONPATH", path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let done = be_its_customer(shop, &mut client);
    let output = client.wait_with_output().expect("the client ends");
    if done && output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

fn be_its_customer(shop: &Shop, client: &mut Child) -> bool {
    let mut answers = client.stdin.take().expect("its input is a pipe");
    let words = BufReader::new(client.stdout.take().expect("its output is a pipe"));
    let mut done = false;
    for line in words.lines().map_while(Result::ok) {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["pay", order, amount] => {
                shop.pay(&json!({ "order": order }), amount.parse().expect("an amount"));
                answers.write_all(b"paid\n").expect("the client listens");
            }
            ["done"] => done = true,
            _ => panic!("the client says `{line}`"),
        }
    }
    done
}

/// Money for a store that is gone becomes a receipt.
fn leave_a_receipt(shop: &mut Shop) {
    let sale = shop.till.sell_and_show(70_000);
    shop.till.kill();
    std::fs::remove_dir_all(&shop.till.store).expect("the store is there");
    let number = SaleId::from_str(id_of(&sale)).expect("a sale's id").order().sequence();
    wait_for("the tick has passed the sale's number (contract §2)", SOON, || {
        let tick = till_wire::first_sequence(tilld::clock::wall()).unwrap_or(0);
        if tick > number { Ok(()) } else { Err(tick.to_string()) }
    });
    shop.till.start_again();
    shop.till.wait_for_broker();
    shop.pay(&sale, 70_000);
    wait_for("a receipt", SOON, || shop.till.receipts().pop().ok_or_else(|| "there is none".to_owned()));
}

#[test]
fn a_client_made_from_the_document_finds_that_it_tells_the_truth() {
    let mut shop = Shop::open_with(|plan| {
        plan.api = "screen = true".to_owned();
        let hash = tilld::pin::hash("2468").expect("the system hashes");
        plan.sale = format!("supervisor_pin = \"{hash}\"");
    });
    leave_a_receipt(&mut shop);
    let document = shop.till.get("/openapi.json").text();
    let module = generate(&shop, &document).expect("the document is understood");
    assert_eq!(use_client(&shop, &module), Ok(()));
}

/// The client is as strict as it is said to be: a document that lies in one place is found out.
#[test]
fn a_document_that_lies_is_found_out() {
    let shop = Shop::open();
    let document = shop.till.get("/openapi.json").text();
    for (truth, lie, complaint) in [
        // A word that is not in the list, a field that is not told, a status that is not documented.
        ("\"showing\",", "", "is none of"),
        ("\"waiting_for\"", "\"waits_for\"", "undocumented ['waiting_for'], missing ['waits_for']"),
        ("\"202\"", "\"204\"", "the status is not documented"),
    ] {
        let lying = document.replace(truth, lie);
        assert_ne!(lying, document, "{truth}");
        let module = generate(&shop, &lying).expect("the document is understood");
        let said = use_client(&shop, &module).expect_err(lie);
        assert!(said.contains("runtime.Wrong") && said.contains(complaint), "{said}");
        for sale in shop.till.sales() {
            // Whatever it left in progress.
            shop.till.cancel(sale["id"].as_str().unwrap_or_default());
        }
        wait_for("nothing is in progress", SOON, || {
            let sales = shop.till.sales();
            let open = sales.iter().find(|sale| sale["finished_at"].is_null());
            open.map_or(Ok(()), |sale| Err(sale.to_string()))
        });
    }
    let unclear = document.replace("\"maxLength\"", "\"longest\"");
    let said = generate(&shop, &unclear).expect_err("what is not understood is refused");
    assert!(said.contains("Unclear") && said.contains("longest"), "{said}");
}
