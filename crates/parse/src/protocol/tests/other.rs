//! SOAP, XML, multipart, events, language models, WebSockets.

use vedette_model::{WebSocket, WebSocketMessage};

use super::*;

const ENVELOPE: &str = r#"<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><t>1</t></soap:Header><soap:Body><m:GetOrderRequest xmlns:m="urn:shop"><m:id>0042</m:id><m:line sku="a">2</m:line><m:line>3</m:line></m:GetOrderRequest></soap:Body></soap:Envelope>"#;

#[test]
fn soap_actions_are_told_by_header_or_body() {
    let request = r#"{"id":"0042","line":[{"@sku":"a","$text":2},3]}"#;
    let answer = ENVELOPE.replace("GetOrderRequest", "GetOrderResponse");
    let mut call = exchange("/ws", ("text/xml", ENVELOPE.as_bytes()), ("text/xml", answer.as_bytes()));
    assert_eq!(told(&call), [format!("soap GetOrderRequest {request} -> {request}")]);
    call.request_headers.push("SOAPAction", "\"urn:shop/GetOrder\"");
    assert_eq!(told(&call), [format!("soap GetOrder {request} -> {request}")]);
    let twelve =
        ENVELOPE.replace("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope");
    let media = "application/soap+xml; charset=utf-8; action=\"http://shop.example/Order/Read\"";
    let fault = r#"<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text>bad id</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>"#;
    let call = exchange("/ws", (media, twelve.as_bytes()), ("application/soap+xml", fault.as_bytes()));
    let fault = r#"{"Code":{"Value":"e:Sender"},"Reason":{"Text":"bad id"}}"#;
    assert_eq!(told(&call), [format!("soap Read {request} -> {fault} !400 Sender")]);
}

#[test]
fn xml_becomes_json() {
    for (xml, json) in [
        ("<a/>", r#"{"a":null}"#),
        ("<a>1</a>", r#"{"a":1}"#),
        ("<a>007</a>", r#"{"a":"007"}"#),
        ("<a b='true' xmlns='x'>t</a>", r#"{"a":{"@b":true,"$text":"t"}}"#),
        ("<n:a><n:b>x</n:b><b>y</b></n:a>", r#"{"a":{"b":["x","y"]}}"#),
        ("<a><![CDATA[1 < 2]]> &amp; \"</a>", r#"{"a":"1 < 2 & \""}"#),
        ("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>", r#"{"a":"?"}"#),
        ("<a><b>1</b>", r#"{"a":{"b":1}}"#),
        ("<a>1</wrong>", r#"{"a":1}"#),
    ] {
        let call = exchange("/x", ("application/xml", xml.as_bytes()), ("application/xml", b""));
        assert_eq!(told(&call), [format!("- - {json} -> (whole)")], "{xml}");
    }
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let wide = format!("<a>{}</a>", (0..100_000).map(|n| format!("<b{n}/>")).collect::<Vec<_>>().concat());
    for xml in [deep, wide] {
        let call = exchange("/x", ("text/xml", xml.as_bytes()), ("", b""));
        assert_eq!(told(&call).len(), 1);
    }
}

#[test]
fn multipart_fields_are_told_and_files_by_name() {
    let body = "preamble\r\n--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\na@b.example\r\n--x\r\n\
                Content-Disposition: form-data; name=\"doc\"; filename=\"cv.pdf\"\r\nContent-Type: application/pdf\r\n\r\n\
                %PDF\r\n--x\r\nno headers\r\n--x--\r\nafter";
    let upload = exchange("/upload", ("multipart/form-data; boundary=\"x\"", body.as_bytes()), ("", b""));
    let calls = Protocols::default().read(&upload);
    let fields: Vec<_> = calls[0].form.iter().map(|field| (field.name.as_ref(), field.value.as_deref())).collect();
    assert_eq!(fields, [("email", Some("a@b.example")), ("doc", None)]);
    let cut = &body.as_bytes()[..body.find("%PDF").unwrap()];
    let upload = exchange("/upload", ("multipart/form-data; boundary=x", cut), ("", b""));
    assert_eq!(Protocols::default().read(&upload)[0].form.len(), 2);
    let none = exchange("/upload", ("multipart/form-data", body.as_bytes()), ("", b""));
    assert!(told(&none).is_empty());
}

#[test]
fn events_are_documents() {
    let stream = ": hello\n\nevent: tick\ndata: {\"n\":1}\n\ndata: plain\n\ndata:{\"n\":2}\n\n";
    let call = exchange("/events", ("", b""), ("text/event-stream; charset=utf-8", stream.as_bytes()));
    assert_eq!(told(&call), [r#"sse - (whole) -> {"n":1} | {"n":2}"#]);
    let calls = Protocols::default().read(&call);
    assert_eq!(calls[0].measure(Measure::Received), Some(3));
}

#[test]
fn language_models_tell_model_tokens_and_tools() {
    let chat = r#"{"model":"gpt-x","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"refund"}},{"type":"web_search"}]}"#;
    let media = "application/json";
    let gemini = r#"{"contents":[{"parts":[{"text":"hi"}]}]}"#;
    let anthropic = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}\n\n\
                     event: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":15}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    let openai = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
    for (path, request, (kind, answer), model, tokens) in [
        (
            "/v1/chat/completions",
            chat,
            (media, r#"{"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29}}"#),
            "gpt-x",
            Some((19, 10)),
        ),
        ("/openai/v1/chat/completions", chat, ("text/event-stream", openai), "gpt-x", Some((9, 2))),
        ("/v1/messages", chat, ("text/event-stream", anthropic), "gpt-x", Some((25, 15))),
        (
            "/v1beta/models/gem-2:generateContent",
            gemini,
            (media, r#"{"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":6}}"#),
            "gem-2",
            Some((4, 6)),
        ),
        ("/ask", chat, (media, r#"{"answer":"x"}"#), "gpt-x", None),
    ] {
        let call = exchange(path, (media, request.as_bytes()), (kind, answer.as_bytes()));
        let calls = Protocols::default().read(&call);
        assert_eq!(calls.len(), 1, "{path}");
        assert_eq!(labels(&calls[0], Label::Model), [model], "{path}");
        let counted = calls[0].measure(Measure::InputTokens).zip(calls[0].measure(Measure::OutputTokens));
        assert_eq!(counted, tokens, "{path}");
        if request == chat {
            assert_eq!(labels(&calls[0], Label::Tool), ["refund", "web_search"]);
        }
    }
}

#[test]
fn websockets_tell_their_messages() {
    let mut opened = exchange("/live", ("", b""), ("", b""));
    opened.status = 101;
    opened.request_headers.push("Upgrade", "websocket");
    assert_eq!(told(&opened), ["websocket - (whole) -> (whole)"]);
    let message = |from_client, text: &'static str| WebSocketMessage {
        from_client,
        bytes: text.len() as u64,
        text: Some(text.into()),
    };
    let messages =
        vec![message(true, r#"{"subscribe":"a"}"#), message(false, r#"{"price":1}"#), message(false, "ping")];
    opened.websocket = Some(Box::new(WebSocket { sent: 1, received: 2, messages, ..WebSocket::default() }));
    assert_eq!(told(&opened), [r#"websocket - {"subscribe":"a"} -> {"price":1}"#]);
    opened.request_headers.0[0].1 = "h2c".into();
    opened.websocket = None;
    assert!(told(&opened).is_empty());
}

#[test]
fn recorded_messages_are_read_from_har() {
    let entry = r#"{"request":{"method":"GET","url":"wss://a.example/live"},"response":{"status":101},"_webSocketMessages":[
        {"type":"send","time":1.5,"opcode":1,"data":"{\"a\":1}"},{"type":"receive","opcode":2,"data":"AAECAwQF"}]}"#;
    let exchange = crate::har::entry(entry).unwrap();
    let socket = exchange.websocket.as_ref().unwrap();
    assert_eq!((socket.sent, socket.received), (1, 1));
    assert_eq!(
        socket.messages.iter().map(|one| (one.bytes, one.text.as_deref())).collect::<Vec<_>>(),
        [(7, Some(r#"{"a":1}"#)), (6, None)]
    );
    assert_eq!(told(&exchange), [r#"websocket - {"a":1} -> "#]);
}
