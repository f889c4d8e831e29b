//! `network.csv`: what each card, uplink and the core carry, at one instant each.

use super::columns::{Column, Table};
use crate::ReportError;
use std::path::Path;

/// Links of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Links {
    /// `agents, up`: towards the core.
    pub name: String,
    pub count: usize,
    pub loads: Vec<LinkLoad>,
}

/// What links of one kind carry at an instant, in bytes a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkLoad {
    pub time_s: f64,
    pub mean: f64,
    pub busiest: f64,
}

/// The kinds in the order in which the file first names them.
pub(super) fn read(path: &Path) -> Result<Vec<Links>, ReportError> {
    let mut table = Table::open(path)?;
    let time = table.column("time_s")?;
    let mut kinds: Vec<(Links, Vec<Column>)> = Vec::new();
    for (name, column) in table.columns() {
        let Some(name) = kind(name) else { continue };
        if let Some((_, columns)) = kinds.iter_mut().find(|(links, _)| links.name == name) {
            columns.push(column);
        } else {
            kinds.push((Links { name, count: 0, loads: Vec::new() }, vec![column]));
        }
    }
    table.each(|row| {
        let time_s = row.number(time)?;
        for (links, columns) in &mut kinds {
            let (mut sum, mut busiest) = (0.0, 0.0_f64);
            for column in columns.iter() {
                let load = row.number(*column)?;
                sum += load;
                busiest = busiest.max(load);
            }
            let mean = sum / columns.len() as f64;
            links.loads.push(LinkLoad { time_s, mean, busiest });
        }
        Ok(())
    })?;
    Ok(kinds.into_iter().map(|(links, of)| Links { count: of.len(), ..links }).collect())
}

/// `agent/node-0001/up` is one of `agents, up`. The name of an agent may have slashes.
fn kind(column: &str) -> Option<String> {
    let (place, rest) = column.split_once('/')?;
    let way = rest.rsplit('/').next()?;
    let place = match place {
        "agent" => "agents",
        "rack" => "racks",
        other => other,
    };
    Some(format!("{place}, {way}"))
}
