//! What a table asks of its readers and writers, and what of it is refused.
//!
//! Source: Delta transaction log protocol, "Table Features". A feature that a table merely lists but does not use is no
//! reason to refuse it; one that is unknown is, because its meaning is.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::DeltaError;
use crate::action::{Metadata, Protocol};

/// What is going to be done with the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Read its rows.
    Read,
    /// Add data files.
    Append,
    /// Remove all data files and add others.
    Replace,
}

impl Access {
    fn verb(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Append => "write",
            Self::Replace => "replace",
        }
    }
}

/// Refuses a table that uses what Lakesmith does not honour.
pub(crate) fn check(
    table: &str,
    protocol: &Protocol,
    metadata: &Metadata,
    access: Access,
) -> Result<(), DeltaError> {
    let refuse = |feature: String| {
        Err(DeltaError::Unsupported { table: table.to_owned(), feature, action: access.verb() })
    };
    let use_of = Use::of(metadata);
    let in_force = features_in_force(protocol, access);
    match in_force.into_iter().find(|feature| use_of.is_refused(feature, access)) {
        Some(feature) => refuse(feature),
        None if access == Access::Replace && use_of.enabled("delta.appendOnly") => {
            refuse("delta.appendOnly".to_owned())
        }
        None => Ok(()),
    }
}

/// The features in force: by version up to reader 2 and writer 6, by name from reader 3 and writer 7 on.
fn features_in_force(protocol: &Protocol, access: Access) -> Vec<String> {
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    let (read, written) = stood_for(protocol);
    let (version, named_from, by_name, by_version) = match access {
        Access::Read => (protocol.min_reader_version, 3, &protocol.reader_features, read),
        _ => (protocol.min_writer_version, 7, &protocol.writer_features, written),
    };
    match version {
        v if v > named_from => vec![format!("protocol version {v}")],
        v if v == named_from => by_name.clone().unwrap_or_default(),
        _ => owned(by_version),
    }
}

/// The features that a protocol's version numbers stand for, for readers and for writers.
pub(crate) fn stood_for(protocol: &Protocol) -> (Vec<&'static str>, Vec<&'static str>) {
    let up_to = |version: u32, all: &[(u32, &'static str)]| {
        all.iter().filter(|(since, _)| *since <= version).map(|(_, name)| *name).collect()
    };
    (
        up_to(protocol.min_reader_version, &[(2, "columnMapping")]),
        up_to(protocol.min_writer_version, &WRITER_VERSIONS),
    )
}

const WRITER_VERSIONS: [(u32, &str); 7] = [
    (2, "appendOnly"),
    (2, "invariants"),
    (3, "checkConstraints"),
    (4, "changeDataFeed"),
    (4, "generatedColumns"),
    (5, "columnMapping"),
    (6, "identityColumns"),
];

/// How a table uses the features that its protocol lists.
struct Use<'a> {
    properties: &'a BTreeMap<String, String>,
    schema: Value,
}

impl<'a> Use<'a> {
    fn of(metadata: &'a Metadata) -> Self {
        let schema = serde_json::from_str(&metadata.schema_string).unwrap_or_default();
        Self { properties: &metadata.configuration, schema }
    }

    /// Whether a listed feature stands in the way.
    fn is_refused(&self, feature: &str, access: Access) -> bool {
        match feature {
            "appendOnly"
            | "timestampNtz"
            | "timestampWithoutTimezone"
            | "v2Checkpoint"
            | "vacuumProtocolCheck"
            | "checkpointProtection"
            | "domainMetadata" => false,
            "columnMapping" => self.property("delta.columnMapping.mode").is_some_and(|mode| mode != "none"),
            "deletionVectors" => access != Access::Read && self.enabled("delta.enableDeletionVectors"),
            "invariants" => self.any_field_has("delta.invariants"),
            "checkConstraints" => self.properties.keys().any(|key| key.starts_with("delta.constraints.")),
            // Readers derive the changes of a commit that only adds files; one that also removes needs change files.
            "changeDataFeed" => access == Access::Replace && self.enabled("delta.enableChangeDataFeed"),
            "generatedColumns" => self.any_field_has("delta.generationExpression"),
            "identityColumns" => self.any_field_has("delta.identity."),
            "allowColumnDefaults" => self.any_field_has("CURRENT_DEFAULT"),
            "inCommitTimestamp" => self.enabled("delta.enableInCommitTimestamps"),
            "icebergCompatV1" | "icebergCompatV2" | "icebergCompatV3" => {
                self.enabled(&format!("delta.enableI{}", &feature[1..]))
            }
            "typeWidening" | "typeWidening-preview" => {
                self.enabled("delta.enableTypeWidening") || self.any_field_has("delta.typeChanges")
            }
            _ => true,
        }
    }

    fn property(&self, name: &str) -> Option<&str> {
        self.properties
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    fn enabled(&self, name: &str) -> bool {
        self.property(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    fn any_field_has(&self, key: &str) -> bool {
        field_metadata_has(&self.schema, key)
    }
}

/// Whether the `metadata` of any field, at any depth, has a key that starts with `key`.
fn field_metadata_has(value: &Value, key: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| field_metadata_has(item, key)),
        Value::Object(object) => {
            let here = object.get("metadata").and_then(Value::as_object);
            here.is_some_and(|metadata| metadata.keys().any(|name| name.starts_with(key)))
                || object.iter().any(|(name, inner)| name != "metadata" && field_metadata_has(inner, key))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protocol(reader: u32, writer: u32, features: &[&str]) -> Protocol {
        let names = |named: bool| named.then(|| features.iter().map(|f| (*f).to_owned()).collect());
        Protocol {
            min_reader_version: reader,
            min_writer_version: writer,
            reader_features: names(reader == 3),
            writer_features: names(writer == 7),
        }
    }

    fn table(field_metadata: &str, properties: &[(&str, &str)]) -> Metadata {
        Metadata {
            id: "t".to_owned(),
            name: None,
            description: None,
            format: Default::default(),
            schema_string: format!(
                r#"{{"type":"struct","fields":[{{"name":"s","type":{{"type":"struct","fields":[{{"name":"a","type":"long","nullable":true,"metadata":{field_metadata}}}]}},"nullable":true,"metadata":{{}}}}]}}"#
            ),
            partition_columns: Vec::new(),
            configuration: properties.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            created_time: None,
        }
    }

    /// The feature that is refused, for each way of access.
    fn refused(protocol: &Protocol, metadata: &Metadata) -> [Option<String>; 3] {
        [Access::Read, Access::Append, Access::Replace].map(|access| {
            match check("t", protocol, metadata, access) {
                Ok(()) => None,
                Err(DeltaError::Unsupported { feature, .. }) => Some(feature),
                Err(other) => panic!("{other}"),
            }
        })
    }

    #[test]
    fn features_that_are_listed_but_unused_are_no_reason_to_refuse() {
        let plain = table("{}", &[]);
        for (reader, writer) in [(1, 2), (1, 4), (2, 5), (2, 6)] {
            assert_eq!(
                refused(&protocol(reader, writer, &[]), &plain),
                [None, None, None],
                "{reader}, {writer}"
            );
        }
        let listed = [
            "appendOnly",
            "invariants",
            "checkConstraints",
            "changeDataFeed",
            "generatedColumns",
            "columnMapping",
            "identityColumns",
            "deletionVectors",
            "timestampNtz",
            "v2Checkpoint",
            "allowColumnDefaults",
            "inCommitTimestamp",
            "icebergCompatV2",
            "domainMetadata",
        ];
        assert_eq!(refused(&protocol(3, 7, &listed), &plain), [None, None, None]);
    }

    #[test]
    fn features_in_use_are_refused_by_name() {
        let cases = [
            ("columnMapping", "{}", ("delta.columnMapping.mode", "name"), [true, true, true]),
            ("deletionVectors", "{}", ("delta.enableDeletionVectors", "true"), [false, true, true]),
            ("invariants", r#"{"delta.invariants":"a > 0"}"#, ("x", ""), [true, true, true]),
            ("checkConstraints", "{}", ("delta.constraints.c", "a > 0"), [true, true, true]),
            ("changeDataFeed", "{}", ("delta.enableChangeDataFeed", "true"), [false, false, true]),
            ("generatedColumns", r#"{"delta.generationExpression":"1"}"#, ("x", ""), [true, true, true]),
            ("identityColumns", r#"{"delta.identity.start":1}"#, ("x", ""), [true, true, true]),
            ("inCommitTimestamp", "{}", ("delta.enableInCommitTimestamps", "true"), [true, true, true]),
            ("icebergCompatV2", "{}", ("delta.enableIcebergCompatV2", "true"), [true, true, true]),
            ("typeWidening", "{}", ("delta.enableTypeWidening", "true"), [true, true, true]),
            ("rowTracking", "{}", ("x", ""), [true, true, true]),
            ("clustering", "{}", ("x", ""), [true, true, true]),
            ("somethingNew", "{}", ("x", ""), [true, true, true]),
        ];
        for (feature, field, property, expected) in cases {
            let got = refused(&protocol(3, 7, &[feature]), &table(field, &[property]));
            assert_eq!(got.map(|refusal| refusal.as_deref() == Some(feature)), expected, "{feature}");
        }
    }

    #[test]
    fn versions_stand_for_features_and_unknown_ones_are_refused() {
        let mapped = table("{}", &[("delta.columnMapping.mode", "id")]);
        assert_eq!(refused(&protocol(2, 5, &[]), &mapped).map(|r| r.unwrap()), ["columnMapping"; 3]);
        let [read, append, _] = refused(&protocol(4, 8, &[]), &table("{}", &[]));
        assert_eq!(
            (read.unwrap().as_str(), append.unwrap().as_str()),
            ("protocol version 4", "protocol version 8")
        );
        let append_only = table("{}", &[("delta.appendOnly", "true")]);
        assert_eq!(
            refused(&protocol(1, 2, &[]), &append_only),
            [None, None, Some("delta.appendOnly".to_owned())]
        );
    }
}
