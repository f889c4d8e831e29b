//! The life of offers, at the master's one door (`spec/master.md` sections 5 and 6).

use crate::support::infos::{framework_info, role, roles};
use crate::support::master_desk::{allocator, check, registration};
use crate::support::words::{millis, resources, secs};
use policy_api::{AgentId, DenseId, FrameworkId, Span, Time};
use sim_core::Observation;
use sim_core::master::{Input, Master, MasterOptions, Output, Registry, Timer};
use sim_core::protocol::{
    Call, Connection, Event, FromAgent, HostId, OfferId, Subscription, ToAgent,
};

fn for_ever() -> MasterOptions {
    MasterOptions::default()
}

fn subscribe() -> Input {
    let framework = FrameworkId::from_index(0);
    let info = framework_info(framework, role("a"));
    let subscription = Subscription { info, ..Subscription::default() };
    let call = Call::Subscribe(Box::new(subscription));
    Input::Call { framework, connection: Connection(1), call }
}

fn register(number: usize, total: &str) -> Input {
    let message = registration(AgentId::from_index(number), resources(total));
    let message = FromAgent::Register(Box::new(message));
    Input::Agent { host: HostId::from_index(number), message }
}

#[test]
fn registration_is_answered_and_asks_for_an_allocation() {
    let mut master = Master::new(allocator(), for_ever(), &roles(), Registry::new(1));
    let mut outputs = Vec::new();
    master.handle(Time::ZERO, subscribe(), &mut outputs);
    for _ in 0..2 {
        master.handle(Time::ZERO, register(0, "cpus:4;mem:4096"), &mut outputs);
    }
    let count = |what: fn(&Output) -> bool| outputs.iter().filter(|output| what(output)).count();
    let counts = [
        count(|o| matches!(o, Output::ToFramework { event: Event::Subscribed, .. })),
        count(|o| matches!(o, Output::ToAgent { message: ToAgent::Registered { .. }, .. })),
        count(|o| matches!(o, Output::Observe(Observation::FrameworkSubscribed { .. }))),
        count(|o| matches!(o, Output::Observe(Observation::AgentRegistered { .. }))),
        count(|output| matches!(output, Output::Wake { at: Time::ZERO, timer: Timer::Allocate })),
    ];
    // The agent that registers again is answered, but is not another agent.
    assert_eq!((counts, outputs.len()), ([1, 2, 1, 1, 1], 7));
    assert_eq!(master.agents().count(), 1);
}

#[test]
fn the_unused_part_of_an_accepted_offer_comes_back_with_its_filter() {
    // Refused at 0.5s for 5s: the filter ends at 5.5s, so the tick at 6s is the first to offer.
    check(
        for_ever(),
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        at 0.5s
        accept F0 O1 5s T0=cpus:1;mem:1024 T1=cpus:1;mem:512
            0.5s A0 runs T0
            0.5s A0 runs T1
        at 5.9s
        at 20s
            6s offer O2 to F0: A0 cpus:2;mem:2560
        ",
    );
}

#[test]
fn a_filter_holds_for_what_was_refused_and_less_but_not_for_more() {
    check(
        for_ever(),
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        at 0.5s
        accept F0 O1 100s T0=cpus:1;mem:1024
            0.5s A0 runs T0
        at 9.5s
        # The end of the task makes more free than was refused.
        update F0 A0 T0 TASK_FINISHED
            9.5s F0 hears T0 TASK_FINISHED
        at 11s
            10s offer O2 to F0: A0 cpus:4;mem:4096
        ",
    );
}

#[test]
fn a_declined_offer_returns_when_its_filter_ends() {
    check(
        for_ever(),
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        agent A1 cpus:2;mem:2048
            0s offer O2 to F0: A1 cpus:2;mem:2048
        at 0.2s
        decline F0 O1 3s
        decline F0 O2 7.5s
        at 3.9s
        at 7.9s
            4s offer O3 to F0: A0 cpus:4;mem:4096
        at 30s
            8s offer O4 to F0: A1 cpus:2;mem:2048
        ",
    );
}

#[test]
fn a_refusal_of_zero_seconds_is_none() {
    check(
        for_ever(),
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        at 0.2s
        decline F0 O1 0s
        at 1.5s
            1s offer O2 to F0: A0 cpus:4;mem:4096
        accept F0 O2 0s T0=cpus:1
            1.5s A0 runs T0
        at 2.5s
            2s offer O3 to F0: A0 cpus:3;mem:4096
        ",
    );
}

#[test]
fn a_refusal_by_one_framework_leaves_the_others_alone() {
    check(
        for_ever(),
        "
        framework F0 a
        framework F1 b
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        decline F0 O1 100s
        at 10s
            1s offer O2 to F1: A0 cpus:4;mem:4096
        decline F1 O2 100s
        at 99s
        at 120s
            100s offer O3 to F0: A0 cpus:4;mem:4096
        ",
    );
}

#[test]
fn a_tick_waits_for_what_is_on_its_way_at_its_instant() {
    let mut master = Master::new(allocator(), for_ever(), &roles(), Registry::new(2));
    let mut outputs = Vec::new();
    master.handle(Time::ZERO, subscribe(), &mut outputs);
    for number in [0, 1] {
        master.handle(Time::ZERO, register(number, "cpus:4;mem:4096"), &mut outputs);
    }
    outputs.clear();
    master.handle(Time::ZERO, Input::Wake(Timer::Allocate), &mut outputs);
    let offers = offers_in(&outputs);
    let decline = |offer| {
        let call = Call::Decline { offers: vec![offer], refuse: Span::ZERO };
        let (framework, connection) = (FrameworkId::from_index(0), Connection(1));
        Input::Call { framework, connection, call }
    };
    outputs.clear();
    master.handle(Time::ZERO + millis(500), decline(offers[0]), &mut outputs);
    let tick = Time::from_secs(1);
    let wakes_for = |outputs: &[Output], expected: Timer| {
        let is_wake = |output: &&Output| matches!(output, Output::Wake { at, timer } if (*at, *timer) == (tick, expected));
        outputs.iter().filter(is_wake).count() == 1
    };
    assert!(wakes_for(&outputs, Timer::BatchTick), "{outputs:?}");
    outputs.clear();
    master.handle(tick, Input::Wake(Timer::BatchTick), &mut outputs);
    assert!(wakes_for(&outputs, Timer::Allocate) && outputs.len() == 1, "{outputs:?}");
    // This one is in time.
    master.handle(tick, decline(offers[1]), &mut outputs);
    outputs.clear();
    master.handle(tick, Input::Wake(Timer::Allocate), &mut outputs);
    assert_eq!(offers_in(&outputs).len(), 2);
}

fn offers_in(outputs: &[Output]) -> Vec<OfferId> {
    let messages = outputs.iter().filter_map(|output| {
        let Output::ToFramework { event: Event::Offers(offers), .. } = output else {
            return None;
        };
        Some(offers.iter().map(|offer| offer.id))
    });
    messages.flatten().collect()
}

#[test]
fn offers_time_out_without_a_filter() {
    check(
        MasterOptions { offer_timeout: Some(secs(10)), ..MasterOptions::default() },
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        at 2.5s
        agent A1 cpus:2;mem:2048
            2.5s offer O2 to F0: A1 cpus:2;mem:2048
        # An answered offer does not time out.
        at 3.1s
        decline F0 O1 0s
        at 13s
            4s offer O3 to F0: A0 cpus:4;mem:4096
            12.5s rescind O2 from F0
            13s offer O4 to F0: A1 cpus:2;mem:2048
        # The timer of the offer is older than that of the tick at the same time.
        at 14.5s
            14s rescind O3 from F0
            14s offer O5 to F0: A0 cpus:4;mem:4096
        ",
    );
}

#[test]
fn offers_of_one_instant_are_rescinded_in_one_message_to_each() {
    check(
        MasterOptions { offer_timeout: Some(secs(5)), ..MasterOptions::default() },
        "
        framework F0 a
        framework F1 b
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        agent A1 cpus:4;mem:4096
            0s offer O2 to F1: A1 cpus:4;mem:4096
        agent A2 cpus:4;mem:4096
            0s offer O3 to F0: A2 cpus:4;mem:4096
        suppress F0
        suppress F1
        at 60s
            5s rescind O1,O3 from F0
            5s rescind O2 from F1
        ",
    );
}

#[test]
fn the_tasks_on_a_rescinded_offer_are_dropped() {
    check(
        MasterOptions { offer_timeout: Some(secs(5)), ..MasterOptions::default() },
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        suppress F0
        at 5s
            5s rescind O1 from F0
        accept F0 O1 5s T0=cpus:1 T1=cpus:1
            5s F0 hears T0 TASK_DROPPED InvalidOffers
            5s F0 hears T1 TASK_DROPPED InvalidOffers
        decline F0 O1 5s
        ",
    );
}

#[test]
fn to_a_framework_that_does_not_know_partitions_they_are_lost() {
    check(
        MasterOptions { offer_timeout: Some(secs(5)), ..MasterOptions::default() },
        "
        framework F0 a not-partition-aware
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        suppress F0
        at 5s
            5s rescind O1 from F0
        accept F0 O1 5s T0=cpus:1
            5s F0 hears T0 TASK_LOST InvalidOffers
        ",
    );
}

#[test]
fn nobody_can_answer_the_offer_of_another() {
    check(
        for_ever(),
        "
        framework F0 a
        framework F1 b
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        accept F1 O1 5s T0=cpus:1
            0s F1 hears T0 TASK_DROPPED InvalidOffers
        decline F1 O1 5s
        accept F0 O1 5s T0=cpus:1
            0s A0 runs T0
        ",
    );
}

#[test]
fn an_offer_is_answered_once() {
    check(
        for_ever(),
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        accept F0 O1 5s T0=cpus:1
            0s A0 runs T0
        accept F0 O1 5s T1=cpus:1
            0s F0 hears T1 TASK_DROPPED InvalidOffers
        decline F0 O1 5s
        # The name of an offer stays dead when its place is used again.
        agent A1 cpus:4;mem:4096
            0s offer O2 to F0: A1 cpus:4;mem:4096
        accept F0 O1 5s T2=cpus:1
            0s F0 hears T2 TASK_DROPPED InvalidOffers
        ",
    );
}

#[test]
fn what_was_declined_cannot_be_accepted() {
    check(
        for_ever(),
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        agent A1 cpus:4;mem:4096
            0s offer O2 to F0: A1 cpus:4;mem:4096
        # Naming an offer twice is no harm.
        decline F0 O1,O2,O1 5s
        accept F0 O2 5s T0=cpus:1
            0s F0 hears T0 TASK_DROPPED InvalidOffers
        ",
    );
}

#[test]
fn each_task_is_validated_against_what_the_tasks_before_it_left() {
    check(
        for_ever(),
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        # Too large, empty, well, too large for what is left, of a kind that is not offered, well.
        accept F0 O1 0s T0=cpus:5 T1=nothing T2=cpus:3 T3=cpus:2 T4=gpus:1 T5=cpus:1;mem:4096
            0s F0 hears T0 TASK_ERROR TaskInvalid
            0s F0 hears T1 TASK_ERROR TaskInvalid
            0s A0 runs T2
            0s F0 hears T3 TASK_ERROR TaskInvalid
            0s F0 hears T4 TASK_ERROR TaskInvalid
            0s A0 runs T5
        update F0 A0 T5 TASK_FINISHED
            0s F0 hears T5 TASK_FINISHED
        at 2s
            1s offer O2 to F0: A0 cpus:1;mem:4096
        ",
    );
}

#[test]
fn an_accept_without_tasks_declines() {
    check(
        for_ever(),
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        at 0.5s
        accept F0 O1 5s
        at 20s
            6s offer O2 to F0: A0 cpus:4;mem:4096
        ",
    );
}

#[test]
fn the_id_of_a_task_is_free_when_its_end_is_acknowledged() {
    check(
        for_ever(),
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        accept F0 O1 0s T0=cpus:1 T0=cpus:1
            0s A0 runs T0
            0s F0 hears T0 TASK_ERROR TaskInvalid
        at 1s
            1s offer O2 to F0: A0 cpus:3;mem:4096
        update F0 A0 T0 TASK_RUNNING latest TASK_FINISHED
            1s F0 hears T0 TASK_RUNNING
        acknowledge F0 A0 T0
            1s A0 is acknowledged
        accept F0 O2 0s T0=cpus:1
            1s F0 hears T0 TASK_ERROR TaskInvalid
        update F0 A0 T0 TASK_FINISHED
            1s F0 hears T0 TASK_FINISHED
        at 2s
            2s offer O3 to F0: A0 cpus:4;mem:4096
        accept F0 O3 0s T0=cpus:1
            2s F0 hears T0 TASK_ERROR TaskInvalid
        acknowledge F0 A0 T0
            2s A0 is acknowledged
        at 3s
            3s offer O4 to F0: A0 cpus:4;mem:4096
        accept F0 O4 0s T0=cpus:1
            3s A0 runs T0
        ",
    );
}

#[test]
fn a_task_does_not_push_another_out_of_its_slot() {
    check(
        for_ever(),
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        accept F0 O1 0s T0=cpus:1 T0.1=cpus:1
            0s A0 runs T0
            0s A0 runs T0.1
        update F0 A0 T0 TASK_FINISHED
            0s F0 hears T0 TASK_FINISHED
        at 1s
            1s offer O2 to F0: A0 cpus:3;mem:4096
        update F0 A0 T0.1 TASK_FINISHED
            1s F0 hears T0.1 TASK_FINISHED
        acknowledge F0 A0 T0.1
            1s A0 is acknowledged
        at 2s
            2s offer O3 to F0: A0 cpus:1
        ",
    );
}

#[test]
fn a_suppressed_framework_is_offered_nothing_until_it_revives() {
    check(
        for_ever(),
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        decline F0 O1 100s
        suppress F0
        agent A1 cpus:2;mem:2048
        at 20s
        # Reviving drops the filters and asks for an allocation at once.
        revive F0
            20s offer O2 to F0: A0 cpus:4;mem:4096
            20s offer O3 to F0: A1 cpus:2;mem:2048
        ",
    );
}

#[test]
fn offers_stand_while_their_framework_is_suppressed() {
    check(
        for_ever(),
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        suppress F0
        at 7s
        accept F0 O1 0s T0=cpus:1
            7s A0 runs T0
        at 20s
        ",
    );
}

#[test]
fn roles_share_by_their_dominant_share() {
    check(
        for_ever(),
        "
        framework F0 a
        framework F1 b
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        agent A1 cpus:8;mem:1024
            0s offer O2 to F1: A1 cpus:8;mem:1024
        # Now a has 4/20 of the cores and 4096/9216 of the memory, b has 8/20 and 1024/9216.
        agent A2 cpus:8;mem:4096
            0s offer O3 to F1: A2 cpus:8;mem:4096
        agent A3 cpus:1;mem:1024
            0s offer O4 to F0: A3 cpus:1;mem:1024
        ",
    );
}

#[test]
fn frameworks_of_one_role_share_what_it_gets() {
    check(
        for_ever(),
        "
        framework F0 a
        framework F1 a
        framework F2 b
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        agent A1 cpus:4;mem:4096
            0s offer O2 to F2: A1 cpus:4;mem:4096
        agent A2 cpus:4;mem:4096
            0s offer O3 to F1: A2 cpus:4;mem:4096
        agent A3 cpus:4;mem:4096
            0s offer O4 to F2: A3 cpus:4;mem:4096
        ",
    );
}

#[test]
fn calls_and_updates_of_a_framework_that_never_subscribed_are_dropped() {
    check(
        for_ever(),
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        decline F5 O1 5s
        suppress F5
        revive F5
        accept F5 O1 5s T0=cpus:1
        update F5 A0 T0 TASK_RUNNING
        ",
    );
}
