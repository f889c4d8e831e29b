//! Which roles get a line of their own, and which colour: the same in all figures.

use super::palette::{DISTINCT_STYLES, Style};
use crate::tables::Run;

/// All roles of a run, those with a style of their own first in the order of the tables.
pub(crate) struct RoleStyles {
    shown: Vec<String>,
}

impl RoleStyles {
    /// Up to twelve roles are all shown. Of more, the eleven with the greatest mean dominant share;
    /// equal ones in the order of the tables.
    pub(crate) fn of(run: &Run) -> Self {
        let mut roles: Vec<(String, f64)> = Vec::new();
        for (name, rows) in &run.roles.roles {
            let sum: f64 = rows.iter().map(|row| row.dominant_share).sum();
            roles.push((name.clone(), sum / rows.len().max(1) as f64));
        }
        for distribution in &run.distributions {
            if !roles.iter().any(|(name, _)| *name == distribution.role) {
                roles.push((distribution.role.clone(), 0.0));
            }
        }
        if roles.len() > DISTINCT_STYLES {
            let mut shares: Vec<_> = roles.iter().map(|(_, share)| *share).enumerate().collect();
            // Stable: the first of equals stays first.
            shares.sort_by(|(_, a), (_, b)| b.total_cmp(a));
            let mut greatest: Vec<_> =
                shares.iter().take(DISTINCT_STYLES - 1).map(|(place, _)| *place).collect();
            greatest.sort_unstable();
            roles = greatest.into_iter().map(|place| roles[place].clone()).collect();
        }
        Self { shown: roles.into_iter().map(|(name, _)| name).collect() }
    }

    /// None if the role is one of the others.
    pub(crate) fn style(&self, role: &str) -> Option<Style> {
        self.shown.iter().position(|name| name == role).map(Style::of_series)
    }
}

/// How the legend calls the roles that share one band.
pub(crate) fn others_label(count: usize) -> String {
    format!("others ({count}), range")
}

/// The sentence about them for a caption.
pub(crate) fn others_caption(count: usize) -> String {
    if count == 0 {
        return String::new();
    }
    format!(
        " Lines show the roles with the largest mean dominant share; the grey band runs from the \
         lowest to the highest of the {count} others."
    )
}
