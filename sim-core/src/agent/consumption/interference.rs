//! How much slower everything is on a host that is under pressure, beyond what contention for its
//! processors takes: caches, memory bandwidth, hyper-threads.

/// The slowdown of all tasks of a host, by the share of its cores that is in use.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Interference {
    #[default]
    None,
    /// From this pressure on, `1 + slope * (pressure - from)` times as slow.
    Linear { from: f64, slope: f64 },
    /// From each of these pressures on so many times as slow, in ascending order; each at least 1.
    Table(Vec<(f64, f64)>),
}

impl Interference {
    /// At least 1.
    pub(super) fn slowdown(&self, pressure: f64) -> f64 {
        let slowdown = match self {
            Self::None => 1.0,
            Self::Linear { from, slope } => 1.0 + slope * (pressure - from).max(0.0),
            Self::Table(rows) => {
                let reached = rows.iter().rev().find(|(from, _)| *from <= pressure);
                reached.map_or(1.0, |(_, slowdown)| *slowdown)
            }
        };
        slowdown.max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(interference: &Interference, pressure: f64) -> f64 {
        (interference.slowdown(pressure) * 1000.0).round() / 1000.0
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "rounded")]
    fn slower_under_pressure_only() {
        assert_eq!(at(&Interference::None, 1.0), 1.0);
        let linear = Interference::Linear { from: 0.5, slope: 2.0 };
        assert_eq!([0.4, 0.5, 0.75, 1.0].map(|it| at(&linear, it)), [1.0, 1.0, 1.5, 2.0]);
        let table = Interference::Table(vec![(0.5, 1.1), (0.9, 1.6)]);
        assert_eq!([0.4, 0.5, 0.89, 0.9, 1.0].map(|it| at(&table, it)), [1.0, 1.1, 1.1, 1.6, 1.6]);
    }
}
