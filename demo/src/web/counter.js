// 1 The counter: the till's display, its keypad, and what it sells over.
import { byId, now, page, post } from "/common.js";
import { money } from "/money.js";

const MOST_KEYS = 16;
const KEYS = { Enter: "enter", Backspace: "back", Delete: "escape", Escape: "escape", "+": "plus", "*": "times", x: "times" };

// The display

const pictures = { drawn: -1, wanted: 0, busy: false };

export function showPicture(version) {
  pictures.wanted = version;
  draw();
}

/** The server is another one: its pictures count from the beginning. */
export function forgetPictures() {
  pictures.drawn = -1;
}

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

// The keypad

const keys = { waiting: [], busy: false, isTyping: false };

export function note(text) {
  byId("note").textContent = text;
}

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
  let said = "";
  try {
    const answer = await post("/keypad", { keys: pressed });
    if (answer.ok) {
      const { entry } = await answer.json();
      keys.isTyping = Boolean(entry && entry.text);
    } else if (!now.state.power) {
      said = now.words.no_power;
    } else if (answer.status === 409) {
      said = now.words.busy;
    } else {
      const problem = await answer.json();
      said = problem.detail ?? problem.title ?? "";
    }
  } catch {
    said = now.words.no_demo;
  }
  note(said);
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
  // What is typed on the phone is not for the counter.
  if (!key || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input[type=text]")) {
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

// What it sells over

const choices = [...document.querySelectorAll("[data-provider]")];
let isChoosing = false;

async function choose(provider) {
  if (isChoosing || provider === now.state.provider) {
    return;
  }
  if (why()) {
    note(why());
    return;
  }
  isChoosing = true;
  note(now.words.restarting);
  try {
    const answer = await post("/provider", { provider });
    keys.isTyping = keys.isTyping && !answer.ok;
    // The server knows first.
    const refusals = { 409: now.words.choose_later, 503: now.words.no_power };
    note(answer.ok ? "" : refusals[answer.status] ?? (await answer.text()));
  } catch {
    note(now.words.no_demo);
  }
  isChoosing = false;
  tellChoices();
}

/** Why nothing else can be chosen now. */
function why() {
  return now.isSelling ? now.words.choose_later : now.state.power ? "" : now.words.no_power;
}

export function tellChoices() {
  for (const button of choices) {
    const chosen = button.dataset.provider === now.state.provider;
    button.setAttribute("aria-pressed", chosen);
    button.setAttribute("aria-disabled", !chosen && (isChoosing || why() !== ""));
    button.title = chosen || isChoosing ? "" : why();
  }
}

for (const button of choices) {
  button.addEventListener("click", () => choose(button.dataset.provider));
}
