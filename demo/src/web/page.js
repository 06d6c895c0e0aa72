// The demo page: shows what the server tells, and tells the server what is pressed. Words are in words.js.
import { byId, now, page, time } from "/common.js";
import { forgetPictures, note, showPicture, tellChoices } from "/counter.js";
import { tellFaults } from "/faults.js";
import { money } from "/money.js";
import { tellNext, tellPhone } from "/phone.js";
import { addLines, forgetLines, tellLinesAgain } from "/travels.js";

function tellState() {
  const { state, words } = now;
  const { sale } = state;
  page.dataset.power = state.power;
  page.dataset.provider = state.provider;
  page.dataset.news = state.screen;
  page.dataset.faults = state.faults.join(" ");
  page.dataset.sale = sale?.id ?? "";
  page.dataset.state = sale?.state ?? "";
  page.dataset.paid = sale?.paid_amount ?? "";
  page.dataset.flags = sale?.flags.join(" ") ?? "";
  const told = sale ? `${words.counter}. ${money(sale.amount)}: ${sale.state}` : words.counter;
  byId("display").setAttribute("aria-label", told);
  showPicture(state.screen);
  tellChoices();
  tellFaults();
  tellNext();
}

/** Words that stay where they are; some name the provider. */
function tellWords() {
  const said = (word) => (typeof word === "function" ? word(now.provider) : word);
  for (const place of document.querySelectorAll("[data-word]")) {
    place.textContent = said(now.words[place.dataset.word]);
  }
  for (const place of document.querySelectorAll("[data-label]")) {
    place.setAttribute("aria-label", said(now.words[place.dataset.label]));
    place.title = said(now.words[place.dataset.label]);
  }
  tellPhone();
}

function speak(language) {
  now.language = language;
  document.documentElement.lang = language;
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", button.dataset.language === language);
  }
  tellWords();
  tellLinesAgain();
  tellState();
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => speak(button.dataset.language));
}

function tick() {
  byId("clock").textContent = time(Date.now()).slice(0, 5);
}

function hear({ state, lines }) {
  const before = now.state;
  now.state = state;
  if (state.sale?.state !== before.sale?.state || (state.power && !before.power)) {
    // What was refused before may be taken now.
    note("");
  }
  if (state.provider !== before.provider) {
    tellWords();
  }
  addLines(lines);
  tellState();
}

function listen() {
  const news = new EventSource("/news");
  news.addEventListener("open", () => {
    forgetLines();
    forgetPictures();
    note("");
  });
  news.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  news.addEventListener("error", () => note(now.words.no_demo));
}

speak(now.language);
tick();
setInterval(tick, 10_000);
listen();
