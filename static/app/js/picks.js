// Picking rows in a bulk form: totals follow, and the button sleeps while nothing is picked. Amounts are minor units.
import { $, $$, on } from "./dom.js";

function total(form) {
  const picked = $$("input[name=pick]:checked", form);
  const digits = new Intl.NumberFormat("en", { style: "currency", currency: form.dataset.currency || "EUR" }).resolvedOptions().maximumFractionDigits;
  const sum = picked.reduce((s, box) => s + +box.dataset.minor, 0) / 10 ** digits;
  if (form.dataset.currency) {
    const money = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: form.dataset.currency }).format(sum);
    $$("[data-sum]", form).forEach((out) => (out.textContent = money));
  }
  $$("[data-picked]", form).forEach((out) => (out.textContent = picked.length));
  $$("[data-needs-pick]", form).forEach((button) => button.toggleAttribute("disabled", !picked.length));
}

on("change", (e) => {
  const form = e.target.closest("[data-picks]");
  if (!form) return;
  form.dataset.touched = "";
  if (e.target.matches("[data-all]")) $$("input[name=pick]:not(:disabled)", form).forEach((box) => (box.checked = e.target.checked));
  total(form);
});
$$("[data-picks]").forEach(total);
on("htmx:after:settle", () => $$("[data-picks]").forEach(total));

// A list that refreshes itself waits while a person picks rows: nothing may move under the hand. Picks that the page came with
// stop nothing.
on("every", (e) => { if ($("[data-picks][data-touched] input[name=pick]:checked")) e.stopImmediatePropagation(); }, true);
