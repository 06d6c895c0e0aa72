//! Claims: what they say, that only the line is printed, and that a decoder that is not ours reads their codes back.

use std::fs;

use serde_json::{Value, json};
use till_wire::fleet::{Claim, FleetKey};

use super::{FLEET, Operator, mode};
use crate::clock;

const CLAIM: [&str; 5] = ["claim", "--number", "1017", "--label", "Quầy 1"];

fn opened(line: &str, key: FleetKey) -> Claim {
    Claim::open(line, &[key]).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[tokio::test]
async fn a_claim_says_what_the_file_says_and_nothing_else_is_printed() {
    let operator = Operator::ready("claim").await;
    let second = Operator::new("claim-second");
    second.done(&["keygen"]).await;
    fs::copy(second.key("fleet.pub"), operator.key("second.pub")).expect("the files are ours");
    let more = "more_trusted_keys = [ \"keys/second.pub\", \"keys/fleet.pub\", \"keys/second.pub\" ]\n[mqtt]";
    let config = FLEET.replace("[mqtt]", more);
    fs::write(operator.0.folder.join(".config/till/fleet.toml"), config).expect("the file is ours");

    let before = clock::wall().secs();
    let came = operator.done(&CLAIM).await;
    let line = came.out.strip_suffix('\n').expect("a line");
    assert!(!line.contains(char::is_whitespace), "{line}");
    assert!(came.err.contains("tilld enrol"), "{}", came.err);
    let claim = opened(line, operator.public_key());
    assert_eq!((claim.number.value(), claim.label.as_str()), (1017, "Quầy 1"));
    assert_eq!(claim.enrol_url, "https://enrol.example:8472/enrol");
    assert_eq!(claim.broker, "mqtts://broker.example");
    assert_eq!(claim.ca, operator.text("ca.pem"));
    let channels: Vec<_> = claim.channels.iter().map(|one| (one.id.as_str(), one.base_url.as_str())).collect();
    assert_eq!(channels, [("payos", "https://api-merchant.payos.vn")]);
    assert_eq!(claim.trusted_keys, [operator.public_key(), second.public_key()]);
    assert!((before..=clock::wall().secs()).contains(&claim.iat), "{}", claim.iat);
    assert_eq!(claim.exp - claim.iat, 86_400);
    assert!(Claim::open(line, &[second.public_key()]).is_err());
    let told: Value =
        serde_json::from_str(&operator.done(&[&CLAIM[..], &["--json"]].concat()).await.out).expect("JSON");
    let other = opened(told["claim"].as_str().expect("a line"), operator.public_key());
    assert_eq!((&told["number"], &told["label"]), (&json!(1017), &json!("Quầy 1")));
    assert_eq!(told["expires_at"], json!(other.expires_at()));
    assert_ne!(other.jti, claim.jti);
}

#[tokio::test]
async fn a_label_is_what_a_terminal_can_be_called() {
    let operator = Operator::ready("label").await;
    // Forty letters, each of them typed as one letter and two marks.
    let typed = "a\u{302}\u{300}".repeat(40);
    let came = operator.done(&["claim", "--number", "0001017", "--label", &typed]).await;
    let claim = opened(&came.out, operator.public_key());
    assert_eq!((claim.number.value(), claim.label), (1017, "ầ".repeat(40)));
}

#[tokio::test]
async fn how_long_a_claim_lives_is_told_in_minutes_hours_or_days() {
    let operator = Operator::ready("valid").await;
    for (typed, seconds) in [("1m", 60), ("90m", 5_400), ("24h", 86_400), ("30d", 2_592_000), ("0720h", 2_592_000)] {
        let came = operator.done(&[&CLAIM[..], &["--valid", typed]].concat()).await;
        let claim = opened(&came.out, operator.public_key());
        assert_eq!(claim.exp - claim.iat, seconds, "{typed}");
    }
}

fn read(width: usize, height: usize, dark: impl Fn(usize, usize) -> bool) -> String {
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| if dark(x, y) { 0 } else { 255 });
    let grids = image.detect_grids();
    let [grid] = grids.as_slice() else { panic!("{} codes", grids.len()) };
    grid.decode().expect("the code is whole").1
}

#[tokio::test]
async fn a_claims_code_can_be_scanned_from_the_terminal_and_from_a_picture() {
    let mut operator = Operator::ready("code").await;
    operator.0.style.columns = Some(200);
    let file = operator.0.folder.join("claim.png");
    let png = file.display().to_string();
    let came = operator.done(&[&CLAIM[..], &["--qr", "--png", &png]].concat()).await;
    let (line, drawn) = came.out.split_once('\n').expect("the claim is the first line");
    opened(line, operator.public_key());
    let rows: Vec<Vec<char>> = drawn.lines().map(|row| row.chars().collect()).collect();
    // Light letters on a dark ground: blocks are the light modules.
    let from_terminal = read(rows[0].len() * 4, rows.len() * 8, |x, y| match rows[y / 8][x / 4] {
        '█' => false,
        '▀' => y % 8 >= 4,
        '▄' => y % 8 < 4,
        _ => true,
    });
    assert_eq!(from_terminal, line);

    let bytes = fs::read(&file).expect("the picture is there");
    assert_eq!(mode(&file), 0o600);
    let (side, dark) = pixels(&bytes);
    assert_eq!(read(side, side, |x, y| dark[y * side + x]), line);
    // Whole modules of eight pixels, and four of them white on every side.
    assert_eq!(side % 8, 0);
    assert!((0..side).all(|x| (0..side).all(|y| dark[y * side + x] == dark[y / 8 * 8 * side + x / 8 * 8])));
    let is_edge = |at: usize| !(32..side - 32).contains(&at);
    assert!((0..side).all(|x| (0..side).all(|y| !(is_edge(x) || is_edge(y)) || !dark[y * side + x])));
    assert!(dark[32 * side + 32] && dark[32 * side + side - 33]);
}

fn pixels(bytes: &[u8]) -> (usize, Vec<bool>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a picture of a size")];
    let info = reader.next_frame(&mut pixels).expect("a whole picture");
    assert_eq!(info.width, info.height);
    let each = info.color_type.samples();
    (info.width as usize, pixels.chunks(each).map(|pixel| pixel[0] < 128).collect())
}

#[tokio::test]
async fn a_claim_without_a_code_that_was_asked_for_is_not_printed() {
    let mut operator = Operator::ready("narrow").await;
    operator.0.style.columns = Some(80);
    let told = operator.refused(1, &[&CLAIM[..], &["--qr"]].concat()).await;
    assert!(told.contains("80 columns") && told.contains("--png"), "{told}");
    let told = operator.refused(1, &[&CLAIM[..], &["--png", "/nowhere/claim.png"]].concat()).await;
    assert!(told.contains("/nowhere/claim.png"), "{told}");

    let channels: String = (0..12)
        .map(|n| format!("[[channel]]\nid = \"c{n}\"\nbase_url = \"https://a.example/{}\"\n", "x".repeat(150)))
        .collect();
    let long = Operator::with("long", &(FLEET.to_owned() + &channels));
    long.done(&["keygen"]).await;
    long.done(&["ca", "init"]).await;
    let told = long.refused(1, &[&CLAIM[..], &["--qr"]].concat()).await;
    assert!(told.contains("a code takes 2953; shorten the label"), "{told}");
    // As a line it is good all the same.
    opened(&long.done(&CLAIM).await.out, long.public_key());
}
