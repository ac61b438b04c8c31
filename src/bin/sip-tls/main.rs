mod sip; fn main(){}
