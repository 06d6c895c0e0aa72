//! A Smart Glocal channel: its defaults, its keys, and what it leaves to each sale. It must not test other channels.

use till_wire::smart_glocal::{ApiNames, Flow, MinorUnits};

use super::files::{GLOCAL_PUBLIC_KEY, MERCHANT_KEY, PRIVATE_KEY, PUBLIC_KEY, make_private};
use super::{Folder, SMALLEST, settings};
use crate::config::Channel;
use crate::config::channel::Provider;

/// A file with a Smart Glocal channel, whose keys are these; and `more` of its lines.
fn with_glocal(folder: &Folder, private: &str, public: &str, more: &str) -> String {
    let public = folder.file("glocal.pub", public);
    let private = folder.file("glocal.key", private);
    make_private(&private);
    format!(
        "{SMALLEST}[[channel]]\nid = \"glocal\"\nprovider = \"smart-glocal\"\n\
         base_url = \"https://demo.smart-glocal.com\"\nproject = \"p\"\nprivate_key = {{ file = {private:?} }}\n\
         webhook_public_key = {public:?}\nminor_units = 0\n{more}\n"
    )
}

#[test]
fn a_smart_glocal_channel_has_its_defaults() {
    let folder = Folder::new();
    let toml = with_glocal(&folder, MERCHANT_KEY, GLOCAL_PUBLIC_KEY, "");
    let settings = settings(&toml).expect("it is right");
    let channel = settings.channels.last().expect("there is one");
    let Provider::SmartGlocal(glocal) = &channel.provider else {
        unreachable!("it is a Smart Glocal channel");
    };
    assert_eq!(glocal.api, ApiNames::V1);
    assert_eq!(glocal.minor_units, MinorUnits::Dong);
    assert_eq!(glocal.flow, Flow::Create);
    assert_eq!((&glocal.submerchant, &glocal.return_url), (&None, &None));
    assert_eq!((glocal.require_signed_answers, &glocal.payer), (false, &None));
    assert!(glocal.webhook_key_next.is_none());
    assert!(glocal.private_key.is_some());
    let shown = format!("{settings:?}");
    assert!(shown.contains("SigningKey(…)") && shown.contains("VerifyingKey(…)"), "no key is shown: {shown}");
}

#[test]
fn a_sale_must_say_of_its_customer_what_the_channel_does_not() {
    let folder = Folder::new();
    let needs = |more: &str| {
        let toml = with_glocal(&folder, MERCHANT_KEY, GLOCAL_PUBLIC_KEY, more);
        let channels = settings(&toml).expect("it is right").channels;
        channels.iter().map(Channel::customer_needs).collect::<Vec<_>>()
    };
    let none: &[&str] = &[];
    assert_eq!(needs(""), [none, &["name", "document", "email"]]);
    let payer = "payer = { full_name = \"A\", document = \"1\", email = \"a@shop.example\" }";
    assert_eq!(needs(payer), [none, none]);
}

#[test]
fn keys_that_smart_glocal_cannot_use_are_faults_without_a_word_of_them() {
    let folder = Folder::new();
    let faults = |private: &str, public: &str, more: &str| {
        let toml = with_glocal(&folder, private, public, more);
        settings(&toml).map(|_| ()).expect_err("it has a fault")
    };
    let [fault] = faults(PRIVATE_KEY, GLOCAL_PUBLIC_KEY, "").try_into().expect("one fault");
    let want = "expected an RSA key in PEM form (it is no RSA key of 2048 to 4096 bits without a passphrase (";
    assert!(fault.starts_with("f: channel[1].private_key = {") && fault.contains(want), "{fault}");
    for (public, why) in [
        (PUBLIC_KEY, "it is no RSA key"),
        (MERCHANT_KEY, "there is no block `PUBLIC KEY` or `RSA PUBLIC KEY` in PEM form"),
    ] {
        let [fault] = faults(MERCHANT_KEY, public, "").try_into().expect("one fault");
        let want = format!("expected a PEM file with a public RSA key ({why})");
        assert!(fault.starts_with("f: channel[1].webhook_public_key = \"") && fault.ends_with(&want), "{fault}");
    }
    let gone = with_glocal(&folder, MERCHANT_KEY, GLOCAL_PUBLIC_KEY, "").replace("glocal.pub\"", "gone.pub\"");
    let [fault] = settings(&gone).map(|_| ()).expect_err("it has a fault").try_into().expect("one fault");
    assert!(fault.contains("expected a PEM file with a public RSA key (cannot read `"), "{fault}");
}

#[test]
fn beginning_at_once_needs_a_header_of_its_own() {
    let folder = Folder::new();
    let read = |more: &str| settings(&with_glocal(&folder, MERCHANT_KEY, GLOCAL_PUBLIC_KEY, more)).map(|_| ());
    assert_eq!(read("flow = \"init\"\nidempotency_header = \"X-Partner-Idempotency-Key\""), Ok(()));
    let fault = "f: channel[1].idempotency_header = (missing): expected a header's name, because flow = \"init\"";
    assert_eq!(read("flow = \"init\""), Err(vec![fault.to_owned()]));
    for taken in ["X-Partner-Sign", "host", "a b", "a:b", ""] {
        let fault = format!(
            "f: channel[1].idempotency_header = \"{taken}\": expected the name of an HTTP header of its own: \
             1 to 64 letters, digits and hyphens"
        );
        assert_eq!(read(&format!("flow = \"init\"\nidempotency_header = \"{taken}\"")), Err(vec![fault]));
    }
}

#[test]
fn a_second_key_of_smart_glocal_s_is_read_like_the_first() {
    let folder = Folder::new();
    let next = folder.file("next.pub", GLOCAL_PUBLIC_KEY);
    let toml = with_glocal(&folder, MERCHANT_KEY, GLOCAL_PUBLIC_KEY, &format!("webhook_public_key_next = {next:?}"));
    let settings_read = settings(&toml).expect("it is right");
    let channel = settings_read.channels.last().expect("there is one");
    assert!(matches!(&channel.provider, Provider::SmartGlocal(glocal) if glocal.webhook_key_next.is_some()));
    let broken = folder.file("broken.pub", "no key");
    let toml = with_glocal(&folder, MERCHANT_KEY, GLOCAL_PUBLIC_KEY, &format!("webhook_public_key_next = {broken:?}"));
    let faults = settings(&toml).map(|_| ()).expect_err("it has a fault").concat();
    assert!(faults.starts_with("f: channel[1].webhook_public_key_next = \""), "{faults}");
}
