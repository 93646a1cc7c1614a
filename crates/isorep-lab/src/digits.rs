//! The data that ships with the laboratory: 1 797 handwritten digits of 8 × 8 pixels, and their one fixed split.
//!
//! Source, licence (CC BY 4.0) and conversion stand in `data/README.md`.

use crate::network::Activations;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Height and width of an image in pixels.
pub const SIDE: usize = 8;
/// Number of classes.
pub const CLASSES: usize = 10;
/// Images to train on.
pub const TRAIN: usize = 1_297;
/// Images held out.
pub const TEST: usize = 500;
/// The file holds the writers one after another, so the split is a permutation drawn from this seed.
pub const SPLIT_SEED: u64 = 0;

const RECORD: usize = SIDE * SIDE + 1;
static FILE: &[u8; (TRAIN + TEST) * RECORD] = include_bytes!("../data/digits.bin");

/// Images with their classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// n × 8 × 8 × 1, scaled from 0 … 16 to 0 … 1.
    pub images: Activations,
    /// The digit, 0 … 9, of each image.
    pub labels: Vec<u8>,
    /// Line of each image in the published table, from 0.
    pub ids: Vec<usize>,
}

/// The fixed split into images to train on and images held out.
#[derive(Debug, Clone, PartialEq)]
pub struct Digits {
    /// 1 297 images.
    pub train: Labelled,
    /// 500 images.
    pub test: Labelled,
}

impl Digits {
    /// Reads the embedded file: the first [`TRAIN`] lines of the permutation of [`SPLIT_SEED`] train, the rest test.
    pub fn load() -> Self {
        let mut order: Vec<usize> = (0..TRAIN + TEST).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(SPLIT_SEED));
        let test = order.split_off(TRAIN);
        Self { train: Labelled::read(order), test: Labelled::read(test) }
    }
}

impl Labelled {
    fn read(ids: Vec<usize>) -> Self {
        let mut values = Vec::with_capacity(ids.len() * SIDE * SIDE);
        let mut labels = Vec::with_capacity(ids.len());
        for &id in &ids {
            let (pixels, label) = FILE[id * RECORD..(id + 1) * RECORD].split_at(SIDE * SIDE);
            values.extend(pixels.iter().map(|&p| f32::from(p) / 16.0));
            labels.push(label[0]);
        }
        Self { images: Activations::new(ids.len(), SIDE, SIDE, 1, values), labels, ids }
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// True if there are no images.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_the_published_table() {
        // Counted in the published table with another tool.
        let mut per_class = [0; CLASSES];
        let mut ink = 0_u64;
        for record in FILE.chunks_exact(RECORD) {
            per_class[usize::from(record[RECORD - 1])] += 1;
            ink += record[..RECORD - 1].iter().map(|&p| u64::from(p)).sum::<u64>();
            assert!(record[..RECORD - 1].iter().all(|&p| p <= 16));
        }
        assert_eq!(per_class, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        assert_eq!(ink, 561_718);
        assert_eq!(FILE[..8], [0, 0, 5, 13, 9, 1, 0, 0]);
    }

    #[test]
    fn the_split_covers_every_image_once_and_holds_every_class() {
        let Digits { train, test } = Digits::load();
        let mut ids = [train.ids.clone(), test.ids.clone()].concat();
        ids.sort_unstable();
        assert!(ids.iter().copied().eq(0..TRAIN + TEST));
        for class in 0..CLASSES as u8 {
            let held_out = test.labels.iter().map(|&l| u32::from(l == class)).sum::<u32>();
            assert!((30..=70).contains(&held_out), "class {class}: {held_out}");
        }
        let (image, id) = (&test.images.values()[64 * 7..64 * 8], test.ids[7]);
        assert_eq!(FILE[id * RECORD + 64], test.labels[7]);
        assert!(image.iter().zip(&FILE[id * RECORD..]).all(|(v, p)| v * 16.0 == f32::from(*p)));
    }

    #[test]
    fn the_permutation_does_not_move_between_versions() {
        assert_eq!(Digits::load().test.ids[..4], [778, 1_101, 124, 1_067]);
    }
}
