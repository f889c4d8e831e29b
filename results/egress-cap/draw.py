#!/usr/bin/env python3
"""Draws sweep.csv: figures/caps.svg has answers and shuffle against the cap, figures/queues.svg the answers by
how packets queue."""

import csv
import math
import pathlib

HERE = pathlib.Path(__file__).parent
BLUE, VERMILION, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"
ROWS = {row["flags"]: row for row in csv.DictReader(open(HERE / "sweep.csv"))}
PARTS = ["1", "1/2", "1/4", "1/8", "1/16", "1/32"]
CAPS = [("egress", "no cap", "", BLUE), ("both ways", "no cap", "", VERMILION), ("egress, by container", "by container", " + by container", GREEN)]
WIDTH, HEIGHT, LEFT, TOP, GAP = 300, 260, 62, 62, 76
out = []


def text(x, y, words, anchor="middle", colour="#333333", turn=""):
    out.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{turn}>{words}</text>')


def line(points, colour, width, dash=""):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>')


def logarithmic(left, top, width, title, low, high, ticks):
    def y(value):
        return top + HEIGHT * (1 - math.log(value / low) / math.log(high / low))

    for tick in ticks:
        line([(left, y(tick)), (left + width, y(tick))], "#e4e4e4", 1)
        text(left - 8, y(tick) + 4, f"{tick:g}", "end")
    middle = top + HEIGHT / 2
    text(left - 44, middle, title, turn=f' transform="rotate(-90 {left - 44:.1f} {middle:.1f})"')
    return y


def write(name, width, height):
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">'
    body = "\n".join([head, f'<rect width="{width}" height="{height}" fill="#ffffff"/>', *out, "</svg>"])
    (HERE / "figures").mkdir(exist_ok=True)
    (HERE / "figures" / name).write_text(body + "\n")
    out.clear()


def caps():
    panels = [
        ("answer_mean_ms", "mean of answers (ms, log scale)", 0.6, 40, (1, 2, 5, 10, 20)),
        ("answer_p99_ms", "p99 of answers (ms, log scale)", 0.6, 40, (1, 2, 5, 10, 20)),
        ("shuffle_job_s", "mean job of the shuffle (s, log scale)", 15, 160, (20, 50, 100)),
    ]
    for place, (label, *_, colour) in enumerate(CAPS):
        at = LEFT + 170 * place
        line([(at, 22), (at + 22, 22)], colour, 3)
        text(at + 28, 26, label, "start")
    line([(LEFT + 510, 22), (LEFT + 532, 22)], GREY, 2, ' stroke-dasharray="6 4"')
    text(LEFT + 538, 26, "unshared, no cap", "start")
    for column, (metric, title, low, high, ticks) in enumerate(panels):
        left = LEFT + column * (WIDTH + GAP)
        y = logarithmic(left, TOP, WIDTH, title, low, high, ticks)
        x = lambda place: left + WIDTH * place / (len(PARTS) - 1)
        for place, part in enumerate(PARTS):
            line([(x(place), TOP), (x(place), TOP + HEIGHT)], "#e4e4e4", 1)
            text(x(place), TOP + HEIGHT + 16, part if place else "none")
        text(left + WIDTH / 2, TOP + HEIGHT + 36, "cap of each container (part of the card)")
        alone = y(float(ROWS["unshared"][metric]))
        line([(left, alone), (left + WIDTH, alone)], GREY, 2, ' stroke-dasharray="6 4"')
        for label, none, end, colour in CAPS:
            names = [none] + [f"{label.split()[0].strip(',')} {part}{end}" for part in PARTS[1:]]
            points = [(x(place), y(float(ROWS[name][metric]))) for place, name in enumerate(names)]
            line(points, colour, 2)
            out.extend(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points)
    write("caps.svg", LEFT + 3 * WIDTH + 2 * GAP + 24, TOP + HEIGHT + 54)


def queues():
    kinds = [("", "no connections", GREY), (" + tcp", "fq_codel", BLUE), (" + tcp + fifo", "FIFO of 10 ms", VERMILION)]
    groups = ["no cap", "by container", "both 1/8", "both 1/8 + burst"]
    width, bar = 560, 30
    for place, (_, label, colour) in enumerate(kinds):
        at = LEFT + 140 * place
        out.append(f'<rect x="{at}" y="15" width="14" height="14" fill="{colour}"/>')
        text(at + 20, 26, label, "start")
    low, high = 0.6, 400
    y = logarithmic(LEFT, TOP, width, "p99 of answers, mean as a line (ms, log scale)", low, high, (1, 3, 10, 30, 100, 300))
    for group, name in enumerate(groups):
        left = LEFT + 20 + group * width / len(groups)
        for place, (end, _, colour) in enumerate(kinds):
            row, at = ROWS[name + end], left + place * (bar + 3)
            top, mean = y(float(row["answer_p99_ms"])), y(float(row["answer_mean_ms"]))
            out.append(f'<rect x="{at:.1f}" y="{top:.1f}" width="{bar}" height="{TOP + HEIGHT - top:.1f}" fill="{colour}"/>')
            line([(at, mean), (at + bar, mean)], "#111111" if mean < top else "#ffffff", 2)
            text(at + bar / 2, top - 5, f'{float(row["answer_p99_ms"]):.3g}')
        text(left + 1.6 * bar, TOP + HEIGHT + 18, name)
    line([(LEFT, TOP + HEIGHT), (LEFT + width, TOP + HEIGHT)], "#7a8087", 1)
    write("queues.svg", LEFT + width + 24, TOP + HEIGHT + 36)


caps()
queues()
