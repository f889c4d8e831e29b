//! Signs of life of a long run, on the terminal only.

use crate::screen;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use policy_api::Time;
use std::time::{Duration, Instant};

/// A bar over virtual time where the end is known, else a spinner.
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
    horizon: Option<Time>,
    last: Instant,
}

/// How often the bar is drawn.
const PERIOD: Duration = Duration::from_millis(100);

impl Progress {
    /// Shows nothing when `quiet`, nor when standard error is not a terminal.
    pub(crate) fn new(quiet: bool, horizon: Option<Time>) -> Self {
        let bar = if quiet {
            ProgressBar::hidden()
        } else if let Some(horizon) = horizon {
            ProgressBar::new(horizon.as_nanos()).with_style(style("{bar:24} {msg}, {eta} left"))
        } else {
            ProgressBar::new_spinner().with_style(style("{spinner} {msg}"))
        };
        bar.set_message("at 0 s");
        let now = Instant::now();
        Self { bar, started: now, horizon, last: now }
    }

    /// Draws, if it is time to.
    pub(crate) fn show(&mut self, now: Time, tasks_done: u64, events: u64) {
        if self.bar.is_hidden() || self.last.elapsed() < PERIOD {
            return;
        }
        self.last = Instant::now();
        if self.horizon.is_some() {
            self.bar.set_position(now.as_nanos());
        } else {
            self.bar.tick();
        }
        let rate = events as f64 / self.started.elapsed().as_secs_f64();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate")]
        let rate = HumanCount(rate as u64);
        let now = screen::seconds(now.as_secs_f64());
        let done = HumanCount(tasks_done);
        self.bar.set_message(format!("at {now}, {done} tasks done, {rate} events/s"));
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A bar over the cells of a benchmark; nothing when standard error is not a terminal.
pub(crate) fn cells(count: usize) -> ProgressBar {
    let bar = ProgressBar::new(count as u64).with_style(style("{bar:24} {pos}/{len} {msg}"));
    bar.enable_steady_tick(PERIOD);
    bar
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates above are right")
}
