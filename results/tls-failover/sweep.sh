#!/usr/bin/env bash
# Runs the experiment for clusters of several sizes, plain and encrypted in two ways, and writes
# `sweep.csv` beside this script; `draw.py` draws it. The argument is the program: target/release/offersim.
set -euo pipefail
offersim="$(realpath "$1")"
cd "$(dirname "$0")"
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT

# Nothing is encrypted in plain runs: they have no such metric.
metric() {
    local value
    value="$(sed -n "s|^ *\"$1\": \([0-9.e-]*\),*$|\1|p" "$out/run/summary.json")"
    echo "${value:-0}"
}

parts() {
    for part in handshakes verification records bytes; do printf ',%s' "$(metric "tls/$1/${part}_s")"; done
}

plain=()
for end in master agents frameworks; do plain+=(--set "transport.connections.$end.enabled=false"); done
rsa=()
ecdsa=(--set transport.connections.costs=modern --set transport.connections.key=ecdsa-p256)

header="agents,connections,agents_back_s"
for who in master agents; do
    for part in handshakes verification records bytes; do header+=",${who}_${part}_s"; done
done
echo "$header" > sweep.csv
for agents in 1000 5000 10000 20000 50000; do
    for kind in plain rsa ecdsa; do
        declare -n changes=$kind
        "$offersim" run scenario.toml --quiet --out "$out/run" "${changes[@]}" \
            --set "agents.0.count=$agents" --set until=30m --set output.sample_interval=1s \
            --set "workload.synthetic.classes.0.tasks.constant=$((agents * 10))" --set 'output.tables=[]'
        echo "$agents,$kind,$(metric faults/failover_agents_back_max_s)$(parts master)$(parts agents)" \
            >> sweep.csv
    done
done
