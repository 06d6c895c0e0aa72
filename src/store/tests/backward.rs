//! Rows read from the last one back, against a map that can go back by itself.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::ops::Bound;

use proptest::prelude::*;

use super::super::backward::Backward;

/// Returns what is read from the last key back, and how many keys and pieces were read for it.
fn read(keys: &BTreeSet<Vec<u8>>, from: &[u8], before: &[u8], most: usize) -> (Vec<Vec<u8>>, usize, usize) {
    let (touched, pieces) = (Cell::new(0), Cell::new(0));
    let piece = |from: &[u8], before: &[u8], most: usize| {
        let range = keys.range::<[u8], _>((Bound::Included(from), Bound::Excluded(before)));
        let rows: Vec<Vec<u8>> = range.take(most).cloned().collect();
        touched.set(touched.get() + rows.len());
        pieces.set(pieces.get() + 1);
        Ok::<_, Infallible>(rows)
    };
    let rows = Backward::new(from.to_vec(), before.to_vec(), piece)
        .take(most)
        .map(|row| row.unwrap_or_else(|never| match never {}));
    let rows = rows.collect();
    (rows, touched.get(), pieces.get())
}

fn expected(keys: &BTreeSet<Vec<u8>>, from: &[u8], before: &[u8]) -> Vec<Vec<u8>> {
    if from >= before {
        return Vec::new();
    }
    keys.range::<[u8], _>((Bound::Included(from), Bound::Excluded(before))).rev().cloned().collect()
}

/// Keys as the store has them, and worse: of one letter, of any length, crowded and far apart.
fn key() -> impl Strategy<Value = Vec<u8>> {
    let crowded = (0..700_u64).prop_map(|number| number.to_be_bytes().to_vec());
    let far = any::<u64>().prop_map(|number| number.to_be_bytes().to_vec());
    let hash = any::<u128>().prop_map(|number| number.to_be_bytes().to_vec());
    let line =
        (0..3_u64, 0..400_u32).prop_map(|(sale, line)| [&sale.to_be_bytes()[..], &line.to_be_bytes()[..]].concat());
    let alike = proptest::collection::vec(0..2_u8, 0..24);
    let text = proptest::collection::vec(any::<u8>(), 0..40);
    let rest = prop_oneof![8 => crowded, 2 => far, 2 => hash, 4 => line, 2 => alike, 1 => text];
    (b'R'..=b'T', rest).prop_map(|(letter, rest)| [&[letter], rest.as_slice()].concat())
}

proptest! {
    #[test]
    fn every_row_between_two_keys_comes_once_the_last_one_first(
        keys in proptest::collection::btree_set(key(), 0..1500),
        (from, before) in prop_oneof![
            Just((vec![b'S'], vec![b'T'])),
            (key(), key()).prop_map(|(one, other)| ([b"S", &one[1..]].concat(), [b"S", &other[1..]].concat())),
        ],
    ) {
        let (rows, _, _) = read(&keys, &from, &before, usize::MAX);
        prop_assert_eq!(rows, expected(&keys, &from, &before));
    }
}

/// P9: four hundred days' sales are many, and the newest are asked for often.
#[test]
fn the_newest_rows_are_found_without_reading_the_others() {
    let numbers = (0..100_000_u64).map(|number| [&[b'S'][..], &(1_000_000_007 + number).to_be_bytes()].concat());
    let hashes = (0..100_000_u128).map(|number| {
        let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        [&[b'R'][..], &mixed.to_be_bytes()].concat()
    });
    let keys: BTreeSet<Vec<u8>> = numbers.chain(hashes).collect();
    for letter in [b'S', b'R'] {
        let (rows, touched, pieces) = read(&keys, &[letter], &[letter + 1], 50);
        assert_eq!(rows.len(), 50);
        assert!(touched <= 3_000, "{touched} keys were read");
        assert!(pieces <= 100, "{pieces} pieces were read");
    }
}

#[test]
fn a_fault_comes_once_and_ends_it() {
    let mut rows = Backward::new(vec![b'S'], vec![b'T'], |_: &[u8], _: &[u8], _| Err::<Vec<()>, _>("the disk refused"));
    assert_eq!(rows.next(), Some(Err("the disk refused")));
    assert_eq!(rows.next(), None);
}
