//! A fleet of a test's own: its signing key, its root, its issuer, claims and requests. Knows no server.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use rustls::ClientConfig;
use till_authority::{Authority, Key, Request, ServerName};
use till_settings::Secret;
use till_settings::tls::{Identity, Roots, certificates, client_config};
use till_wire::fleet::{Claim, ClaimId, FleetSigner};
use till_wire::{TerminalNumber, UnixTime};

use super::private_file;

pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// A fleet, whose files lie in a folder.
pub(crate) struct Fleet {
    pub(crate) folder: PathBuf,
    pub(crate) signer: FleetSigner,
    pub(crate) root: Authority,
    pub(crate) issuer: Authority,
}

#[expect(clippy::disallowed_methods, reason = "certificates of this moment are made")]
pub(crate) fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock that is set");
    UnixTime::from_secs(i64::try_from(since.as_secs()).expect("not that far ahead"))
}

/// A time so many days away.
pub(crate) fn days_from_now(days: i64) -> UnixTime {
    UnixTime::from_secs(now().secs() + days * 86_400)
}

pub(crate) fn number(number: u32) -> TerminalNumber {
    TerminalNumber::new(number).expect("a terminal's number")
}

pub(crate) fn key() -> Key {
    Key::generate().expect("a key")
}

pub(crate) fn request(key: &Key, name: u32) -> String {
    Request::make(key, number(name)).expect("a request")
}

impl Fleet {
    /// Makes a fleet and writes what its enrolment server needs: `fleet.pub`, `ca.pem`, `issuer.pem`, `issuer.key`,
    /// `server.pem`, `server.key`.
    pub(crate) fn make(folder: &Path) -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key of a fleet");
        let signer = FleetSigner::from_pkcs8(pkcs8.as_ref()).expect("a key of ring's own");
        let root = Authority::root("Fleet root", key(), days_from_now(-30), DAY * 3650).expect("a root");
        let issuer = root.issuer("Fleet issuer", key(), days_from_now(-20), DAY * 1000).expect("an issuer");
        let server_key = key();
        let names = ["127.0.0.1", "localhost"].map(|name| ServerName::new(name).expect("a name"));
        let server = root.server(&names, &server_key, now(), DAY).expect("a server's certificate");
        let spki = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, signer.key().to_spki());
        let public = format!("-----BEGIN PUBLIC KEY-----\n{spki}\n-----END PUBLIC KEY-----\n");
        for (name, text) in [
            ("fleet.pub", public.as_str()),
            ("ca.pem", root.certificate()),
            ("issuer.pem", issuer.certificate()),
            ("issuer.key", &issuer.key_pem()),
            ("server.pem", &server),
            ("server.key", &server_key.to_pem()),
        ] {
            private_file(&folder.join(name), text);
        }
        Self { folder: folder.to_owned(), signer, root, issuer }
    }

    /// A claim for a number, with a name of its own, alive for a day.
    pub(crate) fn claim(&self, terminal: u32) -> Claim {
        Claim {
            jti: ClaimId::new(fastrand::u128(..).to_be_bytes()),
            number: number(terminal),
            label: "Quầy 1".into(),
            iat: now().secs() - 60,
            exp: days_from_now(1).secs(),
            enrol_url: "https://enrol.example:8472/enrol".into(),
            ca: self.root.certificate().into(),
            broker: "mqtts://broker.example:8883".into(),
            channels: Vec::new(),
            trusted_keys: vec![self.signer.key()],
        }
    }

    pub(crate) fn signed(&self, claim: &Claim) -> String {
        claim.sign(&self.signer).expect("a claim")
    }

    /// A terminal's certificate chain as this fleet's issuer makes it.
    pub(crate) fn certificate(&self, key: &Key, terminal: u32, from: UnixTime, valid: Duration) -> String {
        let asked = Request::read(request(key, terminal).as_bytes()).expect("our own request");
        self.issuer.terminal(&asked, number(terminal), from, valid).expect("a certificate")
    }

    /// Writes the revocation list of these certificates' serial numbers beside its place and moves it there.
    pub(crate) fn revoke(&self, serials: &[Vec<u8>]) {
        let revoked: Vec<_> = serials.iter().map(|serial| (serial.clone(), now())).collect();
        let list = self.issuer.revocations(&revoked, 1, now(), days_from_now(30)).expect("a list");
        self.put("crl.pem", &list);
    }

    /// Replaces a file at once.
    pub(crate) fn put(&self, name: &str, text: &str) {
        let part = self.folder.join(format!("{name}.part"));
        private_file(&part, text);
        std::fs::rename(part, self.folder.join(name)).expect("a file in its place");
    }

    /// A terminal that believes this fleet's root, without a certificate.
    pub(crate) fn stranger(&self) -> ClientConfig {
        self.client(None)
    }

    /// A terminal that shows this chain.
    pub(crate) fn terminal(&self, chain: &str, key: &Key) -> ClientConfig {
        self.client(Some((chain, key)))
    }

    fn client(&self, shown: Option<(&str, &Key)>) -> ClientConfig {
        let roots = certificates(&self.folder.join("ca.pem")).expect("the root");
        let identity = shown.map(|(chain, key)| {
            let path = self.folder.join(format!("shown-{:016x}.pem", fastrand::u64(..)));
            private_file(&path, chain);
            Identity::read(&path, &Secret::new(key.to_pem())).expect("an identity")
        });
        client_config(Roots::Only(roots), identity).expect("a client")
    }
}
