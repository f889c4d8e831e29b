//! Frameworks.

use crate::scenario::{
    Capability, DiskSourceName, FrameworkConfig, Order, PlacementRule, ServiceConfig, SpreadConfig,
    SpreadRule, StatefulConfig,
};
use policy_api::{FrameworkCapabilities, FrameworkId, FrameworkInfo, RoleId, Time};
use sim_core::framework::{
    Agents, BatchFramework, BatchOptions, Framework, Hold, Input, JobOrder, Output, Placement,
    ResourceKind, ServiceFramework, ServiceOptions, Spread, SpreadBy, StatefulFramework,
    StatefulOptions, ThinkTime, VolumeDisk,
};
use sim_core::protocol::{CommandInfo, Subscription};
use std::sync::Arc;

/// A framework of a scenario. Those that take no jobs are few and large.
#[expect(clippy::large_enum_variant, reason = "nearly all are batch frameworks")]
pub(crate) enum AnyFramework {
    Batch(BatchFramework),
    Service(Box<ServiceFramework>),
    Stateful(Box<StatefulFramework>),
}

/// What kind of framework it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameworkKind {
    Batch,
    Service,
    Stateful,
}

impl AnyFramework {
    pub(crate) const fn kind(&self) -> FrameworkKind {
        match self {
            Self::Batch(_) => FrameworkKind::Batch,
            Self::Service(_) => FrameworkKind::Service,
            Self::Stateful(_) => FrameworkKind::Stateful,
        }
    }
}

impl Framework for AnyFramework {
    fn handle(&mut self, now: Time, input: Input, agents: &Agents, out: &mut Vec<Output>) {
        match self {
            Self::Batch(framework) => framework.handle(now, input, agents, out),
            Self::Service(framework) => framework.handle(now, input, agents, out),
            Self::Stateful(framework) => framework.handle(now, input, agents, out),
        }
    }

    fn pending_tasks(&self) -> u64 {
        match self {
            Self::Batch(framework) => framework.pending_tasks(),
            Self::Service(framework) => framework.pending_tasks(),
            Self::Stateful(framework) => framework.pending_tasks(),
        }
    }

    fn live_tasks(&self) -> u64 {
        match self {
            Self::Batch(framework) => framework.live_tasks(),
            Self::Service(framework) => framework.live_tasks(),
            Self::Stateful(framework) => framework.live_tasks(),
        }
    }
}

/// Makes a framework of a scenario, in these roles; its instances or replicas need these files.
pub(crate) fn framework(
    id: FrameworkId,
    roles: Vec<RoleId>,
    config: &FrameworkConfig,
    files: Vec<Arc<CommandInfo>>,
) -> AnyFramework {
    let subscription = subscription(roles, config);
    if let Some(service) = &config.service {
        let options = ServiceOptions { files, ..service_options(service.get_ref(), config) };
        AnyFramework::Service(Box::new(ServiceFramework::new(id, subscription, options)))
    } else if let Some(stateful) = &config.stateful {
        let options = StatefulOptions { files, ..stateful_options(stateful.get_ref(), config) };
        AnyFramework::Stateful(Box::new(StatefulFramework::new(id, subscription, options)))
    } else {
        AnyFramework::Batch(BatchFramework::new(id, subscription, batch_options(config)))
    }
}

fn subscription(roles: Vec<RoleId>, config: &FrameworkConfig) -> Subscription {
    let info = FrameworkInfo {
        name: config.name.get_ref().as_str().into(),
        roles,
        capabilities: capabilities(config),
        ..FrameworkInfo::default()
    };
    Subscription {
        info,
        principal: config.principal.as_deref().map(Into::into),
        failover_timeout: config.failover_timeout.0,
        checkpoint: config.checkpoint,
        ..Subscription::default()
    }
}

fn capabilities(config: &FrameworkConfig) -> FrameworkCapabilities {
    let mut capabilities = FrameworkCapabilities {
        revocable_resources: config.revocable,
        ..FrameworkCapabilities::default()
    };
    let listed = config.capabilities.iter().map(|capability| (capability, true));
    let left_out = config.without_capabilities.iter().map(|capability| (capability, false));
    for (capability, there) in listed.chain(left_out) {
        *match capability {
            Capability::RevocableResources => &mut capabilities.revocable_resources,
            Capability::TaskKillingState => &mut capabilities.task_killing_state,
            Capability::GpuResources => &mut capabilities.gpu_resources,
            Capability::SharedResources => &mut capabilities.shared_resources,
            Capability::PartitionAware => &mut capabilities.partition_aware,
            Capability::MultiRole => &mut capabilities.multi_role,
            Capability::ReservationRefinement => &mut capabilities.reservation_refinement,
            Capability::RegionAware => &mut capabilities.region_aware,
        } = there;
    }
    capabilities
}

fn batch_options(config: &FrameworkConfig) -> BatchOptions {
    BatchOptions {
        order: match config.order {
            Order::Fifo => JobOrder::Fifo,
            Order::Fair => JobOrder::Fair,
        },
        placement: match config.placement {
            PlacementRule::FirstFit => Placement::FirstFit,
            PlacementRule::BestFit => Placement::BestFit,
            PlacementRule::WorstFit => Placement::WorstFit,
        },
        decline: config.decline.0,
        max_tasks_per_offer: config.max_tasks_per_offer.map(std::num::NonZeroU32::get),
        hold: Hold { offers: config.hold.offers, time: config.hold.time.0 },
        think_time: ThinkTime {
            per_offer: config.think.per_offer.0,
            per_task: config.think.per_task.0,
        },
        uses: if config.revocable { ResourceKind::Revocable } else { ResourceKind::Regular },
        unreachable_timeout: config.unreachable_timeout.0,
    }
}

fn service_options(service: &ServiceConfig, config: &FrameworkConfig) -> ServiceOptions {
    let later = service.scale.iter().map(|step| (Time::ZERO + step.time.0, step.instances));
    ServiceOptions {
        demand: service.demand.get_ref().quantities(),
        files: Vec::new(),
        scale: std::iter::once((Time::ZERO, service.instances)).chain(later).collect(),
        spread: spread(&service.spread, None),
        decline: config.decline.0,
        unreachable_timeout: config.unreachable_timeout.0,
        maintenance_margin: service.maintenance_margin.0,
    }
}

fn stateful_options(stateful: &StatefulConfig, config: &FrameworkConfig) -> StatefulOptions {
    StatefulOptions {
        replicas: stateful.replicas.get(),
        replication_factor: *stateful.replication_factor.get_ref(),
        role: config.role.get_ref().as_str().into(),
        demand: stateful.demand.get_ref().quantities(),
        files: Vec::new(),
        disk: match stateful.disk {
            None => VolumeDisk::Root,
            Some(DiskSourceName::Path) => VolumeDisk::Path,
            Some(DiskSourceName::Mount) => VolumeDisk::Mount,
        },
        write_rate: stateful.write_rate.bytes(),
        copy_rate: stateful.copy_rate.bytes(),
        // Two replicas on one agent would be lost together.
        spread: spread(&stateful.spread, Some(1)),
        decline: config.decline.0,
        replace_timeout: config.unreachable_timeout.0,
        maintenance_margin: stateful.maintenance_margin.0,
    }
}

/// Where nothing is said of how many an agent may get, `on_agent` holds.
fn spread(config: &SpreadConfig, on_agent: Option<u32>) -> Spread {
    let at_most = config.at_most.map(std::num::NonZeroU32::get);
    let (by, usual) = match config.by {
        SpreadRule::Agent => (SpreadBy::Agent, on_agent),
        SpreadRule::Attribute => {
            let name = config.attribute.as_ref().map_or("", |name| name.get_ref().as_str());
            (SpreadBy::Attribute(name.into()), None)
        }
        SpreadRule::Zone => (SpreadBy::Zone, None),
        SpreadRule::Region => (SpreadBy::Region, None),
    };
    Spread { by, at_most_per_value: at_most.or(usual) }
}
