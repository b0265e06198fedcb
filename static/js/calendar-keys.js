// table[data-calendar]: arrow keys, Home, End, Page Up and Page Down move among the days that can be chosen.

import { each } from "./dom.js";

export function startCalendarKeys(root) {
  each(root, "table[data-calendar]", watch);
}

function watch(table) {
  table.addEventListener("keydown", (event) => {
    const day = event.target.closest("a");
    if (!day || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const next = target(table, day, event.key);
    if (!next) return;
    event.preventDefault();
    if (next.closest("table") === table) next.focus();
    else next.click();
  });
}

/** The link that the key leads to: a day, or the step to another month. */
function target(table, day, key) {
  const calendar = table.closest(".calendar");
  const days = [...table.querySelectorAll("td a")];
  const row = [...day.closest("tr").querySelectorAll("a")];
  const column = day.closest("td").cellIndex;
  const inColumn = days.filter((link) => link.closest("td").cellIndex === column);
  const moves = {
    ArrowLeft: () => days[days.indexOf(day) - 1],
    ArrowRight: () => days[days.indexOf(day) + 1],
    ArrowUp: () => inColumn[inColumn.indexOf(day) - 1],
    ArrowDown: () => inColumn[inColumn.indexOf(day) + 1],
    Home: () => row[0],
    End: () => row.at(-1),
    PageUp: () => calendar.querySelector("[data-calendar-prev]"),
    PageDown: () => calendar.querySelector("[data-calendar-next]"),
  };
  return moves[key]?.();
}
