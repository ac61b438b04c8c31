//! The figures as plots, in SVG.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::Table;
use crate::row::{Figure, Row};

/// The result of drawing.
type Drawn = Result<(), Box<dyn Error>>;

/// A plot by its file name, and the topic that must have been measured for it.
const PLOTS: &[Plot] = &[
    Plot {
        file: "handshakes.svg",
        topics: &["handshakes", "resumed"],
        draw: handshakes,
    },
    Plot {
        file: "lists.svg",
        topics: &["growth"],
        draw: |path, rows| growth(path, rows, "entries in the list"),
    },
    Plot {
        file: "cas.svg",
        topics: &["growth"],
        draw: |path, rows| growth(path, rows, "trusted CAs"),
    },
    Plot {
        file: "idle.svg",
        topics: &["idle"],
        draw: idle,
    },
];

struct Plot {
    file: &'static str,
    topics: &'static [&'static str],
    draw: fn(&Path, &[&Row]) -> Drawn,
}

/// Draws what the tables have, and returns the names of the files.
///
/// # Errors
///
/// The folder cannot be written to.
pub fn draw(folder: &Path, prefix: &str, tables: &[Table]) -> Result<Vec<String>, Box<dyn Error>> {
    let mut drawn = Vec::new();
    for plot in PLOTS {
        let of_plot = |table: &&Table| plot.topics.contains(&table.topic.name);
        let rows: Vec<&Row> = tables
            .iter()
            .filter(of_plot)
            .flat_map(|table| &table.rows)
            .collect();
        let rows: Vec<&Row> = rows.into_iter().filter(|row| row.point.is_some()).collect();
        if !rows.is_empty() {
            let name = format!("{prefix}{}", plot.file);
            (plot.draw)(&folder.join(&name), &rows)?;
            drawn.push(name);
        }
    }
    Ok(drawn)
}

/// Draws bars on a logarithmic axis, to the right of 1 where we are ahead.
fn handshakes(path: &Path, rows: &[&Row]) -> Drawn {
    let bars: Vec<_> = rows
        .iter()
        .filter_map(|row| {
            let ratio = row.other.as_ref()?.ratio?.median;
            let name = match row.point.as_ref()?.series.as_str() {
                "resumed" => format!("resumed: {}", row.name),
                _ => row.name.clone(),
            };
            Some(Bar {
                name,
                value: ratio,
                text: format!("{ratio:.2}"),
                is_ours: ratio >= 1.0,
            })
        })
        .collect();
    let title =
        "Handshakes with verification on both sides: times as fast as OpenSSL (logarithmic)";
    let scale = |value: f64| (value.max(0.2) / 0.2).ln() / (40.0f64 / 0.2).ln();
    bars_to(path, title, &bars, scale(1.0), scale)
}

/// Draws what each end of an idle connection holds.
fn idle(path: &Path, rows: &[&Row]) -> Drawn {
    let mut bars = Vec::new();
    for row in rows {
        let Some(other) = &row.other else { continue };
        let bar = |who: &str, figure: Figure, is_ours| Bar {
            name: format!("{}: {who}", row.name),
            value: figure.value(),
            text: figure.to_string(),
            is_ours,
        };
        let ours = bar("ours", row.ours, true);
        if !bars.iter().any(|known: &Bar| known.name == ours.name) {
            bars.push(ours);
        }
        bars.push(bar(&other.who, other.figure, false));
    }
    let most = bars.iter().map(|bar| bar.value).fold(1.0, f64::max);
    let title = "Bytes that an idle connection holds in the library";
    bars_to(path, title, &bars, 0.0, |value| value / most * 0.9)
}

struct Bar {
    name: String,
    value: f64,
    text: String,
    is_ours: bool,
}

/// Draws bars from `zero` on; `scale` places a value between 0 and 1.
fn bars_to(path: &Path, title: &str, bars: &[Bar], zero: f64, scale: impl Fn(f64) -> f64) -> Drawn {
    let height = TOP + bars.len() as i32 * STEP + 10;
    let root = SVGBackend::new(path, (WIDTH as u32, height as u32)).into_drawing_area();
    root.fill(&WHITE)?;
    root.draw_text(title, &text(15), (10, 10))?;
    let at = |part: f64| LEFT + (part.clamp(0.0, 1.0) * f64::from(WIDTH - LEFT - 60)) as i32;
    let right = text(12).pos(Pos::new(HPos::Right, VPos::Center));
    let left = text(12).pos(Pos::new(HPos::Left, VPos::Center));
    for (bar, n) in bars.iter().zip(0..) {
        let y = TOP + n * STEP;
        let (from, to) = (at(zero), at(scale(bar.value)));
        let corners = [(from.min(to), y + 2), (from.max(to), y + STEP - 3)];
        let color = if bar.is_ours { OURS } else { OTHER };
        root.draw(&Rectangle::new(corners, color.filled()))?;
        root.draw_text(&bar.name, &right, (LEFT - 8, y + STEP / 2))?;
        root.draw_text(&bar.text, &left, (from.max(to) + 5, y + STEP / 2))?;
    }
    let line = vec![(at(zero), TOP), (at(zero), height - 10)];
    root.draw(&PathElement::new(line, BLACK))?;
    root.present()?;
    Ok(())
}

/// Draws two lines for loading and two for verification, both axes logarithmic.
fn growth(path: &Path, rows: &[&Row], what: &str) -> Drawn {
    let root = SVGBackend::new(path, (WIDTH as u32, 380)).into_drawing_area();
    root.fill(&WHITE)?;
    let panels = root.split_evenly((1, 2));
    for (panel, work) in panels.iter().zip(["load", "verification"]) {
        let series = format!("{work}, {what}");
        let of_series = |row: &&&Row| {
            row.point
                .as_ref()
                .is_some_and(|p| p.series == series && p.x > 0.0)
        };
        let points: Vec<(f64, f64, f64)> = rows
            .iter()
            .filter(of_series)
            .filter_map(|row| {
                let other = row.other.as_ref()?.figure.value();
                Some((row.point.as_ref()?.x, row.ours.value(), other))
            })
            .collect();
        panel_of(panel, &format!("{work}, by {what}"), &points)?;
    }
    root.present()?;
    Ok(())
}

fn panel_of(
    panel: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    title: &str,
    points: &[(f64, f64, f64)],
) -> Drawn {
    let all = points.iter().flat_map(|point| [point.1, point.2]);
    let (low, high) = all.fold((f64::MAX, 0.0f64), |(low, high), y| {
        (low.min(y), high.max(y))
    });
    let (first, last) = match points {
        [] => return Ok(()),
        [first, .., last] => (first.0, last.0),
        [only] => (only.0, only.0 * 10.0),
    };
    let mut chart = ChartBuilder::on(panel)
        .caption(title, text(15))
        .margin(12)
        .margin_right(36)
        .x_label_area_size(30)
        .y_label_area_size(60)
        .build_cartesian_2d(
            (first..last).log_scale(),
            (low / 2.0..high * 2.0).log_scale(),
        )?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| Figure::Seconds(*y).to_string())
        .draw()?;
    let lines = [("sip-tls", OURS), ("OpenSSL", OTHER)];
    for (n, (name, color)) in lines.into_iter().enumerate() {
        let line = points
            .iter()
            .map(|point| (point.0, if n == 0 { point.1 } else { point.2 }));
        let drawn = chart.draw_series(LineSeries::new(line, color.stroke_width(3)))?;
        drawn.label(name).legend(move |(x, y)| {
            PathElement::new(vec![(x, y), (x + 20, y)], color.stroke_width(3))
        });
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE)
        .border_style(BLACK)
        .label_font(text(12))
        .draw()?;
    Ok(())
}

fn text(size: i32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&BLACK)
}

const OURS: RGBColor = RGBColor(0x1b, 0x6e, 0xc2);
const OTHER: RGBColor = RGBColor(0xb0, 0xb0, 0xb0);
const WIDTH: i32 = 900;
const LEFT: i32 = 330;
const TOP: i32 = 38;
const STEP: i32 = 20;
