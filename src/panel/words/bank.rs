//! The names of banks. Knows no other words.

/// Names the bank of a BIN as customers know it; an unknown one is shown by its number.
///
/// Source: the members of NAPAS 247 by acquirer number.
pub(in crate::panel) fn bank(bin: &str) -> &str {
    match bin {
        "970436" => "Vietcombank",
        "970415" => "VietinBank",
        "970418" => "BIDV",
        "970405" => "Agribank",
        "970422" => "MB Bank",
        "970407" => "Techcombank",
        "970416" => "ACB",
        "970432" => "VPBank",
        "970423" => "TPBank",
        "970403" => "Sacombank",
        "970437" => "HDBank",
        "970441" => "VIB",
        "970443" => "SHB",
        "970448" => "OCB",
        "970426" => "MSB",
        "970440" => "SeABank",
        "970431" => "Eximbank",
        "970454" => "BVBank",
        "970424" => "Shinhan Bank",
        "970452" => "KienlongBank",
        "970449" => "LPBank",
        "963388" => "Timo",
        other => other,
    }
}
