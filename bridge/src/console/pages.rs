//! The pages, made on the server and whole without any script. They must not change anything, nor know who may see what.

pub(crate) mod audit;
pub(crate) mod commands;
pub(crate) mod list;
pub(crate) mod sign_in;
pub(crate) mod terminal;
pub(crate) mod unrouted;
mod words;

use jiff::tz::TimeZone;
use till_wire::{TerminalNumber, UnixTime};

use super::html::Html;
use super::language::Language;
use super::users::Role;
use super::view::Link;

/// What every page of somebody who is signed in needs.
pub(crate) struct Frame<'a> {
    pub(crate) language: Language,
    pub(crate) user: &'a str,
    pub(crate) role: Role,
    pub(crate) csrf: &'a str,
    pub(crate) place: Place,
    pub(crate) now: UnixTime,
    pub(crate) timezone: TimeZone,
    pub(crate) link: Link,
    /// Whether the console has a key for harmless commands.
    pub(crate) signs: bool,
}

/// Where somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Terminals,
    Commands,
    Unrouted,
    Audit,
    Nowhere,
}

/// Why something is not shown or not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal<'a> {
    NoSuchPage,
    Operators,
    OldForm,
    /// It can hurt: here is the line for a person.
    Harmful(&'a str),
    /// The console has no key: here is the line for a person.
    NoKey(&'a str),
    /// The command cannot be made of this.
    Command(&'a str),
    TooManyCommands,
    NoAudit,
    Unsent,
}

/// Whether a page comes again by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refresh {
    /// By the script, while somebody is there.
    Calmly,
    /// In a few seconds, because something is on its way.
    Soon,
}

/// What can hurt, in the order of how much: never sent from here.
const HARMFUL: [&str; 8] =
    ["cancel-sale", "set-log-level", "restart", "show-message", "disable", "enable", "update", "wipe"];

/// Returns the name of a command that can hurt.
pub(crate) fn harmful(name: &str) -> Option<&'static str> {
    HARMFUL.into_iter().find(|known| *known == name)
}

/// Returns the line by which a person sends a command that the console does not, as `till fleet command` takes it. What
/// only he knows has a place that he fills in; as it stands no terminal would install that update.
pub(crate) fn paste(number: TerminalNumber, name: &str) -> String {
    let more = match name {
        "wipe" => format!(" confirm={number}"),
        "set-log-level" => " level=debug minutes=30".to_owned(),
        "show-message" => " text=\"…\" seconds=60".to_owned(),
        "update" => {
            let sha256 = "0".repeat(64);
            format!(" url=https://packages.example/update.deb size=1 sha256={sha256} version=0.0.0")
        }
        _ => String::new(),
    };
    format!("till fleet command {number} {name}{more}")
}

impl Frame<'_> {
    pub(super) fn say(&self, vietnamese: &'static str, english: &'static str) -> &'static str {
        self.language.say(vietnamese, english)
    }

    /// Puts a page's inside into its frame.
    pub(super) fn page(&self, title: &str, refresh: Refresh, inside: &Html) -> Html {
        let mut html = head(self.language, title, refresh);
        html.raw("<header><a class=\"home\" href=\"/\"><img src=\"/icon.svg\" alt=\"\" width=\"28\" height=\"28\"><b>");
        html.text(self.say("Các quầy", "Counters")).raw("</b></a><nav>");
        for (place, path, words) in [
            (Place::Terminals, "/", self.say("Máy", "Terminals")),
            (Place::Commands, "/commands", self.say("Lệnh", "Commands")),
            (Place::Unrouted, "/unrouted", self.say("Tiền lạc", "Unrouted")),
            (Place::Audit, "/audit", self.say("Nhật ký", "Audit")),
        ] {
            if place != Place::Audit || self.role == Role::Operator {
                html.raw("<a href=\"").text(path).raw("\"");
                if place == self.place {
                    html.raw(" aria-current=\"page\"");
                }
                html.raw(">").text(words).raw("</a>");
            }
        }
        html.raw("</nav>");
        self.who(&mut html);
        html.raw("</header><main>");
        if !self.link.up {
            html.raw("<p class=\"banner bad\" id=\"offline\">")
                .text(self.say(
                    "Không nối được với máy chủ MQTT: những gì thấy dưới đây có thể đã cũ, từ ",
                    "The broker is not connected: what stands below may be old, since ",
                ))
                .text(self.moment(self.link.since))
                .raw("</p>");
        }
        html.piece(inside).raw("</main></body></html>\n");
        html
    }

    fn who(&self, html: &mut Html) {
        html.raw("<div class=\"who\"><span>").text(self.user).raw(" · ");
        html.text(match self.role {
            Role::Viewer => self.say("chỉ xem", "viewer"),
            Role::Operator => self.say("vận hành", "operator"),
        });
        html.raw("</span>");
        self.form(html, "/language");
        html.raw("<button class=\"quiet\" name=\"language\" value=\"").text(self.say("en", "vi")).raw("\">");
        html.text(self.say("English", "Tiếng Việt")).raw("</button></form>");
        self.form(html, "/sign-out");
        html.raw("<button class=\"quiet\" id=\"sign-out\">").text(self.say("Đăng xuất", "Sign out"));
        html.raw("</button></form></div>");
    }

    /// Begins a form that is this session's.
    pub(super) fn form(&self, html: &mut Html, action: &str) {
        html.raw("<form method=\"post\" action=\"").text(action).raw("\">");
        html.raw("<input type=\"hidden\" name=\"csrf\" value=\"").text(self.csrf).raw("\">");
    }
}

/// The head of a page and the beginning of its body.
fn head(language: Language, title: &str, refresh: Refresh) -> Html {
    let mut html = Html::default();
    html.raw("<!DOCTYPE html><html lang=\"").text(language.code()).raw("\"><head><meta charset=\"utf-8\"><title>");
    html.text(title).raw("</title><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    html.raw("<link rel=\"icon\" href=\"/icon.svg\"><link rel=\"stylesheet\" href=\"/style.css\">");
    match refresh {
        Refresh::Calmly => html.raw("<script src=\"/console.js\" defer></script>"),
        Refresh::Soon => html.raw("<meta http-equiv=\"refresh\" content=\"2\">"),
    };
    html.raw("</head><body>");
    html
}

/// A page that says why something is not shown or not done.
pub(crate) fn refusal(frame: &Frame<'_>, why: Refusal<'_>) -> Html {
    let (title, words, line) = match why {
        Refusal::NoSuchPage => (
            frame.say("Không có trang này", "There is no such page"),
            frame.say("Máy hoặc lệnh này chưa được biết tới.", "This terminal or command is not known."),
            None,
        ),
        Refusal::Operators => (
            frame.say("Chỉ dành cho người vận hành", "Operators only"),
            frame.say("Bạn có quyền xem, không có quyền này.", "You may see the fleet, and not this."),
            None,
        ),
        Refusal::OldForm => (
            frame.say("Trang đã cũ", "This page was too old"),
            frame.say("Chưa làm gì cả. Hãy mở lại trang rồi thử lại.", "Nothing was done. Open the page again."),
            None,
        ),
        Refusal::Harmful(line) => (
            frame.say("Lệnh này không gửi từ đây", "This command is not sent from here"),
            frame.say(
                "Lệnh có thể gây hại phải do người giữ khoá ký. Dán dòng này vào máy của bạn:",
                "What can hurt is signed by whoever holds the fleet's key. Paste this on your own machine:",
            ),
            Some(line),
        ),
        Refusal::NoKey(line) => (
            frame.say("Bảng điều khiển không có khoá ký", "This console signs nothing"),
            frame.say(
                "Chưa cấu hình signing.key. Dán dòng này vào máy của bạn:",
                "signing.key is not configured. Paste this on your own machine:",
            ),
            Some(line),
        ),
        Refusal::Command(why) => (
            frame.say("Lệnh không hợp lệ", "This command cannot be sent"),
            frame.say("Chưa gửi gì cả:", "Nothing was sent:"),
            Some(why),
        ),
        Refusal::TooManyCommands => {
            (frame.say("Quá nhiều lệnh", "Too many commands"), frame.say("Hãy đợi một phút.", "Wait a minute."), None)
        }
        Refusal::NoAudit => (
            frame.say("Không ghi được nhật ký", "The audit log cannot be written"),
            frame.say("Vì vậy chưa gửi gì cả.", "So nothing was sent."),
            None,
        ),
        Refusal::Unsent => (
            frame.say("Máy chủ MQTT chưa nhận lệnh", "The broker has not taken the command"),
            frame.say("Có thể lệnh chưa được gửi. Hãy thử lại.", "It may not have been sent. Try again."),
            None,
        ),
    };
    let mut html = Html::default();
    html.raw("<section class=\"card narrow\"><h1>").text(title).raw("</h1><p>").text(words).raw("</p>");
    if let Some(line) = line {
        html.raw("<pre class=\"paste\">").text(line).raw("</pre>");
    }
    html.raw("<p><a href=\"/\">")
        .text(frame.say("Về danh sách máy", "Back to the terminals"))
        .raw("</a></p></section>");
    frame.page(title, Refresh::Calmly, &html)
}
