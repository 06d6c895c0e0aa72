//! What can be asked of a terminal: buttons for what is harmless, and the lines for a person for what can hurt.

use till_wire::TerminalNumber;

use crate::console::html::Html;
use crate::console::pages::{Frame, HARMFUL, paste};
use crate::console::users::Role;

fn begin(frame: &Frame<'_>, number: TerminalNumber, html: &mut Html) {
    frame.form(html, &format!("/terminals/{number}/commands"));
}

fn may(frame: &Frame<'_>) -> bool {
    frame.role == Role::Operator && frame.signs
}

/// A command without arguments, as a button of its own; nothing for those who may not send it.
pub(super) fn button(frame: &Frame<'_>, number: TerminalNumber, cmd: &str, words: &str, html: &mut Html) {
    if may(frame) {
        begin(frame, number, html);
        html.raw("<button name=\"cmd\" value=\"").text(cmd).raw("\">").text(words).raw("</button></form>");
    }
}

pub(super) fn harmless(frame: &Frame<'_>, number: TerminalNumber, html: &mut Html) {
    html.raw("<section class=\"card orders\"><h2>").text(frame.say("Yêu cầu máy", "Ask the terminal")).raw("</h2>");
    if !may(frame) {
        html.raw("<p class=\"hint\">");
        html.text(if frame.role == Role::Viewer {
            frame.say("Bạn chỉ có quyền xem.", "You may only look.")
        } else {
            frame.say(
                "Chưa cấu hình signing.key: không gửi lệnh từ đây.",
                "Without signing.key nothing is sent from here.",
            )
        });
        html.raw("</p></section>");
        return;
    }
    html.raw("<div class=\"buttons\">");
    button(frame, number, "identify", frame.say("Nháy màn hình", "Identify"), html);
    button(frame, number, "report", frame.say("Báo cáo ngày", "Report of today"), html);
    button(frame, number, "diagnose", frame.say("Chẩn đoán", "Diagnose"), html);
    begin(frame, number, html);
    html.raw("<input type=\"hidden\" name=\"minutes\" value=\"60\"><button name=\"cmd\" value=\"collect-logs\">");
    html.text(frame.say("Lấy nhật ký 1 giờ", "Logs of an hour")).raw("</button></form></div></section>");
}

pub(super) fn harmful(frame: &Frame<'_>, number: TerminalNumber, html: &mut Html) {
    html.raw("<section class=\"card\"><details><summary>");
    html.text(frame.say("Lệnh có thể gây hại", "What can hurt")).raw("</summary><p class=\"hint\">").text(frame.say(
        "Không gửi được từ đây: người giữ khoá của đội máy chạy trên máy của mình.",
        "Never sent from here: whoever holds the fleet's key runs it on his own machine.",
    ));
    html.raw("</p>");
    for name in HARMFUL {
        html.raw("<pre class=\"paste\">").text(paste(number, name)).raw("</pre>");
    }
    html.raw("</details></section>");
}
