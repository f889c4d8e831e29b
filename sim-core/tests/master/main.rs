//! The master at its one door.

#[path = "../support/mod.rs"]
mod support;

mod agent_reconciliation;
mod agent_returns;
mod disk_operations;
mod framework_life;
mod framework_subscription;
mod maintenance;
mod offer_ends;
mod offer_lists;
mod offers;
mod operation_acls;
mod operation_errors;
mod operation_feedback;
mod operation_profiles;
mod operations;
mod operator_quota;
mod operator_reservations;
mod operator_volumes;
mod operator_weights;
mod oversubscription;
mod partitions_registry;
mod port_mapping;
mod quota_rules;
mod rate_limits;
mod reconciliation;
mod roles;
mod task_rules;
mod teardown;
mod volume_rules;
mod volumes;
