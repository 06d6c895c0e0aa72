//! Every byte format that another program sees: ids, money, time, VietQR, the providers, envelope, topics, the sale as JSON.
//! Pure: it must not know of sockets, files, clocks or the states of a till, and no input makes it panic.

mod fields;
mod text;

pub mod description;
pub mod emv;
pub mod finan;
pub mod fleet;
pub mod ids;
pub mod json;
pub mod money;
pub mod payos;
pub mod provider;
pub mod sale;
pub mod smart_glocal;
pub mod standing;
pub mod state;
pub mod status;
pub mod time;
pub mod topics;

pub mod envelope;

pub use description::{Description, DescriptionError};
pub use emv::{Account, CodeError, Fields, Initiation, MAX_CODE, StructureFault, VietQr, crc16, fold_to_ascii};
pub use envelope::{Envelope, EnvelopeError, EnvelopeId, MAX_MESSAGE, TooLarge};
pub use ids::{ChannelId, CommandId, GroupName, IdError, OrderRef, ReceiptKey, SaleId, TerminalNumber, first_sequence};
pub use money::{Amount, AmountError, Currency, MAX_VND};
pub use sale::{Failure, FailureCode, Flag, Payment, QrKind, Receipt, Refund, Sale, SaleState, Via, WaitingFor};
pub use standing::{Standing, Why};
pub use state::{Presence, Replay, TillState};
pub use status::Status;
pub use time::{TimeError, UnixTime};
pub use topics::{Topic, TopicError, down_filter, replay_filter};
