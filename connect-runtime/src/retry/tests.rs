use super::*;

async fn delays(policy: RetryPolicy, count: usize) -> Vec<u128> {
    let mut attempts = policy.begin(1);
    let mut delays = Vec::new();
    while delays.len() < count {
        let Some(delay) = attempts.next_delay(None) else { break };
        delays.push(delay.as_millis());
        tokio::time::advance(delay).await;
    }
    delays
}

#[tokio::test(start_paused = true)]
async fn waits_double_and_the_last_attempt_runs_at_the_deadline() {
    let policy = RetryPolicy { budget: Some(Duration::from_millis(1000)), ..RetryPolicy::NONE };
    assert_eq!(delays(policy, 10).await, [300, 600, 100]);
    assert!(delays(RetryPolicy::NONE, 10).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn no_wait_passes_the_longest_however_often() {
    let policy = RetryPolicy { budget: None, longest: Duration::from_secs(60), ..RetryPolicy::NONE };
    let delays = delays(policy, 200).await;
    assert_eq!(delays[..8], [300, 600, 1200, 2400, 4800, 9600, 19200, 38400]);
    assert!(delays[8..].iter().all(|delay| *delay < 60_000), "{delays:?}");
    let never = RetryPolicy { longest: Duration::ZERO, budget: None, ..RetryPolicy::NONE };
    assert_eq!(never.begin(1).next_delay(None), Some(Duration::from_millis(1)), "no core is kept busy");
}
