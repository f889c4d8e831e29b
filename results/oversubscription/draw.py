#!/usr/bin/env python3
"""Draws sweep.csv: what best effort gets against the promises that are broken (figures/sweep.svg), and the
utilisation of each run beside its broken promises (figures/comparison.svg)."""

import csv
import pathlib

HERE = pathlib.Path(__file__).parent
ESTIMATORS = {"fixed": "#666666", "threshold": "#CC79A7", "slack": "#0072B2", "reclamation": "#009E73", "percentile": "#E69F00", "n_sigma": "#D55E00"}
CONTROLLERS = ["noop", "load", "threshold", "too_high_cpu", "latency_slack", "latency_slack_alone"]
CORES = 3456
RESOURCES = {"cpus": "cpus only", "cpus_and_mem": "cpus and memory"}
PANELS = [
    ("cpus_revocable_used_mean", "cores that best effort uses", 1.0, 200),
    ("finished_core_hours", "core hours of its finished tasks, over 10 h (cores)", 0.1, 200),
]
WIDTH, HEIGHT, LEFT, TOP, GAP = 400, 330, 62, 84, 84

every_row = list(csv.DictReader(open(HERE / "sweep.csv")))
rows = [row for row in every_row if row["estimator"] != "noop" and row["resources"] == "cpus"]
out = []


def text(x, y, words, anchor="middle", colour="#333333", turn=""):
    out.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{turn}>{words}</text>')


def line(points, colour, width):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>')


def mark(x, y, controller, colour):
    shapes = {
        "noop": f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" ',
        "load": f'<rect x="{x - 6:.1f}" y="{y - 2.5:.1f}" width="12" height="5" ',
        "threshold": f'<path d="M{x:.1f},{y + 6:.1f} l6,-11 h-12 z" ',
        "latency_slack_alone": f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" ',
        "too_high_cpu": f'<path d="M{x:.1f},{y - 6:.1f} l6,11 h-12 z" ',
        "latency_slack": f'<path d="M{x:.1f},{y - 7:.1f} l7,7 l-7,7 l-7,-7 z" ',
    }
    out.append(f'{shapes[controller]}fill="{colour}" stroke="#ffffff"/>')


def panel(left, column, title, factor, step):
    values = [factor * float(row[column]) for row in rows]
    broken = [100 * float(row["requests_above_target_share"]) for row in rows]
    most, high = (int(max(values) / step) + 1) * step, (int(max(broken) / 20) + 1) * 20
    x = lambda value: left + WIDTH * value / high
    y = lambda value: TOP + HEIGHT * (1 - value / most)
    for tick in range(0, high + 1, 20):
        line([(x(tick), TOP), (x(tick), TOP + HEIGHT)], "#e4e4e4", 1)
        text(x(tick), TOP + HEIGHT + 16, tick)
    for tick in range(0, most + 1, step):
        line([(left, y(tick)), (left + WIDTH, y(tick))], "#e4e4e4", 1)
        text(left - 8, y(tick) + 4, tick, "end")
    for row, value, share in zip(rows, values, broken):
        mark(x(share), y(value), row["controller"], ESTIMATORS[row["estimator"]])
    middle = TOP + HEIGHT / 2
    text(left - 46, middle, title, turn=f' transform="rotate(-90 {left - 46:.1f} {middle:.1f})"')
    text(left + WIDTH / 2, TOP + HEIGHT + 36, "requests while the target was missed (%)")


for place, (name, colour) in enumerate(ESTIMATORS.items()):
    line([(LEFT + 150 * place, 22), (LEFT + 150 * place + 18, 22)], colour, 5)
    text(LEFT + 150 * place + 26, 26, name, "start")
for place, name in enumerate(CONTROLLERS):
    mark(LEFT + 150 * place + 9, 50, name, "#333333")
    text(LEFT + 150 * place + 26, 54, name, "start")
for column, (name, title, factor, step) in enumerate(PANELS):
    panel(LEFT + column * (WIDTH + GAP), name, title, factor, step)



def save(name, width, height):
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">'
    body = "\n".join([head, f'<rect width="{width}" height="{height}" fill="#ffffff"/>', *out, "</svg>"])
    (HERE / "figures").mkdir(exist_ok=True)
    (HERE / "figures" / name).write_text(body + "\n")
    out.clear()


save("sweep.svg", LEFT + 2 * WIDTH + GAP + 24, TOP + HEIGHT + 52)


def bar(left, top, length, colour):
    out.append(f'<rect x="{left:.1f}" y="{top:.1f}" width="{max(length, 0):.1f}" height="11" fill="{colour}"/>')


NAMES, BARS, LINE = 210, 320, 16
top = 40
for resources, title in RESOURCES.items():
    section = [row for row in every_row if row["resources"] == resources]
    alone = next(row for row in section if row["estimator"] == "noop")
    without = float(alone["cpus_used_mean"]) / CORES
    text(8, top, title, "start", "#000000")
    text(NAMES, top, "share of all cores in use; dark: without oversubscription", "start")
    text(NAMES + BARS + 70, top, "requests while the target was missed", "start")
    for place, row in enumerate(row for row in section if row["estimator"] != "noop"):
        y = top + 12 + LINE * place
        used, late = float(row["cpus_used_mean"]) / CORES, float(row["requests_above_target_share"])
        colour = ESTIMATORS[row["estimator"]]
        text(8, y + 10, f'{row["estimator"]}, {row["controller"]}'.replace(", noop", ""), "start")
        bar(NAMES, y, BARS * used, colour)
        bar(NAMES, y, BARS * min(used, without), "#333333")
        text(NAMES + BARS * used + 6, y + 10, f"{100 * used:.0f} %", "start")
        bar(NAMES + BARS + 70, y, BARS * late, colour)
        text(NAMES + BARS + 76 + BARS * late, y + 10, f"{100 * late:.0f} %", "start")
    top += 12 + LINE * (len(section) - 1) + 34
save("comparison.svg", NAMES + 2 * BARS + 120, top - 16)
