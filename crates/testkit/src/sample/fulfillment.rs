//! What services do among each other: stock, payment, shipping.

use super::call::{Auth, Call, Client, Recorder, Service};
use super::people::{Company, Customer, Order, Product};
use crate::json::Json;
use crate::object;
use crate::values::HEX;

/// Warehouses by code.
pub(super) const WAREHOUSES: &[&str] = &["ham-1", "rtm-2", "gdn-1"];

fn shop(trace: Option<&String>) -> Client {
    Client {
        ip: "10.20.1.14".into(),
        agent: "shop-api/2026.9".into(),
        caller: Some("shop-api"),
        trace: trace.cloned(),
        ..Client::default()
    }
}

/// The shop asks for the stock of a product: in the clear, and without saying who asks.
pub(super) fn look_up(product: &Product, trace: Option<&String>, recorder: &mut Recorder) {
    let stock = WAREHOUSES.iter().map(|w| object! { "warehouse" => *w, "available" => recorder.rng.between(0, 90) });
    let answer = object! { "sku" => &product.sku, "stock" => Json::array(stock) };
    recorder
        .send(&shop(trace), Call::new(Service::Inventory, "GET", "/items/{sku}", &[&product.sku]).answer(200, &answer));
}

/// A customer pays; false when the payment failed.
pub(super) fn pay(customer: &Customer, payment: &str, cents: i64, client: &Client, recorder: &mut Recorder) -> bool {
    let body = object! {
        "amount" => Json::Hundredths(cents), "currency" => "EUR",
        "card" => object! { "number" => &customer.card, "exp_month" => 1 + customer.number % 12, "exp_year" => 2028, "cvc" => format!("{:03}", customer.number % 1000), "holder" => &customer.name },
    };
    let call = || Call::plain(Service::Payments, "POST", "/v1/payments").body(&body);
    match recorder.rng.below(100) {
        0..3 => {
            let trace = "java.lang.IllegalStateException: acquirer connection pool exhausted\n\tat com.harborgoods.payments.AcquirerClient.authorize(AcquirerClient.java:214)\n\tat com.harborgoods.payments.PaymentService.create(PaymentService.java:88)\n\tat org.springframework.web.servlet.DispatcherServlet.doDispatch(DispatcherServlet.java:1067)\nCaused by: org.postgresql.util.PSQLException: FATAL: remaining connection slots are reserved (db-pay-01.harbor.test:5432)";
            recorder
                .send(client, call().answer(500, &object! { "error" => "Internal Server Error", "trace" => trace }));
            false
        }
        3..8 => {
            let answer = object! { "error" => "card_declined", "message" => "The bank declined the payment" };
            recorder.send(client, call().answer(402, &answer));
            false
        }
        _ => {
            let answer = object! { "id" => payment, "status" => "authorized", "amount" => Json::Hundredths(cents), "card" => object! { "masked" => customer.masked_card(), "holder" => &customer.name } };
            recorder.send(client, call().answer(201, &answer));
            true
        }
    }
}

/// An order is packed: stock is reserved, the payment captured, the carrier told.
pub(super) fn ship(company: &Company, order: &Order, trace: Option<&String>, recorder: &mut Recorder) {
    let shop = shop(trace);
    let Some(customer) = company.customers.get(order.customer) else { return };
    for product in order.products.iter().filter_map(|p| company.products.get(*p)).take(2) {
        let answer =
            object! { "reservation_id" => recorder.rng.text(HEX, 12), "sku" => &product.sku, "warehouse" => "ham-1" };
        let call = Call::new(Service::Inventory, "POST", "/items/{sku}/reservations", &[&product.sku]);
        recorder.send(&shop, call.body(&object! { "order_id" => order.number, "quantity" => 1 }).answer(201, &answer));
    }
    let answer = object! { "id" => &order.payment, "status" => "captured" };
    let call = Call::new(Service::Payments, "POST", "/v1/payments/{paymentId}/capture", &[&order.payment]);
    recorder.send(&shop, call.body(&object! { "amount" => Json::Hundredths(order.cents) }).answer(200, &answer));
    let carrier = Client { auth: Auth::Key("sp_live_7Qm2ZxW9rT4kLp8VnB3cHd6J".into()), ..shop };
    let body = object! {
        "reference" => order.number, "recipient" => customer.address.clone().with("name", &customer.name).with("email", &customer.email).with("phone", &customer.phone),
        "parcel" => object! { "weight_grams" => 800 + (order.cents % 40) * 50 },
    };
    let answer = object! { "tracking_number" => &order.tracking, "status" => "label_created" };
    recorder.send(&carrier, Call::plain(Service::Carrier, "POST", "/v3/shipments").body(&body).answer(201, &answer));
    if recorder.rng.chance(0.4) {
        recorder.wait(600);
        let answer = object! { "tracking_number" => &order.tracking, "status" => "in_transit" };
        recorder.send(
            &carrier,
            Call::new(Service::Carrier, "GET", "/v3/tracking/{trackingNumber}", &[&order.tracking])
                .answer(200, &answer),
        );
    }
}
