// <dialog data-modal>: opens as a modal. Focus goes in, Escape closes it, a click beside it too, and the browser gives
// the focus back.

import { each } from "./dom.js";

export function startDialog(root) {
  each(root, "dialog[data-modal]", open);
}

function open(dialog) {
  dialog.showModal();
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog && !isInside(dialog, event)) dialog.close();
  });
}

function isInside(dialog, { clientX, clientY }) {
  const box = dialog.getBoundingClientRect();
  return box.left <= clientX && clientX <= box.right && box.top <= clientY && clientY <= box.bottom;
}
