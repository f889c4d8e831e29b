//! Clients in a tree: B10 to B17.

use super::clients::{Clients, both, drf, quantities};
use policy_allocators::{DrfSorter, RandomSorter};
use policy_api::{Quantities, Sorter};
use rand_pcg::Pcg64Mcg;

fn random() -> Clients<RandomSorter<u32>> {
    Clients::new(RandomSorter::new(Pcg64Mcg::new(15)))
}

fn held(sorter: &Clients<DrfSorter<u32>>, path: &str) -> Quantities {
    *sorter.sorter.held_by(sorter.slot(path))
}

#[test]
fn b10_hierarchical_allocation() {
    let mut sorter = drf();
    for path in ["a", "b/c", "b/d"] {
        sorter.add(path);
    }
    assert_eq!(sorter.sorter.count(), 3);
    assert!(!sorter.sorter.contains("b"));
    assert_eq!(sorter.order(), ["a", "b/c", "b/d"]);
    sorter.allocated("a", both(6));
    assert_eq!(sorter.order(), ["b/c", "b/d", "a"]);
    sorter.allocated("b/c", both(4));
    sorter.allocated("b/d", both(3));
    assert_eq!(sorter.order(), ["a", "b/d", "b/c"]);
    assert_eq!(held(&sorter, "a"), both(6));
    assert_eq!(held(&sorter, "b/c"), both(4));
    assert_eq!(held(&sorter, "b/d"), both(3));
    assert_eq!(*sorter.sorter.held(), both(13));

    sorter.allocated("a", both(2));
    assert_eq!(sorter.order(), ["b/d", "b/c", "a"]);
    sorter.add("b/e/f");
    assert!(!sorter.sorter.contains("b/e"));
    assert_eq!(sorter.order(), ["b/e/f", "b/d", "b/c", "a"]);
    sorter.allocated("b/e/f", quantities("cpus:3.5;mem:3.5"));
    assert_eq!(sorter.order(), ["a", "b/d", "b/e/f", "b/c"]);
    sorter.remove("b/e/f");
    assert_eq!(sorter.sorter.count(), 3);
    assert_eq!(sorter.order(), ["b/d", "b/c", "a"]);
    sorter.converted("b/c", both(4), both(1));
    assert_eq!(sorter.order(), ["b/c", "b/d", "a"]);
    sorter.add_holding("b/e/f", quantities("cpus:3.5;mem:3.5"));
    assert_eq!(sorter.order(), ["b/c", "b/d", "b/e/f", "a"]);
    assert_eq!(sorter.sorter.count(), 4);
}

#[test]
fn b11_hierarchical_iteration_order() {
    let mut sorter = drf();
    for path in ["a/b", "c", "d", "d/e"] {
        sorter.add(path);
    }
    assert_eq!(sorter.order(), ["a/b", "c", "d", "d/e"]);
    sorter.allocated("c", both(8));
    assert_eq!(sorter.order(), ["a/b", "d", "d/e", "c"]);
    sorter.allocated("d", both(3));
    sorter.allocated("d/e", both(2));
    assert_eq!(sorter.order(), ["a/b", "d/e", "d", "c"]);
    sorter.allocated("a/b", both(6));
    assert_eq!(sorter.order(), ["d/e", "d", "a/b", "c"]);
}

#[test]
fn b12_add_child_to_leaf() {
    let mut sorter = drf();
    sorter.add_holding("a", both(10));
    sorter.add_holding("b", both(6));
    assert_eq!(sorter.order(), ["b", "a"]);
    sorter.add_holding("a/c", both(5));
    assert_eq!(sorter.order(), ["b", "a/c", "a"]);
    sorter.remove("a");
    assert!(!sorter.sorter.contains("a"));
    assert_eq!(sorter.order(), ["a/c", "b"]);
    sorter.add_holding("a", both(10));
    assert_eq!(sorter.order(), ["b", "a/c", "a"]);
    sorter.set_weight("a/c", 0.2);
    assert_eq!(sorter.order(), ["b", "a", "a/c"]);
    sorter.set_weight("a", 3.0);
    assert_eq!(sorter.order(), ["a", "a/c", "b"]);
    sorter.set_weight("a/c", 1.0);
    assert_eq!(sorter.order(), ["a/c", "a", "b"]);
}

#[test]
fn b13_add_child_to_internal() {
    let mut sorter = drf();
    sorter.add_holding("x/a", both(10));
    sorter.add_holding("x/b", both(6));
    assert_eq!(sorter.order(), ["x/b", "x/a"]);
    sorter.add_holding("x", both(7));
    assert_eq!(sorter.order(), ["x/b", "x", "x/a"]);
    sorter.add_holding("z", both(20));
    assert_eq!(sorter.order(), ["z", "x/b", "x", "x/a"]);
    sorter.remove("x");
    assert_eq!(sorter.order(), ["x/b", "x/a", "z"]);
}

#[test]
fn b14_add_child_to_inactive_leaf() {
    let mut sorter = drf();
    sorter.add_holding("a", both(10));
    sorter.add_holding("b", both(6));
    sorter.deactivate("a");
    assert_eq!(sorter.order(), ["b"]);
    sorter.add_holding("a/c", both(5));
    assert_eq!(sorter.order(), ["b", "a/c"]);
}

fn add_a_leaf_and_its_child<S: Sorter<u32>>(sorter: &mut Clients<S>) {
    sorter.set_total("cpus:100;mem:100");
    sorter.add_holding("a", both(10));
    sorter.add_holding("b", both(6));
    sorter.add_holding("a/c", both(5));
    assert_eq!(sorter.ordered(), ["a", "a/c", "b"]);
}

fn remove_leaf_collapse_parent<S: Sorter<u32>>(mut sorter: Clients<S>) {
    add_a_leaf_and_its_child(&mut sorter);
    sorter.remove("a/c");
    assert_eq!(sorter.ordered(), ["a", "b"]);
}

#[test]
fn b15_remove_leaf_collapse_parent() {
    remove_leaf_collapse_parent(drf());
    remove_leaf_collapse_parent(random());
}

fn remove_leaf_collapse_inactive_parent<S: Sorter<u32>>(mut sorter: Clients<S>) {
    add_a_leaf_and_its_child(&mut sorter);
    sorter.deactivate("a");
    assert_eq!(sorter.ordered(), ["a/c", "b"]);
    sorter.remove("a/c");
    assert_eq!(sorter.order(), ["b"]);
}

#[test]
fn b16_remove_leaf_collapse_parent_inactive() {
    remove_leaf_collapse_inactive_parent(drf());
    remove_leaf_collapse_inactive_parent(random());
}

#[test]
fn b17_change_weight_on_subtree() {
    let mut sorter = drf();
    sorter.set_weight("b", 3.0);
    sorter.set_weight("a", 2.0);
    sorter.add("a/x");
    sorter.add("b/y");
    assert_eq!(sorter.order(), ["a/x", "b/y"]);
    sorter.allocated("a/x", both(10));
    sorter.allocated("b/y", both(10));
    assert_eq!(sorter.order(), ["b/y", "a/x"]);
    sorter.add_holding("b/z", both(5));
    assert_eq!(sorter.order(), ["b/z", "b/y", "a/x"]);
    sorter.add_holding("b", both(4));
    assert_eq!(sorter.order(), ["a/x", "b", "b/z", "b/y"]);
    sorter.add_holding("a/zz", both(2));
    assert_eq!(sorter.order(), ["a/zz", "a/x", "b", "b/z", "b/y"]);
}

/// A name may start with a byte before the `.` of a role's own leaf.
#[test]
fn changed_weight_is_seen_beside_a_child_that_sorts_first() {
    let mut sorter = drf();
    sorter.add_holding("a", both(10));
    sorter.add_holding("a/+x", both(5));
    sorter.add_holding("b", both(10));
    assert!(sorter.sorter.contains("a"));
    assert_eq!(sorter.order(), ["b", "a/+x", "a"]);
    sorter.set_weight("a", 2.0);
    assert_eq!(sorter.order(), ["a/+x", "a", "b"]);
}
