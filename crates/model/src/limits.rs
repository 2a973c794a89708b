//! Every bound of the system, with its unit and the reason for its value (invariant 4).

use std::time::Duration;

/// Longest record (log line or HAR entry) that is read, in bytes. A HAR entry with a large base64 body reaches tens
/// of megabytes; beyond this a record is counted, sampled and skipped.
pub const RECORD_BYTES_MAX: usize = 32 << 20;

/// Longest line of a log that is parsed, in bytes. Gateways cut request lines at 8 to 64 kB; 1 MB leaves room for
/// JSON logs with headers.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// Size of a batch of records handed to a worker, in bytes: large enough to hide the hand-over, small enough for
/// the second-level cache and a smooth progress bar.
pub const BATCH_BYTES: usize = 256 << 10;

/// Batches waiting for one worker. With [`BATCH_BYTES`] this bounds what is read ahead to 4 MB a worker.
pub const BATCHES_WAITING_MAX: usize = 16;

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

/// Bytes of a service's name: those of a host name (RFC 1035, 2.3.4).
pub const SERVICE_NAME_BYTES_MAX: usize = 255;

/// Literal children of one path node before rare ones fold into a parameter.
pub const PATH_CHILDREN_MAX: usize = 512;

/// Nodes of all path tries of one service.
pub const PATH_NODES_MAX: usize = 200_000;

/// Segments of one path; deeper ones share the last node.
pub const PATH_DEPTH_MAX: usize = 32;

/// Path templates that one file of overrides may give; they are written by hand.
pub const TEMPLATES_MAX: usize = 10_000;

/// Bytes of a path that are looked at.
pub const PATH_BYTES_MAX: usize = 8 << 10;

/// Query, header, cookie or form parameters kept per endpoint and location; the rest are counted.
pub const PARAMETERS_MAX: usize = 128;

/// Bytes of a parameter value that are looked at.
pub const VALUE_BYTES_MAX: usize = 4 << 10;

/// Credentials of one request that are told apart. Browsers send two or three; the rest is noise or an attack.
pub const CREDENTIALS_MAX: usize = 16;

/// Bytes of a JWT that are decoded. Servers refuse headers above 8 to 16 kB.
pub const JWT_BYTES_MAX: usize = 16 << 10;

/// Bytes of a user or client name; longer ones identify nobody a person could recognize.
pub const IDENTIFIER_BYTES_MAX: usize = 256;

/// Identity rules of one file: each is tried on every exchange until one names the actor.
pub const IDENTITY_RULES_MAX: usize = 32;

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

/// Distinct values of a path position kept to describe it and to tell one value from many.
pub const PATH_VALUES_KEPT: usize = 8;

/// Places remembered that only met 404 or 405; a scanner tries tens of thousands, the first few tell the rest.
pub const STRAYS_MAX: usize = 4_096;

/// Headers, cookies, query or form parameters of one HAR entry that are read. Servers refuse more than 100 (Apache) to
/// 1,000 header fields; a hostile entry must not become a thousand times its size in memory.
pub const HEADERS_MAX: usize = 1_000;

/// Addresses of one `X-Forwarded-For` that are looked at, from the right (nearest proxy first): chains of real
/// deployments have fewer than ten.
pub const FORWARDED_HOPS_MAX: usize = 32;

/// Bytes of an event id (`_id`): UUIDs have 36, trace and span ids together 49, topic, partition and offset some more.
/// A longer one is ignored and noted, not cut: two that begin alike must not become one.
pub const EVENT_ID_BYTES_MAX: usize = 256;

/// Bytes of a method that are kept; the longest registered one has 17.
pub const METHOD_BYTES_MAX: usize = 64;

/// Bytes asked for in one read: large enough for the disk and the decompressor, small enough for the cache.
pub const READ_BYTES: usize = 128 << 10;

/// Bytes from the start of a source that decide its format and first time. A HAR document begins with its pages, a log
/// with a hundred lines of up to 2 kB.
pub const HEAD_BYTES: usize = 256 << 10;

/// Records of the head that decide a format: enough for shares in percent.
pub const HEAD_RECORDS_MAX: usize = 100;

/// Files read in one run; a folder tree given by mistake must end. The rest is named as not read.
pub const FILES_MAX: usize = 10_000;

/// Levels of folders below a folder that was given.
pub const FOLDER_DEPTH_MAX: usize = 16;

/// Bytes of a source that are searched for records before it is given up as no traffic.
pub const UNKNOWN_BYTES_MAX: u64 = 8 << 20;

/// Files that are followed at once: looking at 50,000 costs 100 ms a second. The rest is named as not followed.
pub const FOLLOW_FILES_MAX: usize = 50_000;

/// Followed files that stay open, so that what was not read yet survives their deletion. Processes may open 1,024 where
/// nothing else is set.
pub const FOLLOW_OPEN_MAX: usize = 256;

/// Generations of one followed log that are told apart; older ones are known by their time alone. Distributions keep 4 to
/// 14.
pub const FOLLOW_GENERATIONS_MAX: usize = 16;

/// Seconds after which a last line without its end is taken: no server takes longer between two writes of one line.
pub const FOLLOW_PARTIAL_SECS: u64 = 10;

/// Bytes from the beginning of a followed file by which it is known again under another name: some log lines, with their
/// times.
pub const FOLLOW_FINGERPRINT_BYTES: usize = 1 << 10;

/// Bytes that a copy must share with a log before it is taken for one: a heading alone may be in every file.
pub const FOLLOW_COPY_BYTES_MIN: usize = 64;

/// Logs of one watched folder that are sources of their own; files past it (one per hour and node in a bucket's copy)
/// count for the folder.
pub const FOLLOW_SOURCES_MAX: usize = 64;

/// Deliveries of one live source that wait for the node: with batches of 256 kB this bounds what is read ahead to 4 MB.
pub const DELIVERIES_WAITING_MAX: usize = 16;

/// Other formats tried per source and worker for records that do not fit the chosen one: logs are mixed from two or
/// three writers.
pub const FALLBACK_FORMATS_MAX: usize = 4;

/// Unreadable records per source and worker whose own format is looked for before only every thousandth is: detection
/// costs about a hundred decodes.
pub const FALLBACK_TRIES_MAX: u64 = 64;

/// Seconds that time may run backward within a source before it is said: requests are logged when they end, so an hour
/// is no disorder of slow answers.
pub const CLOCK_JUMP_SECS: i64 = 3_600;
/// Bytes of a format string (`--log-format`); the longest in use have some hundreds.
pub const LOG_FORMAT_BYTES_MAX: usize = 8 << 10;

/// Layouts kept for one W3C log; each `#Fields:` directive with other columns adds one.
pub const LOG_LAYOUTS_MAX: usize = 8;

/// Columns of one W3C log: IIS has 22 fields, CloudFront 33, custom ones come on top.
pub const LOG_COLUMNS_MAX: usize = 256;

/// Bytes of a JSON key that can name a field of a log; the longest known one has 37.
pub const LOG_KEY_BYTES_MAX: usize = 64;

/// Names in one key path of a mapping. A path is stored in every way in which dots may join its names, 2^(n-1).
pub const LOG_KEY_NAMES_MAX: usize = 6;

/// Lines from which a log format is chosen; it shows in far fewer, the rest is for logs that begin with other messages.
pub const LOG_DETECTION_LINES_MAX: usize = 64;

/// Values of one line that are looked at when its layout is inferred.
pub const LOG_VALUES_MAX: usize = 64;
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

/// Exceptions of one pattern of a customer's class: the longest list of stop words that a public set of rules carries has
/// about 1,500.
pub const CLASS_EXCEPTIONS_MAX: usize = 4_096;

/// Bytes before its anchor at which an imported pattern may begin: all of them are looked at for every anchor. Public rules
/// allow names of up to 150 bytes before the word that calls them.
pub const CLASS_PATTERN_INSIDE_MAX: usize = 256;

/// Words of one list (key words, deny-lists) that one imported class takes; longer lists are dictionaries.
pub const CLASS_IMPORT_WORDS_MAX: usize = 1_000;

/// Bytes of all literals that call patterns up to which they share a full table: above it the table would take some
/// hundred megabytes, and the compact automaton is used. Ours have about 10 KiB.
pub const CLASS_ANCHOR_BYTES_MAX: usize = 128 << 10;

/// Definitions that are imported from one file; the largest public set of rules has some hundreds.
pub const CLASS_IMPORTS_MAX: usize = 2_048;

/// Bytes of the compiled automaton for one class pattern; a pattern that needs more repeats too much.
pub const CLASS_PATTERN_BYTES_MAX: usize = 4 << 20;

/// Deepest nesting of a specification or configuration; hand-written ones stay below 40.
pub const DOCUMENT_DEPTH_MAX: usize = 200;

/// Values in one specification or configuration, aliases counted as what they stand for. The largest public ones
/// (40 MB) have 2 million.
pub const DOCUMENT_NODES_MAX: usize = 16 << 20;

/// Files that one specification refers to; the largest split ones have some thousands of schema files.
pub const SPEC_FILES_MAX: usize = 10_000;

/// References followed one after the other: longer chains are circles.
pub const SPEC_REFERENCES_MAX: usize = 32;

/// Bytes of one specification or gateway configuration. The largest public ones reach 40 MB.
pub const SPEC_BYTES_MAX: u64 = 256 << 20;

/// Exchanges of one endpoint that are compared with its operation, chosen by the hash of their place: a drift in 1 of
/// 50 exchanges is met with 92 %, and the cost per exchange falls with their number.
pub const CONFORMANCE_SAMPLE: usize = 128;

/// Distinct violations kept per endpoint: bits of one word.
pub const VIOLATIONS_MAX: usize = 64;

/// Bytes of a body that is compared with its schema; a larger one is a file.
pub const CONFORMANCE_BODY_BYTES_MAX: usize = 1 << 20;

/// Operations of one specification that were never observed and are listed.
pub const ORPHANS_LISTED_MAX: usize = 2_000;

/// Places of a specification that one audit finding lists; more are counted.
pub const AUDIT_PLACES_MAX: usize = 50;

/// Calls of one exchange that are told apart (operations of a GraphQL batch, members of a JSON-RPC batch). Clients batch
/// tens; the rest is counted in the batch's size.
pub const CALLS_MAX: usize = 64;

/// Documents of one call and side that are learned: repeats of one operation in a batch, messages of a stream. The first
/// few show the shape, all are counted.
pub const CALL_DOCUMENTS_MAX: usize = 16;

/// Bytes of a call's name (root field, method, tool, action). Real ones have fewer than 60; a longer one is `other`.
pub const CALL_NAME_BYTES_MAX: usize = 96;

/// Named calls kept per HTTP endpoint; the largest public GraphQL APIs have some 300 root fields. The rest share one
/// named `other`.
pub const CALL_NAMES_MAX: usize = 512;

/// Named calls kept per service and worker before templates are settled: a service of a thousand tenants by path has as
/// many sets of them. Further names share `other` of their path.
pub const CALL_NAMES_SERVICE_MAX: usize = 20_000;

/// Distinct labels kept per endpoint and sort (models, tools, error codes); the rest share one named `other`.
pub const CALL_LABELS_MAX: usize = 32;

/// Bytes of a GraphQL text that is parsed; an introspection query has 2 kB, generated clients reach 50 kB.
pub const GRAPHQL_TEXT_BYTES_MAX: usize = 256 << 10;

/// Tokens of a GraphQL text: what [`GRAPHQL_TEXT_BYTES_MAX`] can hold and a parser reads in 20 ms.
pub const GRAPHQL_TOKENS_MAX: usize = 50_000;

/// Levels of a GraphQL selection that are followed. Real queries stay below 15; deeper ones count as this deep.
pub const GRAPHQL_DEPTH_MAX: usize = 100;

/// Fields of one GraphQL operation, fragments written out, before counting stops: fragments can double per line.
pub const GRAPHQL_FIELDS_MAX: usize = 10_000;

/// Root fields of one GraphQL operation that are told apart: an attack by aliases sends thousands.
pub const GRAPHQL_ROOTS_MAX: usize = 1_000;

/// Arguments of one GraphQL root field and of all that is selected below it.
pub const GRAPHQL_ARGUMENTS_MAX: usize = 64;

/// GraphQL texts whose outline is remembered per worker, at most [`GRAPHQL_CACHED_BYTES_MAX`] each: a client has some
/// hundred.
pub const GRAPHQL_CACHE: usize = 256;

/// Bytes of a GraphQL text that is remembered.
pub const GRAPHQL_CACHED_BYTES_MAX: usize = 16 << 10;

/// Persisted GraphQL texts remembered by their hash per HTTP endpoint.
pub const PERSISTED_MAX: usize = 1_024;

/// Elements, attributes and texts of one XML body that become fields.
pub const XML_NODES_MAX: usize = 50_000;

/// Bytes of a JSON document that is made of another format (XML, protobuf): what [`BODY_BYTES_MAX`] holds at most.
pub const MADE_BYTES_MAX: usize = BODY_BYTES_MAX;

/// Fields of one protobuf message that are read, and the levels of messages in it.
pub const PROTOBUF_FIELDS_MAX: usize = 10_000;

/// Levels of protobuf messages that are followed without a descriptor: each level is a guess.
pub const PROTOBUF_DEPTH_MAX: usize = 16;

/// Parts of one multipart body; servers refuse more than 100 to 1,000.
pub const MULTIPART_PARTS_MAX: usize = 256;

/// Server-sent events of one body that are read; the last ones too where they sum up.
pub const EVENTS_MAX: usize = 4_096;

/// MCP tools, resources and prompts of one list that are read; servers have tens.
pub const MCP_DECLARED_MAX: usize = 256;

/// Bytes of one declared schema of an MCP tool that are kept.
pub const MCP_SCHEMA_BYTES_MAX: usize = 8 << 10;

/// Versions of one MCP tool's declaration that are remembered, the earliest.
pub const MCP_VERSIONS_MAX: usize = 8;

/// Bytes of a file of protobuf descriptors: those of a large company's APIs have tens of megabytes.
pub const DESCRIPTORS_BYTES_MAX: u64 = 128 << 20;

/// Messages of one WebSocket that are kept with their size and text; all are counted.
pub const WEBSOCKET_MESSAGES_MAX: usize = 64;
/// Bytes of one packet: `tcpdump` and `dumpcap` never record more. A larger one means that the file is damaged.
pub const CAPTURE_PACKET_BYTES_MAX: usize = 256 << 10;

/// Bytes of one pcapng block that is no packet: statistics, names, a key log.
pub const CAPTURE_BLOCK_BYTES_MAX: usize = 16 << 20;

/// Interfaces of one pcapng section; machines with more containers than this are recorded on `any`.
pub const CAPTURE_INTERFACES_MAX: usize = 65_536;

/// Tunnels inside each other that are followed (VXLAN in GRE is two).
pub const CAPTURE_TUNNELS_MAX: usize = 4;

/// Incomplete IP datagrams held at once, at most 64 kB each; fragments of real networks come within milliseconds.
pub const CAPTURE_DATAGRAMS_MAX: usize = 1_024;

/// Fragments of one datagram: 64 kB in pieces of the smallest allowed packet are 120.
pub const CAPTURE_FRAGMENTS_MAX: usize = 256;

/// Microseconds of capture time that a missing piece is waited for when the receiver confirmed it, so that the
/// recorder must have missed it or written it late: queues of network cards reorder by milliseconds.
pub const CAPTURE_REORDER_MICROS: i64 = 500_000;

/// Microseconds of capture time that a missing piece is waited for when nobody confirmed it: TCP's own timers repeat
/// a segment several times within this.
pub const CAPTURE_RETRANSMIT_MICROS: i64 = 30_000_000;

/// Bytes of one direction held out of order before a gap is taken for lost: a large receive window.
pub const CAPTURE_WAITING_BYTES_MAX: usize = 4 << 20;

/// Pieces of one direction held out of order; tiny ones cost more memory than they hold.
pub const CAPTURE_WAITING_PIECES_MAX: usize = 8_192;

/// Bytes that a segment may lie ahead of its stream: TCP's largest window (RFC 7323).
pub const CAPTURE_WINDOW_BYTES_MAX: u64 = 1 << 30;

/// TCP connections followed at once; the longest idle make room. One costs about 1 kB.
pub const CAPTURE_CONNECTIONS_MAX: usize = 100_000;

/// Bytes of all unfinished messages and waiting pieces of one capture; the longest idle connections make room.
pub const CAPTURE_HELD_BYTES_MAX: usize = 256 << 20;

/// Bytes of unfinished messages and waiting pieces of one connection: 16 of the largest bodies at once. One that holds
/// more is given up, so that it does not push out all others.
pub const CAPTURE_CONNECTION_BYTES_MAX: usize = 64 << 20;

/// Microseconds without a packet after which a connection is taken for over: gateways close idle ones after 60 to 350
/// seconds.
pub const CAPTURE_IDLE_MICROS: i64 = 600_000_000;

/// Microseconds that a closed connection is remembered, for segments that are repeated late.
pub const CAPTURE_CLOSED_MICROS: i64 = 5_000_000;

/// Bytes of a header section: servers refuse more than 8 to 64 kB. It also bounds what HPACK can make of a few bytes.
pub const CAPTURE_HEAD_BYTES_MAX: usize = 64 << 10;

/// Bytes of one body that are kept, as it traveled; all are counted. A larger one is a file.
pub const CAPTURE_BODY_BYTES_MAX: usize = 2 << 20;

/// Bytes at the beginning of a connection in which its protocol must show.
pub const CAPTURE_SNIFF_BYTES_MAX: usize = 16 << 10;

/// Requests of one connection without a response yet: browsers pipeline none, load generators some dozens.
pub const CAPTURE_PIPELINE_MAX: usize = 1_024;

/// HTTP/2 streams of one connection open at once; servers allow 100 to 1,000.
pub const CAPTURE_STREAMS_MAX: usize = 4_096;

/// Bytes of an HPACK table that is accepted; the default is 4,096 and clients ask for up to 65,536.
pub const HPACK_TABLE_BYTES_MAX: usize = 64 << 10;

/// Bytes of a TLS handshake message that is read: a client hello with post-quantum keys has 2 kB.
pub const TLS_HANDSHAKE_BYTES_MAX: usize = 64 << 10;

/// Bytes of a key log. A connection takes about 700.
pub const KEYLOG_BYTES_MAX: u64 = 512 << 20;

/// Rows of closed TLS connections in the results.
pub const CLOSED_TLS_LISTED_MAX: usize = 50;

/// Rows of closed TLS connections that are told apart while reading; forged names must not grow them.
pub const CLOSED_TLS_MAX: usize = 10_000;
/// Bytes of a JSON body of the API, other than traffic and specifications: a saved hunt with its SQL has some kilobytes.
pub const API_BODY_BYTES_MAX: usize = 1 << 20;

/// Bytes of traffic in one request, as it travels. Collectors send batches of about a megabyte; a batch is one write of
/// the journal and waits whole in memory.
pub const PUSH_BYTES_MAX: usize = 16 << 20;

/// Bytes of traffic in one request after decompression. Holds one record of [`RECORD_BYTES_MAX`] and its neighbors.
pub const PUSH_PLAIN_BYTES_MAX: usize = 48 << 20;

/// Bytes of traffic of all requests held at once; more are told to come back (429). A core decodes 50 to 100 MB/s, so
/// this is what waits for some seconds.
pub const PUSH_WAITING_BYTES_MAX: usize = 192 << 20;

/// Refused lines that one answer names; the rest is counted.
pub const PUSH_REFUSALS_LISTED_MAX: usize = 100;

/// Bytes of a specification that is uploaded: larger ones are split or read from files.
pub const SPEC_UPLOAD_BYTES_MAX: usize = 16 << 20;

/// Items of one page of a list when the client does not say.
pub const PAGE_ITEMS: u32 = 100;

/// Items of one page of a list. An endpoint without its fields takes about 2 kB.
pub const PAGE_ITEMS_MAX: u32 = 1_000;

/// Bytes of an answer that is hashed for its `ETag`; larger ones are streamed without.
pub const ETAG_BODY_BYTES_MAX: u64 = 16 << 20;

/// Callers whose request rate is followed at once. One bucket takes about 100 bytes.
pub const RATE_KEYS_MAX: usize = 100_000;

/// Events of a tenant's live feed that are kept for clients that come back: some minutes of a busy one.
pub const FEED_EVENTS_MAX: usize = 2_048;

/// Events that may wait for one client of the live feed before it is dropped.
pub const FEED_CLIENT_EVENTS_MAX: usize = 256;

/// Live feeds open at once in one tenant; each holds a connection and its waiting events.
pub const FEED_CLIENTS_MAX: usize = 200;

/// Changes of a tenant's inventory that wait for the database: what a first look at large traffic finds at once.
pub const CHANGES_WAITING_MAX: usize = 50_000;

/// Connections at once. Each holds a file descriptor (the usual limit is 1,024 or more) and some kilobytes.
pub const CONNECTIONS_MAX: usize = 800;

/// Connections at once from one address: a browser opens 6, a collector some dozen.
pub const CONNECTIONS_ADDRESS_MAX: usize = 200;

/// Seconds in which the headers of a request must arrive: a client that drips them holds a connection.
pub const HEADERS_SECS_MAX: u64 = 10;

/// Seconds until the answer to a request begins, its body included.
pub const REQUEST_SECS_MAX: u64 = 120;

/// Header fields of one request; browsers send about 20.
pub const HEADER_FIELDS_MAX: usize = 64;

/// Bytes of a request's header section.
pub const HEADER_BYTES_MAX: usize = 32 << 10;

/// Bytes of an idempotency key; a UUID has 36.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;

/// Bytes of an answer that is kept for a repeat with the same idempotency key; answers to writes are small.
pub const IDEMPOTENCY_ANSWER_BYTES_MAX: usize = 256 << 10;

/// Characters of a comment on a finding, of a reason, or of another text by a person.
pub const NOTE_CHARACTERS_MAX: usize = 4_000;

/// Characters of a name or title by a person.
pub const NAME_CHARACTERS_MAX: usize = 200;

/// Rows of a hunt's answer over the API when more are asked for; whoever wants all of them reads the lake's files.
pub const HUNT_ROWS_MAX: usize = 1_000_000;

/// Time of a hunt over the API when more is asked for: less than [`REQUEST_SECS_MAX`], for a sum has no first row before
/// its last.
pub const HUNT_TIME_MAX: std::time::Duration = std::time::Duration::from_secs(110);

/// Bytes of a person's SQL.
pub const SQL_BYTES_MAX: usize = 64 << 10;

/// Bytes of one gateway configuration. Rendered Kubernetes manifests and API Management exports reach some megabytes.
pub const CONFIGURATION_BYTES_MAX: u64 = 32 << 20;

/// Values in one gateway configuration, aliases counted as what they stand for: 32 MB of exports have some hundred
/// thousand.
pub const CONFIGURATION_NODES_MAX: usize = 1 << 20;

/// Bytes of all configurations given at once: a rendered cluster has some tens of megabytes.
pub const CONFIGURATIONS_BYTES_MAX: u64 = 128 << 20;

/// Files that the `include`s of one configuration bring in; large nginx installations have a file per site.
pub const INCLUDES_MAX: usize = 2_000;

/// Levels of `include` within `include`; real ones have three, more is a circle.
pub const INCLUDE_DEPTH_MAX: usize = 16;

/// Routes of one gateway that are judged; a forged or generated file must not grow the results without bound.
pub const GATEWAY_ROUTES_MAX: usize = 10_000;

/// Routes of one gateway that are listed in the results.
pub const GATEWAY_ROUTES_LISTED_MAX: usize = 2_000;

/// Bytes of a compiled route pattern: patterns of routes are short and compile to some kilobytes, one that needs more
/// repeats too much. With [`GATEWAY_ROUTES_MAX`] this bounds all patterns of a gateway.
pub const ROUTE_PATTERN_BYTES_MAX: usize = 64 << 10;

/// Rules of one HAProxy proxy that are followed for each of its routes; large ones have some hundred.
pub const RULES_FOLLOWED_MAX: usize = 1_000;

/// Entries of one file that says who owns what; large organizations have some ten thousand components.
pub const OWNER_ENTRIES_MAX: usize = 1 << 16;

/// YAML documents in such a file: a dump of a whole cluster has some thousand.
pub const OWNER_DOCUMENTS_MAX: usize = 1 << 14;

/// Bytes of a pattern of files; paths are at most 4 KiB on the systems in use (PATH_MAX).
pub const OWNER_PATTERN_BYTES_MAX: usize = 4_096;

/// Entries that match nothing which are named in the results; the rest is counted.
pub const OWNERS_UNMATCHED_MAX: usize = 100;

/// Changes of the inventory that are told at once; the rest is counted. A first look at a large estate, or the release of
/// a new version, changes thousands of things, which nobody reads one by one.
pub const CHANGES_MAX: usize = 500;
/// Rows waiting in one buffer for the lake: six seconds of 40,000 exchanges, and a row group of decent size.
pub const LAKE_BUFFER_ROWS_MAX: usize = 1 << 18;

/// Bytes of the rows waiting in one buffer for the lake: [`LAKE_BUFFER_ROWS_MAX`] rows of logs take about 60 MB.
pub const LAKE_BUFFER_BYTES_MAX: usize = 96 << 20;

/// Bytes of a short text of an exchange in the lake (service, query names, caller): names in use have fewer than 256.
pub const LAKE_TEXT_BYTES_MAX: usize = 1 << 10;

/// Bytes of a `User-Agent` in the lake; real ones have 80 to 250.
pub const LAKE_AGENT_BYTES_MAX: usize = 512;

/// Bytes after which a journal segment ends. Opening reads the last one whole, which must not take long; larger ones
/// would also be released later.
pub const JOURNAL_SEGMENT_BYTES: u64 = 32 << 20;

/// Bytes of journal that may wait for the lake before traffic is refused (429). At 5 MB/s compressed that is an hour of
/// a lake that cannot be reached.
pub const JOURNAL_BYTES_MAX: u64 = 16 << 30;

/// Batches waiting to be written. What waits holds memory: with requests of about 1 MB this is 64 MB.
pub const JOURNAL_ENTRIES_WAITING_MAX: usize = 64;

/// Plain bytes after which a commit takes no more entries: enough to share one `fdatasync`, small enough for the wait.
pub const JOURNAL_GROUP_BYTES: usize = 8 << 20;

/// Rows of one row group of the lake, and the most that merging holds in memory at once, about 130 MB. Twice as many would
/// take 8 % less on the disk and twice the memory.
pub const LAKE_SLAB_ROWS_MAX: usize = 1 << 18;

/// Bytes of a merged file of the lake, about: large enough that a month has thousands of files and not millions, small
/// enough to be written in one piece.
pub const LAKE_FILE_BYTES: usize = 64 << 20;

/// Files that are merged at once; more wait for the next round.
pub const LAKE_MERGE_FILES_MAX: usize = 256;

/// Commits between two checkpoints of the lake's log: opening reads at most as many small files.
pub const LAKE_COMMITS_PER_CHECKPOINT: u64 = 64;

/// Seconds that a file stays after it left the table, for queries that began before. Hunts are cut after minutes.
pub const LAKE_READERS_SECS: u64 = 3_600;

/// Connections to the database of the state. SQLite has one writer at a time; a few readers beside it are enough for a
/// dashboard, and PostgreSQL's default of 100 is shared by the nodes.
pub const STATE_CONNECTIONS_MAX: u32 = 8;

/// How long a statement waits for another writer of the state. Transactions take milliseconds; a backup of PostgreSQL
/// does not block.
pub const STATE_BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of one line of a dumped state: a document of [`DOCUMENT_BYTES_MAX`] whose every byte is escaped.
pub const STATE_LINE_BYTES_MAX: usize = 6 * DOCUMENT_BYTES_MAX + (64 << 10);

/// Tenants of one installation; each has a journal, a learner and memory of its own.
pub const TENANTS_MAX: usize = 1_000;

/// Users of one tenant; larger organizations log in by OIDC groups of those who need it.
pub const USERS_MAX: usize = 10_000;

/// Bytes of a name that people give: users, tokens, tenants, hunts.
pub const NAME_BYTES_MAX: usize = 200;

/// Sessions of one user; a person has a few browsers, the oldest makes room.
pub const SESSIONS_PER_USER_MAX: usize = 20;

/// API tokens of one tenant.
pub const TOKENS_MAX: usize = 1_000;

/// Judgments of findings of one tenant; a finding has one endpoint or service, and those are bounded too.
pub const JUDGMENTS_MAX: usize = 100_000;

/// Judgments of incidents of one tenant, and as many of actors. They outlive what they are about, because they teach, and
/// all of them are read whenever the engine is told what was learned from them.
pub const ABUSE_JUDGMENTS_MAX: usize = 20_000;

/// Identifiers that a judgment keeps of an actor, so that it can be named and erased when nothing else is known of it.
pub const JUDGMENT_IDENTIFIERS_MAX: usize = 30;

/// Comments of one finding or incident; more is a chat.
pub const COMMENTS_PER_SUBJECT_MAX: usize = 1_000;

/// Saved hunts of one tenant; they are listed whole.
pub const SAVED_HUNTS_MAX: usize = 1_000;

/// Settings of one tenant; their names are a closed list of the program.
pub const SETTINGS_MAX: usize = 1_000;

/// Uploaded documents of one kind and tenant.
pub const DOCUMENTS_MAX: usize = 2_000;

/// Bytes of an uploaded document; the largest public OpenAPI documents have about 12 MB.
pub const DOCUMENT_BYTES_MAX: usize = 16 << 20;

/// Versions of a document that are kept; older ones are in somebody's version control.
pub const DOCUMENT_VERSIONS_MAX: i64 = 50;

/// Entries of the feed of changes that are kept per tenant: months of a large installation.
pub const CHANGES_KEPT_MAX: i64 = 100_000;

/// How long an answer is kept for a repeated idempotency key: clients that retry do so within hours.
pub const IDEMPOTENCY_KEPT: Duration = Duration::from_hours(24);

/// How long a request with an idempotency key may run before the key is taken for left behind by a crash.
pub const IDEMPOTENCY_PENDING: Duration = Duration::from_mins(5);

/// Idempotency keys of one principal within [`IDEMPOTENCY_KEPT`].
pub const IDEMPOTENCY_KEYS_MAX: usize = 10_000;

/// Bytes of an answer that is kept for a repeated key; answers to writes are small.
pub const IDEMPOTENCY_BODY_BYTES_MAX: usize = 256 << 10;

/// Audit entries that wait to be written; a request waits with each.
pub const AUDIT_WAITING_MAX: usize = 1_024;

/// Audit entries that share a commit.
pub const AUDIT_GROUP_MAX: usize = 256;

/// Bytes of one text of an audit entry.
pub const AUDIT_TEXT_BYTES_MAX: usize = 4 << 10;

/// Faults of an audit log that are told; a log with more is known to be broken.
pub const AUDIT_FAULTS_MAX: usize = 100;

/// Bytes of a password at least; NIST SP 800-63B-4 asks for 15 where the password is the only factor, and for 8 beside
/// a second one. 12 is between, for a console that most reach over a private network.
pub const PASSWORD_BYTES_MIN: usize = 12;

/// Bytes of a password at most: more than anybody types, little to hash.
pub const PASSWORD_BYTES_MAX: usize = 1_024;

/// Passwords that are hashed at once; each takes 32 MiB and a core.
pub const PASSWORDS_AT_ONCE_MAX: usize = 2;

/// Logins that wait to be hashed: at 0.15 s each, two at once, five seconds.
pub const PASSWORDS_WAITING_MAX: usize = 64;

/// Addresses, and names, whose failed logins are remembered (about 100 bytes each).
pub const LOGIN_FAILURES_KEPT_MAX: usize = 10_000;
/// Event ids remembered to tell a repeat: at 40,000 exchanges a second at least 100 seconds of retries; 8 bytes each and
/// at most twice as many.
pub const EVENT_IDS_MAX: usize = 1 << 22;

/// Sources of one node. A source is configured or named by a token, not made by traffic.
pub const LIVE_SOURCES_MAX: usize = 1_024;

/// Refused records named in one receipt; the rest are counted.
pub const REFUSALS_LISTED_MAX: usize = 100;

/// Seconds that an exchange's time may lie ahead of its arrival before it is taken as of its arrival: clocks that are set
/// by NTP differ by less than a second, those that are not by minutes.
pub const CLOCK_AHEAD_SECS: i64 = 600;

/// Rows that wait for the lake, in memory, about 150 bytes each. When the lake cannot take them, learning waits and
/// traffic is refused (429) rather than lost.
pub const TAIL_ROWS_MAX: usize = 2_000_000;

/// Bytes of one sealed file in memory (a snapshot): 10,000 endpoints of 32 kB and a million actors of 1.5 kB are 1.8 GB.
pub const SEALED_BYTES_MAX: u64 = 4 << 30;

/// Batches that wait for the learner; the journal's thread waits with them, so that many more wait in the journal's queue.
pub const LEARNER_ASKS_WAITING_MAX: usize = 8;

/// Events of the live feed that one listener may lag behind before it is told that it missed some.
pub const FEED_EVENTS_WAITING_MAX: usize = 1_024;

/// Bytes of the SQL of one hunt. Hand-written ones have some hundred; 64 kB hold a list of thousands of addresses.
pub const HUNT_SQL_BYTES_MAX: usize = 64 << 10;

/// Words and signs in the SQL of one hunt: a list of 5,000 values has 10,000.
pub const HUNT_TOKENS_MAX: usize = 20_000;

/// Operators in the SQL of one hunt. A chain of them is a tree as deep, which the query engine walks by recursion.
pub const HUNT_OPERATORS_MAX: usize = 500;

/// Levels of brackets in the SQL of one hunt. Hand-written ones have five.
pub const HUNT_NESTING_MAX: usize = 32;

/// Levels of queries within queries in the SQL of one hunt. The query engine plans each level twice.
pub const HUNT_SUBQUERIES_MAX: usize = 8;

/// Steps of the plan of one hunt, named queries counted as often as they are used; a large hand-written one has 50.
pub const HUNT_PLAN_NODES_MAX: usize = 2_000;

/// Parameters of one hunt; saved ones have a handful.
pub const HUNT_PARAMETERS_MAX: usize = 100;

/// Bytes of one text parameter of a hunt.
pub const HUNT_PARAMETER_BYTES_MAX: usize = 64 << 10;

/// Rows that a hunt gives when nobody asks for more: as many as a person scrolls through.
pub const HUNT_ROWS_DEFAULT: usize = 10_000;

/// Time that a hunt may take when nobody asks for more. Longer than anybody waits without having asked to.
pub const HUNT_TIME_DEFAULT: std::time::Duration = std::time::Duration::from_secs(30);

/// Bytes of memory for all hunts that run at once: a quarter of a machine with 2 GB.
pub const HUNT_MEMORY_BYTES: usize = 512 << 20;

/// Bytes that all hunts may write to the spill folder.
pub const HUNT_SPILL_BYTES_MAX: u64 = 4 << 30;

/// Hunts that run at once. More would share the same few threads and all be slow.
pub const HUNTS_AT_ONCE: usize = 4;

/// Hunts that wait for their turn; more are told to come back.
pub const HUNTS_WAITING_MAX: usize = 32;

/// Rows that decide the widths of a table on a terminal; those after them are cut to fit.
pub const HUNT_TABLE_ROWS_MEASURED: usize = 1_000;

/// Characters of one cell of a table on a terminal.
pub const HUNT_TABLE_CELL_CHARS_MAX: usize = 200;

/// Rows of one row group of a hunt written as Parquet: some megabytes, which is what the writer holds in memory.
pub const HUNT_PARQUET_GROUP_ROWS: usize = 64 << 10;

/// Bytes of a JSON text that `json_get` looks into.
pub const HUNT_JSON_BYTES_MAX: usize = 1 << 20;

/// How long a session lives without a request: an afternoon's work with pauses.
pub const SESSION_IDLE_MAX: Duration = Duration::from_hours(2);

/// How long a session lives at most: a working day.
pub const SESSION_LIFE_MAX: Duration = Duration::from_hours(12);

/// How often "last seen" of a session or token is written; more often would make every request a write.
pub const SEEN_EVERY: Duration = Duration::from_mins(1);

/// Bytes of one answer of an OIDC provider; descriptions and key sets have some kilobytes.
pub const OIDC_ANSWER_BYTES_MAX: usize = 1 << 20;

/// Groups of one user that are looked at; directories cut such lists at 200 themselves.
pub const GROUPS_MAX: usize = 1_000;

/// Positions that a node keeps, one per log or partition: twice what one follower follows.
pub const POSITIONS_MAX: usize = 20_000;
/// Services of one developer or token; larger teams see all.
pub const OWNED_SERVICES_MAX: usize = 1_000;

/// Entries of one page of the audit log.
pub const AUDIT_PAGE_MAX: u32 = 1_000;

/// Files of one backup. The lake is compacted, so ten thousand tenants' days stay below; each takes 200 bytes here.
pub const BACKUP_FILES_MAX: usize = 1_000_000;

/// Bytes of a backup's manifest: [`BACKUP_FILES_MAX`] lines.
pub const BACKUP_MANIFEST_BYTES_MAX: u64 = 512 << 20;

/// Exchanges that are watched in one piece: small enough that a copy of the piece that is still open costs nothing.
pub const WATCHED_CHUNK_CALLS: usize = 16_384;

/// Bytes of exchanges that one shard keeps to judge who abuses: a million and a half log lines, or some hundred thousand
/// exchanges with bodies. The oldest make room.
pub const WATCHED_BYTES_MAX: usize = 128 << 20;

/// Values of one request that are watched.
pub const WATCHED_SENT_MAX: usize = 48;

/// Values of one answer that count as given: a page of a hundred rows with five ids each.
pub const WATCHED_GIVEN_MAX: usize = 512;

/// Names of fields that explanations can name.
pub const WATCHED_NAMES_MAX: usize = 20_000;

/// Detections in the results; the surest of those that one budget allows are far fewer.
pub const DETECTIONS_MAX: usize = 1_000;

/// Exchanges that one detection shows.
pub const DETECTION_EVIDENCE_MAX: usize = 50;

/// Abuse cases in the results, the worst of all services: each takes a reader some minutes.
pub const ABUSE_CASES_MAX: usize = 500;

/// Endpoints listed in one abuse case, the riskiest; the rest is counted.
pub const ABUSE_ENDPOINTS_LISTED_MAX: usize = 50;

/// Data classes named in one loss, the most sensitive: more is no longer read.
pub const ABUSE_CLASSES_LISTED_MAX: usize = 12;
