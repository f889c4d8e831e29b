//! The policies and frameworks that a scenario can choose: closed lists, one line each.

mod allocator;
mod cache;
mod framework;
mod oversubscription;
mod sharing;

pub(crate) use allocator::allocator;
pub(crate) use cache::cache_policy;
pub(crate) use framework::{AnyFramework, FrameworkKind, framework};
pub(crate) use oversubscription::{estimator, qos_controller};
pub(crate) use sharing::{connecting, sharing};
