/**
 * Every error code of `elt`: the exit status of its class, and its cause.
 * The tests check `docs/errors.md` against this table.
 *
 * Status: 2 the command is wrong; 3 a source cannot be read further; 4 done, but there is something to look at;
 * 5 a relation has changed and a person must decide; 6 a SQL file or a data test failed; 7 the database or
 * the disk refuses; 8 a target has not taken a mart in, which is published all the same; 70 an internal error;
 * 130 interrupted.
 */
export const ERROR_CODES = {
    NODE_TOO_OLD: { status: 2, cause: 'Node.js is older than 22.12, on which the database driver crashes.' },
    COMMAND_WRONG: { status: 2, cause: 'An unknown command, option or value.' },
    ADDRESS_TAKEN: { status: 2, cause: 'The server cannot listen on that address and port.' },
    SOURCE_NOT_FOUND: { status: 2, cause: 'No file or folder has that name.' },
    SOURCE_NOT_FOLLOWED: { status: 2, cause: 'The database follows no server.' },
    SOURCE_FOLLOWED: { status: 2, cause: 'A change stream was to be loaded into a database that follows a server.' },

    SOURCE_UNREADABLE: { status: 3, cause: 'The operating system refused to read the source.' },
    SOURCE_TRUNCATED: { status: 3, cause: 'The source ends inside a record or an array.' },
    SOURCE_NOT_UTF8: { status: 3, cause: 'A byte sequence is not UTF-8 (or the file is UTF-16).' },
    SOURCE_NOT_JSON: {
        status: 3,
        cause: 'The source holds something that is not JSON, and no record begins after it.',
    },
    SOURCE_COMPRESSION: { status: 3, cause: 'A gzip or zstd stream is damaged or ends early.' },
    SOURCE_CHANGED: { status: 3, cause: 'A file that was loaded before has other bytes now.' },
    SOURCE_OLDER: { status: 3, cause: 'A transaction is older than what has landed, and was never seen.' },
    SOURCE_NOT_CSV: { status: 3, cause: 'What was given as CSV is a web page, a document or a binary file.' },
    SOURCE_HEADER: { status: 3, cause: 'The header of a CSV source lacks a declared column or names one twice.' },
    SOURCE_UNREACHABLE: { status: 3, cause: 'The server of a source cannot be reached, or has ended the connection.' },
    SOURCE_REFUSED: {
        status: 3,
        cause: 'The server of a source lets nobody in under that user, password or certificate.',
    },
    SOURCE_UNFIT: { status: 3, cause: 'The server of a source cannot be followed as it is set up.' },
    SOURCE_DIFFERENT: { status: 3, cause: 'The server that answers is not the one that the database follows.' },
    SOURCE_DIVERGED: {
        status: 3,
        cause: 'The server that answers lacks changes that have landed: a standby took over, or it was restored.',
    },
    SLOT_LOST: {
        status: 3,
        cause: 'The replication slot or its publication is gone, or it was invalidated: changes are missing.',
    },
    SLOT_AHEAD: { status: 3, cause: 'The replication slot has given away changes that the database does not hold.' },
    OFFSET_LOST: { status: 3, cause: 'Messages of a topic were deleted before they landed.' },
    OFFSET_AHEAD: { status: 3, cause: 'A topic ends before what has landed of it, or holds other messages there now.' },
    TOPIC_RECREATED: { status: 3, cause: 'A topic was deleted and created again under the same name.' },
    TOPIC_MISSING: { status: 3, cause: 'The cluster has no topic of that name.' },
    TOPIC_FORMAT: { status: 3, cause: 'The messages of a topic are of another format than was said.' },
    RECORD_REJECTED: { status: 3, cause: 'A record cannot be decoded, and --strict was given.' },

    RECORDS_REJECTED: {
        status: 4,
        cause: 'The load is done, but some records could not be decoded and were put aside.',
    },
    CHECK_FOUND: { status: 4, cause: '"elt check --strict" found something that the stream does not contain.' },

    DRIFT_FROZEN: { status: 5, cause: 'A relation drifted, and the pipeline says `drift: freeze`.' },
    KEY_CHANGED: {
        status: 5,
        cause: 'The key of a relation changed, and its current table cannot follow with certainty.',
    },

    SQL_HEADER: { status: 6, cause: 'A line of the head of a SQL file is unknown or has a wrong value.' },
    SQL_FORBIDDEN: {
        status: 6,
        cause: 'A SQL file holds a dot-command, a transaction statement, attach, detach, a pragma or vacuum; or a question reads a table of elt that its head does not name.',
    },
    MODEL_OVERREACH: {
        status: 6,
        cause: 'A SQL file writes, alters or drops staging, a control table, or what belongs to another model.',
    },
    MODEL_UNFILLED: { status: 6, cause: 'The SQL file of a model fills no table or view that is named like it.' },
    MART_REFUSED: {
        status: 6,
        cause: 'A mart of one SELECT cannot be kept up to date as its file says.',
    },
    MART_KEY: {
        status: 6,
        cause: 'The SELECT of a mart gives several rows for a key, or a key that is null.',
    },
    PUSH_REFUSED: { status: 6, cause: 'A mart has no key by which its rows could be pushed.' },
    RUN_UNFINISHED: { status: 6, cause: 'A run of a printed script has not come to its end.' },
    ENGINE_SQL: { status: 6, cause: 'A SELECT has no translation for an engine that is sure to give the same values.' },
    ENGINE_REFUSED: { status: 6, cause: 'A model cannot be run on an engine other than SQLite.' },
    SQL_STATEMENT: { status: 6, cause: 'SQLite refuses a statement of a SQL file.' },
    SQL_TIMEOUT: { status: 6, cause: 'A statement of a SQL file took longer than the time limit.' },
    SQL_INCOMPLETE: { status: 6, cause: 'A SQL file ends inside a string, a comment or a statement.' },

    ENGINE_MISSING: { status: 2, cause: 'The program of an engine is not installed where it was looked for.' },
    PROJECT_MISSING: { status: 2, cause: 'No folder `sql/<pipeline>` or `migrations/` where the project should be.' },
    PROJECT_LINK: { status: 2, cause: 'A symbolic link in the project leads out of it.' },
    MODEL_UNKNOWN: { status: 2, cause: 'A name that is not a model, data test, table or migration of the pipeline.' },
    PULL_REFUSED: { status: 2, cause: 'A mart of a lake does not fit into this file, or is kept up to date in it.' },
    LAKE_BEHIND: { status: 2, cause: 'A lake lacks what a mart reads since the last push.' },
    LAKE_MISSING: { status: 2, cause: 'A folder is not the lake of a pipeline.' },
    SQL_CYCLE: { status: 6, cause: 'Models depend on each other in a cycle.' },
    SQL_DUPLICATE: { status: 6, cause: 'Two files of the pipeline have the same name.' },
    ROUTE_CLASH: { status: 6, cause: 'Two questions that are served together have the same route.' },
    TEST_FAILED: { status: 6, cause: 'A data test found rows.' },
    CASE_WRONG: { status: 6, cause: 'The rows that a case gives or expects do not fit the tables of the pipeline.' },
    CASE_FAILED: { status: 6, cause: 'A mart does not have the rows that a case expects.' },
    MODEL_WRONG: { status: 6, cause: 'A table of a model is not what its definition gives.' },
    MIGRATION_FAILED: { status: 6, cause: 'SQLite refuses a statement of a migration.' },
    MIGRATION_EDITED: { status: 6, cause: 'An applied migration is not the file that was applied.' },
    MIGRATION_MISSING: { status: 6, cause: 'The file of an applied migration is gone.' },
    MIGRATION_ORDER: { status: 6, cause: 'A new migration sorts before one that is applied.' },
    MIGRATION_NO_DOWN: { status: 6, cause: 'A migration has no file that undoes it.' },

    DATABASE_MISSING: { status: 7, cause: 'The database file does not exist.' },
    DATABASE_NOT_MIGRATED: { status: 7, cause: 'The database has no control tables yet.' },
    DATABASE_LOCKED: { status: 7, cause: 'Another process holds the write lock of the database.' },
    SLOT_ACTIVE: { status: 7, cause: 'Another connection holds the replication slot.' },
    LOAD_TAKEN_OVER: { status: 7, cause: 'Another process continued the same load between two of its commits.' },
    DATABASE_FULL: { status: 7, cause: 'The disk, or a page limit of the database, is full.' },
    DATABASE_REFUSED: { status: 7, cause: 'No permission, a read-only place, a folder instead of a file.' },
    DATABASE_FOREIGN: { status: 7, cause: 'The SQLite file belongs to another program.' },
    DATABASE_NEWER: { status: 7, cause: 'A newer elt has written the file.' },
    DATABASE_DAMAGED: { status: 7, cause: 'The file is not a SQLite database, or is damaged.' },
    DATABASE_IO: { status: 7, cause: 'The operating system failed to read or write the database.' },
    FILE_REFUSED: { status: 7, cause: 'The operating system refused to write a file that is not the database.' },
    STAGING_DAMAGED: { status: 7, cause: 'Staged rows are not those that the ledger counts and hashes.' },
    LAKE_SHARED_KEY: { status: 6, cause: 'Two sources of a lake have rows with the same key.' },
    LAKE_TAKEN_OVER: { status: 7, cause: 'Another run was published since this one began.' },
    LAKE_DAMAGED: { status: 7, cause: 'A file of a lake is not what was written.' },

    HOPS_TOO_FEW: {
        status: 8,
        cause: 'A row has got another key more often than a run on another engine follows it.',
    },
    ENGINE_FAILED: { status: 8, cause: 'An engine other than SQLite failed in a run.' },
    TARGET_UNREACHABLE: { status: 8, cause: 'The server of a target cannot be reached, or has ended the connection.' },
    TARGET_REFUSED: {
        status: 8,
        cause: 'The server of a target lets nobody in under that user, or refuses what a push needs.',
    },
    TARGET_FOREIGN: { status: 8, cause: 'A target holds rows that this database has not pushed.' },
    TARGET_DIFFERS: { status: 8, cause: 'The columns or the key of a target are not those of the mart.' },
    TARGET_AHEAD: { status: 8, cause: 'A target has taken in changes that the database does not know.' },
    PUSH_DIFFERENT: { status: 8, cause: '"elt push --verify" found rows that mart and target do not share.' },
    LAKE_FOREIGN: {
        status: 8,
        cause: 'A source of a lake is written by another database, or by another state of this one.',
    },
    TARGET_VALUE: { status: 8, cause: 'A value of a mart does not fit into the column of a target.' },

    BUG: { status: 70, cause: 'An internal error.' },
    INTERRUPTED: { status: 130, cause: 'Stopped by Ctrl-C or a signal.' },
} as const satisfies Record<string, { readonly status: number; readonly cause: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;
