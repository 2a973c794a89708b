//! What customers do: look around, log in, buy, come back for their orders.

use super::call::{Auth, Call, Client, Recorder, Service};
use super::fulfillment;
use super::people::{Company, Customer, Order, trace_id};
use crate::json::Json;
use crate::object;
use crate::rng::Rng;
use crate::values::{self, ALPHANUMERIC, LOWER};
use crate::words::CATEGORIES;

/// Number of the first order: they are counted up.
const FIRST_ORDER: i64 = 48_210;
/// Where the web shop lives.
const WEB: &str = "https://www.harbor-goods.example.com";

/// One visit of one customer with a browser or the app.
pub(super) fn visit(company: &mut Company, recorder: &mut Recorder) {
    let who = recorder.rng.skewed(company.customers.len());
    let Some(customer) = company.customers.get(who) else { return };
    let app = customer.app_token.clone();
    let mut client = Client { ip: customer.ip.clone(), agent: customer.agent.to_owned(), ..Client::default() };
    match &app {
        Some(token) if customer.old_app => {
            // The version of last year sends a token that nobody signed; the shop takes it.
            client.agent = "HarborGoods/2.1 (Android 12)".into();
            client.auth = Auth::Bearer(if customer.number % 2 == 0 { unsigned(customer) } else { token.clone() });
        }
        Some(token) => {
            client.agent = "HarborGoods/4.6 (iOS 18.6)".into();
            client.auth = Auth::Bearer(token.clone());
        }
        None => client.web_origin = Some(WEB),
    }
    if app.is_some() && company.customers.get(who).is_some_and(|c| c.old_app) {
        return old_app_visit(company, who, &client, recorder);
    }
    look_around(company, app.is_some(), &client, recorder);
    if app.is_none() {
        if !recorder.rng.chance(0.62) {
            return;
        }
        let Some(customer) = company.customers.get(who) else { return };
        if recorder.rng.chance(0.08) {
            begin_again(customer, &client, recorder);
        }
        log_in(customer, &mut client, recorder);
    }
    account(company, who, &client, recorder);
    if recorder.rng.chance(0.45) {
        buy(company, who, &client, recorder);
    }
    look_after_orders(company, who, &client, recorder);
}

fn unsigned(customer: &Customer) -> String {
    let claims = object! { "sub" => format!("u_{}", customer.number), "scope" => "shop", "iat" => 1_780_000_000 };
    values::jwt(&mut Rng::new(customer.number as u64), "none", &claims)
}

fn look_around(company: &Company, app: bool, client: &Client, recorder: &mut Recorder) {
    if app {
        let call = home_feed(company, &mut recorder.rng);
        recorder.send(client, call);
    } else {
        recorder.send(client, categories());
    }
    recorder.wait(9);
    if app && recorder.rng.chance(0.6) {
        let call = product_card(company, &mut recorder.rng);
        recorder.send(client, call);
        recorder.wait(9);
    }
    for _ in 0..recorder.rng.between(1, 3) {
        let rng = &mut recorder.rng;
        let page: Vec<&_> = (0..5).map(|_| rng.pick_skewed(&company.products)).collect();
        let listed = Json::array(page.iter().map(|p| p.brief()));
        let call = match rng.below(3) {
            0 => Call::plain(Service::Shop, "GET", "/v2/search").query("q", rng.word(crate::words::PRODUCT_KINDS)),
            1 => Call::plain(Service::Shop, "GET", "/v2/products").query("page", rng.between(1, 6)).query("limit", 24),
            _ => {
                let (slug, name) = *rng.pick(CATEGORIES);
                Call::new(Service::Shop, "GET", "/v2/categories/{categorySlug}", &[slug])
                    .answer(200, &object! { "slug" => slug, "name" => name, "products" => listed.clone() })
            }
        };
        let listing = object! { "items" => listed, "total" => 72, "next_page" => 2 };
        recorder.send(client, if call.is_answered() { call } else { call.answer(200, &listing) });
        recorder.wait(14);
        product_page(company, client, recorder);
    }
}

fn product_page(company: &Company, client: &Client, recorder: &mut Recorder) {
    let rng = &mut recorder.rng;
    let product = rng.pick_skewed(&company.products);
    let reviews = rng.chance(0.35);
    let (gone, stock) = (rng.chance(0.02), rng.chance(0.3));
    if gone {
        let slug = format!("{}-set", product.slug);
        let answer = object! { "error" => "not_found", "message" => format!("No product '{slug}'") };
        recorder
            .send(client, Call::new(Service::Shop, "GET", "/v2/products/{productSlug}", &[slug]).answer(404, &answer));
        return;
    }
    let call = Call::new(Service::Shop, "GET", "/v2/products/{productSlug}", &[&product.slug]);
    recorder.send(client, call.answer(200, &product.full()));
    if stock {
        fulfillment::look_up(product, None, recorder);
    }
    recorder.wait(25);
    if reviews {
        let reviewers =
            (0..2).map(|i| company.customers.get((product.number as usize * 7 + i * 31) % company.customers.len()));
        let reviews = reviewers.flatten().map(|c| {
            object! { "author" => c.name.split(' ').next().unwrap_or_default(), "stars" => c.number % 3 + 3, "text" => "Lovely, and well packed." }
        });
        let answer = object! { "items" => Json::array(reviews) };
        let call = Call::new(Service::Shop, "GET", "/v2/products/{productSlug}/reviews", &[&product.slug]);
        recorder.send(client, call.answer(200, &answer));
        recorder.wait(12);
    }
}

fn categories() -> Call {
    let all = CATEGORIES.iter().map(|(slug, name)| object! { "slug" => *slug, "name" => *name });
    Call::plain(Service::Shop, "GET", "/v2/categories").answer(200, &object! { "items" => Json::array(all) })
}

fn home_feed(company: &Company, rng: &mut Rng) -> Call {
    let query = "query HomeFeed($first: Int!) { featured(first: $first) { id slug name price currency } }";
    let body = object! { "operationName" => "HomeFeed", "query" => query, "variables" => object! { "first" => 4 } };
    let featured = Json::array((0..4).map(|_| rng.pick_skewed(&company.products).brief()));
    let answer = object! { "data" => object! { "featured" => featured } };
    Call::plain(Service::Shop, "POST", "/graphql").body(&body).answer(200, &answer)
}

fn product_card(company: &Company, rng: &mut Rng) -> Call {
    let product = rng.pick_skewed(&company.products);
    let query = "query ProductCard($slug: String!) { product(slug: $slug) { id slug name sku price inStock } }";
    let variables = object! { "slug" => &product.slug };
    let body = object! { "operationName" => "ProductCard", "query" => query, "variables" => variables };
    let answer = object! { "data" => object! { "product" => product.full() } };
    Call::plain(Service::Shop, "POST", "/graphql").body(&body).answer(200, &answer)
}

fn log_in(customer: &Customer, client: &mut Client, recorder: &mut Recorder) {
    if recorder.rng.chance(0.12) {
        let wrong = object! { "email" => &customer.email, "password" => format!("{}!", customer.password) };
        let answer = object! { "error" => "invalid_credentials" };
        recorder.send(client, Call::plain(Service::Accounts, "POST", "/v1/login").body(&wrong).answer(401, &answer));
        recorder.wait(8);
    }
    let issued = recorder.now / 1_000_000;
    let claims = object! { "sub" => format!("u_{}", customer.number), "scope" => "shop", "iat" => issued, "exp" => issued + 3600 };
    let token = values::jwt(&mut recorder.rng, "RS256", &claims);
    let body = object! { "email" => &customer.email, "password" => &customer.password };
    let answer = object! { "access_token" => &token, "token_type" => "Bearer", "expires_in" => 3600, "user_id" => &customer.uuid };
    recorder.send(client, Call::plain(Service::Accounts, "POST", "/v1/login").body(&body).answer(200, &answer));
    client.auth = Auth::Bearer(token);
    recorder.wait(4);
}

/// Registers, or asks for a new password.
fn begin_again(customer: &Customer, client: &Client, recorder: &mut Recorder) {
    if recorder.rng.chance(0.5) {
        let body = object! { "email" => &customer.email };
        let call = Call::plain(Service::Accounts, "POST", "/v1/password-reset").body(&body);
        return recorder.send(client, call.answer(202, &object! { "status" => "mail_sent" }));
    }
    let short = object! { "name" => &customer.name, "email" => &customer.email, "password" => "short" };
    let refusal = object! { "error" => "invalid", "fields" => object! { "password" => "at least 10 characters" } };
    recorder.send(client, Call::plain(Service::Accounts, "POST", "/v1/register").body(&short).answer(422, &refusal));
    recorder.wait(15);
    let body = object! {
        "name" => &customer.name, "email" => &customer.email, "password" => &customer.password,
        "date_of_birth" => &customer.born,
    };
    let answer = object! { "user_id" => &customer.uuid, "customer_id" => customer.number };
    recorder.send(client, Call::plain(Service::Accounts, "POST", "/v1/register").body(&body).answer(201, &answer));
}

/// Looks at the address book, and sometimes changes it.
fn address_book(customer: &Customer, client: &Client, recorder: &mut Recorder) {
    let id = customer.number * 3 + 17;
    let entry = || customer.address.clone().with("id", id).with("name", &customer.name);
    let list = Call::plain(Service::Shop, "GET", "/v2/customers/me/addresses");
    recorder.send(client, list.answer(200, &object! { "items" => Json::array([entry()]) }));
    match recorder.rng.below(4) {
        0 => {
            let call = Call::plain(Service::Shop, "POST", "/v2/customers/me/addresses").body(&customer.address);
            recorder.send(client, call.answer(201, &entry()));
        }
        1 => recorder.send(client, Call::new(Service::Shop, "DELETE", "/v2/customers/me/addresses/{addressId}", &[id])),
        _ => {}
    }
}

fn account(company: &Company, who: usize, client: &Client, recorder: &mut Recorder) {
    let Some(customer) = company.customers.get(who) else { return };
    if recorder.rng.chance(0.55) {
        let me = Call::plain(Service::Shop, "GET", "/v2/customers/me").answer(200, &customer.profile());
        // The gateway repeats whatever origin asks, with credentials.
        let foreign = recorder.rng.chance(0.06);
        let origin = if foreign { "https://deals.coupon-finder.test" } else { WEB };
        let asking = Client { web_origin: client.web_origin.map(|_| origin), ..client.clone() };
        let me = match asking.web_origin {
            Some(origin) => me
                .answer_header("Access-Control-Allow-Origin", origin)
                .answer_header("Access-Control-Allow-Credentials", "true"),
            None => me,
        };
        recorder.send(&asking, me);
        recorder.wait(6);
    }
    if recorder.rng.chance(0.3) {
        let call = Call::new(Service::Accounts, "GET", "/v1/users/{userId}", &[&customer.uuid]);
        recorder.send(client, call.answer(200, &customer.account()));
    }
    if recorder.rng.chance(0.2) {
        address_book(customer, client, recorder);
    }
    if recorder.rng.chance(0.06) {
        let body = object! { "phone" => &customer.phone, "newsletter" => false };
        let call = Call::plain(Service::Shop, "PATCH", "/v2/customers/me").body(&body);
        recorder.send(client, call.answer(200, &customer.profile()));
    }
    if recorder.rng.chance(0.1) {
        let other = recorder.rng.pick(&company.customers);
        let items = Json::array(
            company.products.iter().skip(other.number as usize % 60).take(3).map(super::people::Product::brief),
        );
        let answer = object! { "id" => &other.wishlist, "title" => "Wedding", "items" => items };
        let call = Call::new(Service::Shop, "GET", "/v2/wishlists/{wishlistId}", &[&other.wishlist]);
        recorder.send(client, call.answer(200, &answer));
    }
    recorder.wait(9);
}

fn buy(company: &mut Company, who: usize, client: &Client, recorder: &mut Recorder) {
    let client = Client { trace: Some(trace_id(&mut recorder.rng)), ..client.clone() };
    let cart = values::uuid(&mut recorder.rng);
    let empty = object! { "id" => &cart, "items" => Json::Array(Vec::new()), "total" => Json::Hundredths(0) };
    recorder.send(
        &client,
        Call::plain(Service::Shop, "POST", "/v2/carts").body(&object! { "currency" => "EUR" }).answer(201, &empty),
    );
    let mut lines = Vec::new();
    for _ in 0..recorder.rng.between(1, 3) {
        recorder.wait(20);
        let index = recorder.rng.skewed(company.products.len());
        let Some(product) = company.products.get(index) else { return };
        let body = object! { "sku" => &product.sku, "quantity" => 1 };
        let call = Call::new(Service::Shop, "POST", "/v2/carts/{cartId}/items", &[&cart]).body(&body);
        if recorder.rng.chance(0.03) {
            recorder.send(&client, call.answer(409, &object! { "error" => "out_of_stock", "message" => "Sold out" }));
            continue;
        }
        lines.push(index);
        let total = lines.iter().filter_map(|p| company.products.get(*p)).map(|p| p.cents).sum();
        recorder.send(
            &client,
            call.answer(201, &object! { "id" => &cart, "count" => lines.len(), "total" => Json::Hundredths(total) }),
        );
        fulfillment::look_up(product, client.trace.as_ref(), recorder);
    }
    let dropped = if recorder.rng.chance(0.12) { lines.pop() } else { None };
    if let Some(product) = dropped.and_then(|i| company.products.get(i)) {
        let call = Call::new(Service::Shop, "DELETE", "/v2/carts/{cartId}/items/{sku}", &[&cart, &product.sku]);
        recorder.send(&client, call);
    }
    recorder.wait(15);
    if lines.is_empty() || recorder.rng.chance(0.2) {
        let read = object! { "id" => &cart, "count" => lines.len() };
        return recorder
            .send(&client, Call::new(Service::Shop, "GET", "/v2/carts/{cartId}", &[&cart]).answer(200, &read));
    }
    check_out(company, who, &cart, lines, &client, recorder);
}

fn check_out(
    company: &mut Company,
    who: usize,
    cart: &str,
    lines: Vec<usize>,
    client: &Client,
    recorder: &mut Recorder,
) {
    let Some(customer) = company.customers.get(who) else { return };
    let cents = lines.iter().filter_map(|p| company.products.get(*p)).map(|p| p.cents).sum();
    let payment = format!("pay_{}", recorder.rng.text(ALPHANUMERIC, 16));
    if !fulfillment::pay(customer, &payment, cents, client, recorder) {
        return;
    }
    let order = Order {
        number: FIRST_ORDER + i64::try_from(company.orders.len()).unwrap_or(0),
        customer: who,
        products: lines,
        cents,
        payment,
        tracking: format!("SP{}", recorder.rng.text(values::DIGITS, 10)),
        placed_at: recorder.now,
    };
    let body = object! { "cart_id" => cart, "payment_id" => &order.payment, "ship_to" => customer.address.clone().with("name", &customer.name) };
    recorder
        .send(client, Call::plain(Service::Shop, "POST", "/v2/orders").body(&body).answer(201, &order.json(company)));
    fulfillment::ship(company, &order, client.trace.as_ref(), recorder);
    company.orders.push(order);
}

fn look_after_orders(company: &Company, who: usize, client: &Client, recorder: &mut Recorder) {
    let own: Vec<&Order> = company.orders.iter().rev().filter(|o| o.customer == who).take(4).collect();
    if own.is_empty() || recorder.rng.chance(0.25) {
        return;
    }
    let brief = |o: &&Order| object! { "id" => o.number, "status" => "paid", "total" => Json::Hundredths(o.cents) };
    let answer = object! { "items" => Json::array(own.iter().map(brief)), "total" => own.len() };
    recorder.send(client, Call::plain(Service::Shop, "GET", "/v2/orders").query("limit", 20).answer(200, &answer));
    recorder.wait(7);
    let order = *recorder.rng.pick(&own);
    let read = Call::new(Service::Shop, "GET", "/v2/orders/{orderId}", &[order.number]);
    recorder.send(client, read.answer(200, &order.json(company)));
    if recorder.rng.chance(0.6) {
        recorder.wait(9);
        // The link in the mail works without logging in; so does every neighbor's.
        let mailed = Client { auth: Auth::None, web_origin: None, ..client.clone() };
        let with = if recorder.rng.chance(0.3) { &mailed } else { client };
        let answer = object! {
            "order_id" => order.number, "carrier" => "SwiftParcel", "tracking_number" => &order.tracking,
            "recipient" => company.customers.get(who).map(|c| c.address.clone().with("name", &c.name).with("phone", &c.phone)),
        };
        recorder.send(
            with,
            Call::new(Service::Shop, "GET", "/v2/orders/{orderId}/shipment", &[order.number]).answer(200, &answer),
        );
    }
    if recorder.rng.chance(0.3) {
        // The invoice opens in a new tab, with the token in its address.
        let Auth::Bearer(token) = &client.auth else { return };
        let tab = Client { auth: Auth::None, ..client.clone() };
        let answer = object! { "invoice" => format!("HG-{}", order.number), "total" => Json::Hundredths(order.cents), "vat_rate" => 19 };
        let call =
            Call::new(Service::Shop, "GET", "/v2/orders/{orderId}/invoice", &[order.number]).query("token", token);
        recorder.send(&tab, call.answer(200, &answer));
    }
    if recorder.rng.chance(0.05) {
        let answer = object! { "id" => order.number, "status" => "cancelled" };
        let call = Call::new(Service::Shop, "POST", "/v2/orders/{orderId}/cancel", &[order.number]);
        recorder.send(client, call.body(&object! { "reason" => "changed_mind" }).answer(200, &answer));
    } else if recorder.rng.chance(0.04) {
        let foreign = order.number - recorder.rng.between(1, 3);
        let answer = object! { "error" => "forbidden", "message" => "Not your order" };
        recorder.send(client, Call::new(Service::Shop, "GET", "/v2/orders/{orderId}", &[foreign]).answer(403, &answer));
    }
}

/// The app of last year: version 1, whose answers announce its end.
fn old_app_visit(company: &mut Company, who: usize, client: &Client, recorder: &mut Recorder) {
    let Some(customer) = company.customers.get(who) else { return };
    let listed = Json::array(
        company.products.iter().skip(customer.number as usize % 60).take(4).map(super::people::Product::brief),
    );
    let call = Call::plain(Service::Shop, "GET", "/v1/products").query("offset", 0).answer(200, &listed);
    recorder.send(client, deprecated(call));
    for _ in 0..recorder.rng.between(1, 4) {
        recorder.wait(20);
        let product = recorder.rng.pick_skewed(&company.products);
        let call = Call::new(Service::Shop, "GET", "/v1/products/{productId}", &[product.number]);
        recorder.send(client, deprecated(call.answer(200, &product.full())));
    }
    // Version 1 never asked who wants to know.
    let anonymous = Client { auth: Auth::None, ..client.clone() };
    let call = Call::new(Service::Shop, "GET", "/v1/customers/{customerId}", &[customer.number]);
    recorder.send(&anonymous, deprecated(call.answer(200, &customer.profile())));
    recorder.wait(9);
    if recorder.rng.chance(0.5) {
        buy(company, who, client, recorder);
    }
    look_after_orders(company, who, client, recorder);
    if recorder.rng.chance(0.3) {
        let device = recorder.rng.text(LOWER, 24);
        let body = object! { "device_id" => device, "platform" => "android", "locale" => "en-GB" };
        let answer = object! { "registered" => true };
        recorder.send(
            client,
            deprecated(Call::plain(Service::Shop, "POST", "/v1/devices").body(&body).answer(201, &answer)),
        );
    }
}

fn deprecated(call: Call) -> Call {
    call.answer_header("Deprecation", "@1767225600")
        .answer_header("Sunset", "Thu, 31 Dec 2026 23:59:59 GMT")
        .answer_header("X-Powered-By", "PHP/7.4.3")
        .answer_header("X-Backend-Server", "shop-legacy-02.harbor.test")
}
