"""Contrast of every pair of tokens we use, in light and dark, for every brand hue, measured by the browser itself."""

from __future__ import annotations

from django.conf import settings
from playwright.sync_api import Browser

TEXT, EDGE = 4.5, 3.0  # WCAG 2.2: 1.4.3 text, 1.4.11 edges of controls
GROUNDS = ("canvas", "surface", "surface-2")
STATES = ("danger", "warn", "ok", "info")
PAIRS = [
    *((ink, ground, TEXT) for ink in ("text", "text-2", "text-3") for ground in (*GROUNDS, "surface-3", "accent-soft")),
    *(("accent-text", ground, TEXT) for ground in (*GROUNDS, "accent-soft")),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-hi", TEXT),
    ("accent", "surface", EDGE),
    ("accent", "canvas", EDGE),
    ("control", "surface", EDGE),
    *((state, ground, TEXT) for state in STATES for ground in (*GROUNDS, "accent-soft", f"{state}-soft")),
    *(("text-2", f"{state}-soft", TEXT) for state in STATES),
    *((ink, "note-bg", TEXT) for ink in ("note", "text", "text-2", "text-3")),
]
MEASURE = """([pairs, hues]) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const probe = document.body.appendChild(document.createElement("div"));
  const pixel = (token) => {
    probe.style.color = `var(--${token})`;
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = getComputedStyle(probe).color;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const linear = (x) => ((x /= 255) <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
  const light = (p) => 0.2126 * linear(p[0]) + 0.7152 * linear(p[1]) + 0.0722 * linear(p[2]);
  const found = [];
  for (const theme of ["light", "dark"]) for (const hue of hues) {
    document.documentElement.dataset.theme = theme;
    document.documentElement.style.setProperty("--brand-h", hue);
    for (const [ink, ground, least] of pairs) {
      const [a, b] = [light(pixel(ink)), light(pixel(ground))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      found.push([theme, hue, ink, ground, least, Math.round(ratio * 100) / 100]);
    }
  }
  return found;
}"""


def test_every_pair_of_tokens_has_enough_contrast(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(f"<style>{(settings.BASE_DIR / 'static/app/css/tokens.css').read_text()}</style>")
    measured = page.evaluate(MEASURE, [PAIRS, list(range(0, 360, 15))])
    page.close()
    assert len(measured) == len(PAIRS) * 2 * 24
    assert [row for row in measured if row[5] < row[4]] == []
