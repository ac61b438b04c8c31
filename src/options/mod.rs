//! Options as typed values; nothing here reads a file.

mod file_list;

pub use file_list::FileList;
