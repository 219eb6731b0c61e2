CREATE TABLE users (
  id       TEXT NOT NULL PRIMARY KEY,
  name     TEXT NOT NULL,
  provider TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE connections (
  id   TEXT NOT NULL PRIMARY KEY,
  user TEXT NOT NULL REFERENCES users (id),
  idle INTEGER NOT NULL DEFAULT 0 CHECK (idle IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX connections_of_user ON connections (user, idle);

-- `key` is the chat's short name inside this file: it is repeated in every row and index entry of its messages.
CREATE TABLE chats (
  key        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('group', 'private')),
  history    TEXT NOT NULL CHECK (history IN ('kept', 'off')),
  owner      TEXT NOT NULL,
  rev        INTEGER NOT NULL CHECK (rev > 0),
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX group_chats ON chats (key) WHERE kind = 'group';

CREATE TABLE members (
  chat INTEGER NOT NULL REFERENCES chats (key) ON DELETE CASCADE,
  user TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (chat, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX chats_of_member ON members (user);

CREATE TABLE reads (
  chat INTEGER NOT NULL,
  user TEXT NOT NULL,
  pos  INTEGER NOT NULL,
  PRIMARY KEY (chat, user),
  FOREIGN KEY (chat, user) REFERENCES members (chat, user) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Clustered by chat and place, so that a page of history is one short walk through neighbouring rows.
CREATE TABLE messages (
  chat        INTEGER NOT NULL REFERENCES chats (key) ON DELETE CASCADE,
  pos         INTEGER NOT NULL,
  rev         INTEGER NOT NULL,
  id          TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('message', 'created', 'joined', 'left')),
  author      TEXT NOT NULL,
  author_name TEXT NOT NULL,
  text        TEXT NOT NULL,
  at          TEXT NOT NULL,
  edited_at   TEXT,
  deleted_at  TEXT,
  PRIMARY KEY (chat, pos),
  -- Ids made by clients begin with the time: in this order new ones are neighbours, whichever chats they are for.
  UNIQUE (id, chat)
) STRICT, WITHOUT ROWID;
-- Only what changed after its birth: for the rest the place says it, and an index entry less is written per message.
CREATE INDEX messages_changed ON messages (chat, rev) WHERE rev > pos;
