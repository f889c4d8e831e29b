//! Whole clusters: master, agents, frameworks and links together.

#[path = "../support/mod.rs"]
mod support;

mod agent_restarts;
mod cluster_faults;
mod downloads;
mod draining;
mod drf_paper;
mod ends;
mod framework_failover;
mod given_up_tasks;
mod hosts_down;
mod master_failover;
mod operations_settled;
mod outdated_registrations;
mod oversubscription;
mod partition_failovers;
mod partition_links;
mod partitions;
mod random_operations;
mod recovered_resources;
mod registration_races;
mod stopped_pings;
mod tasks;
mod transfer_ports;
mod transfers;
mod transfers_interrupted;
mod transport;
mod whole_cluster;
