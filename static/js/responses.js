// Answers to a part of a page that are not that part: the log-in page, an error page, or none at all.

const IS_DOCUMENT = /^\s*<!doctype html/i;

/** Whether nobody asked for it: a look for news that fails is no reason to disturb anybody. */
function isQuiet(event) {
  return event.detail.requestConfig?.elt?.hasAttribute("data-quiet") ?? false;
}

export function watchResponses() {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (isQuiet(event) && xhr.status >= 400) return;
    const { login } = document.body.dataset;
    if (xhr.responseURL && new URL(xhr.responseURL).pathname === login && location.pathname !== login) {
      // The session ended meanwhile: after the log-in, this page is the one to come back to.
      event.detail.shouldSwap = false;
      location.assign(`${login}?next=${encodeURIComponent(location.pathname + location.search)}`);
    } else if (xhr.status >= 400 && IS_DOCUMENT.test(xhr.responseText)) {
      event.detail.shouldSwap = true;
      event.detail.target = document.body;
      event.detail.swapOverride = "innerHTML show:window:top";
      event.detail.selectOverride = "unset";
    }
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (isQuiet(event)) return;
    const alert = document.createElement("div");
    alert.className = "alert alert-danger";
    alert.textContent = document.body.dataset.offline;
    const messages = document.getElementById("messages");
    messages.replaceChildren(alert);
    messages.scrollIntoView({ block: "nearest" });
  });
}
