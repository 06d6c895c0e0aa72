//! The words that stand in a sale's JSON for its states, flags and reasons (contract §3).
//! It must not know when a sale deserves which.

/// Makes an enum whose variants are words in JSON, with the same word from `as_str`.
macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every value, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the word that stands in JSON.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// Returns the value of a word, or nothing for any other text.
            pub fn of(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }

        // A derived schema would name the variants instead of the words.
        #[cfg(feature = "schema")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some(concat!($($doc),+).trim()))
                    .enum_values(Some([$($word),+]))
                    .into()
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::ToSchema for $name {}

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// Where a sale stands.
    SaleState {
        /// No code yet.
        Requesting = "requesting",
        /// The code is on the display.
        Showing = "showing",
        /// A code made offline was shown and has left the display.
        Unconfirmed = "unconfirmed",
        /// Cancelled by the cashier; the provider has not answered yet.
        Cancelling = "cancelling",
        /// Proven payments add up to at least the amount.
        Paid = "paid",
        /// Ended unpaid: cancelled.
        Cancelled = "cancelled",
        /// Ended unpaid: its time ran out.
        Expired = "expired",
        /// Ended unpaid: it could not be done.
        Failed = "failed",
    }
}

words! {
    /// What else is to be known about a sale or a receipt.
    Flag {
        /// The code was made locally.
        Offline = "offline",
        /// Some money came, less than the amount.
        Underpaid = "underpaid",
        /// More money came than the amount.
        Overpaid = "overpaid",
        /// Money came after the sale had ended.
        Late = "late",
        /// Money went back.
        Refunded = "refunded",
        /// Settled by a supervisor's PIN.
        Manual = "manual",
        /// A person must look; the journal says why.
        Attention = "attention",
    }
}

words! {
    /// What kind of text a sale's code is.
    QrKind {
        /// A VietQR.
        Vietqr = "vietqr",
        /// An address, https only.
        Url = "url",
    }
}

words! {
    /// What a sale without a code waits for.
    WaitingFor {
        /// Nothing can be reached.
        Network = "network",
        /// An answer or a retry is due.
        Provider = "provider",
        /// The provider's own steps before there is a code.
        Confirmation = "confirmation",
    }
}

words! {
    /// By which road money was reported.
    Via {
        /// A webhook whose signature the terminal verified.
        Webhook = "webhook",
        /// An answer to the terminal's own question.
        Poll = "poll",
        /// A person matched a receipt to the sale.
        Match = "match",
    }
}

words! {
    /// Why a sale ended unpaid, for programs.
    FailureCode {
        /// The provider said no.
        ProviderRefused = "provider_refused",
        /// The provider did not answer in time.
        ProviderUnreachable = "provider_unreachable",
        /// The provider's answer does not verify or does not match.
        ProviderInvalid = "provider_invalid",
        /// The provider's code asks for another amount or account, or is no code.
        QrMismatch = "qr_mismatch",
        /// There is no network and offline codes are refused.
        OfflineRefused = "offline_refused",
        /// There is no network and too much is owed already.
        OfflineLimit = "offline_limit",
        /// There was no network for too long.
        WaitTimeout = "wait_timeout",
        /// The clock is not set.
        ClockNotSet = "clock_not_set",
        /// There is no display that could show the code.
        DisplayUnavailable = "display_unavailable",
        /// The provider asks for something that a till cannot do.
        UnsupportedAction = "unsupported_action",
        /// The store could not take it.
        StoreFault = "store_fault",
    }
}
