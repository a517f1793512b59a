// Typed text is never lost: each text box of a <form data-draft> is kept on this device until the form succeeds or
// the person signs out. Keys carry shop and person (<body data-draft-scope>), so that two people on one machine, or one
// person in two shops, never meet each other's words. Password pages are plain pages and have no scope: nothing is kept.
import { $$, on, remember, recall } from "./dom.js";

const scope = document.body.dataset.draftScope;
const prefix = `draft:${scope}:`;
const keyOf = (box) => `${prefix}${location.pathname}:${box.form.dataset.draft || box.form.id}:${box.name}`;
const boxes = (form) => $$("textarea[name], input[type=text][name]", form);
const drafted = (el) => scope && el.form?.matches?.("[data-draft]") && el.matches("textarea[name], input[type=text][name]");

function restore(root) {
  for (const form of $$("form[data-draft]", root)) {
    for (const box of boxes(form)) {
      const kept = !box.value && recall(keyOf(box));
      if (kept) { box.value = kept; box.dispatchEvent(new Event("input", { bubbles: true })); }
    }
  }
}

const forget = (keys) => keys.forEach((key) => remember(key, null));
const sentKey = "draft-sent";

function forgetAll() {
  try { forget(Object.keys(localStorage).filter((key) => key.startsWith("draft:"))); } catch { /* blocked */ }
}

// A plain post leaves the page before its answer is known. The next page that has a scope is the answer: when nothing on it is
// marked wrong and no toast refuses, the words have arrived. (An error page is a plain page: it has no scope, so the words stay.)
function settleSent() {
  try {
    const sent = JSON.parse(sessionStorage.getItem(sentKey) || "[]");
    sessionStorage.removeItem(sentKey);
    if (!document.querySelector("[aria-invalid=true], .errors, .toast.error")) forget(sent);
  } catch { /* blocked */ }
}

if (scope) {
  settleSent();
  restore(document);
  on("input", (e) => { if (drafted(e.target)) remember(keyOf(e.target), e.target.value); });
  on("htmx:after:settle", () => restore(document));
  on("htmx:after:request", (e) => {
    const form = e.detail?.ctx?.sourceElement?.closest?.("form[data-draft]");
    const status = e.detail?.ctx?.response?.status;
    if (form && status >= 200 && status < 400) forget(boxes(form).map(keyOf));
  });
}
on("submit", (e) => {
  if (e.target.matches("[data-signs-out]")) forgetAll();
  else if (scope && e.target.matches("form[data-draft]") && !e.defaultPrevented) {
    try { sessionStorage.setItem(sentKey, JSON.stringify(boxes(e.target).map(keyOf))); } catch { /* blocked */ }
  }
});
