//! Commands on their way through the fleet: all of them, and one at each of its terminals.

use till_wire::CommandId;
use till_wire::fleet::CommandState;

use super::words::{bounded, colour};
use super::{Frame, Refresh};
use crate::console::form::Fields;
use crate::console::html::Html;
use crate::console::view::Fleet;
use crate::console::view::commands::Rollout;

/// How many commands, and how many terminals of one, are shown on a page.
const SHOWN: usize = 100;

/// What comes of a command, in the order in which it is drawn.
const ENDS: [&[Option<CommandState>]; 3] = [
    &[Some(CommandState::Succeeded)],
    &[None, Some(CommandState::Received), Some(CommandState::Running)],
    &[Some(CommandState::Failed), Some(CommandState::Rejected), Some(CommandState::Expired)],
];

pub(crate) fn list(frame: &Frame<'_>, fleet: &Fleet) -> Html {
    let title = frame.say("Lệnh", "Commands");
    let mut html = Html::default();
    html.raw("<h1>").text(title).raw("</h1>");
    if fleet.commands.newest().next().is_none() {
        html.raw("<p class=\"empty\">").text(frame.say("Chưa có lệnh nào.", "There are no commands yet.")).raw("</p>");
    }
    html.raw("<ul class=\"rollouts\">");
    for (id, rollout) in fleet.commands.newest().take(SHOWN) {
        html.raw("<li><a href=\"/commands/").text(id).raw("\"><span class=\"name\"><b>");
        html.text(rollout.sent.as_ref().map_or("", |sent| sent.name)).raw("</b> <code>").text(id).raw("</code></span>");
        progress(frame, rollout, &mut html);
        html.raw("</a></li>");
    }
    html.raw("</ul>");
    frame.page(title, Refresh::Calmly, &html)
}

/// A bar, and what it says in words.
fn progress(frame: &Frame<'_>, rollout: &Rollout, html: &mut Html) {
    let all = rollout.at.len();
    let [done, open, failed] = ENDS.map(|states| states.iter().map(|state| rollout.count(*state)).sum::<usize>());
    html.raw("<svg class=\"bar\" viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
    let mut from = 0;
    for (count, tone) in [(done, "good"), (open, "wait"), (failed, "bad")] {
        let width = count * 100 / all.max(1);
        html.raw("<rect class=\"").text(tone).raw("\" x=\"").text(from).raw("\" y=\"0\" height=\"1\" width=\"");
        html.text(width).raw("\"/>");
        from += width;
    }
    html.raw("</svg><span class=\"counts\">").text(done * 100 / all.max(1)).raw("% · ").text(done).raw("/").text(all);
    html.raw(" ").text(frame.say("xong", "done"));
    if failed > 0 {
        html.raw(" · <b class=\"bad\">").text(failed).raw(" ").text(frame.say("hỏng", "failed")).raw("</b>");
    }
    html.raw("</span>");
}

pub(crate) fn one(frame: &Frame<'_>, fleet: &Fleet, id: CommandId, fields: &Fields) -> Option<Html> {
    let rollout = fleet.commands.get(&id)?;
    let name = rollout.sent.as_ref().map_or_else(|| frame.say("Lệnh", "Command"), |sent| sent.name);
    let mut html = Html::default();
    html.raw("<h1>").text(name).raw(" <code>").text(id).raw("</code></h1>");
    if let Some(sent) = &rollout.sent {
        html.raw("<p>").text(frame.say("Gửi bởi", "Sent by")).raw(" <b>").text(&sent.by).raw("</b>, ");
        html.text(frame.moment(sent.at)).raw("</p>");
    }
    html.raw("<section class=\"card rollout\">");
    progress(frame, rollout, &mut html);
    html.raw("</section><ul class=\"fared\">");
    // Those first that did not do it.
    let mut fared: Vec<_> = rollout.at.iter().collect();
    fared.sort_by_key(|(number, fared)| (ENDS.iter().rev().position(|end| end.contains(&fared.state)), **number));
    let pages = fared.len().div_ceil(SHOWN).max(1);
    let page = fields.get("page").parse().unwrap_or(1).clamp(1, pages);
    for (number, fared) in fared.into_iter().skip((page - 1) * SHOWN).take(SHOWN) {
        let label = fleet.get(*number).map_or("", |terminal| terminal.label());
        html.raw("<li><a href=\"/terminals/").text(number).raw("\"><b>").text(number).raw("</b> ").text(label);
        html.raw("</a><span class=\"pill ").text(colour(fared.state)).raw("\">").text(frame.command_state(fared.state));
        html.raw("</span><span class=\"why\">").text(fared.words.as_deref().unwrap_or_default()).raw("</span></li>");
    }
    html.raw("</ul>");
    if pages > 1 {
        html.raw("<nav class=\"pages\">");
        for (other, words) in [(page - 1, "←"), (page + 1, "→")] {
            if (1..=pages).contains(&other) {
                html.raw("<a href=\"/commands/").text(id).raw("?page=").text(other).raw("\">").text(words).raw("</a>");
            }
        }
        html.raw("<span>").text(page).raw(" / ").text(pages).raw("</span></nav>");
    }
    Some(frame.page(&bounded(name, 40), Refresh::Calmly, &html))
}
