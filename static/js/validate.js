// <form data-validate>: each field is checked as soon as it was left, then while one types. The message is the
// server's (data-msg-value-missing, data-msg-too-short, … or data-msg), else the browser's own.

import { each } from "./dom.js";

const REASONS = [
  ["valueMissing", "value-missing"],
  ["typeMismatch", "type-mismatch"],
  ["patternMismatch", "pattern-mismatch"],
  ["tooShort", "too-short"],
  ["tooLong", "too-long"],
  ["rangeUnderflow", "range-underflow"],
  ["rangeOverflow", "range-overflow"],
  ["stepMismatch", "step-mismatch"],
];

export function startValidate(root) {
  each(root, "form[data-validate]", watch);
}

function watch(form) {
  const visited = new WeakSet();
  // The browser's bubbles would say the same a second time.
  form.noValidate = true;
  form.addEventListener("focusout", ({ target }) => {
    if (!isChecked(target) || target.type === "radio" || target.value === "") return;
    visited.add(target);
    check(target);
  });
  form.addEventListener("input", ({ target }) => {
    if (!isChecked(target)) return;
    if (visited.has(target) || target.getAttribute("aria-invalid") === "true" || isChoice(target)) check(target);
  });
  // Before htmx and before submit-once, which both listen further out or later.
  form.addEventListener(
    "submit",
    (event) => {
      if (event.submitter?.formNoValidate) return;
      const wrong = [...form.elements].filter(isChecked).filter((field) => !check(field));
      for (const field of wrong) visited.add(field);
      if (wrong.length === 0) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      wrong[0].focus();
    },
    { capture: true },
  );
}

function isChecked(field) {
  return field.willValidate && field.type !== "submit" && field.type !== "button";
}

function isChoice(field) {
  return field.type === "radio" || field.type === "checkbox";
}

/** Show or clear the field's message; whether the field is right. */
function check(field) {
  const isRight = field.validity.valid;
  const place = messagePlace(field);
  place.textContent = isRight ? "" : message(field);
  for (const input of isChoice(field) ? field.form.querySelectorAll(`[name="${CSS.escape(field.name)}"]`) : [field]) {
    input.classList.toggle("is-invalid", !isRight && !isChoice(field));
    if (isRight) input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", "true");
  }
  // What the server said about the former text no longer holds.
  document.getElementById(`${field.id}_error`)?.toggleAttribute("hidden", true);
  return isRight;
}

function message(field) {
  for (const [reason, name] of REASONS) {
    const text = field.getAttribute(`data-msg-${name}`);
    if (field.validity[reason] && text) return text;
  }
  return field.dataset.msg ?? field.validationMessage;
}

/** The element beside the field, or at the head of its group, that holds its message. */
function messagePlace(field) {
  const id = `${field.form.id || "form"}-${field.name}-message`;
  const known = document.getElementById(id);
  if (known) return known;
  const place = document.createElement("div");
  place.id = id;
  place.className = "invalid-feedback field-error";
  place.setAttribute("role", "alert");
  const group = isChoice(field) && (field.closest("fieldset") ?? field.closest(".form-check"));
  const legend = group && group.querySelector("legend");
  if (legend) legend.after(place);
  else if (group) group.append(place);
  else field.after(place);
  const described = group && group.matches("fieldset") ? group : field;
  const ids = described.getAttribute("aria-describedby");
  described.setAttribute("aria-describedby", ids ? `${ids} ${id}` : id);
  return place;
}
