//! What is chosen among the outputs, modes and controllers that cards have.

use super::super::tests::{connector, mode};
use super::*;

#[track_caller]
fn check(wish: (Option<&str>, Option<&str>), connectors: &[Connector], want: Result<(u32, &str, u32), &str>) {
    let mode = wish.1.map(|size| size.parse().expect("a size"));
    let wish = Wish { connector: wish.0.map(str::to_owned), mode };
    let chosen = wish.choose(connectors).map_err(|error| error.to_string());
    if let Ok(output) = &chosen {
        let connector = connectors.iter().find(|connector| connector.id == output.connector).expect("one of these");
        let mode = &connector.modes[output.mode];
        assert_eq!(format!("{}x{}", mode.width, mode.height), output.size.to_string());
        assert_eq!(connector.name, output.name);
    }
    let chosen = chosen.map(|output| (output.connector, output.size.to_string(), output.crtc));
    assert_eq!(chosen, want.map(|(id, size, crtc)| (id, size.to_owned(), crtc)).map_err(str::to_owned));
}

fn without_display(connector: Connector) -> Connector {
    Connector { plug: Plug::Disconnected, modes: Vec::new(), ..connector }
}

#[test]
fn the_first_output_with_a_display_is_taken_or_the_one_that_is_named() {
    let dp = || connector(30, "DP-1", &[(1920, 1080)]);
    let hdmi = || connector(31, "HDMI-A-1", &[(1024, 600), (640, 480)]);
    check((None, None), &[dp(), hdmi()], Ok((30, "1920x1080", 40)));
    check((None, None), &[without_display(dp()), hdmi()], Ok((31, "1024x600", 40)));
    check((Some("HDMI-A-1"), None), &[dp(), hdmi()], Ok((31, "1024x600", 40)));
    let gone = [without_display(dp()), without_display(hdmi())];
    check((None, None), &gone, Err("no display is connected to DP-1, HDMI-A-1"));
    let gone = [dp(), without_display(hdmi())];
    check((Some("HDMI-A-1"), None), &gone, Err("no display is connected to HDMI-A-1"));
    check((Some("DSI-1"), None), &[dp(), hdmi()], Err("it has no output `DSI-1`, only: DP-1, HDMI-A-1"));
    check((None, None), &[], Err("it is no graphics card with outputs, expected a device such as `/dev/dri/card0`"));
}

#[test]
fn a_display_that_cannot_be_told_is_taken_when_there_is_no_other() {
    let vga = || Connector { plug: Plug::Unknown, ..connector(30, "VGA-1", &[(1024, 768)]) };
    let hdmi = || connector(31, "HDMI-A-1", &[(800, 480)]);
    check((None, None), &[vga(), hdmi()], Ok((31, "800x480", 40)));
    check((None, None), &[vga(), without_display(hdmi())], Ok((30, "1024x768", 40)));
}

#[test]
fn the_preferred_mode_is_taken_or_the_size_that_is_wanted() {
    let mut hdmi = connector(31, "HDMI-A-1", &[(1920, 1080), (1280, 800), (1280, 800), (5120, 2880), (160, 120)]);
    check((None, None), &[hdmi.clone()], Ok((31, "1920x1080", 40)));
    check((None, Some("1280x800")), &[hdmi.clone()], Ok((31, "1280x800", 40)));
    let none = "the display on HDMI-A-1 has no mode 800x480, only: 1920x1080, 1280x800, 5120x2880, 160x120";
    check((None, Some("800x480")), &[hdmi.clone()], Err(none));
    hdmi.modes[1].is_preferred = true;
    check((None, None), &[hdmi.clone()], Ok((31, "1280x800", 40)));
    hdmi.modes[1].is_interlaced = true;
    check((None, None), &[hdmi.clone()], Ok((31, "1920x1080", 40)));
    let wish = Wish { connector: None, mode: Some("1280x800".parse().expect("a size")) };
    assert_eq!(wish.choose(&[hdmi.clone()]).map(|output| output.mode).ok(), Some(2), "not the interlaced one");
    hdmi.modes = vec![mode(5120, 2880), mode(160, 120)];
    let none = "the display on HDMI-A-1 has no mode that screens can be laid out on, only: 5120x2880, 160x120";
    check((None, None), &[hdmi], Err(none));
}

#[test]
fn the_controller_is_the_one_that_drives_the_output_else_one_that_drives_no_other() {
    let dp = Connector { crtc: Some(40), ..connector(30, "DP-1", &[(1920, 1080)]) };
    let hdmi = || connector(31, "HDMI-A-1", &[(1024, 600)]);
    check((Some("HDMI-A-1"), None), &[dp.clone(), hdmi()], Ok((31, "1024x600", 41)));
    let driven = Connector { crtc: Some(42), ..hdmi() };
    check((Some("HDMI-A-1"), None), &[dp.clone(), driven], Ok((31, "1024x600", 42)));
    let poor = Connector { crtcs: vec![40], ..hdmi() };
    check((Some("HDMI-A-1"), None), &[dp, poor], Ok((31, "1024x600", 40)));
    let none = Connector { crtcs: Vec::new(), ..hdmi() };
    check((None, None), &[none], Err("it has no controller for HDMI-A-1"));
}
