"""The figures side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.bench.drive import Figures, median, quantile

LEGEND = """
Milliseconds in the server. p50 and p95 by the wall clock; work: processor time of the median request, py in Python and pg in
Postgres, which a busy machine does not blur. q: queries. KB: on the wire, gzipped. spin: a fixed loop beside the page, which tells how
fast the machine was. growth: work by spin at the last size by that at the first.
"""


def table(found: Mapping[str, Sequence[Figures]], sizes: Sequence[int]) -> str:
    head = f"{'p50':>7}{'p95':>7}{'work':>7}{'py':>6}{'pg':>6}{'q':>4}{'KB':>6}{'spin':>6}"
    over = "".join(f"  {f'{size:,} tickets':^{len(head)}}" for size in sizes)
    lines = [LEGEND, f"{'':<28}{over}", f"{'':<28}" + f"  {head}" * len(sizes) + "  growth"]
    for name, figures in found.items():
        cells = "".join(f"  {_cell(each)}" for each in figures)
        growth = figures[-1].work / figures[-1].spin / (figures[0].work / figures[0].spin)
        lines.append(f"{name:<28}{cells}{growth:>8.2f}")
    return "\n".join(lines)


def _cell(each: Figures) -> str:
    times = f"{median(each.wall):>7.1f}{quantile(each.wall, 0.95):>7.1f}{each.work:>7.1f}"
    parts = f"{median(each.python):>6.1f}{median(each.postgres):>6.1f}"
    return f"{times}{parts}{each.queries:>4}{each.size / 1024:>6.1f}{each.spin:>6.1f}"
