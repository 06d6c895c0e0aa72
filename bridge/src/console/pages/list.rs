//! All terminals, those first that cannot take money, with the reason. Searched, filtered and cut into pages here, so
//! that a browser gets little whatever the fleet's size.

use std::collections::BTreeMap;

use till_wire::{Standing, TerminalNumber};

use super::words::{money, tone};
use super::{Frame, Refresh};
use crate::console::form::{Fields, encoded};
use crate::console::html::Html;
use crate::console::view::sales::{Sum, day};
use crate::console::view::standing::judge;
use crate::console::view::terminal::folded;
use crate::console::view::{Fleet, Judged};

/// Terminals on one page.
const ON_A_PAGE: usize = 60;
/// The longest search, in characters.
const MAX_SEARCH: usize = 64;
/// How many versions, and how many groups can be chosen from.
const MAX_VERSIONS: usize = 20;
const MAX_GROUPS: usize = 100;

const STANDINGS: [Standing; 4] = [Standing::CannotSell, Standing::Attention, Standing::Asleep, Standing::Fine];

/// What is looked for.
struct Wish {
    search: String,
    folded: String,
    standing: Option<Standing>,
    version: String,
    group: String,
    page: usize,
}

impl Wish {
    fn of(fields: &Fields) -> Self {
        let search: String = fields.get("q").trim().chars().take(MAX_SEARCH).collect();
        let standing = STANDINGS.into_iter().find(|standing| standing.as_str() == fields.get("standing"));
        let version = fields.get("version").chars().take(MAX_SEARCH).collect();
        let group = fields.get("group").chars().take(MAX_SEARCH).collect();
        let page = fields.get("page").parse().unwrap_or(1).max(1);
        Self { folded: folded(&search), search, standing, version, group, page }
    }

    fn matches(&self, judged: &Judged<'_>) -> bool {
        let number = || judged.number.to_string().contains(&self.folded);
        let label = || judged.terminal.health.as_ref().is_some_and(|health| health.folded.contains(&self.folded));
        let searched = self.search.is_empty() || (!self.folded.is_empty() && (number() || label()));
        let version = self.version.is_empty() || judged.terminal.version() == Some(self.version.as_str());
        let group = self.group.is_empty() || judged.terminal.groups().any(|name| name == self.group);
        searched && version && group && self.standing.is_none_or(|standing| standing == judged.standing)
    }

    /// The address of another page of the same search.
    fn path(&self, standing: Option<Standing>, page: usize) -> String {
        let word = standing.map_or("", Standing::as_str);
        let (search, version, group) = (encoded(&self.search), encoded(&self.version), encoded(&self.group));
        format!("/?q={search}&standing={word}&version={version}&group={group}&page={page}")
    }
}

/// What the whole fleet comes to.
#[derive(Default)]
struct Summary {
    counts: BTreeMap<Standing, usize>,
    versions: BTreeMap<String, usize>,
    groups: BTreeMap<String, usize>,
    today: Sum,
    found: Vec<(Standing, TerminalNumber)>,
}

pub(crate) fn page(frame: &Frame<'_>, fleet: &Fleet, fields: &Fields) -> Html {
    let wish = Wish::of(fields);
    let today = day(&frame.timezone, frame.now);
    let mut all = Summary::default();
    for judged in fleet.judged(frame.now) {
        *all.counts.entry(judged.standing).or_default() += 1;
        if let Some(version) = judged.terminal.version().filter(|version| !version.is_empty()) {
            count(&mut all.versions, version, MAX_VERSIONS);
        }
        for group in judged.terminal.groups() {
            count(&mut all.groups, group, MAX_GROUPS);
        }
        let sum = judged.terminal.sales.sum(today);
        all.today.paid += sum.paid;
        all.today.money = all.today.money.saturating_add(sum.money);
        if wish.matches(&judged) {
            all.found.push((judged.standing, judged.number));
        }
    }
    all.found.sort_unstable();
    let mut html = Html::default();
    tiles(frame, fleet, &wish, &all, &mut html);
    search(frame, &wish, &all, &mut html);
    rows(frame, fleet, &wish, &all, &mut html);
    frame.page(frame.say("Các quầy", "Counters"), Refresh::Calmly, &html)
}

/// Counts a word, of at most so many different ones.
fn count(words: &mut BTreeMap<String, usize>, word: &str, most: usize) {
    if let Some(count) = words.get_mut(word) {
        *count += 1;
    } else if words.len() < most {
        words.insert(word.to_owned(), 1);
    }
}

fn tiles(frame: &Frame<'_>, fleet: &Fleet, wish: &Wish, all: &Summary, html: &mut Html) {
    html.raw("<div class=\"tiles\">");
    for standing in STANDINGS {
        let count = all.counts.get(&standing).copied().unwrap_or_default();
        let chosen = wish.standing == Some(standing);
        let path = wish.path(Some(standing).filter(|_| !chosen), 1);
        html.raw("<a class=\"tile ").text(if count == 0 { "none" } else { tone(standing) }).raw("\" href=\"");
        html.text(path).raw("\"").raw(if chosen { " aria-current=\"true\"" } else { "" });
        html.raw("><b>").text(count).raw("</b><span>").text(frame.standing(standing)).raw("</span></a>");
    }
    html.raw("<div class=\"tile plain\"><b>").text(money(frame.language, all.today.money)).raw("</b><span>");
    html.text(all.today.paid).raw(" ").text(frame.say("giao dịch hôm nay", "sales today"));
    html.raw(" · ").text(fleet.len()).raw(" ").text(frame.say("máy", "terminals")).raw("</span></div></div>");
}

fn search(frame: &Frame<'_>, wish: &Wish, all: &Summary, html: &mut Html) {
    html.raw("<form class=\"search\" method=\"get\" action=\"/\" role=\"search\"><input type=\"search\" name=\"q\" ");
    html.raw("aria-label=\"").text(frame.say("Tìm", "Search")).raw("\" placeholder=\"");
    html.text(frame.say("Số máy hoặc tên quầy", "Number or name of a counter")).raw("\" maxlength=\"64\" value=\"");
    html.text(&wish.search).raw("\"><select name=\"standing\" aria-label=\"").text(frame.say("Tình trạng", "Standing"));
    html.raw("\"><option value=\"\">").text(frame.say("Tình trạng", "Any standing")).raw("</option>");
    for standing in STANDINGS {
        let chosen = wish.standing == Some(standing);
        option(html, standing.as_str(), frame.standing(standing), chosen);
    }
    html.raw("</select>");
    if !all.groups.is_empty() || !wish.group.is_empty() {
        let words = (frame.say("Nhóm", "Group"), frame.say("Nhóm", "Any group"));
        choice("group", words, &wish.group, all.groups.iter(), html);
    }
    let words = (frame.say("Phiên bản", "Version"), frame.say("Phiên bản", "Any version"));
    choice("version", words, &wish.version, all.versions.iter().rev(), html);
    html.raw("<button>").text(frame.say("Tìm", "Search")).raw("</button></form>");
}

/// A choice among what terminals say, also of what none says any more.
fn choice<'s>(
    name: &str,
    (label, any): (&str, &str),
    chosen: &str,
    counts: impl Iterator<Item = (&'s String, &'s usize)>,
    html: &mut Html,
) {
    html.raw("<select name=\"").text(name).raw("\" aria-label=\"").text(label);
    html.raw("\"><option value=\"\">").text(any).raw("</option>");
    let mut is_there = chosen.is_empty();
    for (value, count) in counts {
        is_there |= value == chosen;
        option(html, value, &format!("{value} ({count})"), value == chosen);
    }
    if !is_there {
        option(html, chosen, chosen, true);
    }
    html.raw("</select>");
}

fn option(html: &mut Html, value: &str, words: &str, chosen: bool) {
    html.raw("<option value=\"").text(value).raw("\"").raw(if chosen { " selected" } else { "" }).raw(">");
    html.text(words).raw("</option>");
}

fn rows(frame: &Frame<'_>, fleet: &Fleet, wish: &Wish, all: &Summary, html: &mut Html) {
    let pages = all.found.len().div_ceil(ON_A_PAGE).max(1);
    let page = wish.page.min(pages);
    if all.found.is_empty() {
        html.raw("<p class=\"empty\">");
        html.text(if fleet.len() == 0 {
            frame.say("Chưa nghe thấy máy nào.", "No terminal has been heard yet.")
        } else {
            frame.say("Không có máy nào như vậy.", "No terminal is like that.")
        });
        html.raw("</p>");
        return;
    }
    html.raw("<ul class=\"terminals\">");
    for (_, number) in all.found.iter().skip((page - 1) * ON_A_PAGE).take(ON_A_PAGE) {
        row(frame, fleet, *number, html);
    }
    html.raw("</ul>");
    if pages > 1 {
        html.raw("<nav class=\"pages\">");
        if page > 1 {
            html.raw("<a rel=\"prev\" href=\"").text(wish.path(wish.standing, page - 1)).raw("\">← ");
            html.text(frame.say("Trước", "Previous")).raw("</a>");
        }
        html.raw("<span>").text(page).raw(" / ").text(pages).raw("</span>");
        if page < pages {
            html.raw("<a rel=\"next\" href=\"").text(wish.path(wish.standing, page + 1)).raw("\">");
            html.text(frame.say("Sau", "Next")).raw(" →</a>");
        }
        html.raw("</nav>");
    }
}

fn row(frame: &Frame<'_>, fleet: &Fleet, number: TerminalNumber, html: &mut Html) {
    let Some(terminal) = fleet.get(number) else { return };
    let (standing, whys) = judge(terminal, frame.now);
    html.raw("<li class=\"").text(tone(standing)).raw("\"><a href=\"/terminals/").text(number).raw("\">");
    html.raw("<span class=\"name\"><b>").text(number).raw("</b> ").text(terminal.label()).raw("</span>");
    html.raw("<span class=\"why\">");
    if whys.is_empty() {
        html.text(frame.standing(standing));
    }
    for (index, why) in whys.iter().enumerate() {
        html.raw(if index > 0 { " · " } else { "" }).text(frame.why(why));
    }
    html.raw("</span><span class=\"today\">");
    let sum = terminal.sales.sum(day(&frame.timezone, frame.now));
    if sum.paid > 0 {
        html.text(money(frame.language, sum.money)).raw(" <small>(").text(sum.paid).raw(")</small>");
    }
    html.raw("</span><span class=\"version\">").text(terminal.version().unwrap_or_default()).raw("</span></a></li>");
}

#[cfg(test)]
mod measured;
