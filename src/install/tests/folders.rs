//! What root reads in a folder in which somebody else may write, and what it does not.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::folder::Folder;
use super::super::place::{Place, must_be_ours};

/// A folder of a test's own, which goes with it.
struct Here(PathBuf);

impl Here {
    fn make() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("tilld-install-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn read(folder: &Folder, name: &str) -> Result<Option<Vec<u8>>, String> {
    folder.read(name, 4).map_err(|error| error.to_string())
}

#[test]
fn files_are_read_within_bounds_and_nothing_else_is() {
    let here = Here::make();
    fs::write(here.path("file"), "text").expect("written");
    fs::write(here.path("large"), "texts").expect("written");
    fs::create_dir(here.path("folder")).expect("made");
    symlink(here.path("file"), here.path("link")).expect("made");
    let made = Command::new("mkfifo").arg(here.path("pipe")).status().expect("mkfifo runs");
    assert!(made.success());
    let folder = Folder::open(&here.0).expect("opened");
    assert_eq!(read(&folder, "file"), Ok(Some(b"text".to_vec())));
    assert_eq!(read(&folder, "nothing"), Ok(None));
    for name in ["large", "folder", "link", "pipe"] {
        assert!(read(&folder, name).is_err(), "{name}");
    }
    folder.remove("link").expect("removed");
    folder.remove("link").expect("there is nothing to remove");
    assert_eq!(read(&folder, "file"), Ok(Some(b"text".to_vec())), "what it led to stays");
}

/// P12: the terminal may make links, and have root look elsewhere by none of them.
#[test]
fn p12_a_link_on_the_way_is_followed_only_where_it_is_our_own() {
    let here = Here::make();
    fs::create_dir_all(here.path("private/store/updates")).expect("made");
    fs::write(here.path("private/store/updates/file"), "text").expect("written");
    symlink("private/store", here.path("store")).expect("made");
    symlink(here.path("store"), here.path("far")).expect("made");
    for way in ["private/store/updates", "store/updates", "far/updates", "private/../store/updates"] {
        let folder = Folder::open(&here.path(way)).expect(way);
        assert_eq!(read(&folder, "file"), Ok(Some(b"text".to_vec())), "{way}");
    }
    assert!(Folder::open(&here.path("store/updates/file")).is_err(), "it is no folder");
    assert!(Folder::open(Path::new("relative")).is_err());
    symlink("round", here.path("round")).expect("made");
    assert!(Folder::open(&here.path("round")).is_err());
    if fs::metadata(&here.0).expect("the folder").uid() != 0 {
        // Without root's rights nothing can be given away.
        return;
    }
    lchown(here.path("store"), Some(65_534), Some(65_534)).expect("root may");
    for way in ["store/updates", "far/updates"] {
        let refused = Folder::open(&here.path(way)).expect_err("somebody else has made it");
        assert!(refused.to_string().contains("somebody else"), "{refused}");
    }
}

#[test]
fn the_installers_folder_is_ours_alone_and_open_to_readers() {
    let here = Here::make();
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let folder = here.path("installer");
    let place = Place::open(&folder).expect("made");
    assert_eq!((mode(&folder), mode(place.private())), (0o755, 0o700));
    assert!(Place::open(&folder).is_err(), "one at a time");
    place.say(&"a word").expect("said");
    assert_eq!(mode(&folder.join("result.json")), 0o644);
    place.write("note", &"a word").expect("written");
    assert_eq!(mode(&place.private().join("note")), 0o600);
    drop(place);
    assert_eq!(Place::open(&folder).expect("ours").result::<String>().expect("read").as_deref(), Some("a word"));
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).expect("changed");
    assert!(must_be_ours(&folder).is_err() && Place::open(&folder).is_err(), "somebody else could write to it");
}
