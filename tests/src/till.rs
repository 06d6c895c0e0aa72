//! A running `tilld` with a picture as its display, which keeps its port, store and settings across restarts. It must
//! not know the broker or the bridge.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Output};
use std::time::Duration;

use serde_json::{Value, json};

use crate::http::{self, Answer};
use crate::process::{Process, launched, program, run};
use crate::screen;
use crate::wait::{SOON, wait_for};

mod plan;

pub use crate::sale::{id_of, order_of};
pub use plan::{MACHINE_API, TillPlan};

/// A till.
#[derive(Debug)]
pub struct Till {
    /// The terminal's number.
    pub number: u32,
    /// The configuration file.
    pub config: PathBuf,
    /// The folder of its store.
    pub store: PathBuf,
    /// The picture that is its display.
    pub picture: PathBuf,
    log: PathBuf,
    api: SocketAddr,
    /// The header by which its callers prove themselves.
    authorization: Option<String>,
    launcher: Vec<String>,
    program: PathBuf,
    process: Option<Process>,
}

impl Till {
    /// Starts it (again).
    ///
    /// # Panics
    /// When it runs already, or its API does not answer.
    #[track_caller]
    pub fn start_again(&mut self) {
        self.launch();
        self.wait_for_api();
    }

    /// Starts it (again) and does not wait for anything.
    ///
    /// # Panics
    /// When it runs already.
    pub fn launch(&mut self) {
        assert!(self.process.is_none(), "the till runs already");
        let mut command = launched(&self.launcher, &self.program);
        command.arg("--config").arg(&self.config);
        self.process = Some(Process::start("tilld", &mut command, &self.log));
    }

    /// Waits until its API answers.
    ///
    /// # Panics
    /// When it ends, or does not answer in time.
    #[track_caller]
    pub fn wait_for_api(&mut self) {
        let api = self.api;
        let process = self.process.as_mut().unwrap_or_else(|| panic!("the till does not run"));
        wait_for("the till's API answers", SOON, || {
            if let Some(status) = process.ended() {
                panic!("tilld ended with {status}:\n{}", process.last_words());
            }
            http::get(api, "/v1/status").map(|_| ()).map_err(|error| error.to_string())
        });
    }

    /// Where its API is.
    pub fn api(&self) -> SocketAddr {
        self.api
    }

    /// Whether it runs.
    pub fn runs(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.ended().is_none())
    }

    /// The end, if it was started and has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.as_mut().and_then(Process::ended)
    }

    /// The process id, while it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// What it printed, in all its runs.
    pub fn printed(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Ends it in order.
    ///
    /// # Panics
    /// When it does not run.
    #[track_caller]
    pub fn terminate(&mut self) -> ExitStatus {
        let mut process = self.process.take().unwrap_or_else(|| panic!("the till does not run"));
        process.terminate()
    }

    /// Ends it at once (SIGKILL).
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }

    /// Holds it still (SIGSTOP).
    pub fn freeze(&self) {
        self.process.iter().for_each(Process::freeze);
    }

    /// Lets it go on (SIGCONT).
    pub fn thaw(&self) {
        self.process.iter().for_each(Process::thaw);
    }

    /// Tells it that the machine is about to sleep.
    pub fn put_to_sleep(&self) {
        self.process.iter().for_each(Process::put_to_sleep);
    }

    /// Tells it that the machine has woken up.
    pub fn wake(&self) {
        self.process.iter().for_each(Process::wake);
    }

    /// Calls its API.
    ///
    /// # Panics
    /// When there is no answer.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path, b"")
    }

    /// Calls its API.
    ///
    /// # Panics
    /// When there is no answer.
    #[track_caller]
    pub fn post(&self, path: &str, body: impl AsRef<[u8]>) -> Answer {
        self.call("POST", path, body.as_ref())
    }

    #[track_caller]
    fn call(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(self.authorization.as_deref().map(|value| ("Authorization", value)));
        http::send(self.api, method, path, &headers, body)
            .unwrap_or_else(|error| panic!("no answer for `{path}`: {error}"))
    }

    /// What `/v1/status` says.
    #[track_caller]
    pub fn status(&self) -> Value {
        self.get("/v1/status").json()
    }

    /// Waits until its link to the broker is up.
    ///
    /// # Panics
    /// When that takes too long.
    #[track_caller]
    pub fn wait_for_broker(&self) {
        self.wait_for_link("up", true);
    }

    /// Waits until it knows that the broker is away. A broker that says nothing is noticed by the keep-alive only.
    ///
    /// # Panics
    /// When that takes too long.
    #[track_caller]
    pub fn wait_for_broker_away(&self) {
        self.wait_for_link("down", false);
    }

    #[track_caller]
    fn wait_for_link(&self, word: &str, up: bool) {
        wait_for(&format!("the till's link to the broker is {word}"), SOON * 3, || {
            let status = self.status();
            if status["links"]["broker"]["up"] == up { Ok(()) } else { Err(status["links"].to_string()) }
        });
    }

    /// Makes a sale.
    ///
    /// # Panics
    /// When the answer is not 201.
    #[track_caller]
    pub fn sell(&self, amount: u64) -> Value {
        let answer = self.post("/v1/sales", json!({ "amount": amount }).to_string());
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    /// Makes a sale and waits for its code.
    ///
    /// # Panics
    /// When it does not get to `showing`.
    #[track_caller]
    pub fn sell_and_show(&self, amount: u64) -> Value {
        let sale = self.sell(amount);
        self.wait_state(id_of(&sale), "showing", SOON)
    }

    /// How a sale stands.
    ///
    /// # Panics
    /// When the answer is not 200.
    #[track_caller]
    pub fn sale(&self, id: &str) -> Value {
        let answer = self.get(&format!("/v1/sales/{id}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// All sales, newest first, over all pages.
    ///
    /// # Panics
    /// When an answer is not 200.
    #[track_caller]
    pub fn sales(&self) -> Vec<Value> {
        let mut sales = Vec::new();
        let mut path = "/v1/sales?limit=100".to_owned();
        loop {
            let answer = self.get(&path);
            assert_eq!(answer.status, 200, "{}", answer.text());
            let page = answer.json();
            sales.extend(page["sales"].as_array().cloned().unwrap_or_default());
            match page["next"].as_str() {
                Some(cursor) => path = format!("/v1/sales?limit=100&cursor={cursor}"),
                None => return sales,
            }
        }
    }

    /// Money without a sale, the newest 200.
    ///
    /// # Panics
    /// When the answer is not 200.
    #[track_caller]
    pub fn receipts(&self) -> Vec<Value> {
        let answer = self.get("/v1/receipts?limit=200");
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["receipts"].as_array().cloned().unwrap_or_default()
    }

    /// Waits until a sale is in a state.
    ///
    /// # Panics
    /// When that takes longer than `limit`.
    #[track_caller]
    pub fn wait_state(&self, id: &str, state: &str, limit: Duration) -> Value {
        self.wait_sale(&format!("sale {id} is `{state}`"), id, limit, |sale| sale["state"] == state)
    }

    /// Waits until a sale fits.
    ///
    /// # Panics
    /// When that takes longer than `limit`.
    #[track_caller]
    pub fn wait_sale(&self, what: &str, id: &str, limit: Duration, fits: impl Fn(&Value) -> bool) -> Value {
        wait_for(what, limit, || {
            let sale = self.sale(id);
            if fits(&sale) { Ok(sale) } else { Err(sale.to_string()) }
        })
    }

    /// Cancels a sale.
    #[track_caller]
    pub fn cancel(&self, id: &str) -> Answer {
        self.post(&format!("/v1/sales/{id}/cancel"), "")
    }

    /// Waits for the picture with exactly this code, read by two decoders.
    ///
    /// # Panics
    /// When it does not come.
    #[track_caller]
    pub fn wait_for_code(&self, code: &str) {
        wait_for("the display shows the code", SOON, || match screen::one_code(&self.picture) {
            Ok(seen) if seen == code => Ok(()),
            Ok(seen) => Err(format!("another code: {seen}")),
            Err(seen) => Err(seen),
        });
    }

    /// Fails when the picture holds a code now.
    ///
    /// # Panics
    /// When it does.
    #[track_caller]
    pub fn assert_no_code(&self) {
        let seen = screen::no_code(&self.picture);
        assert_eq!(seen, Ok(()), "the display shows a code");
    }

    /// Runs the command line `till` with this till's configuration.
    pub fn command_line(&self, arguments: &[&str]) -> Output {
        run(Command::new(program("till")).arg("--config").arg(&self.config).args(arguments))
    }
}
