//! One copy of each name that repeats.

use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Gives equal texts the same allocation. Never iterated, so hash order cannot leak.
#[derive(Default)]
pub(crate) struct Interner(FxHashSet<Arc<str>>);

impl Interner {
    pub(crate) fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let name: Arc<str> = text.into();
        self.0.insert(Arc::clone(&name));
        name
    }
}
