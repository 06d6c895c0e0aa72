//! The bodies that payOS sends: the `data` of answers, webhooks and the registration ping, refusals, and the signed
//! envelope around them (providers.md §1.2, §1.4, §1.7, §1.9). It must not know HTTP.

use super::order::{Order, Transfer};
use super::signing;
use crate::clock::Moment;
use crate::sandbox::{Fields, Json, Signing, spoiled};
use crate::vietqr::BankAccount;

/// A business error: payOS sends it with HTTP 200, unsigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) desc: String,
}

impl Refusal {
    fn new(code: &str, desc: &str) -> Self {
        Self { code: code.to_owned(), desc: desc.to_owned() }
    }

    /// The refusal with a code of providers.md §1.9 and payOS's words for it, where they are known.
    pub(crate) fn with_code(code: &str) -> Self {
        let desc = match code {
            "20" => "Thông tin truyền lên không đúng",
            "101" => "Mã thanh toán không tồn tại",
            "201" => "Mã kiểm tra(signature) không hợp lệ",
            "214" => "Cổng thanh toán không tồn tại hoặc đã tạm dừng",
            "231" => "Đơn thanh toán đã tồn tại",
            "401" => "Unauthorized",
            "429" => "Too Many Requests",
            _ => "Đã có lỗi xảy ra",
        };
        Self::new(code, desc)
    }

    pub(crate) fn invalid(desc: &str) -> Self {
        Self::new("20", desc)
    }

    pub(crate) fn not_found() -> Self {
        Self::with_code("101")
    }

    pub(crate) fn request_signature() -> Self {
        Self::with_code("201")
    }

    pub(crate) fn duplicate() -> Self {
        Self::with_code("231")
    }

    /// The code of this refusal is unconfirmed.
    pub(crate) fn has_ended() -> Self {
        Self::invalid("Link thanh toán đã kết thúc, không thể huỷ")
    }

    pub(crate) fn to_text(&self) -> String {
        Fields::new()
            .with("code", self.code.as_str())
            .with("desc", self.desc.as_str())
            .with("data", Json::Null)
            .with("signature", Json::Null)
            .to_text()
    }
}

/// The signed envelope of a successful answer.
pub(crate) fn success(data: Fields, checksum_key: &str, signing: Signing) -> String {
    let right = signing::sign(checksum_key, &signing::data_text(&data));
    let body = Fields::new().with("code", "00").with("desc", "success").with("data", data);
    match signing {
        Signing::Right => body.with("signature", right),
        Signing::Wrong => body.with("signature", spoiled(&right)),
        Signing::Absent => body,
    }
    .to_text()
}

/// The `data` of a create answer, with or without a code.
pub(crate) fn created(order: &Order, account: &BankAccount, code: Option<String>) -> Fields {
    let data = Fields::new()
        .with("bin", account.bin.as_str())
        .with("accountNumber", account.number.as_str())
        .with("accountName", account.name.as_str())
        .with("amount", order.amount)
        .with("description", order.bank_description.as_str())
        .with("orderCode", order.code.value())
        .with("currency", "VND")
        .with("paymentLinkId", order.link_id.as_str())
        .with("status", order.status.as_str());
    let data = match order.expires_at {
        Some(at) => data.with("expiredAt", Json::Number(at.secs().to_string())),
        None => data,
    };
    let data = data.with("checkoutUrl", format!("https://pay.payos.vn/web/{}", order.link_id));
    match code {
        Some(code) => data.with("qrCode", code),
        None => data,
    }
}

/// The `data` of a status or cancel answer: no code and no account in it (providers.md §1.2).
pub(crate) fn link(order: &Order, account: &BankAccount) -> Fields {
    let transfers = order.transfers.iter().map(|t| in_list(order, t, account).into()).collect();
    Fields::new()
        .with("id", order.link_id.as_str())
        .with("orderCode", order.code.value())
        .with("amount", order.amount)
        .with("amountPaid", order.amount_paid())
        .with("amountRemaining", order.amount_remaining())
        .with("status", order.status.as_str())
        .with("createdAt", order.created_at.in_answer())
        .with("transactions", Json::List(transfers))
        .with("cancellationReason", order.cancellation_reason.clone())
        .with("canceledAt", order.cancelled_at.map(Moment::in_answer))
}

fn in_list(order: &Order, transfer: &Transfer, account: &BankAccount) -> Fields {
    Fields::new()
        .with("reference", transfer.reference.as_str())
        .with("amount", transfer.amount)
        .with("accountNumber", account.number.as_str())
        .with("description", order.bank_description.as_str())
        .with("transactionDateTime", transfer.at.in_answer())
        .with("virtualAccountName", Json::Null)
        .with("virtualAccountNumber", Json::Null)
        .with("counterAccountBankId", "970436")
        .with("counterAccountBankName", Json::Null)
        .with("counterAccountName", "KHACH HANG")
        .with("counterAccountNumber", "0071000888888")
}

/// The `data` of a webhook: one bank transfer. Some optional fields are null and some empty, as in real ones.
pub(crate) fn transfer(order: &Order, transfer: &Transfer, account: &BankAccount) -> Fields {
    Fields::new()
        .with("orderCode", order.code.value())
        .with("amount", transfer.amount)
        .with("description", order.bank_description.as_str())
        .with("accountNumber", account.number.as_str())
        .with("reference", transfer.reference.as_str())
        .with("transactionDateTime", transfer.at.in_webhook())
        .with("currency", "VND")
        .with("paymentLinkId", order.link_id.as_str())
        .with("code", "00")
        .with("desc", "Thành công")
        .with("counterAccountBankId", "970436")
        .with("counterAccountBankName", Json::Null)
        .with("counterAccountName", "KHACH HANG")
        .with("counterAccountNumber", "0071000888888")
        .with("virtualAccountName", Json::Null)
        .with("virtualAccountNumber", "")
}

/// The `data` of the registration ping: the sample of payOS's documentation.
pub(crate) fn ping() -> Fields {
    let sample = Fields::new()
        .with("orderCode", 123_u64)
        .with("amount", 3000_u64)
        .with("description", "VQRIO123")
        .with("accountNumber", "12345678")
        .with("reference", "TF230204212323")
        .with("transactionDateTime", "2023-02-04 18:25:00")
        .with("currency", "VND")
        .with("paymentLinkId", "124c33293c43417ab7879e14c8d9eb18")
        .with("code", "00")
        .with("desc", "Thành công");
    let optional = [
        "counterAccountBankId",
        "counterAccountBankName",
        "counterAccountName",
        "counterAccountNumber",
        "virtualAccountName",
        "virtualAccountNumber",
    ];
    optional.into_iter().fold(sample, |data, name| data.with(name, ""))
}

/// The signed envelope of a webhook around `data`.
pub(crate) fn webhook(data: Fields, checksum_key: &str) -> String {
    let signature = signing::sign(checksum_key, &signing::data_text(&data));
    Fields::new()
        .with("code", "00")
        .with("desc", "success")
        .with("success", Json::Bool(true))
        .with("data", data)
        .with("signature", signature)
        .to_text()
}
