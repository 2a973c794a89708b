//! HTTP API, login and live feed.
