// Clicks that are neither links nor posts: <button type="button" data-do="theme">.
import { $, on, remember } from "./dom.js";
import { openPalette } from "./palette.js";

const root = document.documentElement;
const isDark = () => getComputedStyle(root).colorScheme === "dark" || (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);

function choose(name, value) {
  root.dataset[name] = value;
  remember(name, `${value}|${root.dataset[`${name}Said`] || ""}`);   // read by theme.js
}

const ACTIONS = {
  theme: () => choose("theme", isDark() ? "light" : "dark"),
  density: () => choose("density", root.dataset.density === "compact" ? "comfortable" : "compact"),
  palette: () => openPalette(),
  keys: () => $("#keys")?.showModal(),
  dialog: (button) => $(button.dataset.arg)?.showModal(),
  close: (button) => { button.closest("dialog")?.close(); button.closest("[popover]")?.hidePopover(); },
  minutes: (button) => { const field = $("[name=minutes]", button.form); if (field) { field.value = button.dataset.arg; field.focus(); } },
  focus: (button) => { const field = $(button.dataset.arg); field?.focus(); field?.scrollIntoView({ block: "center" }); },
  print: () => window.print(),
};

on("click", (e) => {
  const button = e.target.closest("[data-do]");
  if (!button) return;
  if (button.matches("a")) e.preventDefault();   // the link is for those without JavaScript
  ACTIONS[button.dataset.do]?.(button);
});

// Single-letter keys can be switched off on this device (WCAG 2.1.4): the box in the keyboard dialog.
const keys = $("#keys-on");
if (keys) {
  keys.checked = root.dataset.keys !== "off";
  keys.addEventListener("change", () => choose("keys", keys.checked ? "on" : "off"));
}

// <select data-submit> applies a filter at once; without JavaScript the form has its button.
on("change", (e) => { if (e.target.matches("[data-submit]")) e.target.form.requestSubmit(); });

// The brand's hue is tried on this page while the slider moves (Settings, Brand).
on("input", (e) => { if (e.target.matches("[data-hue]")) root.style.setProperty("--brand-h", e.target.value); });

// A link such as /tickets/4182/?log leads to a page with one popover open: <button popovertarget="…" data-open>.
const asked = $("[data-open]");
asked?.popoverTargetElement?.showPopover({ source: asked });
