//! Times as output lines have them.

use policy_api::Time;
use std::fmt;

/// A time in seconds with as many decimals as are needed.
pub(super) struct Seconds(pub(super) Time);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_string().trim_end_matches('s'))
    }
}
