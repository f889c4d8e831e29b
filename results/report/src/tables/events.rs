//! What happened to the cluster besides its work: `master.csv`, `faults.csv`, `operator.csv`,
//! `service.csv`, `fetches.csv`, `latency.csv`, `network.csv` and `ports.csv`. A run has only those that its scenario
//! can have rows for.

use std::collections::BTreeMap;
use std::path::Path;

use super::columns::{Column, Table};
use super::fetches::{self, Fetches};
use super::latency::{self, Latencies};
use super::links::{self, Links};
use super::ports::{self, Ports};
use crate::ReportError;

#[derive(Clone, Debug, Default)]
pub struct Events {
    /// The master's gauges at one instant each, ascending.
    pub gauges: Vec<Gauges>,
    /// When faults began, in seconds.
    pub faults_s: Vec<f64>,
    /// When operators called.
    pub calls_s: Vec<f64>,
    /// Services in the order in which the file first names them, each with its lines in order.
    pub services: Vec<(String, Vec<ServiceLevel>)>,
    pub fetches: Vec<Fetches>,
    pub links: Vec<Links>,
    /// At one instant each, ascending.
    pub ports: Vec<Ports>,
    pub latencies: Vec<Latencies>,
}

/// Some of the master's gauges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gauges {
    pub time_s: f64,
    pub agents_active: f64,
    pub agents_inactive: f64,
    pub agents_unreachable: f64,
    pub tasks_staging: f64,
    pub tasks_starting: f64,
    pub tasks_running: f64,
    pub tasks_killing: f64,
    pub tasks_unreachable: f64,
    /// Of what may be taken away again.
    pub best_effort_cpus: BestEffort,
    pub best_effort_mem: BestEffort,
}

/// An amount of oversubscribed resources; all zero in runs that have none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BestEffort {
    /// What can be given out, by the last estimates of all agents.
    pub estimated: f64,
    pub offered: f64,
    pub used: f64,
}

/// Instances of a service, from this instant on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceLevel {
    pub time_s: f64,
    pub wanted: f64,
    pub running: f64,
}

impl Events {
    pub fn read(directory: &Path) -> Result<Self, ReportError> {
        let in_place = |name: &str| Some(directory.join(name)).filter(|path| path.is_file());
        Ok(Self {
            gauges: in_place("master.csv").map_or_else(|| Ok(Vec::new()), |path| gauges(&path))?,
            faults_s: in_place("faults.csv").map_or_else(|| Ok(Vec::new()), |it| faults(&it))?,
            calls_s: in_place("operator.csv").map_or_else(|| Ok(Vec::new()), |it| calls(&it))?,
            services: in_place("service.csv").map_or_else(|| Ok(Vec::new()), |it| services(&it))?,
            fetches: in_place("fetches.csv")
                .map_or_else(|| Ok(Vec::new()), |it| fetches::read(&it))?,
            links: in_place("network.csv").map_or_else(|| Ok(Vec::new()), |it| links::read(&it))?,
            ports: in_place("ports.csv").map_or_else(|| Ok(Vec::new()), |it| ports::read(&it))?,
            latencies: in_place("latency.csv")
                .map_or_else(|| Ok(Vec::new()), |it| latency::read(&it))?,
        })
    }
}

fn gauges(path: &Path) -> Result<Vec<Gauges>, ReportError> {
    let mut table = Table::open(path)?;
    let time = table.column("time_s")?;
    let columns = [
        "slaves_active",
        "slaves_inactive",
        "slaves_unreachable",
        "tasks_staging",
        "tasks_starting",
        "tasks_running",
        "tasks_killing",
        "tasks_unreachable",
    ]
    .map(|name| table.column(&format!("master/{name}")));
    let best_effort_columns = ["cpus", "mem"].map(|name| {
        let column = |name: String| table.column(&name).ok();
        [
            column(format!("master/{name}_revocable_total")),
            column(format!("offers/{name}_revocable")),
            column(format!("master/{name}_revocable_used")),
        ]
    });
    let mut rows = Vec::new();
    let [active, inactive, lost, staging, starting, running, killing, unreachable] = columns;
    let agents = [active?, inactive?, lost?];
    let tasks = [staging?, starting?, running?, killing?, unreachable?];
    table.each(|row| {
        let amount = |column: Option<Column>| column.map_or(Ok(0.0), |column| row.number(column));
        let best_effort = |[estimated, offered, used]: [Option<Column>; 3]| {
            Ok::<_, ReportError>(BestEffort {
                estimated: amount(estimated)?,
                offered: amount(offered)?,
                used: amount(used)?,
            })
        };
        rows.push(Gauges {
            time_s: row.number(time)?,
            agents_active: row.number(agents[0])?,
            agents_inactive: row.number(agents[1])?,
            agents_unreachable: row.number(agents[2])?,
            tasks_staging: row.number(tasks[0])?,
            tasks_starting: row.number(tasks[1])?,
            tasks_running: row.number(tasks[2])?,
            tasks_killing: row.number(tasks[3])?,
            tasks_unreachable: row.number(tasks[4])?,
            best_effort_cpus: best_effort(best_effort_columns[0])?,
            best_effort_mem: best_effort(best_effort_columns[1])?,
        });
        Ok(())
    })?;
    Ok(rows)
}

fn faults(path: &Path) -> Result<Vec<f64>, ReportError> {
    let mut table = Table::open(path)?;
    let (time, phase) = (table.column("time_s")?, table.column("phase")?);
    let mut times = Vec::new();
    table.each(|row| {
        if row.text(phase) == "begins" {
            times.push(row.number(time)?);
        }
        Ok(())
    })?;
    Ok(times)
}

fn calls(path: &Path) -> Result<Vec<f64>, ReportError> {
    let mut table = Table::open(path)?;
    let time = table.column("time_s")?;
    let mut times = Vec::new();
    table.each(|row| {
        times.push(row.number(time)?);
        Ok(())
    })?;
    Ok(times)
}

fn services(path: &Path) -> Result<Vec<(String, Vec<ServiceLevel>)>, ReportError> {
    let mut table = Table::open(path)?;
    let (time, framework) = (table.column("time_s")?, table.column("framework")?);
    let (wanted, running) = (table.column("wanted")?, table.column("running")?);
    let mut services: Vec<(String, Vec<ServiceLevel>)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    table.each(|row| {
        let name = row.text(framework);
        let place = *places.entry(name.to_owned()).or_insert_with(|| {
            services.push((name.to_owned(), Vec::new()));
            services.len() - 1
        });
        services[place].1.push(ServiceLevel {
            time_s: row.number(time)?,
            wanted: row.number(wanted)?,
            running: row.number(running)?,
        });
        Ok(())
    })?;
    Ok(services)
}
