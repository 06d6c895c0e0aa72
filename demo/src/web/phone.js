// 2 The customer's phone: scans the display, and pays by bank transfer or on a wallet's page.
import { byId, now, page, post } from "/common.js";
import { money, title } from "/money.js";

const phone = byId("phone");

/** What the phone knows: the bill that it scanned, and what came of paying. */
let bill = null;
let outcome = null;
let cameraFoundNothing = false;
let lateWait = null;

function view(name) {
  phone.dataset.view = name;
  tellPhone();
  tellNext();
}

/** What a visitor should do next. */
export function tellNext() {
  const isShowing = now.state.power && now.state.sale?.state === "showing";
  const atCamera = phone.dataset.view === "camera";
  page.dataset.next = phone.dataset.view === "bill" ? "pay" : isShowing && atCamera ? "scan" : isShowing ? "" : "amount";
}

export function tellPhone() {
  const { words } = now;
  byId("app").textContent = now.state.provider === "glocal" ? words.wallet_app : words.bank_app;
  byId("camera-note").textContent = cameraFoundNothing ? words.no_code : words.camera_hint;
  byId("camera-note").classList.toggle("bad", cameraFoundNothing);
  if (bill) {
    tellBill(words);
  }
  if (outcome) {
    tellOutcome(words);
  }
}

const offers = (way) => bill.ways.includes(way);
const isShort = () => offers("rest") && bill.paid > 0 && bill.paid < bill.amount;
const typed = () => Number(byId("typed").value.replaceAll(/\D/g, ""));

function tellBill(words) {
  const { transfer } = bill;
  byId("bill-title").textContent = transfer ? words.transfer : words.wallet(title(bill.provider));
  byId("bill-amount").hidden = offers("typed");
  byId("bill-amount").textContent = money(bill.amount ?? 0);
  byId("typed").hidden = !offers("typed");
  byId("bill-transfer").hidden = !transfer;
  byId("bill-page").hidden = Boolean(transfer);
  for (const part of ["bank", "account", "name", "purpose"]) {
    byId(`bill-${part}`).textContent = transfer?.[part] || "–";
  }
  byId("bill-address").textContent = transfer ? "" : bill.code.replace("https://", "");
  tellPay(words);
  byId("pay-less").textContent = words.pay_less(money(bill.less));
  byId("pay-less").hidden = !offers("less") || isShort() || bill.less === 0;
  byId("pay-twice").hidden = !offers("twice") || isShort();
  byId("pay-late").hidden = !offers("late");
  byId("pay-fail").hidden = !offers("fail");
}

function tellPay(words) {
  const amount = offers("typed") ? typed() : bill.amount;
  byId("pay").textContent = isShort() ? words.pay_rest(money(bill.amount - bill.paid)) : words.pay(money(amount));
  byId("pay").disabled = amount === 0;
}

function tellOutcome(words) {
  const { how, transfers, missing, refundable, refused } = outcome;
  const [mark, said, hint] = outcomeOf(words, how, transfers, refused);
  byId("done-mark").className = `mark ${mark}`;
  byId("done-said").textContent = said;
  byId("done-hint").textContent = hint;
  byId("pay-rest").hidden = !(transfers.length > 0 && missing > 0 && offers("rest"));
  byId("pay-rest").textContent = words.pay_rest(money(missing));
  byId("refund").hidden = !refundable;
}

/** The mark, what is said in large letters, and what in small ones. */
function outcomeOf(words, how, transfers, refused) {
  if (refused) {
    return ["bad", words.refused, refused];
  }
  const [first, second] = transfers.map(money);
  if (how === "fail") {
    return ["bad", words.declined, words.declined_hint];
  }
  if (how === "refund") {
    return ["left", words.refunded(first), words.refunded_hint];
  }
  if (!first) {
    return ["left", words.left, words.left_hint];
  }
  const said = second ? words.transferred_twice(first) : bill.transfer ? words.transferred(first) : words.paid_by_wallet(first);
  return ["good", said, how === "typed" ? words.typed_hint : words.done_hint];
}

async function scan() {
  const answer = await post("/phone/scan", {});
  bill = answer.ok ? await answer.json() : null;
  cameraFoundNothing = !bill;
  byId("typed").value = "";
  view(bill ? "bill" : "camera");
}

async function pay(how) {
  const waits = how === "late" ? new AbortController() : null;
  lateWait = waits;
  if (waits) {
    view("waiting");
  }
  const nothing = { how, transfers: [], missing: 0, refundable: false };
  try {
    const amount = how === "typed" ? typed() : undefined;
    const answer = await post("/phone/pay", { code: bill.code, how, amount }, waits?.signal);
    outcome = answer.ok ? await answer.json() : { ...nothing, refused: await answer.text() };
    view("done");
  } catch {
    if (!waits?.signal.aborted) {
      outcome = { ...nothing, refused: now.words.no_demo };
      view("done");
    }
  }
}

function lookAgain() {
  cameraFoundNothing = false;
  bill = null;
  outcome = null;
  view("camera");
}

function payAsOffered() {
  pay(offers("typed") ? "typed" : isShort() ? "rest" : "full");
}

byId("scan").addEventListener("click", scan);
byId("pay").addEventListener("click", payAsOffered);
for (const how of ["less", "late", "twice", "fail", "rest"]) {
  byId(`pay-${how}`).addEventListener("click", () => pay(how));
}
byId("refund").addEventListener("click", () => pay("refund"));
byId("typed").addEventListener("input", () => {
  // Amounts are typed as they are written on the display.
  byId("typed").value = typed() > 0 ? money(Math.min(typed(), 499_999_999)).replace(/\D+$/, "") : "";
  tellPay(now.words);
});
byId("typed").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && typed() > 0) {
    payAsOffered();
  }
});
byId("again").addEventListener("click", lookAgain);
byId("walk-away").addEventListener("click", () => {
  outcome = { how: "full", transfers: [], missing: 0, refundable: false };
  view("done");
});
byId("stop-waiting").addEventListener("click", () => {
  lateWait?.abort();
  lookAgain();
});
