//! Averages over intervals, made coarse enough to be drawn.

/// More steps than this across a figure are thinner than its lines.
const MOST_STEPS: usize = 360;
/// Many noisy lines are hard to tell apart: beyond this many, steps are twice as long.
const FEW_LINES: usize = 4;

/// A value that holds from one instant to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) value: f64,
}

/// The sampling intervals of a table, and how many of them are averaged into one drawn step.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    spans: Vec<(f64, f64)>,
    group: usize,
}

impl Grid {
    pub(crate) fn new(spans: Vec<(f64, f64)>, lines: usize) -> Self {
        let most = if lines > FEW_LINES { MOST_STEPS / 2 } else { MOST_STEPS };
        let group = spans.len().div_ceil(most).max(1);
        Self { spans, group }
    }

    pub(crate) fn span(&self) -> Option<(f64, f64)> {
        Some((self.spans.first()?.0, self.spans.last()?.1))
    }

    /// How many intervals make one step, and the length of a typical step in seconds.
    pub(crate) fn resolution(&self) -> Option<(usize, f64)> {
        let (start, end) = *self.spans.first()?;
        Some((self.group, (end - start) * self.group as f64))
    }

    /// Time-weighted means over each group of intervals. Intervals without a value are left out;
    /// a group that has none leaves a gap.
    pub(crate) fn steps(&self, value: impl Fn(usize) -> Option<f64>) -> Vec<Step> {
        let groups = self.spans.chunks(self.group).enumerate();
        groups
            .filter_map(|(number, spans)| {
                let first = number * self.group;
                let known = spans.iter().enumerate().filter_map(|(offset, &(start, end))| {
                    Some(Step { start, end, value: value(first + offset)? })
                });
                merge(&known.collect::<Vec<_>>())
            })
            .collect()
    }

    /// As [`Self::steps`], for values that are known by the end of their interval.
    pub(crate) fn steps_at_ends(&self, value: impl Fn(f64) -> Option<f64>) -> Vec<Step> {
        self.steps(|index| value(self.spans[index].1))
    }
}

/// One step over all of `steps`, with their time-weighted mean.
fn merge(steps: &[Step]) -> Option<Step> {
    let (start, end) = (steps.first()?.start, steps.last()?.end);
    Some(Step { start, end, value: mean(steps)? })
}

/// The mean over time; over the steps if none of them lasts.
pub(crate) fn mean(steps: &[Step]) -> Option<f64> {
    let time: f64 = steps.iter().map(|step| step.end - step.start).sum();
    if time > 0.0 {
        let area: f64 = steps.iter().map(|step| (step.end - step.start) * step.value).sum();
        Some(area / time)
    } else if steps.is_empty() {
        None
    } else {
        Some(steps.iter().map(|step| step.value).sum::<f64>() / steps.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_tables_are_averaged_by_time() {
        let spans: Vec<_> = (0..1000).map(|i| (f64::from(i), f64::from(i + 1))).collect();
        let grid = Grid::new(spans, 1);
        assert_eq!(grid.resolution(), Some((3, 3.0)));
        let steps = grid.steps(|index| Some(index as f64));
        assert_eq!(steps.len(), 334);
        assert_eq!(steps[0], Step { start: 0.0, end: 3.0, value: 1.0 });
        assert_eq!(steps[333], Step { start: 999.0, end: 1000.0, value: 999.0 });
    }

    #[test]
    fn unknown_intervals_leave_gaps() {
        let grid = Grid::new(vec![(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)], 1);
        let steps = grid.steps(|index| (index != 1).then_some(5.0));
        assert_eq!(steps.len(), 2);
        assert_eq!((steps[0].end, steps[1].start), (1.0, 2.0));
    }

    #[test]
    fn intervals_of_no_length_count_once_each() {
        let steps = [2.0, 4.0].map(|value| Step { start: 1.0, end: 1.0, value });
        assert_eq!(mean(&steps), Some(3.0));
        assert_eq!(mean(&[]), None);
    }
}
