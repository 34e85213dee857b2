-- Schema version 1.

PRAGMA application_id = 1464223025; -- "WFE1"
PRAGMA user_version = 1;

-- Who owns the database. held is 1 while the owner of this epoch has the lock
-- file, clean 1 after it gave the ownership back. name is of the database, made up.
CREATE TABLE owner(
	id    INTEGER NOT NULL PRIMARY KEY CHECK(id = 0),
	name  TEXT NOT NULL,
	epoch INTEGER NOT NULL,
	batch INTEGER NOT NULL,
	host  TEXT NOT NULL,
	clean INTEGER NOT NULL,
	held  INTEGER NOT NULL
) STRICT;
INSERT INTO owner(id, name, epoch, batch, host, clean, held) VALUES(0, lower(hex(randomblob(16))), 0, 0, '', 1, 0);

CREATE TABLE definition(
	hash    TEXT NOT NULL PRIMARY KEY,
	name    TEXT NOT NULL,
	version INTEGER NOT NULL,
	body    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- k is in order of start: what is started together moves together.
CREATE TABLE instance(
	k          INTEGER NOT NULL PRIMARY KEY,
	id         TEXT NOT NULL UNIQUE,
	def        TEXT NOT NULL,
	ref        TEXT NOT NULL,
	uniq       INTEGER NOT NULL,
	status     TEXT NOT NULL,
	reason     TEXT NOT NULL,
	rev        INTEGER NOT NULL,
	ready      INTEGER NOT NULL,
	born       INTEGER NOT NULL,
	created    INTEGER NOT NULL,
	ended      INTEGER NOT NULL,
	start_hash BLOB NOT NULL,
	head       BLOB NOT NULL,
	parent     TEXT NOT NULL,
	artifacts  INTEGER NOT NULL
) STRICT;
CREATE INDEX instance_ready ON instance(ready) WHERE ready = 1;
CREATE INDEX instance_artifacts ON instance(artifacts) WHERE artifacts = 1;
CREATE INDEX instance_parent ON instance(parent) WHERE parent <> '';
-- What is listed comes in the order of (created, k). Most instances are complete:
-- they need no index of their own.
CREATE INDEX instance_created ON instance(created);
CREATE INDEX instance_def ON instance(def, created);
CREATE INDEX instance_status ON instance(status, created) WHERE status <> 'complete';
CREATE INDEX instance_ref ON instance(ref, created) WHERE ref <> '';
CREATE INDEX instance_ended ON instance(ended) WHERE ended <> 0;

CREATE TABLE cell(
	k    INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	ptr  INTEGER NOT NULL,
	idx  INTEGER NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY(k, kind, ptr, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE timer(
	due INTEGER NOT NULL,
	k   INTEGER NOT NULL,
	ptr INTEGER NOT NULL,
	gen INTEGER NOT NULL,
	PRIMARY KEY(due, k, ptr)
) STRICT, WITHOUT ROWID;

CREATE TABLE sub(
	name  TEXT NOT NULL,
	key   TEXT NOT NULL,
	k     INTEGER NOT NULL,
	ptr   INTEGER NOT NULL,
	gen   INTEGER NOT NULL,
	after INTEGER NOT NULL,
	since INTEGER NOT NULL,
	PRIMARY KEY(name, key, k, ptr)
) STRICT, WITHOUT ROWID;

-- Numbers of events and messages are remembered outside of the database, so they
-- are not used again when rows are deleted.
-- A signal is an event for the instance whose id is its key. expires is the last
-- instant there is for what is kept for ever.
CREATE TABLE event(
	seq       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	name      TEXT NOT NULL,
	key       TEXT NOT NULL,
	signal    INTEGER NOT NULL,
	pubid     TEXT NOT NULL,
	published INTEGER NOT NULL,
	ttl       INTEGER NOT NULL,
	expires   INTEGER NOT NULL,
	payload   BLOB NOT NULL,
	round     INTEGER NOT NULL DEFAULT 0,
	done      INTEGER NOT NULL DEFAULT 0,
	taken     INTEGER NOT NULL DEFAULT 0,
	failed    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX event_topic ON event(name, key, signal);
CREATE UNIQUE INDEX event_pubid ON event(name, key, signal, pubid) WHERE pubid <> '';
CREATE INDEX event_open ON event(done) WHERE done = 0 OR taken = 0;
CREATE INDEX event_expires ON event(expires);
CREATE INDEX event_failed ON event(failed) WHERE failed = 1;
CREATE INDEX event_signal ON event(key, taken) WHERE signal = 1;

-- Events that are not visible yet.
CREATE TABLE event_later(
	n       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	due     INTEGER NOT NULL,
	name    TEXT NOT NULL,
	key     TEXT NOT NULL,
	signal  INTEGER NOT NULL,
	pubid   TEXT NOT NULL,
	ttl     INTEGER NOT NULL,
	payload BLOB NOT NULL
) STRICT;
CREATE INDEX event_later_due ON event_later(due);
CREATE UNIQUE INDEX event_later_pubid ON event_later(name, key, signal, pubid) WHERE pubid <> '';
CREATE INDEX event_later_signal ON event_later(key) WHERE signal = 1;

CREATE TABLE inbox(
	n       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	request TEXT NOT NULL,
	class   TEXT NOT NULL,
	target  TEXT NOT NULL,
	body    BLOB NOT NULL
) STRICT;
CREATE INDEX inbox_target ON inbox(target) WHERE target <> '';
CREATE UNIQUE INDEX inbox_request ON inbox(request) WHERE request <> '';

CREATE TABLE reply(
	request TEXT NOT NULL PRIMARY KEY,
	at      INTEGER NOT NULL,
	code    TEXT NOT NULL,
	text    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reply_at ON reply(at);
