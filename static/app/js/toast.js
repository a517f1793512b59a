// One line at the bottom that says what happened, with Undo when it can be undone.
// From the server: HX-Trigger: {"toast": {"text": "Sent to Dr Patel", "undo": "/tickets/4182/undo/91/"}} (msp.web.middleware
// makes it from django.contrib.messages) or, on a whole page, the message rendered inside #toasts.
import { $, $$, on, say } from "./dom.js";

const DISMISS_AFTER = 10000;              // ms; never while hovered or focused

function button(label, run, box) {
  const b = document.createElement("button");
  b.type = "button";
  b.textContent = label;
  b.addEventListener("click", () => { box.remove(); run?.(); });
  return b;
}

export function toast({ text, undo, error, ms = DISMISS_AFTER }) {
  const list = $("#toasts");
  if (!list || !text) return;
  const box = document.createElement("div");
  box.className = error ? "toast error" : "toast";
  box.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (undo) box.append(button(say("undo"), () => window.htmx?.ajax("POST", undo, { swap: "none" }), box));
  box.append(button(say("dismiss"), null, box));
  list.append(box);
  if (error) return;
  let timer = setTimeout(() => box.remove(), ms);
  const stay = () => clearTimeout(timer);
  const leave = () => { stay(); timer = setTimeout(() => box.remove(), 3000); };
  box.addEventListener("pointerenter", stay);
  box.addEventListener("pointerleave", leave);
  box.addEventListener("focusin", stay);
  box.addEventListener("focusout", leave);
}

// A status region announces only what arrives after it stands: take the rendered messages out and say them again.
for (const box of $$("#toasts > .toast")) {
  box.remove();
  toast({ text: box.firstElementChild.textContent, undo: box.dataset.undo, error: box.classList.contains("error") });
}

on("toast", (e) => [e.detail?.value ?? e.detail].flat().forEach((t) => t && toast(t)));

// Anything that could not be done is said out loud, with the work kept. Our own errors bring their words in HX-Trigger and 422
// and 409 swap theirs; what is left comes from something between us and the server.
on("htmx:after:request", (e) => {
  const answer = e.detail?.ctx?.response;
  if (answer?.status >= 400 && ![409, 422].includes(answer.status) && !answer.headers.get("HX-Trigger")) toast({ text: say("broken"), error: true });
});
on("htmx:error", () => toast({ text: say("offline"), error: true }));
