//! Makes the provider of a channel out of its settings: one arm for each. It must not send anything.

use till_settings::{HttpBase, Secret};
use till_wire::finan::{self, FinanAccount};
use till_wire::payos::{PayOs, PayOsAccount};
use till_wire::provider::{Key, Provider};

use super::ProviderError;
use crate::config::{self, Channel};

/// Returns where a channel's interface is, and who speaks it.
pub(super) fn provider(channel: &Channel) -> Result<(HttpBase, Box<dyn Provider>), ProviderError> {
    match &channel.provider {
        config::Provider::PayOs(settings) => Ok((settings.base_url.clone(), Box::new(payos(settings)))),
        config::Provider::Finan(settings) => Ok((settings.base_url.clone(), Box::new(finan(settings)))),
        config::Provider::SmartGlocal(_) => Err(ProviderError::Unsupported { channel: channel.id.clone() }),
    }
}

fn payos(settings: &config::PayOs) -> PayOs {
    PayOs::new(PayOsAccount {
        client_id: key(&settings.client_id),
        api_key: key(&settings.api_key),
        checksum_key: key(&settings.checksum_key),
        partner_code: settings.partner_code.as_ref().map(|code| Key::new(code.as_bytes())),
        description: settings.description.clone(),
        return_url: settings.return_url.clone(),
        cancel_url: settings.cancel_url.clone(),
    })
}

fn finan(settings: &config::Finan) -> finan::Finan {
    finan::Finan::new(FinanAccount {
        client_id: key(&settings.client_id),
        secret: key(&settings.secret),
        signature: settings.signature,
        method: settings.payment_method,
        account_id: settings.account_id.clone(),
        account_number: settings.account.as_ref().map(|account| account.number.clone()),
        label: settings.label.clone(),
        customer_name: settings.customer_name.clone(),
        merchant: settings.merchant.clone(),
        description: settings.description.clone(),
        reference_type: settings.reference_type.clone(),
        success_redirect_url: settings.success_redirect_url.clone(),
        failure_redirect_url: settings.failure_redirect_url.clone(),
    })
}

fn key(secret: &Secret) -> Key {
    Key::new(secret.expose())
}
