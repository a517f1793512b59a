// A form is sent once: until its answer is here a second press does nothing, and the button that was pressed is dim. It is not
// disabled: that would take the focus away, and its value out of what is sent.
import { $$, on } from "./dom.js";

const LOST_AFTER = 20000;                 // ms; an answer that never comes must not shut the form for good
const isPost = (form) => form.getAttribute("method")?.toLowerCase() === "post";

function release(form) {
  delete form.dataset.sending;
  $$("[data-pressed]", form).forEach((button) => { button.removeAttribute("aria-disabled"); delete button.dataset.pressed; });
}

// Before anybody else hears of it, htmx included.
on("submit", (e) => {
  const form = e.target, button = e.submitter;
  if (!isPost(form)) return;
  if ("sending" in form.dataset) { e.preventDefault(); e.stopImmediatePropagation(); return; }
  form.dataset.sending = "";
  if (button) { button.dataset.pressed = ""; button.setAttribute("aria-disabled", "true"); }
  setTimeout(() => release(form), LOST_AFTER);
}, true);

on("htmx:finally:request", (e) => {
  const form = e.detail?.ctx?.sourceElement?.closest?.("form");
  if (form) release(form);
});
// Back to a page that the browser kept as it was.
window.addEventListener("pageshow", () => $$("form[data-sending]").forEach(release));
