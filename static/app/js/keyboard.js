// Single letters, g chords, j/k in lists. data-key="c" or "g t" names a control's key; data-rowkey="t" acts on the focused row.
// Never a browser or screen-reader key; Ctrl and Cmd both work; <html data-keys="off"> silences the single letters.
import { $, $$, on } from "./dom.js";
import { openPalette } from "./palette.js";

const CHORD_MS = 1200;
const typing = (el) => el.closest("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable], dialog[open]");
let chordAt = 0;

function press(key) {
  const all = $$(`[data-key="${CSS.escape(key)}"]`);
  // What the page shows comes before the shop's commands, which stand in a hidden list on every page.
  const el = all.find((x) => x.matches("[type=radio]") || x.offsetParent !== null) || all.find((x) => x.matches("nav[hidden] > a"));
  if (!el) return false;
  if (el.matches("input:not([type=radio]), textarea, select")) el.focus();
  else el.click();
  if (el.matches("[name=mode]")) $(el.value === "note" ? "[name=note]" : "[name=body]", el.form)?.focus();
  return true;
}

function move(step) {
  const rows = $$("[data-rows] > :is(tr, li):not(.group)");
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row.classList.contains("is-focus"));
  const row = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
  rows[at]?.classList.remove("is-focus");
  row.classList.add("is-focus");
  $("a.t-title", row)?.focus();
  row.scrollIntoView({ block: "nearest" });
  return true;
}

function toggleRow() {
  const box = $(".is-focus input[name=pick]:not(:disabled)");
  box?.click();
  return Boolean(box);
}

function pressInRow(key) {
  const el = $(`.is-focus [data-rowkey="${CSS.escape(key)}"]`);
  el?.click();
  return Boolean(el);
}

function letter(key) {
  if (key === "?") { $("#keys")?.showModal(); return true; }
  if (key === "g") { chordAt = Date.now(); return false; }
  if (Date.now() - chordAt < CHORD_MS) { chordAt = 0; return press(`g ${key}`); }
  if (key === "j" || key === "k") return move(key === "j" ? 1 : -1);
  if (key === "x") return toggleRow();
  return pressInRow(key) || press(key);
}

on("keydown", (e) => {
  const mod = e.metaKey || e.ctrlKey;
  if (mod && e.key.toLowerCase() === "k") { e.preventDefault(); openPalette(); return; }
  if (mod && e.key === "Enter") {
    const form = e.target.closest("form");
    const button = form && $$("[type=submit], button:not([type])", form).find((b) => b.form === form && b.offsetParent !== null && !b.disabled);
    if (button) { e.preventDefault(); form.requestSubmit(button); }
    return;
  }
  // Escape goes back to single-key land before it closes anything.
  if (e.key === "Escape" && typing(e.target) && !e.target.closest("dialog, [popover]")) { e.target.blur(); return; }
  if (mod || e.altKey || typing(e.target) || document.documentElement.dataset.keys === "off") return;
  if (letter(e.key)) e.preventDefault();
});
