//! Plain textbook linear algebra on columns, slow and independent of the library: what the closed forms and the
//! trained networks are checked against.
#![allow(dead_code)] // each test binary uses its part

/// Columns of equal length.
pub(crate) type Columns = Vec<Vec<f64>>;

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

pub(crate) fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

pub(crate) fn centred(columns: &Columns) -> Columns {
    let centre = |c: &Vec<f64>| {
        let mean = c.iter().sum::<f64>() / c.len() as f64;
        c.iter().map(|v| v - mean).collect()
    };
    columns.iter().map(centre).collect()
}

/// `a`ᵀ `b` as columns.
pub(crate) fn product(a: &Columns, b: &Columns) -> Columns {
    b.iter().map(|b| a.iter().map(|a| dot(a, b)).collect()).collect()
}

pub(crate) fn frobenius(columns: &Columns) -> f64 {
    columns.iter().map(|c| dot(c, c)).sum::<f64>().sqrt()
}

/// What is left of `v` after its projection on an orthonormal basis, taken twice against rounding.
pub(crate) fn reject(v: &[f64], basis: &Columns) -> Vec<f64> {
    let mut rest = v.to_vec();
    for _ in 0..2 {
        for q in basis {
            let along = dot(&rest, q);
            rest.iter_mut().zip(q).for_each(|(r, q)| *r -= along * q);
        }
    }
    rest
}

/// An orthonormal basis of the span, by Gram & Schmidt; its length is the rank.
pub(crate) fn basis(columns: &Columns) -> Columns {
    let mut basis: Columns = vec![];
    for column in columns {
        let rest = reject(column, &basis);
        let length = norm(&rest);
        if length > 1e-9 * norm(column) && length > 0.0 {
            basis.push(rest.iter().map(|v| v / length).collect());
        }
    }
    basis
}

/// Singular values, descending, by one-sided Jacobi rotations.
pub(crate) fn singular_values(columns: &Columns) -> Vec<f64> {
    let mut a = columns.clone();
    for _ in 0..60 {
        let mut largest = 0.0_f64;
        for i in 0..a.len() {
            for j in i + 1..a.len() {
                let (p, q, r) = (dot(&a[i], &a[i]), dot(&a[j], &a[j]), dot(&a[i], &a[j]));
                if r.abs() <= 1e-16 * (p * q).sqrt() || r == 0.0 {
                    continue;
                }
                largest = largest.max(r.abs() / (p * q).sqrt());
                let zeta = (q - p) / (2.0 * r);
                let t = zeta.signum() / (zeta.abs() + (1.0 + zeta * zeta).sqrt());
                let c = 1.0 / (1.0 + t * t).sqrt();
                for k in 0..a[i].len() {
                    let (x, y) = (a[i][k], a[j][k]);
                    (a[i][k], a[j][k]) = (c * x - c * t * y, c * t * x + c * y);
                }
            }
        }
        if largest < 1e-15 {
            break;
        }
    }
    let mut values: Vec<f64> = a.iter().map(|c| norm(c)).collect();
    values.sort_by(|a, b| b.total_cmp(a));
    values
}

/// The same columns in an orthonormal basis of their span: all inner products stay, the length shrinks.
fn compressed(columns: &Columns) -> Columns {
    product(&basis(columns), columns)
}

/// The size of the maximum match at each ε (Wang et al. 2018) as a share of all neurons, by deleting until nothing
/// changes; `epsilons` must descend, because a match at a smaller ε is part of that at a larger one.
pub(crate) fn maximum_match(x: &Columns, y: &Columns, epsilons: &[f64]) -> Vec<f64> {
    let all: Columns = x.iter().chain(y).cloned().collect();
    let all = if all[0].len() > all.len() { compressed(&all) } else { all };
    let mut live: Vec<bool> = all.iter().map(|c| norm(c) > 0.0).collect();
    let side = |live: &[bool], first: bool| -> Columns {
        let of_side = |at: &usize| (*at < x.len()) == first && live[*at];
        (0..all.len()).filter(of_side).map(|at| all[at].clone()).collect()
    };
    let shrink = |live: &mut Vec<bool>, epsilon: f64| loop {
        let spans = [basis(&side(live, false)), basis(&side(live, true))];
        let stays = |at: usize| {
            let opposite = &spans[usize::from(at >= x.len())];
            live[at] && norm(&reject(&all[at], opposite)) <= epsilon * norm(&all[at]) * (1.0 + 1e-12)
        };
        let next: Vec<bool> = (0..all.len()).map(stays).collect();
        if next == *live {
            break;
        }
        *live = next;
    };
    let share = |epsilon: &f64| {
        shrink(&mut live, *epsilon);
        live.iter().filter(|l| **l).count() as f64 / all.len() as f64
    };
    epsilons.iter().map(share).collect()
}
