//! Customers at all three providers at once: each code belongs to one of them.

use super::{Bill, Order, Paid, PayError};
use crate::glocal;
use crate::providers::{ProviderName, Providers};
use crate::vietqr;

const REFERENCE: &str = "0001017-000000042";

struct Market {
    providers: Providers,
    /// The code of an order of 50 000 đồng at each provider.
    codes: [(ProviderName, String); 3],
}

impl Market {
    /// Every provider has one order of the shop.
    async fn open() -> Self {
        let providers = Providers::start().expect("the sandboxes start");
        providers.payos.add_foreign_order(1_017_000_000_042, 50_000);
        providers.finan.add_foreign_order(REFERENCE, 50_000);
        let shop = glocal::tests::Shop { sandbox: providers.glocal.clone() };
        let session = shop.acting(REFERENCE).await;
        let order = providers.payos.orders().remove(0);
        let request = providers.finan.payment_requests().remove(0);
        let payment = providers.glocal.session(session).and_then(|session| session.payment);
        let address = payment.and_then(|payment| payment.interaction?.address()).expect("the wallet has a page");
        let codes = [
            (ProviderName::Payos, vietqr::build(&providers.payos.account(), Some(50_000), &order.bank_description)),
            (ProviderName::Finan, vietqr::build(&request.account.details, Some(50_000), &request.remark)),
            (ProviderName::SmartGlocal, address),
        ];
        Self { providers, codes }
    }

    fn bills(&self) -> Vec<(ProviderName, Bill)> {
        let read = |code: &String| self.providers.read_code(code).expect("the code is sound");
        self.codes.iter().map(|(name, code)| (*name, read(code))).collect()
    }
}

#[tokio::test]
async fn every_code_leads_to_its_own_provider_and_is_paid_there_alone() {
    let market = Market::open().await;
    for (name, bill) in market.bills() {
        assert_eq!((bill.order.provider(), bill.amount), (name, Some(50_000)));
        assert_eq!(market.providers.reference(&bill.order).as_deref(), Some(REFERENCE), "{name:?}");
        assert_eq!(market.providers.paid(&bill.order), 0, "{name:?}");
        let paid = market.providers.pay(&bill, 50_000).expect("the order takes money");
        assert_eq!(market.providers.paid(&bill.order), 50_000, "{name:?}");
        let start = match paid {
            Paid::Payos(_) => "FT",
            Paid::Finan(_) => "PAY-",
            Paid::SmartGlocal(_) => "pm_",
        };
        assert!(market.providers.name(&paid).starts_with(start), "{paid:?}");
    }
}

#[tokio::test]
async fn transfers_may_be_too_small_and_a_wallet_pays_all_or_nothing() {
    let market = Market::open().await;
    for (name, bill) in market.bills() {
        let outcome = market.providers.pay(&bill, 10_000).map(|_| market.providers.paid(&bill.order));
        match name {
            ProviderName::Payos | ProviderName::Finan => assert_eq!(outcome.ok(), Some(10_000)),
            ProviderName::SmartGlocal => {
                assert!(matches!(outcome, Err(PayError::Way)), "{outcome:?}");
                market.providers.fail(&bill).expect("the wallet can fail");
                let refused = market.providers.pay(&bill, 50_000);
                assert!(matches!(refused, Err(PayError::SmartGlocal(_))), "{refused:?}");
            }
        }
    }
}

#[tokio::test]
async fn money_is_given_back_once_and_by_smart_glocal_alone() {
    let market = Market::open().await;
    for (name, bill) in market.bills() {
        market.providers.pay(&bill, 50_000).expect("the order takes money");
        let given = market.providers.refund(&bill);
        match name {
            ProviderName::Payos | ProviderName::Finan => assert!(matches!(given, Err(PayError::Way)), "{given:?}"),
            ProviderName::SmartGlocal => {
                assert_eq!(given.ok(), Some(50_000));
                assert!(market.providers.refund(&bill).is_err(), "nothing is left to give");
            }
        }
    }
}

#[tokio::test]
async fn an_account_takes_any_amount_and_what_is_nobodys_is_refused() {
    let market = Market::open().await;
    let bill = market.providers.read_code(&market.providers.finan.static_code()).expect("the code is sound");
    assert_eq!((&bill.order, bill.amount), (&Order::Account(String::new()), None));
    let Ok(Paid::Finan(id)) = market.providers.pay(&bill, 70_000) else { unreachable!("the account takes money") };
    assert_eq!(market.providers.finan.payment(&id).map(|payment| payment.amount), Some(70_000));
    let mut account = market.providers.finan.account().details;
    account.number = "1".to_owned();
    for stranger in [vietqr::build(&account, None, ""), "https://pay.smart-glocal.example/vn/1".to_owned()] {
        assert!(matches!(market.providers.read_code(&stranger), Err(PayError::Nobody)), "{stranger}");
    }
    assert!(matches!(market.providers.read_code("hello"), Err(PayError::Code(_))));
}
