use super::*;
use proptest::prelude::*;

#[test]
fn golden_bytes() {
    let mut subscription = SubscriptionMetadata { topics: [Arc::from("ab")].into(), ..Default::default() };
    let bytes = b"\0\x03\0\0\0\x01\0\x02ab\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff\xff\xff";
    assert_eq!(&subscription.encode()[..], bytes);
    assert_eq!(SubscriptionMetadata::decode(bytes).unwrap(), subscription);
    // Versions 0 and 1, and a version to come with something behind what is known.
    let first = b"\0\x01\0\0\0\x01\0\x02ab\xff\xff\xff\xff\0\0\0\0";
    assert_eq!(SubscriptionMetadata::decode(first).unwrap(), subscription);
    assert_eq!(SubscriptionMetadata::decode(b"\0\0\0\0\0\x01\0\x02ab\0\0\0\x01x").unwrap(), subscription);
    let later = b"\0\x04\0\0\0\x01\0\x02ab\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff\xff\xffx";
    assert_eq!(SubscriptionMetadata::decode(later).unwrap(), subscription);

    subscription.owned = vec![TopicPartition::new("ab", 5)];
    subscription.generation = 7;
    subscription.rack = Some("r".into());
    let bytes = b"\0\x03\0\0\0\x01\0\x02ab\0\0\0\x04\0\0\0\x07\0\0\0\x01\0\x02ab\0\0\0\x01\0\0\0\x05\0\0\0\x07\0\x01r";
    assert_eq!(&subscription.encode()[..], bytes);
    assert_eq!(SubscriptionMetadata::decode(bytes).unwrap(), subscription);
    // Version 1, where the generation is among the assignor's data only.
    let first = [&[0, 1], &bytes[2..bytes.len() - 7]].concat();
    subscription.rack = None;
    assert_eq!(SubscriptionMetadata::decode(&first).unwrap(), subscription);

    let assignment = Assignment { partitions: vec![TopicPartition::new("t", 0), TopicPartition::new("t", 2)] };
    let bytes = b"\0\x03\0\0\0\x01\0\x01t\0\0\0\x02\0\0\0\0\0\0\0\x02\xff\xff\xff\xff";
    assert_eq!(&assignment.encode()[..], bytes);
    assert_eq!(Assignment::decode(bytes).unwrap(), assignment);
    assert_eq!(Assignment::decode(b"").unwrap(), Assignment::default());
    assert!(Assignment::decode(&bytes[..20]).is_err());
}

proptest! {
    #[test]
    fn hostile_bytes(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = SubscriptionMetadata::decode(&bytes);
        let _ = Assignment::decode(&bytes);
    }
}
