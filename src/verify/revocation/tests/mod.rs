mod case;
mod choices;
mod contents;
#[cfg(all(
    feature = "crl-fetch",
    any(feature = "graviola", feature = "ring", feature = "aws-lc-rs")
))]
mod fetched;
mod issuers;
mod list;
mod loading;
#[cfg(feature = "graviola")]
mod recorded;
mod relations;
mod scopes;
#[cfg(any(feature = "graviola", feature = "ring", feature = "aws-lc-rs"))]
mod sharing;
mod signatures;
#[cfg(feature = "graviola")]
mod speed;
