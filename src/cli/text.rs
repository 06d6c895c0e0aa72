//! Text on a terminal: how many columns it takes, where it may be broken, and what of it a terminal would obey instead of
//! showing. It must not know what the text says.

/// Returns text from outside on one line, with a sign in place of everything that a terminal would obey: a payer's note
/// must not move the cursor or turn the writing around.
pub(super) fn plain(text: &str) -> String {
    let shown = |c: char| match c {
        '\t' | '\n' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    text.chars().map(shown).collect()
}

/// Returns the columns that a text takes: letters composed of several characters take one, those of East Asia two.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

fn char_width(c: char) -> usize {
    match c {
        // Marks that are put on the letter before, among them all that Vietnamese has, and joiners.
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' => 0,
        '\u{200b}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{feff}' => 0,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{303e}' | '\u{3041}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' => 2,
        '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' => 2,
        '\u{1f300}'..='\u{1f64f}' | '\u{1f680}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// Returns the text followed by as many spaces as it lacks of `columns`.
pub(super) fn pad_right(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Returns the text after as many spaces as it lacks of `columns`.
pub(super) fn pad_left(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Breaks a text between words into lines of at most `columns`. A longer word, such as an id, stays whole.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_letters_take_one_column() {
        let cases =
            [("", 0), ("abc", 3), ("bàn 4", 5), ("ba\u{300}n 4", 5), ("e\u{302}\u{301}", 1), ("₫", 1), ("日本", 4)];
        for (text, columns) in cases {
            assert_eq!(width(text), columns, "{text}");
        }
        assert_eq!(pad_left("1 ₫", 5), "  1 ₫");
        assert_eq!(pad_right("bàn", 5), "bàn  ");
    }

    #[test]
    fn lines_break_between_words_and_ids_stay_whole() {
        assert_eq!(wrap("một hai ba bốn", 8), ["một hai", "ba bốn"]);
        assert_eq!(wrap("đơn 0001017-029727122 xong", 10), ["đơn", "0001017-029727122", "xong"]);
        assert_eq!(wrap("", 10), [""]);
    }

    #[test]
    fn p11_outside_text_cannot_command_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\r\n\u{9b}31m\u{202e}c\u{7f}"), "a�[2Jb� �31m�c�");
        assert_eq!(plain("bàn 4, cảm ơn 🙏"), "bàn 4, cảm ơn 🙏");
    }
}
