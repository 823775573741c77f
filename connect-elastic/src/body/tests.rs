use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use proptest::prelude::*;

use super::pool::CHUNK;
use super::{Chunks, Filling, Pool};

fn filled(pieces: &[Vec<u8>], pool: &Pool) -> Chunks {
    let mut filling = Filling::default();
    pieces.iter().for_each(|piece| filling.add(piece, pool));
    assert_eq!(filling.len(), pieces.iter().map(Vec::len).sum::<usize>());
    filling.finish()
}

fn all(chunks: &Chunks) -> Vec<u8> {
    chunks.parts().collect::<Vec<_>>().concat()
}

proptest! {
    /// Whatever is written, cut and sent is the same bytes.
    #[test]
    fn bytes_stay_as_they_are(
        sizes in prop::collection::vec(prop_oneof![0_usize..50, CHUNK - 2..CHUNK + 3, 2 * CHUNK..3 * CHUNK], 0..6),
        cuts in prop::array::uniform2(any::<prop::sample::Index>()),
    ) {
        let pieces: Vec<Vec<u8>> = sizes.iter().enumerate().map(|(n, size)| vec![u8::try_from(n).unwrap(); *size]).collect();
        let whole = pieces.concat();
        let chunks = filled(&pieces, &Pool::default());
        prop_assert_eq!(all(&chunks), whole.clone());
        prop_assert_eq!(chunks.len(), whole.len());
        let mut cuts = cuts.map(|cut| cut.index(whole.len() + 1));
        cuts.sort_unstable();
        let [from, to] = cuts;
        prop_assert_eq!(chunks.slices(from, to).collect::<Vec<_>>().concat(), &whole[from..to]);
        let [first, second] = chunks.clone().split(from);
        prop_assert_eq!([all(&first), all(&second)], [&whole[..from], &whole[from..]]);
        prop_assert_eq!(second.slices(to - from, second.len()).collect::<Vec<_>>().concat(), &whole[to..]);
        let body = second.into_body();
        prop_assert_eq!(body.size_hint().exact(), Some((whole.len() - from) as u64));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        prop_assert_eq!(runtime.block_on(body.collect()).unwrap().to_bytes(), &whole[from..]);
    }
}

#[test]
fn chunks_are_used_again_when_nobody_reads_them() {
    let pool = Pool::default();
    let first = filled(&[vec![1; 20 * CHUNK + 1]], &pool);
    let copy = first.clone().into_body();
    drop(first);
    assert_eq!(pool.waiting(), 0, "the body is on its way");
    drop(copy);
    assert_eq!(pool.waiting(), 21);
    let second = filled(&[vec![2; 5 * CHUNK]], &pool);
    assert_eq!(pool.waiting(), 16);
    assert!(all(&second).iter().all(|byte| *byte == 2));
    drop(second);
    pool.rest();
    assert_eq!(pool.waiting(), 16, "some are kept");
}
