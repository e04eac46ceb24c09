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
    readonly columns: readonly Column[];
    readonly identity: readonly Column[];
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
        const bytes = readFileSync(path);
        let from = 0;
        for (const [part, file] of files.entries()) {
            const share = Math.ceil((bytes.length * (part + 1)) / parts);
            const end = part + 1 === parts ? bytes.length : bytes.indexOf('\n', share) + 1;
            writeRecords(bytes.subarray(from, end), file);
            from = end;
        }
    }
    return files;
}

function writeRecords(lines: Buffer, file: string): void {
    const output = openSync(`${file}.part`, 'w');
    let separator = '[';
    for (let from = 0; from < lines.length; ) {
        const end = lines.indexOf('\n', from);
        // One line at a time: the file is larger than a string may be.
        const line = JSON.parse(lines.toString('utf8', from, end)) as Line;
        from = end + 1;
        if (['I', 'U', 'D'].includes(line.action)) {
            writeSync(output, `${separator}{"change": [${JSON.stringify(changeOf(line))}]}`);
            separator = ', ';
        }
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
