//! Sets of dense ids as bits.

/// Whether a bit is set; bits beyond the end are not.
pub(super) fn is_set(words: &[u64], bit: u32) -> bool {
    words.get(bit as usize / 64).is_some_and(|word| word & (1 << (bit % 64)) != 0)
}

pub(super) fn set_bit(words: &mut Vec<u64>, bit: u32) {
    let index = bit as usize / 64;
    if index >= words.len() {
        words.resize(index + 1, 0);
    }
    words[index] |= 1 << (bit % 64);
}

pub(super) fn clear_bit(words: &mut [u64], bit: u32) {
    if let Some(word) = words.get_mut(bit as usize / 64) {
        *word &= !(1 << (bit % 64));
    }
}

/// A set that knows its size.
#[derive(Clone, Debug, Default)]
pub(super) struct BitSet {
    words: Vec<u64>,
    count: usize,
}

impl BitSet {
    pub(super) fn insert(&mut self, bit: u32) {
        if !is_set(&self.words, bit) {
            set_bit(&mut self.words, bit);
            self.count += 1;
        }
    }

    pub(super) fn remove(&mut self, bit: u32) {
        if is_set(&self.words, bit) {
            clear_bit(&mut self.words, bit);
            self.count -= 1;
        }
    }

    pub(super) fn contains(&self, bit: u32) -> bool {
        is_set(&self.words, bit)
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn clear(&mut self) {
        self.words.fill(0);
        self.count = 0;
    }

    pub(super) fn union(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        self.count = 0;
        for (index, word) in self.words.iter_mut().enumerate() {
            *word |= other.words.get(index).copied().unwrap_or(0);
            self.count += word.count_ones() as usize;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0u32..).zip(&self.words).flat_map(|(index, &word)| {
            std::iter::successors((word != 0).then_some(word), |&rest| {
                let rest = rest & (rest - 1);
                (rest != 0).then_some(rest)
            })
            .map(move |rest| index * 64 + rest.trailing_zeros())
        })
    }
}
