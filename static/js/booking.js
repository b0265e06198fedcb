// The picker of a time: says what has changed, keeps what was chosen, and leads on once it is booked.

const chosen = () => document.querySelector("#booking input[name=start]:checked");

const spoken = document.createElement("p");
spoken.className = "visually-hidden";
spoken.setAttribute("role", "status");
document.getElementById("main").append(spoken);

let kept = null;

/** The chosen time in words, beside the button. */
function showChosen() {
  const place = document.querySelector("[data-chosen]");
  if (!place) return;
  const slot = chosen();
  place.textContent = slot ? slot.getAttribute("aria-label") : place.dataset.chosen;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("#booking input[name=start]")) showChosen();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "picker") kept = chosen()?.value ?? kept;
});

document.addEventListener("htmx:afterSettle", (event) => {
  const { elt } = event.detail;
  if (elt.id === "picker") renewed(elt);
  else if (elt.id === "booking") refused(elt);
});

document.addEventListener("htmx:historyRestore", showChosen);

function renewed(part) {
  const again = [...part.querySelectorAll("input[name=start]")].find(({ value }) => value === kept);
  if (again && !chosen()) again.checked = true;
  showChosen();
  spoken.textContent = part.querySelector("[data-summary]").dataset.summary;
  if (document.activeElement.matches(".calendar__day")) {
    document.getElementById("times").scrollIntoView({ block: "nearest" });
  }
  // What was pressed may be gone, as the step beyond the last month is.
  if (document.activeElement === document.body) {
    (part.querySelector("a.calendar__day--selected") ?? part).focus({ preventScroll: true });
  }
}

function refused(form) {
  if (form.contains(document.activeElement)) return;
  form.querySelector("[aria-invalid=true]")?.focus();
}

// Beneath the dialog stands a form that has done its work; its address is the meeting's already.
document.addEventListener(
  "close",
  (event) => {
    if (event.target.id === "booked") location.reload();
  },
  { capture: true },
);
