// Command palette: a combobox in a <dialog>. Commands come from what is on the page ([data-cmd]) at once; tickets,
// clients, invoices and commands of other pages come from the server while typing (msp.web.views.palette).
import { $, $$, on, say } from "./dom.js";

const dialog = $("#palette");
const input = dialog && $("input", dialog);
const list = $("#palette-list");
const status = $("#palette-status");
const ASK_AFTER = 120;                    // ms without a key
const MOST_COMMANDS = 8;
let commands = [];
let asking = null;                        // AbortController of the question under way
let timer = 0;

export function openPalette() {
  if (!dialog || dialog.open) return;
  commands = $$("[data-cmd]").map((el) => ({
    label: el.dataset.cmd, hint: el.dataset.cmdHint || "", key: el.dataset.key || "",
    run: () => (el.matches("a") ? location.assign(el.href) : el.click()),
  }));
  dialog.showModal();
  input.value = "";
  show(matching(""), []);
}

const matching = (query) => {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (c) => `${c.label} ${c.hint}`.toLowerCase();
  return commands.filter((c) => wanted.every((word) => text(c).includes(word))).slice(0, MOST_COMMANDS);
};

function option(item, index) {
  const li = document.createElement("li");
  li.role = "option";
  li.id = `palette-${index}`;
  li.ariaSelected = String(index === 0);
  li.append(item.label);
  if (item.hint) li.append(Object.assign(document.createElement("small"), { textContent: item.hint }));
  if (item.key) li.append(Object.assign(document.createElement("kbd"), { textContent: item.key }));
  li.addEventListener("click", () => { dialog.close(); item.run(); });
  return li;
}

function show(own, found) {
  const known = new Set(own.map((item) => item.label));
  const items = [...own, ...found.filter((item) => !known.has(item.label))];
  list.replaceChildren(...items.map(option));
  input.setAttribute("aria-activedescendant", items.length ? "palette-0" : "");
  input.setAttribute("aria-expanded", String(items.length > 0));
  status.textContent = items.length ? say(items.length === 1 ? "result" : "results", items.length) : say("nothing");
}

async function ask(query) {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(`${dialog.dataset.url}?q=${encodeURIComponent(query)}`, { signal: asking.signal, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    const { results } = await answer.json();
    if (input.value.trim() === query) show(matching(query), results.map((r) => ({ ...r, run: () => location.assign(r.url) })));
  } catch (error) {
    if (error.name !== "AbortError") status.textContent = say("no_search");
  }
}

on("input", (e) => {
  if (e.target !== input) return;
  const query = input.value.trim();
  show(matching(query), []);
  clearTimeout(timer);
  asking?.abort();
  if (!query) return;
  status.textContent = say("searching");
  timer = setTimeout(ask, ASK_AFTER, query);
});

function move(step) {
  const options = $$("[role=option]", list);
  if (!options.length) return;
  const at = options.findIndex((o) => o.ariaSelected === "true");
  const next = options[(at + step + options.length) % options.length];
  if (at >= 0) options[at].ariaSelected = "false";
  next.ariaSelected = "true";
  next.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", next.id);
}

on("keydown", (e) => {
  if (e.target !== input) return;
  if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); move(e.key === "ArrowDown" ? 1 : -1); }
  if (e.key !== "Enter") return;
  e.preventDefault();
  const chosen = $("[aria-selected=true]", list);
  if (chosen) chosen.click();
  else if (input.value.trim()) location.assign(`${dialog.dataset.page}?q=${encodeURIComponent(input.value.trim())}`);
});
