//! Made-up runs for the tests: the files that a run leaves, with plausible numbers in them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use report::{Distribution, Nanoseconds, Thousandths};

/// What to make up.
pub(crate) struct MadeUp<'a> {
    pub(crate) roles: &'a [&'a str],
    pub(crate) intervals: u32,
    pub(crate) interval_s: f64,
    /// Multiplies every amount and count.
    pub(crate) scale: f64,
}

impl MadeUp<'_> {
    pub(crate) fn write(&self, directory: &Path) {
        fs::write(directory.join("run.json"), RUN).unwrap();
        fs::write(directory.join("summary.json"), self.summary()).unwrap();
        fs::write(directory.join("timeline.csv"), self.timeline()).unwrap();
        fs::write(directory.join("roles.csv"), self.role_table()).unwrap();
        fs::write(directory.join("distributions.csv"), self.distributions()).unwrap();
    }

    fn summary(&self) -> String {
        let mut lines = vec![
            r#""tasks/submitted": 182340"#.to_owned(),
            r#""tasks/finished": 181022"#.to_owned(),
            r#""tasks/waiting_time_mean_s": 93.18273"#.to_owned(),
            r#""tasks/waiting_time_p95_s": 512.004"#.to_owned(),
            r#""tasks/bounded_slowdown_mean": 2.3381"#.to_owned(),
            r#""offers/made": 1203344"#.to_owned(),
            r#""offers/declined": 901200"#.to_owned(),
            r#""cluster/cpus_utilisation_mean": 0.7312"#.to_owned(),
            r#""cluster/mem_utilisation_mean": 0.6126"#.to_owned(),
            r#""tasks/lost": null"#.to_owned(),
            r#""allocator/name": "hierarchical""#.to_owned(),
        ];
        for (index, role) in self.roles.iter().enumerate() {
            let name = json_text(role);
            let finished = 1000 * (index + 1);
            lines.push(format!("\"roles/{name}/tasks_finished\": {finished}"));
            lines.push(format!("\"roles/{name}/waiting_time_mean_s\": {}.25", 20 * index));
            lines.push(format!("\"roles/{name}/waiting_time_p95_s\": null"));
        }
        format!("{{\n  {}\n}}\n", lines.join(",\n  "))
    }

    fn timeline(&self) -> String {
        let mut text = String::from(
            "time_s,interval_s,tasks_pending,tasks_staging,tasks_running,offers_made,\
             offers_accepted,offers_declined,offers_rescinded,tasks_finished,cpus_total,\
             cpus_allocated,cpus_offered,mem_total,mem_allocated,mem_offered,agents_lost\n",
        );
        let mut noise = Noise(7);
        for row in 0..self.intervals {
            let end = f64::from(row + 1) * self.interval_s;
            let day = day_curve(end);
            let (cpus, mem) = (4000.0 * self.scale, 4000.0 * 8192.0 * self.scale);
            let cpus_used = cpus * (0.35 + 0.45 * day + 0.08 * noise.next());
            let mem_used = mem * (0.30 + 0.30 * day + 0.05 * noise.next());
            let (free_cpus, free_mem) = (cpus - cpus_used, mem - mem_used);
            let made =
                (self.scale * self.interval_s * (6.0 + 4.0 * day + 3.0 * noise.next())).round();
            let accepted = (made * (0.2 + 0.1 * day)).round();
            let rescinded = (made * 0.02 * noise.next()).round();
            let declined = made - accepted - rescinded;
            writeln!(
                text,
                "{end},{},{},3,{},{made},{accepted},{declined},{rescinded},{accepted},{cpus},\
                 {cpus_used},{},{mem},{mem_used},{},0",
                self.interval_s,
                (200.0 * day).round(),
                (cpus_used / 2.0).round(),
                free_cpus * (0.3 + 0.3 * noise.next()),
                free_mem * (0.3 + 0.3 * noise.next()),
            )
            .unwrap();
        }
        text
    }

    fn role_table(&self) -> String {
        let mut text = String::from("time_s,role,dominant_share,tasks_running,tasks_pending\n");
        let mut noise = Noise(11);
        for row in 0..self.intervals {
            let end = f64::from(row + 1) * self.interval_s;
            for (index, role) in self.roles.iter().enumerate() {
                let phase = 0.7 * index as f64;
                let wave = 0.5 + 0.5 * (end / 20_000.0 + phase).sin();
                let share = (0.1 + 0.7 * wave + 0.15 * noise.next()) / self.roles.len() as f64;
                writeln!(text, "{end},{},{share},{row},{index}", csv_text(role)).unwrap();
            }
        }
        text
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "made-up values are positive and small enough"
    )]
    fn distributions(&self) -> String {
        let mut text = String::from("role,metric,value,cumulative_fraction\n");
        let mut noise = Noise(13);
        for (index, role) in self.roles.iter().enumerate().take(self.intervals as usize) {
            let mut waits = Distribution::<Nanoseconds>::new();
            let mut slowdowns = Distribution::<Thousandths>::new();
            for _ in 0..2_000 {
                let wait = if noise.next() < 0.2 {
                    0.0
                } else {
                    (noise.normal() * 1.6 + 1.0 + 0.5 * (index % 7) as f64).exp()
                };
                let run = (noise.normal() + 4.0).exp();
                waits.record((wait * 1e9 * self.scale) as u64);
                slowdowns.record((1000.0 * (wait + run) / run.max(10.0)).max(1000.0) as u64);
            }
            let curves = [
                ("waiting_time_s", waits.cumulative(200)),
                ("bounded_slowdown", slowdowns.cumulative(200)),
                ("turnaround_s", vec![(1.0, 1.0)]),
            ];
            for (metric, curve) in curves {
                for (value, fraction) in curve {
                    writeln!(text, "{},{metric},{value},{fraction}", csv_text(role)).unwrap();
                }
            }
        }
        text
    }
}

/// Busy by day, quiet by night.
fn day_curve(time_s: f64) -> f64 {
    0.5 - 0.5 * (std::f64::consts::TAU * time_s / 86_400.0).cos()
}

fn csv_text(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn json_text(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Numbers that look random and are always the same.
struct Noise(u64);

impl Noise {
    /// Between 0 and 1.
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Roughly normal, with variance 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

const RUN: &str = r#"{
  "name": "two-tenants",
  "version": "0.1.0",
  "seed": 42,
  "digest": "b1946ac92492d2347c6235b4d2611184b1946ac92492d2347c6235b4d2611184",
  "scenario": {
    "horizon": "3d",
    "agents": [{"count": 500, "resources": "cpus:8;mem:65536"}],
    "allocator": {"hierarchical": {"interval": "1s"}},
    "note": "</pre><script>alert(1)</script>"
  },
  "inputs": [
    {"path": "traces/jobs.csv", "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
  ],
  "wall_clock_s": 12.5
}
"#;
