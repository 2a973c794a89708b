//! gRPC, gRPC-web and protobuf.

use std::sync::Arc;

use base64::Engine as _;
use prost_reflect::prost::Message as _;
use prost_reflect::prost_types::field_descriptor_proto::{Label as Cardinality, Type};
use prost_reflect::prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet, MethodDescriptorProto,
    ServiceDescriptorProto,
};

use super::*;
use crate::protocol::descriptors::Descriptors;

const PATH: &str = "/shop.v1.Orders/GetOrder";
const MEDIA: &str = "application/grpc";

/// `{1: "ord-7", 2: 42, 3: {1: "a@b.example"}, 4: 12.5 as a double}`
const MESSAGE: &[u8] = b"\x0a\x05ord-7\x10\x2a\x1a\x0d\x0a\x0ba@b.example\x21\x00\x00\x00\x00\x00\x00\x29\x40";

fn framed(payload: &[u8], flags: u8) -> Vec<u8> {
    [&[flags][..], &(payload.len() as u32).to_be_bytes(), payload].concat()
}

#[test]
fn messages_are_read_by_number() {
    let body = framed(MESSAGE, 0);
    let call = exchange(PATH, (MEDIA, &body), (MEDIA, &body));
    let json = r#"{"field_1":"ord-7","field_2":42,"field_3":{"field_1":"a@b.example"},"field_4":12.5}"#;
    assert_eq!(told(&call), [format!("grpc - {json} -> {json}")]);
}

#[test]
fn messages_are_read_by_name_where_declared() {
    let mut descriptors = Descriptors::default();
    descriptors.add(&shop()).unwrap();
    assert_eq!(descriptors.services(), 1);
    let body = framed(MESSAGE, 0);
    let call = exchange(PATH, (MEDIA, &body), ("", b""));
    let mut protocols = Protocols::default().with_descriptors(Arc::new(descriptors));
    let calls = protocols.read(&call);
    assert_eq!(line(&calls[0]), r#"grpc - {"order_id":"ord-7","count":42,"total":12.5} -> (whole)"#);
    assert!(Descriptors::default().add(b"no descriptors").is_err());
}

#[test]
fn statuses_come_as_headers_or_trailers() {
    let mut failed = exchange(PATH, (MEDIA, &[]), (MEDIA, &[]));
    failed.response_headers.push("grpc-status", "16");
    assert_eq!(told(&failed), ["grpc - (whole) -> (whole) !401 UNAUTHENTICATED"]);
    let web = [framed(b"\x08\x01", 0), framed(b"grpc-status: 5\r\ngrpc-message: none\r\n", 0x80)].concat();
    let media = "application/grpc-web+proto";
    let body = framed(b"", 0);
    let call = exchange(PATH, (media, &body), (media, &web));
    assert_eq!(told(&call), [r#"grpc - {} -> {"field_1":1} !404 NOT_FOUND"#]);
    let text = base64::engine::general_purpose::STANDARD.encode(&web);
    let call =
        exchange(PATH, ("application/grpc-web-text", b"AAAAAAA="), ("application/grpc-web-text", text.as_bytes()));
    assert_eq!(told(&call), [r#"grpc - {} -> {"field_1":1} !404 NOT_FOUND"#]);
}

#[test]
fn logs_tell_grpc_by_the_user_agent() {
    let mut logged = exchange(PATH, ("", b""), ("", b""));
    logged.has_headers = false;
    logged.user_agent = Some("grpc-go/1.60.1".into());
    assert_eq!(told(&logged), ["grpc - (whole) -> (whole)"]);
    logged.path = "/v1/a/b".into();
    assert!(told(&logged).len() == 1, "any prefix may stand before the service");
    logged.path = "/health".into();
    assert!(told(&logged).is_empty());
}

#[test]
fn bytes_that_are_no_message_are_left_out() {
    for payload in [&b"\xff\xff\xff"[..], b"\x0a\xff\x01", b"\x00\x01", b"\x0b"] {
        let body = framed(payload, 0);
        let call = exchange(PATH, (MEDIA, &body), ("", b""));
        assert_eq!(told(&call), ["grpc -  -> (whole)"], "{payload:?}");
    }
    let blob = framed(b"\x0a\x03\xff\xfe\xfd", 0);
    let call = exchange(PATH, (MEDIA, &blob), ("", b""));
    assert_eq!(told(&call), [r#"grpc - {"field_1":"(binary)"} -> (whole)"#]);
    let compressed = framed(b"\x1f\x8b", 1);
    let call = exchange(PATH, (MEDIA, &compressed), ("", b""));
    assert_eq!(told(&call), ["grpc -  -> (whole)"]);
}

/// A descriptor set of one service, as a compiler writes it.
fn shop() -> Vec<u8> {
    let field = |name: &str, number, kind: Type| FieldDescriptorProto {
        name: Some(name.to_owned()),
        number: Some(number),
        r#type: Some(kind.into()),
        label: Some(Cardinality::Optional.into()),
        ..FieldDescriptorProto::default()
    };
    let order = DescriptorProto {
        name: Some("Order".to_owned()),
        field: vec![
            field("order_id", 1, Type::String),
            field("count", 2, Type::Int64),
            field("total", 4, Type::Double),
        ],
        ..DescriptorProto::default()
    };
    let method = MethodDescriptorProto {
        name: Some("GetOrder".to_owned()),
        input_type: Some(".shop.v1.Order".to_owned()),
        output_type: Some(".shop.v1.Order".to_owned()),
        ..MethodDescriptorProto::default()
    };
    let service = ServiceDescriptorProto {
        name: Some("Orders".to_owned()),
        method: vec![method],
        ..ServiceDescriptorProto::default()
    };
    let file = FileDescriptorProto {
        name: Some("shop.proto".to_owned()),
        package: Some("shop.v1".to_owned()),
        syntax: Some("proto3".to_owned()),
        message_type: vec![order],
        service: vec![service],
        ..FileDescriptorProto::default()
    };
    FileDescriptorSet { file: vec![file] }.encode_to_vec()
}
