// [data-confetti="what is celebrated"]: one burst, once for each thing, none where reduced motion is asked for.

import { each } from "./dom.js";

// The modal's own entrance comes first.
const DELAY = 250;

export function startConfetti(root) {
  each(root, "[data-confetti]", celebrate);
}

async function celebrate(element) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches || isRepeated(element.dataset.confetti)) return;
  const { default: confetti } = await import("../vendor/canvas-confetti-1.9.4.module.mjs");
  await new Promise((resolve) => setTimeout(resolve, DELAY));

  const canvas = document.createElement("canvas");
  canvas.className = "confetti";
  canvas.setAttribute("aria-hidden", "true");
  // Only what is inside an open modal is drawn above it.
  (element.closest("dialog") ?? document.body).append(canvas);
  // Its worker would be made from a blob, which the content security policy refuses.
  const burst = confetti.create(canvas, { resize: true, useWorker: false, disableForReducedMotion: true });
  await Promise.all([
    burst({ particleCount: 70, angle: 60, spread: 60, origin: { x: 0, y: 0.7 } }),
    burst({ particleCount: 70, angle: 120, spread: 60, origin: { x: 1, y: 0.7 } }),
  ]);
  canvas.remove();
}

/** Whether this was celebrated before in this tab, as after a reload. */
function isRepeated(name) {
  const key = `confetti:${name}`;
  const before = sessionStorage.getItem(key);
  sessionStorage.setItem(key, "1");
  return before !== null;
}
