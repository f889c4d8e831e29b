//! One line per role: its metrics from the summary and its mean share of the cluster.

use maud::{Markup, html};
use serde_json::Value;

use super::metrics;
use crate::format;
use crate::tables::Run;

struct RoleLine<'r> {
    role: &'r str,
    mean_share: Option<f64>,
    /// One per column.
    values: Vec<Option<&'r Value>>,
}

pub(super) fn section(run: &Run) -> Markup {
    let columns = columns(run);
    let lines = lines(run, &columns);
    html! {
        section {
            h2 { "Roles" }
            @if lines.is_empty() {
                p.absent { "No role had tasks." }
            } @else {
                div.wide {
                    table {
                        thead {
                            tr {
                                th { "Role" }
                                th.number { "mean dominant share (%)" }
                                @for column in &columns { th.number { (in_words(column)) } }
                            }
                        }
                        tbody { @for line in &lines { (table_row(line)) } }
                    }
                }
            }
        }
    }
}

fn table_row(line: &RoleLine<'_>) -> Markup {
    html! {
        tr {
            td { (line.role) }
            td.number { @if let Some(share) = line.mean_share { (format::number(share)) } @else { "–" } }
            @for value in &line.values { (metrics::cell(value.unwrap_or(&Value::Null))) }
        }
    }
}

/// Metrics of roles in the order in which the summary first names them.
fn columns(run: &Run) -> Vec<&str> {
    let mut columns = Vec::new();
    for (_, metric, _) in run.summary.of_roles() {
        if !columns.contains(&metric) {
            columns.push(metric);
        }
    }
    columns
}

/// Roles in the order of the summary, then those that only the table of roles knows.
fn lines<'r>(run: &'r Run, columns: &[&str]) -> Vec<RoleLine<'r>> {
    let mut lines: Vec<RoleLine<'r>> = Vec::new();
    let from_summary =
        run.summary.of_roles().map(|(role, metric, value)| (role, Some((metric, value))));
    let from_table = run.roles.roles.iter().map(|(role, _)| (role.as_str(), None));
    for (role, metric) in from_summary.chain(from_table) {
        let place = lines.iter().position(|line| line.role == role).unwrap_or_else(|| {
            let mean_share = mean_share(run, role);
            lines.push(RoleLine { role, mean_share, values: vec![None; columns.len()] });
            lines.len() - 1
        });
        if let Some((metric, value)) = metric
            && let Some(column) = columns.iter().position(|name| *name == metric)
        {
            lines[place].values[column] = Some(value);
        }
    }
    lines
}

/// In percent, over the role's intervals, which are equally long but for the last.
fn mean_share(run: &Run, role: &str) -> Option<f64> {
    let (_, rows) = run.roles.roles.iter().find(|(name, _)| name == role)?;
    let sum: f64 = rows.iter().map(|row| row.dominant_share).sum();
    (!rows.is_empty()).then(|| 100.0 * sum / rows.len() as f64)
}

/// `waiting_time_mean_s` as `waiting time mean (s)`.
fn in_words(metric: &str) -> String {
    match metric.rsplit_once('_') {
        Some((name, unit @ ("s" | "ms" | "mb"))) => {
            let unit = if unit == "mb" { "MB" } else { unit };
            format!("{} ({unit})", name.replace('_', " "))
        }
        _ => metric.replace('_', " "),
    }
}
