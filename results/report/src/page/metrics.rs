//! The metrics of a run: a few as tiles, all as a table.

use maud::{Markup, html};
use serde_json::Value;

use crate::format;
use crate::tables::{Summary, plain_text};

/// Metrics that most readers look for first, with their names in words.
const KEY: [(&str, &str); 12] = [
    ("tasks/finished", "tasks finished"),
    ("tasks/failed", "tasks failed"),
    ("tasks/lost", "tasks lost"),
    ("tasks/waiting_time_mean_s", "mean wait"),
    ("tasks/waiting_time_p95_s", "95 % wait at most"),
    ("tasks/bounded_slowdown_mean", "mean bounded slowdown"),
    ("cluster/cpus_utilisation_mean", "of CPUs in use, mean"),
    ("cluster/mem_utilisation_mean", "of memory in use, mean"),
    ("cluster/disk_utilisation_mean", "of disk in use, mean"),
    ("cluster/gpus_utilisation_mean", "of GPUs in use, mean"),
    ("offers/made", "offers made"),
    ("offers/declined", "offers declined"),
];

/// How many numbers to show when none of the usual ones is there.
const FALLBACK: usize = 8;

pub(super) fn tiles(summary: &Summary) -> Markup {
    let mut tiles: Vec<(String, &str)> = KEY
        .iter()
        .filter_map(|(metric, words)| Some((with_unit(metric, summary.number(metric)?), *words)))
        .collect();
    if tiles.is_empty() {
        let numbers = summary
            .metrics
            .iter()
            .filter_map(|(name, value)| Some((with_unit(name, value.as_f64()?), name.as_str())));
        tiles = numbers.take(FALLBACK).collect();
    }
    html! {
        @if !tiles.is_empty() {
            section.tiles aria-label="Key numbers" {
                @for (value, words) in tiles {
                    div.tile { p.value { (value) } p.name { (words) } }
                }
            }
        }
    }
}

pub(super) fn section(summary: &Summary) -> Markup {
    html! {
        section {
            h2 { "All metrics" }
            @if summary.metrics.is_empty() {
                p.absent { "summary.json holds no metrics." }
            } @else {
                details open {
                    summary { (summary.metrics.len()) " metrics, units in their names" }
                    div.wide {
                        table {
                            thead { tr { th { "Metric" } th.number { "Value" } } }
                            tbody {
                                @for (name, value) in &summary.metrics {
                                    tr { td { (name) } (cell(value)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A table's cell; the exact value shows when the pointer rests on it.
pub(super) fn cell(value: &Value) -> Markup {
    html! {
        @match value.as_f64() {
            Some(number) => td.number title=(value) { (format::number(number)) },
            None if value.is_null() => td.number { "–" },
            None => td.number { (plain_text(value)) },
        }
    }
}

/// A metric in the unit that its name ends in, or that fits it better.
fn with_unit(metric: &str, value: f64) -> String {
    if metric.ends_with("_s") {
        format::duration(value)
    } else if metric.contains("utilisation") && !metric.ends_with("_percent") {
        format!("{}{}%", format::number((value * 1000.0).round() / 10.0), format::THIN)
    } else {
        format::number(value)
    }
}
