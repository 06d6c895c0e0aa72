//! Asks framebuffers and consoles of the kernel what they are, and tells consoles what to do. The one file of the workspace
//! with unsafe code, because an ioctl has no safe form; it must not judge what it is told.

#![allow(unsafe_code, reason = "the compiler cannot know what the kernel reads and writes when it is asked by ioctl")]

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};

use rustix::io::Errno;
use rustix::ioctl::{IntegerSetter, Opcode, Updater, ioctl};

use crate::linux::{FixInfo, VarInfo};

/// The major number that all framebuffers have, and nothing else (Linux, `Documentation/admin-guide/devices.txt`).
const FB_MAJOR: u32 = 29;
const FBIOGET_VSCREENINFO: Opcode = 0x4600;
const FBIOGET_FSCREENINFO: Opcode = 0x4602;
const FBIOBLANK: Opcode = 0x4611;

/// Virtual consoles are the first minors of this major; `/dev/tty` stands for the terminal of whoever opens it.
const TTY_MAJOR: u32 = 4;
const CONSOLES: u32 = 64;
const DEV_TTY: (u32, u32) = (5, 0);
const KDSETMODE: Opcode = 0x4b3a;
const KDGETMODE: Opcode = 0x4b3b;
const KDGKBMODE: Opcode = 0x4b44;
const KDSKBMODE: Opcode = 0x4b45;

/// Returns whether this is a framebuffer; opening or asking another device could set something off.
pub(crate) fn is_framebuffer(metadata: &Metadata) -> bool {
    metadata.file_type().is_char_device() && rustix::fs::major(metadata.rdev()) == FB_MAJOR
}

/// Returns whether this is a virtual console, or a terminal, which then does not know the questions of consoles.
pub(crate) fn is_console(metadata: &Metadata) -> bool {
    let (major, minor) = (rustix::fs::major(metadata.rdev()), rustix::fs::minor(metadata.rdev()));
    let known = (major == TTY_MAJOR && minor < CONSOLES) || (major, minor) == DEV_TTY;
    metadata.file_type().is_char_device() && known
}

/// Asks for what can be changed: `FBIOGET_VSCREENINFO`.
pub(crate) fn var_info(file: &File) -> io::Result<VarInfo> {
    // SAFETY: framebuffers alone are asked, and this request fills one fb_var_screeninfo, which `VarInfo` is.
    unsafe { ask::<FBIOGET_VSCREENINFO, VarInfo>(file, is_framebuffer) }
}

/// Asks for what cannot be changed: `FBIOGET_FSCREENINFO`.
pub(crate) fn fix_info(file: &File) -> io::Result<FixInfo> {
    // SAFETY: framebuffers alone are asked, and this request fills one fb_fix_screeninfo, which `FixInfo` is.
    unsafe { ask::<FBIOGET_FSCREENINFO, FixInfo>(file, is_framebuffer) }
}

/// Has a framebuffer light its display, if it was blanked: `FBIOBLANK` with `FB_BLANK_UNBLANK`.
pub(crate) fn unblank(file: &File) -> io::Result<()> {
    // SAFETY: framebuffers alone are told, and one takes this integer or refuses it.
    unsafe { tell::<FBIOBLANK>(file, is_framebuffer, 0) }
}

/// Asks a console whether it shows text or graphics, and what it makes of its keys, in the words of `<linux/kd.h>`.
pub(crate) fn console_modes(file: &File) -> io::Result<(i32, i32)> {
    // SAFETY: terminals alone are asked, and a console fills one int; other terminals do not know these requests.
    unsafe { Ok((ask::<KDGETMODE, i32>(file, is_console)?, ask::<KDGKBMODE, i32>(file, is_console)?)) }
}

/// Has a console show text or graphics: `KDSETMODE`.
pub(crate) fn show_on_console(file: &File, mode: u32) -> io::Result<()> {
    // SAFETY: terminals alone are told, and a console takes an integer and refuses one that it does not know.
    unsafe { tell::<KDSETMODE>(file, is_console, mode) }
}

/// Says what a console makes of its keys: `KDSKBMODE`.
pub(crate) fn type_on_console(file: &File, mode: u32) -> io::Result<()> {
    // SAFETY: as above.
    unsafe { tell::<KDSKBMODE>(file, is_console, mode) }
}

/// # Safety
/// Devices that pass `known` must answer `REQUEST` with a `T`, for which any bytes are good, or refuse it.
unsafe fn ask<const REQUEST: Opcode, T: Default>(file: &File, known: fn(&Metadata) -> bool) -> io::Result<T> {
    if !known(&file.metadata()?) {
        return Err(Errno::NOTTY.into());
    }
    let mut answer = T::default();
    // SAFETY: the device is one that answers as the caller promises; all of `answer` is set before, whatever it fills.
    unsafe { ioctl(file, Updater::<REQUEST, T>::new(&mut answer)) }?;
    Ok(answer)
}

/// # Safety
/// Devices that pass `known` must take an integer with `REQUEST`, or refuse it.
unsafe fn tell<const REQUEST: Opcode>(file: &File, known: fn(&Metadata) -> bool, value: u32) -> io::Result<()> {
    if !known(&file.metadata()?) {
        return Err(Errno::NOTTY.into());
    }
    // SAFETY: the device is one that takes the value as the caller promises.
    unsafe { ioctl(file, IntegerSetter::<REQUEST>::new_usize(value as usize)) }?;
    Ok(())
}
