//! Program `till-demo`.

fn main() {}
