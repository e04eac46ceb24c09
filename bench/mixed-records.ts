import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { type Input, sampleFile } from './workshop.ts';

/** The mixed sample, which is format 2, as records of format 1: what all rivals read. */

interface Column {
    readonly name: string;
    readonly type: string;
    readonly value: unknown;
}

interface Line {
    readonly action: string;
    readonly table: string;
    readonly timestamp: string;
    readonly columns: readonly Column[];
    readonly identity: readonly Column[];
    readonly pk: readonly Column[];
}

/** The same records as one file. */
export function mixedFile(records: number): Input {
    const [path = ''] = written(records, 1);
    return { path, bytes: statSync(path).size };
}

/** In two files, so that changes reach rows of an earlier run. */
export function mixedInTwo(records: number): readonly string[] {
    return written(records, 2);
}

function written(records: number, parts: number): readonly string[] {
    const { path } = sampleFile(records, 'changes');
    const files = Array.from({ length: parts }, (_, part) => path.replace(/\.json$/, `-${part + 1}-of-${parts}.json`));
    if (!files.every((file) => existsSync(file))) {
        const lines = readFileSync(path)
            .toString('latin1')
            .split('\n')
            .filter((line) => line.includes('"action":'));
        for (const [part, file] of files.entries()) {
            const share = Math.ceil(lines.length / parts);
            writeRecords(lines.slice(part * share, (part + 1) * share), file);
        }
    }
    return files;
}

/** Bytes are read and written as they are, so that no text is decoded. */
function writeRecords(lines: readonly string[], file: string): void {
    const output = openSync(`${file}.part`, 'w');
    let separator = '[';
    for (const text of lines) {
        const line = JSON.parse(text) as Line;
        if (!['I', 'U', 'D'].includes(line.action)) {
            continue;
        }
        writeSync(output, `${separator}{"change": [${JSON.stringify(changeOf(line))}]}`, null, 'latin1');
        separator = ', ';
    }
    writeSync(output, ']\n');
    closeSync(output);
    renameSync(`${file}.part`, file);
}

function changeOf({ action, table, columns, identity }: Line): Record<string, unknown> {
    const named = (prefix: string, list: readonly Column[]): Record<string, unknown> => ({
        [`${prefix}names`]: list.map(({ name }) => name),
        [`${prefix}types`]: list.map(({ type }) => type),
        [`${prefix}values`]: list.map(({ value }) => value),
    });
    return {
        kind: { I: 'insert', U: 'update', D: 'delete' }[action],
        schema: 'public',
        table,
        ...(action === 'D' ? {} : named('column', columns)),
        ...(action === 'I' ? {} : { oldkeys: named('key', identity) }),
    };
}
