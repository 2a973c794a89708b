-- The control plane's first schema. One text for SQLite and PostgreSQL: only TEXT and BIGINT (both databases and the
-- driver's common types have them), times in microseconds since 1970 in columns that end in _at, lists as JSON text,
-- truth as 0 and 1. Every row that belongs to a tenant says so first.

CREATE TABLE tenants (
    id TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE users (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    services TEXT NOT NULL,
    password TEXT,
    subject TEXT,
    totp TEXT,
    totp_confirmed BIGINT NOT NULL,
    totp_step BIGINT NOT NULL,
    disabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    login_at BIGINT,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX users_by_name ON users (tenant, name);
CREATE UNIQUE INDEX users_by_subject ON users (tenant, subject);

CREATE TABLE recovery_codes (
    tenant TEXT NOT NULL,
    user_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (tenant, user_id, hash),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
);

CREATE TABLE sessions (
    hash TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_user ON sessions (tenant, user_id, created_at);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE tokens (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    scopes TEXT NOT NULL,
    services TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    used_at BIGINT,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX tokens_by_hash ON tokens (hash);

CREATE TABLE triage (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    finding TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    until_at BIGINT,
    owner TEXT,
    updated_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, finding)
);

CREATE TABLE comments (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    finding TEXT NOT NULL,
    id TEXT NOT NULL,
    author TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, finding, id)
);

CREATE TABLE hunts (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    statement TEXT NOT NULL,
    parameters TEXT NOT NULL,
    owner TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE settings (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
);

CREATE TABLE documents (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    service TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, kind, id)
);

CREATE TABLE document_versions (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    document_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, kind, document_id, version),
    FOREIGN KEY (tenant, kind, document_id) REFERENCES documents (tenant, kind, id) ON DELETE CASCADE
);

CREATE TABLE changes (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    service TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (tenant, seq)
);

CREATE TABLE counters (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
);

CREATE TABLE audit (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL,
    address TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (tenant, seq)
);

CREATE TABLE audit_heads (
    tenant TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    base_seq BIGINT NOT NULL,
    base_hash TEXT NOT NULL,
    mac TEXT NOT NULL
);

CREATE TABLE idempotency (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    principal TEXT NOT NULL,
    name TEXT NOT NULL,
    request TEXT NOT NULL,
    status BIGINT,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, principal, name)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);
