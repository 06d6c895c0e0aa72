//! Kinds of values: what is expected, in words, and how a TOML value becomes it. It must not know keys, nor open files.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use toml::Value;

use crate::address::HttpBase;

/// What a key takes: the expectation for a fault's text, and the conversion from TOML.
pub struct Kind<T> {
    pub(crate) expected: String,
    convert: Convert<T>,
}

type Convert<T> = Box<dyn Fn(&Value) -> Option<T>>;

impl<T: 'static> Kind<T> {
    fn new(expected: impl Into<String>, convert: impl Fn(&Value) -> Option<T> + 'static) -> Self {
        Self { expected: expected.into(), convert: Box::new(convert) }
    }

    /// Goes on with the converted value, under the same expectation; `None` refuses it.
    pub fn then<U: 'static>(self, next: impl Fn(T) -> Option<U> + 'static) -> Kind<U> {
        Kind::new(self.expected, move |value| (self.convert)(value).and_then(&next))
    }

    /// Words the expectation anew.
    #[must_use]
    pub fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    pub(crate) fn convert(&self, value: &Value) -> Option<T> {
        (self.convert)(value)
    }
}

/// A whole number within bounds.
pub fn whole(bounds: RangeInclusive<u64>) -> Kind<u64> {
    counted("a whole number", bounds)
}

/// A whole number of seconds within bounds.
pub fn seconds(bounds: RangeInclusive<u64>) -> Kind<Duration> {
    counted("a whole number of seconds", bounds).then(|count| Some(Duration::from_secs(count)))
}

/// A whole number of hours within bounds.
pub fn hours(bounds: RangeInclusive<u64>) -> Kind<Duration> {
    counted("a whole number of hours", bounds).then(|count| count.checked_mul(3600).map(Duration::from_secs))
}

/// A whole number of days of 24 hours within bounds.
pub fn days(bounds: RangeInclusive<u64>) -> Kind<Duration> {
    counted("a whole number of days", bounds).then(|count| count.checked_mul(86_400).map(Duration::from_secs))
}

fn counted(what: &str, bounds: RangeInclusive<u64>) -> Kind<u64> {
    let expected = format!("{what} from {} to {}", bounds.start(), bounds.end());
    Kind::new(expected, move |value| {
        let number = u64::try_from(value.as_integer()?).ok()?;
        bounds.contains(&number).then_some(number)
    })
}

/// A number within bounds, whole or with a point.
pub fn number(bounds: RangeInclusive<f32>) -> Kind<f32> {
    let expected = format!("a number from {} to {}", bounds.start(), bounds.end());
    Kind::new(expected, move |value| {
        // A whole number that is rounded on its way lies far beyond any bounds.
        let number = value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))? as f32;
        bounds.contains(&number).then_some(number)
    })
}

/// `true` or `false`.
pub fn switch() -> Kind<bool> {
    Kind::new("true or false", Value::as_bool)
}

/// A text of so many characters, without control characters.
pub fn text(length: RangeInclusive<usize>) -> Kind<String> {
    let expected = format!("a text of {} to {} characters on one line", length.start(), length.end());
    parsed(expected, move |text| {
        let fits = length.contains(&text.chars().count()) && !text.chars().any(char::is_control);
        fits.then(|| text.to_owned())
    })
}

/// A text that `parse` understands.
pub fn parsed<T: 'static>(expected: impl Into<String>, parse: impl Fn(&str) -> Option<T> + 'static) -> Kind<T> {
    Kind::new(expected, move |value| parse(value.as_str()?))
}

/// One of a few words, each with its meaning.
pub fn one_of<T: Clone + 'static, const N: usize>(choices: [(&'static str, T); N]) -> Kind<T> {
    let words = choices.each_ref().map(|(word, _)| *word);
    parsed(words.join(" | "), move |text| {
        let (_, meaning) = choices.iter().find(|(word, _)| *word == text)?;
        Some(meaning.clone())
    })
}

/// A path, which is not looked at.
pub fn path() -> Kind<PathBuf> {
    parsed("a path", |text| {
        let fits = !text.is_empty() && !text.contains('\0');
        fits.then(|| PathBuf::from(text))
    })
}

/// An address to listen on, `IP:PORT`; port 0 lets the system choose.
pub fn socket_address() -> Kind<SocketAddr> {
    parsed("an address such as \"127.0.0.1:8460\"", |text| text.parse().ok())
}

/// The base of a provider's URLs: https, or http on loopback.
pub fn http_base() -> Kind<HttpBase> {
    parsed("an https:// address without user, query and fragment (http:// only on loopback)", HttpBase::new)
}
