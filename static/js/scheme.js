// form[data-scheme]: light, dark or the system's colours at once, where the form would load the page anew.

import { each } from "./dom.js";

const YEAR = 365 * 24 * 60 * 60;
const MEDIA = { "": "(prefers-color-scheme: dark)", light: "not all", dark: "all" };

export function startScheme(root) {
  each(root, "form[data-scheme]", watch);
}

function watch(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    choose(form, event.submitter.value);
  });
}

function choose(form, scheme) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const age = scheme ? YEAR : 0;
  document.cookie = `scheme=${scheme}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
  document.getElementById("dark-scheme").media = MEDIA[scheme];
  document.querySelector("meta[name=color-scheme]").content = scheme || "light dark";
  for (const button of form.querySelectorAll("button[name=scheme]")) {
    button.setAttribute("aria-pressed", String(button.value === scheme));
  }
}
