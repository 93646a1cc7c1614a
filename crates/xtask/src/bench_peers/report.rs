//! Medians, ratios and the page they are written to.

use super::OURS;
use super::works::Setting;
use serde::Deserialize;
use serde_json::Value;
use std::fmt::Write as _;

/// All implementations of one work at one size, precision and number of threads.
pub(super) struct Contest {
    pub(super) setting: Setting,
    pub(super) threads: usize,
    pub(super) timings: Vec<Timing>,
    pub(super) libraries: Vec<(String, Value)>,
}

/// What one implementation took.
pub(super) struct Timing {
    pub(super) name: String,
    /// What it computed.
    pub(super) value: f64,
    /// How often it was to run after the warm-up.
    pub(super) repeat: usize,
    pub(super) seconds: Vec<f64>,
    /// MiB in memory before the first run: the arrays and the libraries.
    pub(super) held: Option<f64>,
    /// MiB at most in memory beyond that, over all runs.
    pub(super) memory: Option<f64>,
}

/// What the registers of the machine do, in 10⁹ operations a second.
#[derive(Deserialize)]
pub(super) struct Peak {
    threads: usize,
    f32: f64,
    f64: f64,
}

/// What the measures cost on arrays of this size.
pub(super) struct Catalogue {
    pub(super) n: usize,
    pub(super) d: usize,
    pub(super) dtype: &'static str,
    pub(super) times: Times,
}

/// Seconds, as our side prints them.
#[derive(Deserialize)]
pub(super) struct Times {
    /// Every measure on a pair of its own, dearest first.
    alone: Vec<(String, f64)>,
    /// All of them on one pair.
    together: f64,
    /// Those that ask for what these arrays have not.
    refused: Vec<String>,
}

/// What a grid of 24 × 24 layers of 1 500 × 512 costs without and with chance levels.
#[derive(Deserialize)]
pub(super) struct Calibration {
    cells: usize,
    /// Cells with an exact p-value.
    known: usize,
    plain: f64,
    calibrated: f64,
    /// One measure without a closed form on one pair, once and with permutations.
    once: f64,
    permuted: f64,
    permutations: usize,
}

/// What only our side is asked.
pub(super) struct Own {
    pub(super) catalogue: Catalogue,
    pub(super) calibration: Calibration,
}

impl Calibration {
    fn section(&self) -> String {
        let Self { cells, known, plain, calibrated, once, permuted, permutations } = self;
        format!(
            "\n## What chance levels cost\n\nDebiased CKA of {cells} pairs of layers, 1500 × 512 stored as f32, one thread: \
             {plain:.2} s. With the exact chance level of {known} of them: {calibrated:.2} s, {:.2} times as much. A measure \
             without a closed form, `nbs` of one pair: {once:.3} s once, {permuted:.2} s for {permutations} permutations, {:.1} \
             times as much.\n",
            calibrated / plain,
            permuted / once,
        )
    }
}

impl Catalogue {
    /// The section about it: the dearest few, and what the rest adds to them.
    fn section(&self) -> String {
        const DEAREST: usize = 12;
        let Times { alone, together, refused } = &self.times;
        let sum: f64 = alone.iter().map(|(_, seconds)| seconds).sum();
        let mut out = format!(
            "\n## The whole catalogue on one pair\n\n{} measures with their default options, {} × {} stored as {}, one \
             thread, one run. Each on a pair of its own: {sum:.2} s. All on one pair: {together:.2} s.\n\n| the dearest \
             alone | seconds |\n|---|---|\n",
            alone.len(),
            self.n,
            self.d,
            self.dtype,
        );
        for (label, seconds) in alone.iter().take(DEAREST) {
            let _ = writeln!(out, "| `{label}` | {seconds:.3} |");
        }
        let rest: f64 = alone.iter().skip(DEAREST).map(|(_, seconds)| seconds).sum();
        let names: Vec<String> = refused.iter().map(|label| format!("`{label}`")).collect();
        let _ = writeln!(
            out,
            "| the other {} | {rest:.3} |\n\nNot among them, because they ask for labels, rates or other things that \
             these arrays are not: {}.",
            alone.len().saturating_sub(DEAREST),
            names.join(", ")
        );
        out
    }
}

impl Timing {
    fn median(&self) -> f64 {
        let mut sorted = self.seconds.clone();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        f64::midpoint(low, high)
    }

    fn least(&self) -> f64 {
        self.seconds.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn most(&self) -> f64 {
        self.seconds.iter().copied().fold(0.0, f64::max)
    }
}

impl Contest {
    fn ours(&self) -> Option<&Timing> {
        self.timings.iter().find(|timing| timing.name == OURS)
    }

    /// The fastest peer that the promise is about.
    fn rival(&self) -> Option<&Timing> {
        let against = &self.setting.work.against;
        self.timings
            .iter()
            .filter(|t| t.name != OURS && (against.is_empty() || against.contains(&t.name)))
            .min_by(|a, b| a.median().total_cmp(&b.median()))
    }

    /// Whether this implementation computed what the others did. The precision that is asked of it depends on how the
    /// inputs were stored.
    fn same_value(&self, timing: &Timing) -> bool {
        let tolerance = if self.setting.dtype == "f32" { 1e-3 } else { 1e-6 };
        let expected = self.ours().unwrap_or(&self.timings[0]).value;
        (timing.value - expected).abs() <= tolerance * expected.abs().max(1e-3)
    }

    /// Rows of the table of times.
    pub(super) fn lines(&self) -> String {
        let mut out = String::new();
        let Setting { work, n, d, dtype } = &self.setting;
        for timing in &self.timings {
            let ratio =
                self.ours().map_or(String::new(), |ours| format!("{:.2}", timing.median() / ours.median()));
            let memory = timing.memory.map_or(String::new(), |mib| format!("{mib:.0}"));
            let differs = if self.same_value(timing) { "" } else { " (another value)" };
            let _ = writeln!(
                out,
                "| {} | {n} × {d} | {dtype} | {} | {}{differs} | {:.4} | {:.4}–{:.4} | {} | {ratio} | {memory} |",
                work.id,
                self.threads,
                timing.name,
                timing.median(),
                timing.least(),
                timing.most(),
                timing.seconds.len(),
            );
        }
        out
    }

    /// One row of the table of promises.
    fn promise(&self) -> Option<String> {
        let (ours, rival) = (self.ours()?, self.rival()?);
        let ratio = rival.median() / ours.median();
        let required = self.setting.work.required;
        let met = if ratio >= required { "yes" } else { "no" };
        let Setting { work, n, d, dtype } = &self.setting;
        Some(format!(
            "| {} | {n} × {d} | {dtype} | {} | {} | {ratio:.2} | {required} | {met} |",
            work.id, self.threads, rival.name
        ))
    }
}

/// How near everyone's products come to what the registers do.
fn shares(contests: &[Contest], peaks: &[Peak]) -> String {
    let mut out = String::new();
    for contest in contests {
        let Setting { work, n, d, dtype } = &contest.setting;
        let (Some(products), Some(peak)) =
            (work.products, peaks.iter().find(|peak| peak.threads == contest.threads))
        else {
            continue;
        };
        let peak = if dtype == "f32" { peak.f32 } else { peak.f64 };
        let operations = products * (*n * d * d) as f64 / 1e9;
        for timing in &contest.timings {
            let rate = operations / timing.median();
            let _ = writeln!(
                out,
                "| {} | {n} × {d} | {dtype} | {} | {} | {peak:.0} | {rate:.0} | {:.0} % |",
                work.id,
                contest.threads,
                timing.name,
                100.0 * rate / peak
            );
        }
    }
    out
}

/// The whole page.
pub(super) fn page(
    contests: &[Contest],
    peaks: &[Peak],
    own: Option<&Own>,
    machine: &str,
    command: &str,
) -> String {
    let mut out = format!(
        "# Benchmarks\n\nWritten by `{command}`; `bench/README.md` says how and what is inside the timed \
         region. Every time is the wall-clock median of the repetitions after one warm-up (one repetition \
         where a single run takes longer than 15 seconds), all implementations in turns, each in a process of its \
         own.\n\n## Machine\n\n{machine}"
    );
    let promises: Vec<String> = contests.iter().filter_map(Contest::promise).collect();
    if !promises.is_empty() {
        out += "\n## Against the fastest peer\n\n| work | inputs × neurons | stored | threads | fastest peer | its time / ours | \
                required | met |\n|---|---|---|---|---|---|---|---|\n";
        out += &promises.join("\n");
        out.push('\n');
    }
    let shares = shares(contests, peaks);
    if !shares.is_empty() {
        out += "\n## Share of the machine's peak\n\nThe peak is what a loop of multiply-adds in registers reaches on these \
                threads, measured in the same run. The time is that of the whole work, of which the products are most: reading, \
                centring and checking included. An implementation that forms more products than it must gets less.\n\n\
                | work | inputs × neurons | stored | threads | implementation | peak, 10⁹/s | its products, 10⁹/s | share |\n\
                |---|---|---|---|---|---|---|---|\n";
        out += &shares;
    }
    out += &own.map_or(String::new(), |own| own.catalogue.section() + &own.calibration.section());
    out += "\n## All times\n\n| work | inputs × neurons | stored | threads | implementation | median s | least–most s | \
            repetitions | times ours | MiB |\n|---|---|---|---|---|---|---|---|---|---|\n";
    for contest in contests {
        out += &contest.lines();
    }
    out += "\n## Works\n\n";
    let mut listed = Vec::new();
    for Contest { setting, .. } in contests {
        if !listed.contains(&&setting.work.id) {
            listed.push(&setting.work.id);
            let _ = writeln!(out, "- `{}`: {}", setting.work.id, setting.work.what);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::works;
    use super::*;
    use crate::workspace;

    fn contest(times: &[(&str, &[f64], f64)]) -> Contest {
        let settings = works::all(&workspace::root().join("bench/works.json")).unwrap();
        let setting = settings.into_iter().find(|s| s.work.id == "match-path").unwrap();
        let timing = |(name, seconds, value): &(&str, &[f64], f64)| Timing {
            name: (*name).into(),
            value: *value,
            repeat: seconds.len(),
            seconds: seconds.to_vec(),
            held: Some(100.0),
            memory: Some(12.0),
        };
        Contest { setting, threads: 1, timings: times.iter().map(timing).collect(), libraries: Vec::new() }
    }

    #[test]
    fn the_promise_is_held_against_the_fastest_peer_it_names() {
        let contest = contest(&[
            (OURS, &[0.2, 0.1, 0.3], 0.5),
            ("alternating-lstsq", &[12.0, 8.0], 0.5),
            ("alternating-lstsq-after-qr", &[4.0], 0.7),
        ]);
        let promise = contest.promise().unwrap();
        assert!(promise.contains("| alternating-lstsq | 50.00 | 50 | yes |"), "{promise}");
        let lines = contest.lines();
        assert!(lines.contains("alternating-lstsq-after-qr (another value) | 4.0000"), "{lines}");
        assert!(!lines.contains("alternating-lstsq (another value)"), "{lines}");
    }

    #[test]
    fn without_us_there_is_no_ratio() {
        let contest = contest(&[("alternating-lstsq", &[1.0], 0.5)]);
        assert!(contest.promise().is_none());
        assert!(
            page(&[contest], &[], None, "- a machine\n", "cargo xtask bench-peers")
                .contains("| 1.0000 | 1.0000–1.0000 | 1 |  | 12 |")
        );
    }
}
