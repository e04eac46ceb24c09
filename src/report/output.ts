import { escapeControls } from '../core/errors.ts';

export interface OutputOptions {
    /** Results as JSON on standard output. */
    readonly json: boolean;
    /** No notes and no progress. */
    readonly quiet: boolean;
}

/**
 * Where a command's words go: results to standard output, everything else to standard error. Text from data has its
 * control characters escaped, so that a table's name cannot drive a terminal.
 */
export interface Output extends OutputOptions {
    /** A line of a result, for people; nothing with `--json`. */
    readonly print: (line: string) => void;
    /** The result for machines; nothing without `--json`. */
    readonly result: (value: unknown) => void;
    /** A line on standard error; nothing with `--quiet`. */
    readonly note: (line: string) => void;
    /** Standard error is a terminal that a progress bar may use. */
    readonly showsProgress: boolean;
    readonly bold: (text: string) => string;
    readonly dim: (text: string) => string;
}

export function makeOutput(options: OutputOptions, environment: NodeJS.ProcessEnv = process.env): Output {
    const isColoured = process.stdout.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb';
    const style = (code: number) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[22m` : text);
    return {
        ...options,
        print: (line) => {
            if (!options.json) {
                process.stdout.write(`${isColoured ? escapeUnstyled(line) : escapeControls(line)}\n`);
            }
        },
        result: (value) => {
            if (options.json) {
                process.stdout.write(`${JSON.stringify(value, jsonValue)}\n`);
            }
        },
        note: (line) => {
            if (!options.quiet) {
                process.stderr.write(`${escapeControls(line)}\n`);
            }
        },
        showsProgress: process.stderr.isTTY === true && !options.quiet && environment.TERM !== 'dumb',
        bold: style(1),
        dim: style(2),
    };
}

/** The styles that `bold` and `dim` write stay; whatever else a line holds comes from data. */
function escapeUnstyled(line: string): string {
    return line
        .split(STYLE)
        .map((part, index) => (index % 2 === 1 ? part : escapeControls(part)))
        .join('');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const STYLE = /(\u001b\[(?:1|2|22)m)/;

/** JSON has no big integers and no bytes: text keeps both exactly. */
function jsonValue(_key: string, value: unknown): unknown {
    if (typeof value === 'bigint') {
        return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    }
    return Buffer.isBuffer(value) ? value.toString('base64') : value;
}
