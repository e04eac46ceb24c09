import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Dashboard, readDashboard } from '../../query/dashboard.ts';
import { currentTurn } from '../answers/event-loop-turn.ts';
import { fileStamp } from '../answers/file-stamp.ts';

interface Known {
    readonly dashboard: Dashboard;
    readonly stamp: string;
    /** When the files were last compared. */
    turn: number;
}

/** The dashboards as their files say, which are read again when one of them changes: an edit is shown at once. */
export class ServedDashboards {
    readonly #sqlFolder: string;
    readonly #known = new Map<string, Known>();

    constructor(sqlFolder: string) {
        this.#sqlFolder = sqlFolder;
    }

    of(pipeline: string): Dashboard {
        const known = this.#known.get(pipeline);
        if (known?.turn === currentTurn()) {
            return known.dashboard;
        }
        // The stamp comes first: an edit while the files are read is seen the next time.
        const stamp = this.#stamp(pipeline);
        if (known?.stamp === stamp) {
            known.turn = currentTurn();
            return known.dashboard;
        }
        const dashboard = readDashboard(this.#sqlFolder, pipeline);
        this.#known.set(pipeline, { dashboard, stamp, turn: currentTurn() });
        return dashboard;
    }

    #stamp(pipeline: string): string {
        const folder = join(this.#sqlFolder, pipeline, 'dashboard');
        try {
            return readdirSync(folder)
                .map((name) => `${name} ${fileStamp(join(folder, name))}`)
                .join('\n');
        } catch {
            return 'no folder';
        }
    }
}
