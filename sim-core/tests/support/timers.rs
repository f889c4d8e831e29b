//! Wake-ups that a machine asked for, for desks without an engine.

use policy_api::Time;

/// Pending wake-ups, in the order in which they were asked for.
pub(crate) struct Timers<T>(Vec<(Time, T)>);

impl<T> Timers<T> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn push(&mut self, at: Time, timer: T) {
        self.0.push((at, timer));
    }

    /// Takes the next one that is due by then; those of one time in the order of asking.
    pub(crate) fn pop_due(&mut self, by: Time) -> Option<(Time, T)> {
        let (index, (at, _)) = self.0.iter().enumerate().min_by_key(|(_, (at, _))| *at)?;
        (*at <= by).then(|| self.0.remove(index))
    }
}
