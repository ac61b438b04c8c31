//! Validates JSON against a schema, with the keywords that the schemas of these tests use.

use serde_json::{Map, Value};

/// Returns what is wrong with a value.
///
/// # Panics
///
/// Panics at an unknown keyword, so that no rule is ignored.
pub(super) fn violations(schema: &Value, value: &Value, place: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut note = |is_good: bool, what: String| {
        if !is_good {
            found.push(format!("{place}: {what}"));
        }
    };
    let keywords = schema.as_object().expect("a schema");
    let mut inner = Vec::new();
    for (keyword, rule) in keywords {
        match keyword.as_str() {
            "$schema" | "title" => {}
            "type" => note(is_of_type(rule, value), format!("{value} is not {rule}")),
            "enum" => {
                let known = rule.as_array().unwrap();
                note(known.contains(value), format!("{value} is not in {rule}"));
            }
            "required" => {
                for name in rule.as_array().unwrap() {
                    let is_there = value.as_object().is_none_or(|object| has(object, name));
                    note(is_there, format!("{name} is missing"));
                }
            }
            "additionalProperties" => {
                assert_eq!(*rule, Value::Bool(false));
                for name in value.as_object().into_iter().flat_map(Map::keys) {
                    let is_known = keywords["properties"].get(name).is_some();
                    note(is_known, format!("{name} is not in the schema"));
                }
            }
            "properties" => {
                for (name, rule) in rule.as_object().unwrap() {
                    inner.extend(value.get(name).map(|value| (rule, value, name.clone())));
                }
            }
            "items" => {
                for (number, value) in value.as_array().into_iter().flatten().enumerate() {
                    inner.push((rule, value, number.to_string()));
                }
            }
            other => panic!("the keyword `{other}` is not known here"),
        }
    }
    for (rule, value, name) in inner {
        found.extend(violations(rule, value, &format!("{place}/{name}")));
    }
    found
}

fn has(object: &Map<String, Value>, name: &Value) -> bool {
    object.contains_key(name.as_str().unwrap())
}

fn is_of_type(rule: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().unwrap() {
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "null" => value.is_null(),
        "object" => value.is_object(),
        "string" => value.is_string(),
        other => panic!("the type `{other}` is not known here"),
    };
    match rule {
        Value::Array(names) => names.iter().any(is),
        name => is(name),
    }
}

#[test]
fn a_schema_is_violated_by_what_is_wrong_missing_or_new() {
    use serde_json::json;

    let schema = json!({
        "type": "object",
        "required": ["a"],
        "additionalProperties": false,
        "properties": {"a": {"type": "array", "items": {"enum": [1, 2]}}, "b": {"type": ["null", "string"]}},
    });
    let count = |value: Value| violations(&schema, &value, "").len();
    assert_eq!(count(json!({"a": [1, 2], "b": null})), 0);
    assert_eq!(count(json!({"a": []})), 0);
    assert_eq!(count(json!({"b": "x"})), 1);
    assert_eq!(count(json!({"a": [3, 4]})), 2);
    assert_eq!(count(json!({"a": {}, "b": 1, "c": 1})), 3);
    assert_eq!(count(json!([])), 1);
}
