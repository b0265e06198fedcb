// Answers to a part of a page that are not that part: the log-in page, an error page, or none at all.

const IS_DOCUMENT = /^\s*<!doctype html/i;

export function watchResponses() {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
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
  document.addEventListener("htmx:sendError", () => {
    const alert = document.createElement("div");
    alert.className = "alert alert-danger";
    alert.textContent = document.body.dataset.offline;
    const messages = document.getElementById("messages");
    messages.replaceChildren(alert);
    messages.scrollIntoView({ block: "nearest" });
  });
}
