#!/usr/bin/env python3
"""Draws sweep.csv as figures/sweep.svg: launch delay and hit rate against cache size, by policy."""

import csv
import math
import pathlib

HERE = pathlib.Path(__file__).parent
POLICIES = {"lru": "#0072B2", "lfu": "#E69F00", "gdsf": "#009E73", "never_evict": "#666666"}
PANELS = [("hit_rate", "hit rate (%)", 100.0, 70.0, 10), ("launch_delay_mean_s", "mean launch delay (s)", 1.0, 3.0, 0.5)]
SCANS = [("0", "without the scan"), ("20000", "with the scan")]
WIDTH, HEIGHT, LEFT, TOP, GAP = 400, 250, 62, 62, 84

rows = list(csv.DictReader(open(HERE / "sweep.csv")))
sizes = sorted({int(row["cache_gib"]) for row in rows})
out = []


def text(x, y, words, anchor="middle", colour="#333333", turn=""):
    out.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{turn}>{words}</text>')


def line(points, colour, width, dash=""):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>')


def panel(left, top, column, title, factor, most, step, scan):
    def x(size):
        span = math.log2(sizes[-1]) - math.log2(sizes[0])
        return left + WIDTH * (math.log2(size) - math.log2(sizes[0])) / span

    def y(value):
        return top + HEIGHT * (1 - value / most)

    for size in sizes:
        line([(x(size), top), (x(size), top + HEIGHT)], "#e4e4e4", 1)
        text(x(size), top + HEIGHT + 16, size)
    for tick in range(int(round(most / step)) + 1):
        line([(left, y(tick * step)), (left + WIDTH, y(tick * step))], "#e4e4e4", 1)
        text(left - 8, y(tick * step) + 4, f"{tick * step:g}", "end")
    for policy, colour in POLICIES.items():
        chosen = [row for row in rows if row["policy"] == policy and row["scan"] == scan]
        points = [(x(int(row["cache_gib"])), y(factor * float(row[column]))) for row in chosen]
        line(points, colour, 2)
        out.extend(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points)
    middle = top + HEIGHT / 2
    text(left - 42, middle, title, turn=f' transform="rotate(-90 {left - 42:.1f} {middle:.1f})"')
    text(left + WIDTH / 2, top + HEIGHT + 34, "cache of each agent (GiB, log scale)")


for place, (policy, colour) in enumerate(POLICIES.items()):
    at = LEFT + 110 * place
    line([(at, 22), (at + 22, 22)], colour, 3)
    text(at + 28, 26, policy, "start")
for column, (scan, heading) in enumerate(SCANS):
    left = LEFT + column * (WIDTH + GAP)
    text(left, TOP - 12, heading, "start", "#111111")
    for row, (name, title, factor, most, step) in enumerate(PANELS):
        panel(left, TOP + row * (HEIGHT + 66), name, title, factor, most, step, scan)

width, height = LEFT + 2 * WIDTH + GAP + 24, TOP + 2 * HEIGHT + 66 + 50
head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">'
body = "\n".join([head, f'<rect width="{width}" height="{height}" fill="#ffffff"/>', *out, "</svg>"])
(HERE / "figures").mkdir(exist_ok=True)
(HERE / "figures" / "sweep.svg").write_text(body + "\n")
