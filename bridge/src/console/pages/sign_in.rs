//! The form by which somebody signs in. It must not know who may.

use super::{Refresh, head};
use crate::console::html::Html;
use crate::console::language::Language;

/// What is said above the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Name or password; which of them is nobody's business.
    Wrong,
    TooOften,
    OldForm,
    Busy,
    NoAudit,
}

/// `token` is the one of the browser's cookie.
pub(crate) fn page(language: Language, token: &str, notice: Option<Notice>) -> Html {
    let title = language.say("Đăng nhập", "Sign in");
    let mut html = head(language, title, Refresh::Calmly);
    html.raw("<main class=\"sign-in\"><section class=\"card\">");
    html.raw("<img src=\"/icon.svg\" alt=\"\" width=\"56\" height=\"56\"><h1>");
    html.text(language.say("Các quầy của bạn", "Your counters")).raw("</h1>");
    if let Some(notice) = notice {
        html.raw("<p class=\"banner bad\" role=\"alert\">").text(words(language, notice)).raw("</p>");
    }
    html.raw("<form method=\"post\" action=\"/sign-in\"><input type=\"hidden\" name=\"token\" value=\"");
    html.text(token).raw("\"><label>").text(language.say("Tên", "Name"));
    html.raw("<input name=\"name\" autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" ");
    html.raw("maxlength=\"32\" required autofocus></label><label>").text(language.say("Mật khẩu", "Password"));
    html.raw(
        "<input name=\"password\" type=\"password\" autocomplete=\"current-password\" maxlength=\"128\" required>",
    );
    html.raw("</label><button class=\"main\">").text(title).raw("</button></form></section></main></body></html>\n");
    html
}

fn words(language: Language, notice: Notice) -> &'static str {
    match notice {
        Notice::Wrong => language.say("Tên hoặc mật khẩu không đúng.", "The name or the password is wrong."),
        Notice::TooOften => {
            language.say("Thử quá nhiều lần. Hãy đợi năm phút.", "Too many tries. Wait for five minutes.")
        }
        Notice::OldForm => language.say("Trang đã cũ. Hãy thử lại.", "This page was too old. Try again."),
        Notice::Busy => language.say("Máy chủ đang bận. Hãy thử lại.", "The server is busy. Try again."),
        Notice::NoAudit => language.say(
            "Không ghi được nhật ký, nên không ai đăng nhập được.",
            "The audit log cannot be written, so nobody can sign in.",
        ),
    }
}
