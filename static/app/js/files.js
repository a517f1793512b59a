// A picture pasted or a file dropped into a text box goes into its form's file box, as if it had been chosen there.
import { $, on } from "./dom.js";

function add(input, files) {
  const all = new DataTransfer();
  for (const file of [...input.files, ...files]) all.items.add(file);
  input.files = all.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

const boxOf = (target) => target.closest?.("textarea") && $("input[type=file][data-files]", target.form);

function take(e, data) {
  const files = [...(data?.files || [])], input = files.length && boxOf(e.target);
  if (!input) return;
  e.preventDefault();
  add(input, files);
}

// Office programs put a picture of the text beside the text itself: then the text is meant.
on("paste", (e) => { if (!e.clipboardData?.getData("text/plain")) take(e, e.clipboardData); });
on("drop", (e) => take(e, e.dataTransfer));
