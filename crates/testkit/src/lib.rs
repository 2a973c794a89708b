//! Fixtures and the traffic generator (development only).
