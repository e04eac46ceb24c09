/**
 * Every error code of `elt`: the exit status of its class, its cause, and its mend.
 * `docs/errors.md` is checked against this table by the tests.
 *
 * Status: 2 the command is wrong; 3 a source cannot be read further; 4 done, but records were put aside;
 * 5 a relation drifted where the policy is freeze; 6 a SQL file or a data test failed; 7 the database or
 * the disk refuses; 70 a mistake of ours; 130 interrupted.
 */
export const ERROR_CODES = {
    NODE_TOO_OLD: { status: 2, cause: 'Node.js is older than 22.12, on which the database driver crashes.' },
    COMMAND_WRONG: { status: 2, cause: 'An unknown command, option or value.' },
    SOURCE_NOT_FOUND: { status: 2, cause: 'No file or folder has that name.' },

    SOURCE_UNREADABLE: { status: 3, cause: 'The operating system refused to read the source.' },
    SOURCE_TRUNCATED: { status: 3, cause: 'The source ends inside a record or an array.' },
    SOURCE_NOT_UTF8: { status: 3, cause: 'A byte sequence is not UTF-8 (or the file is UTF-16).' },
    SOURCE_NOT_JSON: { status: 3, cause: 'What stands between records is not JSON, and no record begins after it.' },
    SOURCE_COMPRESSION: { status: 3, cause: 'A gzip or zstd stream is damaged or ends early.' },
    SOURCE_CHANGED: { status: 3, cause: 'A file that was loaded before has other bytes now where it was read.' },
    RECORD_REJECTED: { status: 3, cause: 'A record cannot be decoded, and --strict was given.' },

    RECORDS_REJECTED: {
        status: 4,
        cause: 'The load is done, but some records could not be decoded and were put aside.',
    },

    SQL_HEADER: { status: 6, cause: 'A line of the head of a SQL file is unknown or has a wrong value.' },
    SQL_FORBIDDEN: {
        status: 6,
        cause: 'A SQL file holds a dot-command, a transaction statement, attach, detach or vacuum.',
    },
    SQL_STATEMENT: { status: 6, cause: 'SQLite refuses a statement of a SQL file.' },
    SQL_INCOMPLETE: { status: 6, cause: 'A SQL file ends inside a string, a comment or a statement.' },

    DATABASE_LOCKED: { status: 7, cause: 'Another process holds the write lock of the database.' },

    BUG: { status: 70, cause: 'A mistake of ours.' },
    INTERRUPTED: { status: 130, cause: 'Stopped by Ctrl-C or a signal.' },
} as const satisfies Record<string, { readonly status: number; readonly cause: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;
