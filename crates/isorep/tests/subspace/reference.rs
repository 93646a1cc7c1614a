//! The index sets that the released code of Wang et al. finds on recorded inputs (`conformance/reference`).

use crate::recorded::{json, pair};
use isorep::MaximumMatch;
use isorep::measures::subspace::{Epsilon, Match};

#[test]
fn finds_the_sets_of_the_released_code() {
    let mut compared = 0;
    for (case, values) in json("reference/reference_values.json")["cases"].as_object().unwrap() {
        let pair = pair(case);
        let path = MaximumMatch::default().path(&pair).unwrap();
        for (epsilon, sets) in values["subspace_match"].as_object().unwrap() {
            let set = |side: &str| {
                sets[side].as_array().unwrap().iter().map(|index| index.as_u64().unwrap() as usize).collect()
            };
            let expected = Match { x: set("x"), y: set("y") };
            let epsilon = Epsilon::new(epsilon.parse().unwrap()).unwrap();
            assert_eq!(path.maximum_match(epsilon), expected, "{case} at {epsilon}");
            let neurons = pair.x().d() + pair.y().d();
            assert_eq!(path.similarity(epsilon), expected.len() as f64 / neurons as f64);
            compared += 1;
        }
    }
    assert_eq!(compared, 39);
}
