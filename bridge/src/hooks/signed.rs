//! Takes those headers out of a request that a provider's signature needs. Knows neither providers nor signatures.

use std::collections::BTreeMap;

use hyper::HeaderMap;

/// Returns the headers of these names, as they came, or nothing when one came twice or is not visible ASCII: what a
/// signature is about must be beyond doubt. A header that is missing is left out; its provider says what that means.
pub(super) fn headers(all: &HeaderMap, names: &[&str]) -> Option<BTreeMap<String, String>> {
    let mut taken = BTreeMap::new();
    for name in names {
        let mut values = all.get_all(*name).iter();
        let Some(value) = values.next() else { continue };
        if values.next().is_some() {
            return None;
        }
        taken.insert((*name).to_owned(), value.to_str().ok()?.to_owned());
    }
    Some(taken)
}
