import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CLI, elt, NODE } from './elt.ts';

/** What a load of a large source through a pipe gave. */
export interface LargeLoad {
    readonly status: number | null;
    /** The one load, as `--json` tells it. */
    readonly load: Readonly<Record<string, unknown>>;
    readonly stderr: string;
    /** The most memory that the process ever had resident, in KiB. */
    readonly maxRssKib: number;
}

export type LargeKind = 'change' | 'transaction' | 'empty';

const WRITER = fileURLToPath(new URL('large-source.mjs', import.meta.url));
const WATCH =
    'data:text/javascript,process.on("exit",()=>process.stderr.write("maxRSS "+process.resourceUsage().maxRSS+"\\n"))';

/** Loads such a source (`large-source.mjs`) into a database that is made for it. */
export async function loadLarge(kind: LargeKind, number: number, db: string, cwd: string): Promise<LargeLoad> {
    const migrated = await elt(['--db', db, 'migrate'], { cwd });
    if (migrated.status !== 0) {
        throw new Error(migrated.stderr);
    }
    const writer = spawn(NODE, [WRITER, kind, String(number)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const words = ['--import', WATCH, CLI, '--pipeline', 'payments', '--db', db, 'load', '-', '--json'];
    const child = spawn(NODE, words, { cwd, stdio: [writer.stdout, 'pipe', 'pipe'] });
    const [out, err]: [string[], string[]] = [[], []];
    child.stdout?.on('data', (chunk) => out.push(String(chunk)));
    child.stderr?.on('data', (chunk) => err.push(String(chunk)));
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    const stderr = err.join('');
    const [load = {}] = (JSON.parse(out.join('') || '{"loads":[]}') as { loads?: LargeLoad['load'][] }).loads ?? [];
    return { status, load, stderr, maxRssKib: Number(/maxRSS (\d+)/.exec(stderr)?.[1]) };
}
