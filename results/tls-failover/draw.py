#!/usr/bin/env python3
"""Draws sweep.csv as figures/split.svg: processor time for encryption by the size of the cluster, in parts."""

import csv
import math
import pathlib

HERE = pathlib.Path(__file__).parent
PARTS = {"handshakes": "#0072B2", "verification": "#D55E00", "records": "#009E73", "bytes": "#E69F00"}
KINDS = [("rsa", "TLS 1.2, RSA-2048, processors of 2015"), ("ecdsa", "TLS 1.3, ECDSA P-256, processors of today")]
WHO = ["master", "agents"]
WIDTH, HEIGHT, LEFT, TOP, GAP, BAR = 400, 280, 66, 92, 40, 26

rows = list(csv.DictReader(open(HERE / "sweep.csv")))
sizes = sorted({int(row["agents"]) for row in rows})
out = []


def text(x, y, words, anchor="middle", colour="#333333", turn="", size=13):
    out.append(
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}"{turn}>{words}</text>'
    )


def milliseconds(row, who, part):
    """For each agent of the cluster."""
    return 1000 * float(row[f"{who}_{part}_s"]) / int(row["agents"])


def total(row, who):
    return sum(milliseconds(row, who, part) for part in PARTS)


most = math.ceil(max(total(row, who) for row in rows for who in WHO))


def y(value):
    return TOP + HEIGHT * (1 - value / most)


def panel(left, kind, heading):
    text(left, TOP - 14, heading, "start", "#111111")
    for tick in range(most + 1):
        out.append(
            f'<line x1="{left}" x2="{left + WIDTH}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="#e4e4e4"/>'
        )
        text(left - 8, y(tick) + 4, tick, "end")
    for place, size in enumerate(sizes):
        row = next(row for row in rows if row["connections"] == kind and int(row["agents"]) == size)
        middle = left + WIDTH * (place + 0.5) / len(sizes)
        for side, who in enumerate(WHO):
            x = middle + (side - 1) * (BAR + 8) + 4
            low = 0.0
            for part, colour in PARTS.items():
                high = low + milliseconds(row, who, part)
                box = f'x="{x:.1f}" y="{y(high):.1f}" width="{BAR}" height="{y(low) - y(high):.1f}"'
                out.append(f'<rect {box} fill="{colour}"/>')
                low = high
            text(x + BAR / 2, TOP + HEIGHT + 14, who, size=9)
        text(middle, TOP + HEIGHT + 32, f"{size:,}")
    text(left + WIDTH / 2, TOP + HEIGHT + 52, "agents in the cluster")


text(LEFT, 24, "Processor time for encryption, by the size of the cluster", "start", "#111111", size=16)
for place, (part, colour) in enumerate(PARTS.items()):
    at = LEFT + 120 * place
    out.append(f'<rect x="{at}" y="40" width="22" height="12" fill="{colour}"/>')
    text(at + 28, 51, part, "start")
for place, (kind, heading) in enumerate(KINDS):
    panel(LEFT + place * (WIDTH + GAP), kind, heading)
middle = TOP + HEIGHT / 2
text(22, middle, "processor time for each agent (ms)", turn=f' transform="rotate(-90 22 {middle:.1f})"')

width, height = LEFT + 2 * WIDTH + GAP + 20, TOP + HEIGHT + 66
head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">'
body = "\n".join([head, f'<rect width="{width}" height="{height}" fill="#ffffff"/>', *out, "</svg>"])
(HERE / "figures" / "split.svg").write_text(body + "\n")
