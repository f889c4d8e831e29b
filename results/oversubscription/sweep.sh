#!/usr/bin/env bash
# Runs the experiment for each estimator and controller and writes `sweep.csv` beside this script. The
# arguments are the program, target/release/offersim, and how many runs go on at once.
set -euo pipefail
offersim="$(realpath "$1")"
at_once="${2:-2}"
cd "$(dirname "$0")"
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT

metric() {
    local value
    value="$(sed -n "s|^ *\"$2\": \([0-9.e-]*\),*$|\1|p" "$1/summary")"
    printf '%.9g' "${value:-0}"
}

# How many core hours those runs of the free band's tasks have held that came to their end.
finished() {
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["framework"] == "free" && $at["state"] == "TASK_FINISHED" {
            sum += $at["cpus"] * ($at["ended_s"] - $at["started_s"])
        }
        END { printf "%.1f", sum / 3600 }' "$1/run/tasks.csv"
}

# One run, in a folder of its own: number, resources, names of estimator and controller, both as tables, changes.
row() {
    local here="$out/$1" resources="$2" estimator="$3" controller="$4"
    mkdir "$here"
    "$offersim" run scenario.toml --out "$here/run" --json --set 'output.tables=["tasks"]' \
        --set "agent.resource_estimator=$5" --set "agent.qos_controller=$6" "${@:7}" > "$here/summary"
    echo "$resources,$estimator,$controller,$(metric "$here" consumption/cpus_used_mean),$(
        metric "$here" consumption/cpus_revocable_used_mean),$(
        metric "$here" slo/search/time_above_target_share),$(
        metric "$here" slo/search/requests_above_target_share),$(
        metric "$here" containers_killed/reason_container_preempted),$(
        metric "$here" containers_killed/reason_executor_terminated),$(
        metric "$here" roles/free/tasks_finished),$(finished "$here")" > "$here/row"
    rm -rf "$here/run"
}

number=1000
run() {
    while (($(jobs -pr | wc -l) >= at_once)); do wait -n; done
    number=$((number + 1))
    row "$number" "$@" &
}

controller() {
    case $1 in
        noop) echo '{ noop = {} }' ;;
        load) echo '{ load = { load_five = 24, load_fifteen = 22 } }' ;;
        threshold) echo "{ threshold = { load_five = 24, load_fifteen = 22$2 } }" ;;
        too_high_cpu) echo '{ too_high_cpu = {} }' ;;
        latency_slack) echo '{ latency_slack = {} }' ;;
    esac
}

# Resources, the fixed amount, what a threshold says of memory, estimators, controllers besides Heracles,
# changes.
each() {
    local resources="$1" fixed="$2" memory="$3" estimator name qos
    for name in $4; do
        case $name in
            fixed) estimator="{ fixed = { resources = \"$fixed\" } }" ;;
            threshold)
                estimator="load_one = 26, load_five = 24, load_fifteen = 22$memory"
                estimator="{ threshold = { resources = \"$fixed\", limits = { $estimator } } }"
                ;;
            slack | reclamation) estimator="{ $name = {} }" ;;
            percentile) estimator='{ peak = { predictors = [{ percentile = { history = "30m" } }] } }' ;;
            n_sigma) estimator='{ peak = { predictors = [{ n_sigma = {} }] } }' ;;
        esac
        for qos in $5; do
            run "$resources" "$name" "$qos" "$estimator" "$(controller "$qos" "$memory")" "${@:6}"
        done
        run "$resources" "$name" latency_slack "{ latency_gate = { estimator = $estimator } }" \
            "$(controller latency_slack)" "${@:6}"
    done
}

run cpus noop noop '{ noop = {} }' '{ noop = {} }'
each cpus "cpus:12" "" "fixed threshold slack reclamation percentile n_sigma" \
    "noop load threshold too_high_cpu"
# Without the gate the same cores are offered again at once.
run cpus reclamation latency_slack_alone '{ reclamation = {} }' '{ latency_slack = {} }'
# Tasks ask for their memory too, use four fifths of it, and that of a host can run out. Serenity's slack
# has no memory, and controllers that look at nothing but cores and load are the same as above.
changes=(--set 'workload.google_2011.largest_mem="256GiB"' --set agent.consumption.host_memory_runs_out=true
    --set frameworks.2.usage.mem=0.8)
run cpus_and_mem noop noop '{ noop = {} }' '{ noop = {} }' "${changes[@]}"
each cpus_and_mem "cpus:12;mem:32768" ', memory = "100GiB"' \
    "fixed threshold reclamation percentile n_sigma" "noop threshold" "${changes[@]}"
wait
echo "resources,estimator,controller,cpus_used_mean,cpus_revocable_used_mean,time_above_target_share,\
requests_above_target_share,containers_preempted,containers_out_of_memory,tasks_finished,finished_core_hours" > sweep.csv
cat "$out"/*/row >> sweep.csv
