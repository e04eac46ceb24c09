import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { elt, PROJECT, startElt, workFolder } from './elt.ts';
import { sharedData } from './shared-data.ts';

/** The pipelines that come with elt, filled from the shared data, and a server of their dashboards. */

export const SOURCES: Readonly<Record<string, readonly string[]>> = {
    payments: ['wal.json'],
    payments_v1: ['wal_batches.json'],
    card_spend: ['combined_transactions.csv'],
    game: ['events.jsonl', 'exchange_rates.jsonl'],
    cash_flow: ['cash_ins.json', 'cash_outs_created.json', 'cash_outs_processed.json', 'cash_outs_refunded.json'],
};

/** Whether all of the shared data is there. */
export function hasSharedData(): boolean {
    return Object.values(SOURCES).every((names) => names.every((name) => sharedData(name) !== undefined));
}

/** A folder with `<pipeline>.db` for each pipeline named. */
export async function filledDatabases(pipelines: readonly string[] = Object.keys(SOURCES)): Promise<string> {
    const folder = workFolder();
    for (const pipeline of pipelines) {
        const sources = (SOURCES[pipeline] ?? []).map((name) => sharedData(name) as string);
        const ran = await elt(['--project', PROJECT, '--pipeline', pipeline, 'run', ...sources], { cwd: folder });
        // The events of the game hold lines that are no JSON.
        if (ran.status !== (pipeline === 'game' ? 4 : 0)) {
            throw new Error(`${pipeline} could not be filled:\n${ran.stdout}\n${ran.stderr}`);
        }
    }
    return folder;
}

export interface DashboardServer {
    /** `http://127.0.0.1:40123`. */
    readonly address: string;
    close(): Promise<void>;
}

/** `elt serve` for some pipelines of a folder, on a port that is free where none is named. */
export async function serveDashboards(
    folder: string,
    pipelines: readonly string[] = Object.keys(SOURCES),
    project = PROJECT,
    port = '0',
): Promise<DashboardServer> {
    const named = pipelines.flatMap((name) => ['--pipeline', name, '--db', `${name}=${join(folder, `${name}.db`)}`]);
    const server = startElt(['--project', project, '--quiet', ...named, 'serve', '--port', port], { cwd: folder });
    const ended = new Promise<void>((resolve) => {
        server.once('close', () => resolve());
    });
    const address = await addressOf(server);
    return {
        address,
        close: async () => {
            server.kill('SIGTERM');
            await ended;
        },
    };
}

function addressOf(server: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
        let said = '';
        const take = (chunk: Buffer): void => {
            said += chunk.toString('utf8');
            const address = /http:\/\/\S+/.exec(said)?.[0];
            if (address !== undefined) {
                resolve(address.replace(/\/$/, ''));
            }
        };
        server.stdout?.on('data', take);
        server.stderr?.on('data', take);
        server.once('close', () => reject(new Error(`elt serve ended: ${said}`)));
    });
}
