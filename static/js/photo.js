// <input type="file" data-photo="id of a canvas">: shows the chosen picture there as it will be cut, and says at once
// when it is too large (data-limit in bytes, data-too-large).

import { each } from "./dom.js";

export function startPhoto(root) {
  each(root, "input[type=file][data-photo]", watch);
}

function watch(input) {
  const canvas = document.getElementById(input.dataset.photo);
  input.addEventListener("input", async () => {
    const [file] = input.files;
    const isTooLarge = file !== undefined && file.size > Number(input.dataset.limit);
    input.setCustomValidity(isTooLarge ? input.dataset.tooLarge : "");
    canvas.hidden = true;
    // validate.js looks at what was left.
    if (isTooLarge) input.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
    if (file === undefined || isTooLarge) return;
    try {
      const picture = await createImageBitmap(file);
      if (input.files[0] === file) show(picture, canvas);
      picture.close();
    } catch {
      // This browser cannot read it; the server says why.
    }
  });
}

function show(picture, canvas) {
  const side = Math.min(picture.width, picture.height);
  const left = (picture.width - side) / 2;
  const top = (picture.height - side) / 2;
  const brush = canvas.getContext("2d");
  brush.imageSmoothingQuality = "high";
  // Where one can see through it, it is kept on white.
  brush.fillStyle = "#ffffff";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(picture, left, top, side, side, 0, 0, canvas.width, canvas.height);
  canvas.hidden = false;
}
