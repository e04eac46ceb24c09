import { escapeControls } from '../core/errors.ts';
import { jsonDocument } from './json-document.ts';

interface OutputOptions {
    /** Results as JSON on standard output. */
    readonly json: boolean;
    /** No notes and no progress. */
    readonly quiet: boolean;
}

/**
 * A command's output: results to standard output, everything else to standard error. Control characters are escaped,
 * so that text from data cannot control a terminal.
 */
export interface Output extends OutputOptions {
    /** Prints a line of a result, for people; nothing with `--json`. */
    readonly print: (line: string) => void;
    readonly printLines: (lines: readonly string[]) => void;
    /** Prints the result for machines; nothing without `--json`. */
    readonly result: (value: unknown) => void;
    /** Prints a line on standard error; nothing with `--quiet`. */
    readonly note: (line: string) => void;
    /** Standard error is a terminal on which progress may be drawn. */
    readonly showsProgress: boolean;
    readonly bold: (text: string) => string;
    readonly dim: (text: string) => string;
}

export function makeOutput(options: OutputOptions, environment: NodeJS.ProcessEnv = process.env): Output {
    const isColoured = process.stdout.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb';
    const style = (code: number) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[22m` : text);
    const print = (line: string): void => {
        if (!options.json) {
            process.stdout.write(`${isColoured ? escapeUnstyled(line) : escapeControls(line)}\n`);
        }
    };
    return {
        ...options,
        print,
        printLines: (lines) => lines.forEach(print),
        result: (value) => {
            if (options.json) {
                process.stdout.write(`${JSON.stringify(jsonDocument(value), jsonValue)}\n`);
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

/** Keeps the styles that `bold` and `dim` write; everything else in a line may come from data. */
function escapeUnstyled(line: string): string {
    return line
        .split(STYLE)
        .map((part, index) => (index % 2 === 1 ? part : escapeControls(part)))
        .join('');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const STYLE = /(\u001b\[(?:1|2|22)m)/;

/**
 * JSON has neither big integers nor bytes nor infinities: all are written exactly, as text. The value is read from its
 * holder, because JSON.stringify hands on what a Buffer's own `toJSON` has made of it.
 */
function jsonValue(this: unknown, key: string, given: unknown): unknown {
    const value = (this as Readonly<Record<string, unknown>>)[key];
    if (typeof value === 'bigint') {
        return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    }
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
        return String(value);
    }
    return Buffer.isBuffer(value) ? value.toString('base64') : given;
}
