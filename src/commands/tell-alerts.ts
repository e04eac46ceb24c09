import { EltError, shorten } from '../core/errors.ts';
import { readAlertStates, saveAlertState } from '../ledger/alerts.ts';
import { sendAlert } from '../process/send-alert.ts';
import { sqlFolder } from '../project/settings.ts';
import { readDashboard } from '../query/dashboard.ts';
import type { Figure } from '../query/figure.ts';
import { alertValue, type FigureAlert, isCrossed } from '../query/figure-alert.ts';
import type { Database } from '../sqlite/database.ts';
import type { CommandContext } from './command.ts';

/**
 * Compares the figures that have a threshold with it, after a run. What a run crosses is said and sent once: it is
 * recorded after it was sent, so one that could not be sent is tried again by the next run.
 */
export async function tellAlerts(database: Database, { settings, output, options }: CommandContext): Promise<void> {
    const figures = readDashboard(sqlFolder(settings), settings.pipeline).figures.flatMap((entry) =>
        'figure' in entry && entry.figure.alert !== null ? [entry.figure] : [],
    );
    if (figures.length === 0) {
        return;
    }
    const to = String(options.onAlert ?? process.env.ELT_ON_ALERT ?? '');
    const states = readAlertStates(database);
    for (const figure of figures) {
        const { alert } = figure;
        const value = alert === null ? null : comparedValue(database, figure, alert, output.note);
        if (alert === null || value === null) {
            continue;
        }
        const before = states.get(figure.name);
        const was = before?.alert === alert.text && before.is_crossed === 1;
        const is = isCrossed(alert, value);
        const state = { figure: figure.name, alert: alert.text, value };
        if (is === was) {
            saveAlertState(database, { ...state, is_crossed: Number(is), since: before?.since ?? now() });
            continue;
        }
        const words = `${figure.title}: ${alert.column} is ${value}`;
        output.note(is ? `alert: ${words} (${alert.text})` : `alert over: ${words} (no longer ${alert.text})`);
        try {
            if (is && to !== '') {
                await sendAlert(to, { pipeline: settings.pipeline, title: figure.title, since: now(), ...state });
            }
        } catch (error) {
            const why = error instanceof Error ? error.message : String(error);
            output.note(`the alert could not be sent, the next run tries again: ${shorten(why, 200)}`);
            continue;
        }
        saveAlertState(database, { ...state, is_crossed: Number(is), since: now() });
    }
}

/** A figure that cannot be queried has its own place to say so; the run is done. */
function comparedValue(
    database: Database,
    figure: Figure,
    alert: FigureAlert,
    note: (line: string) => void,
): number | null {
    try {
        return alertValue(database, figure, alert);
    } catch (error) {
        if (!(error instanceof EltError)) {
            throw error;
        }
        note(`the alert of "${figure.file}" cannot be looked at: ${error.facts.message}`);
        return null;
    }
}

function now(): string {
    return new Date().toISOString();
}
