//! Deliberate faults, one of which the simulation chooses to see that its judge catches it. A program that was built for
//! use (without debug assertions) has none of them, and none can be chosen in any other way than by a call.

#[cfg(debug_assertions)]
use std::cell::Cell;

#[cfg(debug_assertions)]
thread_local! {
    static CHOSEN: Cell<Option<Mutant>> = const { Cell::new(None) };
}

/// Makes the list of the faults and the enum in one.
macro_rules! mutants {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// One deliberate fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Mutant {
            $($(#[$doc])* $name,)+
        }

        impl Mutant {
            /// Every fault.
            pub const ALL: &'static [Mutant] = &[$(Self::$name),+];
        }
    };
}

mutants! {
    /// A payment that is known counts again.
    CountsTwice,
    /// A webhook under the sale's reference counts, whatever the provider's id.
    IgnoresTheProvidersId,
    /// A webhook alone pays a large sale.
    BelievesAWebhookAlone,
    /// Any money makes the sale paid.
    IsPaidByAnyMoney,
    /// Any money shows PAID.
    ShowsPaidTooEarly,
    /// Money without a sale is not written down.
    ForgetsReceipts,
    /// Money without a sale is written down each time that it is told.
    ReceivesTwice,
    /// Money that came before the provider named the order is not kept.
    ForgetsPendingMoney,
    /// A shown sale is never asked about.
    NeverAsks,
    /// A sale expires without the last question.
    AsksNoLastQuestion,
    /// Nobody looks for late money.
    NeverLooksForLateMoney,
    /// An order number that was scanned stays for the sale after.
    KeepsTheOrderNumber,
    /// What the day comes to is shown whatever goes on.
    ShowsTheDayOverASale,
    /// What is abandoned at the provider is not cancelled.
    CancelsNothing,
    /// A cancellation is sent again without a pause.
    CancelsWithoutPause,
    /// The drawn number is not written down.
    ForgetsTheSequence,
    /// An order that was there before ours counts as ours.
    TakesStrangersOrders,
    /// A code's amount is not looked at.
    DrawsAnyCode,
    /// An end is said before the panel has taken the code off.
    SaysTheEndTooEarly,
    /// The code stays while the sale is being cancelled.
    KeepsTheCodeOn,
    /// The wall clock says when a code's time is over.
    ExpiresByTheWall,
    /// Deadlines of another boot are taken for this one's.
    ForgetsTheBoot,
    /// A provider that never answers is waited for.
    WaitsForEver,
    /// The cancelled order's last word is waited for.
    WaitsForTheCancellation,
    /// The word that an order is to be paid is given again.
    ConfirmsTwice,
    /// Whatever the provider prepares is confirmed.
    ConfirmsAnything,
    /// An old message settles what is owed since.
    SettlesTooMuch,
    /// What has become owed again since is settled when the disk hears of it.
    SettlesWhatIsOwedAgain,
    /// A message that was under way when the line broke is never sent again.
    ForgetsWhatWasUnderWay,
    /// A lost session asks for nothing that was missed.
    AsksForNoReplay,
    /// A session that was kept is believed to have everything, however long the line was away.
    BelievesAKeptSession,
    /// A key that is known makes another sale.
    SellsTwiceForOneKey,
    /// A change has the revision of the one before.
    KeepsTheRevision,
    /// A receipt that was matched is matched again.
    MatchesTwice,
    /// What a supervisor settled looks proven.
    HidesTheSupervisor,
    /// Money that went back is forgotten.
    ForgetsRefunds,
    /// Codes are made without network however many are unconfirmed.
    HasNoOfflineLimits,
    /// What was made offline is given up in half of its time.
    GivesOfflineSalesUpEarly,
    /// A purpose finds no sale.
    ForgetsThePurpose,
    /// Money that a sale counts by hand is received again after its receipt was lost with the store.
    ReceivesWhatIsMatched,
    /// The first replica of the bridge that speaks up is taken for all of them: nobody asks for a replay again.
    TakesOneBridgeForAll,
    /// Whoever drives the till carries effects out while the disk may still lose the writes.
    ActsBeforeTheSync,
    /// Whoever drives the till goes on with what it remembers after the disk has refused a commit.
    GoesOnAfterARefusal,
    /// A command that is known is carried out again.
    ObeysAgain,
    /// A command for other terminals is carried out.
    ObeysForOthers,
    /// A command that has expired is carried out.
    ObeysTheDead,
    /// A terminal that is to forget everything does not wait until others have what they must have.
    WipesWhatIsOwed,
    /// A terminal that the operator has shut sells on.
    SellsThoughDisabled,
    /// A store that takes over from a damaged one begins a few numbers before the last one of the second file.
    DrawsNumbersAgain,
}

impl Mutant {
    /// Tells whether this fault has been chosen. The simulation asks, too: it drives the till in the driver's place.
    pub fn is_on(self) -> bool {
        #[cfg(debug_assertions)]
        let chosen = CHOSEN.get() == Some(self);
        #[cfg(not(debug_assertions))]
        let chosen = false;
        chosen
    }

    /// Chooses a fault, or none, for every till that this thread runs from now on.
    #[cfg(debug_assertions)]
    pub fn choose(fault: Option<Self>) {
        CHOSEN.set(fault);
    }
}
