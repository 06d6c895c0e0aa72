//! Payments that no terminal could be told of: the newest, with what the provider has said.

use super::words::money;
use super::{Frame, Refresh};
use crate::console::html::Html;
use crate::console::view::Fleet;

pub(crate) fn page(frame: &Frame<'_>, fleet: &Fleet) -> Html {
    let title = frame.say("Tiền lạc", "Unrouted payments");
    let mut html = Html::default();
    html.raw("<h1>").text(title).raw("</h1><p class=\"hint\">").text(frame.say(
        "Tiền mà nhà cung cấp đã báo nhưng không rõ của máy nào. Danh sách bắt đầu từ lúc bảng điều khiển này khởi động; \
         hãy đối chiếu với nhà cung cấp.",
        "Money that a provider reported and that belongs to no known terminal. The list begins with this console's start: \
         compare it with what the provider lists.",
    ));
    html.raw("</p>");
    if fleet.unrouted.newest().next().is_none() {
        html.raw("<p class=\"empty\">").text(frame.say("Không có.", "There is none.")).raw("</p>");
    }
    html.raw("<ul class=\"payments\">");
    for payment in fleet.unrouted.newest() {
        html.raw("<li class=\"card\"><b class=\"amount\">");
        html.text(payment.amount.map_or_else(|| "?".to_owned(), |amount| money(frame.language, amount)));
        html.raw("</b> <span class=\"pill wait\">").text(&payment.channel).raw("</span> <span>");
        html.text(frame.moment(payment.received_at)).raw("</span>");
        for (name, value) in
            [(frame.say("Nội dung", "Words"), &payment.words), (frame.say("Mã đơn", "Order"), &payment.order)]
        {
            if let Some(value) = value {
                html.raw("<div><span class=\"key\">").text(name).raw("</span> ").text(value).raw("</div>");
            }
        }
        html.raw("<details><summary>").text(frame.say("Nhà cung cấp báo", "What the provider said")).raw("</summary>");
        html.raw("<p><span class=\"key\">").text(&payment.provider).raw("</span> <code>").text(payment.id);
        html.raw("</code></p><pre>").text(&payment.body).raw("</pre></details></li>");
    }
    html.raw("</ul>");
    frame.page(title, Refresh::Calmly, &html)
}
