//! Vocabulary: names of people, places and things, written for this generator. Nobody of these exists.

/// First names.
#[rustfmt::skip]
pub const FIRST_NAMES: &[&str] = &[
    "Amara", "Anton", "Beatriz", "Bilal", "Carla", "Cedric", "Dagny", "Daniel", "Elena", "Emeka", "Farah", "Felix",
    "Greta", "Hakon", "Hannah", "Ibrahim", "Imogen", "Ines", "Jakob", "Jamila", "Jonas", "Kenji", "Klara", "Lamine",
    "Leona", "Lucia", "Magnus", "Malika", "Marek", "Mirela", "Nadia", "Noor", "Nils", "Oksana", "Olivier", "Paula",
    "Petra", "Quentin", "Rafael", "Renata", "Rohan", "Sabine", "Samuel", "Sofia", "Stellan", "Tamar", "Teodor",
    "Thea", "Ulrich", "Valentina", "Viktor", "Wanda", "Xenia", "Yara", "Yusuf", "Zofia",
];

/// Last names.
#[rustfmt::skip]
pub const LAST_NAMES: &[&str] = &[
    "Abara", "Almeida", "Andersen", "Bakker", "Barros", "Bergstrom", "Blackwood", "Brandt", "Castell", "Chowdhury",
    "Corvino", "Dalgaard", "Demir", "Duarte", "Eklund", "Escobar", "Fairbanks", "Ferrand", "Fischer", "Galante",
    "Grimaldi", "Haddad", "Halloran", "Hartwig", "Holm", "Ivanov", "Jansen", "Kaplan", "Keller", "Kowalczyk",
    "Laurent", "Lindqvist", "Marchetti", "Mbeki", "Moreau", "Nakamura", "Novak", "Okafor", "Oliveira", "Ostrander",
    "Pereira", "Petrov", "Quiroga", "Rahman", "Rasmussen", "Ribeiro", "Sandoval", "Schreiber", "Sorensen", "Takeda",
    "Thorne", "Urbina", "Vasquez", "Verhoeven", "Wexler", "Whitlock", "Yilmaz", "Zielinski",
];

/// Streets, without number.
pub const STREETS: &[&str] = &[
    "Harbor Street",
    "Mill Lane",
    "Orchard Road",
    "Lighthouse Avenue",
    "Quay Road",
    "Chapel Hill",
    "Station Road",
    "Birch Walk",
    "Old Market",
    "Granary Row",
    "Canal Street",
    "Meadow Close",
    "Bridge Street",
    "Cooper Lane",
    "Weaver Street",
    "Kingfisher Drive",
    "Lindenstrasse",
    "Rue des Tilleuls",
    "Via del Porto",
    "Calle Mayor",
];

/// City, postal code and country.
pub const CITIES: &[(&str, &str, &str)] = &[
    ("Portland", "97205", "US"),
    ("Boston", "02110", "US"),
    ("Savannah", "31401", "US"),
    ("Bristol", "BS1 4ST", "GB"),
    ("Leeds", "LS1 3EX", "GB"),
    ("Hamburg", "20457", "DE"),
    ("Bremen", "28195", "DE"),
    ("Nantes", "44000", "FR"),
    ("Marseille", "13002", "FR"),
    ("Genoa", "16124", "IT"),
    ("Bilbao", "48001", "ES"),
    ("Rotterdam", "3011 AA", "NL"),
    ("Gothenburg", "411 03", "SE"),
    ("Aarhus", "8000", "DK"),
    ("Porto", "4050-253", "PT"),
    ("Gdansk", "80-831", "PL"),
];

/// Product categories: slug and name.
pub const CATEGORIES: &[(&str, &str)] = &[
    ("kitchen", "Kitchen"),
    ("garden-tools", "Garden tools"),
    ("lighting", "Lighting"),
    ("bath", "Bath"),
    ("outdoor", "Outdoor"),
    ("office", "Office"),
    ("textiles", "Textiles"),
    ("storage", "Storage"),
];

/// What products are like.
pub const PRODUCT_QUALITIES: &[&str] = &[
    "Oak", "Linen", "Copper", "Enamel", "Slate", "Walnut", "Brass", "Cotton", "Granite", "Bamboo", "Ceramic", "Woolen",
];

/// What products are.
pub const PRODUCT_KINDS: &[&str] = &[
    "Teapot",
    "Lantern",
    "Trowel",
    "Apron",
    "Shelf",
    "Bath Mat",
    "Desk Lamp",
    "Basket",
    "Picnic Blanket",
    "Bread Bin",
    "Watering Can",
    "Coat Hook",
    "Cutting Board",
    "Door Stop",
    "Candle Holder",
    "Planter",
];

/// Words that people name projects, repositories, teams, channels, tags and articles with. Several are also names
/// that APIs give to their own collections (`reports`, `status`, `users`): in real traffic the two meet.
#[rustfmt::skip]
pub const TOPICS: &[&str] = &[
    "access", "accounts", "admin", "agenda", "alerts", "almanac", "alpine", "amber", "anchor", "android", "apollo",
    "archive", "arrow", "atlas", "aurora", "autumn", "backend", "badge", "balance", "bamboo", "banner", "baseline",
    "beacon", "billing", "bistro", "blog", "blue", "bonsai", "books", "bridge", "bronze", "budget", "bundle",
    "cache", "calendar", "campaign", "canary", "candle", "canvas", "capital", "caravan", "catalog", "cedar",
    "charts", "checkout", "cinema", "cipher", "citrus", "clients", "cloud", "cobalt", "colors", "comet",
    "community", "compass", "config", "console", "contacts", "copper", "coral", "core", "corner", "cosmos",
    "courier", "crane", "cricket", "crystal", "daily", "dashboard", "data", "default", "delta", "demo", "design",
    "desktop", "devices", "digest", "docs", "dragon", "drift", "echo", "eclipse", "editor", "ember", "energy",
    "engine", "events", "express", "fabric", "falcon", "features", "fern", "finance", "firefly", "flow", "forest",
    "forge", "frontend", "fusion", "galaxy", "gallery", "garden", "gateway", "general", "ginger", "glacier",
    "global", "granite", "graph", "green", "guide", "harbor", "harvest", "hazel", "health", "helix", "horizon",
    "hub", "images", "import", "indigo", "infra", "insights", "invoices", "island", "jobs", "journal", "jungle",
    "jupiter", "kernel", "kiosk", "kitchen", "labels", "labs", "lantern", "launch", "ledger", "legacy", "library",
    "lighthouse", "limits", "lotus", "lunar", "mail", "main", "mango", "maple", "market", "marketing", "meadow",
    "members", "mercury", "meta", "mirror", "mobile", "monitor", "monsoon", "mosaic", "music", "nebula", "network",
    "news", "nightly", "north", "notes", "oasis", "ocean", "olive", "onboarding", "onyx", "opal", "orbit",
    "orchard", "orders", "origin", "otter", "packages", "panda", "paper", "parser", "patch", "payments", "pebble",
    "pepper", "phoenix", "photos", "pilot", "pine", "pixel", "planet", "platform", "plaza", "policy", "portal",
    "prairie", "premium", "prism", "products", "profile", "projects", "proxy", "public", "pulse", "quartz", "queue",
    "radar", "rain", "raven", "recipes", "red", "releases", "reports", "research", "river", "robin", "rocket",
    "roles", "router", "runner", "sage", "sales", "sandbox", "saturn", "scout", "search", "security", "sensor",
    "server", "settings", "shadow", "shop", "signal", "silver", "sketch", "sky", "solar", "spark", "sports",
    "spring", "staging", "starter", "stats", "status", "stone", "storage", "stories", "summer", "summit", "sunrise",
    "support", "survey", "sync", "tags", "tasks", "team", "tempo", "terra", "test", "theme", "thunder", "tiger",
    "timber", "toolkit", "topaz", "torch", "tracker", "trails", "travel", "tulip", "tundra", "updates", "users",
    "valley", "vault", "velvet", "violet", "vision", "voyage", "walnut", "warehouse", "water", "web", "weekly",
    "west", "wiki", "willow", "wind", "winter", "wonder", "workshop", "zenith", "zephyr", "zone",
];

/// Beginnings of host names and ends of log-in names.
pub const SUFFIXES: &[&str] = &["dev", "labs", "hq", "io", "team", "ops", "studio", "works", "data", "bot"];

/// User agents of browsers.
pub const BROWSERS: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
];

/// User agents of programs that call APIs.
pub const CLIENTS: &[&str] = &[
    "python-requests/2.32.3",
    "okhttp/4.12.0",
    "axios/1.7.9",
    "Go-http-client/2.0",
    "curl/8.9.1",
    "Apache-HttpClient/5.3 (Java/21.0.4)",
    "node-fetch/3.3",
    "PostmanRuntime/7.43.0",
];

/// What scanners ask every server for.
pub const SCANNER_PATHS: &[&str] = &[
    "/.env",
    "/wp-login.php",
    "/.git/config",
    "/phpmyadmin/index.php",
    "/admin.php",
    "/vendor/phpunit/phpunit/phpunit.xml",
    "/cgi-bin/luci",
    "/boaform/admin/formLogin",
    "/xmlrpc.php",
    "/server-status",
    "/solr/admin/info/system",
    "/.aws/credentials",
    "/config.json",
    "/backup.zip",
    "/owa/auth/logon.aspx",
    "/HNAP1",
    "/actuator/gateway/routes",
    "/console/login",
    "/telescope/requests",
    "/remote/fgt_lang",
    "/wp-content/plugins/readme.txt",
    "/.DS_Store",
    "/debug/default/view",
    "/login.action",
    "/geoserver/web",
];
