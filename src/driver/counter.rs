//! What the display must know of the configuration: the counter's name, its language, the shop's picture, and the code that
//! takes any amount.

use till_display::Logo;
use till_wire::{Account, CodeError, VietQr};

use crate::config::{self, Backlight, Looks, Settings, StaticQr, Terminal};
use crate::panel::{self, Counter, Keypad};
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
        keypad_on_display: false,
        open_code,
        logo: logo(settings).unwrap_or_else(|fault| {
            tracing::warn!("{fault}");
            None
        }),
        shift: settings.display.looks.shift,
    })
}

/// Returns how the display looks: behind a picture in a file there is no light, and the machine's own stays as it is.
pub(super) fn looks(settings: &Settings) -> Looks {
    let mut looks = settings.display.looks.clone();
    let has_panel = match settings.display.driver {
        config::Driver::Fbdev { .. } | config::Driver::Drm { .. } | config::Driver::Spi { .. } => true,
        config::Driver::Png { .. } | config::Driver::None => false,
    };
    if !has_panel && looks.backlight == Backlight::Auto {
        looks.backlight = Backlight::None;
    }
    looks
}

/// Reads the shop's picture, if there is to be one.
///
/// # Errors
/// A sentence on why it cannot be used; the display can do without.
pub(super) fn logo(settings: &Settings) -> Result<Option<Logo>, String> {
    let Some(file) = &settings.display.looks.logo else { return Ok(None) };
    panel::read_logo(file).map(Some).map_err(|fault| {
        let reason = till_settings::tls::whole_chain(&fault);
        format!("display.logo = {file:?} is left out of the idle display: {reason}")
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
    use std::path::Path;

    use jiff::tz::TimeZone;
    use till_settings::{Document, Mode};
    use till_wire::TerminalNumber;

    use super::{Account, Keypad, Settings, Terminal, VietQr, config, keypad, of, open_code};
    use crate::config::Locale;

    #[test]
    fn keys_are_where_a_keypad_or_the_page_with_one_may_be() {
        assert_eq!(keypad(&config::Keypad::None, false), Keypad::None);
        assert_eq!(keypad(&config::Keypad::None, true), Keypad::Possible);
        assert_eq!(keypad(&config::Keypad::Auto, false), Keypad::Possible);
    }

    /// What a terminal needs at least, with a picture.
    const WITH_LOGO: &str = "[terminal]\nnumber = 1017\n[store]\npath = \"/var/lib/tilld\"\n\
        [display]\ndriver = \"none\"\nlogo = \"/nonexistent/logo.png\"\n\
        [mqtt]\nurl = \"mqtt://localhost\"\n[sale]\nchannel = \"payos\"\n\
        [[channel]]\nid = \"payos\"\nprovider = \"payos\"\nclient_id = { credential = \"a\" }\n\
        api_key = { credential = \"b\" }\nchecksum_key = { credential = \"c\" }\n\
        return_url = \"https://shop.example/ok\"\ncancel_url = \"https://shop.example/no\"\n";

    #[test]
    fn a_picture_that_cannot_be_used_is_told_and_done_without() {
        let document = Document::parse(Path::new("f"), WITH_LOGO, Mode::Check).expect("it is TOML");
        let (settings, _) = Settings::from_document(document).expect("it is right");
        let want = "display.logo = \"/nonexistent/logo.png\" is left out of the idle display: cannot read it: \
                    No such file or directory (os error 2)";
        assert_eq!(crate::driver::remarks(&settings), [want]);
        assert_eq!(of(&settings).expect("it has no code").logo, None);
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
