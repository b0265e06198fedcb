// The phone menu closes with Escape and with a click beside it.

import { each } from "./dom.js";

export function startMenu(root) {
  each(root, "details.nav-phone", watch);
}

function watch(menu) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}
