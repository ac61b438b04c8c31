mod case;
mod choices;
mod contents;
mod issuers;
mod list;
mod loading;
#[cfg(feature = "graviola")]
mod recorded;
mod scopes;
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
mod sharing;
mod signatures;
#[cfg(feature = "graviola")]
mod speed;
