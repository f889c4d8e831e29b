//! How fast one container may send, or receive: the cap from the flags (`spec/network.md` 3.2). Rates
//! are bytes a second.

use policy_api::{Amount, Shaping};
pub use policy_api::{BucketEvent, Shape, TokenBucket};

/// The minimum where no flag gives one: a megabit a second.
pub const DEFAULT_MINIMUM: u64 = 125_000;
/// The kernel's burst where no flag gives one: about a packet.
pub const DEFAULT_BURST: u64 = 1_600;

/// `--egress_rate_per_cpu`, `--ingress_rate_per_cpu`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PerCpu {
    Rate(u64),
    /// The speed of the link divided by the CPUs of the agent.
    Auto,
}

/// The flags of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CapFlags {
    /// `--egress_rate_limit_per_container`.
    pub fixed: Option<u64>,
    pub per_cpu: Option<PerCpu>,
    pub minimum: Option<u64>,
    pub maximum: Option<u64>,
    pub ceil: Option<u64>,
    pub burst: Option<u64>,
}

/// What the flags are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapHost {
    /// `--network_link_speed`, or what the card says.
    pub link_speed: u64,
    /// Whole CPUs of the agent.
    pub cpus: u64,
    /// [`DEFAULT_MINIMUM`]; zero in the 0.23 profile.
    pub default_minimum: u64,
}

/// Why an agent with these flags does not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CapError {
    #[error("both a fixed limit and a limit per CPU are given")]
    FixedAndPerCpu,
    #[error("the minimum {minimum} is above the maximum {maximum}")]
    MinimumAboveMaximum { minimum: u64, maximum: u64 },
    #[error("the fixed limit {0} is above the link's speed {1}")]
    FixedAboveLink(u64, u64),
    #[error("the minimum {0} is above the link's speed {1}")]
    MinimumAboveLink(u64, u64),
    #[error("`auto` needs an agent with a whole CPU")]
    NoCpus,
}

/// The cap of each container of an agent in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    base: Base,
    minimum: u64,
    maximum: Option<u64>,
    ceil: Option<u64>,
    burst: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    Fixed(u64),
    PerCpu(u64),
}

impl Cap {
    /// `None` where nothing is limited; else all that is wrong with the flags.
    pub fn new(flags: &CapFlags, host: &CapHost) -> Result<Option<Self>, Vec<CapError>> {
        let mut errors = Vec::new();
        let link = host.link_speed;
        if flags.fixed.is_some() && flags.per_cpu.is_some() {
            errors.push(CapError::FixedAndPerCpu);
        }
        if let (Some(minimum), Some(maximum)) = (flags.minimum, flags.maximum)
            && minimum > maximum
        {
            errors.push(CapError::MinimumAboveMaximum { minimum, maximum });
        }
        if let Some(fixed) = flags.fixed.filter(|fixed| *fixed > link) {
            errors.push(CapError::FixedAboveLink(fixed, link));
        }
        if let Some(minimum) = flags.minimum.filter(|minimum| *minimum > link) {
            errors.push(CapError::MinimumAboveLink(minimum, link));
        }
        if flags.per_cpu == Some(PerCpu::Auto) && host.cpus == 0 {
            errors.push(CapError::NoCpus);
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let per_cpu = flags.per_cpu.map(|per_cpu| match per_cpu {
            PerCpu::Rate(rate) => rate,
            PerCpu::Auto => link.checked_div(host.cpus).unwrap_or(0),
        });
        let base = flags.fixed.map(Base::Fixed).or(per_cpu.map(Base::PerCpu));
        Ok(base.map(|base| Self {
            base,
            minimum: flags.minimum.unwrap_or(host.default_minimum),
            maximum: flags.maximum,
            ceil: flags.ceil,
            burst: flags.burst.unwrap_or(DEFAULT_BURST),
        }))
    }
}

impl Shaping for Cap {
    fn shape(&self, cpus: Amount) -> Shape {
        let base = match self.base {
            Base::Fixed(rate) => rate,
            Base::PerCpu(rate) => rate.saturating_mul(u64::try_from(cpus / 1000).unwrap_or(0)),
        };
        let lifted = base.max(self.minimum);
        let rate = self.maximum.map_or(lifted, |maximum| lifted.min(maximum));
        let ceil = self.ceil.filter(|ceil| *ceil > rate);
        Shape { rate, ceil: ceil.unwrap_or(rate), burst: ceil.map(|_| self.burst) }
    }

    /// The gauge `port_mapping/per_cpu_egress_rate_limit`.
    fn per_cpu(&self) -> Option<u64> {
        match self.base {
            Base::Fixed(_) => None,
            Base::PerCpu(rate) => Some(rate),
        }
    }
}
