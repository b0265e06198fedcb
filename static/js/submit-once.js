// A form that is on its way cannot be sent again: its button is disabled and says that it is working.

/** The forms on their way, each with its button and the text that was on it. */
const sending = new Map();

export function watchSubmissions() {
  document.addEventListener("submit", refuseSecond, { capture: true });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const isForHtmx = form.matches("[hx-post], [data-hx-post]");
    if (form.method !== "post" || form.target === "_blank") return;
    if (event.defaultPrevented && !isForHtmx) return;
    const button = event.submitter ?? form.querySelector("button[type=submit]");
    const label = button?.querySelector("[data-label]");
    sending.set(form, { button, text: label?.textContent });
    // Only after the browser has read the form: a disabled button's name and value are not sent.
    setTimeout(() => show(form), 0);
  });
  document.addEventListener("htmx:afterRequest", (event) => release(event.detail.elt));
  // Back from the page that followed, as the browser kept it.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) [...sending.keys()].forEach(release);
  });
}

function refuseSecond(event) {
  if (!sending.has(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

function show(form) {
  const button = sending.get(form)?.button;
  if (!button) return;
  const label = button.querySelector("[data-label]");
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  if (label && button.dataset.busy) label.textContent = button.dataset.busy;
}

function release(form) {
  const held = sending.get(form);
  if (!held) return;
  sending.delete(form);
  const { button, text } = held;
  if (!button) return;
  button.disabled = false;
  button.removeAttribute("aria-busy");
  if (text !== undefined) button.querySelector("[data-label]").textContent = text;
}
