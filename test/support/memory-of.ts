import { readdirSync, readFileSync } from 'node:fs';

/** The most memory that one of the processes below this one has held while `work` ran, in MB (Linux). */
export async function memoryOf<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly megabytes: number }> {
    let most = 0;
    const look = setInterval(() => {
        most = Math.max(most, ...below(process.pid).map(peakKib));
    }, LOOK_MS);
    try {
        return { result: await work(), megabytes: Math.round(most / 1024) };
    } finally {
        clearInterval(look);
    }
}

const LOOK_MS = 500;

/** The processes that a process has started, and those that they have. */
export function below(pid: number): readonly number[] {
    const children = readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .filter((one) => parentOf(one) === pid);
    return children.flatMap((child) => [child, ...below(child)]);
}

function parentOf(pid: number): number {
    return Number(/^PPid:\s+(\d+)/m.exec(statusOf(pid))?.[1] ?? 0);
}

function peakKib(pid: number): number {
    return Number(/^VmHWM:\s+(\d+)/m.exec(statusOf(pid))?.[1] ?? 0);
}

function statusOf(pid: number): string {
    try {
        return readFileSync(`/proc/${pid}/status`, 'utf8');
    } catch {
        return '';
    }
}
