//! One terminal: how it is, what it shows, what it sold today, what was asked of it, and what can be.

mod orders;

use till_wire::fleet::CommandState;
use till_wire::{CommandId, Status, TerminalNumber};

use super::words::{bounded, colour, money, size, tone};
use super::{Frame, Refresh};
use crate::console::form::Fields;
use crate::console::html::Html;
use crate::console::view::Fleet;
use crate::console::view::commands::Sent;
use crate::console::view::sales::day;
use crate::console::view::standing::judge;
use crate::console::view::terminal::Terminal;

/// How long a page comes again for an answer, in seconds.
const PATIENCE_S: i64 = 60;

pub(crate) fn page(frame: &Frame<'_>, fleet: &Fleet, number: TerminalNumber, fields: &Fields) -> Option<Html> {
    let terminal = fleet.get(number)?;
    let mut html = Html::default();
    top(frame, fleet, number, terminal, &mut html);
    if let Some((_, rollout)) = CommandId::new(fields.get("sent")).and_then(|id| Some((id, fleet.commands.get(&id)?))) {
        html.raw("<p class=\"banner good\" role=\"status\">").text(frame.say("Đã gửi lệnh", "The command was sent"));
        html.raw(": ").text(rollout.sent.as_ref().map_or("", |sent| sent.name)).raw("</p>");
    }
    html.raw("<div class=\"columns\"><div>");
    screen(frame, fleet, number, &mut html);
    orders::harmless(frame, number, &mut html);
    html.raw("</div><div>");
    today(frame, terminal, &mut html);
    if let Some(health) = &terminal.health {
        html.raw("<section class=\"card\"><h2>").text(frame.say("Tình trạng", "Health")).raw("</h2><dl>");
        let groups = terminal.groups().collect::<Vec<_>>().join(", ");
        if !groups.is_empty() {
            fact(&mut html, frame.say("Nhóm", "Groups"), &groups);
        }
        health_of(frame, &health.status, &mut html);
        fact(&mut html, frame.say("Báo lúc", "Told"), &frame.ago(health.heard));
        configuration(frame, terminal, &mut html);
        html.raw("</dl></section>");
        links(frame, &health.status, &mut html);
    }
    commands(frame, fleet, number, &mut html);
    orders::harmful(frame, number, &mut html);
    html.raw("</div></div>");
    let refresh = if is_awaiting(frame, fleet, number) { Refresh::Soon } else { Refresh::Calmly };
    Some(frame.page(&format!("{number} {}", bounded(terminal.label(), 60)), refresh, &html))
}

/// Whether something that was sent from here a moment ago has not come to an end.
fn is_awaiting(frame: &Frame<'_>, fleet: &Fleet, number: TerminalNumber) -> bool {
    let is_new = |sent: &Sent| frame.now.secs().saturating_sub(sent.at.secs()) < PATIENCE_S;
    fleet.commands.of(number).any(|(id, rollout, fared)| {
        let is_open = matches!(fared.state, None | Some(CommandState::Received | CommandState::Running));
        let succeeded = fared.state == Some(CommandState::Succeeded);
        let awaited = is_open || (succeeded && fleet.bundles.is_awaited(id));
        awaited && rollout.sent.as_ref().is_some_and(is_new)
    })
}

fn top(frame: &Frame<'_>, fleet: &Fleet, number: TerminalNumber, terminal: &Terminal, html: &mut Html) {
    let (standing, whys) = judge(terminal, frame.now);
    let (before, after) = fleet.beside(number);
    html.raw("<div class=\"title\"><h1><span class=\"number\">").text(number).raw("</span> ").text(terminal.label());
    html.raw("</h1><nav class=\"pages\">");
    for (other, words) in [(before, "←"), (after, "→")] {
        if let Some(other) = other {
            html.raw("<a href=\"/terminals/").text(other).raw("\" aria-label=\"").text(other).raw("\">");
            html.text(words).raw("</a>");
        }
    }
    html.raw("</nav></div><div class=\"banner ").text(tone(standing)).raw("\" id=\"standing\"><b>");
    html.text(frame.standing(standing)).raw("</b>");
    if !whys.is_empty() {
        html.raw("<ul>");
        for why in &whys {
            html.raw("<li>").text(frame.why(why)).raw("</li>");
        }
        html.raw("</ul>");
    }
    html.raw("</div>");
}

fn screen(frame: &Frame<'_>, fleet: &Fleet, number: TerminalNumber, html: &mut Html) {
    html.raw("<section class=\"card screen\"><h2>").text(frame.say("Màn hình", "Screen")).raw("</h2>");
    match fleet.bundles.newest_picture(number) {
        Some(id) => {
            let sent = fleet.commands.get(&id).and_then(|rollout| rollout.sent.as_ref());
            html.raw("<img id=\"screen\" src=\"/bundles/").text(id).raw("\" alt=\"");
            html.text(frame.say("Màn hình của máy", "What the terminal shows")).raw("\">");
            if let Some(sent) = sent {
                html.raw("<p class=\"hint\">")
                    .text(frame.say("Chụp lúc", "Taken at"))
                    .raw(" ")
                    .text(frame.moment(sent.at));
                html.raw("</p>");
            }
        }
        None => {
            html.raw("<p class=\"dark\">").text(frame.say("Chưa chụp", "Not looked at yet")).raw("</p>");
        }
    }
    orders::button(frame, number, "screenshot", frame.say("Chụp màn hình", "Look at the screen"), html);
    html.raw("</section>");
}

fn today(frame: &Frame<'_>, terminal: &Terminal, html: &mut Html) {
    let today = day(&frame.timezone, frame.now);
    let sum = terminal.sales.sum(today);
    html.raw("<section class=\"card\"><h2>").text(frame.say("Hôm nay", "Today")).raw("</h2><p class=\"sum\"><b>");
    html.text(money(frame.language, sum.money)).raw("</b> ").text(sum.paid).raw(" ").text(frame.say("đã trả", "paid"));
    html.raw(" · ").text(sum.unpaid).raw(" ").text(frame.say("không trả", "unpaid"));
    if sum.open > 0 {
        html.raw(" · ").text(sum.open).raw(" ").text(frame.say("đang mở", "open"));
    }
    html.raw("</p><p class=\"hint\">")
        .text(frame.say("Tính từ lúc nối với máy chủ MQTT: ", "Counted since the broker was connected: "));
    html.text(frame.moment(frame.link.since)).raw("</p>");
    if sum.paid + sum.unpaid + sum.open > 0 {
        html.raw("<ul class=\"sales\">");
        for (id, row) in terminal.sales.newest(today).take(20) {
            html.raw("<li><time>").text(frame.moment(row.at)).raw("</time><b>").text(money(frame.language, row.amount));
            html.raw("</b><span>").text(frame.sale_state(row.state)).raw(if row.attention { " ⚠" } else { "" });
            html.raw("</span><code>").text(id).raw("</code></li>");
        }
        html.raw("</ul>");
    }
    html.raw("</section>");
}

fn fact(html: &mut Html, name: &str, value: &str) {
    html.raw("<div><dt>").text(name).raw("</dt><dd>").text(value).raw("</dd></div>");
}

fn health_of(frame: &Frame<'_>, status: &Status, html: &mut Html) {
    fact(html, frame.say("Phiên bản", "Version"), &bounded(&status.terminal.version, 60));
    fact(html, frame.say("Chạy được", "Running for"), &frame.lasting(status.terminal.uptime_s));
    if let Some(at) = status.last_payment_at {
        fact(html, frame.say("Tiền đến lúc", "Last money"), &frame.ago(at));
    }
    if let Some(queue) = status.queue {
        let oldest = queue.oldest_s.map_or_else(String::new, |age| format!(", {}", frame.lasting(age)));
        let words = format!("{}{oldest}", queue.entries);
        fact(html, frame.say("Chờ gửi", "Waiting to be sent"), &words);
    }
    if let Some(display) = &status.display {
        let ok = if display.ok { frame.say("tốt", "works") } else { frame.say("hỏng", "does not work") };
        let size = display.size.as_deref().unwrap_or_default();
        let words = format!("{ok} · {} {}", bounded(&display.driver, 16), bounded(size, 16));
        fact(html, frame.say("Màn hình", "Display"), words.trim());
    }
    if let Some(sound) = &status.sound {
        fact(
            html,
            frame.say("Loa", "Sound"),
            if sound.ok { frame.say("tốt", "works") } else { frame.say("hỏng", "does not work") },
        );
    }
    if let Some(clock) = status.clock {
        let ok = if clock.synchronised { frame.say("đúng", "right") } else { frame.say("sai", "wrong") };
        let offset = clock.offset_ms.map_or_else(String::new, |ms| format!(" ({ms:+} ms)"));
        fact(html, frame.say("Đồng hồ", "Clock"), &format!("{ok}{offset}"));
    }
    if let Some(free) = status.store.and_then(|store| store.free_bytes) {
        fact(html, frame.say("Ổ đĩa còn", "Disk free"), &size(free));
    }
    if let Some(bytes) = status.memory_bytes {
        fact(html, frame.say("Bộ nhớ", "Memory"), &size(bytes));
    }
    if let Some(certificate) = status.certificate {
        fact(html, frame.say("Chứng chỉ đến", "Certificate until"), &frame.moment(certificate.not_after));
    }
}

fn configuration(frame: &Frame<'_>, terminal: &Terminal, html: &mut Html) {
    let Some(reported) = &terminal.reported else { return };
    let version = reported.version.map_or_else(
        || frame.say("của tệp trên máy", "of its file alone").to_owned(),
        |version| format!("{} {version}", frame.say("bản", "version")),
    );
    fact(html, frame.say("Cấu hình", "Configuration"), &version);
    if let Some(fault) = &reported.fault {
        for reason in fault.reasons.iter().take(8) {
            fact(html, frame.say("Bị từ chối", "Refused"), &bounded(reason, 200));
        }
    }
}

fn links(frame: &Frame<'_>, status: &Status, html: &mut Html) {
    html.raw("<section class=\"card\"><h2>").text(frame.say("Kết nối", "Links")).raw("</h2><ul class=\"links\">");
    for (name, link) in status.links.iter().take(20) {
        let (tone, words) =
            if link.up { ("good", frame.say("nối", "up")) } else { ("bad", frame.say("đứt", "down")) };
        html.raw("<li><b>").text(bounded(name, 32)).raw("</b><span class=\"pill ").text(tone).raw("\">").text(words);
        html.raw("</span><span class=\"why\">").text(bounded(link.reason.as_deref().unwrap_or_default(), 160));
        if let Some(since) = link.since {
            html.raw(" <span class=\"key\">")
                .text(frame.say("từ", "since"))
                .raw(" ")
                .text(frame.moment(since))
                .raw("</span>");
        }
        html.raw("</span></li>");
    }
    html.raw("</ul></section>");
}

fn commands(frame: &Frame<'_>, fleet: &Fleet, number: TerminalNumber, html: &mut Html) {
    html.raw("<section class=\"card\" id=\"commands\"><h2>").text(frame.say("Lệnh", "Commands")).raw("</h2>");
    if fleet.commands.of(number).next().is_none() {
        html.raw("<p class=\"hint\">").text(frame.say("Chưa có lệnh nào.", "None yet.")).raw("</p>");
    }
    html.raw("<ul class=\"fared\">");
    for (id, rollout, fared) in fleet.commands.of(number) {
        html.raw("<li><a href=\"/commands/").text(id).raw("\"><b>");
        html.text(rollout.sent.as_ref().map_or(id.as_str(), |sent| sent.name)).raw("</b></a><span class=\"pill ");
        html.text(colour(fared.state))
            .raw("\">")
            .text(frame.command_state(fared.state))
            .raw("</span><span class=\"why\">");
        if let Some(sent) = &rollout.sent {
            html.text(frame.moment(sent.at)).raw(" · ").text(&sent.by).raw(" ");
        } else if let Some(heard) = fared.heard {
            html.text(frame.moment(heard)).raw(" ");
        }
        html.text(fared.words.as_deref().unwrap_or_default());
        if fleet.bundles.whole(id).is_some() {
            html.raw(" <a href=\"/bundles/").text(id).raw("\">").text(frame.say("Mở", "Open")).raw("</a>");
        }
        html.raw("</span>");
        if let Some(result) = &fared.result {
            html.raw("<details><summary>").text(frame.say("Kết quả", "Result")).raw("</summary><pre>").text(result);
            html.raw("</pre></details>");
        }
        html.raw("</li>");
    }
    html.raw("</ul></section>");
}
