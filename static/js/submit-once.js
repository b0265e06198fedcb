// A form that is on its way cannot be sent again: its button is disabled and says that it is working.

const BUSY = new WeakMap();

export function watchSubmissions() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const isForHtmx = form.matches("[hx-post], [data-hx-post]");
    if (form.method !== "post" || form.target === "_blank") return;
    if (event.defaultPrevented && !isForHtmx) return;
    const button = event.submitter ?? form.querySelector("button[type=submit]");
    // Only after the browser has read the form: a disabled button's name and value are not sent.
    setTimeout(() => hold(button), 0);
  });
  document.addEventListener("htmx:afterRequest", (event) => releaseIn(event.detail.elt));
  // Back from the page that followed, as the browser kept it.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) releaseIn(document);
  });
}

function hold(button) {
  if (!button || BUSY.has(button)) return;
  const label = button.querySelector("[data-label]");
  BUSY.set(button, label?.textContent);
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  if (label && button.dataset.busy) label.textContent = button.dataset.busy;
}

function releaseIn(root) {
  for (const button of root.querySelectorAll("[aria-busy=true]")) {
    if (!BUSY.has(button)) continue;
    const text = BUSY.get(button);
    BUSY.delete(button);
    button.disabled = false;
    button.removeAttribute("aria-busy");
    if (text !== undefined) button.querySelector("[data-label]").textContent = text;
  }
}
