// Sums and names, the same in every language.

const TITLES = { payos: "payOS", finan: "Finan", glocal: "Smart Glocal" };

/** A provider's own name. */
export function title(provider) {
  return TITLES[provider];
}

/** What a line says of the provider that it meets. */
export function named(line, said) {
  return typeof said === "function" ? said(title(line.to)) : said;
}

/** As on the till's display. */
export function money(amount) {
  return String(amount).replace(/\B(?=(\d{3})+$)/g, ".") + "\u00a0₫";
}

/** What the display shows for a sale, in the words of `shown`. */
export function shows(line, shown) {
  if (line.state === "requesting") {
    return (line.waiting_for === "network" ? shown.network : shown.making)(money(line.amount));
  }
  if (line.state === "showing" && line.paid >= line.amount) {
    return shown.closing(money(line.paid));
  }
  if (line.state === "showing") {
    return line.paid > 0 ? shown.short(money(line.paid), money(line.amount - line.paid)) : shown.code(money(line.amount));
  }
  if (line.state === "paid") {
    return (line.late ? shown.late : shown.paid)(money(line.paid));
  }
  return (shown[line.state] ?? (() => line.state))();
}
