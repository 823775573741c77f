//! `connect broker`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use crate::support::{Place, Running};

/// Starts it on a free port; the process, and the address that it prints.
pub(crate) fn start(place: &Place, arguments: &str) -> (Running, String) {
    let (broker, stdout) = place.spawn_told(&format!("broker --listen 127.0.0.1:0 {arguments}"));
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let address = line.trim().strip_prefix("broker listens at ").expect("its address").to_owned();
    (broker, address)
}

/// Sends one request and reads its answer: both without the length.
fn ask(address: &str, request: &[u8]) -> Vec<u8> {
    let mut socket = TcpStream::connect(address).expect("it listens");
    socket.write_all(&u32::try_from(request.len()).expect("it is short").to_be_bytes()).expect("it reads");
    socket.write_all(request).expect("it reads");
    let mut length = [0; 4];
    socket.read_exact(&mut length).expect("it answers");
    let mut answer = vec![0; u32::from_be_bytes(length) as usize];
    socket.read_exact(&mut answer).expect("it answers");
    answer
}

/// Metadata, version 1, of topic `t`: which is created by being asked for. With correlation id 7 and no client id.
const METADATA_OF_T: &[u8] = &[0, 3, 0, 1, 0, 0, 0, 7, 0xff, 0xff, 0, 0, 0, 1, 0, 1, b't'];
/// The same for all topics.
const METADATA_OF_ALL: &[u8] = &[0, 3, 0, 1, 0, 0, 0, 7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

pub(crate) fn stop(broker: Running, signal: &str) {
    broker.signal(signal);
    broker.end().expect(0, &["stopped in order"]);
}

#[test]
fn serves_and_stops() {
    let place = Place::new();
    let topic = [0, 1, b't'];
    let has_topic = |answer: &[u8]| answer.windows(3).any(|window| window == topic);
    for (signal, arguments) in [("TERM", ""), ("INT", "--dir data")] {
        let (broker, address) = start(&place, arguments);
        assert!(!has_topic(&ask(&address, METADATA_OF_ALL)));
        let answer = ask(&address, METADATA_OF_T);
        assert_eq!(answer[..4], [0, 0, 0, 7]);
        assert!(has_topic(&answer));
        stop(broker, signal);
    }
    // What was in the directory is there again.
    let (broker, address) = start(&place, "--dir data --no-auto-create");
    assert!(has_topic(&ask(&address, METADATA_OF_ALL)));
    stop(broker, "TERM");
}

#[test]
fn refuses_what_is_not_safe() {
    let place = Place::new();
    place.run("broker --listen 0.0.0.0:0").expect(1, &["0.0.0.0:0", "no authentication", "--allow-remote"]);
    let (broker, address) = start(&place, "--dir data");
    place.run("broker --listen 127.0.0.1:0 --dir data").expect(2, &["--dir", "another broker has it open"]);
    place.run(&format!("broker --listen {address}")).expect(2, &["--listen", &address]);
    stop(broker, "TERM");
}
