use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::{ADDRESSES, Limit};

#[tokio::test(start_paused = true)]
async fn what_was_taken_comes_back_with_time() {
    let limit = Limit::new(2.0, 3.0);
    let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
    assert!((0..3).all(|_| limit.take(one).is_ok()));
    assert_eq!(limit.look(one), Err(Duration::from_millis(500)));
    assert_eq!(limit.take(one), Err(Duration::from_millis(500)));
    assert!(limit.take(other).is_ok());
    tokio::time::advance(Duration::from_millis(500)).await;
    assert!(limit.look(one).is_ok() && limit.take(one).is_ok());
    assert!(limit.take(one).is_err());
}

#[tokio::test(start_paused = true)]
async fn memory_is_bounded() {
    let limit = Limit::new(1.0, 1.0);
    for number in 0..3 * ADDRESSES {
        let _ = limit.take(IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(number).unwrap())));
    }
    assert!(super::lock(&limit.left).len() <= ADDRESSES);
}
