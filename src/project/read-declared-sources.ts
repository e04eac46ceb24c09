import { basename, join } from 'node:path';
import { EltError } from '../core/errors.ts';
import { didYouMeanOrList } from '../core/nearest-name.ts';
import { splitStatements } from '../sql/statements.ts';
import { type DeclaredTable, declaredTable } from '../sqlite/declared-table.ts';
import {
    type DeclaredColumn,
    type DeclaredFormat,
    type DeclaredSource,
    MESSAGE_FORMATS,
    ROW_TYPES,
    type RowType,
} from './declared-source.ts';
import { type HeaderKey, headError, headerValue, parseHeader } from './file-head.ts';
import { readSqlFile, sqlFileNames } from './sql-files.ts';

const KEYS: readonly HeaderKey[] = [
    { name: 'files' },
    { name: 'topics' },
    { name: 'format', values: ['csv', 'json', 'jsonl', 'wal2json', 'debezium', 'avro'] },
    { name: 'delimiter', values: [',', ';', 'tab'] },
    { name: 'commit_rows' },
    { name: 'row' },
    { name: 'why' },
];

const COMMIT_ROWS_MAX = 100_000;

/**
 * Reads `sql/<pipeline>/sources/<table>.sql`. The head names the files (`-- files: events*.jsonl`) or topics (`-- topics: events*`) and their format
 * (`-- format:`, `-- delimiter:`, `-- commit_rows:`); one `create table` declares the columns, which of them are
 * required (`not null`) and the key (`primary key`). The statement is never run in the database.
 */
export function readDeclaredSources(sqlFolder: string, pipeline: string): readonly DeclaredSource[] {
    return sqlFileNames(join(sqlFolder, pipeline, 'sources')).map((name) => {
        const { file, text } = readSqlFile(sqlFolder, pipeline, `sources/${name}`);
        return declaredSourceOf(text, file);
    });
}

/** Parses a declaration; `file` is its name as it is shown, and its base name is the table's. */
export function declaredSourceOf(text: string, file: string): DeclaredSource {
    const head = parseHeader(text, file, KEYS);
    const declared = declarationOf(text, file);
    const columns = declared.columns.map((column) => columnOf(column, file));
    const key = declared.columns.filter((column) => column.keyPlace > 0);
    const delimiter = headerValue(head, 'delimiter');
    const format = headerValue(head, 'format');
    const messages = MESSAGE_FORMATS.find((one) => one === format) ?? null;
    return {
        schema: 'public',
        table: declared.table,
        isCopy: false,
        files: patternsOf(headerValue(head, 'files')),
        topics: patternsOf(headerValue(head, 'topics')),
        messages,
        format: messages === null || messages === 'json' ? ((format as DeclaredFormat | undefined) ?? null) : null,
        delimiter: delimiter === 'tab' ? '\t' : (delimiter ?? null),
        columns,
        key: key.sort((left, right) => left.keyPlace - right.keyPlace).map((column) => column.name),
        commitRows: commitRowsOf(headerValue(head, 'commit_rows'), file),
        file,
    };
}

function patternsOf(text = ''): readonly string[] {
    return text.split(',').flatMap((pattern) => pattern.trim() || []);
}

function declarationOf(text: string, file: string): DeclaredTable {
    const statements = splitStatements(text, file);
    const [statement] = statements;
    if (statement === undefined || statements.length !== 1 || statement.kind !== 'create') {
        throw headError(file, statements[1]?.line ?? statement?.line ?? 1, {
            message: `a source is declared by one "create table" statement, and "${file}" is not`,
            found: `${statements.length} statements`,
            next: 'leave one "create table" in the file',
        });
    }
    const declared = tryDeclaration(statement.sql, file, statement.line);
    const expected = basename(file, '.sql');
    if (declared?.table !== expected) {
        throw headError(file, statement.line, {
            message: `"${file}" must declare the table that it is named after`,
            found: `${declared?.table ?? 'no table'}; expected ${expected}`,
            next: 'rename the file or the table',
        });
    }
    return declared;
}

function tryDeclaration(sql: string, file: string, line: number): DeclaredTable | undefined {
    try {
        return declaredTable(sql);
    } catch (cause) {
        throw new EltError({
            code: 'SQL_STATEMENT',
            message: `SQLite cannot read the declaration in "${file}"`,
            where: `${file}:${line}`,
            next: 'correct the statement',
            cause,
        });
    }
}

function columnOf({ name, type, isRequired }: DeclaredTable['columns'][number], file: string): DeclaredColumn {
    const known = type === '' ? 'text' : type;
    if (!Object.hasOwn(ROW_TYPES, known)) {
        const names = Object.keys(ROW_TYPES);
        throw headError(file, 1, {
            message: `column "${name}" of "${file}" has the unknown type "${type}"`,
            found: didYouMeanOrList(known, names, 'types'),
            next: 'correct the type',
        });
    }
    return { name, type: known as RowType, required: isRequired };
}

function commitRowsOf(text: string | undefined, file: string): number | null {
    if (text === undefined) {
        return null;
    }
    if (!/^[1-9]\d{0,5}$/.test(text) || Number(text) > COMMIT_ROWS_MAX) {
        throw headError(file, 1, {
            message: `the head of "${file}" has a wrong value for the key "commit_rows"`,
            found: `"${text}"; expected a whole number from 1 to ${COMMIT_ROWS_MAX}`,
            next: 'correct the number',
        });
    }
    return Number(text);
}
