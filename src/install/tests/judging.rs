//! Which requests are believed.

use serde_json::json;
use till_wire::fleet::{Audience, Command, FleetKey, FleetSigner, MAX_LIFE_S};
use till_wire::{CommandId, GroupName, TerminalNumber, UnixTime};

use super::super::done::{Done, MOST};
use super::super::judge::{GRACE_S, Known, Order, Refusal, believed_before, judge};
use super::{DIES, MADE, args, command, number, signer};

/// Whoever is trusted, and a moment.
struct Root {
    signer: FleetSigner,
    keys: Vec<FleetKey>,
    groups: Vec<GroupName>,
    done: Done,
    now: i64,
    clock_is_plausible: bool,
}

impl Root {
    fn new() -> Self {
        let signer = signer();
        Self {
            keys: vec![signer.key()],
            signer,
            groups: vec![GroupName::new("pilot").expect("a group")],
            done: Done::default(),
            now: MADE + 30,
            clock_is_plausible: true,
        }
    }

    fn judge(&self, document: &str) -> Result<Order, Refusal> {
        judge(
            document,
            &Known {
                keys: &self.keys,
                number: number(),
                groups: &self.groups,
                done: &self.done,
                now: UnixTime::from_secs(self.now),
                clock_is_plausible: self.clock_is_plausible,
            },
        )
    }

    fn sign(&self, change: impl FnOnce(&mut Command)) -> String {
        let mut wanted = command("u-1", "update", args("0.2.0", "deb"));
        change(&mut wanted);
        wanted.sign(&self.signer).expect("a command that can be signed")
    }
}

#[test]
fn what_the_operator_has_signed_for_this_terminal_is_believed() {
    let root = Root::new();
    let order = root.judge(&root.sign(|_| {})).expect("believed");
    assert_eq!((order.id.as_str(), order.made, order.update.version.as_str()), ("u-1", MADE, "0.2.0"));
    assert_eq!(believed_before(&root.sign(|_| {})), Ok(order));
    let group = root.sign(|command| command.aud = Audience::Group(GroupName::new("pilot").expect("a group")));
    assert!(root.judge(&group).is_ok());
}

/// P12: the terminal's own half may be anybody's. What it hands over does nothing unless the fleet's operator has signed it,
/// for this terminal, for now, once, and for an update.
#[test]
fn p12_nothing_else_is() {
    let mut root = Root::new();
    let well = root.sign(|_| {});
    let (payload, signature) = well.rsplit_once('.').expect("a JWS");
    for broken in ["", "x", payload, &format!("{payload}."), &format!("{signature}.{payload}")] {
        assert!(matches!(root.judge(broken), Err(Refusal::Unbelieved(_))), "{broken}");
    }
    let stranger = command("u-1", "update", args("0.2.0", "deb")).sign(&signer()).expect("signed");
    assert!(matches!(root.judge(&stranger), Err(Refusal::Unbelieved(_))));
    // The words of another command under this one's signature.
    let middle = |text: &str| text.split('.').nth(1).expect("claims").to_owned();
    let swapped = well.replace(&middle(&well), &middle(&root.sign(|command| command.exp += 1)));
    assert!(matches!(root.judge(&swapped), Err(Refusal::Unbelieved(_))));

    let other = root.sign(|command| command.aud = Audience::Terminal(TerminalNumber::new(1018).expect("a number")));
    assert!(matches!(root.judge(&other), Err(Refusal::Foreign(_))));
    let other = root.sign(|command| command.aud = Audience::Group(GroupName::new("others").expect("a group")));
    assert!(matches!(root.judge(&other), Err(Refusal::Foreign(_))));
    let restart = command("u-1", "restart", json!({})).sign(&root.signer).expect("signed");
    assert_eq!(root.judge(&restart), Err(Refusal::OtherCommand("restart".to_owned())));

    root.keys.clear();
    assert_eq!(root.judge(&well), Err(Refusal::NoKeys));
}

/// P10, P12: without a clock nobody can tell what has expired; a command counts for an hour after its end, in which the
/// terminal waits for us, and no longer.
#[test]
fn p12_a_command_has_its_time() {
    let mut root = Root::new();
    let well = root.sign(|_| {});
    for (now, is_believed) in [
        (MADE - 61, false),
        (MADE - 60, true),
        (DIES - 1, true),
        (DIES + GRACE_S - 1, true),
        (DIES + GRACE_S, false),
        (i64::MAX / 1000, false),
    ] {
        root.now = now;
        assert_eq!(root.judge(&well).is_ok(), is_believed, "{now}");
    }
    root.now = MADE;
    let later = root.sign(|command| command.nbf = Some(MADE + 300));
    assert_eq!(root.judge(&later), Err(Refusal::Early(UnixTime::from_secs(MADE + 300))));
    let longest = root.sign(|command| command.exp = MADE + MAX_LIFE_S);
    assert!(root.judge(&longest).is_ok());
    root.clock_is_plausible = false;
    assert_eq!(root.judge(&well), Err(Refusal::NoClock));
}

/// P12: nothing is carried out twice, whatever the clock says, and the list that knows it stays small.
#[test]
fn p12_what_was_carried_out_is_not_carried_out_again() {
    let mut root = Root::new();
    let well = root.sign(|_| {});
    let order = root.judge(&well).expect("believed");
    root.done.add(&order);
    assert_eq!(root.judge(&well), Err(Refusal::Replayed));
    let before = root.done.clone();
    root.done.add(&order);
    assert_eq!(root.done, before);

    for at in 0..i64::try_from(MOST).expect("small") {
        let id = CommandId::new(&format!("later-{at}")).expect("an id");
        root.done.add(&Order { id, made: MADE + 1 + at, update: order.update.clone() });
    }
    // Its name is forgotten; that it is older than what was forgotten is not.
    assert_eq!(root.judge(&well), Err(Refusal::Replayed));
    let length = serde_json::to_vec(&root.done).expect("JSON").len();
    assert!(length < 128 * 128, "{length}");
    root.now = MADE + 200;
    let newer = root.sign(|command| {
        command.jti = CommandId::new("u-2").expect("an id");
        command.iat += 200;
    });
    assert!(root.judge(&newer).is_ok());
}
