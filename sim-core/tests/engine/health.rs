//! Health checks: when an agent is found unreachable, when it gives up waiting, and that playing only
//! the pings that could matter leaves nothing out.

use policy_api::{AgentId, DenseId, Span, Time};
use proptest::prelude::*;
use sim_core::health::{HealthCheck, HealthChecks, Tick, Wait, Watch};
use std::collections::BTreeMap;

const DELAY: Span = Span::from_millis(5);

fn agent() -> AgentId {
    AgentId::from_index(0)
}

fn secs(secs: u64) -> Time {
    Time::from_secs(secs)
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Change(Change),
    Tick(HealthCheck),
    Ping { check: HealthCheck, connected: bool },
    Pong(HealthCheck),
    Wait(HealthCheck),
}

/// What the outside does.
#[derive(Clone, Copy, Debug)]
enum Change {
    Register,
    /// Whether the process is up, and whether messages pass, to the agent and to the master.
    Pass {
        up: bool,
        to_agent: bool,
        to_master: bool,
    },
    /// What each message takes on top.
    Slow(Span),
    Disconnect,
    Reconnect,
}

const SILENT: Change = Change::Pass { up: false, to_agent: true, to_master: true };
const SOUND: Change = Change::Pass { up: true, to_agent: true, to_master: true };

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Unhealthy,
    /// A pong after that.
    HealthyAgain,
    AgentGivesUp,
    /// The agent hears that the master takes it for disconnected.
    PingSaysDisconnected,
}

/// One agent on one link.
struct Rig {
    health: HealthChecks,
    /// Plays each ping, whether it could matter or not.
    plays_all: bool,
    up: bool,
    passes: [bool; 2],
    slow: Span,
    latest: [Time; 2],
    /// By time, changes first, then in the order of scheduling.
    events: BTreeMap<(Time, bool, usize), Event>,
    scheduled: usize,
    ticks: Vec<Time>,
    effects: Vec<(Time, Effect)>,
}

impl Rig {
    fn new(changes: &[(Time, Change)]) -> Self {
        let mut rig = Self {
            health: HealthChecks::new(Span::from_secs(15), 5, DELAY),
            plays_all: false,
            up: true,
            passes: [true; 2],
            slow: Span::ZERO,
            latest: [Time::ZERO; 2],
            events: BTreeMap::new(),
            scheduled: 0,
            ticks: Vec::new(),
            effects: Vec::new(),
        };
        for (at, change) in changes {
            rig.schedule(*at, Event::Change(*change));
        }
        rig
    }

    fn schedule(&mut self, at: Time, event: Event) {
        self.scheduled += 1;
        let later = !matches!(event, Event::Change(_));
        self.events.insert((at, later, self.scheduled), event);
    }

    fn run_until(&mut self, end: Time) -> &[(Time, Effect)] {
        while let Some(entry) = self.events.first_entry().filter(|entry| entry.key().0 <= end) {
            let ((now, ..), event) = entry.remove_entry();
            self.play(now, event);
        }
        &self.effects
    }

    fn is_faulty(&self) -> bool {
        !self.up || self.passes != [true; 2] || !self.slow.is_zero()
    }

    fn play(&mut self, now: Time, event: Event) {
        match event {
            Event::Change(change) => self.change(now, change),
            Event::Tick(check) => {
                let faulty = self.plays_all || self.is_faulty();
                match self.health.tick(check, now, faulty) {
                    Tick::Stale | Tick::Sound => {}
                    Tick::Ping { unhealthy, connected, next } => {
                        self.ticks.push(now);
                        if unhealthy {
                            self.effects.push((now, Effect::Unhealthy));
                        }
                        self.send(now, 0, Event::Ping { check, connected });
                        self.schedule(next, Event::Tick(check));
                    }
                }
            }
            Event::Ping { check, connected } => {
                if !self.up {
                    return;
                }
                if !connected {
                    self.effects.push((now, Effect::PingSaysDisconnected));
                }
                if let Some(wait) = self.health.agent_heard(check.agent(), now) {
                    self.schedule(wait, Event::Wait(check));
                }
                self.send(now, 1, Event::Pong(check));
            }
            Event::Pong(check) => {
                if self.health.pong_arrived(check) {
                    self.effects.push((now, Effect::HealthyAgain));
                }
            }
            Event::Wait(check) => match self.health.agent_waited(check, now) {
                Wait::Over => {}
                Wait::Until(at) => self.schedule(at, Event::Wait(check)),
                Wait::AgentGivesUp => self.effects.push((now, Effect::AgentGivesUp)),
            },
        }
    }

    fn change(&mut self, now: Time, change: Change) {
        match change {
            Change::Register => self.health.start(agent(), now),
            Change::Pass { up, to_agent, to_master } => {
                self.up = up;
                self.passes = [to_agent, to_master];
            }
            Change::Slow(extra) => self.slow = extra,
            Change::Disconnect => {
                let watch = self.health.disconnect(agent(), now);
                self.watched(watch);
            }
            Change::Reconnect => self.health.reconnect(agent()),
        }
        if self.plays_all || self.is_faulty() {
            let watch = self.health.watch(agent(), now);
            self.watched(watch);
        }
    }

    fn watched(&mut self, watch: Option<Watch>) {
        let Some(Watch { check, tick, ping, wait }) = watch else { return };
        self.schedule(tick, Event::Tick(check));
        if let Some(at) = ping {
            self.schedule(at, Event::Ping { check, connected: true });
        }
        if let Some(at) = wait {
            self.schedule(at, Event::Wait(check));
        }
    }

    fn send(&mut self, now: Time, way: usize, event: Event) {
        if self.passes[way] {
            let at = self.latest[way].max(now + DELAY + self.slow);
            self.latest[way] = at;
            self.schedule(at, event);
        }
    }
}

/// Registered at 1 s as in scenario PA-16.
#[test]
fn an_agent_that_never_answers_is_unhealthy_at_its_fifth_miss() {
    let mut rig = Rig::new(&[(secs(0), SILENT), (secs(1), Change::Register)]);
    let effects = rig.run_until(secs(80)).to_vec();
    assert_eq!(rig.ticks, [1, 16, 31, 46, 61, 76].map(secs));
    assert_eq!(effects[0], (secs(76), Effect::Unhealthy));
    // Its process, were it up, has waited 75 s since the answer to its registration.
    assert_eq!(effects[1..], [(secs(76) + DELAY, Effect::AgentGivesUp)]);
}

#[test]
fn an_agent_that_falls_silent_is_unhealthy_75_s_after_the_first_ping_without_answer() {
    // Answers the ping of 31 s, is silent from 40 s on: unanswered at 46 s.
    let changes = [(secs(1), Change::Register), (secs(40), SILENT)];
    let mut rig = Rig::new(&changes);
    let effects = rig.run_until(secs(122));
    let unhealthy = (secs(46 + 75), Effect::Unhealthy);
    assert_eq!(effects, [(secs(31 + 75) + DELAY, Effect::AgentGivesUp), unhealthy]);
    assert_eq!(rig.ticks[0], secs(46), "those before were not played");
}

#[test]
fn a_ping_on_its_way_when_the_process_dies_is_not_answered() {
    let dies = |after: Span| {
        let mut rig = Rig::new(&[(secs(1), Change::Register), (secs(31) + after, SILENT)]);
        let is_unhealthy = |effect: &&(Time, Effect)| effect.1 == Effect::Unhealthy;
        rig.run_until(secs(200)).iter().find(is_unhealthy).unwrap().0
    };
    assert_eq!(dies(Span::ZERO), secs(31 + 75), "before the ping of that instant");
    assert_eq!(dies(Span::from_millis(4)), secs(31 + 75), "before it has arrived");
    assert_eq!(dies(Span::from_millis(6)), secs(46 + 75), "after its answer");
}

#[test]
fn a_master_that_is_heard_by_nobody_is_looked_for() {
    // The agent hears the ping of 31 s last; that its own messages pass is of no use to it.
    let deaf = Change::Pass { up: true, to_agent: false, to_master: true };
    let mut rig = Rig::new(&[(secs(1), Change::Register), (secs(40), deaf)]);
    let effects = rig.run_until(secs(300)).to_vec();
    assert_eq!(effects[0], (secs(106) + DELAY, Effect::AgentGivesUp));
    let gave_up = effects.iter().filter(|(_, effect)| *effect == Effect::AgentGivesUp);
    assert_eq!(gave_up.count(), 1, "it has nothing more to wait for");
}

#[test]
fn an_agent_whose_answers_are_lost_hears_pings_until_they_stop() {
    let mute = Change::Pass { up: true, to_agent: true, to_master: false };
    let mut rig = Rig::new(&[(secs(1), Change::Register), (secs(40), mute)]);
    assert_eq!(rig.run_until(secs(121)), [(secs(121), Effect::Unhealthy)]);
    rig.health.stop(agent());
    // The ping of 121 s is on its way and arrives.
    let gives_up = (secs(121 + 75) + DELAY, Effect::AgentGivesUp);
    assert_eq!(rig.run_until(secs(1_000)), [(secs(121), Effect::Unhealthy), gives_up]);
    assert_eq!(rig.ticks.last(), Some(&secs(121)), "no ping after the agent is unreachable");
}

#[test]
fn a_pong_cancels_a_transition_and_misses_start_anew() {
    let changes = [(secs(1), Change::Register), (secs(2), SILENT), (secs(100), SOUND)];
    let mut rig = Rig::new(&changes);
    let effects = rig.run_until(secs(300)).to_vec();
    // Unanswered at 16 s, so five misses at 91 s; the ping of 106 s is answered after the sixth.
    let unhealthy: Vec<Time> =
        effects.iter().filter(|e| e.1 == Effect::Unhealthy).map(|e| e.0).collect();
    assert_eq!(unhealthy, [91, 106].map(secs));
    let pong = secs(106) + DELAY + DELAY;
    assert!(effects.contains(&(pong, Effect::HealthyAgain)));
    // At 121 s all is well: the watch is over and nothing is left to do.
    assert_eq!(rig.ticks.last(), Some(&secs(106)));
    assert!(!rig.health.is_watched(agent()));
    assert!(rig.events.is_empty());
}

#[test]
fn the_ping_after_a_disconnection_says_so_until_the_agent_is_back() {
    let changes = [
        (secs(1), Change::Register),
        (secs(20), Change::Disconnect),
        (secs(50), Change::Reconnect),
    ];
    let mut rig = Rig::new(&changes);
    let says = |at: u64| (secs(at) + DELAY, Effect::PingSaysDisconnected);
    assert_eq!(rig.run_until(secs(300)), [says(31), says(46)]);
    assert_eq!(rig.ticks, [31, 46].map(secs), "the rhythm is that of the registration");
}

#[test]
fn a_sound_agent_costs_no_event() {
    let mut rig = Rig::new(&[(secs(1), Change::Register)]);
    assert!(rig.run_until(secs(1_000_000)).is_empty());
    assert!(rig.ticks.is_empty());
}

#[test]
fn what_belongs_to_an_earlier_registration_is_ignored() {
    let mut health = HealthChecks::new(Span::from_secs(15), 1, DELAY);
    health.start(agent(), secs(1));
    let old = health.watch(agent(), secs(1)).unwrap();
    assert_eq!((old.tick, old.ping, old.wait), (secs(1), None, Some(secs(16) + DELAY)));
    health.start(agent(), secs(10));
    assert_eq!(health.tick(old.check, secs(16), true), Tick::Stale);
    assert_eq!(health.agent_waited(old.check, secs(76)), Wait::Over);
    let new = health.watch(agent(), secs(11)).unwrap();
    assert_eq!(new.tick, secs(25), "the rhythm of the new registration");
    assert_eq!(health.watch(agent(), secs(12)), None, "watched already");
    // A pong of the old registration does not answer a ping of the new one.
    let ping = |unhealthy, next| Tick::Ping { unhealthy, connected: true, next: secs(next) };
    assert_eq!(health.tick(new.check, secs(25), true), ping(false, 40));
    assert!(!health.pong_arrived(old.check));
    assert_eq!(health.tick(new.check, secs(25), true), Tick::Stale, "it was played");
    assert_eq!(health.tick(new.check, secs(40), true), ping(true, 55));
    assert!(health.pong_arrived(new.check));
    assert!(!health.pong_arrived(new.check));
}

#[test]
fn nothing_is_left_of_agents_that_were_stopped_and_of_a_master_that_failed() {
    let mut health = HealthChecks::new(Span::from_secs(15), 5, DELAY);
    assert_eq!(health.watch(agent(), secs(1)), None, "never registered");
    health.start(agent(), secs(1));
    let watch = health.watch(agent(), secs(1)).unwrap();
    health.stop(agent());
    assert_eq!(health.tick(watch.check, secs(1), true), Tick::Stale);
    assert!(!health.pong_arrived(watch.check));
    assert_eq!(health.watch(agent(), secs(2)), None);
    health.start(agent(), secs(3));
    let watch = health.watch(agent(), secs(3)).unwrap();
    health.clear();
    assert_eq!(health.tick(watch.check, secs(3), true), Tick::Stale);
    assert_eq!(health.agent_waited(watch.check, secs(80)), Wait::Over);
    // The same agent registers with the next master.
    health.start(agent(), secs(3));
    assert_ne!(health.watch(agent(), secs(3)).unwrap().check, watch.check);
    assert_eq!(health.tick(watch.check, secs(3), true), Tick::Stale);
}

#[test]
fn a_time_out_of_nothing_is_the_shortest_there_is() {
    let mut health = HealthChecks::new(Span::ZERO, 0, Span::ZERO);
    assert_eq!(health.total_timeout(), Span::from_nanos(1));
    health.start(agent(), Time::ZERO);
    assert_eq!(health.watch(agent(), secs(1)).unwrap().tick, secs(1));
}

fn changes() -> impl Strategy<Value = Vec<(Time, Change)>> {
    let pass = any::<[bool; 3]>().prop_map(|[up, to_agent, to_master]| Change::Pass {
        up,
        to_agent,
        to_master,
    });
    let slow = (0..7_000_u64).prop_map(|extra| Change::Slow(Span::from_millis(extra)));
    let change = prop_oneof![
        3 => pass,
        3 => Just(SOUND),
        1 => slow,
        1 => Just(Change::Slow(Span::ZERO)),
        1 => Just(Change::Disconnect),
        1 => Just(Change::Reconnect),
    ];
    // Many changes fall on the instants of ticks and arrivals, and right beside them.
    let gap = prop_oneof![
        0..150_000_u64,
        (0..8_u64).prop_map(|ticks| ticks * 15_000),
        0..12_u64,
        Just(5),
        Just(10),
    ];
    prop::collection::vec((gap, change), 0..30).prop_map(|changes| {
        let mut now = secs(1);
        let mut all = vec![(now, Change::Register)];
        for (gap, change) in changes {
            now += Span::from_millis(gap);
            all.push((now, change));
        }
        // At last all is well.
        now += Span::from_secs(1);
        all.extend([SOUND, Change::Slow(Span::ZERO), Change::Reconnect].map(|last| (now, last)));
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Against an agent of which each ping is played from its registration on.
    #[test]
    fn pings_that_are_not_played_would_have_changed_nothing(changes in changes()) {
        let end = changes[changes.len() - 1].0 + Span::from_secs(300);
        let mut rig = Rig::new(&changes);
        let mut reference = Rig { plays_all: true, ..Rig::new(&changes) };
        rig.run_until(end);
        reference.run_until(end);
        prop_assert_eq!(&rig.effects, &reference.effects);
        prop_assert!(rig.events.is_empty(), "the watch is over");
        prop_assert!(rig.ticks.len() <= reference.ticks.len());
        prop_assert!(rig.ticks.iter().all(|tick| reference.ticks.contains(tick)));
    }
}
