//! The checksum at the end of a payment code. It must not know the code's structure.

/// Returns the CRC-16/CCITT-FALSE of the bytes: polynomial 1021, start FFFF; `123456789` gives 29B1.
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc: u16, _| {
            let shifted = crc << 1;
            if crc & 0x8000 == 0 { shifted } else { shifted ^ 0x1021 }
        })
    })
}
