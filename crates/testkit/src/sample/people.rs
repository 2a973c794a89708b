//! Who and what there is at Harbor Goods: customers, products, partners, staff.

use crate::json::Json;
use crate::object;
use crate::rng::Rng;
use crate::values::{self, ALPHANUMERIC, HEX, LOWER};
use crate::words::{BROWSERS, CATEGORIES, CITIES, PRODUCT_KINDS, PRODUCT_QUALITIES, STREETS};

/// Customers.
const CUSTOMERS: usize = 200;
/// Number of the first customer: ids are counted up.
const FIRST_CUSTOMER: i64 = 10_231;
/// Products.
const PRODUCTS: usize = 72;
/// Number of the first product.
const FIRST_PRODUCT: i64 = 501;

/// Everybody and everything.
pub(super) struct Company {
    pub(super) customers: Vec<Customer>,
    pub(super) products: Vec<Product>,
    pub(super) partners: Vec<Partner>,
    pub(super) staff: Vec<Staff>,
    /// Orders so far.
    pub(super) orders: Vec<Order>,
}

/// A customer with an account.
pub(super) struct Customer {
    pub(super) number: i64,
    pub(super) uuid: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) born: String,
    pub(super) address: Json,
    pub(super) password: String,
    pub(super) password_hash: String,
    pub(super) card: String,
    pub(super) ip: String,
    pub(super) agent: &'static str,
    /// Uses the app, with this token, valid for a year.
    pub(super) app_token: Option<String>,
    /// Uses the version of the app that still speaks to v1.
    pub(super) old_app: bool,
    pub(super) wishlist: String,
}

/// A product.
pub(super) struct Product {
    pub(super) number: i64,
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) sku: String,
    pub(super) cents: i64,
    pub(super) category: &'static str,
}

/// A company that sells through the shop.
pub(super) struct Partner {
    pub(super) name: &'static str,
    pub(super) key: String,
    pub(super) ip: String,
    pub(super) agent: &'static str,
    pub(super) iban: String,
    /// Sends its key in the query.
    pub(super) key_in_query: bool,
}

/// Someone of the back office.
pub(super) struct Staff {
    pub(super) ip: String,
    pub(super) session: String,
}

/// An order.
pub(super) struct Order {
    pub(super) number: i64,
    pub(super) customer: usize,
    pub(super) products: Vec<usize>,
    pub(super) cents: i64,
    pub(super) payment: String,
    pub(super) tracking: String,
    pub(super) placed_at: i64,
}

impl Company {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Rng::labeled(seed, "company");
        let customers = (0..CUSTOMERS).map(|i| customer(&mut rng, i)).collect();
        let products = products(&mut rng);
        let partner = |(name, agent, key_in_query): (&'static str, &'static str, bool), rng: &mut Rng| Partner {
            name,
            key: format!("hgp_{}", rng.text(ALPHANUMERIC, 32)),
            ip: values::public_ip(rng),
            agent,
            iban: values::iban(rng),
            key_in_query,
        };
        let partners = [
            ("Northwind Ceramics", "python-requests/2.32.3", false),
            ("Tidewater Textiles", "Apache-HttpClient/5.3 (Java/21.0.4)", false),
            ("Oak & Anchor", "node-fetch/3.3", true),
            ("Lumen Lighting", "Go-http-client/2.0", false),
        ];
        let partners = partners.into_iter().map(|p| partner(p, &mut rng)).collect();
        let staff = (0..6).map(|i| Staff { ip: format!("10.10.4.{}", 21 + i), session: rng.text(LOWER, 40) }).collect();
        Self { customers, products, partners, staff, orders: Vec::new() }
    }
}

fn customer(rng: &mut Rng, index: usize) -> Customer {
    let (first, last) = values::person(rng);
    let (city, postal_code, country) = *rng.pick(CITIES);
    let number = FIRST_CUSTOMER + i64::try_from(index).unwrap_or(0);
    let uses_app = rng.chance(0.4);
    let issued = 1_770_000_000 + rng.between(0, 15_000_000);
    let claims =
        object! { "sub" => format!("u_{number}"), "scope" => "shop", "iat" => issued, "exp" => issued + 31_536_000 };
    Customer {
        number,
        uuid: values::uuid(rng),
        name: format!("{first} {last}"),
        email: values::email(rng, first, last),
        phone: values::phone(rng, country),
        born: format!("{}-{:02}-{:02}", rng.between(1948, 2006), rng.between(1, 12), rng.between(1, 28)),
        address: object! {
            "street" => format!("{} {}", rng.between(1, 160), rng.word(STREETS)),
            "postal_code" => postal_code, "city" => city, "country" => country,
        },
        password: format!("{}{}", values::slug(rng), rng.below(900) + 100),
        password_hash: format!("$2b$12${}", rng.text(ALPHANUMERIC, 53)),
        card: values::card(rng),
        ip: values::public_ip(rng),
        agent: rng.word(BROWSERS),
        app_token: uses_app.then(|| values::jwt(rng, "HS256", &claims)),
        old_app: rng.chance(0.22),
        wishlist: rng.text(LOWER, 12),
    }
}

fn products(rng: &mut Rng) -> Vec<Product> {
    let mut products: Vec<Product> = Vec::new();
    while products.len() < PRODUCTS {
        let name = format!("{} {}", rng.word(PRODUCT_QUALITIES), rng.word(PRODUCT_KINDS));
        if products.iter().all(|p| p.name != name) {
            products.push(Product {
                number: FIRST_PRODUCT + i64::try_from(products.len()).unwrap_or(0),
                slug: values::slugify(&name),
                sku: format!("HG-{}-{}", rng.text(b"ABCDEFGHKLMNPRSTVX", 3), rng.between(1000, 9999)),
                cents: rng.between(8, 240) * 100 - 1,
                category: rng.pick(CATEGORIES).0,
                name,
            });
        }
    }
    products
}

impl Customer {
    /// The profile that a customer sees.
    pub(super) fn profile(&self) -> Json {
        object! {
            "id" => self.number, "name" => &self.name, "email" => &self.email, "phone" => &self.phone,
            "date_of_birth" => &self.born, "address" => self.address.clone(), "newsletter" => self.number % 3 == 0,
        }
    }

    /// The account as the accounts service stores it, with more than anybody should see.
    pub(super) fn account(&self) -> Json {
        object! {
            "id" => &self.uuid, "customer_id" => self.number, "name" => &self.name, "email" => &self.email,
            "password_hash" => &self.password_hash, "mfa_enabled" => self.number % 5 == 0, "last_login_ip" => &self.ip,
            "roles" => Json::array(["customer"]),
        }
    }

    /// The card as it may be shown.
    pub(super) fn masked_card(&self) -> String {
        format!("**** **** **** {}", self.card.get(12..).unwrap_or_default())
    }
}

impl Product {
    /// A line of a list.
    pub(super) fn brief(&self) -> Json {
        object! {
            "id" => self.number, "slug" => &self.slug, "name" => &self.name, "price" => Json::Hundredths(self.cents),
            "currency" => "EUR",
        }
    }

    /// The page of a product.
    pub(super) fn full(&self) -> Json {
        object! {
            "id" => self.number, "slug" => &self.slug, "name" => &self.name, "sku" => &self.sku,
            "price" => Json::Hundredths(self.cents), "currency" => "EUR", "category" => self.category,
            "description" => format!("A {} for every day, made to last.", self.name.to_lowercase()),
            "rating" => Json::Hundredths(350 + (self.number * 37) % 150), "in_stock" => self.number % 9 != 0,
        }
    }
}

impl Order {
    /// The order as its customer sees it.
    pub(super) fn json(&self, company: &Company) -> Json {
        let lines = self.products.iter().filter_map(|p| company.products.get(*p));
        let customer = company.customers.get(self.customer);
        object! {
            "id" => self.number, "status" => if self.number % 7 == 0 { "shipped" } else { "paid" },
            "placed_at" => vedette_model::Timestamp(self.placed_at / 1_000_000 * 1_000_000).to_string(),
            "customer_id" => customer.map(|c| c.number),
            "items" => Json::array(lines.map(|p| object! { "sku" => &p.sku, "quantity" => 1, "price" => Json::Hundredths(p.cents) })),
            "total" => Json::Hundredths(self.cents), "currency" => "EUR", "payment_id" => &self.payment,
            "ship_to" => customer.map(|c| c.address.clone().with("name", &c.name)),
        }
    }
}

/// A trace id (W3C Trace Context: 16 bytes).
pub(super) fn trace_id(rng: &mut Rng) -> String {
    rng.text(HEX, 32)
}
