//! What payOS's codes mean (providers.md §1.9). It must not know what a till does about them.

use std::fmt;

use crate::provider::RefusalCause;

/// The meaning of a code that is not `00`. No complete list is published; unlisted codes are `Other`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// 20, 01: a field of the request is wrong.
    Invalid,
    /// 101: there is no such payment link.
    NotFound,
    /// 201: the request's signature is wrong.
    RequestSignature,
    /// 214: the channel does not exist or is suspended.
    ChannelClosed,
    /// 231: there is an order with this number already.
    Duplicate,
    /// 401: client id or API key is wrong.
    Unauthorised,
    /// 429: too many requests.
    TooManyRequests,
    /// Any other code.
    Other,
}

impl Meaning {
    /// Returns what a code means.
    pub fn of(code: &str) -> Self {
        match code {
            "20" | "01" => Self::Invalid,
            "101" => Self::NotFound,
            "201" => Self::RequestSignature,
            "214" => Self::ChannelClosed,
            "231" => Self::Duplicate,
            "401" => Self::Unauthorised,
            "429" => Self::TooManyRequests,
            _ => Self::Other,
        }
    }

    /// Returns what payOS does not accept.
    pub const fn cause(self) -> RefusalCause {
        match self {
            Self::Invalid => RefusalCause::Order,
            Self::RequestSignature | Self::Unauthorised => RefusalCause::Access,
            Self::ChannelClosed => RefusalCause::Channel,
            Self::NotFound | Self::Duplicate | Self::TooManyRequests | Self::Other => RefusalCause::Unsaid,
        }
    }

    /// Returns the meaning as a sentence for whoever runs the terminal.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Invalid => "payOS found a field of the request that it does not accept",
            Self::NotFound => "payOS knows no payment link of this order",
            Self::RequestSignature => {
                "payOS found the request's signature wrong: the channel's checksum key is not the one that payOS has"
            }
            Self::ChannelClosed => {
                "payOS says that the channel does not exist or is suspended: check the client id and the channel at my.payos.vn"
            }
            Self::Duplicate => "payOS has an order of this number already",
            Self::Unauthorised => "payOS does not accept the client id or the API key",
            Self::TooManyRequests => "payOS received too many requests and wants a pause",
            Self::Other => "payOS refused for a reason of its own",
        }
    }
}

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}
