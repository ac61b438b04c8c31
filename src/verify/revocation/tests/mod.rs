mod case;
mod choices;
mod contents;
mod issuers;
mod list;
mod loading;
#[cfg(feature = "graviola")]
mod recorded;
mod scopes;
mod signatures;
#[cfg(feature = "graviola")]
mod speed;
