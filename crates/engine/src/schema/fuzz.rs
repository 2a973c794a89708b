//! The property that the fuzz target and the property test share.

use vedette_model::limits::SCHEMA_NODES_MAX;
use vedette_parse::classes::Classifier;

use super::{Context, Schema};

/// Any bytes, as bodies one per line: no panic, bounded, counted; and two halves merged know the same fields as the
/// whole, while the bounds are not met.
pub fn schema_of_anything(data: &[u8], classifier: &Classifier) {
    let learn = |bodies: &[&[u8]]| {
        let mut schema = Schema::default();
        for body in bodies {
            let mut scalars = 0usize;
            let mut on_scalar = |_: vedette_model::Side, _: &str, _: super::Scalar<'_>| scalars += 1;
            let mut context =
                Context { classifier, side: vedette_model::Side::Response, seen_at: (0, 0), on_scalar: &mut on_scalar };
            let _ = schema.observe(body, &mut context);
            assert!(scalars <= body.len() * 2, "each scalar is told once, and once more inside a string");
        }
        schema
    };
    let bodies: Vec<&[u8]> = data.split(|b| *b == b'\n').collect();
    let (left, right) = bodies.split_at(bodies.len() / 2);
    let whole = learn(&bodies);
    assert_eq!(whole.observed() + whole.broken(), bodies.len() as u64, "counted");
    let fields = whole.fields(classifier);
    assert!(fields.len() <= SCHEMA_NODES_MAX + 1, "bounded");
    let mut merged = learn(left);
    merged.merge(&learn(right));
    let names =
        |schema: &Schema| schema.fields(classifier).into_iter().map(|f| (f.name, f.types, f.seen)).collect::<Vec<_>>();
    assert_eq!(names(&merged), names(&whole), "merged equals whole");
    assert_eq!(merged.to_json_schema(classifier), whole.to_json_schema(classifier), "merged equals whole");
}
