mod cases;
mod list;
