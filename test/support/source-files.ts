import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SourceFile {
    /** Relative to `src/`, e.g. `land/stager.ts`. */
    readonly name: string;
    readonly text: string;
    readonly lines: number;
    readonly imports: readonly Import[];
}

export interface Import {
    /** Relative to `src/` for our own modules, else the package's name. */
    readonly target: string;
    readonly line: number;
}

export interface FunctionLength {
    readonly name: string;
    readonly line: number;
    readonly lines: number;
}

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

/** Every file of `src/` with what it imports, statically or not. */
export function sourceFiles(): readonly SourceFile[] {
    return (readdirSync(SRC, { recursive: true }) as string[])
        .filter((name) => name.endsWith('.ts'))
        .sort()
        .map((name) => {
            const text = readFileSync(join(SRC, name), 'utf8');
            return { name, text, lines: text.split('\n').length - 1, imports: importsOf(name, text) };
        });
}

function importsOf(name: string, text: string): Import[] {
    const found = text.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'([^']+)'/g);
    return [...found].map((match) => {
        const specifier = match[1] as string;
        const own = specifier.startsWith('.');
        const target = own ? join(name, '..', specifier) : specifier;
        return { target, line: text.slice(0, match.index).split('\n').length };
    });
}

/**
 * Functions, methods and arrow functions with a body of their own lines, and their lengths, from the layout that the
 * formatter enforces: a body opens at the end of a line and closes on the first line of the same indent with `}`.
 * A closure is counted by itself and as part of what holds it. Text inside templates could only shorten what is found.
 */
export function functionLengths(text: string): FunctionLength[] {
    const lines = text.split('\n');
    const found: FunctionLength[] = [];
    for (const [index, line] of lines.entries()) {
        const indent = /^ */.exec(line)?.[0] ?? '';
        const opens = opener(lines, index);
        if (opens === null || line.trim() === '') {
            continue;
        }
        const end = lines.findIndex((other, at) => at > opens && new RegExp(`^${indent}}[;,)]*$`).test(other));
        if (end >= 0) {
            found.push({ name: line.trim(), line: index + 1, lines: end - index + 1 });
        }
    }
    return found;
}

const HEAD =
    /^ *(?:export )?(?:(?:async )?function\b|(?:private |static |readonly |override |async |get |set |\*)*#?[\w$]+\s*(?:<[^>]*>)?\(|(?:const|private readonly|readonly) [#\w$]+(?:: [^=]+)? = (?:async )?\()/;
const NOT_A_FUNCTION = /^ *(?:if|for|while|switch|catch|return|await|throw|new|else|do|try)\b/;

/** Index of the line on which the body of the function that begins on line `at` opens; null: none begins there. */
function opener(lines: readonly string[], at: number): number | null {
    const line = lines[at] ?? '';
    if (!HEAD.test(line) || NOT_A_FUNCTION.test(line) || /;$/.test(line)) {
        return null;
    }
    if (line.endsWith('{')) {
        return at;
    }
    const indent = /^ */.exec(line)?.[0] ?? '';
    const open = lines.findIndex((other, index) => index > at && new RegExp(`^${indent}\\S`).test(other));
    return open >= 0 && /^ *\).*\{$/.test(lines[open] ?? '') ? open : null;
}
