//! Makes the provider of a channel out of its settings: one arm for each. It must not send anything.

use till_settings::{HttpBase, Secret};
use till_wire::finan::{self, FinanAccount};
use till_wire::payos::{PayOs, PayOsAccount};
use till_wire::provider::{Key, Provider};
use till_wire::smart_glocal::{SmartGlocal, SmartGlocalAccount};

use super::ProviderError;
use crate::config::{self, Channel};

/// Returns where a channel's interface is, and who speaks it.
pub(super) fn provider(channel: &Channel) -> Result<(HttpBase, Box<dyn Provider>), ProviderError> {
    match &channel.provider {
        config::Provider::PayOs(settings) => Ok((settings.base_url.clone(), Box::new(payos(settings)))),
        config::Provider::Finan(settings) => Ok((settings.base_url.clone(), Box::new(finan(settings)))),
        config::Provider::SmartGlocal(settings) => {
            Ok((settings.base_url.clone(), Box::new(smart_glocal(channel, settings)?)))
        }
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
    .believing(settings.checksum_key_next.as_ref().map(key))
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
    .believing(settings.secret_next.as_ref().map(key))
}

fn smart_glocal(channel: &Channel, settings: &config::SmartGlocal) -> Result<SmartGlocal, ProviderError> {
    let unread = || ProviderError::Unread { channel: channel.id.clone(), key: "private_key" };
    let glocal = SmartGlocal::new(SmartGlocalAccount {
        api: settings.api,
        project: settings.project.clone(),
        submerchant: settings.submerchant.clone(),
        private_key: settings.private_key.clone().ok_or_else(unread)?,
        webhook_key: settings.webhook_key.clone(),
        minor_units: settings.minor_units,
        flow: settings.flow.clone(),
        return_url: settings.return_url.clone(),
        require_signed_answers: settings.require_signed_answers,
        payer: settings.payer.clone(),
    });
    Ok(glocal.believing(settings.webhook_key_next.clone()))
}

fn key(secret: &Secret) -> Key {
    Key::new(secret.expose())
}
