mod cases;
mod list;
#[cfg(feature = "graviola")]
mod speed;
