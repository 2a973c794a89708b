//! Every bound of the system, with its unit and the reason for its value (invariant 4).

/// Longest record (log line or HAR entry) that is read, in bytes. A HAR entry with a large base64 body reaches tens
/// of megabytes; beyond this a record is counted, sampled and skipped.
pub const RECORD_BYTES_MAX: usize = 32 << 20;

/// Longest line of a log that is parsed, in bytes. Gateways cut request lines at 8 to 64 kB; 1 MB leaves room for
/// JSON logs with headers.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// Size of a batch of records handed to a worker, in bytes: large enough to hide the hand-over, small enough for
/// the second-level cache and a smooth progress bar.
pub const BATCH_BYTES: usize = 512 << 10;

/// Batches waiting for one worker. With [`BATCH_BYTES`] this bounds what is read ahead to 2 MB a worker.
pub const BATCHES_WAITING_MAX: usize = 4;

/// Bytes that one compressed byte may become before a file is taken for a bomb (gzip's own limit is about 1,032;
/// repetitive logs reach 40), checked once [`BOMB_CHECK_BYTES`] came out.
pub const EXPANSION_RATIO_MAX: u64 = 500;

/// Decompressed bytes of one file before [`EXPANSION_RATIO_MAX`] is checked.
pub const BOMB_CHECK_BYTES: u64 = 64 << 20;

/// Deepest JSON that is followed. Real bodies stay below 20; serde_json's own limit is 128.
pub const JSON_DEPTH_MAX: usize = 64;

/// Largest body that is parsed, in bytes; the rest of a larger one is not looked at.
pub const BODY_BYTES_MAX: usize = 8 << 20;

/// Nodes of one learned JSON schema. Wider bodies become maps.
pub const SCHEMA_NODES_MAX: usize = 4_000;

/// Properties of one object before it is taken for a map (keys are data, not names).
pub const SCHEMA_PROPERTIES_MAX: usize = 256;

/// Distinct values kept to tell an enumeration from free text.
pub const ENUM_VALUES_MAX: usize = 24;

/// Bytes of one enumeration value; a longer one is free text.
pub const ENUM_VALUE_BYTES_MAX: usize = 48;

/// Services in one inventory; a forged `Host` header must not grow it. The rest share one service named `other`.
pub const SERVICES_MAX: usize = 1_000;

/// Literal children of one path node before rare ones fold into a parameter.
pub const PATH_CHILDREN_MAX: usize = 512;

/// Nodes of all path tries of one service.
pub const PATH_NODES_MAX: usize = 200_000;

/// Segments of one path; deeper ones share the last node.
pub const PATH_DEPTH_MAX: usize = 32;

/// Bytes of a path that are looked at.
pub const PATH_BYTES_MAX: usize = 8 << 10;

/// Query, header, cookie or form parameters kept per endpoint and location; the rest are counted.
pub const PARAMETERS_MAX: usize = 128;

/// Bytes of a parameter value that are looked at.
pub const VALUE_BYTES_MAX: usize = 4 << 10;

/// Values remembered for provenance per service (8 bytes of hash and 8 of counts each).
pub const PROVENANCE_VALUES_MAX: usize = 1 << 18;

/// Actors followed at once; the least active make room.
pub const ACTORS_MAX: usize = 200_000;

/// Actors listed in the results, the most active first.
pub const ACTORS_LISTED_MAX: usize = 1_000;

/// Examples kept per fact (finding, unreadable line): enough to be convinced, few enough to read.
pub const EVIDENCE_MAX: usize = 3;

/// Bytes of a masked excerpt.
pub const EXCERPT_BYTES_MAX: usize = 120;

/// Buckets of a timeline; past them the bucket width doubles.
pub const TIMELINE_BUCKETS_MAX: usize = 96;

/// Bytes of one text that are searched for data classes; a body is bounded by [`BODY_BYTES_MAX`] before, this bounds
/// a single string in it. Larger texts are files.
pub const CLASS_TEXT_BYTES_MAX: usize = 1 << 20;

/// Candidate spans of one text before the best are chosen; a text with more is a list of personal data anyway.
pub const CLASS_CANDIDATES_MAX: usize = 4_096;

/// Bytes of a field name that are read for key words, the last ones.
pub const KEY_BYTES_MAX: usize = 96;

/// Words of a field name that are read, the last ones: `customer.billing.address.line` has four.
pub const KEY_WORDS_MAX: usize = 8;

/// Classes counted for one field; a real field holds one or two.
pub const FIELD_CLASSES_MAX: usize = 12;

/// Values of a field that are looked at before only a sample is (see `FieldTally`): enough to tell 90 % from chance
/// for a check digit that one value in ten passes.
pub const FIELD_SETTLE_VALUES: u32 = 64;

/// Once a field is settled one value in this many is looked at.
pub const FIELD_SAMPLE_EVERY: u64 = 16;

/// Longest line that `vedette classify` reads, in bytes.
pub const CLASSIFY_LINE_BYTES_MAX: usize = 16 << 20;

/// Bytes of a file with customer classes.
pub const CLASS_FILE_BYTES_MAX: u64 = 4 << 20;

/// Bytes that a class pattern without anchors can match: every word of a text starts one try, so a try must be short.
/// An IBAN in groups has 42.
pub const CLASS_WORD_BYTES_MAX: usize = 48;

/// Bytes of the compiled automaton for one class pattern; a pattern that needs more repeats too much.
pub const CLASS_PATTERN_BYTES_MAX: usize = 4 << 20;
