//! What the display must know of the configuration: the counter's name, its language, and the code that takes any amount.

use till_wire::{Account, CodeError, VietQr};

use crate::config::{self, Settings, StaticQr, Terminal};
use crate::panel::{Counter, Keypad};
use crate::till::{Code, Payee, QrKind};

/// Draws the display's rules from the settings.
///
/// # Errors
/// When no code can name the account of `display.static_qr`.
pub(super) fn of(settings: &Settings) -> Result<Counter, CodeError> {
    let open_code = match &settings.display.static_qr {
        Some(StaticQr::Account(account)) => Some(open_code(&settings.terminal, account)?),
        Some(StaticQr::Channel(_)) | None => None,
    };
    Ok(Counter {
        label: settings.terminal.label.clone(),
        locale: settings.terminal.locale,
        timezone: settings.terminal.timezone.clone(),
        keypad: keypad(&settings.keypad, settings.api.screen),
        open_code,
    })
}

/// Tells whether the cashier may have keys: on the counter, or on the page of the display.
fn keypad(attached: &config::Keypad, page: bool) -> Keypad {
    match attached {
        config::Keypad::Auto | config::Keypad::Devices(_) => Keypad::Possible,
        config::Keypad::None if page => Keypad::Possible,
        config::Keypad::None => Keypad::None,
    }
}

/// Makes the code of an account for any amount. Its purpose begins with the terminal's number, so that the shop can tell
/// at which counter it was scanned; it has fewer digits than an order's and is not taken for one.
fn open_code(terminal: &Terminal, account: &Account) -> Result<Code, CodeError> {
    let purpose = format!("TL{} {}", terminal.number, terminal.label);
    let payee =
        Payee { bin: Some(account.bin.clone()), account: Some(account.number.clone()), name: account.name.clone() };
    Ok(Code { text: VietQr::build(account, None, &purpose)?, kind: QrKind::Vietqr, payee })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use till_wire::TerminalNumber;

    use super::{Account, Keypad, Terminal, VietQr, config, keypad, open_code};
    use crate::config::Locale;

    #[test]
    fn keys_are_where_a_keypad_or_the_page_with_one_may_be() {
        assert_eq!(keypad(&config::Keypad::None, false), Keypad::None);
        assert_eq!(keypad(&config::Keypad::None, true), Keypad::Possible);
        assert_eq!(keypad(&config::Keypad::Auto, false), Keypad::Possible);
    }

    #[test]
    fn the_open_code_names_the_account_and_the_counter_and_no_amount() {
        let terminal = Terminal {
            number: TerminalNumber::new(1017).expect("a terminal's number"),
            label: "Quầy 1, cạnh cửa ra vào bên trái".to_owned(),
            locale: Locale::Vietnamese,
            timezone: TimeZone::UTC,
        };
        let name = Some("Quán Cà Phê".to_owned());
        let account = Account { bin: "970422".to_owned(), number: "113366668888".to_owned(), name };
        let code = open_code(&terminal, &account).expect("a good account");
        let read = VietQr::parse(&code.text).expect("a good code");
        assert_eq!((read.bin.as_str(), read.account.as_str(), read.amount), ("970422", "113366668888", None));
        assert_eq!(read.purpose.as_deref(), Some("TL0001017 Quay 1, canh cu"));
        assert_eq!(code.payee.name.as_deref(), Some("Quán Cà Phê"));
    }
}
