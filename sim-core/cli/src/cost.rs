//! What a run costs on this machine: shown on the terminal, never written to a file, because the
//! results of equal runs are equal bytes.

use std::time::{Duration, Instant};

/// Measures this thread.
pub(crate) struct Stopwatch {
    started: Instant,
    cpu_s: Option<f64>,
}

/// What something cost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) elapsed_s: f64,
    /// Processor time of this thread; the elapsed time where the system does not tell it.
    pub(crate) cpu_s: f64,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), cpu_s: thread_cpu().map(|cpu| cpu.as_secs_f64()) }
    }

    pub(crate) fn stop(self) -> Cost {
        let elapsed_s = self.started.elapsed().as_secs_f64();
        let cpu_s = thread_cpu().zip(self.cpu_s).map(|(cpu, before)| cpu.as_secs_f64() - before);
        Cost { elapsed_s, cpu_s: cpu_s.unwrap_or(elapsed_s) }
    }
}

/// The processor time of this thread so far, to the nanosecond; not known on every system.
pub(crate) fn thread_cpu() -> Option<Duration> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    return nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID.now().ok().map(Duration::from);
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    None
}

/// The most memory that the process has had so far, in MB; known on Linux only.
pub(crate) fn peak_memory_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().split(' ').next()?.parse::<u64>().ok()? / 1024)
}
