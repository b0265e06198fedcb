// <button data-copy="field id">: puts the field's text on the clipboard, or selects it where that is not allowed.

import { each } from "./dom.js";

const SHOWN_FOR = 4000;

export function startCopy(root) {
  each(root, "[data-copy]", enable);
}

function enable(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    const done = document.getElementById(`${button.dataset.copy}-done`);
    field.select();
    const text = (await write(field.value)) ? button.dataset.copied : button.dataset.select;
    done.textContent = text;
    setTimeout(() => {
      if (done.textContent === text) done.textContent = "";
    }, SHOWN_FOR);
  });
}

/** Whether the text is on the clipboard: there is none without https, and people may refuse it. */
async function write(text) {
  if (!navigator.clipboard) return document.execCommand("copy");
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    if (error.name !== "NotAllowedError") throw error;
    return document.execCommand("copy");
  }
}
