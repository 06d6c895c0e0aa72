//! Pictures in files, read by ZBar and by ZXing, the decoders behind most scanners and phones, through the programs
//! `zbarimg` and `ZXingReader`. Knows files and processes.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Grey;

/// Pictures in a folder of their own, because a program reads many at once far sooner than one by one.
pub(crate) struct Album {
    folder: PathBuf,
    names: Vec<String>,
}

/// The texts of the codes in each picture, by the picture's name.
type Seen = BTreeMap<String, Vec<String>>;

impl Album {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("till-album-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for pictures");
        Self { folder, names: Vec::new() }
    }

    /// Keeps a picture, as PGM, which needs no packing.
    pub(crate) fn keep(&mut self, name: &str, picture: &Grey) {
        let mut bytes = format!("P5 {} {} 255\n", picture.width, picture.height).into_bytes();
        bytes.extend(&picture.pixels);
        fs::write(self.file(self.names.len()), bytes).expect("room for a picture");
        self.names.push(name.to_owned());
    }

    /// Has ZBar read all pictures.
    pub(crate) fn zbar(&self) -> Seen {
        let arguments = ["--quiet", "--xml", "-Sdisable", "-Sqrcode.enable"];
        let said = self.ask("zbarimg", "zbar-tools", &arguments);
        let pictures = said.split("<source href='").skip(1).map(|source| {
            let (file, rest) = source.split_once('\'').expect("a picture's file ends with a quotation mark");
            let texts = rest.split("<![CDATA[").skip(1).filter_map(|rest| rest.split_once("]]>"));
            (file, texts.map(|(text, _)| text.to_owned()).collect())
        });
        self.seen(pictures)
    }

    /// Has ZXing read all pictures.
    pub(crate) fn zxing(&self) -> Seen {
        let said = self.ask("ZXingReader", "zxing-cpp-tools", &["-1", "-format", "QRCode"]);
        let pictures = said.lines().filter_map(|line| line.split_once(" QRCode \"")).map(|(file, rest)| {
            let text = rest.rsplit_once('"').map(|(text, _)| text.to_owned());
            (file, text.into_iter().collect())
        });
        self.seen(pictures)
    }

    fn ask(&self, program: &str, package: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(program);
        command.args(arguments).args((0..self.names.len()).map(|at| self.file(at)));
        let output = command.output().unwrap_or_else(|error| {
            panic!("the program `{program}` is needed: apt install {package} ({error})");
        });
        // That a picture has no code is told by a status other than 0, too; the missing text says it better.
        String::from_utf8(output.stdout).expect("the texts are UTF-8")
    }

    /// Sorts what a program said by the pictures' names; of a picture in which it saw nothing it need not have spoken.
    fn seen<'a>(&self, pictures: impl Iterator<Item = (&'a str, Vec<String>)>) -> Seen {
        let mut seen: Seen = self.names.iter().map(|name| (name.clone(), Vec::new())).collect();
        for (file, texts) in pictures {
            let at = self.names.iter().zip(0..).find(|(_, at)| self.file(*at).as_os_str() == file);
            let (name, _) = at.expect("the programs name the picture's file");
            seen.entry(name.clone()).or_default().extend(texts);
        }
        seen
    }

    fn file(&self, at: usize) -> PathBuf {
        self.folder.join(format!("{at}.pgm"))
    }
}

impl Drop for Album {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
