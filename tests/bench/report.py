"""The figures side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.bench.drive import Figures, median


def table(found: Mapping[str, Sequence[Figures]], sizes: Sequence[int]) -> str:
    """Per page and size: median and 95th percentile in the server, and of what the median consists; then the growth."""
    lines = ["", "milliseconds in the server: p50 / p95 (of p50: processor + SQL), queries, KB gzipped", ""]
    head = "".join(f"{f'{size:,} tickets':>34}" for size in sizes)
    lines.append(f"{'':<30}{head}{'growth':>9}")
    for name, figures in found.items():
        cells = "".join(f"{_cell(each):>34}" for each in figures)
        growth = figures[-1].p(0.5) / figures[0].p(0.5)
        lines.append(f"{name:<30}{cells}{growth:>8.2f}x")
    return "\n".join(lines)


def _cell(each: Figures) -> str:
    parts = f"({median(each.processor):.1f} + {median(each.sql):.1f})"
    return f"{each.p(0.5):.1f} / {each.p(0.95):.1f} {parts} {each.queries}q {each.size / 1024:.1f}k"
