#!/usr/bin/env bash
# Runs the experiment for each estimator and controller and writes `sweep.csv` beside this script. The
# argument is the program: target/release/offersim.
set -euo pipefail
offersim="$(realpath "$1")"
cd "$(dirname "$0")"
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT

metric() { sed -n "s|^ *\"$1\": \([0-9.e-]*\),*$|\1|p" "$out/summary"; }

# How many core hours those runs of the free band's tasks have held that came to their end.
finished() {
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["framework"] == "free" && $at["state"] == "TASK_FINISHED" {
            sum += $at["cpus"] * ($at["ended_s"] - $at["started_s"])
        }
        END { printf "%.1f", sum / 3600 }' "$out/run/tasks.csv"
}

run() {
    "$offersim" run scenario.toml --out "$out/run" --json --set 'output.tables=["tasks"]' \
        --set "agent.resource_estimator=$3" --set "agent.qos_controller=$4" > "$out/summary"
    echo "$1,$2,$(metric consumption/cpus_used_mean),$(metric consumption/cpus_revocable_used_mean),$(
        metric slo/search/time_above_target_share),$(
        metric slo/search/requests_above_target_share),$(
        metric containers_killed/reason_container_preempted),$(
        metric roles/free/tasks_finished),$(finished)" >> sweep.csv
    rm -rf "$out/run"
}

echo "estimator,controller,cpus_used_mean,cpus_revocable_used_mean,time_above_target_share,\
requests_above_target_share,containers_preempted,tasks_finished,finished_core_hours" > sweep.csv
run noop noop '{ noop = {} }' '{ noop = {} }'
for name in fixed slack reclamation percentile n_sigma; do
    case $name in
        fixed) estimator='{ fixed = { resources = "cpus:12" } }' ;;
        slack | reclamation) estimator="{ $name = {} }" ;;
        percentile) estimator='{ peak = { predictors = [{ percentile = { history = "30m" } }] } }' ;;
        n_sigma) estimator='{ peak = { predictors = [{ n_sigma = {} }] } }' ;;
    esac
    run $name noop "$estimator" '{ noop = {} }'
    run $name too_high_cpu "$estimator" '{ too_high_cpu = {} }'
    run $name latency_slack "{ latency_gate = { estimator = $estimator } }" '{ latency_slack = {} }'
done
# Without the gate the same cores are offered again at once.
run reclamation latency_slack_alone '{ reclamation = {} }' '{ latency_slack = {} }'
