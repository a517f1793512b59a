// Reply and note are two textareas with two drafts: text never travels from a note into a reply when the mode
// changes (the accident in zammad#4496). The one allowed move is reply -> note.
import { $, on } from "./dom.js";

const LOOKS_INTERNAL = /(^|\s)@\w+|internal only|don'?t tell/i;
const boxOf = (mode, composer) => $(mode === "note" ? "[name=note]" : "[name=body]", composer);

on("input", (e) => {
  const composer = e.target.matches("textarea[name=body]") && e.target.closest(".composer");
  const guard = composer && $("[data-guard]", composer);
  if (guard) guard.hidden = !LOOKS_INTERNAL.test(e.target.value);
});

on("change", (e) => {
  const composer = e.target.matches("[name=mode]") && e.target.closest(".composer");
  if (composer) boxOf(e.target.value, composer)?.focus();
});

on("click", (e) => {
  const button = e.target.closest("[data-to-note]");
  if (!button) return;
  const composer = button.closest(".composer");
  const reply = boxOf("reply", composer), note = boxOf("note", composer);
  note.value = [note.value, reply.value].filter(Boolean).join("\n\n");
  reply.value = "";
  for (const box of [reply, note]) box.dispatchEvent(new Event("input", { bubbles: true }));
  $("[data-guard]", composer).hidden = true;
  $("[name=mode][value=note]", composer).click();
});
