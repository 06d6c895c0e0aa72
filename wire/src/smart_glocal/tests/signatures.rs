//! Signatures and the keys that make and prove them, against openssl's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;

const BODY: &str = r#"{"session_id":"ps_5666","note":"Quầy 1"}"#;

/// openssl dgst -sha256 -sign demo/keys/merchant.pem | base64 -w0
const BY_OPENSSL: &str = "QbqevEyptwhStZKG5UtSDlKtpAj/aQmH3HaJF5FlFbFgJ99SluChAxUlE/YTxviF8UV6RKQTYPeR6CdTzFC51Nu2+mX32fJfRSpagZCr0r0rhmQur0bmHMcyKVlO5m/CUu/UkWzhdxFcvAP8xME9sXH6hS0fpYJxdX19KyTpYtOuSAEdGQY6RUmWONcTb2kdgIU3f9/x0refe5q/S+WjYz/D3/XQwG93N6AtUlb/YnoF+G17wb0bW73paFZOt7SzAvHouVsqgYn8XsSGqR9BLXmnDjH5lbLHkyDx63a2xRMngLLw1t26VyYL4MgQodjqBRZMOWvfRACK/pM0xONtJw==";

/// The same with -sha1, and with -sigopt rsa_padding_mode:pss: other readings of the documentation.
const SHA1: &str = "OlpGeOpyIrt8C/bpMvgL9XTbBcqJfY0tIqpzuKI0rCEc7lr8cbGivkTPCHH91/oufRX49i1EmlV0nHJxsYPWqKaTLT2J2+cIkmFyXGjCPuNPB77yaYeCFVZtVYmBU4J5cZFyXN8BB5PSYtWSIsthdsxYm6zRxFlbdhBStduSaLuVycELA/9DmZ9DyArfbprZ+0Cqb9ghwesBDT7lK9UDPFcNeOw/lniJbG19njBE6gjyRi8PB8Hkh49mHkwUsmM1zXGX5Mo8jsNVFDLkiWJOrFwAAplz5lmFZY2DMRBJ0l24WLYA7CK0wtnHkHdxDV/DWO6LpiTx7ceArrhSsQfz8Q==";
const PSS: &str = "ERjGWUmKdmiPNSz21rI59SzZweDrMBusZ6NilnbeNS01wmv0eKRRc9CeGYpy58fIyuOMi4WGoHROiGxeH4uBaemrOls3nSO77J6VFpG4vKOfmkJVI2rhFsCYuK6TmXdm8vhSbDUt9sQIVAjZWMdY/8u6bqIq49uMuIr3SoZUSJrMVlTEp8134BrwqLGPUtyrb8yvH0HCgDgR3zICmSy4nL/9U2P1zKAI3HVmQHLHlKMRPIbozZVfvo9Bwj49RzRNsZrn7BWuvwAbor1aTniyf/YmVqUshPRdRXgghUDoN4mCwqKZaFWLtL2X0e0NPuLWExIKVwqZSXWBY0ngVl1a0g==";

/// A public key of 4096 bits in PKCS#1, and openssl's signature under it.
const LARGE_PUBLIC: &str = "\
-----BEGIN RSA PUBLIC KEY-----
MIICCgKCAgEA436xt7bbRc7J9vT24rE5cGSn3WNryyZlkMQ3NUchI5JlzNmYk8sc
wyzD1M7jiLC1G08d1UeF89GZ6DtPA+z3rlIhThl/oxkg/ib5f7a32/ILAinAD2nG
nWzlaidtOMXU2Uqx83nTNCUc9XKABo9Tzfp6fN5Ocq11b5i2LpqNLWY9NSGc2TcN
V1LLgr1Zs82YpMS+JjxVj7ncXkpUqMTuCz0Hk7sfq+rZEo8NIU5XcbeB9RDeF2nb
iuyySLyNgS+YcmMrAKa/AsordhixV7cbQBAaOnvfp3qy6/Ho0SUTefmF4j4baZ6R
tWzFH9zKIzUzdh9FRklYLNVI618SZNAWbcFnpVqEfoltmTRsLyIh7zaM3mIj8iJc
5wU/8k+AoxRZZ51RMd4nUIsMPzl22njIkCDa7S4Q9cZXTdO/uNw5vPj+pnKjFcLs
92f3lYg33vPuDZfSyao0itrLSY8uNCDltmELT17aaR2gbYc6xxB/xKBtMArSp76V
3ByPEGLLFLj3CXl1j14zWlSYoPj1rmUCx7cCranViriBUB+8wr7tE4Ft6c2usCqj
TcHf/Krq84HlQJhDrR1Tek2CufhUTyRMRrJTZWP11f0X+NxlpfSF6wO3FrukW6AG
yWys/kPr6g/QVRhbiY52BMNbAQbcZ8KHrEYxX4IdhcwDYYSo+bA6BNcCAwEAAQ==
-----END RSA PUBLIC KEY-----
";
const BY_LARGE: &str = "miS/k0r5Luv/NLdEvzUfB87TAYwhLd7wV9h4hg0aiLzuWzYnltV82B858cY3vmkpbYvYwN4FHZ7aWyF8KLhWyCM4D/arISilNUHnuwH34wzLS7ObbXwM0ZENdthsXb7FESYyRUffkjKMJFmTdLXJmxYxNpsrrzIPUKzGnJEl/Wz+b1NT28xVPnl3oWGFUBAMkSUrD4yD7RiI9wYYyY3JIvl0pwyqHnwDtGHK0Lstqs+4nmgO+yitc9cU+hR4XeNIUsBaJAlAbienOl+VxFHyQd13Xrav7uNvZIKI2iaMhQ2ATujnEKqwrZ9GZ5Sn1XzC5ciZhq32nk9l48yz32nCyandS4fN7oNraAO8aeRIW+exkQg3dQz7+dHUnJDe+6UEL5Z+k5d4xKhaao7FKi4s5xReHaa/3RYiSDwmvoAiig+bgIfMdvEelUGZ6SrLHuquynN1lFG+RoFpqdXiC4FSUoAkHxgDnVAtuFpCYJvNQJA854jRu61w3VrofaXtB/QuxGPRM5sIiZSlaA9OuL/05XVegPgdeFEz7BTUPlWKf6R2/wsQHQOIfv47kcde+RMQQEplYXDqhAdeGzkdT/52X/x+u7u/W+HBa1Ykqa1e7Dk0QEyAeDLF00rc+jawL0JLMTdpHzMLo65vAfK5X9Gznk4lwsFb4c66emoJIV54P7E=";

/// A private key, which protects nothing: it has 1024 bits.
const SMALL: &str = "\
-----BEGIN PRIVATE KEY-----
MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAKTAH8x7pieruAdi
sYEYJTD3Jwvncj4t1UljYSKp/tlKkqfveVc9QaML3+eA/lFUmfh0qZ3YuJNN0tnr
PpiLFK+VWfh6okzSPYrVdfHSmcrvhpViVbzvcPy9upzbWeeGC/tNRvP2DCXxdid/
j9ZQJn23wl3mdAeWnu2O3wmKjyRxAgMBAAECgYByIk9lP/wZ25LAOxUxk+KgC3jX
fF3eya3LC7gNZauSKWF0SijL0ToZlG5nWSvWeD+6qkeffLZSBkYehiR1VVTcOkmo
uCqD+BPGcxBHS4nchTHG6AZ2gChBGUBl6xW1vKuy19mRQlXxDrQQCRvz2cOjX4d5
T8L7ErGvMsQ9N8fcYQJBANbnv5YbCubpIyuc6NYmlUGHtdfBndQc/8K5oZ0SR2KC
7u13uJrofQbgSYuvpUM+NFgHWnK5u4R60MGj9/sZ5aUCQQDEQSZxxw0Js0DMTmpu
mdgv5OPt4F+1mt5a1sPO69CGw+Ik8Oj9NMJdb4sgomY5JmqrH78bM4sLLcnve3Xn
QUHdAkEAiJ51hniUmq01haFPx+xpUGp06L+WlWUGFwWpv1ACf5bbS62jdx87dGab
eqjj9/aQkjHCh1KZ6iOlmKSjnkcdXQJAe6hJXvt63ZfSxmjKazIIo/TnISV1aOpS
HI6iBilT1PZr8bbSN2kc5t63nTJ2kqAAKh7wvWT2wW5yhLEYE0RtCQJBALO5ueWF
k1TxuQSyBCjbyLpHw6+B1Jq3suHUBJhC741OmioXiTqX54Em3oDDjDS4xfAY210P
b/TDwXleNHjD01k=
-----END PRIVATE KEY-----
";
const SMALL_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCkwB/Me6Ynq7gHYrGBGCUw9ycL
53I+LdVJY2Eiqf7ZSpKn73lXPUGjC9/ngP5RVJn4dKmd2LiTTdLZ6z6YixSvlVn4
eqJM0j2K1XXx0pnK74aVYlW873D8vbqc21nnhgv7TUbz9gwl8XYnf4/WUCZ9t8Jd
5nQHlp7tjt8Jio8kcQIDAQAB
-----END PUBLIC KEY-----
";

/// Keys of other kinds: on a curve, and RSA for another padding alone.
const CURVE: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEjCOQI8CXQlFdD7KDpsEh0Dc+nn9n
y8PJYPIsItJoNCvv3KDyhUIih5rwzgdbq1VzEdKOkpILaQTUM9B0hAKVsg==
-----END PUBLIC KEY-----
";
const FOR_PSS: &str = "\
-----BEGIN PUBLIC KEY-----
MIIBIDALBgkqhkiG9w0BAQoDggEPADCCAQoCggEBAMbCL9QPwCAl2I7E2+Sbhij1
otaIZWJvsTwXVtcRzN+mpOpp0GyTl+3EWSgmXLtoJkmaSHqbbro1a1jaVZdCgR3d
d4asCDg06e/YZEYMBHe2W9NIItYWyZHMOIxhg3sA6Xnq32yTQNz3hDdwoACh/AhI
8rnWnUpfcAauRuKW6Kl5F+EA4h1JwQkxt51zhxbl/LkbrN1dRZHduwl6rywgeioF
cxnuHis2+hHUT6nNvVpj2tFVEEBdgmrbU8rgnPhhXNF3dSh0lVl20KFSvDf9tVK2
Y3FN2YcuHjVOwwS5EHt++6hWdOPr+UNM9O1A4fujMz9Af3Tdnb9J8jySxxwgCv0C
AwEAAQ==
-----END PUBLIC KEY-----
";

fn public(pem: &str) -> VerifyingKey {
    VerifyingKey::from_pem(pem.as_bytes()).expect("a key")
}

fn bytes_of(pem: &str) -> Vec<u8> {
    let inside: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(inside).expect("base64")
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

/// The key inside of PKCS#8 or SPKI, by itself.
fn unwrapped(pem_of: &str, label: &str, wrapping: usize) -> String {
    pem(label, bytes_of(pem_of).get(wrapping..).expect("a key is longer than what is around it"))
}

#[test]
fn a_signature_is_openssl_s_under_either_form_of_each_key() {
    for private in [MERCHANT.to_owned(), unwrapped(MERCHANT, "RSA PRIVATE KEY", 26)] {
        assert_eq!(sign(&private, BODY.as_bytes()), BY_OPENSSL);
    }
    for public_key in [MERCHANT_PUBLIC.to_owned(), unwrapped(MERCHANT_PUBLIC, "RSA PUBLIC KEY", 24)] {
        assert!(public(&public_key).verifies(BODY.as_bytes(), BY_OPENSSL));
    }
    assert!(public(LARGE_PUBLIC).verifies(BODY.as_bytes(), BY_LARGE));
}

#[test]
fn p1_a_signature_is_right_for_its_body_and_key_alone() {
    let key = public(MERCHANT_PUBLIC);
    assert!(!key.verifies(BODY.replace("5666", "5667").as_bytes(), BY_OPENSSL));
    assert!(!key.verifies(format!("{BODY}\n").as_bytes(), BY_OPENSSL));
    assert!(!key.verifies(b"", BY_OPENSSL));
    assert!(!public(GLOCAL_PUBLIC).verifies(BODY.as_bytes(), BY_OPENSSL));
    let tampered = BY_OPENSSL.replacen('Q', "R", 1);
    let longer = BY_LARGE.repeat(1000);
    let short = BY_OPENSSL.get(..340).expect("a part");
    let spaced = format!(" {BY_OPENSSL}");
    let unpadded = BY_OPENSSL.trim_end_matches('=');
    let hexadecimal = "721af394d5a7aefd0e91f5390abc4d7e20fb2b5784b091fef621f3c61b7abb4b";
    for wrong in ["", "=", "signature", hexadecimal, SHA1, PSS, BY_LARGE, &tampered, &longer, short, &spaced, unpadded]
    {
        assert!(!key.verifies(BODY.as_bytes(), wrong), "{wrong}");
    }
}

#[test]
fn p11_a_key_that_cannot_be_used_says_why() {
    let why = |pem: &str| VerifyingKey::from_pem(pem.as_bytes()).map_err(|error| error.to_string()).err();
    let none = "there is no block `PUBLIC KEY` or `RSA PUBLIC KEY` in PEM form";
    for text in ["", "ssh-rsa AAAA", MERCHANT] {
        assert_eq!(why(text).as_deref(), Some(none));
    }
    assert_eq!(why(SMALL_PUBLIC).as_deref(), Some("it has 1024 bits, and 2048 to 8192 are needed"));
    let not_rsa =
        [CURVE.to_owned(), FOR_PSS.to_owned(), pem("PUBLIC KEY", b""), pem("RSA PUBLIC KEY", &bytes_of(CURVE))];
    for text in not_rsa {
        assert_eq!(why(&text).as_deref(), Some("it is no RSA key"), "{text}");
    }
    let half = MERCHANT_PUBLIC.get(..200).expect("a part");
    let garbled = MERCHANT_PUBLIC.replacen("MII", "M!I", 1);
    for text in [half, &garbled] {
        assert_eq!(why(text).as_deref(), Some("the block `PUBLIC KEY` is not whole, or is encrypted"));
    }
    let endless = format!("{}{MERCHANT_PUBLIC}", "\n".repeat(70_000));
    assert_eq!(why(&endless).as_deref(), Some(none));
    assert!(VerifyingKey::from_pem(&[0xff]).is_err());
}

#[test]
fn a_public_key_of_an_odd_size_or_exponent_is_refused() {
    let mut even = bytes_of(&unwrapped(MERCHANT_PUBLIC, "RSA PUBLIC KEY", 24));
    let exponent = even.len() - 1;
    even[exponent] = 0;
    assert_eq!(VerifyingKey::from_pem(pem("RSA PUBLIC KEY", &even).as_bytes()), Err(KeyError::NotRsa));
    even[exponent] = 1;
    even[exponent - 5] &= 0xfe;
    assert_eq!(VerifyingKey::from_pem(pem("RSA PUBLIC KEY", &even).as_bytes()), Err(KeyError::NotRsa));
    // 8200 bits, all set.
    let modulus = [&[0x02, 0x82, 0x04, 0x02, 0x00][..], &[0xff; 1025]].concat();
    let huge = [&[0x30, 0x82, 0x04, 0x0b][..], &modulus, &[0x02, 0x03, 1, 0, 1]].concat();
    assert_eq!(VerifyingKey::from_pem(pem("RSA PUBLIC KEY", &huge).as_bytes()), Err(KeyError::Size { bits: 8200 }));
}

#[test]
fn a_private_key_that_cannot_sign_says_why() {
    let why = |pem: &str| SigningKey::from_pem(pem.as_bytes()).map(drop).map_err(|error| error.to_string());
    let none = Err("there is no block `PRIVATE KEY` or `RSA PRIVATE KEY` in PEM form".to_owned());
    assert_eq!(why(MERCHANT_PUBLIC), none);
    assert_eq!(why(&pem("ENCRYPTED PRIVATE KEY", b"x")), none);
    let rejected = |why: &str| Err(format!("it is no RSA key of 2048 to 4096 bits without a passphrase ({why})"));
    assert_eq!(why(SMALL), rejected("TooSmall"));
    assert_eq!(why(&pem("PRIVATE KEY", b"")), rejected("InvalidEncoding"));
    let encrypted = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    assert_eq!(why(encrypted), Err("the block `RSA PRIVATE KEY` is not whole, or is encrypted".to_owned()));
}

#[test]
fn p11_a_private_key_with_one_byte_changed_is_refused_before_anything_is_to_be_signed() {
    let der = bytes_of(MERCHANT);
    let ways = [0x01, 0x80];
    for at in (0..der.len()).step_by(16) {
        let mut changed = der.clone();
        changed[at] ^= ways[at / 16 % ways.len()];
        let key = SigningKey::from_pem(pem("PRIVATE KEY", &changed).as_bytes());
        assert!(key.is_err() || key.is_ok_and(|key| key.sign(b"").is_some()), "{at}");
    }
}

#[test]
fn what_stands_around_a_key_is_passed_over() {
    let around = format!("Bag Attributes\r\n{}\r\n{}", CURVE.replace("PUBLIC KEY", "OTHER THING"), MERCHANT_PUBLIC);
    assert_eq!(public(&around.replace('\n', "\r\n")), public(MERCHANT_PUBLIC));
}

#[test]
fn no_key_is_shown() {
    let shown = format!("{:?} {:?}", provider(), SmartGlocalHooks::new(vec![glocal_public()], MinorUnits::Dong));
    assert!(shown.contains("SigningKey(…)") && shown.contains("VerifyingKey(…)"), "{shown}");
    assert!(!shown.contains("KeyPair") && !shown.contains("modulus"), "{shown}");
}
