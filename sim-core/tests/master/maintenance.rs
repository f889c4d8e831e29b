//! Maintenance of machines, at the master's door (`spec/master.md` section 4). The tests that begin
//! with an id are scenarios of `spec/cluster-conformance.md`.

use crate::support::master_desk;
use sim_core::master::{Acl, Acls, Action, Entity, MasterOptions};

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

#[test]
fn mm_1_update_schedule() {
    check(
        "
        operator schedule A0@1s+2s
            0s UPDATE_MAINTENANCE_SCHEDULE 200
        maintenance
            agent-000/ from 1s for 2s
            agent-000/ draining
        operator schedule none@1s+2s
            0s UPDATE_MAINTENANCE_SCHEDULE 400: List of machines in the maintenance window is empty
        operator schedule A0@1s+2s A0@3s+4s
            0s UPDATE_MAINTENANCE_SCHEDULE 400: Machine appears more than once in the schedule
        operator schedule /@1s+2s
            0s UPDATE_MAINTENANCE_SCHEDULE 400: Both 'hostname' and 'ip' for a machine are empty
        operator schedule A0,10.0.0.2@1s+2s
            0s UPDATE_MAINTENANCE_SCHEDULE 200
        maintenance
            agent-000/,/10.0.0.2 from 1s for 2s
            agent-000/ draining
            /10.0.0.2 draining
        operator schedule
            0s UPDATE_MAINTENANCE_SCHEDULE 200
        maintenance
        ",
    );
}

#[test]
fn mm_2_fail_to_unschedule_deactivated_machines() {
    check(
        "
        operator schedule A0,10.0.0.2@1s+2s
            0s UPDATE_MAINTENANCE_SCHEDULE 200
        operator down A0
            0s START_MAINTENANCE 200
        operator schedule 10.0.0.2@1s+2s
            0s UPDATE_MAINTENANCE_SCHEDULE 400: Machine is deactivated and cannot be removed from the schedule
        operator up A0
            0s STOP_MAINTENANCE 200
        maintenance
            /10.0.0.2 from 1s for 2s
            /10.0.0.2 draining
        ",
    );
}

#[test]
fn mm_3_pending_unavailability() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        operator schedule A0@60s+120s
            0s rescind O1 from F0
            0s UPDATE_MAINTENANCE_SCHEDULE 200
            0s offer O2 to F0: A0 cpus:2;mem:1024 until 60s
            0s inverse offer I1 to F0: A0 from 60s
        at 1s
        at 2s
        ",
    );
}

#[test]
fn mm_5_enter_maintenance_mode() {
    check(
        "
        framework F0 a checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 0s T0=cpus:2;mem:1024
            0s A0 runs T0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        acknowledge F0 A0 T0
            0s A0 is acknowledged
        operator schedule A0@60s+120s
            0s UPDATE_MAINTENANCE_SCHEDULE 200
            0s inverse offer I1 to F0: A0 from 60s
        operator down A0
            0s A0 shuts down: Machine is down for maintenance
            0s F0 hears T0 TASK_LOST AgentRemoved
            0s rescind I1 from F0
            0s F0 loses A0
            0s START_MAINTENANCE 200
        agent-is A0
            removed
        agent A0 cpus:2;mem:1024
            0s A0 shuts down: Machine is down for maintenance
        operator up A0
            0s STOP_MAINTENANCE 200
        agent A0 cpus:2;mem:1024
            0s A0 is registered as A100
            0s offer O2 to F0: A100 cpus:2;mem:1024
        at 1s
        ",
    );
}

/// `evil` may not bring machines down or up.
fn denying() -> MasterOptions {
    let deny = |action| Acl {
        action,
        principals: Entity::Some(vec!["evil".into()]),
        objects: Entity::None,
    };
    let rules = [Action::StartMaintenance, Action::StopMaintenance].map(deny).to_vec();
    MasterOptions { acls: Acls { rules, strict: false }, ..MasterOptions::default() }
}

#[test]
fn mm_6_bring_machines_down() {
    master_desk::check(
        denying(),
        "
        operator down A0
            0s START_MAINTENANCE 400: Machine is not part of a maintenance schedule
        operator down none
            0s START_MAINTENANCE 400: List of machines is empty
        operator down /
            0s START_MAINTENANCE 400: Both 'hostname' and 'ip' for a machine are empty
        operator schedule A0,10.0.0.2@1s+2s
            0s UPDATE_MAINTENANCE_SCHEDULE 200
        operator principal=evil down A0
            0s START_MAINTENANCE 403: Not authorized
        operator down A0
            0s START_MAINTENANCE 200
        operator down A0
            0s START_MAINTENANCE 400: Machine is not in DRAINING mode and cannot be brought down
        operator down A0,10.0.0.2
            0s START_MAINTENANCE 400: Machine is not in DRAINING mode and cannot be brought down
        operator down 10.0.0.2
            0s START_MAINTENANCE 200
        maintenance
            agent-000/,/10.0.0.2 from 1s for 2s
            /10.0.0.2 down
            agent-000/ down
        ",
    );
}

#[test]
fn mm_7_bring_machines_up() {
    master_desk::check(
        denying(),
        "
        operator schedule A0,10.0.0.2@1s+2s A3/10.0.0.3@3s+4s
            0s UPDATE_MAINTENANCE_SCHEDULE 200
        operator up A9
            0s STOP_MAINTENANCE 400: Machine is not part of a maintenance schedule
        operator up A0
            0s STOP_MAINTENANCE 400: Machine is not in DOWN mode and cannot be brought up
        operator down A3/10.0.0.3
            0s START_MAINTENANCE 200
        operator principal=evil up A3/10.0.0.3
            0s STOP_MAINTENANCE 403: Not authorized
        operator up A3/10.0.0.3
            0s STOP_MAINTENANCE 200
        maintenance
            agent-000/,/10.0.0.2 from 1s for 2s
            agent-000/ draining
            /10.0.0.2 draining
        operator down A0,10.0.0.2
            0s START_MAINTENANCE 200
        operator up A0,10.0.0.2
            0s STOP_MAINTENANCE 200
        maintenance
        ",
    );
}

#[test]
fn mm_8_machine_status() {
    check(
        "
        operator schedule A0,10.0.0.2@1s+2s
            0s UPDATE_MAINTENANCE_SCHEDULE 200
        maintenance
            agent-000/,/10.0.0.2 from 1s for 2s
            agent-000/ draining
            /10.0.0.2 draining
        operator down A0
            0s START_MAINTENANCE 200
        maintenance
            agent-000/,/10.0.0.2 from 1s for 2s
            /10.0.0.2 draining
            agent-000/ down
        operator up A0
            0s STOP_MAINTENANCE 200
        maintenance
            /10.0.0.2 from 1s for 2s
            /10.0.0.2 draining
        ",
    );
}

#[test]
fn mm_9_inverse_offers() {
    check(
        "
        agent A0 cpus:2;mem:1024
        operator schedule A0@60s+120s
            0s UPDATE_MAINTENANCE_SCHEDULE 200
        maintenance
            agent-000/ from 60s for 120s
            agent-000/ draining
        framework F0 a
            0s offer O1 to F0: A0 cpus:2;mem:1024 until 60s
            0s inverse offer I1 to F0: A0 from 60s
        at 1s
        accept F0 O1 0s T0=cpus:2;mem:1024
            1s A0 runs T0
        at 2s
        decline-inverse F0 I1 0s
        maintenance
            agent-000/ from 60s for 120s
            agent-000/ draining F0 on A0 DECLINE
        at 3s
            3s inverse offer I2 to F0: A0 from 60s
        maintenance
            agent-000/ from 60s for 120s
            agent-000/ draining F0 on A0 DECLINE
        accept-inverse F0 I2 0s
        at 4s
            4s inverse offer I3 to F0: A0 from 60s
        maintenance
            agent-000/ from 60s for 120s
            agent-000/ draining F0 on A0 ACCEPT
        ",
    );
}

#[test]
fn mm_10_filters_of_inverse_offers() {
    check(
        "
        agent A0 cpus:2;mem:1024
        agent A1 cpus:2;mem:1024
        framework F0 a
            0s offer O1 to F0: A0 cpus:2;mem:1024
            0s offer O2 to F0: A1 cpus:2;mem:1024
        accept F0 O1 0s T0=cpus:2;mem:1024
            0s A0 runs T0
        accept F0 O2 0s T1=cpus:2;mem:1024
            0s A1 runs T1
        operator schedule A0,A1@60s+120s
            0s UPDATE_MAINTENANCE_SCHEDULE 200
            0s inverse offer I1 to F0: A0 from 60s
            0s inverse offer I2 to F0: A1 from 60s
        at 1s
        decline-inverse F0 I2 101s
        accept-inverse F0 I1 0s
        at 2s
            2s inverse offer I3 to F0: A0 from 60s
        decline-inverse F0 I3 0s
        at 3s
            3s inverse offer I4 to F0: A0 from 60s
        ",
    );
}

#[test]
fn mm_12_accept_an_inverse_offer_that_is_not_outstanding() {
    check(
        "
        agent A0 cpus:2;mem:1024
        framework F0 a
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 0s T0=cpus:2;mem:1024
            0s A0 runs T0
        operator schedule A0@60s+120s
            0s UPDATE_MAINTENANCE_SCHEDULE 200
            0s inverse offer I1 to F0: A0 from 60s
        at 1s
        accept-inverse F0 I1 100s
        accept-inverse F0 I1 0s
        maintenance
            agent-000/ from 60s for 120s
            agent-000/ draining F0 on A0 ACCEPT
        at 2s
        ",
    );
}

/// An agent that was away while its machine was brought down.
#[test]
fn unreachable_agent_does_not_come_back_to_a_machine_that_is_down() {
    check(
        "
        framework F0 a
        suppress F0
        agent A0 cpus:1
        at 10s
        unhealthy A0
            10s F0 loses A0
        operator schedule A0@60s+120s
            10s UPDATE_MAINTENANCE_SCHEDULE 200
        operator down A0
            10s START_MAINTENANCE 200
        reregister A0 cpus:1
            10s A0 shuts down: Machine is down for maintenance
        agent-is A0
            unreachable
        operator up A0
            10s STOP_MAINTENANCE 200
        reregister A0 cpus:1
            10s A0 is reregistered
        agent-is A0
            registered connected active
        ",
    );
}

/// A window applies to agents that register later, and a failover of the master does not forget it.
#[test]
fn schedule_outlives_the_master() {
    check(
        "
        operator schedule A0@60s+120s
            0s UPDATE_MAINTENANCE_SCHEDULE 200
        failover
        maintenance
            agent-000/ from 60s for 120s
            agent-000/ draining
        framework F0 a
        agent A0 cpus:1
            0s offer O1 to F0: A0 cpus:1 until 60s
            0s inverse offer I1 to F0: A0 from 60s
        ",
    );
}
