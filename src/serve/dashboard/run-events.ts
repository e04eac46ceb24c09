import type { ServerResponse } from 'node:http';
import type { ServedPipeline } from '../answers/served-pipeline.ts';

const POLL_MS = 500;
const HEARTBEAT_MS = 15_000;
const LISTENERS_MAX = 1_000;

/** The event that a listener receives when the database has changed. */
interface RunEvent {
    readonly version: string;
    readonly finished_at: string | null;
}

/**
 * Notifies listeners when a pipeline's database has changed (server-sent events). The database is polled only while
 * there are listeners; a listener that does not receive its events is disconnected.
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class RunEvents {
    readonly #listeners = new Map<ServerResponse, ServedPipeline>();
    readonly #versions = new Map<ServedPipeline, string>();
    #poll: NodeJS.Timeout | null = null;
    #lastBeat = 0;

    get hasRoom(): boolean {
        return this.#listeners.size < LISTENERS_MAX;
    }

    listen(pipeline: ServedPipeline, response: ServerResponse): void {
        this.#listeners.set(response, pipeline);
        response.on('close', () => this.#drop(response));
        if (!this.#versions.has(pipeline)) {
            // A database that does not exist yet has the version '': its creation is a change.
            this.#versions.set(pipeline, versionOf(pipeline) ?? '');
        }
        response.write(': listening\n\n');
        this.#poll ??= setInterval(() => this.#look(), POLL_MS);
    }

    close(): void {
        for (const response of this.#listeners.keys()) {
            response.end();
        }
        this.#listeners.clear();
        this.#stopWhenAlone();
    }

    #look(): void {
        for (const pipeline of new Set(this.#listeners.values())) {
            const version = versionOf(pipeline);
            const before = this.#versions.get(pipeline);
            if (version !== null && version !== before) {
                this.#versions.set(pipeline, version);
                if (before !== undefined) {
                    this.#tell(pipeline, { version, finished_at: pipeline.lastRun() });
                }
            }
        }
        if (performance.now() - this.#lastBeat > HEARTBEAT_MS) {
            this.#lastBeat = performance.now();
            for (const response of this.#listeners.keys()) {
                this.#send(response, ': still here\n\n');
            }
        }
    }

    #tell(pipeline: ServedPipeline, event: RunEvent): void {
        for (const [response, listened] of this.#listeners) {
            if (listened === pipeline) {
                this.#send(response, `event: run\ndata: ${JSON.stringify(event)}\n\n`);
            }
        }
    }

    #send(response: ServerResponse, text: string): void {
        if (response.writableNeedDrain) {
            response.destroy();
        } else {
            response.write(text);
        }
    }

    #drop(response: ServerResponse): void {
        this.#listeners.delete(response);
        this.#stopWhenAlone();
    }

    #stopWhenAlone(): void {
        if (this.#listeners.size === 0 && this.#poll !== null) {
            clearInterval(this.#poll);
            this.#poll = null;
            this.#versions.clear();
        }
    }
}

function versionOf(pipeline: ServedPipeline): string | null {
    try {
        return pipeline.state().version;
    } catch {
        return null;
    }
}
