//! How links are divided.

use crate::scenario::{NetworkConfig, SharingName};
use policy_api::BandwidthSharing;
use policy_isolation::sharing::{Fairness, MaxMin, Unshared};

pub(crate) fn sharing(config: &NetworkConfig) -> Box<dyn BandwidthSharing> {
    match config.sharing {
        SharingName::MaxMin if config.egress_unique_flow_per_container => {
            Box::new(MaxMin::new(Fairness::PerGroup))
        }
        SharingName::MaxMin => Box::new(MaxMin::new(Fairness::PerFlow)),
        SharingName::Unshared => Box::new(Unshared::new()),
    }
}
