//! How surprising is this among what the others do? Two models of a population, both robust: some of its members are the
//! attackers that are looked for, and nobody may teach it alone.
//!
//! Every surprise is a p-value: the share of an ordinary population that would go as far. A detector alarms below the
//! world's `alpha`, which follows from how many false alarms a week its user accepts.

/// Members of a population below which nothing is judged by it.
pub(crate) const MEMBERS_MIN: usize = 12;

/// Trials of one member that count, so that a busy one does not outweigh the others.
const TRIALS_MAX: f64 = 64.0;

/// Share of members that may be left out as unlike the others; where more are, they are the population.
const LEFT_OUT_MAX: f64 = 0.1;

/// Members less likely than this under a first fit are left out of the second.
const UNLIKELY: f64 = 1e-3;

/// How often each member of a population does something out of the times it could: beta-binomial, fitted by moments
/// (Skellam 1948). Members differ, so many trials of one are not as sure as one trial each of many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    alpha: f64,
    beta: f64,
    members: usize,
}

impl Share {
    /// Fits members as (times it was done, times it could be). Without enough members nothing surprises.
    pub(crate) fn fit(members: &[(u32, u32)]) -> Self {
        let mut kept: Vec<(f64, f64)> = members.iter().copied().filter(|(_, n)| *n > 0).map(capped).collect();
        let members = kept.len();
        if members < MEMBERS_MIN {
            return Self { alpha: 1.0, beta: 1.0, members };
        }
        // A first fit without those that go furthest, a second with all that it does not find unlikely.
        kept.sort_by(|a, b| (b.0 / b.1).total_cmp(&(a.0 / a.1)).then(b.1.total_cmp(&a.1)));
        let most = ((members as f64 * LEFT_OUT_MAX) as usize).max(1);
        let careful = Self::moments(kept.get(most..).unwrap_or_default(), members);
        let odd: Vec<bool> = kept.iter().map(|(k, n)| careful.tail_of(*k, *n) < UNLIKELY).collect();
        if odd.iter().filter(|odd| **odd).count() <= most {
            let mut odd = odd.iter();
            kept.retain(|_| !odd.next().copied().unwrap_or(false));
        }
        Self::moments(&kept, members)
    }

    fn moments(kept: &[(f64, f64)], members: usize) -> Self {
        let (done, tried) = kept.iter().fold((0.0, 0.0), |(k, n), one| (k + one.0, n + one.1));
        // Half an event is never seen (Krichevsky and Trofimov 1981).
        let mean = (done + 0.5) / (tried + 1.0);
        let (mut spread, mut weight) = (0.0, 0.0);
        for (k, n) in kept.iter().filter(|(_, n)| *n >= 2.0) {
            spread += (k / n - mean).powi(2) * n - mean * (1.0 - mean);
            weight += n - 1.0;
        }
        let unit = mean * (1.0 - mean);
        let rho = if weight > 0.0 && unit > 0.0 { spread / weight / unit } else { 0.0 };
        let rho = rho.clamp(0.02, 0.9);
        let strength = (1.0 - rho) / rho;
        Self { alpha: mean * strength, beta: (1.0 - mean) * strength, members }
    }

    /// The share that is usual.
    pub(crate) fn mean(&self) -> f64 {
        self.alpha / (self.alpha + self.beta)
    }

    /// Chance that a member does it `k` times or more out of `n`; 1 where too few members are known.
    pub(crate) fn tail(&self, k: u32, n: u32) -> f64 {
        if self.members < MEMBERS_MIN || k == 0 {
            return 1.0;
        }
        let (k, n) = capped((k, n.max(k)));
        self.tail_of(k, n)
    }

    fn tail_of(&self, k: f64, n: f64) -> f64 {
        let (k, n) = (k.round() as u32, n.round() as u32);
        if k == 0 {
            return 1.0;
        }
        (k..=n).map(|i| self.mass(f64::from(i), f64::from(n))).sum::<f64>().clamp(1e-12, 1.0)
    }

    fn mass(&self, k: f64, n: f64) -> f64 {
        let choose = ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
        (choose + ln_beta(k + self.alpha, n - k + self.beta) - ln_beta(self.alpha, self.beta)).exp()
    }
}

fn capped((k, n): (u32, u32)) -> (f64, f64) {
    let (k, n) = (f64::from(k), f64::from(n));
    if n > TRIALS_MAX { ((k * TRIALS_MAX / n).ceil().min(TRIALS_MAX), TRIALS_MAX) } else { (k, n) }
}

/// How much each member of a population does: its logarithm, with the tail of Student's t, for people differ by factors
/// and some differ by much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amount {
    center: f64,
    scale: f64,
    members: usize,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

/// Degrees of freedom: heavy enough that the busiest of a thousand is no surprise.
const FREEDOM: f64 = 6.0;

/// Least spread, in logarithms: nobody is so regular that a third more is odd.
const SPREAD_MIN: f64 = 0.3;

impl Amount {
    /// Fits the amounts of all members. What lies above the 99th of a hundred does not count, nor do attackers in it.
    pub(crate) fn fit(mut amounts: Vec<f64>) -> Self {
        amounts.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (amounts.len().saturating_sub(1) as f64 * share).round() as usize;
            amounts.get(place).copied().unwrap_or(0.0)
        };
        let (median, p90, p97) = (at(0.5), at(0.9), at(0.97));
        let center = median.ln_1p();
        let scale = ((p90.ln_1p() - center) / 1.44).max((p97.ln_1p() - center) / 2.31).max(SPREAD_MIN);
        Self { center, scale, members: amounts.len(), median, high: p97 }
    }

    /// Chance that a member does as much or more; 1 where too few members are known.
    pub(crate) fn tail(&self, amount: f64) -> f64 {
        if self.members < MEMBERS_MIN {
            return 1.0;
        }
        let z = (amount.ln_1p() - self.center) / self.scale;
        if z <= 0.0 { 1.0 } else { student_tail(z) }
    }
}

/// One-sided tail of Student's t with [`FREEDOM`] degrees, in closed form for six (Abramowitz and Stegun 26.7.4).
fn student_tail(t: f64) -> f64 {
    let theta = (t / FREEDOM.sqrt()).atan();
    let (sin, cos2) = (theta.sin(), theta.cos().powi(2));
    let inside = sin * (1.0 + cos2 / 2.0 + 3.0 * cos2 * cos2 / 8.0);
    ((1.0 - inside) / 2.0).clamp(1e-12, 1.0)
}

/// Chance of `k` or more of `n` when each has probability `p`.
pub(crate) fn binomial_tail(k: u32, n: u32, p: f64) -> f64 {
    if k == 0 {
        return 1.0;
    }
    let p = p.clamp(1e-9, 1.0 - 1e-9);
    let mass = |i: u32| {
        let (i, n) = (f64::from(i), f64::from(n));
        (ln_gamma(n + 1.0) - ln_gamma(i + 1.0) - ln_gamma(n - i + 1.0) + i * p.ln() + (n - i) * (-p).ln_1p()).exp()
    };
    // Past the mode the masses fall fast; a few hundred are all of it.
    (k..=n.min(k.saturating_add(400))).map(mass).sum::<f64>().clamp(1e-12, 1.0)
}

/// Several independent surprises as one (Fisher 1925): the tail of a chi-squared with two degrees for each.
pub(crate) fn combined(tails: &[f64]) -> f64 {
    let half: f64 = tails.iter().map(|p| -p.max(1e-12).ln()).sum();
    let (mut term, mut sum) = (1.0, 0.0);
    for i in 0..tails.len() {
        if i > 0 {
            term *= half / i as f64;
        }
        sum += term;
    }
    ((-half).exp() * sum).clamp(1e-12, 1.0)
}

/// How sure one may be of an alarm with this tail, 0 to 1: one where the chance is none beside what is accepted.
pub(crate) fn confidence(tail: f64, alpha: f64) -> f64 {
    let beyond = (alpha / tail.max(1e-12)).max(1.0).log10();
    (0.7 + 0.29 * (beyond / 4.0).min(1.0)).min(0.99)
}

fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// Lanczos' approximation (g = 7, 9 terms; Godfrey 2001), to about 15 digits for positive arguments.
fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        return (std::f64::consts::PI / (std::f64::consts::PI * x).sin()).abs().ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let t = x + 7.5;
    let sum = TERMS.iter().enumerate().skip(1).fold(TERMS[0], |sum, (i, term)| sum + term / (x + i as f64));
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_and_tails_are_those_of_the_books() {
        assert!((ln_gamma(10.0) - 362_880_f64.ln()).abs() < 1e-9);
        assert!((binomial_tail(8, 10, 0.5) - 0.054_687_5).abs() < 1e-9);
        assert!((student_tail(3.707) - 0.005).abs() < 1e-4);
        assert!((combined(&[0.05, 0.05]) - 0.017_478_66).abs() < 1e-6);
    }

    #[test]
    fn what_nobody_does_surprises_and_what_many_do_does_not() {
        let mut honest: Vec<(u32, u32)> = (0..200).map(|i| (u32::from(i % 40 == 0), 20)).collect();
        honest.push((15, 20));
        let share = Share::fit(&honest);
        assert!(share.mean() < 0.02);
        assert!(share.tail(15, 20) < 1e-6);
        assert!(share.tail(1, 20) > 0.01);
        let many: Vec<(u32, u32)> = (0..200).map(|i| (if i % 3 == 0 { 15 } else { 0 }, 20)).collect();
        assert!(Share::fit(&many).tail(15, 20) > 0.05);
    }

    #[test]
    fn too_few_members_surprise_nobody() {
        assert!(Share::fit(&[(0, 5); 5]).tail(5, 5) >= 1.0);
        assert!(Amount::fit(vec![1.0; 5]).tail(1e6) >= 1.0);
    }

    #[test]
    fn amounts_surprise_by_factors() {
        let amounts: Vec<f64> = (1..=300).map(|i| f64::from(i % 30 + 1)).collect();
        let amount = Amount::fit(amounts);
        assert!(amount.tail(30.0) > 0.01);
        assert!(amount.tail(3_000.0) < 1e-4);
    }

    #[test]
    fn attackers_in_the_population_do_not_hide_themselves() {
        let mut members: Vec<(u32, u32)> = vec![(0, 30); 300];
        members.extend([(30, 30); 5]);
        assert!(Share::fit(&members).tail(10, 30) < 1e-4);
    }
}
