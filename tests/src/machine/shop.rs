//! A whole shop whose till is a machine: broker and payOS behind TLS, the bridge, and a booted counter with screen, keys
//! and a disk. It must not know what a test does with it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use demo::payos::Sandbox;
use serde_json::Value;
use till_wire::fleet::FleetSigner;

pub use super::counter::{Counter, System};
use super::debian;
use super::emulator::{Card, HOST, Machine, Plan, empty_disk};
use super::heard::Heard;
use super::image::{Added, Image, with_files};
use super::modules::Kernel;
use super::shell::{Output, Shell};
use super::slots;
use super::voice::add_voice;
use super::whole;
use super::{PATIENCE, wait_for};
use crate::authority::Authority;
use crate::bridge::{Bridge, BridgePlan};
use crate::folder::Folder;
use crate::jws;
use crate::mosquitto::Mosquitto;
use crate::port::free_port;
use crate::process::{program, shipped_tilld};
use crate::screen::{self, Pixels};
use crate::shop::{TERMINAL, sandbox};
use crate::till::{MACHINE_API, Till, TillPlan};
use crate::tls_front::TlsFront;

/// What the counter's devices need, but for its graphics card: disk, network, keys, loudspeaker.
const MODULES: [&str; 8] = [
    "virtio_pci",
    "virtio_blk",
    "crc32c_generic",
    "ext4",
    "virtio_net",
    "evdev",
    "snd-hda-codec-generic",
    "snd-hda-intel",
];

/// What the machine runs: the till, and a kernel that goes on talking to the screen, as one with a loose cable does.
const RUN: &str = "(while sleep 1; do echo 'usb 1-1: a message that no customer should see' >/dev/kmsg; done) &\n\
                   tilld --config CONFIG\necho \"tilld ended with $?\"\n";

/// What comes before that: a sound card comes up a moment after its module, and is mute until somebody says how loud it is
/// to be.
const UNMUTE: &str = "for n in $(seq 100); do [ -e /dev/snd/controlC0 ] && break; sleep 0.1; done\n\
                      amixer -q set Master 100% unmute || echo 'the loudspeaker stays mute'\n";

/// What comes first where there is somebody's finger: whoever commands it, and times of what is drawn in the log.
const OBEY: &str = "setsid sh /tests-shell </dev/ttyS1 >/dev/ttyS1 2>/dev/null &\n\
                    export RUST_LOG=info,tilld::panel=debug\n";

/// Everything that runs. Parts are stopped in the order of the fields, and the folders go last.
#[derive(Debug)]
pub struct MachineShop {
    /// The machine, while it has power.
    machine: Option<Machine>,
    /// The till in the machine, reached through its API.
    pub till: Till,
    /// The bridge, here.
    pub bridge: Bridge,
    /// The broker, here.
    pub broker: Mosquitto,
    /// payOS and the customers' bank, here.
    pub payos: Sandbox,
    /// Whoever commands the till.
    pub fleet: FleetSigner,
    plan: Plan,
    system: System,
    /// What the loudspeaker played, which begins anew when the machine is switched on.
    recording: PathBuf,
    _front: TlsFront,
    /// Files that are in the machine as well.
    _inside: Folder,
    folder: Folder,
}

impl MachineShop {
    /// Opens the shop and boots its counter. A small one is ready to sell afterwards.
    ///
    /// # Panics
    /// When something does not start.
    #[track_caller]
    pub fn open(counter: &Counter) -> Self {
        let (folder, inside) = (Folder::make(), Folder::make());
        let authority = Authority::make(&inside, "ours");
        let payos = sandbox();
        let front = TlsFront::open(&authority.issue_for_long(&folder, "payos"), payos.address());
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let server = authority.issue_for_long(&folder, "broker");
        let broker = Mosquitto::start_with(&folder, server.listener(address.port(), &authority));
        let bridge = BridgePlan::new(&broker, &payos.credentials().checksum_key).start(&folder);
        payos.set_webhook_url(Some(bridge.hook_url()));

        let mut till = TillPlan::new(TERMINAL, &format!("mqtts://{HOST}:{}", address.port()), &payos);
        till.payos_url = payos.base_url().replace(&format!("http://{}", payos.address()), &https(front.port()));
        till.channel = format!("ca = {:?}", authority.certificate);
        till.mqtt = authority.issue_for_long(&inside, &format!("{TERMINAL:07}")).settings(&authority);
        till.token = Some("a-token-for-callers-from-another-machine".to_owned());
        // Nobody gives the till a terminal of its own in a small machine, so it is named.
        let console = match counter.system {
            System::Small => "/dev/tty1",
            System::Whole | System::Slots => "auto",
        };
        // Where the service has the socket that the package brings.
        if counter.system != System::Small {
            till.api = "socket = \"/run/tilld/api.sock\"".to_owned();
        }
        till.panel = Some(format!("driver = {:?}\nconsole = {console:?}", counter.driver));
        till.keypad = "\"auto\"".to_owned();
        if counter.has_loudspeaker {
            till.tables = "[sound]\ndriver = \"alsa\"\n".to_owned();
        }
        let fleet = commanded(&mut till, &inside);
        // An emulator is slow: the result is to be seen, and a clock that falls behind that of payOS must not end a code there.
        till.sale = "result_s = 60".to_owned();
        till.expire_s = 3600;
        let port = free_port();
        let till = till.prepare_for_machine(&folder, &inside, (Ipv4Addr::LOCALHOST, port).into());

        let mut plan = match counter.system {
            System::Small => plan(counter, &folder, &inside, &till.config),
            System::Whole => whole::plan(&folder, &inside, &till.config),
            System::Slots => slots::plan(&folder, &inside, &till.config),
        };
        let recording = folder.file("heard.wav");
        plan.card = counter.card;
        plan.pixels = counter.pixels;
        plan.ports = vec![(port, MACHINE_API)];
        plan.wav = counter.has_loudspeaker.then(|| recording.clone());
        let mut shop = Self {
            machine: None,
            till,
            bridge,
            broker,
            payos,
            fleet,
            plan,
            system: counter.system,
            recording,
            _front: front,
            _inside: inside,
            folder,
        };
        match counter.system {
            System::Small => shop.switch_on(),
            System::Whole | System::Slots => shop.power_on(),
        }
        shop
    }

    /// Gives the machine power and waits until it is ready to sell.
    ///
    /// # Panics
    /// When it does not boot.
    #[track_caller]
    pub fn switch_on(&mut self) {
        self.power_on();
        self.wait_until_it_sells();
    }

    pub(super) fn power_on(&mut self) {
        self.machine = Some(self.plan.start(self.folder.path()));
    }

    /// Waits until the counter is ready to sell.
    ///
    /// # Panics
    /// When it does not get ready, or has no power.
    #[track_caller]
    pub fn wait_until_it_sells(&mut self) {
        let system = self.system;
        let machine = self.machine();
        match system {
            System::Small => machine.wait_for_words("tilld listens", PATIENCE),
            System::Whole | System::Slots => whole::wait_for_service(machine),
        }
        self.wait_for_broker();
    }

    /// Waits until the till in the machine reaches its broker.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn wait_for_broker(&self) {
        wait_for("the machine reaches its broker", PATIENCE, || {
            let link = self.till.status()["links"]["broker"].clone();
            if link["up"] == true { Ok(()) } else { Err(link.to_string()) }
        });
    }

    /// Cuts the machine's power.
    pub fn cut(&mut self) {
        if let Some(machine) = self.machine.take() {
            machine.cut();
        }
    }

    /// The machine.
    ///
    /// # Panics
    /// While it has no power.
    #[track_caller]
    pub fn machine(&mut self) -> &mut Machine {
        self.machine.as_mut().unwrap_or_else(|| panic!("the machine has no power"))
    }

    /// Runs commands as root, as [`MachineShop::shell`] does.
    ///
    /// # Panics
    /// When the system has no shell, or does not answer.
    #[track_caller]
    pub fn run(&mut self, commands: &str) -> Output {
        self.shell().run(commands)
    }

    /// The shell of a whole system, or of one with a finger.
    ///
    /// # Panics
    /// When the system has none.
    #[track_caller]
    pub fn shell(&mut self) -> &mut Shell {
        self.machine().shell.as_mut().unwrap_or_else(|| panic!("this system has no shell for tests"))
    }

    /// The display's width and height.
    pub fn pixels(&self) -> (u32, u32) {
        self.plan.pixels
    }

    /// Presses keys at the counter, by their names in qemu's `QKeyCode`.
    #[track_caller]
    pub fn press(&mut self, keys: &[&str]) {
        self.machine().monitor.press(keys);
    }

    /// Photographs the counter's screen and returns the PNG's file, which the next photograph replaces.
    #[track_caller]
    pub fn photograph(&mut self) -> PathBuf {
        let picture = self.till.picture.clone();
        self.machine().monitor.photograph(&picture);
        picture
    }

    /// Whether it can be heard.
    pub fn has_loudspeaker(&self) -> bool {
        self.plan.wav.is_some()
    }

    /// What the counter's loudspeaker has played since it was switched on.
    ///
    /// # Panics
    /// When the emulator has written something else.
    pub fn heard(&self) -> Heard {
        Heard::read(&self.recording)
    }

    /// Photographs the counter's screen and returns its pixels.
    #[track_caller]
    pub fn photograph_pixels(&mut self) -> Pixels {
        let picture = self.photograph();
        let photograph = std::fs::read(&picture).unwrap_or_else(|error| panic!("cannot read {picture:?}: {error}"));
        screen::pixels(&photograph).unwrap_or_else(|wrong| panic!("{picture:?}: {wrong}"))
    }

    /// Waits for a screen on which two decoders read exactly one code, and returns it.
    ///
    /// # Panics
    /// When it does not come.
    #[track_caller]
    pub fn wait_for_code(&mut self) -> String {
        wait_for("the machine's screen shows a code", PATIENCE, || {
            let picture = self.photograph();
            screen::one_code(&picture)
        })
    }

    /// Fails when the screen holds a code now.
    ///
    /// # Panics
    /// When it does.
    #[track_caller]
    pub fn assert_no_code(&mut self) {
        let picture = self.photograph();
        assert_eq!(screen::no_code(&picture), Ok(()), "the machine's screen shows a code");
    }

    /// Waits until the screen shows, pixel by pixel, what the till says that it shows, and nothing of anybody else.
    /// Returns that picture.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn wait_for_exact_picture(&mut self) -> Pixels {
        wait_for("the screen shows exactly the till's picture", PATIENCE, || {
            let meant = self.till.get("/v1/screen.png");
            let meant = screen::pixels(&meant.body)?;
            meant.same_as(&self.photograph_pixels()).map(|()| meant)
        })
    }

    /// Waits until the screen shows something else than before, and goes on showing it.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn wait_for_another_picture(&mut self, before: &Pixels) -> Pixels {
        wait_for("the screen shows something else", PATIENCE, || {
            let one = self.wait_for_exact_picture();
            if one.same_as(before).is_ok() {
                return Err("the same as before".to_owned());
            }
            let other = self.wait_for_exact_picture();
            one.same_as(&other).map(|()| other)
        })
    }

    /// The newest sale, if there is one.
    #[track_caller]
    pub fn newest_sale(&self) -> Option<Value> {
        self.till.get("/v1/sales?limit=1").json()["sales"].get(0).cloned()
    }
}

/// Has the till believe a key, whose files are made in a folder.
fn commanded(till: &mut TillPlan, folder: &Folder) -> FleetSigner {
    let (fleet, public) = jws::key(folder, "fleet");
    till.tables += &format!("[fleet]\ntrusted_keys = [ {public:?} ]\n");
    fleet
}

/// The machine of a counter: its kernel, its image with the till, and an empty disk.
fn plan(counter: &Counter, folder: &Folder, inside: &Folder, config: &Path) -> Plan {
    let kernel = Kernel::of_package(&debian::kernel());
    let (card, name) = match counter.card {
        Card::Bochs => ("bochs", "small-counter-bochs"),
        Card::Virtio => ("virtio-gpu", "small-counter-virtio"),
    };
    let modules = [&MODULES[..], &[card]].concat();
    let (name, obey, modules) = match counter.has_finger {
        true => (format!("{name}-finger"), OBEY, [&modules[..], &["uinput"]].concat()),
        false => (name.to_owned(), "", modules),
    };
    let mut image = Image::small(&kernel, &modules);
    image.program(&shipped_tilld(), Path::new("/bin/tilld"));
    add_voice(&mut image);
    if counter.has_finger {
        image.program(&program("finger"), Path::new("/bin/finger"));
    }
    let first_files = folder.file("first-files.cpio");
    let unmute = if counter.has_loudspeaker { UNMUTE } else { "" };
    let run = format!("{obey}{unmute}{}", RUN.replace("CONFIG", &config.display().to_string()));
    let mut files: Vec<_> = debian::files(inside.path()).iter().map(|path| Added::same(path)).collect();
    files.push(Added::open("/run.sh", run));
    files.push(Added::open("/tests-shell", whole::SHELL));
    with_files(&image.build(&name), &files, &first_files);
    let disk = folder.file("disk.img");
    empty_disk(&disk, 64);
    let mut plan = Plan::new(&kernel.image, &first_files);
    plan.disks = vec![disk];
    plan.obeys = counter.has_finger;
    plan
}

/// Where a machine reaches a port of ours that speaks TLS.
fn https(port: u16) -> String {
    format!("https://{HOST}:{port}")
}
