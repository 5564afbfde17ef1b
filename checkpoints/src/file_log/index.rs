//! A million files in 32 MB.

use super::entry::FileVersion;

/// Files in the order of their paths' hashes, one vector for each column as the compact file has them.
///
/// A path that was read more than once stands more than once; its last place counts.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) high: Vec<i64>,
    pub(super) low: Vec<i64>,
    pub(super) timestamp: Vec<i64>,
    pub(super) size: Vec<i64>,
}

impl Index {
    pub(super) fn with_capacity(rows: usize) -> Self {
        let column = || Vec::with_capacity(rows);
        Self { high: column(), low: column(), timestamp: column(), size: column() }
    }

    pub(super) fn len(&self) -> usize {
        self.high.len()
    }

    pub(super) fn find(&self, hash: u128) -> Option<FileVersion> {
        let place = self.end_of(hash).checked_sub(1).filter(|place| self.hash(*place) == hash)?;
        Some(FileVersion { size: self.size[place] as u64, modified_ms: self.timestamp[place] })
    }

    fn hash(&self, place: usize) -> u128 {
        join(self.high[place], self.low[place])
    }

    /// Whether the hash at `place` is at most this one. Its first half nearly always tells, so the other is not fetched.
    fn is_up_to(&self, place: usize, hash: u128) -> bool {
        let (high, first) = (self.high[place] as u64, (hash >> 64) as u64);
        if high == first { self.low[place] as u64 <= hash as u64 } else { high < first }
    }

    /// The first place with a greater hash. Hashes are spread evenly, so it is near where its value says; how near goes
    /// with the root of their number.
    fn end_of(&self, hash: u128) -> usize {
        let len = self.len();
        let guess = (((hash >> 64) * len as u128) >> 64) as usize;
        let mut reach = len.isqrt().max(8);
        loop {
            let (from, to) = (guess.saturating_sub(reach), (guess + reach).min(len));
            let starts_before = from == 0 || self.is_up_to(from - 1, hash);
            let ends_behind = to == len || !self.is_up_to(to, hash);
            if starts_before && ends_behind {
                return from + partition(to - from, |place| self.is_up_to(from + place, hash));
            }
            reach *= 2;
        }
    }

    /// Whether the hashes ascend, without which nothing would be found.
    pub(super) fn is_sorted(&self) -> bool {
        (1..self.len()).all(|place| self.hash(place - 1) <= self.hash(place))
    }
}

fn partition(len: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

pub(super) fn join(high: i64, low: i64) -> u128 {
    (u128::from(high as u64) << 64) | u128::from(low as u64)
}

pub(super) fn split(hash: u128) -> (i64, i64) {
    ((hash >> 64) as u64 as i64, hash as u64 as i64)
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    use super::*;

    fn index(mut hashes: Vec<u128>) -> Index {
        hashes.sort_unstable();
        let mut index = Index::default();
        for (place, hash) in hashes.into_iter().enumerate() {
            let (high, low) = split(hash);
            index.high.push(high);
            index.low.push(low);
            index.timestamp.push(place as i64);
            index.size.push(0);
        }
        index
    }

    #[test]
    fn finds_exactly_what_is_there() {
        let seed: u64 = rand::random();
        eprintln!("seed {seed}");
        let mut random = StdRng::seed_from_u64(seed);
        for len in [0, 1, 2, 7, 100, 5000] {
            // Once spread evenly, once all in one corner, once with repetitions.
            for range in [u128::MAX, 1 << 20, 50] {
                let hashes: Vec<u128> = (0..len).map(|_| random.random_range(0..range)).collect();
                let index = index(hashes.clone());
                assert!(index.is_sorted());
                for hash in hashes.iter().copied().chain((0..100).map(|_| random.random_range(0..range))) {
                    let last = (0..index.len()).rev().find(|place| index.hash(*place) == hash);
                    assert_eq!(index.find(hash).map(|found| found.modified_ms as usize), last);
                }
                assert_eq!(index.find(u128::MAX).is_some(), hashes.contains(&u128::MAX));
            }
        }
    }

    #[test]
    fn an_unsorted_one_is_noticed() {
        let mut index = index(vec![1, 2, 3]);
        index.low.swap(0, 2);
        assert!(!index.is_sorted());
    }
}
