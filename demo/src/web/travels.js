// 3 What travels between the parts, newest first.
import { byId, now, time } from "/common.js";

const MOST_LINES = 200;

let lines = [];

function element(kind, className, text) {
  const made = document.createElement(kind);
  made.className = className;
  made.textContent = text;
  return made;
}

function party(name) {
  const made = element("span", `party ${name}`, now.words.parties[name]);
  made.title = now.words.roles[name];
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
  made.append(element("span", "text", now.words.lines[line.what](line)), detail);
  return made;
}

export function addLines(more) {
  lines = [...lines, ...more].slice(-MOST_LINES);
  const log = byId("log");
  log.prepend(...more.map(row).reverse());
  while (log.children.length > MOST_LINES) {
    log.lastElementChild.remove();
  }
  byId("quiet").hidden = lines.length > 0;
}

export function forgetLines() {
  lines = [];
  byId("log").replaceChildren();
}

/** In the words of another language. */
export function tellLinesAgain() {
  byId("log").replaceChildren(...lines.map(row).reverse());
}
