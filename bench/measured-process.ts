import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one process took, from its start to its end. */
export interface Measure {
    readonly seconds: number;
    /** User and system time, of all threads; NaN without GNU time. */
    readonly cpuSeconds: number;
    /** Peak of its resident memory, MB of 10^6 bytes; NaN without GNU time. */
    readonly memoryMb: number;
    readonly stdout: string;
}

/** GNU time tells the peak memory of a child, which Node does not. */
const TIME = '/usr/bin/time';

/** Runs one fresh process to its end. Throws with what it wrote on standard error if its status is not the expected one. */
export async function measuredProcess(command: readonly string[], stdin?: string, expected = 0): Promise<Measure> {
    const figures = join(tmpdir(), `bench-time-${process.pid}`);
    const hasTime = existsSync(TIME);
    const words = hasTime ? [TIME, '-q', '-o', figures, '-f', '%U %S %M', ...command] : command;
    const started = performance.now();
    const child = spawn(words[0] ?? '', words.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
    const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
    child.stdin.end(stdin ?? '');
    const status = await new Promise<number | null>((resolve, reject) => {
        child.on('error', reject);
        child.on('close', resolve);
    });
    const seconds = (performance.now() - started) / 1_000;
    if (status !== expected) {
        throw new Error(`${command.join(' ')} ended with ${status}\n${stderr().slice(-2_000)}`);
    }
    const [user = Number.NaN, system = Number.NaN, kib = Number.NaN] = hasTime
        ? readFileSync(figures, 'utf8').trim().split(' ').map(Number)
        : [];
    rmSync(figures, { force: true });
    return { seconds, cpuSeconds: user + system, memoryMb: (kib * 1_024) / 1e6, stdout: stdout() };
}

function collect(stream: NodeJS.ReadableStream): () => string {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    return () => Buffer.concat(chunks).toString('utf8');
}
