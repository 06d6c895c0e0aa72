// Loads the page again now and then, while somebody is there and types nothing. Everything works without it.
"use strict";
const EVERY_MS = 15000;
const PATIENCE_MS = 10 * 60 * 1000;
let seen = Number(sessionStorage.getItem("seen")) || Date.now();
const note = () => { seen = Date.now(); sessionStorage.setItem("seen", String(seen)); };
for (const kind of ["pointerdown", "keydown", "scroll", "touchstart"]) addEventListener(kind, note, { passive: true });
setInterval(() => {
  const field = document.activeElement && /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
  const open = document.querySelector("details[open]");
  const there = Date.now() - seen < PATIENCE_MS;
  if (location.pathname !== "/sign-in" && !document.hidden && !field && !open && there) location.reload();
}, EVERY_MS);
