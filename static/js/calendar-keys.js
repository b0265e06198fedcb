// table[data-calendar] becomes a grid: one stop for Tab, and keys that move among the days that can be chosen. Arrows go
// on into the next month, Home and End to the ends of the week, Page Up and Page Down to the same day a month away.

import { each } from "./dom.js";

/** Where to go in the month that is on its way: `{ day: number }`, or to its `{ end: "first" }` or "last" day, of the
 * column where one is named. */
let wanted = null;

export function startCalendarKeys(root) {
  each(root, "table[data-calendar]", watch);
}

function watch(table) {
  table.setAttribute("role", "grid");
  table.setAttribute("aria-describedby", table.dataset.calendar);
  const days = daysOf(table);
  stopAt(days, days.find((day) => day.hasAttribute("aria-current")) ?? days[0]);
  table.addEventListener("focusin", ({ target }) => {
    const day = target.closest("td a");
    if (day) stopAt(days, day);
  });
  table.addEventListener("keydown", (event) => {
    const day = event.target.closest("td a");
    if (!day || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === " ") {
      event.preventDefault();
      day.click();
    } else if (move(table, days, day, event.key)) event.preventDefault();
  });
  arrive(days);
}

const daysOf = (table) => [...table.querySelectorAll("td a")];
const columnOf = (day) => day.closest("td").cellIndex;
const numberOf = (day) => Number(day.textContent);
const isRightToLeft = (element) => getComputedStyle(element).direction === "rtl";

/** Tab leads to one day alone; the keys lead to the others. */
function stopAt(days, stop) {
  for (const day of days) day.tabIndex = day === stop ? 0 : -1;
}

/** Whether the key led anywhere. */
function move(table, days, day, key) {
  const at = days.indexOf(day);
  const ahead = isRightToLeft(table) ? "ArrowLeft" : "ArrowRight";
  const back = isRightToLeft(table) ? "ArrowRight" : "ArrowLeft";
  const row = daysOf(day.closest("tr"));
  const column = days.filter((each) => columnOf(each) === columnOf(day));
  const inColumn = column.indexOf(day);
  const moves = {
    [ahead]: () => go(days[at + 1]) || turn(table, "next", { end: "first" }),
    [back]: () => go(days[at - 1]) || turn(table, "prev", { end: "last" }),
    ArrowDown: () => go(column[inColumn + 1]) || turn(table, "next", { end: "first", inColumn: columnOf(day) }),
    ArrowUp: () => go(column[inColumn - 1]) || turn(table, "prev", { end: "last", inColumn: columnOf(day) }),
    Home: () => go(row[0]),
    End: () => go(row.at(-1)),
    PageDown: () => turn(table, "next", { day: numberOf(day) }),
    PageUp: () => turn(table, "prev", { day: numberOf(day) }),
  };
  return moves[key]?.() ?? false;
}

function go(day) {
  day?.focus();
  return day !== undefined;
}

function turn(table, way, where) {
  const step = table.closest(".calendar").querySelector(`[data-calendar-${way}]`);
  if (!step) return false;
  wanted = where;
  step.click();
  return true;
}

/** In a month that a key led to, the focus goes to the day that the key meant. */
function arrive(days) {
  if (wanted === null || days.length === 0) return;
  const { end, inColumn, day } = wanted;
  wanted = null;
  // Whoever has gone on elsewhere meanwhile is not called back.
  const { activeElement } = document;
  if (activeElement !== document.body && !activeElement.closest(".calendar")) return;
  const column = days.filter((each) => inColumn === undefined || columnOf(each) === inColumn);
  const among = column.length ? column : days;
  if (end) go(end === "first" ? among[0] : among.at(-1));
  else go([...days].sort((one, other) => Math.abs(numberOf(one) - day) - Math.abs(numberOf(other) - day))[0]);
}
