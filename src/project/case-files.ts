import { join } from 'node:path';
import { EltError } from '../core/errors.ts';
import { type SqlStatement, splitStatements } from '../sql/statements.ts';
import { type HeaderEntry, type HeaderKey, headError, parseHeader } from './file-head.ts';
import { decodeFileName } from './model-files.ts';
import { CASE_ENDING, readSqlFile, sqlFileNames } from './sql-files.ts';

/** A case of a mart, from `tests/<mart>.case.sql`: rows that are given, and the rows that the mart then has. */
export interface MartCase {
    readonly mart: string;
    /** What its line `-- case:` says. */
    readonly name: string;
    readonly file: string;
    /** Line of `-- case:`. */
    readonly line: number;
    /** The whole file, for errors. */
    readonly text: string;
    /** Inserts into the tables that are given, and into the mart: the rows that are expected. */
    readonly statements: readonly SqlStatement[];
    /** `-- expect: no rows`. */
    readonly expectsNoRows: boolean;
}

const KEYS: readonly HeaderKey[] = [{ name: 'case' }, { name: 'why' }, { name: 'expect', values: ['no rows'] }];

/** The cases of a pipeline, in order of file and line. */
export function readCases(sqlFolder: string, pipeline: string): readonly MartCase[] {
    const names = sqlFileNames(join(sqlFolder, pipeline, 'tests')).filter((name) => name.endsWith(CASE_ENDING));
    return names.flatMap((name) => {
        const { file, text } = readSqlFile(sqlFolder, pipeline, `tests/${name}`);
        return casesOf(decodeFileName(name.slice(0, -CASE_ENDING.length)), file, text);
    });
}

/** A block of comments between two statements, with the entries that it holds. */
interface Block {
    readonly offset: number;
    readonly entries: readonly HeaderEntry[];
}

/** The cases of one file: each begins with a line `-- case: what it shows`. */
export function casesOf(mart: string, file: string, text: string): readonly MartCase[] {
    const statements = splitStatements(text, file);
    const cases: { head: HeaderEntry; statements: SqlStatement[]; expectsNoRows: boolean }[] = [];
    const add = (block: Block): void => {
        for (const entry of block.entries) {
            const current = cases.at(-1);
            if (entry.key === 'case') {
                cases.push({ head: entry, statements: [], expectsNoRows: false });
            } else if (entry.key === 'expect' && current !== undefined) {
                current.expectsNoRows = true;
            }
        }
    };
    const blocks = [...commentBlocks(text, file, statements)];
    for (const statement of statements) {
        while (blocks[0] !== undefined && blocks[0].offset < statement.offset) {
            add(blocks.shift() as Block);
        }
        const current = cases.at(-1);
        if (current === undefined) {
            throw headError(file, statement.line, {
                message: `"${file}" does not say what its first case shows`,
                found: 'no line "-- case:" before the first statement',
                next: 'add one above it, such as "-- case: a refund takes its amount away"',
            });
        }
        current.statements.push(statement);
    }
    blocks.forEach(add);
    refuseSame(cases, file);
    return cases.map(({ head, ...rest }) => ({ mart, name: head.value, file, line: head.line, text, ...rest }));
}

function refuseSame(cases: readonly { readonly head: HeaderEntry }[], file: string): void {
    const lines = new Map<string, number>();
    for (const { head } of cases) {
        const first = lines.get(head.value);
        if (first !== undefined) {
            throw headError(file, head.line, {
                message: `two cases of "${file}" are called "${head.value}"`,
                found: `lines ${first} and ${head.line}`,
                next: 'say of each what it shows',
            });
        }
        lines.set(head.value, head.line);
    }
}

/** The comments that begin a line outside of statements, in blocks of lines that follow each other. */
function* commentBlocks(text: string, file: string, statements: readonly SqlStatement[]): Generator<Block> {
    const isInStatement = (offset: number): boolean =>
        statements.some((one) => one.offset <= offset && offset < one.offset + one.sql.length);
    let lines: string[] = [];
    let start = { offset: 0, line: 1 };
    let offset = 0;
    for (const [index, content] of text.split('\n').entries()) {
        const isComment = content.startsWith('--') && !isInStatement(offset);
        if (isComment) {
            start = lines.length === 0 ? { offset, line: index } : start;
            lines.push(content);
        } else if (lines.length > 0) {
            yield blockOf(lines, start, file);
            lines = [];
        }
        offset += content.length + 1;
    }
    if (lines.length > 0) {
        yield blockOf(lines, start, file);
    }
}

/** The lines above it are left blank, so that the places of its entries are those of the file. */
function blockOf(
    lines: readonly string[],
    start: { readonly offset: number; readonly line: number },
    file: string,
): Block {
    const entries = parseHeader(`${'\n'.repeat(start.line)}${lines.join('\n')}`, file, KEYS);
    return { offset: start.offset, entries };
}

/** The rows of a case are wrong: what it is about, its place, and what to do. */
export function caseError(
    one: Pick<MartCase, 'file'>,
    line: number,
    facts: { readonly message: string; readonly found?: string | undefined; readonly next: string },
): EltError {
    return new EltError({
        code: 'CASE_WRONG',
        where: `${one.file}:${line}`,
        state: 'nothing was changed: a case runs in a database of its own',
        ...facts,
    });
}
