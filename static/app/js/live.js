// hx-trigger="every 30s" asks only while somebody can see the answer, and once at once when they come back.
import { $$, on } from "./dom.js";

on("every", (e) => { if (document.hidden) e.stopImmediatePropagation(); }, true);
on("visibilitychange", () => {
  if (!document.hidden) $$("[hx-trigger*=every]").forEach((el) => el.dispatchEvent(new Event("every")));
});
