//! Compares with signatures that OpenSSL made with the same keys (`openssl dgst -sha256 -sign KEY FILE | base64`).

use super::{Lens, Pen};
use crate::glocal::keys;

/// Who signed, what, and what came of it.
const BY_OPENSSL: [(&str, &str, &str); 4] = [
    (
        keys::MERCHANT,
        r#"{"session_id":"ps_5666"}"#,
        "HQZM1g+lGTY1TwO7AqoCnWQxryL47vkgMaf52Tasqt93F4bVlFfXIYeiefYK/1dS4Tplyr1XW/KTG4qmYfZKI2v3eN1mXzbamsQgBbtEC6QJVIcGS2pZApMGBwupEyFhvbYmugUB9N0ttbBzTS81WQat2NfELaXwNoqAOGblLlEQQVfsE/VDX/KIalI/dmSmKUbxjP+IttmoPWbnCQ0tf1r/Y0XsSwGSkEpeXVJrGGa0iF0TFA2W/uZDcGcYTUF8n8xi/AWq9JjovMwzc7ssvhs+wuQxPuGW4m9UiiaqN5oPqWgkLHqYSFYtk74dg6HfMsL0LzLtRly7uBPYkOAGxg==",
    ),
    (
        keys::MERCHANT,
        r#"{"t":"Quầy số 1"}"#,
        "plihKOPp08DE8br4T7pLoC1mglRtX3P2MXYmSjJiJENwgZmmbz88Hb1xzT1PF8EA8FGuRNMBZ1rv/5kYxVBnBlF09nv/wPeiqa+Km0v8WcGq1t0z331eX/6XkC0dxospIT3QDAQSXxk0NMa6DtWA3plEkyNdBNnE+qh/4WngmFXAlveSigS1MLudXVC2Y/mOoFmO66H3NvCoJt8AhayD00HJtwfvPJNy0eX/ddg2V71vGiZIBGQej8SBj1RYFFu4iKaBhzu4Yll/+XDMW7bhuOyChy8l/xkxiV07Fll4NHDMbteqWNgAsetPv9ERxSVPvPUdFQa/u7OOQUAhHhY4kA==",
    ),
    (
        keys::MERCHANT,
        "",
        "HgPmc6euDd5IKCZSNghnqBPM1yEsfOhWJt0g35BLepsk+iLOszIsYUnOReQQHy6bGYrt37PqIA/OOyUfwjF6LV0gDGquLZZxsNoEJzyVYiFDzcbHe6aGHRV8JM0g4soDiZ2RXr1acrpIHo0ZIT19V8kj1urKJNs4VnkN9vI1cEPgWvnBAqbVwboKbeA5004stBdoUJv6VGh8MOn1Tm9PUyOwVWX73xBDih/DDCpvENst5tXQ9zC1nmOFtn9LpeWd0y+qCRoX+GuxSSq2vSu7gpgrw3gZa51VrXWAmcbz2ZCzbEBJWG/AcKaMoqNUtAfieOjD4CqNQb52qmXCfOCdAg==",
    ),
    (
        keys::SMART_GLOCAL,
        r#"{"session_id":"ps_5666"}"#,
        "dBWFWY7DXDCR2Hpkd8Zw23r2qatR25HusokRcICtvZD4moLwJnjAuzmhie1W5KsmUIAa5F/PeDjMauf7TIvQ0y2KxCTS0IxlEez4B8jUpvlPIDbOBH7oJyPiv0NMm3GpOcoZkyncpd0WJ3MHHpGOA7hIlSRDAAJ4+S8RNm17QrzOzpldaVX4PLNbfrZt8GZHGPIBsqSfoNpOHdgwIA3D6o4UshgGNet8+aR7JVZcgH7G0Xw3hGf9I260jzTMQOBdXHyl/NoqVZXbBa3oBqIRaFjCKcuoYrV7JCykbRXK23v4hSUHDr1vOvrpQt0Xv1YcgAxX5e+wEhr6IhqKxmJWyQ==",
    ),
];

/// The first body with another padding (PSS) and with another hash (SHA-1).
const OTHERWISE_BY_OPENSSL: [&str; 2] = [
    "onMGi2+DO6e3mc0D4zoC5MfQL+HMYvYIva+LZyDZKCywTAbdB/qT2zzOEif8dnhTeaO9tqt5GWSDEv3JURXrM3qDhVKML+lNF8Xww4ucwZlvNbNzOShpuUuK/BJ8r7roW721AkxbmmIEHHq3+opqHCBX1cZ6zWVcQaopHz6BjE9YAQmRTL7dHxr71gUxNVgFqz1bTulbLqKrBD7j3yaJpJdyCJ9ZddPjnA1kMoXlq9fXsvixPvZySobxgWqnxIY9+1DZY+1flMMYUOTUz/HrynzH4E/DZ/Dwx1AzW7w/h0y4tJvCzc+jbb8DtP3BZ7yERsXBJRFQgZVElLUm7zEX5A==",
    "QCTsbVDtNIWgEZhHJB8jUssTrGERaJxU/GmqDRH2FkppmHbGklZOUtX/G7PijFkLRCvxNg5QN4jYxt7pwE1HxEzCjfwlMpH0JnC/ldSaGH2+hzhGnEsGc+8mzPgqD8Olow9+J4zvvrWl7WItiZzLAIXRi+J7T0gQSIJMzfSfdf2cT4PSPLHxiJRWs63uyQJht8Lt15TFCFxVOuf0A58ERTSzyV556p3IuL6C0EVdZyQdDfJMB2y/3SKXb5V0EeRksZGsZHgMEEncdyomXNs4p/IIV6Y1rLwjwLFHU/KQlSsNb+FCfbyF/plnEud41Nhi3m4sch/M3Isw3ntPFYaWiw==",
];

fn merchants() -> Lens {
    Lens::new(keys::MERCHANT_PUBLIC).expect("the example key is sound")
}

#[test]
fn signatures_are_those_of_openssl() {
    for (key, body, want) in BY_OPENSSL {
        let pen = Pen::new(key).expect("the example key is sound");
        assert_eq!(pen.sign(body.as_bytes()), want, "{body}");
    }
}

#[test]
fn a_signature_fits_its_own_body_and_key_alone() {
    let lenses = [merchants(), Lens::new(keys::SMART_GLOCAL_PUBLIC).expect("the example key is sound")];
    for (key, body, signature) in BY_OPENSSL {
        let [merchant, smart_glocal] = lenses.each_ref().map(|lens| lens.is_right(body.as_bytes(), signature));
        assert_eq!((merchant, smart_glocal), (key == keys::MERCHANT, key == keys::SMART_GLOCAL), "{body}");
    }
    let (_, body, signature) = BY_OPENSSL[0];
    assert!(!merchants().is_right(br#"{"session_id": "ps_5666"}"#, signature), "a space is another body");
    for other in OTHERWISE_BY_OPENSSL {
        assert!(!merchants().is_right(body.as_bytes(), other), "padding and hash belong to the signature");
    }
    for broken in ["", "x", &signature[1..], &signature.replace('+', "-"), &signature.to_lowercase()] {
        assert!(!merchants().is_right(body.as_bytes(), broken), "{broken}");
    }
}

#[test]
fn keys_of_another_kind_are_not_read() {
    assert!(Pen::new(keys::MERCHANT_PUBLIC).is_none());
    assert!(Lens::new(keys::MERCHANT).is_none());
    assert!(Lens::new("").is_none());
}
