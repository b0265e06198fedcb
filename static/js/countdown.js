// <time data-countdown datetime data-ends …>: "in 2h 30m", ticking; "Now" until data-ends, then "Ended".
// Sends "countdown:start" and "countdown:end" when it gets there, so that a part of a page can renew itself.

import { each } from "./dom.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const running = new Set();
let timer = null;

export function startCountdown(root) {
  each(root, "[data-countdown]", watch);
}

function watch(element) {
  const starts = Date.parse(element.dateTime);
  if (Number.isNaN(starts)) return;
  const ends = Date.parse(element.dataset.ends ?? "");
  running.add({ element, starts, ends, phase: null });
  tick();
  timer ??= setInterval(tick, SECOND);
}

function tick() {
  const now = Date.now();
  for (const countdown of running) {
    if (!countdown.element.isConnected) running.delete(countdown);
    else show(countdown, now);
  }
  if (running.size === 0 && timer !== null) {
    clearInterval(timer);
    timer = null;
  }
}

function show(countdown, now) {
  const { element, starts, ends } = countdown;
  const words = element.dataset;
  let phase = "before";
  if (now >= starts) phase = now >= ends ? "over" : "now";

  const text = {
    before: () => words.in.replace("%s", span(starts - now, words)),
    now: () => words.now,
    over: () => words.over,
  }[phase]();
  if (element.textContent !== text) element.textContent = text;

  if (countdown.phase !== null && countdown.phase !== phase) {
    const name = phase === "now" ? "countdown:start" : "countdown:end";
    element.dispatchEvent(new CustomEvent(name, { bubbles: true }));
  }
  countdown.phase = phase;
}

/** The two largest units that matter: "3d 4h", "2h 30m", "12m", and seconds in the last two minutes. */
function span(left, words) {
  if (left < 2 * MINUTE) return `${Math.ceil(left / SECOND)}${words.seconds}`;
  const whole = Math.ceil(left / MINUTE) * MINUTE;
  const days = Math.floor(whole / DAY);
  const hours = Math.floor((whole % DAY) / HOUR);
  const minutes = Math.floor((whole % HOUR) / MINUTE);
  if (days > 0) return join([days, words.days], [hours, words.hours]);
  if (hours > 0) return join([hours, words.hours], [minutes, words.minutes]);
  return join([minutes, words.minutes]);
}

function join(...parts) {
  return parts
    .filter(([number]) => number > 0)
    .map(([number, unit]) => `${number}${unit}`)
    .join(" ");
}
