//! Benchmarks of sorters alone: `FullSort`, `HierarchyFullSort`
//! (`spec/allocator-benchmarks.md` section 3).

use crate::catalogue::Size;
use crate::specs::{parse, pieces};
use crate::trial::{Mismatch, Trial, expect};
use policy_allocators::{DrfSorter, RandomSorter};
use policy_api::{ClientSlot, Cursor, Pool, Resources, Sorter};
use rand_pcg::Pcg64Mcg;

/// Trees by the number of their nodes without the root: levels below the root, and children of each
/// inner node.
pub(crate) const TREES: [(usize, u32, usize); 3] = [(1_056, 2, 32), (1_092, 6, 3), (1_022, 9, 2)];

/// Which sorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Drf,
    Random,
}

/// Clients "0", "1" and so on.
pub(crate) fn full_sort(trial: &mut Trial<'_>, size: Size, kind: Kind) -> Result<(), Mismatch> {
    let paths: Vec<String> = (0..size.frameworks).map(|client| client.to_string()).collect();
    sort(trial, size.agents, &paths, kind)
}

/// Every node of a tree is a client, children before their parents.
pub(crate) fn tree_sort(trial: &mut Trial<'_>, size: Size, kind: Kind) -> Result<(), Mismatch> {
    let mut paths = Vec::with_capacity(size.frameworks);
    if let Some(&(_, levels, children)) = TREES.iter().find(|tree| tree.0 == size.frameworks) {
        add_paths("", levels, children, &mut paths);
    }
    sort(trial, size.agents, &paths, kind)
}

fn add_paths(above: &str, levels: u32, children: usize, paths: &mut Vec<String>) {
    for child in 0..children {
        let path = if above.is_empty() { child.to_string() } else { format!("{above}/{child}") };
        if levels > 1 {
            add_paths(&path, levels - 1, children, paths);
        }
        paths.push(path);
    }
}

fn sort(
    trial: &mut Trial<'_>,
    agents: usize,
    paths: &[String],
    kind: Kind,
) -> Result<(), Mismatch> {
    let used = parse(&format!("cpus:16;mem:2014;disk:1024;{}", pieces(100)));
    for round in 0..trial.rounds {
        match kind {
            Kind::Drf => steps(trial, DrfSorter::new(), agents, paths, &used)?,
            Kind::Random => {
                let generator = Pcg64Mcg::new(round as u128);
                steps(trial, RandomSorter::new(generator), agents, paths, &used)?;
            }
        }
    }
    Ok(())
}

/// Mesos's benchmark leaves its clients inactive, so that there is nothing to sort. Here they are
/// active.
fn steps(
    trial: &mut Trial<'_>,
    mut sorter: impl Sorter<usize>,
    agents: usize,
    paths: &[String],
    used: &Resources,
) -> Result<(), Mismatch> {
    let slots: Vec<ClientSlot> = trial.time("add clients", || {
        let add = |(client, path): (usize, &String)| {
            let slot = sorter.add(client, path);
            sorter.set_active(slot, true);
            slot
        };
        paths.iter().enumerate().map(add).collect()
    });
    let agent = parse("cpus:24;mem:4096;disk:4096").scalar_quantities();
    let mut pool = Pool::default();
    trial.time("add agents", || {
        for _ in 0..agents {
            pool.set_total(*pool.total() + agent);
        }
    });
    let clients = || slots.iter().cycle().take(agents);
    trial.time("add allocations", || {
        clients().for_each(|&slot| sorter.allocated(slot, &used.scalar_quantities()));
    });
    for phase in ["sort", "sort again"] {
        let found = trial.time(phase, || {
            sorter.refresh(&pool);
            let mut cursor = Cursor::default();
            std::iter::from_fn(|| sorter.next(&mut cursor, |_| false)).count()
        });
        expect(phase, &format!("{} clients", slots.len()), &format!("{found} clients"))?;
    }
    trial.time("remove allocations", || {
        clients().for_each(|&slot| sorter.released(slot, &used.scalar_quantities()));
    });
    trial.time("remove agents", || {
        for _ in 0..agents {
            pool.set_total(pool.total().saturating_sub(&agent));
        }
    });
    trial.time("remove clients", || slots.iter().for_each(|&slot| sorter.remove(slot)));
    Ok(())
}
