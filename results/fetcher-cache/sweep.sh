#!/usr/bin/env bash
# Runs the experiment for each policy and cache size, with and without the scan, and writes `sweep.csv`
# beside this script. The argument is the program: target/release/offersim.
set -euo pipefail
offersim="$(realpath "$1")"
cd "$(dirname "$0")"
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT

metric() { sed -n "s|^ *\"$1\": \([0-9.e-]*\),*$|\1|p" "$2"; }

echo "policy,cache_gib,scan,hit_rate,launch_delay_mean_s,launch_delay_all_mean_s,downloaded_bytes" > sweep.csv
for scan in 0 20000; do
    for policy in lru lfu gdsf never_evict; do
        for size in 1 2 4 8 16 32 64; do
            "$offersim" run scenario.toml --out "$out/run" --json --set "fetcher.cache={$policy={}}" \
                --set "agent.fetcher_cache_size=${size}GiB" \
                --set "workload.synthetic.classes.1.jobs=$scan" > "$out/summary"
            echo "$policy,$size,$scan,$(metric fetches/apps/hit_rate "$out/summary"),$(
                metric fetches/apps/launch_delay_mean_s "$out/summary"),$(
                metric fetches/launch_delay_mean_s "$out/summary"),$(
                metric fetches/downloaded_bytes "$out/summary")" >> sweep.csv
            rm -rf "$out/run"
        done
    done
done
