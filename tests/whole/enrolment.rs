//! A terminal becomes a member of its fleet: the real `tilld enrol` asks the real `till-bridge enrol`, with keys and an
//! authority that OpenSSL made.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{SystemTime, UNIX_EPOCH};

use tests::authority::Authority;
use tests::disk::Disk;
use tests::enrolment::EnrolmentPlan;
use tests::folder::Folder;
use tests::port::free_port;
use tests::process::{Process, program, run, system_program};
use till_wire::TerminalNumber;
use till_wire::fleet::{Claim, ClaimId, FleetSigner};

use crate::metrics::assert_documented;

/// An enrolment server, and what signs its claims.
pub(crate) struct Fleet {
    pub(crate) folder: Folder,
    signer: FleetSigner,
    authority: Authority,
    pub(crate) plan: EnrolmentPlan,
    server: Process,
}

fn openssl(words: &[&str], file: &Path) -> Output {
    let mut command = Command::new(system_program("openssl", "openssl"));
    let output = run(command.args(words).arg(file));
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

impl Fleet {
    fn start() -> Self {
        let folder = Folder::make();
        let claims = folder.file("claims");
        Self::start_with(folder, claims, None)
    }

    /// Starts one whose log says so much.
    pub(crate) fn start_loud(wanted: &'static str) -> Self {
        let folder = Folder::make();
        let claims = folder.file("claims");
        Self::start_with(folder, claims, Some(wanted))
    }

    /// Starts one that keeps its claims there.
    fn start_with(folder: Folder, claims: PathBuf, rust_log: Option<&'static str>) -> Self {
        let authority = Authority::make(&folder, "root");
        let (issuer, server) = (authority.issuer(&folder, "issuer"), authority.issue(&folder, "enrol"));
        let key = folder.file("fleet.key");
        openssl(&["genpkey", "-algorithm", "ed25519", "-out"], &key);
        folder.write("fleet.pub", openssl(&["pkey", "-pubout", "-in"], &key).stdout);
        let der = openssl(&["pkey", "-outform", "DER", "-in"], &key).stdout;
        let signer = FleetSigner::from_pkcs8(&der).expect("a key that OpenSSL made");
        let free = || SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let plan = EnrolmentPlan {
            terminals: free(),
            admin: free(),
            server,
            issuer,
            root: authority.certificate.clone(),
            revoked: None,
            fleet_key: folder.file("fleet.pub"),
            claims,
            rust_log,
        };
        let server = plan.start(&folder);
        Self { folder, signer, authority, plan, server }
    }

    #[expect(clippy::disallowed_methods, reason = "a claim is made now")]
    pub(crate) fn claim(&self, number: u32) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock that is set").as_secs();
        let iat = i64::try_from(now).expect("not that far ahead");
        let claim = Claim {
            jti: ClaimId::new(fastrand::u128(..).to_be_bytes()),
            number: TerminalNumber::new(number).expect("a number"),
            label: "Quầy 1".to_owned(),
            iat,
            exp: iat + 3600,
            enrol_url: format!("https://{}/enrol", self.plan.terminals),
            ca: std::fs::read_to_string(&self.authority.certificate).expect("the root"),
            broker: "mqtts://127.0.0.1:8883".to_owned(),
            channels: Vec::new(),
            trusted_keys: vec![self.signer.key()],
        };
        claim.sign(&self.signer).expect("a claim")
    }

    /// Enrols a terminal whose files are below this name, and returns its exit code and what it printed.
    pub(crate) fn enrol(&self, name: &str, claim: &str) -> (Option<i32>, String) {
        let identity = self.folder.file(name);
        let config = self.folder.write(&format!("{name}.toml"), format!("[fleet]\nidentity = {identity:?}\n"));
        let mut command = Command::new(program("tilld"));
        command
            .arg("enrol")
            .arg(claim)
            .arg("--config")
            .arg(config)
            .envs(self.plan.rust_log.map(|wanted| ("RUST_LOG", wanted)));
        let Output { status, stdout, stderr } = run(&mut command);
        (status.code(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
    }
}

#[test]
fn p12_a_terminal_enrols_with_its_claim_once_and_openssl_believes_its_certificate() {
    let fleet = Fleet::start();
    let claim = fleet.claim(1017);
    let (code, said) = fleet.enrol("one", &claim);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("0001017"), "{said}");
    let identity = fleet.folder.file("one/till.pem");
    let subject = openssl(&["x509", "-noout", "-subject", "-in"], &identity).stdout;
    assert!(String::from_utf8_lossy(&subject).contains("0001017"), "{}", String::from_utf8_lossy(&subject));
    // As a broker judges it: a client's, below the root, with the issuer in between.
    let root = fleet.authority.certificate.display().to_string();
    let chain = identity.display().to_string();
    openssl(&["verify", "-purpose", "sslclient", "-CAfile", &root, "-untrusted", &chain], &identity);

    let (code, said) = fleet.enrol("two", &claim);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("409") && said.contains("another terminal has used this claim"), "{said}");
    assert!(!fleet.folder.file("two/till.pem").exists());
    let (code, said) = fleet.enrol("two", &fleet.claim(1018));
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn the_document_names_what_the_enrolment_server_serves() {
    let fleet = Fleet::start();
    let claim = fleet.claim(1017);
    assert_eq!(fleet.enrol("one", &claim).0, Some(0));
    assert_eq!(fleet.enrol("two", &claim).0, Some(1));
    let page = tests::http::get(fleet.plan.admin, "/metrics").expect("it answers").text();
    assert_documented("till_enrol_", &page);
    assert!(page.contains("till_enrol_answers_total{outcome=\"claim-used\"} 1"), "{page}");
}

/// The power of the enrolment server is cut right after it has answered: the claim stays used, and the certificate that it
/// handed out is known, so that it can be revoked.
#[test]
fn p12_p2_a_claim_stays_used_when_the_power_is_cut_after_the_answer() {
    // The disk goes after the server, and the folder that it is in after the disk.
    let disks = Folder::make();
    let mut disk = Disk::make(disks.path(), "disk", 16 * 1024);
    let image = disks.file("cut.img");
    let claims = disk.path().join("claims");
    let mut fleet = Fleet::start_with(Folder::make(), claims.clone(), None);
    let claim = fleet.claim(1017);
    let (code, said) = fleet.enrol("one", &claim);
    assert_eq!(code, Some(0), "{said}");
    disk.copy_now(&image);
    fleet.server.kill();
    disk.become_image(&image);
    fleet.server = fleet.plan.start(&fleet.folder);
    let (code, said) = fleet.enrol("two", &claim);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("409") && said.contains("another terminal has used this claim"), "{said}");
    let kept = std::fs::read_dir(claims.join("certificates")).expect("the folder of certificates");
    let kept: Vec<_> = kept.map(|entry| entry.expect("an entry").path()).collect();
    let [kept] = kept.as_slice() else { panic!("one certificate was handed out, and {kept:?} are kept") };
    let (kept, used) = (std::fs::read_to_string(kept), std::fs::read_to_string(fleet.folder.file("one/till.pem")));
    let (kept, used) = (kept.expect("it is ours"), used.expect("it is the terminal's"));
    assert!(used.contains(kept.trim()) && !kept.trim().is_empty(), "the terminal has another certificate");
}
