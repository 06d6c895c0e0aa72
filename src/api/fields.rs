//! Takes typed values out of a JSON object and names the field that is wrong. It must not know what the fields are for.

use std::ops::RangeInclusive;

use super::problem::Problem;
use super::strict::Json;

/// An object that is being read. Whoever reads it calls [`Fields::finish`] last, which refuses what nobody asked for.
#[derive(Debug)]
pub(super) struct Fields {
    /// What stands before the name of a field, such as `items[0].`.
    place: String,
    entries: Vec<(String, Json)>,
}

impl Fields {
    /// Begins with the body of a request.
    pub(super) fn of_body(body: Json) -> Result<Self, Problem> {
        Self::within(String::new(), "body", body)
    }

    fn within(place: String, name: &str, json: Json) -> Result<Self, Problem> {
        let Json::Object(entries) = json else {
            return Err(Problem::field(name, "an object"));
        };
        for (at, (key, _)) in entries.iter().enumerate() {
            if entries.iter().take(at).any(|(earlier, _)| earlier == key) {
                return Err(Problem::field(format!("{place}{key}"), "written at most once"));
            }
        }
        Ok(Self { place, entries })
    }

    /// Returns the name of a field as the caller knows it.
    pub(super) fn name(&self, key: &str) -> String {
        format!("{}{key}", self.place)
    }

    /// Takes the value of a key; `null` is as good as absent.
    fn take(&mut self, key: &str) -> Option<Json> {
        let at = self.entries.iter().position(|(known, _)| known == key)?;
        let (_, value) = self.entries.remove(at);
        Some(value).filter(|value| *value != Json::Null)
    }

    /// Takes a text of at most `longest` characters, none of them a control character.
    pub(super) fn text(&mut self, key: &str, longest: usize) -> Result<Option<String>, Problem> {
        match self.take(key) {
            None => Ok(None),
            Some(Json::Text(text)) if text.chars().count() <= longest && !text.chars().any(char::is_control) => {
                Ok(Some(text))
            }
            Some(_) => Err(Problem::field(
                self.name(key),
                format_args!("a text of at most {longest} characters without control characters"),
            )),
        }
    }

    /// Takes a text that must be there and not be blank.
    pub(super) fn required_text(&mut self, key: &str, longest: usize) -> Result<String, Problem> {
        self.text(key, longest)?.filter(|text| !text.trim().is_empty()).ok_or_else(|| {
            let expected = format!("a text of 1 to {longest} characters");
            Problem::field(self.name(key), expected)
        })
    }

    /// Takes a whole number within bounds, written as a JSON number without a fraction.
    pub(super) fn whole(&mut self, key: &str, bounds: RangeInclusive<u64>) -> Result<Option<u64>, Problem> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        whole_number(&value)
            .filter(|number| bounds.contains(number))
            .map(Some)
            .ok_or_else(|| self.not_whole(key, &bounds))
    }

    /// Takes a whole number that must be there.
    pub(super) fn required_whole(&mut self, key: &str, bounds: RangeInclusive<u64>) -> Result<u64, Problem> {
        self.whole(key, bounds.clone())?.ok_or_else(|| self.not_whole(key, &bounds))
    }

    fn not_whole(&self, key: &str, bounds: &RangeInclusive<u64>) -> Problem {
        let (least, most) = (bounds.start(), bounds.end());
        let expected = format!("a whole number from {least} to {most}, without quotation marks");
        Problem::field(self.name(key), expected)
    }

    /// Takes one of a few numbers, which may be negative.
    pub(super) fn one_of(&mut self, key: &str, choices: &[i8]) -> Result<Option<i8>, Problem> {
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        let number = match &value {
            Json::Number(number) => number.as_i64().and_then(|number| i8::try_from(number).ok()),
            Json::Null | Json::Switch(_) | Json::Text(_) | Json::List(_) | Json::Object(_) => None,
        };
        number
            .filter(|number| choices.contains(number))
            .map(Some)
            .ok_or_else(|| Problem::field(self.name(key), format_args!("one of {choices:?}")))
    }

    /// Takes an object.
    pub(super) fn object(&mut self, key: &str) -> Result<Option<Fields>, Problem> {
        let name = self.name(key);
        self.take(key).map(|json| Fields::within(format!("{name}."), &name, json)).transpose()
    }

    /// Takes a list of 1 to `most` objects.
    pub(super) fn objects(&mut self, key: &str, most: usize) -> Result<Option<Vec<Fields>>, Problem> {
        let name = self.name(key);
        match self.take(key) {
            None => Ok(None),
            Some(Json::List(values)) if (1..=most).contains(&values.len()) => values
                .into_iter()
                .enumerate()
                .map(|(at, json)| {
                    let name = format!("{name}[{at}]");
                    Fields::within(format!("{name}."), &name, json)
                })
                .collect::<Result<Vec<Fields>, Problem>>()
                .map(Some),
            Some(_) => Err(Problem::field(name, format_args!("a list of 1 to {most} objects"))),
        }
    }

    /// Takes a list of 1 to `most` texts, which must be there.
    pub(super) fn texts(&mut self, key: &str, most: usize) -> Result<Vec<String>, Problem> {
        let name = self.name(key);
        let values = match self.take(key) {
            Some(Json::List(values)) if (1..=most).contains(&values.len()) => values,
            Some(_) | None => return Err(Problem::field(name, format_args!("a list of 1 to {most} texts"))),
        };
        let texts = values.into_iter().enumerate().map(|(at, value)| match value {
            Json::Text(text) => Ok(text),
            Json::Null | Json::Switch(_) | Json::Number(_) | Json::List(_) | Json::Object(_) => {
                Err(Problem::field(format!("{name}[{at}]"), "a text"))
            }
        });
        texts.collect()
    }

    /// Refuses what nobody asked for.
    pub(super) fn finish(self) -> Result<(), Problem> {
        match self.entries.first() {
            Some((key, _)) => Err(Problem::unknown_field(self.name(key))),
            None => Ok(()),
        }
    }
}

fn whole_number(value: &Json) -> Option<u64> {
    match value {
        Json::Number(number) => number.as_u64(),
        Json::Null | Json::Switch(_) | Json::Text(_) | Json::List(_) | Json::Object(_) => None,
    }
}
