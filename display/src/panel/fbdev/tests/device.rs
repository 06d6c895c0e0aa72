//! What is written where and when, and what happens when that fails.

use super::*;

/// A line that is 37 bytes longer than its pixels, seen from the 5th column and the 7th line on.
fn padded() -> Geometry {
    Geometry { line_length: (5 + 320) * 2 + 37, x_offset: 5, y_offset: 7, ..rgb565() }
}

#[test]
fn a_plain_file_takes_what_a_framebuffer_would_take() {
    let paper = Paper::new("plain");
    let device = Size::new(320, 240).expect("a size");
    let mut panel = FbdevPanel::on_file(&paper.0, device, Rotation::Deg90).expect("the folder takes files");
    panel.show(&frame(device.turned(Rotation::Deg90), [0x11, 0x22, 0x33])).expect("the file takes it");
    assert_eq!(paper.bytes(), 0x0011_2233_u32.to_ne_bytes().repeat(320 * 240));
}

#[test]
fn what_lies_around_the_picture_is_never_touched() {
    let (geometry, paper) = (padded(), Paper::new("padded"));
    paper.blank(&geometry);
    let (mut panel, _) = paper.panel(&geometry, Rotation::Deg0);
    let mut picture = frame(panel.size().expect("a size"), [0, 0, 0]);
    panel.show(&picture).expect("the file takes it");
    fill(&mut picture, 100..110, Rgb888::new(255, 255, 255));
    panel.show(&picture).expect("the file takes it");
    let bytes = paper.bytes();
    let length = geometry.line_length as usize;
    assert_eq!(bytes.len(), (7 + 240) * length, "the file has not grown");
    for (line, bytes) in bytes.chunks(length).enumerate() {
        let mut want = vec![FOREIGN; length];
        if line >= 7 {
            want[10..650].fill(0);
        }
        if (107..117).contains(&line) {
            want[10..30].fill(255);
        }
        assert!(bytes == want, "line {line}");
    }
}

#[test]
fn only_rows_that_changed_are_written() {
    for geometry in [rgb565(), padded()] {
        let paper = Paper::new("changed");
        paper.blank(&geometry);
        let (mut panel, opened) = paper.panel(&geometry, Rotation::Deg0);
        let mut picture = frame(panel.size().expect("a size"), [255, 0, 0]);
        panel.show(&picture).expect("the file takes it");
        // Whoever scribbles on the device sees which rows are written: those that are not keep the scribble.
        paper.blank(&geometry);
        for changed in [[0..0, 0..0], [0..1, 0..0], [3..9, 20..21], [0..0, 238..240]] {
            for rows in &changed {
                fill(&mut picture, rows.clone(), Rgb888::new(rows.start as u8, 255, 255));
            }
            panel.show(&picture).expect("the file takes it");
            let bytes = paper.bytes();
            let place = |row: i32| (row as usize + geometry.y_offset as usize) * geometry.line_length as usize;
            let is_written = |row: &i32| bytes[place(*row) + geometry.x_offset as usize * 2 + 600] != FOREIGN;
            let written: Vec<i32> = (0..240).filter(is_written).collect();
            let want: Vec<i32> = changed.into_iter().flatten().collect();
            assert_eq!(written, want);
            paper.blank(&geometry);
        }
        assert_eq!(opened.load(Ordering::Relaxed), 1);
    }
}

/// The device's rows on which a box of the frame falls, for every way that the display may be turned.
#[test]
fn on_a_turned_display_only_rows_that_changed_are_written() {
    let cases = [
        (Rotation::Deg0, 30..37),
        (Rotation::Deg90, 20..25),
        (Rotation::Deg180, 203..210),
        (Rotation::Deg270, 215..220),
    ];
    for (rotation, rows) in cases {
        let (geometry, paper) = (rgb565(), Paper::new("turned-rows"));
        paper.blank(&geometry);
        let (mut panel, _) = paper.panel(&geometry, rotation);
        let mut picture = frame(panel.size().expect("a size"), [255, 0, 0]);
        panel.show(&picture).expect("the file takes it");
        paper.blank(&geometry);
        let Ok(()) = picture.fill_solid(&Rectangle::new(Point::new(20, 30), Extent::new(5, 7)), Rgb888::new(0, 0, 255));
        panel.show(&picture).expect("the file takes it");
        let (whole, written) = (Paper::new("whole"), paper.bytes());
        whole.blank(&geometry);
        whole.panel(&geometry, rotation).0.show(&picture).expect("the file takes it");
        let lines = written.chunks(640).zip(whole.bytes().chunks(640).map(<[u8]>::to_vec).collect::<Vec<_>>());
        for (row, (line, want)) in lines.enumerate() {
            let want = if rows.contains(&row) { want } else { vec![FOREIGN; 640] };
            assert!(line == want, "{rotation:?}, row {row}");
        }
    }
}

#[test]
fn rows_are_written_together_only_where_nothing_lies_between() {
    let changed = [true, true, false, true, false, true, true, true];
    assert_eq!(runs(&changed, true), [0..2, 3..4, 5..8]);
    assert_eq!(runs(&changed, false), [0..1, 1..2, 3..4, 5..6, 6..7, 7..8]);
    assert!(runs(&[false; 9], true).is_empty());
}

#[test]
fn a_turned_display_takes_turned_frames() {
    for rotation in [Rotation::Deg0, Rotation::Deg90, Rotation::Deg180, Rotation::Deg270] {
        let (geometry, paper) = (geometry(24, [(0, 8), (8, 8), (16, 8), (0, 0)]), Paper::new("turned"));
        paper.blank(&geometry);
        let (mut panel, _) = paper.panel(&geometry, rotation);
        let mut picture = Frame::new(panel.size().expect("a size"));
        let places = [(0, 0, 1), (13, 5, 2), (0, 30, 3), (239, 239, 4)];
        let Ok(()) = picture.draw_iter(places.map(|(x, y, red)| Pixel(Point::new(x, y), Rgb888::new(red, 9, 0))));
        panel.show(&picture).expect("the file takes it");
        // Red has the lowest byte here, so the device's bytes are those of a turned frame.
        assert!(paper.bytes() == picture.turned(rotation).bytes(), "{rotation:?}");
    }
}

#[test]
fn a_frame_of_another_size_is_refused_and_nothing_written() {
    let (geometry, paper) = (rgb565(), Paper::new("size"));
    paper.blank(&geometry);
    let before = paper.bytes();
    let (mut panel, _) = paper.panel(&geometry, Rotation::Deg90);
    let error = panel.show(&Frame::new(Size::new(320, 240).expect("a size"))).expect_err("the size is wrong");
    assert_eq!(error.to_string(), "a frame of 320x240 does not fit a panel of 240x320");
    assert!(paper.bytes() == before);
}

#[test]
fn after_a_fault_the_device_is_opened_anew_and_all_of_it_written() {
    let (geometry, paper) = (rgb565(), Paper::new("full"));
    let picture = frame(Size::new(320, 240).expect("a size"), [0, 0, 0]);
    let (mut panel, opened) = paper.panel(&geometry, Rotation::Deg0);
    let error = panel.show(&picture).expect_err("nothing is there");
    assert!(matches!(error, PanelError::Open { .. }), "{error}");
    assert!(panel.size().is_err());
    // A device that takes nothing more.
    std::os::unix::fs::symlink("/dev/full", &paper.0).expect("a link");
    for _ in 0..2 {
        let error = panel.show(&picture).expect_err("the device is full");
        let PanelError::Write { path, source } = error else { panic!("{error}") };
        assert_eq!((path, source.kind()), (paper.0.clone(), io::ErrorKind::StorageFull));
    }
    fs::remove_file(&paper.0).expect("the link");
    paper.blank(&geometry);
    panel.show(&picture).expect("the file takes it");
    assert!(paper.bytes().iter().all(|byte| *byte == 0), "every row is written");
    assert_eq!(opened.load(Ordering::Relaxed), 5);
}

#[test]
fn a_device_that_comes_back_with_another_size_is_asked_again() {
    let paper = Paper::new("other");
    let wide = rgb565();
    let tall = Geometry { width: 240, height: 320, line_length: 480, ..rgb565() };
    let answers = std::sync::Mutex::new(vec![tall.clone(), wide]);
    std::os::unix::fs::symlink("/dev/full", &paper.0).expect("a link");
    let ask = move |path: &Path| {
        let file = OpenOptions::new().write(true).open(path).expect("the file is there");
        Ok((file, answers.lock().expect("one test").pop().expect("asked twice")))
    };
    let mut panel = FbdevPanel { path: paper.0.clone(), rotation: Rotation::Deg0, ask: Box::new(ask), device: None };
    let first = panel.size().expect("a size");
    assert_eq!(first.to_string(), "320x240");
    panel.show(&frame(first, [0; 3])).expect_err("the device is full");
    fs::remove_file(&paper.0).expect("the link");
    paper.blank(&tall);
    let second = panel.size().expect("a size");
    assert_eq!(second.to_string(), "240x320");
    assert!(matches!(panel.show(&frame(first, [0; 3])), Err(PanelError::WrongSize { .. })));
    panel.show(&frame(second, [0; 3])).expect("the file takes it");
}

#[test]
fn a_video_mode_that_changes_under_a_picture_is_noticed_and_drawn_on_anew() {
    let paper = Paper::new("mode");
    let wide = rgb565();
    let tall = Geometry { width: 240, height: 320, line_length: 480, ..rgb565() };
    let answers = std::sync::Mutex::new(vec![tall.clone(), tall.clone(), wide.clone(), wide.clone()]);
    paper.blank(&wide);
    let ask = move |path: &Path| {
        let file = OpenOptions::new().write(true).open(path).expect("the file is there");
        Ok((file, answers.lock().expect("one test").pop().expect("asked four times")))
    };
    let mut panel = FbdevPanel { path: paper.0.clone(), rotation: Rotation::Deg0, ask: Box::new(ask), device: None };
    panel.check().expect("nothing was shown yet");
    let picture = frame(panel.size().expect("a size"), [0; 3]);
    panel.show(&picture).expect("the file takes it");
    panel.check().expect("it is as it was");
    assert!(matches!(panel.check(), Err(PanelError::Changed { .. })));
    paper.blank(&tall);
    let picture = frame(panel.size().expect("a size"), [0; 3]);
    assert_eq!(picture.dimensions().to_string(), "240x320");
    panel.show(&picture).expect("the file takes it");
    assert!(paper.bytes().iter().all(|byte| *byte == 0), "every row is written");
}

#[test]
fn p11_what_is_no_framebuffer_is_neither_opened_nor_written() {
    let paper = Paper::new("plain");
    fs::write(&paper.0, "precious").expect("a file");
    for path in [Path::new("/dev/null"), Path::new("/dev"), &paper.0] {
        let mut panel = FbdevPanel::new(path, Rotation::Deg0);
        let error = panel.size().expect_err("this is no framebuffer").to_string();
        assert_eq!(error, format!("`{}` is no framebuffer, expected a device such as `/dev/fb0`", path.display()));
        assert!(panel.show(&Frame::new(Size::new(320, 240).expect("a size"))).is_err());
    }
    assert_eq!(paper.bytes(), b"precious");
    // The question itself is kept from what is no framebuffer as well.
    let file = File::open(&paper.0).expect("the file");
    let said = [sys::var_info(&file).err(), sys::fix_info(&file).err(), sys::unblank(&file).err()];
    assert!(said.iter().flatten().all(|error| error.raw_os_error() == Some(rustix::io::Errno::NOTTY.raw_os_error())));
    assert_eq!(said.iter().flatten().count(), 3);
}

#[test]
fn a_display_that_is_not_there_is_an_error_that_names_it() {
    let error = FbdevPanel::new("/dev/till-fb-absent", Rotation::Deg0).size().expect_err("no such device");
    let said = error.to_string();
    assert!(said.contains("`/dev/till-fb-absent`") && said.contains("video"), "{said}");
}

#[test]
fn a_device_that_is_open_tells_its_millimetres_as_it_is_mounted() {
    for (rotation, want) in [(Rotation::Deg0, (70, 53)), (Rotation::Deg270, (53, 70))] {
        let paper = Paper::new("millimetres");
        paper.blank(&rgb565());
        let (mut panel, _) = paper.panel(&rgb565(), rotation);
        assert_eq!(panel.millimetres(), None, "nothing is open yet");
        panel.size().expect("it is there");
        assert_eq!(panel.millimetres(), Some(want), "{rotation:?}");
    }
}
