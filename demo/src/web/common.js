// What all parts of the page share: the newest state that the server told, the language, and how the server is told.
import { title } from "/money.js";
import { languages } from "/words.js";

export const byId = (id) => document.getElementById(id);
export const page = document.body;

export const now = {
  language: navigator.language.startsWith("vi") ? "vi" : "en",
  state: { screen: 0, power: true, provider: "payos", faults: [], sale: null },
  /** The words of the language. */
  get words() {
    return languages[this.language];
  },
  /** The name of the provider that the till sells over. */
  get provider() {
    return title(this.state.provider);
  },
  /** Whether a sale keeps the till busy. */
  get isSelling() {
    return ["requesting", "showing"].includes(this.state.sale?.state);
  },
};

export function post(path, body, signal) {
  const headers = { "Content-Type": "application/json" };
  return fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal });
}

export function time(at) {
  const part = (value, digits) => String(value).padStart(digits, "0");
  const date = new Date(at);
  return `${part(date.getHours(), 2)}:${part(date.getMinutes(), 2)}:${part(date.getSeconds(), 2)}.${part(date.getMilliseconds(), 3)}`;
}
