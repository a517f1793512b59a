// On a phone an ordinary table's rows become cards (lists.css). Each cell but the first then names its column, so that a bare 2 is
// "Contacts 2". A column whose heading is only for screen readers holds buttons and needs no name.
import { $$, on } from "./dom.js";

function label(table) {
  const names = $$("thead tr:first-child > th", table).map((th) => (th.querySelector(".sr") ? "" : th.textContent.trim()));
  for (const row of $$("tbody > tr", table)) {
    [...row.cells].forEach((cell, n) => { if (n && names[n] && cell.textContent.trim()) cell.dataset.label = names[n]; });
  }
}

const all = () => $$("table.table:not(.queue, .inv)").forEach(label);
all();
on("htmx:after:settle", all);
