//! stub
#![allow(missing_docs)]
use crate::Amount;
pub struct VietQr { pub bin: String, pub account: String, pub amount: Option<Amount> }
impl VietQr { pub fn parse(t: &str) -> Result<Self, String> { 
  // "bin account amount"
  let mut p = t.split(' '); let (Some(b), Some(a), Some(m)) = (p.next(), p.next(), p.next()) else { return Err("x".into()) };
  Ok(Self { bin: b.into(), account: a.into(), amount: m.parse().ok().map(Amount::vnd) }) } }
