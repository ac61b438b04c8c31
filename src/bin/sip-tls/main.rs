mod sip;
fn main() {}
