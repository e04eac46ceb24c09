import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Pages whose commands need a PostgreSQL server: live.test.ts. */
export const PAGES_WITH_POSTGRES = ['docs/live.md', 'docs/first-contents.md'];

/** Pages whose commands need the servers to which marts are pushed: push.test.ts runs them. */
export const PAGES_WITH_TARGETS = ['docs/push.md'];

/** Pages whose commands need a Kafka broker: kafka.test.ts. */
export const PAGES_WITH_KAFKA = ['docs/kafka.md'];

/** A page of the documentation. */
export interface Page {
    /** `README.md`, `docs/analysts.md`. */
    readonly name: string;
    readonly text: string;
    readonly blocks: readonly Block[];
}

/** A fenced block. */
export interface Block {
    /** The word behind the fence: `console`, `sh`, `sql`, `diff`, … */
    readonly language: string;
    readonly lines: readonly string[];
    /** 1-based line of its first line. */
    readonly line: number;
    /** What a comment right above it says: `<!-- not run: … -->`, `<!-- file: … -->`. */
    readonly marker: { readonly key: string; readonly value: string } | null;
}

/** Every page: those in the root, and those of `docs/`. */
export function readPages(): readonly Page[] {
    const root = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
    const docs = (readdirSync(`${ROOT}docs`, { recursive: true }) as string[])
        .filter((name) => name.endsWith('.md'))
        .map((name) => `docs/${name}`);
    return [...root, ...docs].sort().map((name) => {
        const text = readFileSync(`${ROOT}${name}`, 'utf8');
        return { name, text, blocks: blocksOf(text) };
    });
}

function blocksOf(text: string): readonly Block[] {
    const lines = text.split('\n');
    const blocks: Block[] = [];
    for (let index = 0; index < lines.length; index++) {
        const language = /^```(\w*)$/.exec(lines[index] ?? '')?.[1];
        if (language === undefined) {
            continue;
        }
        const from = index + 1;
        const to = lines.indexOf('```', from);
        if (to < 0) {
            throw new Error(`a fence is not closed in line ${index + 1}`);
        }
        blocks.push({ language, lines: lines.slice(from, to), line: from + 1, marker: markerAbove(lines, index) });
        index = to;
    }
    return blocks;
}

function markerAbove(lines: readonly string[], fence: number): Block['marker'] {
    const above = lines[fence - 1] === '' ? lines[fence - 2] : lines[fence - 1];
    const match = /^<!-- ([a-z ]+): (.+) -->$/.exec(above ?? '');
    return match === null ? null : { key: match[1] as string, value: match[2] as string };
}
