//! The settings of the allocator, which a script may begin with.

use super::agents::domain;
use super::resources::named_quantities;
use super::script::{Replay, seconds};
use crate::{AgentOrder, HierarchicalAllocator, HierarchicalOptions, SorterKind};
use policy_api::resources::json::{Fields, Parsed, Problem, boolean, list, text};
use policy_api::{Scalar, Span};
use rand_pcg::Pcg64Mcg;

/// Those without any settings.
pub(super) fn options() -> HierarchicalOptions {
    HierarchicalOptions { agent_order: AgentOrder::ById, ..HierarchicalOptions::default() }
}

impl Replay {
    pub(super) fn init(&mut self, event: Fields<'_>) -> Parsed<()> {
        if self.has_begun {
            return Err(Problem::new("settings must come first").under("op"));
        }
        let mut options = options();
        if let Some(interval) = event.read("allocation_interval", seconds)? {
            if interval < Span::from_millis(1) {
                let problem = Problem::new("must be a thousandth of a second at least");
                return Err(problem.under("allocation_interval"));
            }
            options.allocation_interval = interval;
        }
        if let Some(minima) =
            event.read("min_allocatable", |value| list(value, named_quantities))?
        {
            options.min_allocatable_resources = minima;
        }
        if let Some(names) = event.read("fairness_exclude", |value| list(value, text))? {
            options.fair_sharing_excluded =
                names.into_iter().filter_map(Scalar::from_name).collect();
        }
        if let Some(filter) = event.read("filter_gpus", boolean)? {
            options.filter_gpu_resources = filter;
        }
        let region = event.read("domain", |value| Ok(domain(value)?.0))?;
        options.region = region;
        options.sorter = match event.read("sorter", text)?.unwrap_or("drf") {
            "drf" => SorterKind::Drf,
            "random" => SorterKind::Random(Pcg64Mcg::new(0)),
            other => {
                let problem = Problem::new(format_args!("'{other}' is none of drf, random"));
                return Err(problem.under("sorter"));
            }
        };
        self.interval = options.allocation_interval;
        self.allocator = HierarchicalAllocator::new(options);
        Ok(())
    }
}
