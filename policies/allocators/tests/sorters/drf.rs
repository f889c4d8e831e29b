//! The order of clients on one level: B04 to B09, B24 and B26.

use super::clients::{both, drf, quantities};

/// B04 for any six paths that sort as these letters do and do not meet.
#[expect(clippy::many_single_char_names, reason = "the specification's names")]
fn shares_change(clients: [&str; 6]) {
    let [a, b, c, d, e, f] = clients;
    let mut sorter = drf();
    assert!(sorter.order().is_empty());
    sorter.add_holding(a, both(5));
    sorter.add_holding(b, both(6));
    assert_eq!(sorter.order(), [a, b]);
    sorter.add_holding(c, both(1));
    sorter.add_holding(d, quantities("cpus:3;mem:1"));
    assert_eq!(sorter.order(), [c, d, a, b]);
    sorter.remove(a);
    sorter.released(b, both(4));
    assert_eq!(sorter.order(), [c, b, d]);

    sorter.add_holding(e, quantities("cpus:1;mem:5"));
    sorter.set_total("cpus:50;mem:100");
    // 0.02, 0.04, 0.05, 0.06
    assert_eq!(sorter.order(), [c, b, e, d]);
    sorter.set_total("cpus:50;mem:200");
    sorter.add_holding(f, quantities("cpus:5;mem:1"));
    sorter.allocated(c, quantities("mem:15"));
    // 0.025, 0.04, 0.06, 0.08, 0.1
    assert_eq!(sorter.order(), [e, b, d, c, f]);

    assert!(sorter.sorter.contains(b) && !sorter.sorter.contains(a));
    assert_eq!(sorter.sorter.count(), 5);
    sorter.deactivate(d);
    assert!(sorter.sorter.contains(d));
    assert_eq!(sorter.order(), [e, b, c, f]);
    assert_eq!(sorter.sorter.count(), 5);
    sorter.activate(d);
    assert_eq!(sorter.order(), [e, b, d, c, f]);
}

#[test]
fn b04_drf() {
    shares_change(["a", "b", "c", "d", "e", "f"]);
}

#[test]
fn b05_wdrf() {
    let mut sorter = drf();
    sorter.add_holding("a", both(5));
    sorter.add("b");
    sorter.set_weight("b", 2.0);
    sorter.allocated("b", both(6));
    assert_eq!(sorter.order(), ["b", "a"]);
    sorter.add_holding("c", both(4));
    assert_eq!(sorter.order(), ["b", "c", "a"]);
    sorter.add("d");
    sorter.set_weight("d", 10.0);
    sorter.allocated("d", quantities("cpus:10;mem:20"));
    assert_eq!(sorter.order(), ["d", "b", "c", "a"]);
    sorter.remove("b");
    assert_eq!(sorter.order(), ["d", "c", "a"]);
    sorter.allocated("d", quantities("cpus:10;mem:25"));
    // d: 0.45 / 10
    assert_eq!(sorter.order(), ["c", "d", "a"]);
    sorter.add("e");
    sorter.set_weight("e", 0.1);
    sorter.allocated("e", both(1));
    assert_eq!(sorter.order(), ["c", "d", "a", "e"]);
    sorter.remove("a");
    assert_eq!(sorter.order(), ["c", "d", "e"]);
}

#[test]
fn b06_update_weight() {
    let mut sorter = drf();
    sorter.add_holding("a", both(5));
    sorter.add_holding("b", both(6));
    assert_eq!(sorter.order(), ["a", "b"]);
    sorter.set_weight("b", 2.0);
    assert_eq!(sorter.order(), ["b", "a"]);
}

#[test]
fn b07_allocation_count_tie_break() {
    let mut sorter = drf();
    sorter.add_holding("a", both(3));
    sorter.add_holding("b", both(3));
    sorter.add("c");
    for _ in 0..3 {
        sorter.allocated("c", both(1));
    }
    sorter.add_holding("d", both(2));
    sorter.allocated("d", both(1));
    sorter.add_holding("e", both(3));
    assert_eq!(sorter.order(), ["a", "b", "e", "d", "c"]);
    sorter.released("c", both(3));
    assert_eq!(sorter.order(), ["c", "a", "b", "e", "d"]);
    // The fourth allocation of c.
    sorter.allocated("c", both(3));
    assert_eq!(sorter.order(), ["a", "b", "e", "d", "c"]);
    sorter.deactivate("c");
    sorter.activate("c");
    assert_eq!(sorter.order(), ["a", "b", "e", "d", "c"]);
    sorter.released("c", both(3));
    sorter.allocated("c", both(3));
    assert_eq!(sorter.order(), ["a", "b", "e", "d", "c"]);

    sorter.deactivate("a");
    sorter.released("a", quantities("cpus:1;mem:3"));
    sorter.allocated("a", quantities("cpus:1;mem:3"));
    assert_eq!(sorter.order(), ["b", "e", "d", "c"]);
    // What a got while inactive counts: two allocations, as d has.
    sorter.activate("a");
    assert_eq!(sorter.order(), ["b", "e", "a", "d", "c"]);
}

#[test]
fn b08_shallow_hierarchy() {
    shares_change(["a/a", "b/b", "c/c", "d/d", "e/e", "f/f"]);
}

#[test]
fn b09_deep_hierarchy() {
    shares_change(["a/a/a/a/a", "b/b/b/b", "c/c/c", "d/d", "e/e/e/e/e/e", "f/f"]);
}

#[test]
fn b24_update_total() {
    let mut sorter = drf();
    sorter.set_total("cpus:10;mem:100");
    sorter.add_holding("a", quantities("cpus:2;mem:1"));
    sorter.add_holding("b", quantities("cpus:1;mem:2"));
    assert_eq!(sorter.order(), ["b", "a"]);
    sorter.set_total("cpus:100;mem:10");
    assert_eq!(sorter.order(), ["a", "b"]);
}

#[test]
fn b26_remove_resources() {
    let mut sorter = drf();
    sorter.set_total("cpus:10");
    sorter.add_holding("a", quantities("cpus:6"));
    sorter.add_holding("b", quantities("cpus:4"));
    assert_eq!(sorter.order(), ["b", "a"]);
    sorter.set_total("cpus:5");
    sorter.converted("a", quantities("cpus:6"), quantities("cpus:1"));
    assert_eq!(sorter.order(), ["a", "b"]);
}

/// An inspected share knows a weight that was set before the client was there.
#[test]
fn share_knows_weights_before_the_first_order() {
    let mut sorter = drf();
    sorter.set_weight("a", 4.0);
    sorter.add_holding("a", both(20));
    let share = sorter.sorter.share(sorter.slot("a"), &sorter.pool);
    assert_eq!(share.to_bits(), 0.05_f64.to_bits());
}
