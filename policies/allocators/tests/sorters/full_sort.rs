//! The orders that Mesos's two sorter benchmarks make, at their smallest number of agents: B33, B34.

use super::clients::{Clients, quantities};
use policy_allocators::DrfSorter;
use policy_api::Quantities;
use std::collections::BTreeMap;

const AGENTS: usize = 1000;

fn total() -> Quantities {
    quantities("cpus:24000;mem:4096000;disk:4096000")
}

fn per_agent() -> Quantities {
    quantities("cpus:16;mem:2014;disk:1024")
}

/// What the clients in a subtree hold, in allocations of equal size, and how often they were given
/// one. A path that is a client with others below has its own part at `path/.`.
type Books = BTreeMap<String, (u32, u32)>;

/// The order by definition: siblings by what they hold, then by count, then by path, downwards.
fn expected_order(own: &Books) -> Vec<String> {
    let mut subtree = Books::new();
    for (path, &(held, count)) in own {
        for ancestor in ancestors(path) {
            let books = subtree.entry(ancestor.to_owned()).or_default();
            *books = (books.0 + held, books.1 + count);
        }
    }
    let key = |path: &String| {
        let mut key: Vec<(u32, u32, String)> = ancestors(path)
            .map(|ancestor| (subtree[ancestor].0, subtree[ancestor].1, ancestor.to_owned()))
            .collect();
        let below = format!("{path}/");
        if subtree.range(below.clone()..).next().is_some_and(|(next, _)| next.starts_with(&below)) {
            let (held, count) = own[path];
            key.push((held, count, format!("{path}/.")));
        }
        key
    };
    let mut order: Vec<String> = own.keys().cloned().collect();
    order.sort_by_cached_key(key);
    order
}

/// The path and all above it, from the top.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
    ends.map(|end| &path[..end])
}

/// Fills the agents round robin, empties the first half and then the rest; the order is right after
/// each step.
fn fill_and_empty(paths: &[String]) {
    let mut sorter = Clients::new(DrfSorter::new());
    sorter.pool.set_total(total());
    let mut books = Books::new();
    for path in paths {
        sorter.add(path);
        books.insert(path.clone(), (0, 0));
    }
    let check = |sorter: &mut Clients<DrfSorter<u32>>, books: &Books| {
        assert_eq!(sorter.order(), expected_order(books));
    };
    check(&mut sorter, &books);
    let holders = || paths.iter().cycle().take(AGENTS);
    for path in holders() {
        sorter.allocated(path, per_agent());
        let own = books.get_mut(path).expect("a client");
        *own = (own.0 + 1, own.1 + 1);
    }
    check(&mut sorter, &books);
    for (agent, path) in holders().enumerate() {
        if agent == AGENTS / 2 {
            check(&mut sorter, &books);
        }
        sorter.released(path, per_agent());
        books.get_mut(path).expect("a client").0 -= 1;
    }
    check(&mut sorter, &books);
    assert!(sorter.sorter.held().is_zero());
    for path in paths {
        sorter.remove(path);
    }
    assert!(sorter.order().is_empty());
    assert_eq!(sorter.sorter.count(), 0);
}

#[test]
fn b33_full_sort() {
    for clients in [1, 50, 1000] {
        let paths: Vec<String> = (0..clients).map(|client: u32| client.to_string()).collect();
        fill_and_empty(&paths);
    }
}

/// All nodes below a node, children before parents.
fn tree(prefix: &str, height: u32, branching: u32, paths: &mut Vec<String>) {
    for child in 0..if height == 0 { 0 } else { branching } {
        let path = if prefix.is_empty() { child.to_string() } else { format!("{prefix}/{child}") };
        tree(&path, height - 1, branching, paths);
        paths.push(path);
    }
}

#[test]
fn b34_hierarchy_full_sort() {
    // Mesos's height counts the root.
    for (height, branching, clients) in [(3, 32, 1056), (7, 3, 1092), (10, 2, 1022)] {
        let mut paths = Vec::new();
        tree("", height - 1, branching, &mut paths);
        assert_eq!(paths.len(), clients);
        fill_and_empty(&paths);
    }
}
