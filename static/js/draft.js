// What is typed outlives a log-in that has run out: kept for this tab until it is booked.

import { each } from "./dom.js";

const PREFIX = "draft ";

export function startDraft(root) {
  each(root, "form[data-draft]", keep);
  each(root, "[data-draft-done]", forget);
}

function keep(form) {
  const key = PREFIX + form.dataset.draft;
  const fields = [...form.querySelectorAll("input[type=text], textarea")];
  const typed = JSON.parse(sessionStorage.getItem(key) ?? "{}");
  for (const field of fields) {
    if (field.value === "" && typed[field.name]) field.value = typed[field.name];
  }
  form.addEventListener("input", () => {
    const values = fields.map((field) => [field.name, field.value]);
    sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(values)));
  });
}

function forget() {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  }
}
