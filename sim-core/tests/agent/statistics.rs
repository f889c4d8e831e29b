//! What the agent answers at `/monitor/statistics`.

use crate::support::agent_desk::{AgentDesk, OPTIONS};
use crate::support::estimates::{all_that_is_asked_for, consuming};
use crate::support::script::play;
use crate::support::words::resources;
use policy_api::{Span, Time};
use sim_core::agent::{
    ConsumptionModel, ContainerName, ContainerStatistics, Input, Level, QuotaUse,
};
use sim_core::protocol::{ExecutorId, TaskId};

fn desk(model: Option<ConsumptionModel>, script: &str) -> AgentDesk {
    let mut desk = AgentDesk::new(resources("cpus:4;mem:4096;disk:1000"), OPTIONS);
    if let Some(model) = model {
        desk.agent.consume(model);
    }
    desk.hand_in(Input::Start);
    play(&mut desk, script);
    desk
}

fn at(desk: &AgentDesk, second: u64) -> Vec<ContainerStatistics> {
    desk.agent.container_statistics(Time::from_secs(second)).collect()
}

/// The executor of a command adds its 0.1 cpus and 32 MB; one with a name brings its own.
#[test]
fn limits_are_those_of_the_containers() {
    let desk = desk(
        None,
        "
        run T0=cpus:1;mem:128;disk:10@60s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        run T1=cpus:0.5;mem:8@60s executor=E7 executor-resources=cpus:0.25;mem:8
            0s T1 TASK_RUNNING latest TASK_RUNNING
        ",
    );
    let [command, named] = &at(&desk, 5)[..] else { panic!("two containers") };
    assert_eq!(command.executor, ContainerName::Command(TaskId { slot: 0, generation: 0 }));
    assert_eq!((command.cpus_limit, command.timestamp), (1_100, Time::from_secs(5)));
    assert_eq!([command.mem_limit_bytes, command.mem_soft_limit_bytes], [160 << 20; 2]);
    assert_eq!(command.disk_limit_bytes, 10 << 20);
    assert!(command.used.is_none(), "nobody looks");
    assert_eq!(named.executor, ContainerName::Executor(ExecutorId(7)));
    assert_eq!(named.cpus_limit, 750);
    // The soft limit is 32 MB at least.
    assert_eq!([named.mem_limit_bytes, named.mem_soft_limit_bytes], [16 << 20, 32 << 20]);
}

/// T0 wants 4 cores and may have 1: it gets 100 ms of each period, and 3 cores are kept from it.
#[test]
fn quota_throttles_and_is_counted() {
    let greedy = consuming(Level::Constant(4.0), Level::Constant(0.5));
    let model = ConsumptionModel { cgroups_enable_cfs: true, ..greedy };
    let script = "
        run T0=cpus:1;mem:100@600s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 10s
        ";
    let mut desk = desk(Some(model), script);
    let used = at(&desk, 20)[0].used.unwrap();
    assert_eq!(used.cpu_time, Span::from_secs(20));
    assert_eq!(used.mem_total_bytes, 50 << 20);
    let throttled_time = Span::from_secs(60);
    assert_eq!(used.quota, Some(QuotaUse { periods: 200, throttled: 200, throttled_time }));
    // Looking changes nothing.
    assert_eq!(at(&desk, 20)[0].used, Some(used));
    let statistics = desk.agent.usage(Time::from_secs(20)).executors[0].statistics.unwrap();
    assert_eq!((statistics.cpu_time, statistics.throttled_time), (used.cpu_time, throttled_time));
}

#[test]
fn nothing_is_told_of_what_is_gone() {
    let desk = desk(
        Some(all_that_is_asked_for()),
        "
        run T0=cpus:1;mem:100@10s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 10s
            10s T0 TASK_FINISHED latest TASK_FINISHED
        ",
    );
    assert!(at(&desk, 10).is_empty());
}
