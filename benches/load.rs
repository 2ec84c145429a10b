//! A load generator: keep-alive connections to one server, in closed loop, or at a fixed rate with latency counted from the moment
//! a request was due. Prints one JSON object.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use clap::Parser;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

type Failure = Box<dyn std::error::Error>;

/// Sends requests and counts the answers.
#[derive(Parser)]
struct Arguments {
    /// Address and port.
    address: String,
    /// File with one request a line, a path or `METHOD path body`, `{n}` in the body standing for a number that grows;
    /// requests go round through them.
    requests: std::path::PathBuf,
    /// Connections.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Seconds to measure.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Requests a second, over all connections; without it each connection sends as soon as it has its answer.
    #[arg(long)]
    rate: Option<f64>,
    /// Headers to send, as `Name: value`.
    #[arg(long)]
    header: Vec<String>,
    /// The status that every answer must have.
    #[arg(long, default_value_t = 200)]
    expect: u16,
}

/// What all connections have seen together.
#[derive(Default)]
struct Seen {
    microseconds: Vec<u32>,
    wrong: u64,
    bytes: u64,
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let lines = std::fs::read_to_string(&arguments.requests)?;
    let headers: String = arguments.header.iter().map(|header| format!("{header}\r\n")).collect();
    let headers = format!("Host: {}\r\n{headers}", arguments.address);
    let requests: Rc<[Request]> = lines.lines().filter(|line| !line.is_empty()).map(|line| Request::read(line, &headers)).collect();
    if requests.is_empty() {
        return Err("there is no path in the file".into());
    }
    let seen = Rc::new(RefCell::new(Seen::default()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    let began = Instant::now();
    let end = began + Duration::from_secs_f64(arguments.seconds);
    let outcome: Result<(), Failure> = tasks.block_on(&runtime, async {
        let connections = arguments.connections.max(1);
        let pause = arguments.rate.map(|rate| Duration::from_secs_f64(connections as f64 / rate.max(0.001)));
        let running: Vec<_> = (0..connections)
            .map(|number| {
                // Connections start at different places, so that they do not ask for the same thing in step.
                // An even number, so that pairs stay together.
                let at = (number * requests.len() / connections) & !1;
                let first = began + pause.map_or(Duration::ZERO, |pause| pause.mul_f64(number as f64 / connections as f64));
                let work = connection(arguments.address.clone(), Rc::clone(&requests), at, Rc::clone(&seen), Schedule { first, pause, end }, arguments.expect);
                tokio::task::spawn_local(work)
            })
            .collect();
        for task in running {
            task.await??;
        }
        Ok(())
    });
    outcome?;
    report(&mut seen.borrow_mut(), began.elapsed());
    Ok(())
}

/// A request, ready but for the number in its body.
struct Request {
    head: String,
    body: Option<String>,
    whole: Vec<u8>,
}

impl Request {
    fn read(line: &str, headers: &str) -> Self {
        let mut parts = line.splitn(3, ' ');
        let first = parts.next().unwrap_or_default();
        let (method, path) = if first.starts_with('/') { ("GET", first) } else { (first, parts.next().unwrap_or("/")) };
        let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
        let mut head = format!("{method} {path} HTTP/1.1\r\n{headers}");
        let body = parts.next().map(ToOwned::to_owned);
        if body.is_some() {
            head.push_str(&format!("Content-Type: {kind}\r\n"));
        }
        let length = if body.is_none() && method != "GET" { "Content-Length: 0\r\n" } else { "" };
        let whole = format!("{head}{length}\r\n").into_bytes();
        Self { head, body, whole }
    }

    fn bytes(&self, number: u64) -> std::borrow::Cow<'_, [u8]> {
        let Some(body) = &self.body else { return self.whole.as_slice().into() };
        let body = body.replace("{n}", &number.to_string());
        format!("{}Content-Length: {}\r\n\r\n{body}", self.head, body.len()).into_bytes().into()
    }
}

#[derive(Clone, Copy)]
struct Schedule {
    first: Instant,
    pause: Option<Duration>,
    end: Instant,
}

async fn connection(address: String, requests: Rc<[Request]>, at: usize, seen: Rc<RefCell<Seen>>, schedule: Schedule, expect: u16) -> Result<(), std::io::Error> {
    let mut stream = TcpStream::connect(&address).await?;
    stream.set_nodelay(true)?;
    let mut answer = Vec::with_capacity(64 << 10);
    let mut due = schedule.first;
    // Nobody else has used these numbers, nor an earlier run.
    let mut number = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |now| now.as_nanos() as u64 + at as u64);
    for request in requests.iter().cycle().skip(at) {
        if schedule.pause.is_some() {
            tokio::time::sleep_until(due.into()).await;
        }
        let from = if schedule.pause.is_some() { due } else { Instant::now() };
        if from >= schedule.end {
            break;
        }
        number += 1;
        stream.write_all(&request.bytes(number)).await?;
        let status = read_answer(&mut stream, &mut answer).await?;
        let mut seen = seen.borrow_mut();
        seen.microseconds.push(u32::try_from(from.elapsed().as_micros()).unwrap_or(u32::MAX));
        seen.bytes += answer.len() as u64;
        seen.wrong += u64::from(status != expect);
        due += schedule.pause.unwrap_or_default();
    }
    Ok(())
}

/// Reads one answer that has a Content-Length, or no body; leaves it in `answer`.
async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<u16, std::io::Error> {
    let bad = |words: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, words.to_owned());
    answer.clear();
    let head_end = loop {
        if stream.read_buf(answer).await? == 0 {
            return Err(bad("the server closed the connection"));
        }
        if let Some(at) = memchr::memmem::find(answer, b"\r\n\r\n") {
            break at + 4;
        }
    };
    let head = std::str::from_utf8(answer.get(..head_end).unwrap_or_default()).map_err(|_not_text| bad("a head that is not text"))?;
    let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).ok_or_else(|| bad("no status"))?;
    let length = head.lines().filter_map(|line| line.split_once(':')).find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = match length {
        Some((_, value)) => value.trim().parse().map_err(|_not_a_number| bad("a bad Content-Length"))?,
        None if status == 304 || status == 204 => 0,
        None => return Err(bad("an answer without Content-Length")),
    };
    while answer.len() < head_end + length {
        if stream.read_buf(answer).await? == 0 {
            return Err(bad("the server closed the connection"));
        }
    }
    Ok(status)
}

fn report(seen: &mut Seen, elapsed: Duration) {
    seen.microseconds.sort_unstable();
    let count = seen.microseconds.len();
    let at = |share: f64| seen.microseconds.get(((count as f64 * share) as usize).min(count.saturating_sub(1))).copied().unwrap_or(0);
    println!(
        "{{\"requests\": {count}, \"seconds\": {:.3}, \"per_second\": {:.1}, \"wrong\": {}, \"mean_bytes\": {}, \"p50_us\": {}, \"p99_us\": {}, \"p999_us\": {}}}",
        elapsed.as_secs_f64(),
        count as f64 / elapsed.as_secs_f64(),
        seen.wrong,
        seen.bytes / (count as u64).max(1),
        at(0.5),
        at(0.99),
        at(0.999),
    );
}
