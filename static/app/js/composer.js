// Reply and note are two textareas with two drafts: text never travels from a note into a reply when the mode
// changes (the accident in zammad#4496). The one allowed move is reply -> note.
import { $, $$, on, say } from "./dom.js";

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

// The button says who will get it: the contact and everybody ticked under "Copy to".
function nameRecipients(composer) {
  const button = $("[data-send]", composer), ticked = $$("[name=cc]:checked", composer).map((box) => box.dataset.name);
  const names = [button?.dataset.send, ...ticked].filter(Boolean);
  const list = new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" }).format(names);
  if (names.length) $("[data-recipients]", button).textContent = say("send_to", list);
  $("[data-cc]", composer).textContent = ticked.length ? say("cc", ticked.join(", ")) : "";
}

on("change", (e) => { if (e.target.matches(".composer [name=cc]")) nameRecipients(e.target.closest(".composer")); });

// Others on this ticket hear that one is writing, as soon as the first words stand in the reply.
function tellDoing() {
  const composer = $(".composer"), told = $("#presence [data-doing]");
  if (!composer || !told) return;
  const doing = $$("textarea", composer).some((box) => box.value.trim()) ? "replying" : "viewing";
  const was = $("#presence").dataset.doing || "viewing";
  told.value = doing;
  if (doing === was) return;
  $("#presence").dataset.doing = doing;
  $("#presence").dispatchEvent(new Event("doing"));
}

on("input", (e) => { if (e.target.matches(".composer textarea")) tellDoing(); });
on("htmx:after:settle", tellDoing);
