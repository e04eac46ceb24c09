import { EltError, shorten } from '../core/errors.ts';
import { type AlertState, readAlertStates, saveAlertStates } from '../ledger/alerts.ts';
import { sendAlert } from '../process/send-alert.ts';
import { sqlFolder } from '../project/settings.ts';
import { type Figure, figuresWithAlert } from '../query/figure.ts';
import { alertValue, type FigureAlert, isCrossed } from '../query/figure-alert.ts';
import { type Database, inTransaction } from '../sqlite/database.ts';
import type { CommandContext } from './command.ts';

/** A threshold that was crossed since it was last recorded, in one direction or the other. */
export interface AlertTurn {
    readonly title: string;
    readonly column: string;
    readonly state: AlertState;
}

/**
 * Compares the figures that have a threshold with it, after a run. What a run crosses is said and sent once: it is
 * recorded after it was sent, so one that could not be sent is tried again by the next run.
 */
export async function tellAlerts(database: Database, context: CommandContext): Promise<void> {
    for (const turn of alertTurns(database, context)) {
        if (await tellAlert(turn, context)) {
            saveAlertStates(database, [turn.state]);
        }
    }
}

/** What has turned; how the others are is recorded at once. */
export function alertTurns(
    database: Database,
    { settings, output }: Pick<CommandContext, 'settings' | 'output'>,
): readonly AlertTurn[] {
    const cannot = (file: string, { facts }: EltError): void =>
        output.note(`the alert of "${file}" cannot be looked at: ${facts.message}`);
    const figures = figuresWithAlert(sqlFolder(settings), settings.pipeline, cannot);
    if (figures.length === 0) {
        return [];
    }
    const states = readAlertStates(database);
    const turns: AlertTurn[] = [];
    const steady: AlertState[] = [];
    for (const figure of figures) {
        const { alert } = figure;
        const value = alert === null ? null : comparedValue(database, figure, alert, cannot);
        if (alert === null || value === null) {
            continue;
        }
        const before = states.get(figure.name);
        const was = before?.alert === alert.text && before.is_crossed === 1;
        const is = isCrossed(alert, value);
        const now = new Date().toISOString();
        const state = { figure: figure.name, alert: alert.text, value, is_crossed: Number(is) };
        if (is !== was) {
            turns.push({ title: figure.title, column: alert.column, state: { ...state, since: now } });
        } else if (before?.value !== value || before.alert !== alert.text) {
            steady.push({ ...state, since: before?.since ?? now });
        }
    }
    if (steady.length > 0) {
        inTransaction(database, () => saveAlertStates(database, steady));
    }
    return turns;
}

/** Says it, and sends what is bad now. False: it could not be sent. */
export async function tellAlert(
    { title, column, state }: AlertTurn,
    { settings, output, options }: CommandContext,
): Promise<boolean> {
    const { figure, alert, value, since } = state;
    const to = String(options.onAlert ?? process.env.ELT_ON_ALERT ?? '');
    const isBad = state.is_crossed === 1;
    const words = `${title}: ${column} is ${value}`;
    output.note(isBad ? `alert: ${words} (${alert})` : `alert over: ${words} (no longer ${alert})`);
    try {
        if (isBad && to !== '') {
            await sendAlert(to, { pipeline: settings.pipeline, title, since, figure, alert, value });
        }
        return true;
    } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        output.note(`the alert could not be sent, the next run tries again: ${shorten(why, 200)}`);
        return false;
    }
}

/** A figure that cannot be queried has its own place to say so; the run is done. */
function comparedValue(
    database: Database,
    figure: Figure,
    alert: FigureAlert,
    cannot: (file: string, error: EltError) => void,
): number | null {
    try {
        return alertValue(database, figure, alert);
    } catch (error) {
        if (!(error instanceof EltError)) {
            throw error;
        }
        cannot(figure.file, error);
        return null;
    }
}
