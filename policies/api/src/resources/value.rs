//! Values of resources that are not scalars (`spec/allocator.md` 1.2, 1.3).

use std::sync::Arc;

/// Inclusive intervals of integers, sorted, disjoint and not adjacent: Mesos's canonical form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ranges(Box<[(u64, u64)]>);

impl Ranges {
    /// Sorts and merges; an interval whose end lies before its begin is left out.
    pub fn new(mut intervals: Vec<(u64, u64)>) -> Self {
        intervals.retain(|(begin, end)| begin <= end);
        intervals.sort_unstable();
        let mut canonical: Vec<(u64, u64)> = Vec::with_capacity(intervals.len());
        for (begin, end) in intervals {
            match canonical.last_mut() {
                Some(last) if begin <= last.1.saturating_add(1) => last.1 = last.1.max(end),
                _ => canonical.push((begin, end)),
            }
        }
        Self(canonical.into())
    }

    /// `None` where intervals overlap, or one ends before it begins: that is no valid value.
    pub(super) fn distinct(intervals: Vec<(u64, u64)>) -> Option<Self> {
        let mut sorted = intervals.clone();
        sorted.sort_unstable();
        let overlap = sorted.windows(2).any(|pair| pair[1].0 <= pair[0].1);
        let is_reversed = |&(begin, end): &(u64, u64)| begin > end;
        (!overlap && !intervals.iter().any(is_reversed)).then(|| Self::new(intervals))
    }

    pub fn intervals(&self) -> &[(u64, u64)] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many integers the intervals hold.
    pub fn count(&self) -> u64 {
        self.0
            .iter()
            .fold(0, |sum, (begin, end)| sum.saturating_add((end - begin).saturating_add(1)))
    }

    pub fn union(&self, other: &Self) -> Self {
        Self::new(self.0.iter().chain(&other.0).copied().collect())
    }

    pub fn difference(&self, other: &Self) -> Self {
        let mut left = Vec::with_capacity(self.0.len() + other.0.len());
        let mut holes = other.0.iter().peekable();
        for &(mut begin, end) in &self.0 {
            while holes.next_if(|hole| hole.1 < begin).is_some() {}
            let mut rest = holes.clone();
            let mut open = true;
            while let Some(&(hole_begin, hole_end)) = rest.next_if(|hole| hole.0 <= end) {
                if begin < hole_begin {
                    left.push((begin, hole_begin - 1));
                }
                if hole_end >= end {
                    open = false;
                    break;
                }
                begin = hole_end + 1;
            }
            if open {
                left.push((begin, end));
            }
        }
        Self(left.into())
    }

    pub fn is_subset_of(&self, other: &Self) -> bool {
        let mut covers = other.0.iter().peekable();
        self.0.iter().all(|&(begin, end)| {
            while covers.next_if(|cover| cover.1 < begin).is_some() {}
            covers.peek().is_some_and(|cover| cover.0 <= begin && end <= cover.1)
        })
    }
}

/// Distinct strings in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Items(Vec<Arc<str>>);

impl Items {
    /// Keeps the first of equal items.
    pub fn new(items: impl IntoIterator<Item = Arc<str>>) -> Self {
        let mut distinct = Vec::new();
        for item in items {
            if !distinct.contains(&item) {
                distinct.push(item);
            }
        }
        Self(distinct)
    }

    /// `None` where an item is given twice: that is no valid value.
    pub(super) fn distinct(items: impl ExactSizeIterator<Item = Arc<str>>) -> Option<Self> {
        let count = items.len();
        Some(Self::new(items)).filter(|distinct| distinct.0.len() == count)
    }

    pub fn as_slice(&self) -> &[Arc<str>] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn union(&self, other: &Self) -> Self {
        Self::new(self.0.iter().chain(&other.0).cloned())
    }

    pub fn difference(&self, other: &Self) -> Self {
        Self(self.0.iter().filter(|item| !other.0.contains(item)).cloned().collect())
    }

    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.0.iter().all(|item| other.0.contains(item))
    }
}
