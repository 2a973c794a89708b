-- What people decided about incidents and actors. Each row keeps what is needed to show it, to teach by it and to erase it
-- when what it is about is no longer known: an incident of which nothing is told any more must still teach.

CREATE TABLE incident_judgments (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    incident TEXT NOT NULL,
    state TEXT NOT NULL,
    verdict TEXT,
    reason TEXT,
    owner TEXT,
    closed_at BIGINT,
    actor TEXT NOT NULL,
    identifiers TEXT NOT NULL,
    title TEXT NOT NULL,
    severity TEXT NOT NULL,
    kinds TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, incident)
);

CREATE TABLE actor_judgments (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    actor TEXT NOT NULL,
    identifiers TEXT NOT NULL,
    state TEXT,
    reason TEXT,
    until_at BIGINT,
    updated_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, actor)
);

-- Comments were of findings only. The column `finding` now holds the id of whatever the subject is; it keeps its name, so
-- that dumps of the schema before still fit.
ALTER TABLE comments ADD COLUMN subject TEXT NOT NULL DEFAULT 'finding';
