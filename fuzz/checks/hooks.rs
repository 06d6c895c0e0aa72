//! The bridge's public side, in one process and without a socket: whatever a connection sends, it gets answers of HTTP and
//! an end, and nothing is taken that its provider has not signed. Beside the other checks, since it needs the whole bridge.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use sha2::{Digest, Sha256};
use till_bridge::config::Settings;
use till_bridge::{Bridge, Entrance};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex, join};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

const SECRET: &str = "s3r3c_k3y-of-nobody";
const TIMESTAMP: &str = "1795143845";
/// What the corpus's good webhook is signed with: only an input that holds this can be taken.
const SIGNED: &[u8] = b"3f52202f3cd77f3ce72abec8922233d007e1b031c2a5e7684979fe1796cd5205";
const KEY: &str = "1a54716c8f0efb2744fb28b6e38b25da7f67a925d98bc1c18bd8faaecadd7675";

/// Longer than any answer to what is sent whole.
const PATIENCE: Duration = Duration::from_secs(8);
/// Answers are short; this many bytes are a loop.
const MOST_ANSWERED: usize = 1024 * 1024;
const STATUSES: [u16; 12] = [100, 200, 400, 401, 404, 405, 408, 413, 414, 415, 431, 503];

/// A bridge that nobody reaches but through here.
struct Place {
    runtime: Runtime,
    entrance: Entrance,
    _bridge: Bridge,
    folder: PathBuf,
}

thread_local! {
    static PLACE: Place = Place::new();
}

impl Place {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("till-fuzz-hooks-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        for (name, secret) in [("key", KEY), ("secret", SECRET)] {
            let path = folder.join(name);
            fs::write(&path, secret).expect("a secret");
            fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("its mode");
        }
        let place = folder.display();
        let toml = format!(
            "[http]\nlisten = \"127.0.0.1:0\"\nforged_per_s = 1000\n[admin]\nlisten = \"127.0.0.1:0\"\n\
             [mqtt]\nurl = \"mqtt://127.0.0.1:1\"\nclient_id = \"bridge-1\"\n\
             [journal]\npath = \"{place}/journal\"\nmax_bytes = 131072\n\
             [[channel]]\nid = \"payos\"\nprovider = \"payos\"\nchecksum_key = {{ file = \"{place}/key\" }}\n\
             [[channel]]\nid = \"finan\"\nprovider = \"finan\"\nsecret = {{ file = \"{place}/secret\" }}\n"
        );
        let file = folder.join("bridge.toml");
        fs::write(&file, toml).expect("a configuration");
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let settings = Settings::read(&file).unwrap_or_else(|faults| unreachable!("{faults}"));
        let bridge = runtime.block_on(Bridge::bind(settings)).expect("a bridge");
        Self { runtime, entrance: bridge.entrance(), _bridge: bridge, folder }
    }

    /// Sends all of it through a pipe of so many bytes, and returns what comes back until the connection ends.
    fn say(&self, bytes: &[u8], pipe: usize) -> Vec<u8> {
        let (mut say, input) = duplex(pipe);
        let (output, mut hear) = duplex(MOST_ANSWERED);
        let own = join(input, output);
        let talk = async {
            let say = async {
                // The other side may have ended before it has read everything.
                if say.write_all(bytes).await.is_ok() {
                    say.shutdown().await.ok();
                }
            };
            let mut answers = Vec::new();
            let hear = async { hear.read_to_end(&mut answers).await };
            let (_, _, heard) = tokio::join!(self.entrance.serve(own, [192, 0, 2, 1].into()), say, hear);
            heard.expect("a pipe does not fail");
            answers
        };
        let talk =
            async { timeout(PATIENCE, talk).await.expect("a connection that has sent all of it comes to its end") };
        self.runtime.block_on(talk)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A folder of a process that is ending; what is left is temporary.
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// Says the input as a connection's bytes, in one piece and in many, and as the body of a signed webhook.
pub fn hooks(data: &[u8]) {
    PLACE.with(|place| {
        let whole = statuses(&place.say(data, 64 * 1024));
        let pieces = statuses(&place.say(data, 61));
        // How it is cut decides at most when the connection ends.
        let common = whole.len().min(pieces.len());
        assert_eq!(whole.get(..common), pieces.get(..common), "cut in another way it is another request");
        let taken = whole.iter().filter(|status| **status == 200).count();
        assert!(taken <= count(data, SIGNED) || hides_text(data), "{taken} webhooks were taken that nobody has signed");
        signed(place, data);
    });
}

/// Whoever signs a body has it taken or is told that it is no webhook; with a byte more or less nobody has signed it.
fn signed(place: &Place, body: &[u8]) {
    let body = body.get(..20_000).unwrap_or(body);
    let text = [SECRET.as_bytes(), b"_POST_/hooks/finan_", body, b"_", TIMESTAMP.as_bytes()].concat();
    let signature: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    let request = |body: &[u8]| {
        let head = format!(
            "POST /hooks/finan HTTP/1.1\r\nHost: b\r\nX-Signature: {signature}\r\nX-Timestamp: {TIMESTAMP}\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    };
    let longer = [body, b" "].concat();
    let all = [request(body), request(&longer), request(body)].concat();
    let seen = statuses(&place.say(&all, 64 * 1024));
    let [first, second, third] = seen.as_slice() else {
        unreachable!("three requests have {} answers: {seen:?}", seen.len())
    };
    assert!(matches!(first, 200 | 400 | 503), "a signed body: {first}");
    assert_eq!(*second, 401, "a body that nobody has signed");
    assert_eq!(first, third, "the same once more");
}

/// Takes the answers apart, and says their statuses. A flood of forgeries is told to slow down, which depends on the clock.
fn statuses(mut answers: &[u8]) -> Vec<u16> {
    assert!(answers.len() < MOST_ANSWERED, "{} bytes of answers", answers.len());
    let mut statuses = Vec::new();
    while !answers.is_empty() {
        let end = answers.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
        let head = std::str::from_utf8(&answers[..end]).expect("a head of text").to_ascii_lowercase();
        let status: u16 = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let status = if status == 429 { 401 } else { status };
        assert!(head.starts_with("http/1.") && STATUSES.contains(&status), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        answers = answers.get(end + 4 + length..).expect("a whole body");
        if status != 100 {
            statuses.push(status);
        }
        assert!(answers.is_empty() || !head.contains("connection: close"), "an answer behind the last one");
    }
    statuses
}

fn count(data: &[u8], part: &[u8]) -> usize {
    data.windows(part.len()).filter(|window| *window == part).count()
}

/// Tells whether the input may say a text otherwise than by its bytes: in chunks, or in JSON's escapes.
fn hides_text(data: &[u8]) -> bool {
    count(&data.to_ascii_lowercase(), b"chunked") > 0 || count(data, b"\\u") > 0
}
