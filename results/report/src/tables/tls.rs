//! Processor time for encryption, out of the metrics `tls/<party>/<part>_s`.

use super::Summary;

/// Who spends the time, and what on.
#[derive(Clone, Debug, PartialEq)]
pub struct TlsTime {
    pub party: String,
    /// Seconds, by [`TlsTime::PARTS`].
    pub parts: [f64; Self::PARTS.len()],
}

impl TlsTime {
    pub const PARTS: [&str; 4] = ["handshakes", "verification", "records", "bytes"];

    pub fn sum(&self) -> f64 {
        self.parts.iter().sum()
    }

    /// In the order of the summary; what is no such metric is passed over.
    pub fn of(summary: &Summary) -> Vec<Self> {
        let mut parties: Vec<Self> = Vec::new();
        for (name, value) in &summary.metrics {
            let metric = name.strip_prefix("tls/").and_then(|name| name.strip_suffix("_s"));
            let Some((party, part)) = metric.and_then(|metric| metric.split_once('/')) else {
                continue;
            };
            let part = Self::PARTS.iter().position(|known| *known == part);
            let (Some(part), Some(value)) = (part, value.as_f64()) else { continue };
            let place =
                parties.iter().position(|known| known.party == party).unwrap_or_else(|| {
                    parties.push(Self { party: party.to_owned(), parts: [0.0; 4] });
                    parties.len() - 1
                });
            parties[place].parts[part] = value;
        }
        parties
    }
}
