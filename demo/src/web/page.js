// The demo page: shows what the server tells, and tells the server what is pressed. Words are in words.js.
import { languages, money } from "/words.js";

const MOST_LINES = 200;
const MOST_KEYS = 16;
const KEYS = { Enter: "enter", Backspace: "back", Delete: "escape", Escape: "escape", "+": "plus", "*": "times", x: "times" };

const byId = (id) => document.getElementById(id);
const page = document.body;
const phone = byId("phone");

let language = navigator.language.startsWith("vi") ? "vi" : "en";
let words = languages[language];
let state = { screen: 0, power: true, faults: [], sale: null };
let lines = [];
/** What the phone knows: the bill that it scanned, and what the bank said. */
let bill = null;
let outcome = null;
let cameraFoundNothing = false;
let lateWait = null;

function post(path, body, signal) {
  const headers = { "Content-Type": "application/json" };
  return fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal });
}

// 1 The counter

const pictures = { drawn: -1, wanted: 0, busy: false };

async function draw() {
  if (pictures.busy) {
    return;
  }
  pictures.busy = true;
  while (pictures.drawn !== pictures.wanted) {
    const version = pictures.wanted;
    const image = new Image();
    image.src = `/screen.png?${version}`;
    try {
      await image.decode();
      for (const canvas of [byId("display"), byId("camera")]) {
        canvas.width = image.naturalWidth;
        canvas.height = image.naturalHeight;
        canvas.getContext("2d").drawImage(image, 0, 0);
      }
    } catch {
      // The server has stopped, or there is no picture yet; the next news brings one.
    }
    pictures.drawn = version;
    page.dataset.screen = version;
  }
  pictures.busy = false;
}

const keys = { waiting: [], busy: false, isTyping: false };

async function press(...more) {
  keys.waiting.push(...more);
  if (keys.busy) {
    return;
  }
  keys.busy = true;
  while (keys.waiting.length > 0) {
    await send(keys.waiting.splice(0, MOST_KEYS));
  }
  keys.busy = false;
}

async function send(pressed) {
  let note = "";
  try {
    const answer = await post("/keypad", { keys: pressed });
    if (answer.ok) {
      const { entry } = await answer.json();
      keys.isTyping = Boolean(entry && entry.text);
    } else if (!state.power) {
      note = words.no_power;
    } else if (answer.status === 409) {
      note = words.busy;
    } else {
      const problem = await answer.json();
      note = problem.detail ?? problem.title ?? "";
    }
  } catch {
    note = words.no_demo;
  }
  byId("note").textContent = note;
}

function pressAmount(amount) {
  const digits = String(amount).replace(/000$/, "");
  const typed = [...digits, ...(digits.length < String(amount).length ? ["000"] : []), "enter"];
  // What has been typed before is not part of it.
  press(...(keys.isTyping ? ["escape"] : []), ...typed);
}

byId("keypad").addEventListener("click", (event) => {
  const key = event.target.closest("button")?.dataset.key;
  if (key) {
    press(key);
  }
});
for (const button of document.querySelectorAll("[data-amount]")) {
  button.textContent = money(button.dataset.amount);
  button.addEventListener("click", () => pressAmount(button.dataset.amount));
}
document.addEventListener("keydown", (event) => {
  const key = /^[0-9]$/.test(event.key) ? event.key : KEYS[event.key];
  if (!key || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  // Enter on another button presses that button.
  const pressed = event.target.closest("button, input");
  if (key === "enter" && pressed && !pressed.dataset.key && !pressed.dataset.amount) {
    return;
  }
  event.preventDefault();
  const shown = byId("keypad").querySelector(`[data-key="${CSS.escape(key)}"]`);
  shown?.classList.add("pressed");
  setTimeout(() => shown?.classList.remove("pressed"), 120);
  press(key);
});

// 2 The customer's phone

function view(name) {
  phone.dataset.view = name;
  tellPhone();
  tellNext();
}

function tellPhone() {
  byId("camera-note").textContent = cameraFoundNothing ? words.no_code : words.camera_hint;
  byId("camera-note").classList.toggle("bad", cameraFoundNothing);
  if (bill) {
    tellBill();
  }
  if (outcome) {
    tellOutcome();
  }
}

function tellBill() {
  const isShort = bill.paid > 0 && bill.paid < bill.amount;
  byId("bill-amount").textContent = money(bill.amount);
  byId("bill-bank").textContent = bill.bank;
  byId("bill-account").textContent = bill.account;
  byId("bill-name").textContent = bill.name;
  byId("bill-purpose").textContent = bill.purpose;
  byId("pay").textContent = isShort ? words.pay_rest(money(bill.amount - bill.paid)) : words.pay(money(bill.amount));
  byId("pay-less").textContent = words.pay_less(money(bill.less));
  byId("pay-less").hidden = isShort || bill.less === 0;
  byId("pay-twice").hidden = isShort;
}

function tellOutcome() {
  const { transfers, missing } = outcome;
  const paid = transfers.length > 0;
  const kind = paid ? "good" : "bad";
  byId("done-mark").className = `mark ${outcome.refused ? "bad" : paid ? kind : "left"}`;
  const said = transfers.length === 2 ? words.transferred_twice(money(transfers[0])) : words.transferred(money(transfers[0]));
  byId("done-said").textContent = outcome.refused ? words.refused : paid ? said : words.left;
  byId("done-hint").textContent = outcome.refused ?? (paid ? words.done_hint : words.left_hint);
  byId("pay-rest").hidden = !(paid && missing > 0);
  byId("pay-rest").textContent = words.pay_rest(money(missing));
}

async function scan() {
  const answer = await post("/phone/scan", {});
  bill = answer.ok ? await answer.json() : null;
  cameraFoundNothing = !bill;
  view(bill ? "bill" : "camera");
}

async function pay(how) {
  const waits = how === "late" ? new AbortController() : null;
  lateWait = waits;
  if (waits) {
    view("waiting");
  }
  try {
    const answer = await post("/phone/pay", { code: bill.code, how }, waits?.signal);
    outcome = answer.ok ? await answer.json() : { transfers: [], missing: 0, refused: await answer.text() };
    view("done");
  } catch {
    if (!waits?.signal.aborted) {
      outcome = { transfers: [], missing: 0, refused: words.no_demo };
      view("done");
    }
  }
}

function lookAgain() {
  cameraFoundNothing = false;
  bill = null;
  view("camera");
}

byId("scan").addEventListener("click", scan);
byId("pay").addEventListener("click", () => pay(bill.paid > 0 && bill.paid < bill.amount ? "rest" : "full"));
byId("pay-less").addEventListener("click", () => pay("less"));
byId("pay-late").addEventListener("click", () => pay("late"));
byId("pay-twice").addEventListener("click", () => pay("twice"));
byId("pay-rest").addEventListener("click", () => pay("rest"));
byId("again").addEventListener("click", lookAgain);
byId("walk-away").addEventListener("click", () => {
  outcome = { transfers: [], missing: 0 };
  view("done");
});
byId("stop-waiting").addEventListener("click", () => {
  lateWait?.abort();
  lookAgain();
});

// 3 What travels

function time(at) {
  const part = (value, digits) => String(value).padStart(digits, "0");
  const date = new Date(at);
  return `${part(date.getHours(), 2)}:${part(date.getMinutes(), 2)}:${part(date.getSeconds(), 2)}.${part(date.getMilliseconds(), 3)}`;
}

function element(kind, className, text) {
  const made = document.createElement(kind);
  made.className = className;
  made.textContent = text;
  return made;
}

function party(name) {
  const made = element("span", `party ${name}`, words.parties[name]);
  made.title = words.roles[name];
  return made;
}

function row(line) {
  const made = document.createElement("li");
  made.dataset.what = line.what;
  made.dataset.from = line.from;
  made.dataset.to = line.to;
  const arrow = element("span", "arrow", "→");
  const detail = element("code", "", line.detail);
  detail.title = line.detail;
  made.append(element("time", "", time(line.at_ms)), party(line.from), arrow, party(line.to));
  made.append(element("span", "text", words.lines[line.what](line)), detail);
  return made;
}

function addLines(more) {
  lines = [...lines, ...more].slice(-MOST_LINES);
  const log = byId("log");
  log.prepend(...more.map(row).reverse());
  while (log.children.length > MOST_LINES) {
    log.lastElementChild.remove();
  }
  byId("quiet").hidden = lines.length > 0;
}

// Faults

for (const input of document.querySelectorAll("[data-fault]")) {
  input.addEventListener("change", async () => {
    input.disabled = true;
    try {
      await post("/faults", { fault: input.dataset.fault, on: input.checked });
    } finally {
      input.disabled = false;
      tellFaults();
    }
  });
}

function tellFaults() {
  for (const input of document.querySelectorAll("[data-fault]")) {
    if (!input.disabled) {
      input.checked = state.faults.includes(input.dataset.fault);
    }
  }
}

// The whole

function tellNext() {
  const isShowing = state.power && state.sale?.state === "showing";
  const atCamera = phone.dataset.view === "camera";
  page.dataset.next = phone.dataset.view === "bill" ? "pay" : isShowing && atCamera ? "scan" : isShowing ? "" : "amount";
}

function tellState() {
  page.dataset.power = state.power;
  page.dataset.news = state.screen;
  page.dataset.faults = state.faults.join(" ");
  page.dataset.sale = state.sale?.id ?? "";
  page.dataset.state = state.sale?.state ?? "";
  page.dataset.paid = state.sale?.paid_amount ?? "";
  page.dataset.flags = state.sale?.flags.join(" ") ?? "";
  const told = state.sale ? `${words.counter}. ${money(state.sale.amount)}: ${state.sale.state}` : words.counter;
  byId("display").setAttribute("aria-label", told);
  pictures.wanted = state.screen;
  draw();
  tellFaults();
  tellNext();
}

function speak(chosen) {
  language = chosen;
  words = languages[language];
  document.documentElement.lang = language;
  for (const place of document.querySelectorAll("[data-word]")) {
    place.textContent = words[place.dataset.word];
  }
  for (const place of document.querySelectorAll("[data-label]")) {
    place.setAttribute("aria-label", words[place.dataset.label]);
    place.title = words[place.dataset.label];
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", button.dataset.language === language);
  }
  byId("log").replaceChildren(...lines.map(row).reverse());
  tellPhone();
  tellState();
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => speak(button.dataset.language));
}

function tick() {
  byId("clock").textContent = time(Date.now()).slice(0, 5);
}

function listen() {
  const news = new EventSource("/news");
  news.addEventListener("open", () => {
    lines = [];
    pictures.drawn = -1;
    byId("log").replaceChildren();
    byId("note").textContent = "";
  });
  news.addEventListener("message", (event) => {
    const told = JSON.parse(event.data);
    if (told.state.sale?.state !== state.sale?.state || told.state.power !== state.power) {
      // What was refused before may be taken now.
      byId("note").textContent = "";
    }
    state = told.state;
    addLines(told.lines);
    tellState();
  });
  news.addEventListener("error", () => {
    byId("note").textContent = words.no_demo;
  });
}

speak(language);
tick();
setInterval(tick, 10_000);
listen();
