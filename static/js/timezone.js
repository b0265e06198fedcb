// The browser's time zone: into a cookie, for times shown before anyone has signed in, and into a new person's form.

import { each } from "./dom.js";

const YEAR = 365 * 24 * 60 * 60;

export function startTimeZone(root) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone) return;
  const isFirstVisit = !isKnown();
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `tz=${encodeURIComponent(zone)}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
  each(root, "[name=timezone][data-browser-zone]", (field) => fill(field, zone));
  if (isFirstVisit && isKnown() && showsOtherTimes(zone)) location.reload();
}

function isKnown() {
  return document.cookie.split("; ").some((cookie) => cookie.startsWith("tz="));
}

/** Whether a visitor sees times in a zone that is not theirs, as the server did not know it yet. */
function showsOtherTimes(zone) {
  const { zone: shown } = document.body.dataset;
  return shown !== undefined && shown !== zone && document.querySelector("main time") !== null;
}

/** Only where nothing was chosen yet: a form that comes back with errors keeps what it was sent with. */
function fill(field, zone) {
  if (field.value !== "" && field.value !== "UTC") return;
  const isOffered = !field.options || [...field.options].some((option) => option.value === zone);
  if (isOffered) field.value = zone;
}
