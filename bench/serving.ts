import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { ratesFile } from './serve-inputs.ts';
import { CLI, freshFile, NODE, PROJECT } from './workshop.ts';

/** What the measurements of `elt serve` begin with: a filled database, and the server. */

export async function databaseOf(
    pipeline: string,
    ...sources: readonly string[]
): Promise<{ readonly db: string; readonly words: readonly string[] }> {
    const db = freshFile(`serve-${pipeline}.db`);
    const words = ['--project', PROJECT, '--pipeline', pipeline, '--db', db];
    const rates = pipeline === 'game' ? [ratesFile()] : [];
    const { status, stderr } = spawnSync(NODE, [CLI, ...words, 'run', '--quiet', ...sources, ...rates], {
        encoding: 'utf8',
    });
    // 4: some of the sample's events are dirt.
    if (status !== 0 && status !== 4) {
        throw new Error(stderr);
    }
    return { db, words };
}

export async function startServer(words: readonly string[]): Promise<ChildProcess & { port: number }> {
    const child = spawn(NODE, [CLI, '--project', PROJECT, ...words, 'serve', '--port', '0', '--json', '--quiet'], {
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    const first = await new Promise<string>((resolve) =>
        child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    return Object.assign(child, { port: Number(new URL((JSON.parse(first) as { address: string }).address).port) });
}
