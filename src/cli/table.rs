//! Lines whose parts stand under each other, as wide as the terminal is. It must not know what stands in them.

use super::style::{Ink, Style};
use super::text::{pad_left, pad_right, width, wrap};

/// Between two columns.
const GAP: usize = 2;
/// The least that running text gets beside the columns; with less it stands on lines of its own.
const LEAST: usize = 24;
/// How far such lines are moved in.
const INDENT: usize = 4;

/// On which side of its column a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// What stands in one column of a row. It is never cut.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    text: String,
    /// What stands there when the terminal is too narrow.
    short: Option<String>,
    side: Side,
    ink: Ink,
}

/// One row: its columns, and running text after them.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    pub(super) more: String,
}

/// Rows under each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// The headings, one for each column and one for the running text; none: no heading.
    pub(super) heads: Vec<&'static str>,
    /// How wide columns are at least, for rows that come one by one.
    pub(super) least: Vec<usize>,
    pub(super) rows: Vec<Row>,
}

/// Which text of a cell is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Whole,
    Short,
}

impl Cell {
    pub(super) fn left(text: impl Into<String>) -> Self {
        Self { text: text.into(), short: None, side: Side::Left, ink: Ink::Plain }
    }

    pub(super) fn right(text: impl Into<String>) -> Self {
        Self { side: Side::Right, ..Self::left(text) }
    }

    /// Gives the text a shorter form for narrow terminals.
    pub(super) fn or(self, short: String) -> Self {
        Self { short: Some(short), ..self }
    }

    pub(super) fn ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    fn form(&self, form: Form) -> &str {
        self.short.as_deref().filter(|_| form == Form::Short).unwrap_or(&self.text)
    }
}

impl Table {
    /// Returns the lines, fitted to the terminal.
    pub(super) fn lines(&self, style: Style) -> Vec<String> {
        let fits = |form: Form| style.columns.is_none_or(|columns| total(&self.widths(form)) <= columns);
        let form = if fits(Form::Whole) { Form::Whole } else { Form::Short };
        let widths = self.widths(form);
        let mut lines = Vec::new();
        if !self.heads.is_empty() {
            lines.push(style.paint(Ink::Strong, &self.heading(&widths, style)));
        }
        for row in &self.rows {
            lines.extend(row.lines(form, &widths, style));
        }
        lines
    }

    fn widths(&self, form: Form) -> Vec<usize> {
        let count = self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let of = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.cells.get(column));
            let head = self.heads.get(column).map_or(0, |head| width(head));
            let least = self.least.get(column).copied().unwrap_or(0);
            cells.map(|cell| width(cell.form(form))).fold(head.max(least), usize::max)
        };
        (0..count).map(of).collect()
    }

    fn heading(&self, widths: &[usize], style: Style) -> String {
        let last = self.heads.get(widths.len()).map_or(0, |head| width(head));
        let has_room = style.columns.is_none_or(|columns| total(widths) + GAP + last <= columns);
        let has_more = has_room && self.rows.iter().any(|row| !row.more.is_empty());
        let side = |column: usize| {
            self.rows.first().and_then(|row| row.cells.get(column)).map_or(Side::Left, |cell| cell.side)
        };
        let shown = if has_more { widths.len() + 1 } else { widths.len() };
        let heads = self.heads.iter().take(shown).enumerate();
        let padded = heads.map(|(column, head)| {
            let columns = widths.get(column).copied().unwrap_or(0);
            match side(column) {
                Side::Left => pad_right(head, columns),
                Side::Right => pad_left(head, columns),
            }
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }
}

impl Row {
    fn lines(&self, form: Form, widths: &[usize], style: Style) -> Vec<String> {
        let last = if self.more.is_empty() { self.cells.len().checked_sub(1) } else { None };
        let painted = self.cells.iter().zip(widths).enumerate().map(|(column, (cell, columns))| {
            let text = cell.form(form);
            let space = " ".repeat(columns.saturating_sub(width(text)));
            let text = style.paint(cell.ink, text);
            match cell.side {
                Side::Right => format!("{space}{text}"),
                // Nothing follows that would have to be moved into place.
                Side::Left if last == Some(column) => text,
                Side::Left => format!("{text}{space}"),
            }
        });
        let mut line = painted.collect::<Vec<_>>().join("  ");
        if self.more.is_empty() {
            return vec![line];
        }
        let used = total(widths) + GAP;
        let room = style.columns.map_or(usize::MAX, |columns| columns.saturating_sub(used));
        if width(&self.more) <= room || room >= LEAST {
            let mut pieces = wrap(&self.more, room).into_iter();
            line.push_str("  ");
            line.push_str(&pieces.next().unwrap_or_default());
            let below = pieces.map(|piece| format!("{}{piece}", " ".repeat(used)));
            return std::iter::once(line).chain(below).collect();
        }
        let room = style.columns.map_or(usize::MAX, |columns| columns.saturating_sub(INDENT)).max(LEAST);
        let below = wrap(&self.more, room).into_iter().map(|piece| format!("{}{piece}", " ".repeat(INDENT)));
        std::iter::once(line.trim_end().to_owned()).chain(below).collect()
    }
}

fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// One line of a block: a mark, what it is about, and what is to be said.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) mark: &'static str,
    pub(super) ink: Ink,
    pub(super) name: String,
    pub(super) value: String,
}

impl Fact {
    /// A fact that is neither good nor bad.
    pub(super) fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { mark: "", ink: Ink::Plain, name: name.into(), value: value.into() }
    }
}

/// How wide the names of some facts are together.
pub(super) fn name_width<'f>(facts: impl Iterator<Item = &'f Fact>) -> usize {
    facts.map(|fact| width(&fact.name)).max().unwrap_or(0)
}

/// Returns a fact on one line, or on several where the terminal is narrow. Names are padded to `columns`; marks have a
/// column of their own where there are any.
pub(super) fn fact_lines(fact: &Fact, columns: usize, marked: bool, style: Style) -> Vec<String> {
    let mark = match (marked, fact.mark.is_empty()) {
        (true, false) => format!("{} ", style.paint(fact.ink, fact.mark)),
        (true, true) => "  ".to_owned(),
        (false, _) => String::new(),
    };
    let used = 2 + if marked { 2 } else { 0 } + columns + GAP;
    let room = style.columns.map_or(usize::MAX, |columns| columns.saturating_sub(used)).max(LEAST);
    // What is well needs no more colour than its mark.
    let ink = if fact.ink == Ink::Good { Ink::Plain } else { fact.ink };
    let pieces = wrap(&fact.value, room).into_iter().enumerate();
    let lines = pieces.map(|(at, piece)| {
        if at == 0 {
            format!("  {mark}{}  {}", pad_right(&fact.name, columns), style.paint(ink, &piece))
        } else {
            format!("{}{}", " ".repeat(used), style.paint(ink, &piece))
        }
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::super::words::Language;
    use super::*;

    fn table() -> Table {
        let row = |id: &str, amount: &str, state: &str, more: &str| Row {
            cells: vec![
                Cell::left(id),
                Cell::left("2026-11-20 10:04:05").or("11-20 10:04".into()),
                Cell::right(amount),
                Cell::left(state).ink(Ink::Good),
            ],
            more: more.into(),
        };
        let rows = vec![
            row("0001017-029727122", "50.000 ₫", "✓ ĐÃ NHẬN TIỀN", ""),
            row("0001017-029727121", "499.999.999 ₫", "✗ đã hủy", "bàn số bốn, khách quen, gọi lại sau"),
        ];
        Table { heads: vec!["Đơn", "Giờ", "Số tiền", "Trạng thái", "Thêm"], least: Vec::new(), rows }
    }

    fn at(columns: Option<usize>) -> Vec<String> {
        table().lines(Style { language: Language::Vietnamese, columns, colour: false })
    }

    #[test]
    fn columns_stand_under_each_other_and_amounts_to_the_right() {
        let want = [
            "Đơn                Giờ                        Số tiền  Trạng thái      Thêm",
            "0001017-029727122  2026-11-20 10:04:05       50.000 ₫  ✓ ĐÃ NHẬN TIỀN",
            "0001017-029727121  2026-11-20 10:04:05  499.999.999 ₫  ✗ đã hủy        bàn số bốn, khách quen, gọi lại sau",
        ];
        assert_eq!(at(None), want);
        assert_eq!(at(Some(120)), want);
    }

    #[test]
    fn running_text_wraps_in_its_column_or_below() {
        let wide = at(Some(98));
        assert_eq!(wide.get(3).map(|line| line.trim_start()), Some("lại sau"));
        let narrow = at(Some(80));
        assert_eq!(narrow.get(3).map(String::as_str), Some("    bàn số bốn, khách quen, gọi lại sau"));
        assert!(wide.iter().all(|line| width(line) <= 98) && narrow.iter().all(|line| width(line) <= 80));
    }

    #[test]
    fn a_narrow_terminal_gets_short_times_and_never_a_cut_id_or_amount() {
        for columns in [20, 40, 60, 64] {
            let lines = at(Some(columns));
            let text = lines.join("\n");
            assert!(text.contains("11-20 10:04 ") && !text.contains("2026"), "{columns}: {text}");
            for whole in ["0001017-029727122", "0001017-029727121", "499.999.999 ₫", "50.000 ₫", "ĐÃ NHẬN TIỀN"]
            {
                assert!(text.contains(whole), "{columns}: {text}");
            }
        }
        assert!(at(Some(64)).iter().all(|line| width(line) <= 64));
    }

    #[test]
    fn facts_hang_under_their_value() {
        let fact =
            Fact {
                mark: "✗", ink: Ink::Bad, name: "payos".into(), value: "mất kết nối từ mười giờ sáng".into()
            };
        let style = Style { language: Language::Vietnamese, columns: Some(36), colour: false };
        assert_eq!(fact_lines(&fact, 6, true, style), ["  ✗ payos   mất kết nối từ mười giờ", "            sáng"]);
        assert_eq!(fact_lines(&Fact::new("a", "b"), 2, false, style), ["  a   b"]);
    }
}
