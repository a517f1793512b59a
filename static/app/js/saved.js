// Saved replies: the list narrows while one types, arrows move, Enter or a click puts the text where the caret was. Nothing is sent.
import { $, $$, on } from "./dom.js";

const shown = (list) => $$("[data-saved]", list).filter((item) => !item.parentElement.hidden);

on("input", (e) => {
  const list = e.target.dataset?.narrows && $(e.target.dataset.narrows);
  if (!list) return;
  const words = e.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of $$("[data-saved]", list)) {
    const text = `${item.textContent} ${item.dataset.saved}`.toLowerCase();
    item.parentElement.hidden = !words.every((word) => text.includes(word));
  }
});

on("keydown", (e) => {
  const pop = e.target.closest?.("#saved-pop");
  if (!pop || !["ArrowDown", "ArrowUp", "Enter"].includes(e.key)) return;
  const items = shown(pop), at = items.indexOf(document.activeElement);
  if (e.key === "Enter") { if (at < 0 && items[0]) { e.preventDefault(); items[0].click(); } return; }
  e.preventDefault();
  items[(at + (e.key === "ArrowDown" ? 1 : items.length - 1)) % items.length]?.focus();
});

on("click", (e) => {
  const item = e.target.closest("[data-saved]");
  if (!item) return;
  const form = $(".composer"), box = $(`[name=${$("[name=mode]:checked", form).value === "note" ? "note" : "body"}]`, form);
  item.closest("[popover]")?.hidePopover();
  box.focus();
  box.setRangeText(item.dataset.saved, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
});
