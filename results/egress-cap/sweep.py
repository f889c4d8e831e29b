#!/usr/bin/env python3
"""Runs the experiment with each set of flags and writes `sweep.csv` beside this script. The argument is the
program: target/release/offersim."""

import csv
import math
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
LINK = 1_250_000_000
PARTS = (2, 4, 8, 16, 32)


def fixed(part, *directions):
    return {f"{way}_rate_limit_per_container": LINK // part for way in directions}


def tcp(queueing):
    return {"tcp": f"{{queueing={queueing}}}"}


BOTH = ("egress", "ingress")
BY_CONTAINER = {"egress_unique_flow_per_container": "true"}
BURST = {"egress_ceil_limit": LINK, "egress_burst": 2_000_000}
PER_CPU = {f"{way}_rate_per_cpu": "auto" for way in BOTH}
FQ_CODEL, FIFO = '"fq_codel"', "{fifo={buffer=12500000}}"  # Ten milliseconds of a card.

SETS = {"unshared": {"sharing": "unshared"}, "no cap": {}, "by container": BY_CONTAINER}
SETS |= {f"egress 1/{part}": fixed(part, "egress") for part in PARTS}
SETS |= {f"both 1/{part}": fixed(part, *BOTH) for part in PARTS}
SETS |= {f"egress 1/{part} + by container": fixed(part, "egress") | BY_CONTAINER for part in PARTS}
SETS |= {
    "both 1/8 + burst": fixed(8, *BOTH) | BURST,
    "per cpu": PER_CPU,
    "per cpu + minimum 1/32": PER_CPU | {"minimum_egress_rate_limit": LINK // 32},
    "per cpu + burst": PER_CPU | BURST,
}
for name in ("no cap", "by container", "both 1/8", "both 1/8 + burst"):
    SETS[f"{name} + tcp"] = SETS[name] | tcp(FQ_CODEL)
    SETS[f"{name} + tcp + fifo"] = SETS[name] | tcp(FIFO)


def percentile(ordered, part):
    return ordered[math.ceil(part * len(ordered)) - 1]


def measure(folder):
    lasted = {("answers", "write"): [], ("shuffle", "read"): [], ("shuffle", "write"): []}
    for row in csv.DictReader(open(folder / "transfers.csv")):
        lasted[row["framework"], row["phase"]].append(float(row["time_s"]) - float(row["started_s"]))
    answers = sorted(1000 * secs for secs in lasted["answers", "write"])
    jobs = csv.DictReader(open(folder / "jobs.csv"))
    jobs = [float(row["response_time_s"]) for row in jobs if row["framework"] == "shuffle"]
    cards = csv.reader(open(folder / "network.csv"))
    header = next(cards)
    ups = [place for place, name in enumerate(header) if name.endswith("/up")]
    loads = [float(row[place]) / LINK for row in cards for place in ups]
    mean = lambda values: sum(values) / len(values)
    return {
        "answer_mean_ms": mean(answers),
        "answer_p50_ms": percentile(answers, 0.5),
        "answer_p95_ms": percentile(answers, 0.95),
        "answer_p99_ms": percentile(answers, 0.99),
        "answer_max_ms": answers[-1],
        "shuffle_read_s": mean(lasted["shuffle", "read"]),
        "shuffle_write_s": mean(lasted["shuffle", "write"]),
        "shuffle_job_s": mean(jobs),
        "cards_used": mean(loads),
        "cards_full": mean([load > 0.999 for load in loads]),
    }


with open(HERE / "sweep.csv", "w", newline="") as table:
    writer = None
    for name, flags in SETS.items():
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "run"
            command = [sys.argv[1], "run", HERE / "scenario.toml", "--out", out, "--json"]
            for flag, value in flags.items():
                command += ["--set", f"network.{flag}={value}"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            row = {"flags": name} | {key: f"{value:.4g}" for key, value in measure(out).items()}
        if writer is None:
            writer = csv.DictWriter(table, row, lineterminator="\n")
            writer.writeheader()
        writer.writerow(row)
        table.flush()
