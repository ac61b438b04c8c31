use super::Table;
use crate::measure::Effort;
use crate::row::Row;

/// Prints a table. A smoke test checks no target.
pub fn print(table: &Table, effort: &Effort) {
    if table.rows.is_empty() {
        return;
    }
    println!("{}: {}", table.topic.name, table.topic.title);
    table
        .rows
        .iter()
        .for_each(|row| println!("{}", line(row, effort)));
    println!();
}

fn line(row: &Row, effort: &Effort) -> String {
    let mut line = format!("  {:<58}{:>10}", row.name, row.ours.to_string());
    if let Some(other) = &row.other {
        let (figure, ratio) = (other.figure.to_string(), other.ratio_text());
        line += &format!("  {:<24}{figure:>10}  {ratio:<20}", other.who);
    }
    if let Some(spread) = row.without_avx512 {
        line += &format!("  without AVX-512 {spread}");
    }
    if let Some(verdict) = row.verdict().filter(|_| !effort.smoke) {
        line += &format!("  {}", verdict.replace('*', ""));
    }
    line.trim_end().to_owned()
}
