//! How long until the next failure, and how long until it is repaired.

use super::FaultError;
use policy_api::Span;
use rand::RngExt;
use rand_distr::{Exp1, StandardNormal};
use rand_pcg::Pcg64Mcg;

/// A distribution of spans.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    Constant(Span),
    /// Without memory.
    Exponential {
        mean: Span,
    },
    /// P(x > v) = exp(-(v / scale)^shape): with a shape below one, what has lived long lives longer
    /// still; above one, it wears out.
    Weibull {
        shape: f64,
        scale: Span,
    },
    /// The exponential of a normal distribution with the deviation `sigma`.
    LogNormal {
        median: Span,
        sigma: f64,
    },
}

impl Law {
    /// At least a nanosecond, so that time moves on.
    pub(super) fn draw(&self, random: &mut Pcg64Mcg) -> Span {
        let seconds = match *self {
            Self::Constant(span) => return span.max(LEAST),
            Self::Exponential { mean } => mean.as_secs_f64() * random.sample::<f64, _>(Exp1),
            Self::Weibull { shape, scale } => {
                scale.as_secs_f64() * random.sample::<f64, _>(Exp1).powf(1.0 / shape)
            }
            Self::LogNormal { median, sigma } => {
                let normal: f64 = random.sample(StandardNormal);
                median.as_secs_f64() * (sigma * normal).exp()
            }
        };
        Span::from_secs_f64(seconds).unwrap_or(Span::MAX).max(LEAST)
    }

    /// Appends what is wrong with its parameters, with their names under `key`.
    pub(super) fn check(&self, key: &str, errors: &mut Vec<FaultError>) {
        let mut positive = |name: &str, found: f64, unit: &str| {
            if !(found > 0.0 && found.is_finite()) {
                let problem = format!("found {found}{unit}, expected more than 0 and finite");
                errors.push(FaultError::new(format!("{key}.{name}"), problem));
            }
        };
        match *self {
            Self::Constant(span) => positive("constant", span.as_secs_f64(), "s"),
            Self::Exponential { mean } => positive("mean", mean.as_secs_f64(), "s"),
            Self::Weibull { shape, scale } => {
                positive("shape", shape, "");
                positive("scale", scale.as_secs_f64(), "s");
            }
            Self::LogNormal { median, sigma } => {
                positive("median", median.as_secs_f64(), "s");
                if !(sigma >= 0.0 && sigma.is_finite()) {
                    let problem = format!("found {sigma}, expected at least 0 and finite");
                    errors.push(FaultError::new(format!("{key}.sigma"), problem));
                }
            }
        }
    }
}

const LEAST: Span = Span::from_nanos(1);
