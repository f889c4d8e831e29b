//! Draining of agents (`spec/master.md` 3.6, `spec/agent.md` 11). The tests that begin with an id are
//! scenarios of `spec/cluster-conformance.md`.

use crate::support::{master_desk, story};
use policy_api::Span;
use sim_core::master::MasterOptions;

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

/// Each store takes a second: there are two, one for each state.
#[test]
fn md_1_drain_an_agent_with_nothing_on_it() {
    let store_latency = Span::from_secs(1);
    let options =
        MasterOptions { registry_store_latency: store_latency, ..MasterOptions::default() };
    master_desk::check(
        options,
        "
        framework F0 a
        suppress F0
        agent A0 cpus:1
        at 10s
        operator drain A0 grace=10s
        at 11s
            11s DRAIN_AGENT 200
            11s A0 drains
        agent-is A0
            registered connected deactivated draining
        at 12s
        agent-is A0
            registered connected deactivated drained
        ",
    );
}

#[test]
fn md_2_reactivate_a_disconnected_agent() {
    story::check(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a suppressed=a launch=cpus:2;mem:1024@100s checkpoint
            0s A0 is there
            0s F0 subscribed
        10s operator drain A0
            10s A0 draining
            10s DRAIN_AGENT 200
            10s A0 drained
        20s crash A0 30s
            20s A0 disconnected
        25s revive F0
        30s operator reactivate A0
            30s A0 reactivated
            30s REACTIVATE_AGENT 200
        40s agent-is A0
            registered
            50s A0 reregistered
            51s F0 offer A0 cpus:2;mem:1024
            51s F0 T0 TASK_RUNNING
        60s agent-is A0
            registered connected active
        61s end
        ",
    );
}

#[test]
fn md_3_drain_and_mark_gone() {
    check(
        "
        framework F0 a
        suppress F0
        agent A0 cpus:1
        operator drain A0 mark-gone
            0s DRAIN_AGENT 200
            0s A0 drains to be gone
            0s A0 shuts down: Agent has been marked gone
            0s F0 loses A0
        agent-is A0
            gone
        ",
    );
}

#[test]
fn md_4_drain_a_disconnected_agent() {
    story::check(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:2;mem:1024
        10s crash A0 30s
            10s A0 disconnected
            10s F0 rescind 1
        20s agent-is A0
            registered
        20s operator drain A0
            20s A0 draining
            20s DRAIN_AGENT 200
        30s agent-is A0
            registered deactivated draining
            40s A0 reregistered
            40s A0 drained
        50s agent-is A0
            registered connected deactivated drained
        51s end
        ",
    );
}

#[test]
fn md_5_drain_an_unreachable_agent() {
    story::check(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:2;mem:1024
        10s crash A0 790s
            10s A0 disconnected
            10s F0 rescind 1
            90s A0 unreachable
            90s F0 loses A0
        700s agent-is A0
            unreachable
        700s operator drain A0
            700s A0 draining
            700s DRAIN_AGENT 200
        710s agent-is A0
            unreachable deactivated draining
            800s A0 is there
            800s A0 reregistered
            800s A0 drained
        850s agent-is A0
            registered connected deactivated drained
        851s end
        ",
    );
}

#[test]
fn md_6_drain_an_agent_with_a_task() {
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
        operator drain A0 grace=0s
            0s DRAIN_AGENT 200
            0s A0 drains
        agent-is A0
            registered connected deactivated draining
        update F0 A0 T0 TASK_KILLED
            0s F0 hears T0 TASK_KILLED
        agent-is A0
            registered connected deactivated draining
        acknowledge F0 A0 T0
            0s A0 is acknowledged
        agent-is A0
            registered connected deactivated drained
        at 2.5s
        operator reactivate A0
            2.5s REACTIVATE_AGENT 200
        at 4s
            3s offer O2 to F0: A0 cpus:2;mem:1024
        ",
    );
}

#[test]
fn md_7_drain_an_agent_with_a_task_and_mark_it_gone() {
    story::check(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a launch=cpus:2;mem:1024@1000s checkpoint acknowledge=1s
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:2;mem:1024
            0s F0 T0 TASK_RUNNING
        10s operator drain A0 grace=0s mark-gone
            10s A0 draining
            10s DRAIN_AGENT 200
            10s F0 T0 TASK_GONE_BY_OPERATOR AgentDraining
            11s A0 gone
            11s F0 loses A0
        20s agent-is A0
            gone
        20s tasks F0
            completed T0 on A0 TASK_GONE_BY_OPERATOR
        21s end
        ",
    );
}

#[test]
fn md_8_drain_a_disconnected_agent_with_a_task() {
    story::check(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a launch=cpus:2;mem:1024@1000s checkpoint
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:2;mem:1024
            0s F0 T0 TASK_RUNNING
        10s crash A0 30s
            10s A0 disconnected
        20s operator drain A0 grace=0s
            20s A0 draining
            20s DRAIN_AGENT 200
            42s A0 reregistered
            42s F0 T0 TASK_KILLED AgentDraining
            42s A0 drained
        50s agent-is A0
            registered connected deactivated drained
        60.5s operator reactivate A0
            60.5s A0 reactivated
            60.5s REACTIVATE_AGENT 200
            61s F0 offer A0 cpus:2;mem:1024
        65s end
        ",
    );
}

#[test]
fn md_9_drain_an_unreachable_agent_with_a_task() {
    story::check(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a launch=cpus:2;mem:1024@10000s checkpoint
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:2;mem:1024
            0s F0 T0 TASK_RUNNING
        10s crash A0 690s
            10s A0 disconnected
            90s A0 unreachable
            90s F0 T0 TASK_UNREACHABLE AgentRemoved since 90s
            90s F0 loses A0
        650s operator drain A0 grace=0s
            650s A0 draining
            650s DRAIN_AGENT 200
            702s A0 is there
            702s A0 reregistered
            702s F0 T0 TASK_RUNNING AgentReregistered
            702s F0 T0 TASK_KILLED AgentDraining
            702s A0 drained
        750s agent-is A0
            registered connected deactivated drained
        760.5s operator reactivate A0
            760.5s A0 reactivated
            760.5s REACTIVATE_AGENT 200
            761s F0 offer A0 cpus:2;mem:1024
        765s end
        ",
    );
}

#[test]
fn md_10_no_reactivation_while_draining() {
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
        operator drain A0
            0s DRAIN_AGENT 200
            0s A0 drains
        operator reactivate A0
            0s REACTIVATE_AGENT 400: Agent is still in the DRAINING state
        agent-is A0
            registered connected deactivated draining
        ",
    );
}
