// <a data-bell>: asks for news again and again while somebody can see the page, and when they come back to it.

import { each } from "./dom.js";

// What is new shows within 20 seconds, the way there and back included.
const EVERY = 15_000;

let timer = null;

export function startBell(root) {
  each(root, "[data-bell]", watch);
}

function watch() {
  if (timer !== null) return;
  timer = setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
}

function ask() {
  if (document.visibilityState !== "visible") return;
  document.querySelector("[data-bell]")?.dispatchEvent(new CustomEvent("bell:ask"));
}
