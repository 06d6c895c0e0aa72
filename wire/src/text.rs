//! What the text forms share: outside text made fit for an error message, and serde through `Display` and `FromStr`.
//! It must not know what any of the texts means.

/// Returns at most forty characters of outside text, control characters replaced, so that an error message stays one
/// short line whatever somebody sent.
pub(crate) fn shown(text: &str) -> String {
    bounded(text, 40)
}

/// Returns at most `limit` characters of outside text on one line.
pub(crate) fn bounded(text: &str, limit: usize) -> String {
    let mut chars = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut kept: String = chars.by_ref().take(limit).collect();
    if chars.next().is_some() {
        kept.push('…');
    }
    kept
}

/// Gives a type serde (and, behind `schema`, OpenAPI) through its exact text form, which a `pattern` or a `format` tells.
macro_rules! text_form {
    ($type:ty, $example:literal, $rule:ident($form:expr)) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .examples([$example])
                    .$rule(Some($form))
                    .into()
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::ToSchema for $type {}
    };
}
pub(crate) use text_form;

/// The longest note that is kept of a webhook, in characters.
const LONGEST_NOTE: usize = 200;

/// Returns what a payer's bank passed on, on one line of bounded length; nothing when nothing readable was.
pub(crate) fn noted(text: &str) -> Option<String> {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let line: String = line.take(LONGEST_NOTE).collect();
    Some(line.trim().to_owned()).filter(|line| !line.is_empty())
}
