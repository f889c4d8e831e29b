//! Each policy of the cache on a few files, worked out by hand.

use policy_api::{CacheFact, CachePolicy, CacheRequest, CacheSlot, DenseId};
use policy_isolation::cache::{Gdsf, Lfu, Lru, NeverEvict};

const CAPACITY: u64 = 100;

/// A cache of 100 bytes, as a user of a policy keeps it.
struct Shelf {
    policy: Box<dyn CachePolicy>,
    /// By slot: the bytes of those that are in.
    files: Vec<Option<u64>>,
    pinned: Vec<usize>,
}

impl Shelf {
    fn new(policy: impl CachePolicy + 'static) -> Self {
        Self { policy: Box::new(policy), files: vec![None; 16], pinned: Vec::new() }
    }

    fn used(&self) -> u64 {
        self.files.iter().flatten().sum()
    }

    /// Asks for a file; whether it was there or has come in.
    fn ask(&mut self, file: usize, bytes: u64) -> bool {
        let slot = CacheSlot::from_index(file);
        if self.files[file].is_some() {
            self.policy.apply(CacheFact::Used { slot });
            return true;
        }
        self.policy.apply(CacheFact::Added { slot });
        let request = CacheRequest { slot, bytes, available: CAPACITY - self.used() };
        let pinned = [self.pinned.as_slice(), &[file]].concat();
        let is_pinned = |slot: CacheSlot| pinned.contains(&slot.index());
        let mut victims = Vec::new();
        let admitted = self.policy.make_room(request, &is_pinned, &mut victims);
        for victim in victims {
            assert!(admitted && !is_pinned(victim));
            assert!(self.files[victim.index()].take().is_some());
            self.policy.apply(CacheFact::Removed { slot: victim });
        }
        if admitted {
            self.files[file] = Some(bytes);
            self.policy.apply(CacheFact::Sized { slot, bytes });
        } else {
            self.policy.apply(CacheFact::Removed { slot });
        }
        assert!(self.used() <= CAPACITY);
        assert_eq!(self.policy.order().len(), self.files.iter().flatten().count());
        admitted
    }

    fn order(&self) -> Vec<usize> {
        self.policy.order().into_iter().map(DenseId::index).collect()
    }
}

#[test]
fn lru_forgets_what_was_not_asked_for_longest() {
    let mut shelf = Shelf::new(Lru::new());
    for (file, bytes) in [(1, 30), (2, 30), (3, 40)] {
        assert!(shelf.ask(file, bytes));
    }
    assert!(shelf.ask(1, 30));
    assert_eq!(shelf.order(), [2, 3, 1]);
    // 30 bytes are lacking: file 2 has just as many.
    assert!(shelf.ask(4, 30));
    assert_eq!(shelf.order(), [3, 1, 4]);
}

#[test]
fn lru_takes_a_prefix_and_not_the_best_fit() {
    let mut shelf = Shelf::new(Lru::new());
    for (file, bytes) in [(1, 10), (2, 20), (3, 70)] {
        assert!(shelf.ask(file, bytes));
    }
    // File 3 alone would do, but 1 and 2 are older and go too.
    assert!(shelf.ask(4, 60));
    assert_eq!(shelf.order(), [4]);
}

#[test]
fn lru_passes_over_pinned_files_and_fails_whole() {
    let mut shelf = Shelf::new(Lru::new());
    for (file, bytes) in [(1, 40), (2, 40)] {
        assert!(shelf.ask(file, bytes));
    }
    shelf.pinned = vec![1];
    assert!(!shelf.ask(3, 70));
    assert_eq!(shelf.order(), [1, 2]);
    assert!(shelf.ask(3, 60));
    assert_eq!(shelf.order(), [1, 3]);
}

#[test]
fn lru_fails_on_what_is_larger_than_the_cache() {
    let mut shelf = Shelf::new(Lru::new());
    assert!(shelf.ask(1, 100));
    assert!(!shelf.ask(2, 101));
    assert_eq!(shelf.order(), [1]);
}

#[test]
fn lfu_keeps_what_is_asked_for_often() {
    let mut shelf = Shelf::new(Lfu::new());
    for file in [1, 2, 1, 1, 2, 3] {
        assert!(shelf.ask(file, 30));
    }
    // Asked for 1, 2 and 3 times.
    assert_eq!(shelf.order(), [3, 2, 1]);
    assert!(shelf.ask(4, 30));
    assert_eq!(shelf.order(), [4, 2, 1]);
    // A scan replaces its own files only.
    for file in 5..10 {
        assert!(shelf.ask(file, 30));
    }
    assert_eq!(shelf.order(), [9, 2, 1]);
    // File 3 starts anew: it had one request when it left.
    assert!(shelf.ask(3, 30));
    assert_eq!(shelf.order(), [3, 2, 1]);
}

#[test]
fn lfu_takes_the_older_of_equals() {
    let mut shelf = Shelf::new(Lfu::new());
    for file in [1, 2, 3, 1, 2, 3] {
        assert!(shelf.ask(file, 30));
    }
    assert!(shelf.ask(4, 40));
    assert_eq!(shelf.order(), [4, 2, 3]);
}

/// Priorities in hundredths: 1 has 1/50 = 2, 2 has 1/25 = 4, 3 has 1/20 = 5.
#[test]
fn gdsf_weighs_uses_against_bytes() {
    let mut shelf = Shelf::new(Gdsf::new());
    for (file, bytes) in [(1, 50), (2, 25), (3, 20)] {
        assert!(shelf.ask(file, bytes));
    }
    assert_eq!(shelf.order(), [1, 2, 3]);
    // Now 3/50 = 6.
    assert!(shelf.ask(1, 50) && shelf.ask(1, 50));
    assert_eq!(shelf.order(), [2, 3, 1]);
    // 1/10 = 10 against 4: file 2 goes, and the clock stands at 4.
    assert!(shelf.ask(4, 10));
    assert_eq!(shelf.order(), [3, 1, 4]);
    // 4 + 1/25 = 8 against 5: file 3 goes, and the clock stands at 5.
    assert!(shelf.ask(2, 25));
    assert_eq!(shelf.order(), [1, 2, 4]);
    // 5 + 1/10 = 15, now that all together have 85 bytes.
    assert!(shelf.ask(5, 10));
    assert_eq!(shelf.order(), [1, 2, 4, 5]);
}

#[test]
fn gdsf_does_not_let_in_what_would_leave_itself() {
    let mut shelf = Shelf::new(Gdsf::new());
    for (file, bytes) in [(1, 10), (2, 90)] {
        assert!(shelf.ask(file, bytes));
    }
    assert!(shelf.ask(2, 90));
    // Priorities 1/10 and 2/90; 1/80 is below both.
    assert!(!shelf.ask(3, 80));
    assert_eq!(shelf.order(), [2, 1]);
    // 1/40 is above 2/90.
    assert!(shelf.ask(4, 40));
    assert_eq!(shelf.order(), [4, 1]);
}

#[test]
fn gdsf_lets_the_old_grow_old() {
    let mut shelf = Shelf::new(Gdsf::new());
    // Asked for four times: 4/50.
    for _ in 0..4 {
        assert!(shelf.ask(1, 50));
    }
    // Each newcomer has 1/50 more than the one before it; the fourth is as high as file 1, and the
    // one after it finds file 1 the older of two equals.
    for file in 2..6 {
        assert!(shelf.ask(file, 50));
        assert!(shelf.files[1].is_some());
    }
    assert!(shelf.ask(6, 50));
    assert_eq!(shelf.order(), [5, 6]);
}

#[test]
fn never_evict_fills_up_and_stays() {
    let mut shelf = Shelf::new(NeverEvict::new());
    assert!(shelf.ask(1, 60));
    assert!(!shelf.ask(2, 50));
    assert!(shelf.ask(3, 40));
    assert!(!shelf.ask(4, 1));
    assert!(shelf.ask(5, 0));
    assert_eq!(shelf.order(), [1, 3, 5]);
}

#[test]
fn a_wiped_policy_is_a_new_one() {
    for policy in [
        Box::new(Lru::new()) as Box<dyn CachePolicy>,
        Box::new(Lfu::new()),
        Box::new(Gdsf::new()),
        Box::new(NeverEvict::new()),
    ] {
        let mut shelf = Shelf { policy, files: vec![None; 16], pinned: Vec::new() };
        assert!(shelf.ask(1, 30) && shelf.ask(2, 30));
        let copy = shelf.policy.clone();
        assert_eq!(copy.order(), shelf.policy.order());
        shelf.policy.apply(CacheFact::Wiped);
        assert!(shelf.policy.order().is_empty());
        assert_eq!(copy.order().len(), 2);
    }
}

/// An empty file takes nothing and frees nothing: it leaves with the others of its age.
#[test]
fn empty_files_leave_in_vain() {
    let mut shelf = Shelf::new(Lru::new());
    for (file, bytes) in [(1, 0), (2, 100), (3, 0)] {
        assert!(shelf.ask(file, bytes));
    }
    assert!(shelf.ask(4, 50));
    assert_eq!(shelf.order(), [3, 4]);
}
