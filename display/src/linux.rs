//! What the kernel writes when a framebuffer is asked what it is, as `<linux/fb.h>` has it. Plain numbers; it must not judge
//! them.

use std::ffi::c_ulong;

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
    _activate: u32,
    /// In millimetres, as far as the driver knows.
    pub(crate) height_mm: u32,
    pub(crate) width_mm: u32,
    _from_accel_flags_to_reserved: [u32; 16],
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
