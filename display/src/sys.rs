//! Asks a framebuffer what it is. The one file of the workspace with unsafe code, because an ioctl has no safe form; it
//! must not judge what it is told.

#![allow(unsafe_code, reason = "the compiler cannot know what the kernel writes into the structures of <linux/fb.h>")]

use std::ffi::c_ulong;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};

use rustix::ioctl::{Opcode, Updater, ioctl};

/// The major number that all framebuffers have, and nothing else (Linux, `Documentation/admin-guide/devices.txt`).
const FB_MAJOR: u32 = 29;
const FBIOGET_VSCREENINFO: Opcode = 0x4600;
const FBIOGET_FSCREENINFO: Opcode = 0x4602;

/// `struct fb_bitfield`.
#[repr(C)]
#[derive(Default)]
pub(crate) struct Bitfield {
    pub(crate) offset: u32,
    pub(crate) length: u32,
    pub(crate) msb_right: u32,
}

/// `struct fb_var_screeninfo`.
#[repr(C)]
#[derive(Default)]
pub(crate) struct VarInfo {
    pub(crate) xres: u32,
    pub(crate) yres: u32,
    _virtual: [u32; 2],
    pub(crate) xoffset: u32,
    pub(crate) yoffset: u32,
    pub(crate) bits_per_pixel: u32,
    pub(crate) grayscale: u32,
    pub(crate) red: Bitfield,
    pub(crate) green: Bitfield,
    pub(crate) blue: Bitfield,
    pub(crate) transp: Bitfield,
    pub(crate) nonstd: u32,
    _from_activate_to_reserved: [u32; 19],
}

/// `struct fb_fix_screeninfo`.
#[repr(C)]
#[derive(Default)]
pub(crate) struct FixInfo {
    _id: [u8; 16],
    _smem_start: c_ulong,
    _smem_len: u32,
    pub(crate) kind: u32,
    _type_aux: u32,
    pub(crate) visual: u32,
    _pan_and_wrap: [u16; 3],
    pub(crate) line_length: u32,
    _mmio_start: c_ulong,
    _mmio_len: u32,
    _accel: u32,
    _capabilities: u16,
    _reserved: [u16; 2],
}

// What <linux/fb.h> gives on 64-bit and on 32-bit machines: the kernel writes that many bytes.
const _: () = assert!(size_of::<VarInfo>() == 160);
const _: () = assert!(size_of::<FixInfo>() == if size_of::<c_ulong>() == 8 { 80 } else { 68 });

/// Returns whether this is a framebuffer; opening or asking another device could set something off.
pub(crate) fn is_framebuffer(metadata: &Metadata) -> bool {
    metadata.file_type().is_char_device() && rustix::fs::major(metadata.rdev()) == FB_MAJOR
}

/// Asks for what can be changed: `FBIOGET_VSCREENINFO`.
pub(crate) fn var_info(file: &File) -> io::Result<VarInfo> {
    // SAFETY: this request fills one fb_var_screeninfo, which `VarInfo` is.
    unsafe { ask::<FBIOGET_VSCREENINFO, VarInfo>(file) }
}

/// Asks for what cannot be changed: `FBIOGET_FSCREENINFO`.
pub(crate) fn fix_info(file: &File) -> io::Result<FixInfo> {
    // SAFETY: this request fills one fb_fix_screeninfo, which `FixInfo` is.
    unsafe { ask::<FBIOGET_FSCREENINFO, FixInfo>(file) }
}

/// # Safety
/// Framebuffers must answer `REQUEST` with a `T`, for which any bytes are good.
unsafe fn ask<const REQUEST: Opcode, T: Default>(file: &File) -> io::Result<T> {
    if !is_framebuffer(&file.metadata()?) {
        return Err(rustix::io::Errno::NOTTY.into());
    }
    let mut answer = T::default();
    // SAFETY: the file is a framebuffer, so it knows the request and answers as the caller promises; all of `answer` is
    // set before, whatever the kernel fills.
    unsafe { ioctl(file, Updater::<REQUEST, T>::new(&mut answer)) }?;
    Ok(answer)
}
