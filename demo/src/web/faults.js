// The switches for what can break.
import { now, post } from "/common.js";

const switches = [...document.querySelectorAll("[data-fault]")];

for (const input of switches) {
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

export function tellFaults() {
  for (const input of switches) {
    if (!input.disabled) {
      input.checked = now.state.faults.includes(input.dataset.fault);
    }
  }
}
