// The editor of weekly hours: ranges come and go in place. Without this, the same buttons ask the server.

import { each } from "./dom.js";

each(document, "[data-hours]", watch);

function watch(day) {
  dropBlankRows(day);
  for (const row of rowsOf(day)) row.querySelector("[data-hours-remove]").hidden = false;
  day.addEventListener("click", (event) => {
    const add = event.target.closest("[data-hours-add]");
    const remove = event.target.closest("[data-hours-remove]");
    if (add) {
      event.preventDefault();
      addRow(day).querySelector("select").focus();
    } else if (remove) {
      removeRow(day, remove.closest("[data-hours-row]"));
    }
  });
}

function rowsOf(day) {
  return [...day.querySelectorAll("[data-hours-row]")];
}

function addRow(day) {
  const rows = rowsOf(day);
  const row = rows[rows.length - 1].cloneNode(true);
  clear(row);
  rows[0].parentElement.append(row);
  return row;
}

/** The last row stays, blank, so that there is always one to fill in. */
function removeRow(day, row) {
  const rows = rowsOf(day);
  const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1];
  if (next) row.remove();
  else clear(row);
  (next ?? row).querySelector("select").focus();
}

/** The server adds blank rows for those who cannot add them here. */
function dropBlankRows(day) {
  const rows = rowsOf(day);
  const blank = rows.filter((row) => selectsOf(row).every((select) => select.selectedIndex === 0));
  for (const row of blank.length < rows.length ? blank : blank.slice(1)) row.remove();
}

function clear(row) {
  for (const select of selectsOf(row)) select.selectedIndex = 0;
}

function selectsOf(row) {
  return [...row.querySelectorAll("select")];
}
