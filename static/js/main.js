// Starts what makes the pages livelier. Every page works without any of it.

import { startBell } from "./bell.js";
import { startCalendarKeys } from "./calendar-keys.js";
import { startConfetti } from "./confetti.js";
import { startCopy } from "./copy.js";
import { startCountdown } from "./countdown.js";
import { startCounter } from "./counter.js";
import { startDialog } from "./dialog.js";
import { startDraft } from "./draft.js";
import { startMenu } from "./menu.js";
import { startPhoto } from "./photo.js";
import { watchResponses } from "./responses.js";
import { startScheme } from "./scheme.js";
import { watchSubmissions } from "./submit-once.js";
import { startTimeZone } from "./timezone.js";
import { startValidate } from "./validate.js";

const starters = [
  startTimeZone,
  startScheme,
  startMenu,
  startCountdown,
  startCopy,
  startDraft,
  startCounter,
  startPhoto,
  startValidate,
  startCalendarKeys,
  startDialog,
  startConfetti,
  startBell,
];

function start(root) {
  for (const starter of starters) starter(root);
}

watchSubmissions();
watchResponses();
start(document);
document.addEventListener("htmx:load", (event) => start(event.detail.elt));
