import { describe, expect, test } from 'vitest';
import { explainQuestion } from '../../../src/transform/marts/find-scans.ts';
import { JOIN_CASES } from './join-cases.ts';
import { ROW_CASES } from './row-cases.ts';
import { forgetImages, HISTORY, landed, rowsOf, shopDatabase, upkeepOf } from './rules-case.ts';

/** How each construct of a SELECT is kept up to date, in words; and that its upkeep is right along a history. */

describe('how a mart is kept up to date', () => {
    test.each([...JOIN_CASES, ...ROW_CASES])('$construct', ({ select, key, how, scanned = [] }) => {
        const database = shopDatabase();
        const upkeep = upkeepOf(database, select, key);
        expect(upkeep.how.text).toBe(how);
        for (const changes of HISTORY) {
            database.exec(changes);
            landed(database);
            database.exec(upkeep.text);
            expect(rowsOf(database, 'select * from mart'), changes).toEqual(rowsOf(database, select));
            for (const { badThing, sql } of upkeep.tests) {
                expect(database.prepare(sql).all(), badThing).toEqual([]);
            }
            forgetImages(database);
        }
        const plans = upkeep.questions.map((question) => explainQuestion(database, question));
        expect([...new Set(plans.flatMap((plan) => plan.scanned))]).toEqual(scanned);
        database.close();
    });
});
