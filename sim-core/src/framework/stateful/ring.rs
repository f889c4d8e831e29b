//! Which replica holds what, as Cassandra's `SimpleStrategy` has it: range `i` is held by replica `i` and
//! those that follow it on the ring.

use crate::observe::RangeChange;

#[derive(Clone, Debug)]
pub(super) struct Ring {
    /// Replicas of each range.
    factor: usize,
    replicas: Vec<Holder>,
    ranges: Vec<Range>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Holder {
    /// Its volume has all data of its ranges.
    has_data: bool,
    /// It runs, and has it.
    serves: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Range {
    /// Some volume has its data.
    has_data: bool,
    available: bool,
}

/// A change of a range, by number.
pub(super) type Changes = Vec<(u32, RangeChange)>;

impl Ring {
    pub(super) fn new(replicas: u32, factor: u32) -> Self {
        let count = replicas as usize;
        let factor = (factor as usize).clamp(1, count.max(1));
        let (replicas, ranges) = (vec![Holder::default(); count], vec![Range::default(); count]);
        Self { factor, replicas, ranges }
    }

    pub(super) const fn factor(&self) -> usize {
        self.factor
    }

    pub(super) fn serves(&self, replica: usize) -> bool {
        self.replicas[replica].serves
    }

    /// Whether the replica's volume has the data of its ranges.
    pub(super) fn has_data(&self, replica: usize) -> bool {
        self.replicas[replica].has_data
    }

    /// Whether any volume has data of the replica's ranges.
    pub(super) fn has_source(&self, replica: usize) -> bool {
        let count = self.ranges.len();
        (0..self.factor).any(|step| self.ranges[(replica + count - step) % count].has_data)
    }

    /// The replica runs with all of its data.
    pub(super) fn in_sync(&mut self, replica: usize) -> Changes {
        self.replicas[replica] = Holder { has_data: true, serves: true };
        self.look_at_ranges_of(replica)
    }

    /// The replica does not run, or runs and copies.
    pub(super) fn down(&mut self, replica: usize) -> Changes {
        self.replicas[replica].serves = false;
        self.look_at_ranges_of(replica)
    }

    /// The replica's volume is given up.
    pub(super) fn given_up(&mut self, replica: usize) -> Changes {
        self.replicas[replica] = Holder::default();
        self.look_at_ranges_of(replica)
    }

    /// Other replicas that hold some range with this one.
    pub(super) fn neighbours(&self, replica: usize) -> impl Iterator<Item = usize> {
        let count = self.replicas.len();
        let reach = (self.factor - 1).min(count.saturating_sub(1));
        (1..=reach)
            .flat_map(move |step| [(replica + step) % count, (replica + count - step) % count])
            .filter(move |other| *other != replica)
    }

    fn look_at_ranges_of(&mut self, replica: usize) -> Changes {
        let count = self.replicas.len();
        let (factor, quorum) = (self.factor, self.factor / 2 + 1);
        let mut changes = Vec::new();
        for step in 0..factor {
            let index = (replica + count - step) % count;
            let holders = || (0..factor).map(|step| self.replicas[(index + step) % count]);
            let available = holders().filter(|holder| holder.serves).count() >= quorum;
            let has_data = holders().any(|holder| holder.has_data);
            let range = &mut self.ranges[index];
            let number = u32::try_from(index).unwrap_or(u32::MAX);
            if range.available != available {
                let change =
                    if available { RangeChange::Available } else { RangeChange::Unavailable };
                changes.push((number, change));
            }
            if range.has_data && !has_data {
                changes.push((number, RangeChange::Lost));
            }
            *range = Range { has_data, available };
        }
        changes
    }
}
