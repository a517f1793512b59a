// The few words every behaviour shares. State lives in the DOM and events are delegated from document, so that
// htmx swaps and morphs need no re-binding. No framework, no eval, no inline handlers.
export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const on = (type, listener, options) => document.addEventListener(type, listener, options);

// Sentences come from the server in the reader's language: {% words %} in ui/overlays.html.
const words = JSON.parse($("#words")?.textContent || "{}");
export const say = (key, ...values) => values.reduce((text, value) => text.replace("%s", value), words[key] || key);

// What this device remembers (theme, density, keys, drafts). Storage may be blocked: then it forgets.
export const remember = (key, value) => { try { value ? localStorage.setItem(key, value) : localStorage.removeItem(key); } catch { /* blocked */ } };
export const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
