//! Every record comes back as it was written: proptest makes records of all shapes.

use std::time::Duration;

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use till_wire::{Amount, ReceiptKey, UnixTime};

use super::super::frame;
use super::*;
use crate::record::{KeyOnDisk, OwedOnDisk, ReceiptOnDisk, SaleOnDisk};
use crate::till::{
    AskId, CancelReason, Code, Debt, Failure, FailureCode, Item, KeyRecord, Payee, Payment, Pending, Poll, QrKind,
    Refund, RefusalCause, RequestKey, SeenAs, Stage, Transfer, Via, Watch,
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_sale_comes_back_as_it_was_written(sale in sales()) {
        let bytes = frame::encode(&SaleOnDisk::from(&sale), || "sale".to_owned());
        let back = frame::decode::<SaleOnDisk>(&bytes.expect("it is small")).map(Sale::from);
        prop_assert_eq!(back, Ok(sale));
    }

    #[test]
    fn every_receipt_comes_back_as_it_was_written(receipt in receipts(), place: u64) {
        let bytes = frame::encode(&ReceiptOnDisk::new(&receipt, place), || "receipt".to_owned());
        let back = frame::decode::<ReceiptOnDisk>(&bytes.expect("it is small"));
        let back = back.map(|disk| (disk.place, Receipt::from(disk)));
        prop_assert_eq!(back, Ok((place, receipt)));
    }

    #[test]
    fn every_key_comes_back_as_it_was_written(key in ".{0,40}", fingerprint: [u8; 32], at in walls()) {
        let record = KeyRecord { request: RequestKey { key, fingerprint }, sale: id(5), at };
        let bytes = frame::encode(&KeyOnDisk::from(&record), || "key".to_owned());
        let back = frame::decode::<KeyOnDisk>(&bytes.expect("it is small")).map(KeyRecord::from);
        prop_assert_eq!(back, Ok(record));
    }

    #[test]
    fn everything_owed_comes_back_as_it_was_written(number: u64, subject in subjects(), revision: u64) {
        let owed = owe(number, subject, revision);
        let bytes = frame::encode(&OwedOnDisk::from(owed), || "owed".to_owned());
        let back = frame::decode::<OwedOnDisk>(&bytes.expect("it is small")).map(Owed::from);
        prop_assert_eq!(back, Ok(owed));
    }

    #[test]
    fn p11_no_bytes_make_a_record_panic(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!(frame::decode::<SaleOnDisk>(&bytes).is_err());
    }
}

/// Records of the version before know nothing of codes that were made here.
#[test]
fn p2_a_sale_of_the_version_before_was_not_made_offline() {
    let sale = sale(7);
    let mut disk = serde_json::to_value(SaleOnDisk::from(&sale)).expect("a record is JSON");
    disk.as_object_mut().expect("an object").remove("offline");
    let back: SaleOnDisk = serde_json::from_value(disk).expect("the record is read");
    assert_eq!(Sale::from(back), sale);
}

/// Records of the version before have a failure's code and message alone.
#[test]
fn p2_a_failure_of_the_version_before_is_one_whose_cause_is_not_known() {
    let sale = Sale { state: State::Ended(Ending::Paid), ..sale(7) };
    let mut disk = serde_json::to_value(SaleOnDisk::from(&sale)).expect("a record is JSON");
    disk["state"] = serde_json::json!({"ended": {"failed": {"code": "provider_refused", "message": "no"}}});
    let back: SaleOnDisk = serde_json::from_value(disk).expect("the record is read");
    let failure = Failure::new(FailureCode::ProviderRefused, "no");
    assert_eq!(Sale::from(back), Sale { state: State::Ended(Ending::Failed(failure)), ..sale });
}

pub(super) fn sales() -> impl Strategy<Value = Sale> {
    let names = (of(".{0,20}"), of(".{0,20}"), of(codes()));
    let times = (walls(), of(walls()), of(walls()), 0..10_000_000u64);
    let lists = (vec(attempts(), 0..4), vec(payments(), 0..4));
    let rest = (any::<[bool; 2]>(), of(watches()), any::<[u8; 16]>(), any::<u64>());
    let rest = (rest, customers(), vec(items(), 0..3), vec(refunds(), 0..3), of(Just(channel()))).prop_map(
        |((marks, watch, boot, written), customer, items, refunds, offline)| {
            (marks, watch, boot, written, customer, items, refunds, offline)
        },
    );
    let numbers = (0..1_000_000u32, any::<u64>(), any::<u64>());
    (numbers, names, times, states(), lists, rest).prop_map(
        |(numbers, (reference, note, code), times, state, (attempts, payments), rest)| Sale {
            id: id(numbers.0),
            revision: numbers.1,
            amount: Amount::vnd(numbers.2),
            channel: channel(),
            reference,
            note,
            customer: rest.4,
            items: rest.5,
            expire: Duration::from_millis(times.3),
            created_at: times.0,
            expires_at: times.1,
            finished_at: times.2,
            state,
            attempts,
            code,
            payments,
            refunds: rest.6,
            offline: rest.7,
            marks: Marks { late: rest.0[0], attention: rest.0[1] },
            watch: rest.1,
            boot: BootId(rest.2),
            written: Tick(rest.3),
        },
    )
}

fn walls() -> impl Strategy<Value = UnixTime> {
    any::<i64>().prop_map(UnixTime::from_ms)
}

fn ticks() -> impl Strategy<Value = Tick> {
    any::<u64>().prop_map(Tick)
}

fn states() -> impl Strategy<Value = State> {
    let generation = || any::<u64>().prop_map(Generation);
    let patience = prop_oneof![ticks().prop_map(Patience::Provider), ticks().prop_map(Patience::Network)];
    let step = prop_oneof![
        ticks().prop_map(RequestStep::Create),
        Just(RequestStep::Creating),
        ticks().prop_map(RequestStep::Find),
        Just(RequestStep::Finding),
        ticks().prop_map(RequestStep::Start),
        Just(RequestStep::Starting),
        ticks().prop_map(RequestStep::Await),
    ];
    let seen_as = prop_oneof![Just(SeenAs::Requesting), Just(SeenAs::Showing), Just(SeenAs::Cancelling)];
    prop_oneof![
        (patience, step).prop_map(|(patience, step)| State::Requesting { patience, step }),
        (generation(), ticks()).prop_map(|(generation, until)| State::Drawing { generation, until }),
        (ticks(), ticks(), of(ticks()))
            .prop_map(|(expires, next, busy_until)| State::Showing { expires, poll: Poll { next, busy_until } }),
        (generation(), ticks(), any::<u64>())
            .prop_map(|(generation, until, ask)| { State::LastQuestion { generation, until, ask: AskId(ask) } }),
        (generation(), ticks()).prop_map(|(generation, until)| State::Cancelling { generation, until }),
        (stages(), ticks()).prop_map(|(stage, until)| State::Offline { stage, until }),
        (endings(), seen_as, generation(), ticks()).prop_map(|(ending, seen_as, generation, until)| State::Closing {
            ending,
            seen_as,
            generation,
            until,
        }),
        endings().prop_map(State::Ended),
    ]
}

fn stages() -> impl Strategy<Value = Stage> {
    prop_oneof![
        ticks().prop_map(|expires| Stage::Shown { expires }),
        (any::<u64>(), ticks())
            .prop_map(|(generation, gone)| Stage::Leaving { generation: Generation(generation), gone }),
        ticks().prop_map(|note| Stage::Away { note }),
    ]
}

fn endings() -> impl Strategy<Value = Ending> {
    let failure = || {
        let code = proptest::sample::select(FailureCode::ALL);
        let told = (proptest::sample::select(RefusalCause::ALL.to_vec()), of("[0-9a-z]{1,9}"));
        (code, ".{0,30}", told).prop_map(|(code, message, (cause, provider_code))| Failure {
            code,
            message,
            cause,
            provider_code,
        })
    };
    prop_oneof![
        Just(Ending::Paid),
        of(failure()).prop_map(Ending::Cancelled),
        of(failure()).prop_map(Ending::Expired),
        failure().prop_map(Ending::Failed),
    ]
}

fn attempts() -> impl Strategy<Value = Attempt> {
    let standing = prop_oneof![
        Just(Standing::Unsent),
        Just(Standing::Sending),
        Just(Standing::Sent),
        Just(Standing::Known),
        Just(Standing::Foreign),
    ];
    let reason =
        prop_oneof![Just(CancelReason::ByCashier), Just(CancelReason::Expired), Just(CancelReason::Abandoned),];
    let debt = (ticks(), any::<u32>(), ticks(), reason);
    let debt = debt.prop_map(|(next, tries, until, reason)| Debt { next, tries, until, reason });
    let pending = (".{0,10}", transfers(), of(".{0,10}"), walls());
    let pending = pending.prop_map(|(provider, transfer, note, received_at)| Pending {
        provider_id: ProviderId(provider),
        transfer,
        note,
        received_at,
    });
    let known = (0..1_000_000u32, of("[a-z0-9]{1,20}"), any::<u32>());
    (known, standing, of(debt), vec(pending, 0..3), confirmations()).prop_map(
        |((sequence, provider, tries), standing, debt, pending, confirmation)| Attempt {
            order: order(sequence),
            provider_id: provider.map(ProviderId),
            standing,
            tries,
            debt,
            pending,
            confirmation,
        },
    )
}

fn confirmations() -> impl Strategy<Value = Confirmation> {
    prop_oneof![
        Just(Confirmation::Unasked),
        "[a-z0-9]{1,20}".prop_map(|id| Confirmation::Early(ProviderId(id))),
        ticks().prop_map(Confirmation::Due),
        Just(Confirmation::Sending),
        Just(Confirmation::Sent),
    ]
}

fn customers() -> impl Strategy<Value = Customer> {
    let text = || of(".{0,10}");
    (text(), text(), text(), text(), text(), text(), text()).prop_map(
        |(name, phone, email, address, document, tax_code, company)| Customer {
            name,
            phone,
            email,
            address,
            document,
            tax_code,
            company,
        },
    )
}

fn items() -> impl Strategy<Value = Item> {
    (".{1,10}", any::<u64>(), any::<u64>(), of(".{0,5}"), of(any::<i8>()))
        .prop_map(|(name, quantity, price, unit, tax)| Item { name, quantity, price, unit, tax })
}

fn refunds() -> impl Strategy<Value = Refund> {
    ("[a-z0-9]{1,20}", ".{0,10}", any::<u64>(), of(walls()), walls()).prop_map(
        |(provider, reference, amount, refunded_at, received_at)| Refund {
            provider_id: ProviderId(provider),
            reference: TransferRef(reference),
            amount: Amount::vnd(amount),
            refunded_at,
            received_at,
        },
    )
}

fn transfers() -> impl Strategy<Value = Transfer> {
    (".{0,10}", any::<u64>(), of(walls())).prop_map(|(reference, amount, transacted_at)| Transfer {
        reference: TransferRef(reference),
        amount: Amount::vnd(amount),
        transacted_at,
    })
}

fn payments() -> impl Strategy<Value = Payment> {
    let via = proptest::sample::select(Via::ALL);
    (transfers(), ".{0,10}", walls(), via).prop_map(|(transfer, provider, received_at, via)| Payment {
        provider_id: ProviderId(provider),
        reference: transfer.reference,
        amount: transfer.amount,
        transacted_at: transfer.transacted_at,
        received_at,
        via,
    })
}

fn codes() -> impl Strategy<Value = Code> {
    let payee = (of("[0-9]{6}"), of("[0-9]{4,12}"), of(".{0,20}"));
    let kind = proptest::sample::select(QrKind::ALL);
    (".{0,200}", kind, payee).prop_map(|(text, kind, (bin, account, name))| Code {
        text,
        kind,
        payee: Payee { bin, account, name },
    })
}

fn watches() -> impl Strategy<Value = Watch> {
    (ticks(), any::<u8>()).prop_map(|(until, looks)| Watch { until, looks })
}

fn receipts() -> impl Strategy<Value = Receipt> {
    let words = (".{0,10}", ".{0,10}", of(".{0,20}"));
    let times = (of(walls()), walls());
    let rest = (any::<bool>(), of(0..1_000_000u32), any::<[u64; 2]>());
    (words, times, rest).prop_map(|((provider, reference, note), times, rest)| Receipt {
        key: ReceiptKey::of(&channel(), &provider, &reference),
        revision: rest.2[0],
        channel: channel(),
        provider_id: ProviderId(provider),
        reference: TransferRef(reference),
        amount: Amount::vnd(rest.2[1]),
        transacted_at: times.0,
        received_at: times.1,
        note,
        attention: rest.0,
        sale: rest.1.map(id),
    })
}

fn subjects() -> impl Strategy<Value = Subject> {
    prop_oneof![
        (0..1_000_000u32).prop_map(|sequence| Subject::Sale(id(sequence))),
        any::<u64>().prop_map(|number| Subject::Receipt(receipt(number, NOW).key)),
        Just(Subject::Replay),
    ]
}
