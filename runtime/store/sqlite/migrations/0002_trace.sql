-- Schema version 2: the span context in which an event was published; empty is none.

PRAGMA user_version = 2;

ALTER TABLE event ADD COLUMN trace BLOB NOT NULL DEFAULT x'';
ALTER TABLE event_later ADD COLUMN trace BLOB NOT NULL DEFAULT x'';
