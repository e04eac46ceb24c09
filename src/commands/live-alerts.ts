import { type AlertState, saveAlertStates } from '../ledger/alerts.ts';
import { type Database, inTransaction } from '../sqlite/database.ts';
import type { LiveRun } from '../transform/live-transform.ts';
import type { CommandContext } from './command.ts';
import { alertTurns, tellAlert } from './tell-alerts.ts';

/** The figures are looked at no sooner, and take no more than this share of the follower's time. */
const EVERY_MS = 5_000;
const SHARE_OF_TIME = 0.05;
/** What could not be sent is tried again after so long. */
const RETRY_MS = 60_000;
/** Somebody who ends the follower waits no longer for what is being sent. */
const LAST_MS_MAX = 1_000;

/**
 * The thresholds of figures while a source is followed. The figures are looked at after a commit that has changed marts,
 * and what has turned is sent meanwhile: the stream does not wait for it.
 *
 * Owns what is being sent. It is recorded when it was sent and nobody's transaction is open; what a crash leaves
 * unrecorded is sent again.
 */
export class LiveAlerts {
    readonly #database: Database;
    readonly #context: CommandContext;
    readonly #output: CommandContext['output'];
    readonly #said = new Set<string>();
    readonly #sending = new Map<string, Promise<void>>();
    #sent: AlertState[] = [];
    #isDue = false;
    #nextAt = 0;
    #retryAt = 0;

    constructor(database: Database, context: CommandContext) {
        this.#database = database;
        // What stands in a file is said once, not every few seconds.
        const note = (line: string): void => {
            if (!this.#said.has(line)) {
                this.#said.add(line);
                context.output.note(line);
            }
        };
        this.#context = context;
        this.#output = { ...context.output, note };
    }

    /** The models have run. */
    ran(run: LiveRun | null): void {
        if (run !== null && run !== 'apart' && 'result' in run) {
            this.#isDue ||= run.result.models.some(({ changes, action }) => changes > 0 || action === 'full');
        }
    }

    /** To be called often: does something when it is time, and no transaction is open. */
    look(): void {
        const now = performance.now();
        if (this.#database.inTransaction) {
            return;
        }
        this.#record();
        if (this.#isDue && now >= this.#nextAt && now >= this.#retryAt) {
            this.#tellTurns();
            const end = performance.now();
            this.#nextAt = end + Math.max(EVERY_MS, (end - now) / SHARE_OF_TIME);
        }
    }

    /** At the end of the follower: a last look, unless somebody waits for the end. */
    async end(isAwaited: boolean): Promise<void> {
        if (this.#isDue && !isAwaited && !this.#database.inTransaction) {
            this.#record();
            this.#tellTurns();
        }
        const all = Promise.all(this.#sending.values());
        let timer: NodeJS.Timeout | undefined;
        const limit = new Promise<void>((resolve) => {
            timer = isAwaited ? setTimeout(resolve, LAST_MS_MAX) : undefined;
        });
        await Promise.race([all, limit]);
        clearTimeout(timer);
        if (!this.#database.inTransaction) {
            this.#record();
        }
    }

    #tellTurns(): void {
        this.#isDue = false;
        for (const turn of alertTurns(this.#database, { settings: this.#context.settings, output: this.#output })) {
            const { figure } = turn.state;
            if (this.#sending.has(figure)) {
                this.#isDue = true;
                continue;
            }
            const sending = tellAlert(turn, this.#context).then((isSent) => {
                this.#sending.delete(figure);
                if (isSent) {
                    this.#sent.push(turn.state);
                } else {
                    this.#isDue = true;
                    this.#retryAt = performance.now() + RETRY_MS;
                }
            });
            this.#sending.set(figure, sending);
        }
    }

    #record(): void {
        const sent = this.#sent.splice(0);
        if (sent.length > 0) {
            inTransaction(this.#database, () => saveAlertStates(this.#database, sent));
        }
    }
}
