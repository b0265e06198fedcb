// <textarea maxlength data-counter="%s characters left">: seen all the time, spoken only near the end.

import { each } from "./dom.js";

const NEAR = 0.1;
const PAUSE = 1000;

export function startCounter(root) {
  each(root, "[data-counter][maxlength]", watch);
}

function watch(field) {
  const seen = document.createElement("div");
  seen.className = "counter";
  seen.setAttribute("aria-hidden", "true");
  const spoken = document.createElement("div");
  spoken.className = "visually-hidden";
  spoken.setAttribute("role", "status");
  field.after(seen, spoken);

  let pause = null;
  const update = () => {
    // The server counts a line break as two characters, as the browser does when it sends the form.
    const length = field.value.replace(/\n/g, "\r\n").length;
    const left = Math.max(0, field.maxLength - length);
    const text = field.dataset.counter.replace("%s", left.toLocaleString(document.documentElement.lang));
    const isNear = left < field.maxLength * NEAR;
    seen.textContent = text;
    seen.classList.toggle("counter--near", isNear);
    clearTimeout(pause);
    pause = setTimeout(() => {
      spoken.textContent = isNear ? text : "";
    }, PAUSE);
  };
  field.addEventListener("input", update);
  update();
}
