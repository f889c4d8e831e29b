//! A warm agent allocates nothing for a task that is launched, runs, ends and is acknowledged. The
//! counter is one for the whole process, so this file has one test.

#![expect(unsafe_code, reason = "a global allocator that counts can only be had this way")]

mod support;

use policy_api::{AgentId, DenseId, Time};
use sim_core::agent::{AgentOptions, Input, Output, Timer};
use sim_core::protocol::{FromAgent, RunTask, Tasks, ToAgent};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};
use support::agent_desk::{AgentDesk, run};
use support::words::{resources, secs};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static GLOBAL: Counting = Counting;

/// An agent whose updates are acknowledged at once and whose timers fire.
struct Driven {
    desk: AgentDesk,
    now: Time,
    out: Vec<Output>,
    inputs: Vec<(Time, Input)>,
    /// Timers of tasks and their executors.
    timers: u32,
    retries: u32,
}

impl Driven {
    fn new(options: AgentOptions) -> Self {
        let mut driven = Self {
            desk: AgentDesk::new(resources("cpus:4"), options),
            now: Time::ZERO,
            out: Vec::with_capacity(16),
            inputs: Vec::with_capacity(16),
            timers: 0,
            retries: 0,
        };
        driven.hand_in(Input::Start);
        driven.hand_in(Input::Message(ToAgent::Registered { agent: AgentId::from_index(0) }));
        // The retry of the registration.
        driven.inputs.clear();
        driven
    }

    fn hand_in(&mut self, input: Input) {
        self.desk.agent.handle(self.now, input, &mut self.out);
        for output in self.out.drain(..) {
            match output {
                Output::Send(FromAgent::StatusUpdate(update)) => {
                    let status = update.status.expect("agents name updates");
                    self.inputs.push((self.now, Input::Message(ToAgent::Acknowledge(status))));
                }
                Output::Wake { at, timer } => {
                    if timer == Timer::Retry {
                        self.retries += 1;
                    } else {
                        self.timers += 1;
                    }
                    self.inputs.push((at, Input::Wake(timer)));
                }
                Output::Send(_) => {}
                Output::Observe(_) | Output::Network(_) | Output::Exited => panic!("{output:?}"),
            }
        }
    }

    /// Runs tasks one after another; says how often something was allocated.
    fn run_tasks(&mut self, tasks: u32, template: &RunTask) -> u64 {
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        (self.timers, self.retries) = (0, 0);
        for _ in 0..tasks {
            self.hand_in(Input::Message(ToAgent::Run(one_more(template))));
            while self.desk.agent.tasks().next().is_some() {
                let next = (0..self.inputs.len()).min_by_key(|index| self.inputs[*index].0);
                let (at, input) = self.inputs.remove(next.expect("tasks end"));
                self.now = at;
                self.hand_in(input);
            }
        }
        ALLOCATIONS.load(Ordering::Relaxed) - before
    }
}

/// A copy that shares what a master's message shares.
fn one_more(template: &RunTask) -> RunTask {
    let [launch] = template.tasks.as_slice() else { panic!("one task") };
    RunTask { tasks: Tasks::One(launch.clone()), ..template.clone() }
}

#[test]
fn a_warm_agent_allocates_nothing_and_asks_for_few_timers() {
    let slow = AgentOptions {
        launch_delay: secs(1),
        starting_delay: Some(secs(1)),
        ..AgentOptions::DEFAULT
    };
    for (options, timers_of_a_task, seconds_of_a_task) in
        [(AgentOptions::DEFAULT, 1, 2), (slow, 3, 4)]
    {
        let mut driven = Driven::new(options);
        let template = run(&["T0=cpus:1@2s"]);
        driven.run_tasks(100, &template);
        assert_eq!(driven.run_tasks(1_000, &template), 0, "allocations");
        assert_eq!(driven.timers, 1_000 * timers_of_a_task);
        assert!(driven.retries > 0);
        assert!(driven.retries <= 1_000 * seconds_of_a_task / 10 + 1, "{}", driven.retries);
    }
}
