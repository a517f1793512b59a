// Clocks and timers. The server says what time it is; a wrong clock on this device must not move a deadline.
import { $, $$, on, say } from "./dom.js";

const served = Date.parse($('meta[name="server-now"]')?.content || "") || Date.now();
const skew = served - Date.now();
const now = () => Date.now() + skew;
const pad = (n) => String(n).padStart(2, "0");

function span(ms) {                       // 6 min · 1 h 42 m · 2 d 3 h, as msp.web.templatetags.ui.span writes it
  const minutes = Math.max(0, Math.floor(Math.abs(ms) / 60000));
  if (minutes < 60) return say("min", minutes);
  if (minutes < 48 * 60) return minutes % 60 ? say("h_m", Math.floor(minutes / 60), minutes % 60) : say("h", minutes / 60);
  return say("d_h", Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60));
}

function countDown(clock) {
  if (["paused", "met"].includes(clock.dataset.state)) return;
  const left = Date.parse(clock.dataset.due) - now();
  const state = left < 0 ? "late" : left < (+clock.dataset.warn || 1800) * 1000 ? "soon" : "ok";
  if (clock.dataset.state !== state) clock.dataset.state = state;
  const text = say(left < 0 ? "over" : "left", span(left));
  const out = $("[data-out]", clock) || clock;
  if (out.textContent !== text) out.textContent = text;
}

function countUp(timer) {                 // data-base: seconds already on the timer before it was resumed
  const seconds = Math.max(0, Math.floor((now() - Date.parse(timer.dataset.since)) / 1000)) + (+timer.dataset.base || 0);
  timer.textContent = `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
}

function passed(since) {                  // <span data-ago="…">: how long something has lasted, as |ago writes it
  const text = span(now() - Date.parse(since.dataset.ago));
  if (since.textContent !== text) since.textContent = text;
}

function follow(field) {                  // a minutes field keeps up with the running timer until somebody types in it
  if (field.dataset.timed) field.value = Math.max(1, Math.ceil(((now() - Date.parse(field.dataset.timed)) / 1000 + (+field.dataset.base || 0)) / 60));
}

function tick() {
  $$("[data-due]").forEach(countDown);
  $$("[data-since]").forEach(countUp);
  $$("[data-ago]").forEach(passed);
  $$("[data-timed]").forEach(follow);
}
tick();
setInterval(tick, 1000);
on("input", (e) => e.target.removeAttribute?.("data-timed"));
