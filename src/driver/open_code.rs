//! The code for any amount that a provider is asked for (`display.static_qr = { channel = … }`): asked until it comes, and
//! once a day for another one. It must not show anything.

use std::sync::Arc;
use std::time::Duration;

use till_wire::provider::OpenCode;
use till_wire::{ChannelId, VietQr};
use tokio::sync::mpsc;

use crate::provider::{self, Providers};
use crate::till::{Code, Fault, Payee, QrKind};

/// What came of a question for the code.
pub(super) struct Offered {
    pub(super) channel: ChannelId,
    /// The code, when one came that may be drawn.
    pub(super) code: Option<Code>,
    pub(super) fault: Option<Fault>,
}

/// How long to wait after the first failure; doubled with each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest wait after a failure.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// How long a code is believed to be the account's.
const BELIEVED: Duration = Duration::from_secs(24 * 3600);

/// Asks the provider of the channel for as long as somebody listens.
pub(super) async fn ask(providers: Arc<Providers>, channel: ChannelId, offers: mpsc::Sender<Offered>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let provider::Answered { answer, fault, .. } = providers.open_code(&channel).await;
        let offered = judge(channel.clone(), answer, fault);
        let wait = if offered.code.is_some() { BELIEVED } else { pause };
        pause = if offered.code.is_some() { FIRST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
        if offers.send(offered).await.is_err() {
            return;
        }
        tokio::time::sleep(wait).await;
    }
}

fn judge(channel: ChannelId, answer: Option<OpenCode>, fault: Option<Fault>) -> Offered {
    match answer.map(checked) {
        Some(Ok(code)) => Offered { channel, code: Some(code), fault },
        Some(Err(reason)) => Offered { channel, code: None, fault: Some(Fault { barrier: None, reason }) },
        None => Offered { channel, code: None, fault },
    }
}

/// Checks that a code takes any amount, for the account that it names.
fn checked(offered: OpenCode) -> Result<Code, String> {
    let OpenCode { text, payee } = offered;
    let read = VietQr::parse(&text).map_err(|error| format!("the account's code cannot be paid: {error}"))?;
    if let Some(amount) = read.amount {
        return Err(format!("the account's code asks for {amount} instead of any amount"));
    }
    let name = payee.name.or(read.name);
    let payee = Payee { bin: Some(read.bin), account: Some(read.account), name };
    Ok(Code { text, kind: QrKind::Vietqr, payee })
}

#[cfg(test)]
mod tests {
    use till_wire::{Account, Amount};

    use super::*;

    fn offered(amount: Option<u64>) -> OpenCode {
        let account = Account { bin: "970422".to_owned(), number: "0933450210".to_owned(), name: None };
        let text = VietQr::build(&account, amount.map(Amount::vnd), "").expect("a good account");
        let payee = Payee { name: Some("TRAN TU THIEN".to_owned()), ..Payee::default() };
        OpenCode { text, payee }
    }

    #[test]
    fn a_code_for_any_amount_is_offered_with_whom_it_pays() {
        let code = checked(offered(None)).expect("a good code");
        assert_eq!(code.payee.account.as_deref(), Some("0933450210"));
        assert_eq!(code.payee.name.as_deref(), Some("TRAN TU THIEN"));
    }

    #[test]
    fn p6_a_code_that_asks_for_an_amount_or_is_none_is_never_offered() {
        assert!(checked(offered(Some(50_000))).is_err());
        let broken = OpenCode { text: "https://img.example/qr.png".to_owned(), payee: Payee::default() };
        let reason = checked(broken).expect_err("it is no VietQR");
        assert!(reason.starts_with("the account's code cannot be paid"), "{reason}");
    }
}
