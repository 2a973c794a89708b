//! Partners, staff and jobs: the callers that are not customers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::call::{Auth, Call, Client, Recorder, Service};
use super::fulfillment::WAREHOUSES;
use super::people::{Company, Partner, Staff};
use crate::json::Json;
use crate::object;
use crate::words::BROWSERS;

/// Orders that a partner has brought over the years.
const PARTNER_ORDERS: i64 = 2_100;

/// A partner fetches its orders and reports its stock.
pub(super) fn partner_sync(company: &Company, recorder: &mut Recorder) {
    let Some(partner) = company.partners.get(recorder.rng.below(company.partners.len())) else { return };
    let mut client = Client { ip: partner.ip.clone(), agent: partner.agent.into(), ..Client::default() };
    if !partner.key_in_query {
        client.auth = Auth::Key(partner.key.clone());
    }
    // One of them once asks for everything, and gets it: years of orders in one answer.
    let everything = company.orders.len() >= 60 && recorder.rng.chance(0.05);
    let call = Call::plain(Service::Shop, "GET", "/partner/v1/orders");
    let call = keyed(call.query("limit", if everything { 5000 } else { 50 }), partner);
    let brief = |number: i64, cents: i64| object! { "order_id" => number, "total" => Json::Hundredths(cents), "status" => "paid" };
    let newest = company.orders.last().map_or(0, |order| order.number);
    let items = if everything {
        let mut older = |back: i64| brief(newest - back, recorder.rng.between(1_500, 40_000));
        Json::array((0..PARTNER_ORDERS).map(&mut older).collect::<Vec<_>>())
    } else {
        Json::array(company.orders.iter().rev().take(3).map(|order| brief(order.number, order.cents)))
    };
    let answer = object! { "items" => items, "total" => PARTNER_ORDERS };
    recorder.send(&client, call.answer(200, &answer));
    recorder.wait(2);
    let lines = (0..2).filter_map(|_| {
        let product = recorder.rng.below(company.products.len());
        company.products.get(product).map(|p| object! { "sku" => &p.sku, "quantity" => recorder.rng.between(0, 400) })
    });
    let body = object! { "levels" => Json::array(lines.collect::<Vec<_>>()) };
    let call = keyed(Call::plain(Service::Shop, "POST", "/partner/v1/stock-levels").body(&body), partner);
    recorder.send(&client, call.answer(202, &object! { "accepted" => 2 }));
    if recorder.rng.chance(0.1) {
        let payouts = object! { "payouts" => Json::array([object! {
            "partner" => partner.name, "iban" => &partner.iban, "amount" => Json::Hundredths(recorder.rng.between(20_000, 900_000)),
        }]) };
        recorder
            .send(&client, keyed(Call::plain(Service::Payments, "GET", "/v1/payouts"), partner).answer(200, &payouts));
    }
}

fn keyed(call: Call, partner: &Partner) -> Call {
    if partner.key_in_query { call.query("api_key", &partner.key) } else { call }
}

/// Someone of the back office helps a customer.
pub(super) fn support_case(company: &Company, recorder: &mut Recorder) {
    let Some(staff) = company.staff.get(recorder.rng.below(company.staff.len())) else { return };
    let client = staff_client(staff);
    let customer = recorder.rng.pick_skewed(&company.customers);
    let found = object! { "items" => Json::array([customer.profile()]), "total" => 1 };
    let search = Call::plain(Service::Shop, "GET", "/admin/customers").query("email", &customer.email);
    recorder.send(&client, search.answer(200, &found));
    recorder.wait(12);
    let full = customer.profile().with("orders_count", 3).with("notes", "Asked for a gift box.").with("risk", "low");
    recorder.send(
        &client,
        Call::new(Service::Shop, "GET", "/admin/customers/{customerId}", &[customer.number]).answer(200, &full),
    );
    recorder.wait(40);
    let Some(order) = company.orders.get(recorder.rng.below(company.orders.len())) else { return };
    if recorder.rng.chance(0.35) {
        let call = Call::new(Service::Shop, "POST", "/admin/orders/{orderId}/refund", &[order.number]);
        let body = object! { "amount" => Json::Hundredths(order.cents / 2), "reason" => "damaged" };
        recorder
            .send(&client, call.body(&body).answer(200, &object! { "order_id" => order.number, "refunded" => true }));
        let pay = Client {
            ip: "10.20.1.14".into(),
            agent: "shop-api/2026.9".into(),
            caller: Some("shop-api"),
            ..Client::default()
        };
        let body = object! { "payment_id" => &order.payment, "amount" => Json::Hundredths(order.cents / 2) };
        recorder.send(
            &pay,
            Call::plain(Service::Payments, "POST", "/v1/refunds")
                .body(&body)
                .answer(201, &object! { "status" => "pending" }),
        );
    }
    if recorder.rng.chance(0.25) {
        let day = vedette_model::Timestamp(recorder.now - 86_400_000_000).to_string();
        let day = day.get(..10).unwrap_or_default().to_owned();
        let answer = object! { "date" => &day, "orders" => recorder.rng.between(60, 140), "revenue" => Json::Hundredths(recorder.rng.between(400_000, 1_900_000)) };
        recorder.send(&client, Call::new(Service::Shop, "GET", "/admin/reports/{date}", &[day]).answer(200, &answer));
    }
}

fn staff_client(staff: &Staff) -> Client {
    let agent = BROWSERS.get(staff.session.len() % BROWSERS.len()).copied().unwrap_or_default();
    Client {
        ip: staff.ip.clone(),
        agent: agent.into(),
        auth: Auth::Cookie(format!("admin_session={}", staff.session)),
        ..Client::default()
    }
}

/// The probe of the platform, every quarter of an hour; now and then it reads the environment too.
pub(super) fn health_probe(round: usize, recorder: &mut Recorder) {
    let probe = Client { ip: "10.20.0.5".into(), agent: "kube-probe/1.31".into(), ..Client::default() };
    let up = Call::plain(Service::Shop, "GET", "/actuator/health").answer(200, &object! { "status" => "UP" });
    recorder.send(&probe, up);
    if round % 40 == 11 {
        read_environment(&probe, recorder);
    }
}

/// The environment of the service, passwords and all.
pub(super) fn read_environment(client: &Client, recorder: &mut Recorder) {
    let value = |text: &str| object! { "value" => text };
    let answer = object! {
        "activeProfiles" => Json::array(["prod"]),
        "propertySources" => Json::array([object! { "name" => "systemEnvironment", "properties" => object! {
            "DB_URL" => value("jdbc:postgresql://db-shop-01.harbor.test:5432/shop"), "DB_USER" => value("shop_rw"),
            "DB_PASSWORD" => value("Quay-7Lantern-Granary"),
            "AWS_ACCESS_KEY_ID" => value("AKIAQ3VX7HARBOR2GDSP"),
            "AWS_SECRET_ACCESS_KEY" => value("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"),
        } }]),
    };
    recorder.send(client, Call::plain(Service::Shop, "GET", "/actuator/env").answer(200, &answer));
}

/// The nightly count of all warehouses, and the sync of every hour: a password in the clear on the inner network.
pub(super) fn count_stock(company: &Company, recorder: &mut Recorder) {
    let job = Client {
        ip: "10.20.7.9".into(),
        agent: "stock-sync/1.8".into(),
        auth: Auth::Basic(STANDARD.encode("stock-sync:anchor-and-chain")),
        caller: Some("stock-sync"),
        ..Client::default()
    };
    for warehouse in WAREHOUSES {
        let products = (0..3).map(|_| recorder.rng.below(company.products.len())).collect::<Vec<_>>();
        let line = |i: usize| company.products.get(i).map(|p| object! { "sku" => &p.sku, "available" => p.cents % 90 });
        let answer =
            object! { "warehouse" => *warehouse, "items" => Json::array(products.into_iter().filter_map(line)) };
        let call = Call::new(Service::Inventory, "GET", "/warehouses/{warehouseCode}/stock", &[warehouse]);
        recorder.send(&job, call.answer(200, &answer));
        recorder.wait(3);
    }
}
