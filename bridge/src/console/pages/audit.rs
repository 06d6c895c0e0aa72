//! What people have done here, by the audit log's newest lines.

use serde_json::{Map, Value};

use super::words::bounded;
use super::{Frame, Refresh};
use crate::console::html::Html;

/// How many lines are shown.
pub(crate) const MOST: usize = 200;

/// The keys that every line has; the others are shown together.
const COMMON: [&str; 4] = ["at", "event", "user", "source"];

pub(crate) fn page(frame: &Frame<'_>, lines: &[Map<String, Value>]) -> Html {
    let title = frame.say("Nhật ký", "Audit log");
    let mut html = Html::default();
    html.raw("<h1>").text(title).raw("</h1><ul class=\"audit\">");
    for line in lines {
        let text = |key: &str| line.get(key).and_then(Value::as_str).unwrap_or_default();
        let at = text("at").parse().map_or_else(|_| bounded(text("at"), 32), |at| frame.moment(at));
        html.raw("<li><time>").text(at).raw("</time><b>").text(event(frame, text("event"))).raw("</b><span>");
        html.text(bounded(text("user"), 32)).raw("</span><span class=\"key\">").text(bounded(text("source"), 45));
        html.raw("</span><span class=\"more\">");
        for (key, value) in line.iter().filter(|(key, _)| !COMMON.contains(&key.as_str())) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if value != "{}" {
                html.raw("<span class=\"key\">")
                    .text(bounded(key, 32))
                    .raw("</span> ")
                    .text(bounded(&value, 240))
                    .raw(" ");
            }
        }
        html.raw("</span></li>");
    }
    html.raw("</ul>");
    frame.page(title, Refresh::Calmly, &html)
}

fn event(frame: &Frame<'_>, event: &str) -> String {
    match event {
        "sign-in" => frame.say("đăng nhập", "signed in").to_owned(),
        "sign-in-refused" => frame.say("đăng nhập sai", "sign-in refused").to_owned(),
        "sign-out" => frame.say("đăng xuất", "signed out").to_owned(),
        "command" => frame.say("gửi lệnh", "command sent").to_owned(),
        "command-refused" => frame.say("lệnh bị từ chối", "command refused").to_owned(),
        "command-unsent" => frame.say("lệnh không gửi được", "command not taken").to_owned(),
        other => bounded(other, 32),
    }
}
