//! The keys of a payOS channel (contract §7). It must not know payOS's interface.

use till_settings::{Content, HttpBase, Secret, Table, http_base, switch, text};
use till_wire::{Account, Description};

use super::{given_name, page};
use crate::config::account;

/// What payOS needs to know.
#[derive(Clone, Debug)]
pub struct PayOs {
    /// Where its interface is.
    pub base_url: HttpBase,
    /// Sent as `x-client-id`.
    pub client_id: Secret,
    /// Sent as `x-api-key`.
    pub api_key: Secret,
    /// Signs requests, answers and webhooks; never sent.
    pub checksum_key: Secret,
    /// Believed beside it while keys are changed.
    pub checksum_key_next: Option<Secret>,
    /// Sent as `x-partner-code`, in the partners' programme.
    pub partner_code: Option<String>,
    /// What the payer reads in the transfer.
    pub description: Description,
    /// Where a browser goes after paying.
    pub return_url: String,
    /// Where a browser goes after cancelling.
    pub cancel_url: String,
    /// The account that its codes must name.
    pub account: Option<Account>,
}

/// payOS refuses longer descriptions (providers.md §1.10).
const LONGEST: usize = 25;

/// The same, where the bank account is not linked through payOS.
const LONGEST_UNLINKED: usize = 9;

impl PayOs {
    pub(super) fn take(table: &Table, label: &str) -> Option<Self> {
        let base_url = HttpBase::new("https://api-merchant.payos.vn");
        let base_url = table.or_made("base_url", base_url, http_base());
        let client_id = table.secret("client_id", Content::Token);
        let api_key = table.secret("api_key", Content::Token);
        let checksum_key = table.secret("checksum_key", Content::Token);
        let checksum_key_next = table.optional_secret("checksum_key_next", Content::Token);
        let partner_code = table.optional("partner_code", given_name());
        let linked = table.or("linked_bank", true, switch());
        let longest = if linked { LONGEST } else { LONGEST_UNLINKED };
        let template = table.or("description", "{sequence}", text(1..=200));
        let description = Description::new(&template, label, longest);
        if let Err(error) = &description {
            table.fault("description", error.to_string());
        }
        let return_url = table.required("return_url", page());
        let cancel_url = table.required("cancel_url", page());
        let account = table.optional_table("account");
        let account = account.as_ref().and_then(account::take);
        Some(Self {
            base_url: base_url?,
            client_id: client_id?,
            api_key: api_key?,
            checksum_key: checksum_key?,
            checksum_key_next,
            partner_code,
            description: description.ok()?,
            return_url: return_url?,
            cancel_url: cancel_url?,
            account,
        })
    }
}
